"""A problem as it stands, folded from its entries in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rai_dash.core.errors import InvalidChoice, LedgerBroken
from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import count
from rai_dash.govern._told import Told
from rai_dash.govern.journal import JournalEntry
from rai_dash.govern.problems import _bodies as bodies
from rai_dash.govern.problems.nouns import (
    MOST_HARM,
    HistoryLine,
    Problem,
    ProblemResult,
    ProblemScope,
    Source,
    Status,
    last_day,
)
from rai_dash.govern.sealed import is_ref
from rai_dash.govern.timeline import ERASED_NAME

if TYPE_CHECKING:
    from rai_dash.data.slices import Slice

#: Finds hand-picked rows by their hash.
Rows = Callable[[str], "Slice | None"]
SOURCE_WORDS: Final[Mapping[Source, str]] = {
    Source.PERSON: "seen by a person",
    Source.MONITOR: "found by the monitor",
    Source.SLICES: "found where the error concentrates",
    Source.LEAK: "from a finding about a leak",
    Source.PROXY: "from a finding about a proxy",
    Source.EXPLANATION: "from an explanation",
}


@dataclass(slots=True)
class _Draft:
    """What is known of a problem while its entries are read."""

    opened: JournalEntry
    title: str
    about: bodies.About
    harm: int
    harmed: str
    data: set[str]
    policy_id: str | None
    status: Status = Status.OPEN
    until: datetime | None = None
    owner: str | None = None
    history: list[HistoryLine] = field(default_factory=list)
    results: list[ProblemResult] = field(default_factory=list)
    fixed_at: list[int] = field(default_factory=list)


def fold(entries: Sequence[JournalEntry], told: Told, rows: Rows, *, as_of: datetime) -> Problem:
    """Read the entries of one problem.

    Parameters
    ----------
    entries : sequence of JournalEntry
        Of one subject, at least one.
    told : Told
        Names and texts beside the chain.
    rows : callable
        Returns hand-picked rows by their hash.
    as_of : datetime
        An acceptance that has run out by then is open again.

    Raises
    ------
    LedgerBroken
        When the entries are in an order that this app never writes.
    """
    first = entries[0]
    if first.kind != bodies.OPEN or any(e.kind == bodies.OPEN for e in entries[1:]):
        msg = tr(
            "Record {seq} does not open the problem {subject}. Verify the ledger.",
            seq=first.seq,
            subject=first.subject,
        )
        raise LedgerBroken(msg)
    draft = _opened(first, told)
    for entry in entries[1:]:
        _run_out(draft, entry.at)
        what, text = _STEPS[entry.kind](draft, entry, told)
        draft.history.append(_line(entry, told, what, text))
    _run_out(draft, as_of)
    return _finished(draft, rows, as_of)


def _opened(entry: JournalEntry, told: Told) -> _Draft:
    body: bodies.Opened = entry.body
    draft = _Draft(
        opened=entry,
        title=told.reason(body.title),
        about=body,
        harm=body.harm,
        harmed=told.text(body.harmed) or "",
        data=set(body.data),
        policy_id=body.policy_id,
    )
    draft.history.append(_line(entry, told, tr("opened it, {source}", source=SOURCE_WORDS[body.source]), ""))
    return draft


def _finished(draft: _Draft, rows: Rows, as_of: datetime) -> Problem:
    body: bodies.Opened = draft.opened.body
    about = draft.about
    return Problem(
        id=draft.opened.subject,
        title=draft.title,
        slice=_slice_of(draft, rows),
        slice_hash=about.slice_hash,
        has_patterns=about.patterns is not None,
        source=body.source,
        cause=body.cause,
        harm=draft.harm,
        harmed=draft.harmed,
        status=draft.status,
        until=draft.until,
        owner=draft.owner,
        basis=body.basis.noun,
        tolerance=body.tolerance,
        scope=ProblemScope(data=frozenset(draft.data), policy_id=draft.policy_id),
        history=tuple(draft.history),
        results=tuple(r for r in draft.results if r.slice_hash == about.slice_hash),
        fixed_at=tuple(draft.fixed_at),
        opened_at=draft.opened.at,
        as_of=as_of,
    )


def _slice_of(draft: _Draft, rows: Rows) -> Slice | None:
    from rai_dash.data.slices import slice_from_json

    about = draft.about
    if about.patterns is not None:
        return rows(about.patterns)
    try:
        return slice_from_json(about.slice or {})
    except InvalidChoice as error:
        msg = tr(
            "The slice of the problem {subject} cannot be read. Verify the ledger.",
            subject=draft.opened.subject,
        )
        raise LedgerBroken(msg) from error


def _run_out(draft: _Draft, at: datetime) -> None:
    """Open what was accepted for a time that is over."""
    if draft.status is Status.ACCEPTED and draft.until is not None and draft.until <= at:
        line = HistoryLine(at=draft.until, who="", what=tr("The acceptance ran out: it is open again"))
        draft.history.append(line)
        draft.status, draft.until = Status.OPEN, None


def _line(entry: JournalEntry, told: Told, what: str, text: str) -> HistoryLine:
    return HistoryLine(at=entry.at, who=_who(entry, told), what=what, text=text, seq=entry.seq)


def _who(entry: JournalEntry, told: Told) -> str:
    if not is_ref(entry.actor):
        return tr("the {actor}", actor=entry.actor)
    person = told.person(entry.actor)
    if person is None:
        return ERASED_NAME
    return person.name if person.is_verified else tr("{person} (unverified)", person=person.name)


Step = Callable[[_Draft, JournalEntry, Told], tuple[str, str]]


def _again(draft: _Draft, entry: JournalEntry, _: Told) -> tuple[str, str]:
    body: bodies.Again = entry.body
    new = set(body.data) - draft.data
    draft.data |= new
    draft.policy_id = draft.policy_id or body.policy_id
    where = (
        ntr(" on {new} more data set", " on {new} more data sets", len(new), new=count(len(new)))
        if new
        else ""
    )
    return tr("saw it again{where}, {source}", where=where, source=SOURCE_WORDS[body.source]), ""


def _retitled(draft: _Draft, entry: JournalEntry, told: Told) -> tuple[str, str]:
    draft.title = told.reason(entry.body.title)
    return tr("gave it another title"), draft.title


def _restated(draft: _Draft, entry: JournalEntry, _: Told) -> tuple[str, str]:
    draft.about = entry.body
    return tr("said anew which people it is about; what was measured before counts no more"), ""


def _harmed(draft: _Draft, entry: JournalEntry, told: Told) -> tuple[str, str]:
    draft.harm, draft.harmed = entry.body.harm, told.text(entry.body.harmed) or ""
    return tr("put the harm at {harm} of {most_harm}", harm=draft.harm, most_harm=MOST_HARM), draft.harmed


def _moved(draft: _Draft, entry: JournalEntry, told: Told) -> tuple[str, str]:
    body: bodies.Moved = entry.body
    draft.status, draft.until = body.status, body.until
    if body.status is Status.FIXED:
        draft.fixed_at.append(entry.seq)
    end = "" if body.until is None else tr(" until the end of {last_day}", last_day=last_day(body.until))
    return tr("set it to {status}{end}", status=body.status.value, end=end), told.text(body.reason) or ""


def _owned(draft: _Draft, entry: JournalEntry, told: Told) -> tuple[str, str]:
    draft.owner = told.text(entry.body.owner)
    return tr("gave it to nobody") if draft.owner is None else tr("gave it to {owner}", owner=draft.owner), ""


def _noted(_draft: _Draft, entry: JournalEntry, told: Told) -> tuple[str, str]:
    return "noted", told.reason(entry.body.text)


def _measured(draft: _Draft, entry: JournalEntry, _: Told) -> tuple[str, str]:
    found = [replace(line.noun, seq=entry.seq, at=entry.at) for line in entry.body.results]
    draft.results += found
    states = ", ".join(dict.fromkeys(r.state.value for r in found))
    models, data = len({r.basis.system for r in found}), len({r.basis.data for r in found})
    where = ntr(
        "{models} model on {data} data {which}",
        "{models} models on {data} data {which}",
        models,
        models=models,
        data=data,
        which=tr("set") if data == 1 else tr("sets"),
    )
    return tr("put on record what {where} did: {states}", where=where, states=states), ""


_STEPS: Final[Mapping[str, Step]] = {
    bodies.AGAIN: _again,
    bodies.RETITLE: _retitled,
    bodies.RESTATE: _restated,
    bodies.HARM: _harmed,
    bodies.STATUS: _moved,
    bodies.OWNER: _owned,
    bodies.NOTE: _noted,
    bodies.RESULT: _measured,
}
