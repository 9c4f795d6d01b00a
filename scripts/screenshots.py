"""Pictures of the real app: every page, every view and every state, light and dark; the best of them for the README.

python scripts/screenshots.py                                   everything, into build/screenshots
python scripts/screenshots.py --pages fairness data:imbalance --widths 390 1280 1920
python scripts/screenshots.py --readme                          only what the README and the docs show
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from app_views import PAGES, everything, path_of
from driving import REPO, chromium, serving, settle
from PIL import Image
from signed_story import made

from rai_dash.ui.tour.stops import STOPS

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOWN_IN = REPO / "docs" / "screenshots"
#: What the README and the pages of the docs show: the first view of each page, and these.
ALSO_SHOWN = ("tour:6",)
#: Pixels of a picture, at most, and of pages of which the top says enough.
TALLEST = 5000
TOPS = {"monitor": 1560, "tour:6": 1040}
STORY = "case=story.shots"
#: What stands in the address of a page of the story, so that it shows what the page is for.
BEST = {
    "fairness": "data=living&by=gender",
    "review_band": "data=living&model=repaired",
    "performance": "",
    "explain": "data=production",
}


def _upload(page: Page, address: str, label: str, path: Path) -> str:
    """Upload a file on the Start page; returns the choices that find the case again."""
    page.goto(address)
    settle(page, timeout_s=120)
    box = page.locator("[data-testid=stFileUploader]").filter(has_text=label)
    box.locator("input[type=file]").set_input_files(str(path))
    page.wait_for_timeout(800)
    settle(page, timeout_s=180)
    return page.url.partition("?")[2]


def _table(folder: Path, name: str, frame: pd.DataFrame) -> Path:
    path = folder / name
    frame.to_csv(path, index=False)
    return path


def _own_scores(page: Page, address: str, folder: Path) -> str:
    """Open a small table with a score column and no model, with long names of groups."""
    rng = np.random.default_rng(3)
    n = 900
    score = rng.beta(2, 2, n).round(4)
    frame = pd.DataFrame(
        {
            "score": score,
            "repaid": np.where(rng.random(n) < score, "yes", "no"),
            "region of the branch where the application was made": rng.choice(
                [f"region {i} with a name that is much longer than a chart has room for" for i in range(14)],
                n,
            ),
            "gender": rng.choice(["female", "male", "not stated"], n, p=[0.48, 0.5, 0.02]),
        }
    )
    query = _upload(page, address, "Data file", _table(folder, "own_scores.csv", frame))
    return _confirmed(page, query)


def _wide(page: Page, address: str, folder: Path) -> str:
    """Open a table of 300 columns."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({f"column_{i:03d}": rng.normal(size=400).round(3) for i in range(298)})
    frame["gender"] = rng.choice(["female", "male"], 400)
    frame["approved"] = rng.choice(["yes", "no"], 400)
    query = _upload(page, address, "Data file", _table(folder, "wide.csv", frame))
    return _confirmed(page, query)


def _confirmed(page: Page, query: str) -> str:
    button = page.get_by_role("button", name="Confirm roles")
    if button.count():
        button.first.click()
        page.wait_for_timeout(500)
        settle(page, timeout_s=180)
        return page.url.partition("?")[2]
    return query


