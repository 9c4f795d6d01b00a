"""Nothing jumps: how far what a page shows is moved while it loads, and while a slider is moved.

The browser says of each shift which nodes moved. A shift is ours if something in the main part of the page moved up or
down in it. Streamlit's own sidebar comes in after the page and pushes it aside: those shifts move everything sideways,
or what is in the sidebar, and are not counted; where both move in one frame, ours is the score of what moved in the
main part alone, by the browser's own formula. Shifts within half a second of a key are counted too, which the browser
would forgive.
"""

from __future__ import annotations

from pathlib import Path

import driving
import pytest
from playwright.sync_api import BrowserContext, Page

PAGES = sorted(path.stem for path in (Path(__file__).parents[2] / "pages").glob("*.py"))
#: Of the whole window, weighed by how far it moved (layout shift score, web.dev/cls).
MOST = 0.05
#: Of a few steps of a slider: words that take another line when they change, and nothing else.
MOST_IN_STEPS = 0.01
PROBE = """() => {
    window.shifts = [];
    // Impact times distance (web.dev/cls): both places as a share of the window, the way as one of its longer side.
    const inside = r => Math.max(0, Math.min(r.right, innerWidth) - Math.max(r.left, 0))
        * Math.max(0, Math.min(r.bottom, innerHeight) - Math.max(r.top, 0));
    const covered = (was, is) => Math.min(1, (inside(was) + inside(is)) / (innerWidth * innerHeight));
    const far = (was, is) => Math.max(Math.abs(is.x - was.x), Math.abs(is.y - was.y))
        / Math.max(innerWidth, innerHeight);
    const seen = source => {
        const node = source.node && (source.node.nodeType === 1 ? source.node : source.node.parentElement);
        return {
            main: !!node && !!node.closest('[data-testid=stMain]'),
            down: source.currentRect.y - source.previousRect.y,
            moved: covered(source.previousRect, source.currentRect) * far(source.previousRect, source.currentRect),
            what: node ? (node.innerText || node.className || node.tagName).toString().slice(0, 60) : '',
        };
    };
    new PerformanceObserver(list => {
        for (const shift of list.getEntries()) {
            window.shifts.push({value: shift.value, sources: (shift.sources || []).map(seen)});
        }
    }).observe({type: 'layout-shift', buffered: true});
}"""


def ours(page: Page) -> list[tuple[float, list[str]]]:
    """Shifts that moved something in the main part up or down, each with what moved."""
    found = page.evaluate("() => window.shifts.splice(0)")
    moved = []
    for shift in found:
        in_main = [x for x in shift["sources"] if x["main"] and abs(x["down"]) > 0.5]
        is_all_ours = all(x["main"] for x in shift["sources"])
        value = shift["value"] if is_all_ours else min(shift["value"], sum(x["moved"] for x in in_main))
        moved.append((value, [x["what"] for x in in_main]))
    return [(value, what) for value, what in moved if what]


@pytest.fixture
def probed(context: BrowserContext) -> BrowserContext:
    context.add_init_script(f"({PROBE})()")
    return context


@pytest.mark.parametrize("name", PAGES)
def test_nothing_jumps_while_a_page_loads(probed, visit, name):
    page = visit(f"{'' if name == 'start' else name}?case=story.layout")
    page.wait_for_timeout(1_000)
    driving.settle(page)

    found = ours(page)

    assert sum(value for value, _ in found) <= MOST, found


def _step(page: Page, key: str) -> None:
    page.keyboard.press(key)
    page.wait_for_timeout(700)
    driving.settle(page)


@pytest.mark.parametrize("name", ["fairness", "performance", "review_band"])
def test_nothing_jumps_while_a_slider_is_moved(probed, visit, name):
    page = visit(f"{name}?case=story.layout&by=ethnicity")
    slider = page.locator("[data-testid=stMain] [data-testid=stSlider]").first
    slider.locator("[role=slider], input[type=range]").first.focus()
    _step(page, "ArrowRight")
    # That step left the threshold that was fixed beforehand: a warning came in where it is read first.
    ours(page)
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        _step(page, key)

    found = ours(page)
    assert sum(value for value, _ in found) <= MOST_IN_STEPS, found


def test_nothing_of_ours_moves_for_those_who_asked_for_less(visit):
    page = visit("performance?case=story.layout")

    running = page.evaluate(
        "() => document.getAnimations().filter(a => a.playState === 'running' && a.effect.target"
        " && a.effect.target.closest('[data-testid=stMain]')).length"
    )

    assert running == 0


def test_charts_have_their_place_before_they_are_drawn(context, visit):
    # What draws them comes late: the page around them stands as it will.
    context.route("**/static/js/*embed*", lambda route: route.abort())
    page = visit("performance?case=story.layout")

    heights = page.locator(".st-key-chart_confusion").evaluate_all("all => all.map(e => e.offsetHeight)")

    assert len(heights) == 1
    assert heights[0] >= 200
