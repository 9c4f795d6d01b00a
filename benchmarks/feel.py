"""How the app feels: first page, new tab, each page, each step on it, while a job runs, in Chromium on the real app.

    python benchmarks/feel.py                          the story, 32,561 rows and 1,000,000 rows, every page
    python benchmarks/feel.py --sizes story --pages fairness data

Times are the browser's and other work on the machine counts: run it on a machine that has nothing else to do. A step
is one key on the first slider of a page, or the next one of its first views where it has no slider; it ends with the
last change on the page that the server's answer made. Layout shift is what moves inside the main part of the page;
Streamlit's own sidebar coming in is not ours.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
sys.path.insert(0, str(Path(__file__).parent))

import driving
from slider import open_case, processor_ms, table

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PAGES = tuple(sorted(p.stem for p in (driving.REPO / "pages").glob("*.py")))
SIZES = {"story": 0, "32k": 32_561, "1M": 1_000_000}
START_S, TAB_S, RERUN_MS, STEP_P50_MS, STEP_P95_MS, STEP_KB = 5.0, 2.0, 300.0, 100.0, 300.0, 50.0
SHIFT, MARKS, SESSION_MB, BESIDE_MS, CANCEL_S = 0.05, 2000, 1.0, 300.0, 2.0
QUIET_MS = 300
TABS, STARTS = 10, 5

#: Runs in the page before anything of the app: when something was asked, what came, what changed, and what jumped.
PROBE = """() => {
    const fresh = () => ({began: 0, heard: 0, bytes: 0, changed: 0, drawn: 0, shift: 0});
    window.feel = fresh();
    window.feelAgain = () => { window.feel = fresh(); window.feel.began = performance.now(); };
    const Plain = window.WebSocket;
    window.WebSocket = class extends Plain {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', event => {
                window.feel.heard = performance.now();
                window.feel.bytes += event.data.byteLength ?? event.data.size ?? event.data.length;
            });
        }
    };
    const figure = '[data-testid=stVegaLiteChart], [data-testid=stMetric]';
    // A table writes its copy for screen readers, which nobody sees, long after it is drawn.
    const unseen = '[data-testid=data-grid-canvas]';
    const near = node => node.nodeType === 1 ? node : node.parentElement;
    new MutationObserver(every => {
        const changes = every.filter(change => !near(change.target)?.closest(unseen));
        if (!changes.length) return;
        const seen = changes.some(change => near(change.target)?.closest(figure));
        requestAnimationFrame(() => {
            window.feel.changed = performance.now();
            if (seen && !window.feel.drawn) window.feel.drawn = window.feel.changed;
        });
    }).observe(document, {subtree: true, childList: true, characterData: true});
    const inMain = node => node && node.nodeType === 1 && node.closest('[data-testid=stMainBlockContainer]');
    // What moves with Streamlit's own sidebar is one entry with it: the part of the page that is ours is reckoned anew.
    const share = ({previousRect: was, currentRect: now}) => (was.width * was.height + now.width * now.height)
        / (innerWidth * innerHeight) * Math.abs(now.y - was.y) / Math.max(innerWidth, innerHeight);
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
            const ours = entry.sources.filter(s => inMain(s.node)
                && s.previousRect.height > 0 && s.currentRect.y !== s.previousRect.y);
            window.feel.shift += Math.min(entry.value, ours.reduce((sum, source) => sum + share(source), 0));
        }
    }).observe({type: 'layout-shift', buffered: true});
}"""
OVER = """quiet => {
    const f = window.feel, app = document.querySelector('[data-testid=stApp]');
    return f.heard > f.began && performance.now() - Math.max(f.changed, f.heard) > quiet
        && app.getAttribute('data-test-script-state') === 'notRunning';
}"""
READ = """() => {
    const {began, changed, drawn, bytes, shift} = window.feel;
    return {ms: changed - began, first: (drawn || changed) - began, kb: bytes / 1000, shift};
}"""
AT_ITS_END = (
    "slider => Number(slider.ariaValueNow ?? slider.value) >= Number(slider.ariaValueMax ?? slider.max)"
)
MARKS_OF = """() => Math.max(0, ...[...document.querySelectorAll('[data-testid=stVegaLiteChart] svg')].map(
    svg => svg.querySelectorAll('.mark-symbol path, .mark-rect path, .mark-rule line, .mark-text text').length))"""
CANVAS = "() => document.querySelectorAll('[data-testid=stVegaLiteChart] canvas').length"


@dataclass
class Verdicts:
    """The budgets that were met and missed."""

    missed: list[str] = field(default_factory=list)

    def say(self, what: str, value: float, budget: float, unit: str) -> None:
        """Print one figure beside its budget."""
        met = value <= budget
        if not met:
            self.missed.append(f"{what}: {value:.4g} {unit} (budget {budget:g})")
        print(
            f"  {what:44s} {value:9.3f} {unit:3s} budget {budget:6g}  {'met' if met else 'MISSED'}",
            flush=True,
        )


@contextmanager
def tab(browser: Browser) -> Iterator[Page]:
    """Open a tab in a fresh profile with the probe in it."""
    context: BrowserContext = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    context.add_init_script(f"({PROBE})()")
    try:
        yield context.new_page()
    finally:
        context.close()


def opened(page: Page, address: str) -> float:
    """Go to an address and return the seconds until the page stands still."""
    began = time.perf_counter()
    page.goto(address)
    driving.settle(page, timeout_s=300)
    # The last 300 ms are the wait that proves that it stands still.
    return time.perf_counter() - began - 0.3


def resident_mb(address: str) -> float:
    """Return the resident memory of the server's own process, in megabytes."""
    port = address.rsplit(":", 1)[1]
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            if port.encode() in words or f"--server.port={port}".encode() in words:
                pages = int((place / "statm").read_text().split()[1])
                return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        except OSError:
            continue
    msg = f"No process of this machine serves port {port}."
    raise RuntimeError(msg)


