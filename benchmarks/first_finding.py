"""From a click on "Confirm roles" to the first finding on the Data page, in Chromium on the real app.

    python benchmarks/first_finding.py                         a made table of 300 columns × 100,000 rows
    python benchmarks/first_finding.py --files FILE[:target[:favourable]] ...   files of your own as well

The file is uploaded as a person would, roles are confirmed, the Data page is opened by its link in the sidebar. Times
are the browser's; other work on the machine counts.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import driving

if TYPE_CHECKING:
    from playwright.sync_api import Page

BUDGET_S = 5.0
FINDING = "[data-testid=stMain] :text('What to look at first') >> nth=0"


@dataclass(frozen=True, slots=True)
class Source:
    """A file with its outcome, where the app should not go by its own guess."""

    path: Path
    target: str = ""
    favourable: str = ""


def wide_table(rows: int = 100_000, columns: int = 300, seed: int = 0) -> pd.DataFrame:
    """Make a table of mixed kinds: amounts, counts, categories, ratios with blanks, flags, codes."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=rows)
    kinds = (
        lambda _: rng.lognormal(8, 1, rows).round(2),
        lambda _: rng.poisson(3, rows),
        lambda i: np.array([f"value {j}" for j in range(5 + i % 20)])[rng.integers(0, 5 + i % 20, rows)],
        lambda _: np.where(rng.random(rows) < 0.2, np.nan, (latent + rng.normal(size=rows)).round(4)),
        lambda _: (rng.random(rows) < 0.2).astype(np.int64),
        lambda _: rng.integers(0, 1000, rows),
    )
    frame = {
        "application_id": np.arange(rows) + 10_000_000,
        "gender": rng.choice(["female", "male"], rows),
        "region": rng.choice([f"region {i}" for i in range(12)], rows),
    }
    frame |= {f"column_{i:03d}": kinds[i % len(kinds)](i) for i in range(columns - len(frame) - 1)}
    lift = latent + rng.normal(size=rows) + 0.2 * (frame["gender"] == "male")
    frame["approved"] = np.where(lift > 1, "yes", "no")
    return pd.DataFrame(frame)


class Watch:
    """Seconds of named steps, in order."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began


def choose(page: Page, label: str, value: str) -> None:
    """Pick a value of a select box by typing it."""
    box = page.get_by_role("combobox", name=label).first
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box.click()
    box.fill(value)
    page.get_by_role("option", name=value, exact=True).first.click()
    page.keyboard.press("Escape")
    driving.settle(page, timeout_s=120)


def measure(page: Page, address: str, source: Source) -> Watch:
    """Upload a file, confirm its roles and go to the Data page."""
    watch = Watch()
    page.goto(address)
    driving.settle(page, timeout_s=120)
    with watch.step("upload, read and guess roles"):
        box = page.locator("[data-testid=stFileUploader]").filter(has_text="Data file")
        box.locator("input[type=file]").set_input_files(str(source.path))
        page.get_by_role("button", name="Confirm roles").wait_for(timeout=300_000)
        driving.settle(page, timeout_s=300)
    if source.target:
        choose(page, "Target: the outcome column", source.target)
    if source.favourable:
        choose(page, "Favourable", source.favourable)
    with watch.step("confirm roles"):
        page.get_by_role("button", name="Confirm roles").click()
        page.wait_for_timeout(100)
        driving.settle(page, timeout_s=120)
    with watch.step("first finding on screen"):
        page.locator("[data-testid=stSidebarNavLink]").filter(has_text="Data").first.click()
        page.locator(FINDING).wait_for(timeout=120_000)
        page.locator("[data-testid=stMain] :text-matches('^1\\\\.|Nothing stands out')").first.wait_for(
            timeout=120_000
        )
    driving.settle(page, timeout_s=120)
    return watch


def report(name: str, watch: Watch) -> None:
    """Print the seconds of one file beside the budget."""
    print(f"{name}")
    for step, seconds in watch.seconds.items():
        print(f"  {step:32s} {seconds:6.1f} s")
    waited = watch.seconds["confirm roles"] + watch.seconds["first finding on screen"]
    verdict = "met" if waited <= BUDGET_S else "MISSED"
    print(
        f"  {'from the click to the finding':32s} {waited:6.1f} s   budget {BUDGET_S:.0f} s   {verdict}",
        flush=True,
    )


def source_of(text: str) -> Source:
    """Read ``FILE[:target[:favourable]]``."""
    path, target, favourable = [*text.split(":"), "", ""][:3]
    return Source(Path(path), target, favourable)


def run(sources: list[Source], *, wide: bool) -> None:
    """Start the app and measure every file in a fresh browser context."""
    with tempfile.TemporaryDirectory() as place:
        if wide:
            table = Path(place) / "wide.parquet"
            wide_table().to_parquet(table)
            sources = [Source(table), *sources]
        with (
            driving.serving(Path(place) / "store.sqlite", Path(place) / "server.log") as address,
            driving.chromium() as browser,
        ):
            for source in sources:
                context = browser.new_context(
                    viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
                )
                report(source.path.name, measure(context.new_page(), address, source))
                context.close()


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", nargs="*", type=source_of, default=[])
    parser.add_argument("--no-wide", action="store_true", help="leave the made table out")
    args = parser.parse_args()
    run(args.files, wide=not args.no_wide)


if __name__ == "__main__":
    main()
