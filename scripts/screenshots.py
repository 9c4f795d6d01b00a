"""Pictures of the real app for the README and for looking at: every page, light and dark, wide and narrow."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from driving import REPO, chromium, serving, settle

PAGES = sorted(p.stem for p in (REPO / "pages").glob("*.py"))
#: What the README shows.
SHOWN = ("start", "data", "performance", "fairness", "explain", "review_band")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REPO / "docs" / "screenshots")
    parser.add_argument("--pages", nargs="*", default=list(SHOWN))
    parser.add_argument("--widths", nargs="*", type=int, default=[1280])
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    parser.add_argument("--query", default="", help="for example data=living&by=gender")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        store, log = Path(folder) / "store.sqlite", Path(folder) / "server.log"
        with serving(store, log) as address, chromium() as browser:
            for theme in args.themes:
                for width in args.widths:
                    context = browser.new_context(
                        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
                    )
                    page = context.new_page()
                    for name in args.pages:
                        path = "" if name == "start" else name
                        query = f"?case=story.shots&{args.query}" if args.query else ""
                        page.goto(f"{address}/{path}{query}")
                        settle(page, timeout_s=120)
                        height = page.evaluate(
                            "() => document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight + 60"
                        )
                        page.set_viewport_size({"width": width, "height": max(900, min(height, 5000))})
                        settle(page)
                        suffix = theme if width == 1280 else f"{theme}-{width}"
                        page.screenshot(path=args.out / f"{name}-{suffix}.png")
                        page.set_viewport_size({"width": width, "height": 900})
                        print(f"{name} {theme} {width}", flush=True)
                    context.close()


if __name__ == "__main__":
    main()