def step(page: Page, *, back: bool) -> dict[str, float] | None:
    """Do one step on a page and return what it took; None where there is nothing to step."""
    main = page.locator("[data-testid=stMain]")
    slider = main.locator("[data-testid=stSlider] :is([role=slider], input[type=range])")
    views = main.locator("[data-testid=stButtonGroup]").first.locator("button")
    if slider.count():
        slider.first.focus()
        leftwards = back or slider.first.evaluate(AT_ITS_END)
        page.evaluate("() => window.feelAgain()")
        page.keyboard.press("ArrowLeft" if leftwards else "ArrowRight")
    elif views.count() > 1:
        place = 0 if back else 1
        views.nth(place).focus()
        page.evaluate("() => window.feelAgain()")
        page.keyboard.press("Enter")
    else:
        return None
    page.wait_for_function(OVER, arg=QUIET_MS, timeout=120_000, polling=50)
    found: dict[str, float] = page.evaluate(READ)
    return found


def page_of(page: Page, address: str, *, name: str, query: str, steps: int, said: Verdicts) -> None:
    """Measure one page: its first opening, again when warm, and steps on it."""
    path = "" if name == "start" else name
    cold = opened(page, f"{address}/{path}?{query}")
    shift = page.evaluate("() => window.feel.shift")
    canvas, marks = page.evaluate(CANVAS), page.evaluate(MARKS_OF)
    warm = opened(page, f"{address}/{path}?{query}")
    print(f" {name}: first {cold:.2f} s", flush=True)
    said.say(f"{name}, opened again", warm, TAB_S, "s")
    said.say(f"{name}, layout shift of ours", shift, SHIFT, "")
    said.say(f"{name}, most marks of a chart", marks if not canvas else MARKS + 1, MARKS, "")
    found = [step(page, back=i % 2 == 1) for i in range(4 + steps)][4:]
    taken = [one for one in found if one is not None]
    if not taken:
        return
    times = [one["ms"] for one in taken]
    is_slider = page.locator("[data-testid=stMain] [data-testid=stSlider]").count() > 0
    if is_slider:
        first = float(np.median([one["first"] for one in taken]))
        said.say(f"{name}, step, first figure, median", first, STEP_P50_MS, "ms")
    said.say(f"{name}, step, whole page, median", float(np.median(times)), RERUN_MS, "ms")
    said.say(f"{name}, step, whole page, p95", float(np.percentile(times, 95)), STEP_P95_MS, "ms")
    if is_slider:
        said.say(f"{name}, bytes of a step", max(one["kb"] for one in taken), STEP_KB, "kB")
        said.say(f"{name}, layout shift of the steps", sum(one["shift"] for one in taken), 0.0, "")


