"""The Monitor page in Chromium: a batch is uploaded, and the page says in words what is no longer true."""

from __future__ import annotations

import re

import driving
from playwright.sync_api import Page, expect

from rai_dash.bundled import open_bundled
from tests.browser.conftest import Visit


def _reads(page: Page) -> str:
    driving.settle(page, timeout_s=120)
    text = page.locator("[data-testid=stMain]").inner_text()
    return re.sub(r"\s+", " ", text.replace("\N{WORD JOINER}", ""))


def test_an_uploaded_batch_is_held_against_todays_band_and_found_wanting(visit: Visit) -> None:
    living = next(d for d in open_bundled("story", "story.monitor").data if d.key == "living").dataset
    batch = living.frame.head(400).to_csv(index=False).encode()
    page = visit("monitor?case=story.monitorbrowser&watched=columns")
    before = _reads(page)
    assert "Nothing is signed." in before
    assert "110 applications" in before

    page.get_by_text("Bring another batch", exact=True).click()
    page.locator("input[type=file]").set_input_files(
        {"name": "november.csv", "mimeType": "text/csv", "buffer": batch}
    )
    expect(page.get_by_text(re.compile("400 applications, the outcome of all is known"))).to_be_visible(
        timeout=60_000
    )

    told = _reads(page)
    assert "Today’s band would no longer hold" in told
    good = living.outcome[:400].mean()
    assert f"{100 * good:.0f} % of the known outcomes are favourable, 1.1 % was measured" in told
    assert page.locator("[data-testid=stVegaLiteChart]").count() >= 3
    assert not page.locator("[data-testid=stException]").count()
    # The data that are looked at did not change: today's band still is that of the past applications.
    assert "signed on Past applications (8,000)" in told
