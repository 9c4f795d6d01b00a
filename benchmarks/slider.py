"""From a key press on the slider to the redrawn charts, in Chromium on the real app, at 1,000,000 rows as at 1,000.

    python benchmarks/slider.py                        both sizes, the three pages with a slider
    python benchmarks/slider.py --rows 1000000 --pages fairness

A step ends with the first frame after the last change inside a chart. What comes before is split in three: the
browser until it sends, the server until the last answer that a chart was drawn from, and the browser until it has
drawn it. Other work on the machine counts: beside the wall stands the processor time of the server.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import driving

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = ("fairness", "performance", "review_band")
P50_MS, P95_MS, STEP_KB = 100.0, 300.0, 50.0
#: Milliseconds without any change after which a step is over.
QUIET_MS = 300
#: Steps that compile, cache and fetch what later steps find.
WARM = 3

#: Runs in the page before anything of the app: notes when a key went down, when the socket spoke, what was drawn.
PROBE = """() => {
    const fresh = () => ({key: 0, sent: 0, heard: 0, cause: 0, bytes: 0, drawn: 0, words: 0, charts: new Set()});
    window.probe = fresh();
    window.restart = () => { window.probe = fresh(); };
    window.addEventListener('keydown', () => { window.probe.key = performance.now(); }, true);
    const Plain = window.WebSocket;
    window.WebSocket = class extends Plain {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', event => {
                window.probe.heard = performance.now();
                window.probe.bytes += event.data.byteLength ?? event.data.size ?? event.data.length;
            });
        }
        send(data) {
            if (window.probe.key && !window.probe.sent) window.probe.sent = performance.now();
            super.send(data);
        }
    };
    const element = node => node.nodeType === 1 ? node : node.parentElement;
    new MutationObserver(changes => {
        const probe = window.probe;
        if (!probe.key) return;
        let isDrawn = false;
        for (const change of changes) {
            const at = element(change.target);
            const chart = at && at.closest('[data-testid=stVegaLiteChart]');
            if (chart) { probe.charts.add(chart); probe.cause = probe.heard; isDrawn = true; }
            else if (at && at.closest('[data-testid=stAlert]')) probe.words = performance.now();
        }
        if (isDrawn) requestAnimationFrame(() => { probe.drawn = performance.now(); });
    }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
}"""
#: True once something was drawn for this key and nothing has happened for a while.
OVER = """quiet => {
    const p = window.probe, now = performance.now();
    const app = document.querySelector('[data-testid=stApp]');
    return p.drawn > p.key && now - Math.max(p.drawn, p.heard, p.words) > quiet
        && app.getAttribute('data-test-script-state') === 'notRunning';
}"""
READ = """() => {
    const p = window.probe;
    const seen = document.querySelectorAll('[data-testid=stMain] [data-testid=stVegaLiteChart]');
    return {
        redraw: p.drawn - p.key, wait: p.sent - p.key, server: p.cause - p.sent, draw: p.drawn - p.cause,
        bytes: p.bytes, charts: p.charts.size, of: seen.length, spoke: p.words > 0,
        canvas: document.querySelectorAll('[data-testid=stVegaLiteChart] canvas').length,
    };
}"""


class NotMeasured(RuntimeError):
    """A page has nothing to move, or draws where its change cannot be seen."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What some steps on one page took; one entry a step, milliseconds and bytes."""

    redraw: list[float]
    wait: list[float]
    server: list[float]
    draw: list[float]
    size: list[float]
    charts: list[int]
    of: int
    spoke: int
    cpu: float


def table(n: int) -> pd.DataFrame:
    """Make a table with a score, the outcome that follows it, and sensitive columns of 8 and 5 groups."""
    rng = np.random.default_rng(7)
    score = rng.beta(2.0, 2.0, n)
    races = rng.choice(8, n, p=np.arange(8, 0, -1) / 36)
    return pd.DataFrame(
        {
            "score": np.where(races == 3, score * 0.95, score),
            "repaid": np.where(rng.random(n) < score, "yes", "no"),
            "race": np.array([f"race {letter}" for letter in "ABCDEFGH"])[races],
            "age_band": rng.choice(["18-25", "26-35", "36-45", "46-60", "61+"], n),
            "income": rng.lognormal(10.0, 1.0, n).round(),
        }
    )


def open_case(page: Page, address: str, file: str) -> str:
    """Open a file of the operator's folder as a new case; returns the query that finds the case again."""
    page.goto(address)
    driving.settle(page, timeout_s=120)
    choice = page.get_by_role("combobox", name="Or a table on this server")
    # A page that scrolls closes an open list.
    choice.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    choice.press("ArrowDown")
    page.get_by_role("option", name=file).click()
    driving.settle(page)
    page.get_by_role("button", name="Open it").click()
    page.wait_for_function(
        "file => document.querySelector('[data-testid=stSidebar]').innerText.includes(file)",
        arg=file,
        timeout=180_000,
    )
    driving.settle(page, timeout_s=180)
    return page.url.split("?", 1)[1]


