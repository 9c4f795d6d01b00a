"""Every page: on the bundled story, on awkward cases, and without what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from rai_dash.case import Case
from rai_dash.core.types import Roles
from rai_dash.ui.shell import pages
from tests.app.conftest import Open, table_case, texts, words
from tests.jargon import unexplained

WORDS = {page.path.stem: page.words for page in pages()}
PAGES = sorted(p.stem for p in (Path(__file__).parents[2] / "pages").glob("*.py"))
SCORED = Roles(target="y", favourable=("1",), sensitive=("g",), score="s")
AWKWARD = {
    "one class": table_case("y,g,s\n" + "1,a,0.4\n1,b,0.8\n" * 20, SCORED),
    "one group": table_case("y,g,s\n" + "1,a,0.4\n0,a,0.8\n" * 20, SCORED),
    "blank column": table_case("y,g,s,e\n" + "1,a,0.4,\n0,b,0.8,\n" * 20, SCORED),
    "blank groups": table_case("y,g,s\n" + "1,,0.4\n0,,0.8\n" * 20, SCORED),
    "no score": table_case(
        "y,g\n" + "1,a\n0,b\n" * 20, Roles(target="y", favourable=("1",), sensitive=("g",))
    ),
    "nothing named": table_case("y,g\n" + "1,a\n0,b\n" * 20, Roles()),
    "blank outcomes": table_case("y,g,s\n" + ",a,0.4\n,b,0.8\n1,a,0.9\n0,b,\n" * 9, SCORED),
    "empty case": Case(id="empty-case", title="empty"),
}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_bundled_story_without_an_error(page: str, open_page: Open) -> None:
    at = open_page(page)

    assert not at.exception
    assert not at.error
    assert at.title
    assert unexplained(words(at), WORDS[page]) == {}


@pytest.mark.parametrize("awkward", AWKWARD)
@pytest.mark.parametrize("page", PAGES)
def test_no_page_breaks_on_an_awkward_case(page: str, awkward: str, open_page: Open) -> None:
    at = open_page(page, case=AWKWARD[awkward])

    assert not at.exception
    assert "Something went wrong" not in texts(at)
    assert at.title


@pytest.mark.parametrize("page", PAGES)
def test_a_case_that_is_gone_is_said_in_words_with_a_way_out(page: str, open_page: Open) -> None:
    at = open_page(page, case=None)
    at.query_params["case"] = "never-was-here"
    at.run()

    assert not at.exception
    assert "no longer in memory" in texts(at)
    assert at.button


def test_the_story_shows_the_baseline_beside_the_accuracy(open_page: Open) -> None:
    words = texts(open_page("performance"))

    assert "1,585 of 1,600" in words
    assert "1,582 of 1,600" in words


def test_production_shows_accuracy_0_591(open_page: Open) -> None:
    at = open_page("performance")
    at.sidebar.selectbox[0].set_value("production").run()

    assert "65 of 110" in texts(at)


def test_recall_of_women_is_0_012_and_of_men_0_136_on_the_living_test_set(open_page: Open) -> None:
    at = open_page("fairness")
    at.sidebar.selectbox[0].set_value("living").run()

    words = texts(at)
    assert "3 of 250" in words
    assert "34 of 250" in words


def test_two_women_and_98_men_were_approved_in_training(open_page: Open) -> None:
    words = texts(open_page("data"))

    assert "2 of " in words
    assert "98 of " in words


def test_what_was_sent_to_review_is_found_again_after_a_fresh_start(open_page: Open) -> None:
    at = open_page("sign_off")
    at.text_input(key="sign_name").set_value("Ada Analyst").run()
    at.text_area(key="sign_wrong_yes").set_value("A household takes on a debt that it cannot carry.")
    at.text_area(key="sign_wrong_no").set_value("A wrongly refused person loses a home.")
    at.text_input(key="sign_answers").set_value("Head of lending")
    at.text_area(key="sign_before").set_value("The officers see the unsure ones only.")
    next(b for b in at.button if b.label == "Send to review").click()
    at.run()
    assert at.success

    again = open_page("sign_off")
    assert "**Ada Analyst**, author" in texts(again)
    assert "A wrongly refused person loses a home" in texts(again)


def test_an_incomplete_statement_is_refused_in_words(open_page: Open) -> None:
    at = open_page("sign_off")
    at.text_input(key="sign_name").set_value("Ada Analyst").run()
    next(b for b in at.button if b.label == "Send to review").click()
    at.run()

    assert at.error
    assert not at.success
