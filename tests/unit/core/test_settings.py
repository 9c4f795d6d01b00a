from __future__ import annotations

import pytest
from pydantic import ValidationError

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import Settings, get_settings


@pytest.fixture
def read_again():
    """Asked for before monkeypatch, so that its variables are gone when the settings are forgotten."""
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


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


def test_lists_and_mappings_are_json(monkeypatch):
    monkeypatch.setenv("RAI_DASH_REQUIRED_ROLES", '[" risk owner ", "Vorstand"]')
    monkeypatch.setenv("RAI_DASH_REMIND_DAYS", "[7, 30, 7]")
    monkeypatch.setenv("RAI_DASH_GROUP_ROLES", '{"credit": "Expert"}')
    monkeypatch.setenv(
        "RAI_DASH_GROUP_SIGNS", '{"credit": "domain expert", "board": ["risk owner", "Vorstand"]}'
    )

    found = Settings()

    assert found.required_roles == ("risk owner", "Vorstand")
    assert found.remind_days == (30, 7)
    assert found.group_roles == {"credit": "expert"}
    assert found.group_signs == {"credit": ("domain expert",), "board": ("risk owner", "Vorstand")}


@pytest.mark.parametrize("name", ["data_folder", "signing_key", "checkpoint_dir"])
def test_an_empty_path_is_none(monkeypatch, name):
    monkeypatch.setenv(f"RAI_DASH_{name.upper()}", "")

    assert getattr(Settings(), name) is None


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "LOCAL_ROLE",
            "boss",
            "`boss` is no role of the app. Choose from: viewer, expert, analyst, operator",
        ),
        ("GROUP_ROLES", '{"credit": "king"}', "`king` is no role of the app"),
        ("REQUIRED_ROLES", "domain expert", "it has to be JSON"),
        ("REQUIRED_ROLES", '["risk owner", "Risk Owner"]', "`Risk Owner` stands there twice"),
        ("REQUIRED_ROLES", "[]", "at least 1 item"),
        ("REQUIRED_ROLES", '["  "]', "at least 1 character"),
        ("ENVIRONMENTS", '["QA", "qa"]', "`qa` stands there twice"),
        ("GROUP_SIGNS", '{"credit": [""]}', "at least 1 character"),
        ("GROUP_SIGNS", '["credit"]', "valid dictionary"),
        ("VALID_MONTHS", "61", "less than or equal to 60"),
        ("VALID_MONTHS", "0", "greater than or equal to 1"),
        ("REMIND_DAYS", "[0]", "greater than or equal to 1"),
        ("RETENTION_DAYS", "-1", "greater than or equal to 0"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(read_again, monkeypatch, name, value, says):
    del read_again
    monkeypatch.setenv(f"RAI_DASH_{name}", value)

    with pytest.raises(InvalidChoice, match=says) as caught:
        get_settings()

    assert caught.value.message.startswith(f"The setting `RAI_DASH_{name}` is not accepted: ")
    assert "\n" not in caught.value.message
    assert "pydantic" not in caught.value.message
