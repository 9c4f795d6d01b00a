"""Every page and every view of it, on a store in use: axe in both themes, words, headings, and narrow screens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import app_views
import driving
import pytest
import signed_story
from playwright.sync_api import Browser, Page, ViewportSize

from rai_dash.ui.shell import pages
from tests.browser import axe
from tests.jargon import unexplained

WORDS = {page.path.stem: page.words for page in pages()}
#: Views that are chosen within a page: the choice, and the codes as they stand in the row.
INNER = {"monitor": ("watched", ("columns", "groups", "routes", "calibration"))}
#: Choices with which a page has most to show.
SET = {"review_band": "limits=review_rate<0.15", "monitor": "watched=columns"}
#: As narrow as WCAG 2.2 asks for (1.4.10): 1280 pixels at four times their size.
NARROW: ViewportSize = {"width": 320, "height": 800}
WIDE: ViewportSize = {"width": 1280, "height": 900}
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
#: Elements that reach beyond the screen and cannot be scrolled to inside a box of their own.
STICKING_OUT = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(e => {
    const box = e.getBoundingClientRect();
    if (box.width === 0 || box.right <= innerWidth + 1) return false;
    for (let p = e.parentElement; p; p = p.parentElement)
        if (p.dataset.testid !== 'stMain' && /auto|scroll|hidden/.test(getComputedStyle(p).overflowX)) return false;
    return true;
}).map(e => e.tagName + ' ' + (e.innerText ?? '').slice(0, 40)).slice(0, 3)"""


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app on a store with a signed policy and a month of use."""
    folder = tmp_path_factory.mktemp("used")
    store = folder / "store.sqlite"
    signed_story.made(f"sqlite:///{store}", with_month=True)
    with driving.serving(store, folder / "server.log", env={"RAI_DASH_KEEP_BATCH_ROWS": "true"}) as address:
        yield address


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """One tab for all pages; colours and width change while a page is open, as they do for a reader."""
    context = browser.new_context(
        viewport=WIDE, locale="en-GB", timezone_id="UTC", color_scheme="light", reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def _views(tab: Page, used: str, page: str) -> Iterator[str]:
    """Show every view of a page, one after the other, as a reader picks them."""
    query = "&".join(filter(None, ("case=story.axe", SET.get(page, ""))))
    tab.goto(f"{used}/{app_views.path_of(page, query)}")
    driving.settle(tab, timeout_s=120)
    yield page
    further = [app_views.views().get(page, ("", ("",))), INNER.get(page, ("", ("",)))]
    for field, codes in further:
        for i, code in enumerate(codes[1:], 1):
            tab.locator(f".st-key-pick_{field} button").nth(i).click()
            tab.wait_for_url(re.compile(rf"[?&]{field}={code}(&|$)"))
            driving.settle(tab, timeout_s=120, pause_ms=50)
            yield f"{page} {field}={code}"


def _in_dark(tab: Page) -> list[str]:
    """Run axe in the dark theme on what a theme can change, and go back."""
    light = tab.evaluate(BACKGROUND)
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_function(f"was => ({BACKGROUND}) !== was", arg=light)
    # Colours of some labels fade over to the new theme.
    driving.settle(tab, timeout_s=120)
    found = axe.findings(tab, rules=axe.COLOURS)
    tab.emulate_media(color_scheme="light")
    return [f"dark: {text}" for text in found]


def _narrow(tab: Page) -> list[str]:
    """Return what cannot be read on a narrow screen."""
    tab.set_viewport_size(NARROW)
    driving.settle(tab, pause_ms=100)
    found = tab.evaluate(STICKING_OUT)
    tab.set_viewport_size(WIDE)
    return [f"narrow: {text}" for text in found]


@pytest.mark.parametrize("page", app_views.PAGES)
def test_every_view_is_open_to_everybody(page: str, used: str, tab: Page) -> None:
    found: list[str] = []
    for i, view in enumerate(_views(tab, used, page)):
        text = tab.locator("[data-testid=stMain]").inner_text()
        assert not re.search("Something went wrong|has encountered an error", text), view
        # The navigation is the same beside every view: it is looked at once a page.
        here = axe.findings(tab, context="[data-testid=stMain]" if i else "html")
        here += _in_dark(tab)
        here += [f"{word!r} has no meaning ({key})" for word, key in unexplained(text, WORDS[page]).items()]
        here += _narrow(tab)
        found += [f"{view}: {one}" for one in here]

    assert not found, "\n".join(found)


def test_each_page_has_a_title_and_a_language(used: str, tab: Page) -> None:
    titles = {}
    for page in pages():
        tab.goto(f"{used}/{app_views.path_of(page.path.stem, 'case=story.axe')}")
        tab.wait_for_function(
            "text => document.title === text", arg=f"{page.title} · RAI Dash", timeout=30_000
        )
        titles[page.path.stem] = tab.title()
    assert len(set(titles.values())) == len(app_views.PAGES)
    assert tab.evaluate("document.documentElement.lang") == "en"


def test_what_opens_on_a_page_is_open_to_everybody_too(used: str, tab: Page) -> None:
    tab.goto(f"{used}/performance?case=story.axe")
    driving.settle(tab, timeout_s=120)
    for name in ("What errors cost", "Choose a threshold honestly", "The numbers"):
        tab.get_by_text(name, exact=True).first.click()
        driving.settle(tab)
    found = axe.findings(tab)
    tab.get_by_role("button", name="What the words mean").click()
    tab.get_by_text("Recall.", exact=True).wait_for()
    driving.settle(tab)

    assert found + axe.findings(tab) == []
    assert Path(tab.url).name.startswith("performance")
