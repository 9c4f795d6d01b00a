"""One real server and one real Chromium for all browser tests."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import driving

Visit = Callable[..., Page]
# A machine that also does other work is slow, not wrong.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that it can be left out."""
    for item in items:
        if Path(__file__).parent in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app, with a store of its own."""
    folder = tmp_path_factory.mktemp("server")
    with driving.serving(folder / "store.sqlite", folder / "server.log") as found:
        yield found


@pytest.fixture
def own_address(tmp_path: Path) -> Iterator[str]:
    """Address of an app with an empty store, for a test that leaves something in it."""
    with driving.serving(tmp_path / "store.sqlite", tmp_path / "server.log") as found:
        yield found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The one Chromium."""
    with driving.chromium(chromium) as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    found = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
    )
    yield found
    found.close()


@pytest.fixture
def visit(context: BrowserContext, address: str) -> Visit:
    """Open an address of the app in a new tab and wait until it has settled."""

    def open_(path: str = "", page: Page | None = None) -> Page:
        tab = page or context.new_page()
        tab.goto(f"{address}/{path}")
        driving.settle(tab, timeout_s=120)
        return tab

    return open_


@pytest.fixture(scope="session")
def german(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """German credit as a CSV with its own separator, and a scikit-learn pipeline for it."""
    import skops.io
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    folder = tmp_path_factory.mktemp("german")
    raw = gzip.decompress((shared / "data/german-credit/german_credit_decoded.csv.gz").read_bytes())
    source = folder / "source.csv"
    source.write_bytes(raw)
    frame = pd.read_csv(source, keep_default_na=False)
    table = folder / "german.csv"
    frame.to_csv(table, index=False, sep=";")
    features = frame.drop(columns=["credit_risk", "sex", "personal_status_and_sex", "foreign_worker"])
    text = [c for c in features if not pd.api.types.is_numeric_dtype(features[c])]
    pipeline = make_pipeline(
        make_column_transformer((OneHotEncoder(handle_unknown="ignore"), text), remainder=StandardScaler()),
        LogisticRegression(max_iter=1000),
    ).fit(features, frame["credit_risk"])
    model = folder / "german.skops"
    skops.io.dump(pipeline, model)
    return table, model
