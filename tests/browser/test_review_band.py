"""The review band in Chromium: a credit officer's walk by visible text alone, and handles that are pulled."""

from __future__ import annotations

import re
from dataclasses import dataclass

import driving
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from rai_dash.bundled import open_bundled
from rai_dash.charts._band_signals import HEAD, LEFT, PLOT, RIGHT
from tests.browser.conftest import Visit

PAGE = "review_band?case=story.{}&data=living&model=repaired"
VIEWS = ("expert", "analyst", "stakeholder")


@dataclass
class Officer:
    """Somebody who reads the page, clicks on what they read, and types; each click and each text is an action."""

    page: Page
    actions: int = 0

    def reads(self) -> str:
        """Return all that can be read."""
        driving.settle(self.page)
        text = self.page.locator("[data-testid=stMain]").inner_text()
        return re.sub(r"\s+", " ", text.replace("\N{WORD JOINER}", ""))

    def clicks(self, words: str) -> None:
        """Click on some words."""
        self.actions += 1
        self.page.locator("[data-testid=stMain]").get_by_text(words, exact=True).click()
        self.page.wait_for_timeout(400)
        driving.settle(self.page)

    def types(self, words: str, into: str) -> None:
        """Write into the box under some words."""
        self.actions += 1
        self.page.get_by_role("textbox", name=into).fill(words)


def _scanned() -> tuple[float, float, float]:
    """Find the cheapest band under both limits by going through all rows for each band: its ends and its cost."""
    judgement = open_bundled("story", "story.scan").judge("living", "repaired")
    good = judgement.data.dataset.outcome == 1
    women = judgement.data.dataset.frame["gender"].to_numpy() == "Female"
    score = judgement.score
    found: list[tuple[float, float, float, float, float]] = []
    for lo in np.arange(0, 101) * 5 / 1000:
        declined = score < lo
        wrongly = declined & good
        if abs(wrongly[women & good].mean() - wrongly[~women & good].mean()) > 0.05:
            continue
        for hi in np.arange(100, 201) * 5 / 1000:
            approved = score >= hi
            review = ~declined & ~approved
            if review.mean() > 0.15:
                continue
            errors = wrongly + 5.0 * (approved & ~good) + review * np.where(good, 0.1, 0.5)
            cost = round(float((errors + 0.25 * review).mean()), 12)
            found.append((cost, round(float(review.mean()), 12), round(hi - lo, 12), lo, hi))
    cost, _, _, lo, hi = min(found)
    return lo, hi, cost


def test_a_credit_officer_finds_the_cheapest_fair_band_and_compares_it_in_15_actions(visit: Visit) -> None:
    lo, hi, cost = _scanned()
    officer = Officer(visit(PAGE.format("walk")))
    assert "sends 180 to a person" in officer.reads()

    officer.types(
        "review at most 15 %\nwrongly declined gap between women and men under 5 points",
        into="Your limits, one a line",
    )
    officer.clicks("Find the cheapest band")

    offered = officer.reads()
    ends = f"declined below {100 * lo:g} %, approved from {100 * hi:g} %"
    assert ends in offered
    assert f"It costs {cost:.3g} an application (now 0.349)" in offered
    assert "Your present band does not keep them" in offered

    officer.clicks("Take this band")

    taken = officer.reads()
    assert "is your present one" in taken
    assert f"An application costs {cost:.3g} on average" in taken
    assert f"cost of an application {cost:.3g} 0.349" in taken
    assert (
        "wrongly declined gap between Female and Male (gender) at most 5 points 4.8 points 0.8 points"
        in taken
    )

    officer.clicks("Compare side by side")

    assert "the band before" in officer.reads()
    chart = officer.page.locator(
        ".st-key-chart_band_candidates [role=graphics-document], .st-key-chart_band_candidates canvas"
    )
    assert chart.count() > 0
    assert "review_band" in officer.page.url
    assert officer.actions <= 15


