from __future__ import annotations

import pytest
from pydantic import ValidationError

from rai_dash.core.settings import Settings, get_settings


def test_a_setting_is_one_environment_variable(monkeypatch):
    monkeypatch.setenv("RAI_DASH_MAX_UPLOAD_MB", "17")

    assert Settings().max_upload_mb == 17


def test_a_setting_that_makes_no_sense_is_refused(monkeypatch):
    monkeypatch.setenv("RAI_DASH_WORKERS", "0")

    with pytest.raises(ValidationError, match="workers"):
        Settings()


def test_every_setting_says_what_it_is():
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_settings_are_read_once_a_process():
    assert get_settings() is get_settings()
