"""Three people who have never seen the app, by visible text alone; how many acts each of them needs."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Visit
from tests.browser.people import Person

WHY = (
    "I read forty cases on either side of both lines and asked two colleagues: the errors are no worse than ours, and "
    "the unsure ones reach a person."
)


def _signs(person: Person, name: str, role: str) -> None:
    """Type a name, read and tick every warning, and approve."""
    person.types(name, into="Your name")
    person.reads()
    warnings = person.page.get_by_test_id("stForm").get_by_test_id("stCheckbox")
    for i in range(warnings.count()):
        person.actions += 1
        warnings.nth(i).get_by_role("checkbox").check(force=True)
    if person.page.get_by_label("You sign as").input_value() != role:
        person.chooses(role, of="You sign as")
    person.clicks("Approve")
    person.types(WHY, into="Why, in your own words")
    person.pushes("Sign")


def test_an_analyst_brings_a_file_and_a_model_and_gets_a_signed_band(
    context: BrowserContext, own_address: str, german: tuple[Path, Path]
) -> None:
    table, model = german
    page = context.new_page()
    page.goto(own_address)
    analyst = Person(page)
    analyst.reads()
    analyst.uploads(table, into="Data file")
    analyst.clicks("Confirm roles")
    analyst.uploads(model, into="Model file")
    assert "scikit-learn LogisticRegression" in analyst.reads()
    analyst.goes_to("Review band")
    analyst.types("review at most 30 %", into="Your limits, one a line")
    analyst.clicks("Find the cheapest band")
    analyst.clicks("Take this band")
    assert "is your present one" in analyst.reads()
    analyst.goes_to("Sign-off")
    analyst.types("Ana Lyst", into="Your name")
    analyst.types("A household takes on a debt that it cannot carry.", into="What does a wrong approval do")
    analyst.types("Somebody who would have repaid gets no loan.", into="What does a wrong refusal do")
    analyst.types("Head of lending", into="Who answers for it?")
    analyst.types("The officers see the unsure third, as a team of four.", into="What changes for the people")
    analyst.clicks("Send to review")
    assert "is in review since" in analyst.reads()
    _signs(analyst, "Dora Expert", "domain expert")
    assert "you approved version 1 as domain expert" in analyst.reads()
    _signs(analyst, "Rita Risk", "risk owner")

    assert "you approved version 1 as risk owner" in analyst.reads()
    assert analyst.actions <= 40


def test_a_credit_officer_finds_and_judges_the_weakest_group(visit: Visit) -> None:
    officer = Person(visit())
    officer.chooses("Living test set, same mix as production (1,100)", of="Data")
    officer.goes_to("Fairness by group")
    found = officer.reads()
    # 3 of 250 women and 34 of 250 men who should be approved are: the figures of the README, counted from the file.
    assert "3 of 250" in found
    assert "34 of 250" in found
    assert "Disparity shown" in found
    officer.clicks("Make this a problem")
    officer.types("Ola Officer", into="Your name")
    officer.pushes("Report it")

    expect(officer.page.get_by_test_id("stMain")).to_contain_text("gender is Female")
    assert officer.actions <= 10
