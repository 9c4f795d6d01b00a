"""A process is killed while it writes a batch down: entry, problems and suspension are all there, or none of them."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator

import pytest

from rai_dash.govern.desk import Desk
from tests.drills.places import Place, check_whole
from tests.drills.recorder import NAME, policy
from tests.drills.signers import Signers
from tests.policies import PEOPLE, bring_into_force


@pytest.fixture(scope="module")
def recorder() -> Iterator[Callable[[Place, int | str | None], int]]:
    """Lets another process write a batch down till it reaches a point; returns how it ended."""
    found = Signers("tests.drills.recorder")
    yield lambda place, point: found.run(place, ("record", point))[1][0]
    found.close()


def put_in_force(place: Place) -> list[dict]:
    with place.open() as store:
        bring_into_force(store, policy())
    return check_whole(place, [])


def new_kinds(place: Place, before: list[dict]) -> list[str]:
    """Kinds of the entries that came, and that everything which an entry refers to is there."""
    rows = check_whole(place, [])
    assert rows[: len(before)] == before
    kept = {row["sha256"] for row in place.rows("artifact", "sha256")}
    runs = [json.loads(row["body"]) for row in rows if row["kind"] == "monitor.run"]
    assert kept == {body[name] for body in runs for name in ("report", "counts")}
    opened = {row["subject"] for row in rows if row["kind"] == "problem.open"}
    assert opened == {f"problem:{name}" for body in runs for name in body["problems"]}
    assert sum(body["suspended"] for body in runs) == sum(row["kind"] == "policy.suspend" for row in rows)
    return [row["kind"] for row in rows[len(before) :]]


def check_done(place: Place, came: list[str]) -> None:
    assert came[-2:] == ["policy.suspend", "monitor.run"]
    assert set(came[:-2]) == {"problem.open"}
    with place.open() as store:
        assert Desk(store, PEOPLE[0]).find(f"{NAME}@active").suspended is not None


def test_killed_after_each_statement(empty, recorder):
    before = put_in_force(empty)
    point, status = 0, -signal.SIGKILL

    while status == -signal.SIGKILL:
        point += 1
        status = recorder(empty, point)
        if status == -signal.SIGKILL:
            came = new_kinds(empty, before)
            # What comes behind the commit remembers its end; whatever it is, all is in the store.
            if came:
                break
            assert came == []

    # Entry, problems, suspension, texts, artifacts and what is read for them.
    assert point > 30
    if status == 0:
        came = new_kinds(empty, before)
    check_done(empty, came)


@pytest.mark.parametrize(("point", "is_there"), [("before the commit", False), ("after the commit", True)])
def test_killed_around_the_commit(empty, recorder, point, is_there):
    before = put_in_force(empty)

    assert recorder(empty, point) == -signal.SIGKILL

    came = new_kinds(empty, before)
    if is_there:
        check_done(empty, came)
    else:
        assert came == []
    # Whoever comes again can write it down, once.
    assert recorder(empty, None) == 0
    again = new_kinds(empty, before)
    assert again.count("monitor.run") == 1 + is_there
    assert again.count("policy.suspend") == 1
