"""What follows from the entries of queues, one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rai_dash.core.errors import LedgerBroken
from rai_dash.govern.journal import JournalEntry
from rai_dash.govern.queue.bodies import (
    Accept,
    BlindSaid,
    Fill,
    FinalSaid,
    OfCase,
    Outcomes,
    Release,
    Take,
)
from rai_dash.govern.queue.state import Case, Opinion, Queue, Read


def fold(queues: dict[str, Queue], entries: Iterable[JournalEntry]) -> dict[str, Queue]:
    """Go on from some queues with the next entries.

    Parameters
    ----------
    queues : dict of str to Queue
        By id; left as it is.
    entries : iterable of JournalEntry
        In the order of the ledger.

    Raises
    ------
    LedgerBroken
        When an entry cannot follow the ones before it.
    """
    found, cases = dict(queues), dict[str, list[Case]]()
    for entry in entries:
        if entry.kind == "queue.key":
            continue
        if isinstance(entry.body, Fill):
            found[entry.subject] = _filled(entry)
            cases[entry.subject] = list(found[entry.subject].cases)
            continue
        if entry.subject not in found:
            raise _misplaced(entry)
        own = cases.setdefault(entry.subject, list(found[entry.subject].cases))
        outcomes = entry.body.outcomes if isinstance(entry.body, Outcomes) else found[entry.subject].outcomes
        if not isinstance(entry.body, Outcomes):
            _step(own, entry)
        found[entry.subject] = replace(found[entry.subject], outcomes=outcomes, seq=entry.seq, at=entry.at)
    return found | {name: replace(found[name], cases=tuple(own)) for name, own in cases.items()}


def _filled(entry: JournalEntry) -> Queue:
    fill: Fill = entry.body
    cases = tuple(
        Case(number=i, route=route, side=side, two_reads=second == "1")
        for i, (route, side, second) in enumerate(zip(fill.routes, fill.sides, fill.second, strict=True))
    )
    return Queue(
        id=entry.subject,
        fill=fill,
        filled_at=entry.at,
        cases=cases,
        seq=entry.seq,
        at=entry.at,
    )


def _step(cases: list[Case], entry: JournalEntry) -> None:
    body = entry.body
    numbers = body.cases if isinstance(body, Accept) else (body.case,)
    if any(number >= len(cases) for number in numbers):
        raise _misplaced(entry)
    if isinstance(body, Accept):
        for number in numbers:
            cases[number] = replace(cases[number], accepted=entry.seq)
        return
    cases[body.case] = _read_on(cases[body.case], body, entry)


def _read_on(case: Case, body: OfCase, entry: JournalEntry) -> Case:
    if isinstance(body, Take):
        # Whoever took it before and decided nothing in their time leaves no trace in the state; the entry stays.
        kept = tuple(r for r in case.reads if r.place != body.place or r.blind is not None)
        new = Read(place=body.place, reader=entry.actor, taken_at=entry.at, until=body.until)
        return replace(case, reads=(*kept, new))
    # By the place and not by the person: a name that changed at the sign-in meanwhile has another reference.
    at = next((i for i in reversed(range(len(case.reads))) if case.reads[i].place == body.place), None)
    if at is None:
        raise _misplaced(entry)
    read = case.reads[at]
    if isinstance(body, Release):
        return replace(case, reads=(*case.reads[:at], *case.reads[at + 1 :]))
    return replace(case, reads=(*case.reads[:at], _said(read, body, entry), *case.reads[at + 1 :]))


def _said(read: Read, body: OfCase, entry: JournalEntry) -> Read:
    if not isinstance(body, BlindSaid):
        raise _misplaced(entry)
    said = Opinion(
        decision=body.decision,
        codes=body.codes,
        note=body.note,
        at=entry.at,
        seconds=body.seconds,
        seq=entry.seq,
        hash=entry.hash,
    )
    changes: dict[str, Any] = {"blind": said, "until": entry.at + (read.until - read.taken_at)}
    if isinstance(body, FinalSaid):
        changes = {"final": said, "changed": body.changed, "override": body.override}
    if (read.blind is None) is isinstance(body, FinalSaid) or read.final is not None:
        raise _misplaced(entry)
    return replace(read, **changes)


def _misplaced(entry: JournalEntry) -> LedgerBroken:
    msg = (
        f"Record {entry.seq} ({entry.kind}) cannot follow the records before it. "
        "It was not written by this app: verify the ledger."
    )
    return LedgerBroken(msg)
