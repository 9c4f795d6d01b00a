"""A process is killed while somebody decides: nothing that was confirmed is lost, and nothing is half there."""

from __future__ import annotations

import json
import random
import signal
import time

import pytest

from rai_dash.govern.queue.book import QueueBook
from rai_dash.govern.queue.desk import QueueDesk
from rai_dash.govern.queue.views import BlindCase, Revealed
from tests.drills.places import check_whole
from tests.drills.queue_worker import STEPS, fill, person
from tests.drills.signer import POINTS

ROUNDS, KILLS = 2, 12
#: The latest moment, in units of what opening the store and one case take on this machine now.
LATEST = 2.5
#: An entry of a queue has no checkpoint of its own, and one that seals nothing passes a point less.
PASSED = [
    (step, point)
    for step in STEPS
    for point in POINTS
    if "checkpoint" not in point and (step, point) != ("take", "after the sealed texts")
]


def entries(place):
    """What the chain holds of the queue: kind, case and decision, in order."""
    found = []
    for row in check_whole(place, []):
        if row["kind"].startswith("queue."):
            body = json.loads(row["body"])
            case = body.get("case", body.get("cases", [None])[0])
            found.append((row["kind"].removeprefix("queue."), case, body.get("decision", "")))
    return found


def check_kept(place, confirmed):
    """Every confirmed step is in the chain, in its order, and the queue can be folded from it."""
    there = entries(place)
    told = [tuple(json.loads(line)) for line in confirmed]
    assert [step for step in told if step not in there] == []
    with place.open() as store:
        for queue in QueueBook(store).queues().values():
            for case in queue.cases:
                for read in case.reads:
                    assert read.blind is not None or read.final is None
    return there


@pytest.mark.parametrize(("step", "point"), PASSED)
def test_killed_at_a_named_point_of_a_step(empty, workers, step, point):
    with empty.open() as store:
        queue = fill(store, n=8)
        if step == "take":
            # The person is sealed with their first entry, which a take has then.
            QueueDesk(store, person("Bea")).release(
                queue, QueueDesk(store, person("Bea")).next_case(queue).case
            )

    confirmed, statuses = workers.run(empty, ("step", queue, "Bea", step, point))

    assert statuses == [-signal.SIGKILL]
    assert [json.loads(line)[0] for line in confirmed] == list(STEPS[: STEPS.index(step)])
    there = check_kept(empty, confirmed)
    is_in = POINTS[point][1]
    assert sum(kind == step for kind, _, _ in there) == (1 if is_in else 0) + (1 if step == "take" else 0)
    go_on(empty, queue, step, is_in=is_in)


def go_on(place, queue, step, *, is_in):
    """Whoever was killed comes back, and goes on where the chain says that they were."""
    stands = STEPS.index(step) + is_in
    with place.open() as store:
        desk = QueueDesk(store, person("Bea"))
        seen = desk.next_case(queue)
        if stands == 2:
            assert isinstance(seen, Revealed)
            assert (seen.own.decision, seen.own.note) == ("refuse", "seen")
        else:
            assert isinstance(seen, BlindCase)
            desk.decide_blind(queue, seen.case, "approve", codes=["other"])
        done = desk.decide(queue, seen.case, codes=["other"])
        assert done.settled is not None
        settled = [case.number for case in desk.queue(queue).cases if case.decision is not None]
        assert len(settled) == (2 if stands >= 3 else 1)
    check_whole(place, [])


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_at_random_moments(empty, workers, seed):
    moments = random.Random(seed)
    with empty.open() as store:
        queue = fill(store, n=60, second=0.5)
    confirmed = []
    seconds = decide_here(empty, queue, "Emil")
    for _ in range(KILLS):
        lines, statuses = workers.run(
            empty,
            ("work", queue, "Bea"),
            ("work", queue, "Cem"),
            kill_after=moments.uniform(0, LATEST * seconds),
        )
        assert set(statuses) <= {-signal.SIGKILL, 0}
        confirmed += lines
        check_kept(empty, confirmed)
        seconds = decide_here(empty, queue, "Emil")
    check_first_reads(empty, queue)


def check_first_reads(place, queue):
    with place.open() as store:
        for case in QueueBook(store).queue(queue).cases:
            assert len({read.reader for read in case.reads}) == len(case.reads)
            finals = [read.place for read in case.finals]
            assert finals == sorted(set(finals))


def decide_here(place, queue, name):
    """Decide a case in this process, and see that it worked; return the seconds it took."""
    began = time.monotonic()
    with place.open() as store:
        desk = QueueDesk(store, person(name))
        seen = desk.next_case(queue)
        if seen is not None:
            desk.decide_blind(queue, seen.case, "approve", codes=["other"])
            desk.decide(queue, seen.case, codes=["other"])
            assert desk.next_case(queue) is None or desk.next_case(queue).case != seen.case
    return time.monotonic() - began
