"""How a policy stands, folded from the ledger, and what there is to remind of.

The result depends on the entries alone, not on how they are read: one by one or all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from rai_dash.core.errors import InvalidChoice, LedgerBroken, NotAllowed
from rai_dash.core.texts import ntr, tr
from rai_dash.govern._bodies import Restage, Revert, Revoke, Signed, Stage, Suspend
from rai_dash.govern._steps import step
from rai_dash.govern._told import Told
from rai_dash.govern.events import Entry, Kind, read_entry
from rai_dash.govern.ledger import Record
from rai_dash.govern.workflow import History, State, VersionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline.

    Parameters
    ----------
    at : datetime
        UTC.
    version : int
        What it is about; for a revert the version that was taken back.
    who : str or None
        Name; None = erased.
    role, decision, meaning : str or None
        Of a signature; the role also of a revocation.
    stage : Stage or None
        Of an activation or another stage; ``share`` with it.
    to : int or None
        The version that is in force again after a revert.
    text : str or None
        Reason or rationale in their own words.
    seq, hash
        Place and hash of the record.
    """

    at: datetime
    kind: Kind
    version: int
    who: str | None
    seq: int
    hash: str
    role: str | None = None
    decision: str | None = None
    meaning: str | None = None
    stage: Stage | None = None
    share: float | None = None
    to: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A policy at some time: its versions, oldest first, and everything that was done to it."""

    policy_id: str
    history: History
    events: tuple[Event, ...]
    as_of: datetime

    @property
    def versions(self) -> tuple[VersionStatus, ...]:
        """Every version, the first one first."""
        return self.history.versions

    @property
    def latest(self) -> VersionStatus:
        """The newest version, whatever its state."""
        return self.history.versions[-1]

    @property
    def active(self) -> VersionStatus | None:
        """The version in force; while there is none, the one that is being rolled out; None = neither."""
        return self.history.active

    @property
    def rolling_out(self) -> VersionStatus | None:
        """The version that is active in the shadow or for a share; None = none."""
        return self.history.rolling_out

    @property
    def previous_active(self) -> VersionStatus | None:
        """What a revert would go back to, whatever became of it; None = nothing was in force before."""
        return self.history.previous_active

    def version(self, number: int) -> VersionStatus:
        """Return one version.

        Raises
        ------
        InvalidChoice
            When there is none of this number.
        """
        return self.history.version(number)


def fold(records: Iterable[Record], texts: Mapping[str, str | None], start: History) -> History:
    """Go on from a history with the next records of the same policy.

    Parameters
    ----------
    records : iterable of Record
        In the order of the ledger.
    texts : mapping of str to (str or None)
        Names and texts by reference; None = erased.
    start : History
        What the records before have led to; an empty one at the beginning.

    Raises
    ------
    LedgerBroken
        When a record was changed, cannot be read, or cannot follow the ones before it.
    """
    told = Told(texts)
    for record in records:
        start = _follow(start, _intact(record), told)
    return start


def _intact(record: Record) -> Entry:
    if not record.is_intact:
        msg = tr(
            "Record {seq} was changed after it was written. Verify the ledger and restore it.", seq=record.seq
        )
        raise LedgerBroken(msg)
    return read_entry(record)


def _follow(history: History, entry: Entry, told: Told) -> History:
    if entry.policy_id != history.policy_id:
        msg = tr(
            "Record {seq} is about another policy: read the records of one policy at a time.", seq=entry.seq
        )
        raise LedgerBroken(msg)
    try:
        return step(history, entry, told)
    except (InvalidChoice, NotAllowed) as error:
        msg = tr(
            "Record {seq} cannot follow the records before it ({error}) It was not written by this app: "
            "verify the ledger.",
            seq=entry.seq,
            error=error.message,
        )
        raise LedgerBroken(msg) from error


def standing(records: Sequence[Record], texts: Mapping[str, str | None], now: datetime) -> Standing:
    """Work out how a policy stands.

    Parameters
    ----------
    records : sequence of Record
        All of one policy, in the order of the ledger.
    texts : mapping of str to (str or None)
        Names and texts by reference; None = erased.
    now : datetime
        With a time zone. A clock that is behind the last record is taken to show that record's time.

    Returns
    -------
    Standing
        An active version whose time has run out is ``expired``, without any entry.

    Raises
    ------
    InvalidChoice
        When there are no records.
    LedgerBroken
        When a record cannot be read, or cannot follow the ones before it.
    """
    if not records:
        msg = tr("There is no such policy. Choose one from the list.")
        raise InvalidChoice(msg)
    told = Told(texts)
    entries = [_intact(record) for record in records]
    history = History(policy_id=entries[0].policy_id)
    for entry in entries:
        history = _follow(history, entry, told)
    now = max(now, *(entry.at for entry in entries))
    events = tuple(_event(entry, told) for entry in entries)
    return Standing(policy_id=history.policy_id, history=history.at(now), events=events, as_of=now)


def _event(entry: Entry, told: Told) -> Event:
    body = entry.body
    details: dict[str, object] = {}
    if isinstance(body, Signed):
        details = {"role": body.role, "decision": body.decision, "meaning": body.meaning}
        details["text"] = told.text(body.rationale)
    if isinstance(body, Restage):
        details = {"stage": body.stage, "share": body.share}
    if isinstance(body, Revert | Suspend | Revoke):
        details["text"] = told.text(body.reason)
    if isinstance(body, Revert):
        details["to"] = body.to
    if isinstance(body, Revoke):
        details["role"] = body.role
    return Event(
        at=entry.at,
        kind=entry.kind,
        version=body.version,
        who=told.name(entry.actor),
        seq=entry.seq,
        hash=entry.hash,
        **details,  # type: ignore[arg-type]
    )


def routing_mode(status: VersionStatus | None) -> Literal["policy", "person"]:
    """Say who decides under a version: its band, or a person for everything.

    A person decides when there is no version, when it is not active, suspended, or in the shadow, where
    its routes are written down and not acted on. At the stage ``share`` the answer is for the cases that
    take part (`rai_dash.govern.rollout.takes_part`).
    """
    if status is None or status.state is not State.ACTIVE or status.suspended is not None:
        return "person"
    return "person" if status.stage is Stage.SHADOW else "policy"


def reminders(now_standing: Standing, now: datetime, days: Sequence[int]) -> list[str]:
    """Say which versions run out soon, or have.

    Parameters
    ----------
    now_standing : Standing
    now : datetime
        With a time zone.
    days : sequence of int
        Days before the end from which on to remind, as in the settings.

    Returns
    -------
    list of str
        One sentence a version; empty when there is nothing to do.
    """
    history = now_standing.history.at(now)
    told = []
    for status in history.versions:
        if status.state is State.ACTIVE and status.expires_at is not None:
            left = status.expires_at - now
            passed = [d for d in days if left <= timedelta(days=d)]
            if passed:
                when = tr("in less than a day") if left.days == 0 else tr("in {days}", days=_days(left.days))
                last = tr(" This is the last reminder.") if len(passed) == len(days) else ""
                told.append(
                    tr(
                        "{called} expires {when}, on {day}: draft and sign a new version before then.{last}",
                        called=_called(status),
                        when=when,
                        day=_day(status.expires_at),
                        last=last,
                    )
                )
    expired = [v for v in history.versions if v.state is State.EXPIRED]
    if expired and history.active is None and expired[-1].expires_at is not None:
        end = _day(expired[-1].expires_at)
        told.append(
            tr(
                "{called} expired on {end}: everything goes to a person until a new version is active.",
                called=_called(expired[-1]),
                end=end,
            )
        )
    return told


def _called(status: VersionStatus) -> str:
    return tr("Version {version} of {policy_id}", version=status.version, policy_id=status.policy_id)


def _day(when: datetime) -> str:
    return f"{when.day} {when:%B %Y}"


def _days(number: int) -> str:
    return ntr("{number} day", "{number} days", number, number=number)
