"""What somebody states about a model and its data."""

from __future__ import annotations

import json

import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.report.audit_report.about import LONGEST, read_about
from rai_dash.report.audit_report.document import report_document
from rai_dash.report.audit_report.page import report_html
from tests.report_numbers import Page


def test_toml_and_json_say_the_same(tmp_path):
    toml, as_json = tmp_path / "a.toml", tmp_path / "a.json"
    toml.write_text('intended_use = " Small loans. "\nethics = ""\n', encoding="utf-8")
    as_json.write_text(json.dumps({"intended_use": "Small loans."}), encoding="utf-8")

    assert read_about(toml) == read_about(as_json) == {"intended_use": "Small loans."}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('intended_usage = "x"', "Did you mean `intended_use`?"),
        ("intended_use = 3", "must be a text"),
        (f'ethics = "{"x" * (LONGEST + 1)}"', "at most 2,000 characters"),
        ("not toml", "cannot be read"),
    ],
)
def test_what_cannot_be_stated_is_refused(tmp_path, text, words):
    file = tmp_path / "about.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidChoice, match=words.replace("?", r"\?")):
        read_about(file)


def test_what_is_stated_stands_in_the_cards_and_the_rest_is_not_stated(world):
    about = {"intended_use": "Small <loans>.", "collection": "By post."}
    page = Page(report_html(report_document(world.audit.content, about=about)))

    card, sheet = " ".join(page.texts["model-card"]), " ".join(page.texts["data-sheet"])
    assert "Small <loans>." in card
    assert "By post." in sheet
    assert card.count("not stated") >= 8
    assert sheet.count("not stated") == 6
