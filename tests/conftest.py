"""What every test may ask for."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from rai_dash.core.settings import get_settings
from tests.servers import PostgresServer, postgres_programs, postgres_server

# Two pytest workers on two cores: OpenMP's threads would wait for each other more than they compute. Read when a
# library is loaded, and none is yet.
os.environ.setdefault("OMP_NUM_THREADS", "1")

REPO = Path(__file__).resolve().parents[1]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the collector of garbage the tests and what they import: they live as long as the process."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def own_data_dir(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the events that tests record out of the user's folder."""
    os.environ["RAI_DASH_DATA_DIR"] = str(tmp_path_factory.mktemp("data_dir"))
    get_settings.cache_clear()


@pytest.fixture
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite not wait for the disk: for tests of rules. Those of crashes and kills wait for it."""
    from rai_dash.govern import database

    prepare = database._prepare_sqlite

    def quick(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=OFF").close()

    monkeypatch.setattr(database, "_prepare_sqlite", quick)


@pytest.fixture
def keeping(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the rows of batches be kept, which review queues need."""
    from tests.unit.govern.queue_story import rows_kept

    rows_kept(monkeypatch)
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def repo() -> Path:
    """Top folder of the checkout."""
    return REPO


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real data and expected figures beside the checkout; tests that need it skip without it."""
    found = Path(os.environ.get("RAI_DASH_TEST_SHARED", REPO.parent / "shared"))
    if not (found / "data").is_dir():
        pytest.skip(f"No real data in {found}. Put the folder there or set RAI_DASH_TEST_SHARED.")
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; tests that drive the browser skip without it."""
    given = os.environ.get("CHROMIUM", "")
    names = (given, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("NO CHROMIUM: the browser tests did not run. Install it or set CHROMIUM=/path/to/it.")
    return found


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """Run a real PostgreSQL, started when the first test asks; tests that need it skip where there is none."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("NO POSTGRESQL: its tests did not run. Install it or set POSTGRESQL=/folder/with/initdb.")
    with postgres_server(programs) as server:
        yield server
