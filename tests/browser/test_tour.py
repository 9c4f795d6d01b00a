"""The tour in Chromium by keyboard alone: one key a step, the mark in sight, and out again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import driving
import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from rai_dash.ui.tour.stops import BY_KEY, STOPS
from tests.browser.conftest import Visit

#: Words that only the sentence of a stop has, from the published figures of the story.
SAID = {
    "accuracy": "1,585 of 1,600", "production": "65 of 110", "lower": "18 of 50", "shift": "50 of 110",
    "imbalance": "2 of 3,064", "rebalance": "the same 2 again", "drivers": "12 columns", "groups": "3 of 250",
    "second": "212 of 250", "band": "180 go to a person", "sign": "Nobody has signed", "watch": "87 have too few rows",
}  # fmt: skip
#: Top and bottom of an element in the window, and the top of what is not covered by the strip.
_WHERE = """() => {
    const box = (key) => document.querySelector('.st-key-' + key)?.getBoundingClientRect();
    const [spot, strip] = [box('tour_spot'), box('tour_strip')];
    return !!spot && !!strip && strip.top >= 0 && strip.bottom <= innerHeight
        && spot.top >= strip.bottom && spot.top <= innerHeight - 60;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app of its own: the last chapter tells of what others have signed in the store."""
    folder = tmp_path_factory.mktemp("tour")
    with driving.serving(folder / "store.sqlite", folder / "server.log") as found:
        yield found


def stop_of(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query).get("tour", [""])[0]


def pressed(page: Page, key: str, stop: str) -> None:
    """Press one key and wait for the stop it leads to; empty = out of the tour."""
    page.keyboard.press(key)
    page.wait_for_function(
        "stop => (new URL(location).searchParams.get('tour') ?? '') === stop", arg=stop, timeout=60_000
    )
    driving.settle(page, timeout_s=120)


def seen(page: Page, stop: str) -> None:
    """Check that a stop is told, and that its mark is in sight."""
    region = page.get_by_role("region", name="Guided tour")
    expect(region).to_contain_text(f"{BY_KEY[stop].chapter} of 8")
    expect(region).to_contain_text(SAID[stop], timeout=20_000)
    page.wait_for_function(_WHERE, timeout=60_000)
    assert page.locator(".st-key-tour_spot").count() == 1


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement?.closest('button')?.innerText ?? ''"))


def to_the_button(page: Page, words: str) -> None:
    """Go to a button with the Tab key."""
    for _ in range(80):
        if words in focused(page):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no way to {words!r} by keyboard")


def test_the_story_is_walked_by_keyboard_alone_one_key_a_step(visit: Visit, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    visit("?case=story.keys&by=ethnicity&threshold=0.3", page)
    before = page.url
    to_the_button(page, "Take the tour")
    pressed(page, "Enter", STOPS[0].key)

    for here, following in zip(STOPS, [*STOPS[1:], None], strict=True):
        seen(page, here.key)
        strip = page.locator(".st-key-tour_strip").bounding_box()
        assert strip is not None
        assert strip["height"] <= 152
        if following is not None:
            pressed(page, "PageDown", following.key)
    pressed(page, "PageUp", STOPS[-2].key)
    seen(page, STOPS[-2].key)
    pressed(page, "Escape", "")

    assert parse_qs(urlsplit(page.url).query) == parse_qs(urlsplit(before).query)
    expect(page.get_by_role("heading", name="Start", exact=True)).to_be_visible()
    assert page.locator(".st-key-tour_strip").count() == 0
    assert wrong == []


def test_the_region_has_the_focus_so_that_it_is_read_out(visit: Visit) -> None:
    page = visit("?case=story.focus")
    to_the_button(page, "Take the tour")
    pressed(page, "Enter", "accuracy")
    seen(page, "accuracy")

    label = "() => document.activeElement?.getAttribute('aria-label')"
    page.wait_for_function(f"() => ({label})() === 'Guided tour, chapter 1 of 8: Accurate, so ready?'")
    page.keyboard.press("Tab")
    assert focused(page).startswith("Next")


def test_typing_and_sliding_keep_their_keys(visit: Visit) -> None:
    page = visit("sign_off?case=story.typing&data=living&model=repaired&tour=sign")
    seen(page, "sign")
    name = page.locator("[data-testid=stMain]").get_by_label("Your name")
    name.focus()
    name.type("Ada")
    for key in ("PageUp", "PageDown", "Escape"):
        page.keyboard.press(key)
        page.wait_for_timeout(300)
    driving.settle(page)
    assert stop_of(page) == "sign"
    assert name.input_value() == "Ada"

    page = visit("performance?case=story.typing&data=production&threshold=0.05&tour=lower", page)
    seen(page, "lower")
    slider = page.locator("[data-testid=stSlider] input[type=range]").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    driving.settle(page)
    expect(page.locator("[data-testid=stSlider]").first).to_contain_text("5.5 %")
    assert stop_of(page) == "lower"
    slider.focus()
    pressed(page, "PageDown", "shift")
    seen(page, "shift")


def test_escape_closes_what_is_open_first(visit: Visit) -> None:
    page = visit("shift?case=story.escape&data=training&versus=production&tour=shift")
    seen(page, "shift")
    page.get_by_role("button", name="What the words mean").click()
    expect(page.locator("[data-testid=stPopoverBody]")).to_be_visible()
    # What is in it is made when it opens: closed before that has come, Streamlit opens it again.
    driving.settle(page)

    page.keyboard.press("Escape")
    expect(page.locator("[data-testid=stPopoverBody]")).to_be_hidden()
    assert stop_of(page) == "shift"

    pressed(page, "Escape", "")


def test_refresh_link_and_the_way_back_keep_the_chapter(visit: Visit) -> None:
    page = visit("?case=story.back")
    to_the_button(page, "Take the tour")
    pressed(page, "Enter", "accuracy")
    pressed(page, "PageDown", "production")
    address = page.url

    page.reload()
    driving.settle(page, timeout_s=120)
    seen(page, "production")
    assert page.url == address

    page.go_back()
    page.wait_for_function("() => new URL(location).searchParams.get('tour') === 'accuracy'")
    driving.settle(page)
    seen(page, "accuracy")
    link = visit(address.split("/", 3)[3])
    seen(link, "production")
    pressed(link, "Escape", "")
    expect(link.get_by_role("heading", name="Start", exact=True)).to_be_visible()


@pytest.mark.parametrize("size", [{"width": 1280, "height": 720}, {"width": 1920, "height": 1080}])
def test_presenter_size_stays_over_pages_and_ends_with_the_tour(
    visit: Visit, context: BrowserContext, size
) -> None:
    page = context.new_page()
    page.set_viewport_size(size)
    visit(f"?case=story.room{size['width']}", page)
    letters = "() => getComputedStyle(document.documentElement).fontSize"
    usual = page.evaluate(letters)
    to_the_button(page, "Take the tour")
    pressed(page, "Enter", "accuracy")

    page.keyboard.press("F2")
    page.wait_for_function(f"() => ({letters})() === '20px'")
    driving.settle(page)
    expect(page.locator("[data-testid=stSidebarNav]")).not_to_be_in_viewport()
    seen(page, "accuracy")
    for stop in STOPS[1:]:
        pressed(page, "PageDown", stop.key)
        seen(page, stop.key)
        assert page.evaluate(letters) == "20px", stop.key
    page.keyboard.press("F2")
    largest = "22px" if size["width"] == 1280 else "26px"
    page.wait_for_function(f"largest => parseFloat(({letters})()) >= parseFloat(largest) - 0.2", arg=largest)
    driving.settle(page)
    seen(page, STOPS[-1].key)
    pressed(page, "Escape", "")

    page.wait_for_function(f"usual => ({letters})() === usual", arg=usual)
    expect(page.locator("[data-testid=stSidebarNav]")).to_be_in_viewport()


def test_on_a_phone_strip_and_mark_are_both_in_sight(visit: Visit, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    visit("fairness?case=story.phone&data=living&model=biased&by=gender&tour=groups", page)

    seen(page, "groups")


def test_an_own_table_is_asked_the_same_and_what_does_not_apply_is_passed(
    visit: Visit, tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        {
            "repaid": ["yes", "no", "yes", "yes", "no"] * 80,
            "gender": ["Female", "Male"] * 200,
            "score": [0.9, 0.2, 0.7, 0.4, 0.6] * 80,
        }
    )
    (tmp_path / "own.csv").write_text(frame.to_csv(index=False))
    page = visit()
    box = page.locator("[data-testid=stFileUploader]").filter(has_text="Data file")
    box.locator("input[type=file]").set_input_files(str(tmp_path / "own.csv"))
    expect(page.locator("[data-testid=stMain]")).to_contain_text("own.csv", timeout=60_000)
    driving.settle(page)
    page.get_by_role("button", name="Confirm roles").click()
    driving.settle(page)

    to_the_button(page, "Do this with my data")
    page.keyboard.press("Enter")
    page.wait_for_function("() => new URL(location).searchParams.has('tour')", timeout=60_000)
    driving.settle(page)
    walked, told = [], ""
    while True:
        region = page.get_by_role("region", name="Guided tour")
        expect(region).to_be_visible()
        walked.append(stop_of(page))
        told += region.inner_text()
        if page.locator(".st-key-tour_next button").is_disabled():
            break
        page.keyboard.press("PageDown")
        page.wait_for_function(
            "was => new URL(location).searchParams.get('tour') !== was", arg=walked[-1], timeout=60_000
        )
        driving.settle(page, timeout_s=120)

    # Of five rows in a hundred and sixty turns, three are right at 50 %.
    assert "60 %, 240 of 400" in told.replace("\N{WORD JOINER}", "")
    assert walked == ["accuracy", "imbalance", "rebalance", "groups", "band", "sign"]
    assert "Chapter 2 is left out: there is no second data set" in told
    assert "Chapter 5 is left out: there is no model that could be asked" in told
