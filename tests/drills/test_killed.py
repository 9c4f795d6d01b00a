"""A process is killed while somebody signs: nothing that was confirmed is lost, and nothing is half there."""

from __future__ import annotations

import random
import signal
import time

import pytest

from tests.drills.places import check_whole
from tests.drills.signer import POINTS
from tests.drills.signing import POLICY, look_on, put_forward

#: A hundred on each database; a fresh store now and then, or checking it would take most of the time.
ROUNDS, KILLS = 4, 25
#: The latest moment, in units of what opening the store and signing take on this machine now: a process that is
#: doubled has read none of the entries before, and takes about twice as long.
LATEST = 5.0


def sign_on(place, confirmed):
    """Check what is there, sign in this process, and see that it worked; return the hash and the seconds it took."""
    before = [row["hash"] for row in check_whole(place, confirmed)]
    began = time.monotonic()
    with place.open() as store:
        last = look_on(store, name="Emil")()
    seconds = time.monotonic() - began
    assert [row["hash"] for row in place.rows()] == [*before, last]
    return last, seconds


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(empty, signers, point):
    confirmed, statuses = signers.run(empty, ("sign", point))

    assert statuses == [-signal.SIGKILL]
    assert len(confirmed) == 1
    assert len(empty.rows()) == 4 + POINTS[point][1]
    last, _ = sign_on(empty, confirmed)
    check_whole(empty, [*confirmed, last])


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_at_random_moments(empty, signers, seed):
    moments = random.Random(seed)
    with empty.open() as store:
        put_forward(store, POLICY)
    last, seconds = sign_on(empty, [])
    confirmed = [last]

    for _ in range(KILLS):
        signed, statuses = signers.run(
            empty, ("again", "Bo"), kill_after=moments.uniform(0, LATEST * seconds)
        )
        assert statuses == [-signal.SIGKILL]
        last, seconds = sign_on(empty, [*confirmed, *signed])
        confirmed += [*signed, last]

    # Of every killed process one signature can be in the store that it had no time to confirm.
    signatures = [row for row in check_whole(empty, confirmed) if row["kind"] == "policy.signature"][1:]
    assert len(confirmed) <= len(signatures) <= len(confirmed) + KILLS
    assert len(confirmed) > KILLS + 2, "nothing was signed before a kill"


def test_four_processes_sign_at_once(empty, signers):
    each = 10
    with empty.open() as store:
        put_forward(store, POLICY)

    confirmed, statuses = signers.run(empty, *(("repeat", f"Person {i}", each, 0, 0) for i in range(4)))

    assert statuses == [0, 0, 0, 0]
    assert len(set(confirmed)) == 4 * each
    rows = check_whole(empty, confirmed)
    assert [row["seq"] for row in rows] == list(range(1, 3 + 4 * each + 1))
    assert len({row["actor"] for row in rows}) == 1 + 4


def test_four_processes_make_one_store_at_once(empty, signers):
    """Its tables, its key and its first entry are each made once."""
    _, statuses = signers.run(empty, *(("forward", f"loans-{i}") for i in range(4)))

    assert statuses == [0, 0, 0, 0]
    rows = check_whole(empty, [])
    assert [row["seq"] for row in rows] == list(range(1, 4 * 3 + 1))
    assert {row["subject"] for row in rows} == {f"policy:loans-{i}" for i in range(4)}
    assert len({row["key_id"] for row in empty.rows("checkpoint", "n")}) == 1