def first_page(browser: Browser, folder: Path) -> float:
    """Start a server of its own and return the seconds from the start of its process to the first page."""
    began = time.perf_counter()
    with driving.serving(folder / "first.sqlite", folder / "first.log") as address, tab(browser) as page:
        opened(page, address)
        return time.perf_counter() - began - 0.3


def tabs(browser: Browser, address: str, said: Verdicts) -> None:
    """Measure a new tab, and what a session costs."""
    with tab(browser) as page:
        opened(page, address)
        said.say("a new tab", min(opened(page, address) for _ in range(3)), TAB_S, "s")
        query = page.url.split("?", 1)[1]
        before = resident_mb(address)
        others = [page.context.new_page() for _ in range(TABS)]
        for other in others:
            opened(other, f"{address}/fairness?{query}")
        said.say("one more session", (resident_mb(address) - before) / TABS, SESSION_MB, "MB")


def beside_a_job(browser: Browser, address: str, said: Verdicts) -> None:
    """Measure steps in one tab while another trains models, and how soon a cancelled job is seen to be."""
    with tab(browser) as page, tab(browser) as other:
        opened(page, f"{address}/fairness?case=story.feel&data=living")
        opened(other, f"{address}/mitigation?case=story.feel&data=living")
        start = other.get_by_role("button", name="Try", exact=False).first
        start.click()
        cancel = other.get_by_role("button", name="Cancel", exact=True).first
        cancel.wait_for(timeout=30_000)
        times = []
        for i in range(6):
            if not cancel.is_visible():
                break
            found = step(page, back=i % 2 == 1)
            times.append(found["ms"] if found else float("nan"))
        if cancel.is_visible():
            began = time.perf_counter()
            cancel.click()
            cancel.wait_for(state="hidden", timeout=30_000)
            said.say("cancel seen", time.perf_counter() - began, CANCEL_S, "s")
        if times:
            said.say("a step while a job runs, p90", float(np.percentile(times, 90)), BESIDE_MS, "ms")


def of_size(
    browser: Browser, address: str, *, size: str, pages: list[str], steps: int, said: Verdicts
) -> None:
    """Measure every page on a case of one size."""
    print(f"{size}", flush=True)
    with tab(browser) as page:
        query = "case=story.feel&data=living&model=repaired"
        if SIZES[size]:
            query = open_case(page, address, f"rows_{size}.parquet")
        used = processor_ms(address)
        for name in pages:
            page_of(page, address, name=name, query=query, steps=steps, said=said)
        print(f" the server's processor time: {(processor_ms(address) - used) / 1000:.1f} s")


def run(sizes: list[str], pages: list[str], steps: int) -> int:
    """Measure everything; returns how many budgets were missed."""
    said = Verdicts()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "tables"
        folder.mkdir()
        for size in sizes:
            if SIZES[size]:
                table(SIZES[size]).to_parquet(folder / f"rows_{size}.parquet")
        env = {"RAI_DASH_DATA_FOLDER": str(folder)}
        store, log = Path(place) / "store.sqlite", Path(place) / "log"
        with driving.chromium() as browser:
            starts = [first_page(browser, Path(place)) for _ in range(STARTS)]
            said.say("process start to the first page, median", float(np.median(starts)), START_S, "s")
            with driving.serving(store, log, env=env) as address:
                tabs(browser, address, said)
                for size in sizes:
                    of_size(browser, address, size=size, pages=pages, steps=steps, said=said)
                beside_a_job(browser, address, said)
    print(f"{len(said.missed)} budgets missed")
    for line in said.missed:
        print(f"  {line}")
    return len(said.missed)


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", nargs="*", choices=list(SIZES), default=list(SIZES))
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    parser.add_argument("--steps", type=int, default=20)
    args = parser.parse_args()
    run(args.sizes, args.pages, args.steps)


if __name__ == "__main__":
    main()