def _refused(page: Page, address: str, folder: Path) -> str:
    """Offer a pickle as a model: the page says why it is not opened."""
    path = folder / "model.skops"
    path.write_bytes(b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.")
    _upload(page, address, "Model file", path)
    return ""


def _stops() -> Iterator[tuple[str, str]]:
    """Name the stops of the tour: the first of a chapter by its number, a further one by its key behind it."""
    seen = set()
    for stop in STOPS:
        yield f"tour:{stop.chapter}{f'-{stop.key}' if stop.chapter in seen else ''}", stop.key
        seen.add(stop.chapter)


State = Callable[["Page", str, Path], str]
#: States that no address leads to: how to get there, and the pages and views that are then looked at ("" = as it is).
STATES: dict[str, tuple[State, tuple[str, ...]]] = {
    "own": (
        _own_scores,
        ("start", "fairness", "fairness:crossing", "data:imbalance", "performance", "explain"),
    ),
    "wide": (_wide, ("data", "data:columns", "correlations", "performance")),
    "refused": (_refused, ("",)),
}
#: Addresses of states of the story.
ADDRESSES = {
    "gone": "fairness?case=x4f0b2c8e9d71a6b3",
    "few": f"fairness?{STORY}&data=production&by=ethnicity",
    "too-few": f"fairness?{STORY}&data=production&by=ethnicity&cross=gender&lens=crossing",
    "policy-of-another": "sign_off?policy=nobody-made-this",
} | {name: f"?{STORY}&tour={key}" for name, key in _stops()}


def wait_for_jobs(page: Page) -> None:
    """Wait until nothing that was started is still at work: a button that stops it would be there."""
    page.get_by_role("button", name="Cancel", exact=True).first.wait_for(state="hidden", timeout=180_000)
    settle(page)


class Camera:
    """Takes pictures of one tab.

    Parameters
    ----------
    page : Page
        The tab.
    out : Path
        Folder of the pictures.
    suffix : str
        What stands behind the name: theme and width.
    log : Path
        The server's output, for the message of a failure.
    """

    def __init__(self, page: Page, out: Path, suffix: str, log: Path) -> None:
        self.page, self.out, self.suffix, self.log = page, out, suffix, log

    def take(self, name: str, address: str = "") -> None:
        """Open an address and take a picture of all that is there; without one, of what is open."""
        page = self.page
        width = page.viewport_size["width"] if page.viewport_size else 1280
        if address:
            page.goto(address)
        settle(page, timeout_s=180)
        if name.startswith("tour:"):
            page.get_by_role("button", name="Show it").click()
            page.wait_for_timeout(500)
            settle(page, timeout_s=180)
        wait_for_jobs(page)
        height = page.evaluate(
            "() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight + 60"
        )
        page.set_viewport_size({"width": width, "height": max(900, min(height, TOPS.get(name, TALLEST)))})
        settle(page, timeout_s=180)
        if page.locator("[data-testid=stException]").count():
            msg = f"The page of {name} shows an error:\n{self.log.read_text(errors='replace')[-2000:]}"
            raise RuntimeError(msg)
        page.screenshot(path=self.out / f"{name.replace(':', '-')}-{self.suffix}.png")
        page.set_viewport_size({"width": width, "height": 900})
        print(f"{name} {self.suffix}", flush=True)


def photograph(camera: Camera, address: str, names: list[str], query: str, folder: Path) -> None:
    """Take the pictures that are asked for, in one theme and width."""
    for name in names:
        state, _, view = name.partition("/")
        if name in ADDRESSES:
            camera.take(name, f"{address}/{ADDRESSES[name]}")
        elif state in STATES:
            found = STATES[state][0](camera.page, address, folder)
            for one in [view] if view else STATES[state][1]:
                where = f"{address}/{path_of(one, found)}" if one else ""
                camera.take(f"{state}-{one}".rstrip("-"), where)
        else:
            best = BEST.get(name.partition(":")[0], "")
            camera.take(name, f"{address}/{path_of(name, '&'.join(filter(None, (STORY, best, query))))}")


def show(out: Path) -> None:
    """Put pictures where the README and the docs find them, in 256 colours: a third of the size, and no eye sees it."""
    for path in sorted(out.glob("*.png")):
        picture = Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        picture.save(SHOWN_IN / path.name, optimize=True)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=REPO / "build" / "screenshots")
    parser.add_argument("--pages", nargs="*", default=[], help="page, page:view or state; none = everything")
    parser.add_argument("--widths", nargs="*", type=int, default=[1280])
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    parser.add_argument("--query", default="", help="for example data=living&by=gender")
    parser.add_argument("--readme", action="store_true", help="only what the README and the docs show")
    parser.add_argument("--unsigned", action="store_true", help="on an empty store, without a month of use")
    args = parser.parse_args()
    names = args.pages or [*everything(), *ADDRESSES, *STATES]
    if args.readme:
        names = [*PAGES, *ALSO_SHOWN]
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        store, log = folder / "store.sqlite", folder / "server.log"
        if not args.unsigned:
            made(f"sqlite:///{store}", with_month=True)
        with (
            serving(store, log, env={"RAI_DASH_KEEP_BATCH_ROWS": "true"}) as address,
            chromium() as browser,
        ):
            for theme in args.themes:
                for width in args.widths:
                    context = browser.new_context(
                        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
                    )
                    suffix = theme if width == 1280 else f"{theme}-{width}"
                    camera = Camera(context.new_page(), args.out, suffix, log)
                    photograph(camera, address, names, args.query, folder)
                    context.close()
    if args.readme:
        show(args.out)


if __name__ == "__main__":
    main()