def _plot(page: Page) -> tuple[Locator, float, float, float]:
    """Return the chart, where its scores begin and how wide they are, and the height of the handles."""
    chart = page.locator(".st-key-chart_band :is(canvas, svg.marks)").first
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box = chart.bounding_box()
    assert box is not None
    return chart, box["x"] + LEFT, box["width"] - LEFT - RIGHT, box["y"] + HEAD + PLOT / 2


def _pull(page: Page, start: float, end: float, *, release: bool = True) -> bytes:
    """Pull from one score to another; returns how the chart looks with the button down."""
    chart, left, width, y = _plot(page)
    page.mouse.move(left + width * start, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(left + width * (start + (end - start) * step / 8), y)
        page.wait_for_timeout(30)
    during = chart.screenshot()
    if release:
        page.mouse.up()
        page.wait_for_timeout(400)
        driving.settle(page)
    return during


def test_a_handle_is_pulled_live_and_undone_and_found_again(visit: Visit) -> None:
    page = visit(PAGE.format("pull"))
    main = page.locator("[data-testid=stMain]")
    before = _plot(page)[0].screenshot()

    during = _pull(page, 0.3, 0.4, release=False)
    assert during != before
    assert "lo=" not in page.url
    page.mouse.up()

    expect(main).to_contain_text("declines 512 and sends 124 to a person")
    assert "lo=0.4&" in f"{page.url}&"
    driving.settle(page)
    page.get_by_role("button", name="Undo").click()
    expect(main).to_contain_text("sends 180 to a person")
    driving.settle(page)

    # The very same pull counts again.
    _pull(page, 0.3, 0.4)
    expect(main).to_contain_text("sends 124 to a person")
    page.go_back()
    expect(main).to_contain_text("sends 180 to a person")
    page.go_forward()
    expect(main).to_contain_text("sends 124 to a person")
    page.reload()
    driving.settle(page, timeout_s=120)
    expect(main).to_contain_text("sends 124 to a person")


def test_the_whole_band_is_pulled_and_an_end_at_the_edge_is_open(visit: Visit) -> None:
    page = visit(PAGE.format("whole"))
    main = page.locator("[data-testid=stMain]")

    _pull(page, 0.45, 0.5)
    assert "lo=0.35" in page.url
    assert "hi=0.75" in page.url

    _pull(page, 0.75, 1.05)
    assert "open_hi=1" in page.url
    expect(main).to_contain_text("approves 0, declines")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_other_views(browser: Browser, address: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    found = {}
    # The first view is looked at on the journey, as every page is.
    for view in VIEWS[1:]:
        page.goto(f"{address}/{PAGE.format('axe')}&bench={view}&limits=review_rate<0.15")
        driving.settle(page, timeout_s=120)
        result = Axe().run(
            page,
            context="[data-testid=stMain]",
            options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
        )
        for violation in result.response["violations"]:
            found[f"{view}: {violation['id']}"] = [node["target"][0] for node in violation["nodes"]][:3]
    context.close()

    assert found == {}


#: Elements that reach beyond the screen and cannot be scrolled to inside a box of their own.
STICKING_OUT = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(e => {
    const box = e.getBoundingClientRect();
    if (box.width === 0 || box.right <= innerWidth + 1) return false;
    for (let p = e.parentElement; p; p = p.parentElement)
        if (p.dataset.testid !== 'stMain' && /auto|scroll|hidden/.test(getComputedStyle(p).overflowX)) return false;
    return true;
}).map(e => e.tagName + ' ' + e.innerText?.slice(0, 40)).slice(0, 3)"""


def test_on_a_telephone_nothing_sticks_out(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    found = {}
    for view in VIEWS:
        page.goto(f"{address}/{PAGE.format('phone')}&bench={view}&limits=review_rate<0.15")
        driving.settle(page, timeout_s=120)
        found[view] = page.evaluate(STICKING_OUT)
    context.close()

    assert not any(found.values()), found
