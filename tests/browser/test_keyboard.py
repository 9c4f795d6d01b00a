"""The main way of the app without a mouse: from the start over a band to the form that is signed."""

from __future__ import annotations

import re

import driving
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Visit
from tests.browser.keyboard import Keyboard

MAIN = "[data-testid=stMain]"


def _says(page: Page, choice: str) -> None:
    """Wait until the address says a choice: what was set is there for a refresh and a link."""
    expect(page).to_have_url(re.compile(re.escape(choice)), timeout=30_000)


def _picks_another(hands: Keyboard) -> None:
    """Open the list that has the focus, and take the one below."""
    hands.press("ArrowDown")
    hands.page.get_by_role("option").first.wait_for()
    hands.press("ArrowDown", "Enter")


@pytest.fixture
def started(context: BrowserContext, own_address: str) -> Page:
    """The first page, as somebody finds it who was given the address; what they send to review is theirs alone."""
    page = context.new_page()
    page.goto(f"{own_address}/?case=story.keyboard&data=living&model=repaired")
    driving.settle(page, timeout_s=120)
    return page


def test_from_the_start_to_the_form_that_is_signed(started: Page) -> None:
    hands = Keyboard(started)
    hands.reach("Review band")
    assert hands.sees_where()
    hands.press("Enter")
    expect(started.get_by_role("heading", level=1)).to_have_text("Review band")

    hands.reach("A person looks at scores from", most=120)
    hands.press("ArrowRight")
    _says(started, "lo=0.305")
    assert hands.sees_where()
    hands.reach("Approved from, %")
    assert hands.sees_where()
    hands.press("ControlOrMeta+a")
    hands.types("80")
    hands.press("Enter")
    _says(started, "hi=0.8")
    hands.reach("Never approve automatically")
    assert hands.sees_where()
    hands.press("Space")
    _says(started, "open_hi=1")
    hands.press("Space")
    expect(started).not_to_have_url(re.compile("open_hi"))

    hands.reach("Go to sign-off")
    assert hands.sees_where()
    hands.press("Enter")
    expect(started.get_by_role("heading", level=1)).to_have_text("Sign-off")
    expect(started.locator(MAIN)).to_contain_text("declined below 30.5 %, approved from 80 %")

    hands.reach("Your name", most=120)
    hands.types("Kay Board")
    hands.press("Enter")
    for label, text in (
        ("What does a wrong approval do", "A household takes on a debt that it cannot carry."),
        ("What does a wrong refusal do", "Somebody who would have repaid gets no loan."),
        ("Who answers for it?", "Head of lending"),
        ("What changes for the people", "Six officers decided all; they see the unsure ones now."),
    ):
        hands.reach(label, most=150)
        assert hands.sees_where()
        hands.types(text)
    hands.reach("Send to review")
    assert hands.sees_where()
    hands.press("Enter")
    expect(started.locator(MAIN)).to_contain_text("is in review since")


def test_what_a_form_lacks_is_said_in_words_where_a_screen_reader_hears_it(visit: Visit) -> None:
    hands = Keyboard(visit("sign_off?case=story.lacking&data=living&model=repaired&policy=new"))
    hands.reach("Your name", most=120)
    hands.types("Kay Board")
    hands.press("Enter")
    hands.reach("Send to review", most=150)
    hands.press("Enter")

    expect(hands.page.get_by_role("alert").filter(has_text="wrong approval")).to_have_count(1)


def test_a_view_a_list_and_the_words_are_worked_by_keyboard_and_let_go_again(visit: Visit) -> None:
    page = visit("fairness?case=story.keyboard")
    hands = Keyboard(page)
    page.locator("h1").click()
    hands.reach("What the words mean")
    assert hands.sees_where()
    hands.press("Enter")
    expect(page.get_by_text("Recall.", exact=True)).to_be_visible()
    hands.press("Escape")
    expect(page.get_by_text("Recall.", exact=True)).to_be_hidden()

    hands.reach("Judge by")
    _picks_another(hands)
    _says(page, "metric=")
    hands.reach("Group by group")
    assert hands.sees_where()
    hands.press("ArrowRight")
    hands.press("Space")
    _says(page, "lens=heat")
    expect(page.get_by_role("radio", name="All metrics")).to_be_checked()

    hands.reach("The numbers", most=60)
    assert hands.sees_where()
    hands.press("Enter")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


@pytest.mark.parametrize("page", ["correlations", "review_band?bench=analyst"])
def test_nothing_but_a_mouse_can_do_has_a_second_way(visit: Visit, page: str) -> None:
    """A click into a picture chooses a pair of columns, or a band: so do lists and sliders."""
    tab = visit(f"{page}{'&' if '?' in page else '?'}case=story.keyboard")
    hands = Keyboard(tab)
    tab.locator("h1").click()
    if page == "correlations":
        hands.reach("Column", most=150)
        _picks_another(hands)
        _says(tab, "first=")
    else:
        hands.reach("A person looks at scores from", most=60)
        hands.press("ArrowRight")
        _says(tab, "lo=")


def test_the_keyboard_goes_through_a_whole_page_and_is_held_nowhere(visit: Visit) -> None:
    page = visit("performance?case=story.keyboard")
    hands = Keyboard(page)
    page.locator("h1").click()
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
        )
        inside = page.evaluate("() => !!document.activeElement?.closest('[data-testid=stMain]')")
        if not inside:
            break
        seen.append(name)
    assert not inside, f"held at {seen[-3:]}"
    assert any("Threshold" in (name or "") for name in seen)
    hands.page.keyboard.press("Shift+Tab")
    driving.settle(page)
