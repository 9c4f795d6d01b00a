"""A process is killed while it writes about problems: all of what it did is there, or nothing of it."""

from __future__ import annotations

import signal
from functools import partial

import pytest

from rai_dash.data.slices import parse_slice
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.problems import Basis, ProblemDesk, ProblemResult, ProblemScope, Rates, State, Status
from tests.drills.places import check_whole
from tests.drills.signer import POINTS, at_statement, ends, start

ANA = Person(name="Ana", subject="Ana", role=AppRole.ANALYST, sees_rows=True)
ONE, TWO = "1" * 64, "2" * 64
WHY = "Measured by hand on the newest applications."
RATES = Rates(rows=100, n=90.0, wrong=30.0, rest_n=900.0, rest_wrong=90.0, share=0.1, overall=0.12)
#: Further points, and whether what was done is in the store then.
HERE = POINTS | {"after the picked rows": (lambda: at_statement("INSERT INTO ARTIFACT"), False)}
#: Every action and how many entries it makes; the last one makes two at once.
DOINGS = {"pick": 1, "measure": 1, "see again": 2}


def do(store, doing):
    desk, app = ProblemDesk(store, ANA), ProblemDesk(store, None)
    first = desk.problems()[0]
    if doing == "pick":
        desk.open("These two", parse_slice("rows A-1 expected favourable, A-2"))
    elif doing == "measure":
        bases = [Basis(data=data, model="a" * 64, model_class="1", threshold=0.5) for data in (ONE, TWO)]
        desk.record(
            first.id,
            [
                ProblemResult(basis=b, slice_hash=first.slice_hash, state=State.FIXED, rates=RATES)
                for b in bases
            ],
        )
    else:
        app.open(
            "Drifted",
            parse_slice("age < 25"),
            source="monitor",
            cause="c",
            scope=ProblemScope(data=frozenset({TWO})),
        )


def begin(place):
    with place.open() as store:
        first = ProblemDesk(store, None).open("Drifted", parse_slice("age < 25"), source="monitor", cause="c")
        ProblemDesk(store, ANA).status(first.id, "fixed", reason=WHY)
    return [row["hash"] for row in check_whole(place, [])]


def killed(place, doing, point):
    """Do something in a process of its own that dies at a point; return whether it died there."""

    def work(store):
        HERE[point][0]()
        do(store, doing)

    (status,) = ends([start(place.open, work)])
    place.wait_for_the_dead()
    assert status in {0, -signal.SIGKILL}
    return status != 0


@pytest.mark.parametrize("doing", DOINGS)
@pytest.mark.parametrize("point", HERE)
def test_all_of_it_is_there_or_nothing(empty, doing, point):
    before = begin(empty)
    died = killed(empty, doing, point)
    assert died or point in {
        "after the picked rows",
        "after the checkpoint",
        "before the checkpoint file",
        "after the sealed texts",
    }
    rows = check_whole(empty, before)
    is_there = not died or HERE[point][1]
    assert len(rows) - len(before) == (DOINGS[doing] if is_there else 0)
    kept = empty.rows("artifact", "sha256")
    assert len(kept) == (1 if is_there and doing == "pick" else 0)
    with empty.open() as store:
        found = ProblemDesk(store, ANA).problems()
        first = found[0]
        assert len(found) == (2 if is_there and doing == "pick" else 1)
        if doing == "pick" and is_there:
            assert [p.row for p in found[1].slice.rows] == ["A-1", "A-2"]
        assert len(first.results) == (2 if is_there and doing == "measure" else 0)
        again = doing == "see again" and is_there
        assert (first.status, first.scope.data) == ((Status.OPEN, {TWO}) if again else (Status.FIXED, set()))
        do(store, doing)
    check_whole(empty, [row["hash"] for row in rows])


def test_four_processes_open_problems_at_once(empty):
    begin(empty)

    def work(store, i):
        for j in range(5):
            ProblemDesk(store, ANA).open(f"Problem {i}.{j}", parse_slice("age < 25"), cause=f"cause-{j}")

    children = [start(empty.open, partial(work, i=i)) for i in range(4)]
    assert ends(children) == [0] * 4
    empty.wait_for_the_dead()
    check_whole(empty, [])
    with empty.open() as store:
        found = ProblemDesk(store, ANA).problems()
    # A cause opens one problem, whoever comes first.
    assert sorted(p.cause for p in found) == ["c", *(f"cause-{j}" for j in range(5))]
    assert all(sum("saw it again" in line.what for line in p.history) == 3 for p in found[1:])
