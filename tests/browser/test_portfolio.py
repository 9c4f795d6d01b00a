"""A folder that is opened where it lies: its first finding, and a threshold that is counted over all of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import driving
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page, expect

PARTS, ROWS = 3, 10_000


@pytest.fixture(scope="module")
def loans() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = PARTS * ROWS
    score = rng.beta(3, 2, n).round(3)
    return pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], n),
            "income": rng.lognormal(10, 0.5, n).round(),
            "outcome": np.where(rng.random(n) < score, "repaid", "defaulted"),
            "score": score,
        }
    )


@pytest.fixture(scope="module")
def server(loans: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of an app whose operator named a folder with the three parts."""
    own = tmp_path_factory.mktemp("portfolio")
    place = own / "data" / "loans"
    place.mkdir(parents=True)
    for i in range(PARTS):
        loans.iloc[i * ROWS : (i + 1) * ROWS].to_parquet(place / f"part-{i}.parquet", index=False)
    env = {"RAI_DASH_DATA_FOLDER": str(place.parent), "RAI_DASH_SAMPLE_ROWS": "2000"}
    with driving.serving(own / "store.sqlite", own / "server.log", env=env) as found:
        yield found


def _main(page: Page) -> str:
    text = page.get_by_test_id("stMain").inner_text()
    assert page.get_by_test_id("stException").count() == 0
    assert "Something went wrong" not in text
    return text.replace("\N{WORD JOINER}", "")


def _right(loans: pd.DataFrame, threshold: float) -> str:
    right = int(((loans["score"] >= threshold) == (loans["outcome"] == "repaid")).sum())
    return f"{right:,} of {len(loans):,} applicants"


def test_a_folder_is_opened_counted_and_judged_at_another_threshold(
    context: BrowserContext, server: str, loans: pd.DataFrame
) -> None:
    page = context.new_page()
    page.goto(server)
    driving.settle(page, timeout_s=120)
    field = page.get_by_role("combobox", name="Or a table on this server")
    field.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    field.click()
    field.fill("loans")
    page.get_by_role("option", name=re.compile("^loans")).wait_for()
    field.press("Enter")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_text("30,000 rows counted · 2,000 in the sample")).to_be_visible(timeout=60_000)
    driving.settle(page, timeout_s=120)
    assert "30,000 rows, 4 columns. Counted where it lies, 3 Parquet files" in _main(page)

    page.get_by_role("link", name="Performance").click()
    expect(page.get_by_text(_right(loans, 0.5))).to_be_visible(timeout=60_000)
    driving.settle(page)
    page.locator(
        "[data-testid=stSlider] [role=slider], [data-testid=stSlider] input[type=range]"
    ).first.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    driving.settle(page)
    expect(page.locator("[data-testid=stSlider]").first).to_contain_text("52.0 %")

    expect(page.get_by_text(_right(loans, 0.52))).to_be_visible()
