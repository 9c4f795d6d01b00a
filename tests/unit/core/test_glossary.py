"""The glossary: plain lines, found in the texts that say the words, and no second wording of a metric."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from rai_dash.core.glossary.metric_notes import NOTES
from rai_dash.core.glossary.terms import TERMS
from rai_dash.metrics.glossary import glossary, term
from rai_dash.metrics.table import METRICS

REPO = Path(__file__).resolve().parents[3]
ALL = sorted(glossary())
#: Shorthand of people who know; a line for those who do not must do without.
SHORTHAND = re.compile(
    r"\b(?:TPR|FPR|FNR|logit|iid|i\.i\.d|heteroscedastic|estimator|stochastic|posterior)\b"
)


@pytest.mark.parametrize("key", ALL)
def test_a_word_is_explained_in_one_plain_line(key: str) -> None:
    found = term(key)

    assert found.said[0].isupper() or found.said[0].isdigit()
    assert found.said.endswith((".", "!"))
    assert "\n" not in found.said
    assert len(found.said) <= 150
    assert not SHORTHAND.search(found.said)
    assert not found.said.lower().startswith(found.name.lower())


@pytest.mark.parametrize("key", ALL)
def test_nothing_in_a_word_or_its_line_is_read_as_markdown(key: str) -> None:
    """They are shown as they are: see `TRUSTED` of the lint on bare text."""
    found = term(key)

    assert not re.search(r"[*_`$\[\]<>|\\~#]|:\w+:|://|www\.", f"{found.title} {found.told}")


@pytest.mark.parametrize("key", ALL)
def test_what_says_more_about_a_word_exists(key: str) -> None:
    assert (REPO / "docs" / term(key).page).is_file()


@pytest.mark.parametrize("key", ALL)
def test_a_word_is_found_in_a_text_that_says_it_and_not_within_another(key: str) -> None:
    name = term(key).name

    assert term(key).stands_in(f"Here {name} is 5.")
    assert term(key).stands_in(f"{name}: 5")
    assert not term(key).stands_in(f"xx{name}xx")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("recall", "the recalls of both"),
        ("fpr", "False positive rate of men"),
        ("p_value", "three p-values"),
        ("cramers_v", "Cramér's V is 0.4"),
        ("ice", "ICE curves"),
        ("odds", "odds of 4 to 1"),
    ],
)
def test_other_ways_of_writing_a_word_are_found(key: str, text: str) -> None:
    assert term(key).stands_in(text)


@pytest.mark.parametrize(("key", "text"), [("ice", "the ice melts"), ("ks", "ks"), ("psi", "psi")])
def test_short_names_in_capitals_are_found_in_capitals_only(key: str, text: str) -> None:
    assert not term(key).stands_in(text)


def test_every_metric_has_its_line_from_the_registry() -> None:
    assert {name: term(name).meaning for name in METRICS} == {name: m.meaning for name, m in METRICS.items()}


def test_notes_are_about_metrics_that_exist_and_no_word_hides_a_metric() -> None:
    assert set(NOTES) <= set(METRICS)
    assert not set(TERMS) & set(METRICS)


def test_no_two_words_have_one_name_or_one_line() -> None:
    names = [found.title.casefold() for found in glossary().values()]
    lines = [found.said for found in glossary().values()]

    assert len(set(names)) == len(names)
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(
    ("key", "value"),
    [("log_odds", 0.0), ("log_odds", 1.0), ("log_odds", 2.0)],
)
def test_the_scores_that_the_line_on_log_odds_names_are_right(key: str, value: float) -> None:
    score = 1 / (1 + 2.718281828459045**-value)

    assert f"{100 * score:.0f} %" in term(key).said


def test_the_page_of_the_glossary_is_the_glossary() -> None:
    sys.path.insert(0, str(REPO / "scripts"))
    import glossary_page

    assert glossary_page.PAGE.read_text(encoding="utf-8") == glossary_page.written(), (
        "Run `python scripts/glossary_page.py`."
    )
