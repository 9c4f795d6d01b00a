"""The app without a browser: every page through ``app.py``, as Streamlit runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import read_dataset
from rai_dash.ui import state, training
from rai_dash.ui.store import new_case_id

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep signatures of tests out of the user's store."""
    monkeypatch.setenv("RAI_DASH_DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")
    get_settings.cache_clear()


@pytest.fixture(autouse=True)
def warm_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as on a server that has navigated before: AppTest pretends a cold one at every run.

    On a cold server a page hands over to the navigation and runs again, which would lose a click.
    """
    original = PagesManager.__init__

    def warm(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", warm)


@pytest.fixture
def open_page(repo: Path) -> Open:
    """Open one page; ``case`` is put into the store first, ``query`` into the address."""

    def run(page: str, *, case: Case | None = None, **query: str) -> AppTest:
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=120)
        if case is not None:
            state.store().put(case)
            query["case"] = case.id
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
        if page != "start":
            at.switch_page(f"pages/{page}.py")
            at.run()
        return at

    return run


def table_case(csv: str, roles: Roles) -> Case:
    """Build a case from the text of a CSV."""
    dataset = read_dataset(csv.encode(), roles, name="table.csv")
    data = CaseData(key="data", title="table.csv", role=DataRole.TRAINING, dataset=dataset, source="uploaded")
    return Case(id=f"case-{dataset.fingerprint[:12]}", title="table.csv", data=(data,), default_data="data")


def uploaded_case(csv: str, roles: Roles) -> Case:
    """Build a case as an upload leaves it: its file is at hand."""
    made = table_case(csv, roles)
    data = (replace(made.data[0], content=csv.encode(), options=ReadOptions()),)
    return replace(made, id=new_case_id(), data=data)


def stops(at: AppTest) -> list[str]:
    """Keys of the buttons that stop a job: one for each that is shown to run."""
    return [str(b.key) for b in at.button if str(b.key).startswith(training.CANCEL)]


def settled(at: AppTest, seconds: float = 110) -> AppTest:
    """Run again until no job shows how far it is."""
    end = time.monotonic() + seconds
    while stops(at) and time.monotonic() < end:
        for key in stops(at):
            job = training.jobs().get(key.removeprefix(training.CANCEL))
            if job is not None:
                job.wait(max(0.0, end - time.monotonic()))
        at.run()
    return at


def pressed(at: AppTest, key: str) -> AppTest:
    """Press a button, and wait for the job that it starts."""
    at.button(key=key).click()
    at.run()
    return settled(at)


@pytest.fixture
def as_role(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Let whoever is not signed in be of a role."""

    def set_(role: str) -> None:
        monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", role)
        get_settings.cache_clear()

    yield set_
    monkeypatch.undo()
    get_settings.cache_clear()


def press_label(at: AppTest, label: str) -> AppTest:
    """Press the first button that is called so."""
    next(b for b in at.button if b.label == label).click()
    at.run()
    assert not at.exception
    return at


def press_key(at: AppTest, key: str) -> AppTest:
    """Press the button with a key."""
    at.button(key=key).click().run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    """All words of a page as they are read, without the escapes."""
    return texts(at).replace("\\", "").replace("\N{WORD JOINER}", "")


def texts(at: AppTest) -> str:
    """All words on a page."""
    parts = [e.value for kind in ("title", "markdown", "caption", "info", "warning", "error", "header", "success")
             for e in getattr(at, kind)]  # fmt: skip
    # A blank that keeps a number and its unit on one line is read as any other.
    return "\n".join(str(p) for p in parts).replace("\N{NO-BREAK SPACE}", " ")
