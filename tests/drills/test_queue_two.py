"""Two processes work one queue at once: no case is given to both, nothing leaks, and every decision is there."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from rai_dash.govern.queue.book import QueueBook
from rai_dash.govern.queue.desk import QueueDesk
from tests.drills.places import check_whole
from tests.drills.queue_worker import fill, person

CASES = 40


def steps(place):
    kinds = {"queue.take", "queue.blind", "queue.final"}
    return [
        (row["kind"], row["actor"], json.loads(row["body"]))
        for row in check_whole(place, [])
        if row["kind"] in kinds
    ]


def test_two_at_once_never_get_the_same_first_read(empty, workers):
    with empty.open() as store:
        queue = fill(store, n=CASES)

    lines, statuses = workers.run(empty, ("work", queue, "Bea"), ("work", queue, "Cem"))

    assert statuses == [0, 0]
    told = Counter(json.loads(line)[0] for line in lines)
    assert told == {"take": CASES, "blind": CASES, "final": CASES}
    there = steps(empty)
    for kind in ("queue.take", "queue.blind", "queue.final"):
        own = [body["case"] for k, _, body in there if k == kind]
        assert sorted(own) == list(range(CASES))
    # Both had a share of the work, or this shows nothing about two at once.
    by_person = Counter(actor for kind, actor, _ in there if kind == "queue.final")
    assert len(by_person) == 2
    assert min(by_person.values()) >= 3
    with empty.open() as store:
        assert all(case.decision is not None for case in QueueBook(store).queue(queue).cases)
        assert store.verify() == []


def test_two_readers_of_every_case_read_it_once_each_and_blind(empty, workers):
    with empty.open() as store:
        queue = fill(store, n=CASES, second=1.0)

    # A worker ends when there is nothing for it at that moment: the other may still hold what it is to read next.
    statuses = []
    for _ in range(5):
        statuses += workers.run(empty, ("work", queue, "Bea"), ("work", queue, "Cem"))[1]

    assert set(statuses) == {0}
    there = steps(empty)
    finals = [(actor, body["case"]) for kind, actor, body in there if kind == "queue.final"]
    assert len(finals) == len(set(finals)) == 2 * CASES
    with empty.open() as store:
        cases = QueueBook(store).queue(queue).cases
        for case in cases:
            first, second = case.finals
            assert first.reader != second.reader
            agreed = first.final.decision == second.final.decision
            assert (case.due, case.decision) == ((None, first.final.decision) if agreed else (3, None))
        assert {case.due for case in cases} == {None, 3}
        assert store.verify() == []


def test_threads_of_one_server_share_what_is_known_and_never_a_case(empty):
    """As the app does it: one book for everybody, and a desk for each of four people."""
    with empty.open() as store:
        queue = fill(store, n=CASES)
        book = QueueBook(store)

        def work(name: str) -> list[int]:
            desk, done = QueueDesk(store, person(name), book=book), []
            while (seen := desk.next_case(queue)) is not None:
                desk.lines()
                desk.decide_blind(queue, seen.case, "refuse", codes=["other"])
                desk.decide(queue, seen.case, codes=["other"])
                done.append(seen.case)
            return done

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(work, ["Bea", "Cem", "Dan", "Eva"]))
        assert sorted(case for done in found for case in done) == list(range(CASES))
        assert sum(bool(done) for done in found) >= 2
        assert QueueBook(store).queue(queue) == book.queue(queue)
        assert store.verify() == []
