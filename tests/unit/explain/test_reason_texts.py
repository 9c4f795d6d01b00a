from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from rai_dash.core.errors import InvalidChoice
from rai_dash.explain.reason_texts import ReasonText, ReasonTexts


def test_texts_are_saved_and_read_back(tmp_path):
    texts = ReasonTexts.drafts(["debt_ratio", "a + b"])
    reviewed = ReasonText(text="{value} late payments", reviewer="Ann", reviewed_on=date(2026, 3, 1))
    texts = texts.with_text("late", reviewed)
    texts.save(tmp_path / "texts.json")

    again = ReasonTexts.load(tmp_path / "texts.json")

    assert again == texts
    assert again.fingerprint == texts.fingerprint
    assert again.unreviewed(["late", "debt_ratio", "nowhere"]) == ("debt_ratio", "nowhere")


def test_drafts_are_marked_as_such_and_names_with_braces_do_no_harm():
    assert (
        ReasonTexts.drafts(["debt_ratio"]).texts["debt_ratio"].text
        == "Draft, not reviewed: debt ratio ({value})"
    )
    assert ReasonTexts().reason("{x.__class__}", {"{x.__class__}": 3}) == (
        "Draft, not reviewed: x.  class (3)",
        False,
    )


def test_a_value_with_braces_is_not_read_as_a_template():
    assert ReasonText(text="Job: {value}").filled(["{value} {0}"]) == "Job: {value} {0}"


def test_a_blank_has_its_own_words_where_there_are_some():
    plain, own = (
        ReasonText(text="Income of {value}"),
        ReasonText(text="{value}", text_if_missing="No income given"),
    )

    assert plain.filled([None]) == "Income of missing"
    assert own.filled([float("nan")]) == "No income given"
    assert own.filled([None, 3]) == "missing, 3"


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "{name}"},
        {"text": "{value.__class__}"},
        {"text": "open {"},
        {"text": " "},
        {"text": "{value}", "reviewer": "Ann"},
        {"text": "{value}", "reviewed_on": "2026-01-01"},
        {"text": "no place for the value", "reviewer": "Ann", "reviewed_on": "2026-01-01"},
        {"text": "{value}", "author": "x"},
    ],
)
def test_texts_that_could_mislead_are_refused(fields):
    with pytest.raises(ValidationError):
        ReasonText(**fields)


def test_a_file_that_is_none_is_refused_with_the_place():
    with pytest.raises(InvalidChoice, match="at texts > late > text"):
        ReasonTexts.load(b'{"texts": {"late": {"text": "{what}"}}}')
    with pytest.raises(InvalidChoice, match="the whole file"):
        ReasonTexts.load(b"not json")
