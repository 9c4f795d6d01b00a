"""The review band in Chromium: a credit officer's walk by visible text alone, and handles that are pulled."""

from __future__ import annotations

import driving
import numpy as np
from playwright.sync_api import Locator, Page, expect

from rai_dash.bundled import open_bundled
from rai_dash.charts._band_signals import HEAD, LEFT, PLOT, RIGHT
from tests.browser.conftest import Visit
from tests.browser.people import Person

PAGE = "review_band?case=story.{}&data=living&model=repaired"


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
    officer = Person(visit(PAGE.format("walk")))
    assert "sends 180 to a person" in officer.reads()

    officer.types(
        "review at most 15 %\nwrongly declined gap between women and men under 5 points",
        into="Your limits, one a line",
    )
    officer.clicks("Find the cheapest band")

    offered = officer.reads()
    ends = f"declined below {100 * lo:g} %, approved from {100 * hi:g} %"
    assert ends in offered
    assert f"Here it costs {cost:.3g} an application (now 0.349)" in offered
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
