"""From a click on another applicant to the redrawn explanation, in Chromium on the real app: census and XGBoost.

    .venv/bin/python benchmarks/applicant.py [DATA_FOLDER]

32,561 rows lie in the operator's folder, a model of 300 trees x depth 6 with native categories is uploaded as a person
would, and applicants are selected one after the other in the table of the page "Explain a decision": none of them
twice, so that nothing is found ready. Two moments count: SHAP and the decision are drawn; nothing on the page changes
any more, LIME and all that follows from it included. What comes before the first is split by the messages of the
server. Other work on the machine counts: the load average and the server's processor time stand beside the clock.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xgboost

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import driving
from slider import open_case, processor_ms

if TYPE_CHECKING:
    from playwright.sync_api import Page

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TABLE = "census.parquet"
SHAP_MS, ALL_MS = 400.0, 1_200.0
#: Applicants that make the kernel, LIME's quartiles and the page's code ready for those that are measured.
WARM = 3
#: Milliseconds without any change after which the page is done.
QUIET_MS = 700
#: Pixels of the table: of a row and of the header; rows that are seen at once.
ROW_PX, SEEN = 35, 5

#: Runs in the page before anything of the app: when the button went down, the socket spoke, and parts were drawn.
PROBE = """() => {
    // Charts are fed with new data in place: what counts is that their content has changed.
    const content = () => document.querySelector('.st-key-chart_shap svg.marks')?.innerHTML ?? '';
    const fresh = () => ({
        down: 0, sent: 0, heard: 0, last: 0, first: {}, drawn: {}, causes: {}, shap: 0, cause: 0, before: content(),
    });
    window.probe = fresh();
    window.restart = () => { window.probe = fresh(); };
    window.addEventListener('pointerdown', () => { window.probe.down = performance.now(); }, true);
    const Plain = window.WebSocket;
    window.WebSocket = class extends Plain {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', () => { window.probe.heard = performance.now(); });
        }
        send(data) {
            if (window.probe.down && !window.probe.sent) window.probe.sent = performance.now();
            super.send(data);
        }
    };
    const part = at => {
        const chart = at.closest('[class*=st-key-chart_]');
        if (chart) return chart.className.match(/st-key-chart_(\\w+)/)[1];
        return at.closest('[data-testid=stAlert]') ? 'decision' : at.closest('[data-testid=stMain]') ? 'page' : '';
    };
    new MutationObserver(changes => {
        const probe = window.probe;
        if (!probe.down) return;
        const parts = new Set();
        for (const change of changes) {
            const at = change.target.nodeType === 1 ? change.target : change.target.parentElement;
            const name = at && part(at);
            if (name) parts.add(name);
        }
        if (!parts.size) return;
        const heard = probe.heard;
        requestAnimationFrame(() => {
            const after = content();
            if (after && after !== probe.before) {
                Object.assign(probe, {shap: performance.now(), cause: heard, before: after});
            }
            for (const name of parts) {
                probe.drawn[name] = performance.now();
                probe.causes[name] = heard;
                probe.first[name] = probe.first[name] || performance.now();
            }
            probe.last = performance.now();
        });
    }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
}"""
#: True once SHAP has been drawn for this click and nothing has happened for a while.
OVER = """quiet => {
    const p = window.probe, now = performance.now();
    const app = document.querySelector('[data-testid=stApp]');
    return (p.shap || p.drawn.shap) > p.down && now - Math.max(p.last, p.heard) > quiet
        && app.getAttribute('data-test-script-state') === 'notRunning';
}"""
READ = """() => {
    // Of an applicant with the values of the one before, the content stays.
    const p = window.probe, shap = p.shap || p.drawn.shap, cause = p.shap ? p.cause : p.causes.shap;
    return {
        shap: Math.max(shap, p.first.decision || 0) - p.down,
        all: Math.max(...Object.entries(p.drawn).map(([name, at]) => at)) - p.down,
        lime: p.drawn.lime - p.down,
        wait: p.sent - p.down,
        server: cause - p.sent,
        draw: shap - cause,
    };
}"""


class NotMeasured(RuntimeError):
    """A click did not choose another applicant."""


def census(data: Path) -> pd.DataFrame:
    """Read the census rows with an outcome that says who is approved."""
    frame = pd.read_csv(data / "census-loan" / "census.csv.gz", index_col=0, skipinitialspace=True)
    outcome = np.where(frame.pop("loan") == ">50K", "approved", "refused")
    return frame.assign(decision=outcome)


def train(frame: pd.DataFrame, path: Path) -> None:
    """Write a model with native categories."""
    features = frame.drop(columns="decision")
    words = [c for c in features if not pd.api.types.is_numeric_dtype(features[c])]
    coded = features.astype(dict.fromkeys(words, "category"))
    model = xgboost.XGBClassifier(
        n_estimators=300, max_depth=6, learning_rate=0.1, enable_categorical=True, n_jobs=1
    )
    model.fit(coded, (frame["decision"] == "approved").astype(int)).get_booster().save_model(path)


def open_with_model(page: Page, address: str, model: Path) -> str:
    """Open the table and upload the model; returns the query that finds the case again."""
    open_case(page, address, TABLE)
    box = page.locator("[data-testid=stFileUploader]").filter(has_text="Model file")
    box.locator("input[type=file]").set_input_files(str(model))
    page.wait_for_timeout(1_000)
    driving.settle(page, timeout_s=180)
    return page.url.split("?", 1)[1]


def select(page: Page, place: int) -> None:
    """Select the row at a place of the table of applicants."""
    table = page.locator("[data-testid=stMain] [data-testid=stDataFrame]").last
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    if box is None:
        msg = "There is no table of applicants on the page."
        raise NotMeasured(msg)
    screen, line = divmod(place, SEEN)
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    if screen and not line:
        page.mouse.wheel(0, SEEN * ROW_PX)
        page.wait_for_timeout(300)
    before = page.url
    page.evaluate("() => window.restart()")
    page.mouse.click(box["x"] + 18, box["y"] + ROW_PX * (line + 1.5))
    wait_for_all(page, before)


def go_on(page: Page) -> None:
    """Press the button for the next applicant of the list."""
    before = page.url
    page.evaluate("() => window.restart()")
    page.get_by_role("button", name="Next applicant").click()
    wait_for_all(page, before)


def wait_for_all(page: Page, before: str) -> None:
    """Wait until nothing changes any more; the address must then name another applicant than before."""
    page.wait_for_function(OVER, arg=QUIET_MS, timeout=60_000, polling=50)
    if page.url == before:
        msg = "The click chose nobody."
        raise NotMeasured(msg)


def browser_ms() -> float:
    """Return the processor time that the Chromium of this process has used so far, in milliseconds."""
    parents, ticks = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold blanks; the parent is the second field after it.
            name, fields = stat.read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:  # it has ended meanwhile
            continue
        parts, pid = fields.split(), int(stat.parent.name)
        parents[pid] = int(parts[1])
        ticks[pid] = int(parts[11]) + int(parts[12]) if name.startswith("chrom") else 0
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(ticks.get(pid, 0) for pid in ours) * 1000.0 / os.sysconf("SC_CLK_TCK")


def measure(
    choose: Callable[[int], None], page: Page, address: str, steps: int
) -> tuple[dict[str, list[float]], tuple[float, float]]:
    """Choose applicants one after the other; milliseconds by name, and of processors: server and browser, a step."""
    found: dict[str, list[float]] = defaultdict(list)
    began = 0.0, 0.0
    for i in range(WARM + steps):
        began = (processor_ms(address), browser_ms()) if i == WARM else began
        choose(i)
        if i >= WARM:
            for name, value in page.evaluate(READ).items():
                found[name].append(value)
    return found, ((processor_ms(address) - began[0]) / steps, (browser_ms() - began[1]) / steps)


def report(found: dict[str, list[float]], processors: tuple[float, float]) -> None:
    """Print the figures beside the budgets."""
    load = os.getloadavg()
    print(f"{len(found['all'])} applicants; load average {load[0]:.1f} on {os.cpu_count()} processors")
    for name, label, budget in (("shap", "SHAP and decision", SHAP_MS), ("all", "all panels", ALL_MS)):
        middle, late = np.percentile(found[name], [50, 95])
        verdict = "met" if late <= budget else "MISSED"
        print(
            f"  {label:22s} p50 {middle:6.0f} ms   p95 {late:6.0f} ms   budget {budget:5.0f} ms   {verdict}"
        )
    for name, label in (
        ("lime", "LIME drawn"),
        ("wait", "before SHAP: browser"),
        ("server", "  server"),
        ("draw", "  drawing"),
    ):
        middle, late = np.percentile(found[name], [50, 95])
        print(f"  {label:22s} p50 {middle:6.0f} ms   p95 {late:6.0f} ms")
    server, browser = processors
    print(f"  processor time an applicant: server {server:.0f} ms, browser {browser:.0f} ms")


def run(data: Path, steps: int) -> None:
    """Start the app on a folder with the table and measure."""
    with tempfile.TemporaryDirectory() as place:
        folder, model = Path(place) / "tables", Path(place) / "census.ubj"
        folder.mkdir()
        frame = census(data)
        frame.to_parquet(folder / TABLE)
        train(frame, model)
        os.environ["RAI_DASH_DATA_FOLDER"] = str(folder)
        store, log = Path(place) / "store.sqlite", Path(place) / "server.log"
        with driving.serving(store, log) as address, driving.chromium() as browser:
            context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
            context.add_init_script(f"({PROBE})()")
            page = context.new_page()
            query = open_with_model(page, address, model)
            began = time.perf_counter()
            page.goto(f"{address}/explain?{query}")
            page.locator(".st-key-chart_lime [role=graphics-document]").wait_for(timeout=180_000)
            print(f"First visit of the page to LIME drawn: {time.perf_counter() - began:.1f} s", flush=True)
            driving.settle(page, timeout_s=180)
            print("By the button for the next applicant:")
            report(*measure(lambda _: go_on(page), page, address, steps))
            print("In the table, further down:")
            report(*measure(lambda i: select(page, WARM + steps + 1 + i), page, address, steps))


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--steps", type=int, default=25)
    args = parser.parse_args()
    run(args.data, args.steps)


if __name__ == "__main__":
    main()