def focus(page: Page) -> None:
    """Put the keyboard on the first handle of the first slider of the page."""
    slider = page.locator("[data-testid=stMain] [data-testid=stSlider]")
    if not slider.count():
        said = page.locator("[data-testid=stMain]").inner_text()
        msg = f"There is no slider on {page.url.split('?')[0]}. The page says: {said[:300]}"
        raise NotMeasured(msg)
    slider.first.locator("[role=slider], input[type=range]").first.focus()


def processor_ms(address: str) -> float:
    """Return the processor time that the server at an address has used so far, in milliseconds."""
    port = address.rsplit(":", 1)[1].encode()
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = (stat.parent / "cmdline").read_bytes().split(b"\0")
            # The name in brackets may hold blanks; user and system time are the 12th and 13th field after it.
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has ended meanwhile
            continue
        if port in words or b"--server.port=" + port in words:
            ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000.0 / os.sysconf("SC_CLK_TCK")


def measure(page: Page, address: str, steps: int) -> Steps:
    """Move the slider step by step, there and back, and read the probe after each."""
    found, began = [], 0.0
    for i in range(WARM + steps):
        began = processor_ms(address) if i == WARM else began
        focus(page)
        page.evaluate("() => window.restart()")
        page.keyboard.press("ArrowRight" if i < (WARM + steps) // 2 else "ArrowLeft")
        page.wait_for_function(OVER, arg=QUIET_MS, timeout=30_000, polling=50)
        found.append(page.evaluate(READ))
    if any(step["canvas"] for step in found):
        msg = "A chart was painted on a canvas, where its change cannot be seen. It has too many marks."
        raise NotMeasured(msg)
    kept = found[WARM:]
    lists = {name: [step[name] for step in kept] for name in ("redraw", "wait", "server", "draw", "charts")}
    return Steps(
        **lists,
        size=[step["bytes"] for step in kept],
        of=kept[-1]["of"],
        spoke=sum(step["spoke"] for step in kept),
        cpu=(processor_ms(address) - began) / steps,
    )


def report(name: str, steps: Steps) -> None:
    """Print the figures of one page beside the budgets."""
    p50, p95 = np.percentile(steps.redraw, [50, 95])
    kilobytes = float(np.percentile(steps.size, 95)) / 1000
    drawn = f"{min(steps.charts)} to {max(steps.charts)} of {steps.of} charts"
    print(f"  {name}: {len(steps.redraw)} steps; {drawn} redrawn in each, the finding in {steps.spoke}")
    for what, value, budget, unit in (
        ("median", p50, P50_MS, "ms"),
        ("p95", p95, P95_MS, "ms"),
        ("bytes a step, p95", kilobytes, STEP_KB, "kB"),
    ):
        verdict = "met" if value <= budget else "MISSED"
        print(f"    {what:20s} {value:7.0f} {unit}   budget {budget:4.0f} {unit}   {verdict}")
    print(f"    {'slowest':20s} {max(steps.redraw):7.0f} ms")
    for part in ("wait", "server", "draw"):
        middle, late = np.percentile(getattr(steps, part), [50, 95])
        print(f"    {f'  {part}, p50 and p95':20s} {middle:7.0f} ms   {late:10.0f} ms")
    print(f"    {'server, processor':20s} {steps.cpu:7.0f} ms a step")


def run(rows: Sequence[int], pages: Sequence[str], steps: int) -> None:
    """Start the app on a folder of tables and measure every page at every size."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "tables"
        folder.mkdir()
        for n in rows:
            table(n).to_parquet(folder / f"rows_{n}.parquet")
        os.environ["RAI_DASH_DATA_FOLDER"] = str(folder)
        store, log = Path(place) / "store.sqlite", Path(place) / "server.log"
        with driving.serving(store, log) as address, driving.chromium() as browser:
            for n in rows:
                context = browser.new_context(
                    viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
                )
                context.add_init_script(f"({PROBE})()")
                page = context.new_page()
                query = open_case(page, address, f"rows_{n}.parquet")
                print(f"{n:,} rows", flush=True)
                for name in pages:
                    page.goto(f"{address}/{name}?{query}")
                    driving.settle(page, timeout_s=180)
                    try:
                        report(name, measure(page, address, steps))
                    except NotMeasured as error:
                        print(f"  {name}: NOT MEASURED. {error}")
                context.close()


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", nargs="*", type=int, default=[1_000, 1_000_000])
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    parser.add_argument("--steps", type=int, default=60)
    args = parser.parse_args()
    run(args.rows, args.pages, args.steps)


if __name__ == "__main__":
    main()
