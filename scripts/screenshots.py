"""Pictures of the real app for the README and for looking at: every page, light and dark, wide and narrow."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from driving import REPO, chromium, serving, settle
from signed_story import made

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = sorted(p.stem for p in (REPO / "pages").glob("*.py"))
#: What the README shows.
SHOWN = ("start", "data", "performance", "fairness", "explain", "review_band", "monitor")
#: Pixels of a picture, at most, and of pages of which the top says enough.
TALLEST = 5000
TOPS = {"monitor": 1560}
#: What the address calls the views of a page, and those that do not come first.
VIEWS = {
    "problems": ("problems", ("find", "report")),
    "models": ("candidates", ("groups", "people", "problems", "cost", "reasons", "living", "choose")),
    "changed": ("changed", ("data", "policies", "batches", "runs")),
    "queue": ("queue_view", ("figures", "fill")),
}
#: Every page, and every further view of those above as ``page:view``.
EVERYTHING = (*PAGES, *(f"{page}:{view}" for page, (_, views) in VIEWS.items() for view in views))


def path_of(name: str, query: str) -> str:
    """Write the address of a page or of one of its views, of one case for all pictures."""
    page, _, view = name.partition(":")
    parts = ["case=story.shots", query, f"{VIEWS[page][0]}={view}" if view else ""]
    return f"{'' if page == 'start' else page}?{'&'.join(filter(None, parts))}"


def tallest(name: str) -> int:
    """Return how tall the picture of a page may be."""
    return TOPS.get(name, TALLEST)


def wait_for_jobs(page: Page) -> None:
    """Wait until nothing that was started is still at work: a button that stops it would be there."""
    page.get_by_role("button", name="Cancel", exact=True).first.wait_for(state="hidden", timeout=180_000)
    settle(page)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REPO / "docs" / "screenshots")
    parser.add_argument("--pages", nargs="*", default=list(SHOWN), help="page or page:view; all = everything")
    parser.add_argument("--widths", nargs="*", type=int, default=[1280])
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    parser.add_argument("--query", default="", help="for example data=living&by=gender")
    parser.add_argument(
        "--month", action="store_true", help="on a store with a signed policy and a month of use"
    )
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        store, log = Path(folder) / "store.sqlite", Path(folder) / "server.log"
        if args.month:
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
                    page = context.new_page()
                    for name in EVERYTHING if args.pages == ["all"] else args.pages:
                        page.goto(f"{address}/{path_of(name, args.query)}")
                        settle(page, timeout_s=120)
                        wait_for_jobs(page)
                        height = page.evaluate(
                            "() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight + 60"
                        )
                        page.set_viewport_size(
                            {"width": width, "height": max(900, min(height, tallest(name)))}
                        )
                        settle(page)
                        if page.locator("[data-testid=stException]").count():
                            msg = f"The page of {name} shows an error:\n{log.read_text(errors='replace')[-2000:]}"
                            raise RuntimeError(msg)
                        suffix = theme if width == 1280 else f"{theme}-{width}"
                        page.screenshot(path=args.out / f"{name.replace(':', '-')}-{suffix}.png")
                        page.set_viewport_size({"width": width, "height": 900})
                        print(f"{name} {theme} {width}", flush=True)
                    context.close()


if __name__ == "__main__":
    main()
