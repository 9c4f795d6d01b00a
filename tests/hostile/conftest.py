"""Every file of the collection through the doors of the app, two at a time, a good file after each."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.errors import RaiError
from rai_dash.core.types import Roles
from rai_dash.data.read import read_dataset
from rai_dash.ui import upload
from rai_dash.ui.choices import Choices
from tests.hostile.files import GOOD_TABLE
from tests.hostile.model_parts import TABLE, ubj
from tests.hostile.table_foreign import MARKER


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file.

    Parameters
    ----------
    error : RaiError or None
        The refusal.
    case : Case or None
        The case that it made or joined.
    kept : tuple of Case
        What was put into the store.
    good : Case or None
        The case that a good file made right after a refusal.
    """

    error: RaiError | None = None
    case: Case | None = None
    kept: tuple[Case, ...] = ()
    good: Case | None = None


class Desk(threading.local):
    """Stands for session and store, apart for each thread."""

    def __init__(self):
        self.kept = []

    def save(self, case):
        self.kept.append(case)

    open_case = save

    def choose(self, **_):
        """Take a choice, which is of no interest here."""

    def choices(self):
        return Choices()


@dataclass(slots=True)
class Doors:
    """The doors for tables and models, with a store of their own."""

    desk: Desk = field(default_factory=Desk)
    case: Case | None = None
    # Builders silence warnings, which threads share.
    building: threading.Lock = field(default_factory=threading.Lock)

    def open_table(self, file):
        """Upload a table, and a good one after a refusal."""
        return self._through(partial(upload.open_data, name="loans.csv"), file, GOOD_TABLE)

    def add_model(self, file):
        """Upload a model to a case, and a good one after a refusal."""
        outcome = self._through(partial(upload.add_model, self.case, name="model"), file, ubj())
        for case in (outcome.case, outcome.good):
            for model in case.models if case is not None else ():
                model.model.close()
        return outcome

    def _through(self, door, file, good):
        self.desk.kept.clear()
        with self.building:
            content = file.build()
        outcome = self._tried(door, content)
        if outcome.error is None:
            return outcome
        self.desk.kept.clear()
        return replace(outcome, good=self._tried(door, good).case)

    def _tried(self, door, content):
        try:
            case = door(content)
        except RaiError as error:
            return Outcome(error=error, kept=tuple(self.desk.kept))
        return Outcome(case=case, kept=tuple(self.desk.kept))


class Outcomes:
    """Tries all files that this run asks for in two threads, so that the tests only have to look."""

    def __init__(self, doors, jobs):
        self._pool = ThreadPoolExecutor(2)
        self._futures = {file: self._pool.submit(getattr(doors, door), file) for door, file in jobs}

    def of(self, file):
        """Return what became of a file."""
        return self._futures[file].result()

    def wait(self):
        """Wait until every file was tried."""
        for future in self._futures.values():
            future.exception()

    def close(self):
        """Leave out what is still to do."""
        self._pool.shutdown(cancel_futures=True)


def _jobs(items):
    """List the files of the tests of this run, with the door of each."""
    doors = {"table": "open_table", "model": "add_model"}
    found = [getattr(item, "callspec", SimpleNamespace(params={})).params for item in items]
    return dict.fromkeys(
        (doors[name], file) for params in found for name, file in params.items() if name in doors
    )


def _doors():
    """Return the numbers of the processes of ours that this one started and that are still there."""
    lists = Path("/proc/self/task").glob("*/children")
    numbers = [n for tasks in lists for n in tasks.read_text().split()]
    commands = {n: Path(f"/proc/{n}/cmdline").read_bytes() for n in numbers if Path(f"/proc/{n}").exists()}
    return [n for n, command in commands.items() if b"rai_dash" in command]


@pytest.fixture(scope="module")
def doors_before():
    """Processes that were there before: models that other tests have open."""
    return set(_doors())


@pytest.fixture(scope="module")
def outcomes(request, own_data_dir, doors_before):
    """What became of each file that the tests of one module ask for."""
    roles = Roles(target="y", favourable=("1",), sensitive=("g",), features=("a", "b"))
    data = CaseData(key="data", title="t", role=DataRole.TRAINING, dataset=read_dataset(TABLE, roles))
    doors = Doors(case=Case(id="hostile", title="t", data=(data,), default_data="data"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upload, "state", doors.desk)
        found = Outcomes(doors, _jobs(i for i in request.session.items if i.path == request.path))
        yield found
        found.close()


@pytest.fixture
def doors_left(doors_before):
    """Processes that read files and are still there."""
    return lambda: [n for n in _doors() if n not in doors_before]


@pytest.fixture(autouse=True)
def nothing_ran():
    """No file of any test may run what it carries."""
    yield
    assert not MARKER.exists()
