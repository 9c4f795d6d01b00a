"""The steps of a reader through a case, inside one transaction each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.data.labels import label_text
from rai_dash.govern._desk_rules import tidy
from rai_dash.govern._told import Told
from rai_dash.govern.journal import JournalEntry, JournalWork
from rai_dash.govern.queue.bodies import ROUTE_LETTERS, THIRD, Decision
from rai_dash.govern.queue.fold import fold
from rai_dash.govern.queue.readers import Reader
from rai_dash.govern.queue.reasons import check_codes
from rai_dash.govern.queue.rows import CaseRows
from rai_dash.govern.queue.state import Case, Opinion, Queue, Read
from rai_dash.govern.queue.views import BlindCase, Finished, Revealed, Said, overrides
from rai_dash.review.row_routes import ROUTES

#: Looks sealed texts up by their references.
Texts = Callable[[Collection[str]], Mapping[str, str | None]]
_SIDES: Final = {"0": False, "1": True, "-": None}


@dataclass(frozen=True, slots=True)
class Given:
    """What a reader typed; None = as before."""

    decision: Decision | None
    codes: tuple[str, ...] | None
    note: str
    seconds: int | None


def begin(
    work: JournalWork, queue: Queue, reader: Reader, rows: CaseRows, lease: timedelta
) -> BlindCase | Revealed | None:
    """Go on with a case that was begun, else take the next one."""
    open_case = reader.open_case(queue)
    if open_case is not None:
        case, read = open_case
        if read.blind is not None:
            return revealed(queue, reader, case, rows, work.writing.texts)
        if read.is_held(work.at):
            return _blind(queue, case, read, rows)
    case_or_none = open_case[0] if open_case is not None else reader.next_case(queue, work.at)
    if case_or_none is None or case_or_none.due is None:
        return None
    taken = work.write("queue.take", case=case_or_none.number, place=case_or_none.due, until=work.at + lease)
    case = _after(queue, taken).cases[case_or_none.number]
    return _blind(queue, case, case.reads[-1], rows)


def give_back(work: JournalWork, queue: Queue, reader: Reader, number: int) -> None:
    """Write that a case was given back."""
    _, read = _begun(queue, reader, number)
    if read.blind is not None:
        msg = tr("You have decided this case blind, which stays recorded. Give your final decision now.")
        raise InvalidChoice(msg)
    work.write("queue.release", case=number, place=read.place)


def say_blind(work: JournalWork, queue: Queue, reader: Reader, number: int, given: Given) -> Case:
    """Write the blind decision; return the case with it."""
    _, read = _begun(queue, reader, number)
    if read.blind is not None:
        msg = tr(
            "You have decided this case blind already; what you said then stays. Give your final decision."
        )
        raise InvalidChoice(msg)
    decision = given.decision or Decision.CANNOT_SAY
    needed = tr("A refusal") if decision is Decision.REFUSE else ""
    entry = work.write(
        "queue.blind",
        case=number,
        place=read.place,
        decision=decision,
        codes=check_codes(given.codes or (), queue.fill.codes, needed=needed),
        note=_note(work, given.note),
        seconds=_seconds(given.seconds, work.at, since=read.taken_at),
    )
    return _after(queue, entry).cases[number]


def say_finally(work: JournalWork, queue: Queue, reader: Reader, number: int, given: Given) -> int:
    """Write the final decision; return the place of the read."""
    case, read = _begun(queue, reader, number)
    if read.blind is None:
        msg = tr("Decide this case blind first: the final decision comes after the model was shown.")
        raise InvalidChoice(msg)
    decision = given.decision or read.blind.decision
    is_override = overrides(decision, side=_SIDES[case.side])
    needed = tr("A refusal") if decision is Decision.REFUSE else ""
    if is_override:
        needed = tr("A decision against the model")
    codes = read.blind.codes if given.codes is None else given.codes
    work.write(
        "queue.final",
        case=number,
        place=read.place,
        decision=decision,
        codes=check_codes(codes, queue.fill.codes, needed=needed),
        note=_note(work, given.note),
        seconds=_seconds(given.seconds, work.at, since=read.blind.at),
        changed=decision is not read.blind.decision,
        override=is_override,
    )
    return read.place


def check_acceptable(queue: Queue, cases: Sequence[int]) -> None:
    """Refuse cases that cannot be accepted.

    Raises
    ------
    InvalidChoice
        With the first one and why.
    """
    if not cases:
        msg = tr("No case was chosen. Choose settled ones.")
        raise InvalidChoice(msg)
    for number in cases:
        if not 0 <= number < len(queue.cases):
            msg = tr(
                "There is no case {number} in this queue. Choose from 0 to {cases}.",
                number=number,
                cases=len(queue.cases) - 1,
            )
            raise InvalidChoice(msg)
        case = queue.cases[number]
        if case.decision in {None, Decision.CANNOT_SAY}:
            msg = tr(
                "Case {number} is not settled, so there is nothing to accept. Leave it out.", number=number
            )
            raise InvalidChoice(msg)
        if case.accepted is not None:
            msg = tr("Case {number} was accepted before. Leave it out.", number=number)
            raise InvalidChoice(msg)


def current(queue: Queue, reader: Reader, rows: CaseRows, texts: Texts) -> BlindCase | Revealed | None:
    """Return the case that is with a reader, as far as they have come; None = there is none, or its time is over."""
    begun = reader.open_case(queue)
    if begun is None:
        return None
    case, read = begun
    return (
        _blind(queue, case, read, rows) if read.blind is None else revealed(queue, reader, case, rows, texts)
    )


def revealed(queue: Queue, reader: Reader, case: Case, rows: CaseRows, texts: Texts) -> Revealed:
    """Show the model to somebody who has decided blind.

    Parameters
    ----------
    queue, reader, case, rows
    texts : callable
        Looks sealed texts up.

    Raises
    ------
    InvalidChoice
        When they have not.
    """
    read = case.open_read(reader.own)
    if read is None or read.blind is None:
        msg = tr("Decide this case blind first.")
        raise InvalidChoice(msg)
    score = float(rows.score[case.number])
    others = [r for r in case.finals if r.place < read.place] if read.place == THIRD else []
    notes = [
        o.note for r in (read, *others) for o in (r.blind, r.final) if o is not None and o.note is not None
    ]
    told, fill = Told(texts({note.sealed for note in notes})), queue.fill
    return Revealed(
        queue=queue.id,
        case=case.number,
        values=_values(case, rows),
        codes=fill.codes,
        until=read.until,
        row=int(rows.row[case.number]),
        score=score if np.isfinite(score) else None,
        band=ReviewBand(fill.lo, fill.threshold, fill.hi),
        route=ROUTES[ROUTE_LETTERS.index(case.route)],
        reason=queue.reason(case.number),
        side=_SIDES[case.side],
        own=_told(read.blind, told),
        others=tuple(_told(r.final, told) for r in others if r.final is not None),
    )


def finished(case: Case, place: int, texts: Mapping[str, str | None]) -> Finished:
    """Say what came of a final decision, to whoever gave it."""
    own = next(r for r in case.finals if r.place == place)
    told, is_settled = Told(texts), case.due is None
    others = tuple(
        replace(_told(r.final, told), name=told.name(r.reader) if is_settled else None)
        for r in case.finals
        if r.place != place and r.final is not None
    )
    return Finished(
        case=case.number, changed=own.changed, override=own.override, settled=case.decision, others=others
    )


def only(queue: Queue, refs: Collection[str]) -> Queue:
    """Return a queue with the reads of some people alone; what they have not decided yet is blank."""
    cases = tuple(_own(case, refs) for case in queue.cases)
    fill = queue.fill.model_copy(
        update={
            "routes": "".join(case.route for case in cases),
            "sides": "".join(case.side for case in cases),
            "second": "0" * len(cases),
            "reason_names": ("",),
            "reasons": (0,) * len(cases),
        }
    )
    return replace(queue, fill=fill, cases=cases)


def _own(case: Case, refs: Collection[str]) -> Case:
    reads = tuple(r for r in case.reads if r.reader in refs and r.blind is not None)
    if not reads:
        return Case(number=case.number, route=ROUTE_LETTERS[1], side="-", two_reads=False)
    return replace(case, two_reads=False, accepted=None, reads=reads)


def _begun(queue: Queue, reader: Reader, number: int) -> tuple[Case, Read]:
    if not 0 <= number < len(queue.cases):
        msg = tr("There is no case {number} in this queue. Ask for the next one.", number=number)
        raise InvalidChoice(msg)
    case = queue.cases[number]
    read = case.open_read(reader.own)
    if read is None:
        msg = tr(
            "This case is not with you: you have finished it, or your time was over and somebody else "
            "took it. What you decided is kept. Ask for the next one."
        )
        raise InvalidChoice(msg)
    return case, read


def _after(queue: Queue, entry: JournalEntry) -> Queue:
    return fold({queue.id: queue}, [entry])[queue.id]


def _blind(queue: Queue, case: Case, read: Read, rows: CaseRows) -> BlindCase:
    return BlindCase(
        queue=queue.id,
        case=case.number,
        values=_values(case, rows),
        withheld=rows.roles.sensitive,
        codes=queue.fill.codes,
        taken_at=read.taken_at,
        until=read.until,
    )


def _values(case: Case, rows: CaseRows) -> dict[str, object]:
    row = rows.frame.iloc[case.number]
    return {name: None if pd.isna(row[name]) else label_text(row[name]) for name in rows.shown}


def _told(opinion: Opinion | None, told: Told) -> Said:
    if opinion is None:
        msg = tr("There is nothing to tell yet.")
        raise InvalidChoice(msg)
    return Said(decision=opinion.decision, codes=opinion.codes, note=told.text(opinion.note))


def _note(work: JournalWork, text: str) -> dict[str, str] | None:
    note = tidy(text, "note", least=0)
    return work.sealed(note) if note else None


def _seconds(given: int | None, at: datetime, *, since: datetime) -> int:
    most = max(0, int((at - since).total_seconds()))
    return most if given is None else min(max(0, given), most + 1)
