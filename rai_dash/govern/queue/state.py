"""A queue as it stands: its cases, who read them, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rai_dash.govern._bodies import SealedText
from rai_dash.govern.queue.bodies import FIRST, MARK, SECOND, THIRD, Decision, Fill


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a reviewer said at one moment.

    Parameters
    ----------
    decision : Decision
    codes : tuple of str
    note : SealedText or None
    at : datetime
        UTC.
    seconds : int
        That they took for it.
    seq, hash
        Place and hash of the record.
    """

    decision: Decision
    codes: tuple[str, ...]
    note: SealedText | None
    at: datetime
    seconds: int
    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One person's look at a case.

    Parameters
    ----------
    place : int
        First, second, or the third that settles a conflict.
    reader : str
        Reference of the person.
    taken_at, until : datetime
        Since when, and until when nobody else is given the case; a blind decision gives the same time once more.
    blind, final : Opinion or None
        Before and after the model was shown; None = not yet.
    changed, override : bool
        Whether the final decision is another one than the blind one, and whether it is against the model's side.
    """

    place: int
    reader: str
    taken_at: datetime
    until: datetime
    blind: Opinion | None = None
    final: Opinion | None = None
    changed: bool = False
    override: bool = False

    def is_held(self, at: datetime) -> bool:
        """Whether the case is kept for this reader at a time."""
        return self.final is None and at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One application in a queue.

    Parameters
    ----------
    number : int
        From 0, in an order that tells nothing.
    route : str
        ``v`` = the policy sends it to a person; ``r`` and ``a`` = declined and approved by the machine, and audited.
    side : str
        What the threshold alone would decide: ``1`` approve, ``0`` refuse, ``-`` no score.
    two_reads : bool
        Whether it was drawn for a second read.
    reads : tuple of Read
        In the order in which they were taken; one that was given back or ran out before a blind decision is left out.
    accepted : int or None
        Number of the record by which it was accepted.
    """

    number: int
    route: str
    side: str
    two_reads: bool
    reads: tuple[Read, ...] = ()
    accepted: int | None = None

    @property
    def is_audit(self) -> bool:
        """Whether the machine has decided it, and a person looks as well."""
        return self.route != "v"

    @property
    def finals(self) -> tuple[Read, ...]:
        """The finished reads, by place."""
        return tuple(sorted((r for r in self.reads if r.final is not None), key=lambda r: r.place))

    @property
    def due(self) -> int | None:
        """Place of the read that is to come; None = it is settled.

        One reader is enough unless the case was drawn for two, or they cannot say. Two who do not agree, or of whom
        one cannot say, need a third, whose word stands.
        """
        said = [r.final.decision for r in self.finals if r.final is not None]
        if not said:
            return FIRST
        if len(said) == 1:
            return SECOND if self.two_reads or said[0] is Decision.CANNOT_SAY else None
        if len(said) == 2:
            agreed = said[0] is said[1] and said[0] is not Decision.CANNOT_SAY
            return None if agreed else THIRD
        return None

    @property
    def decision(self) -> Decision | None:
        """What stands; None = not settled yet. ``cannot_say`` = nobody could settle it."""
        if self.due is not None:
            return None
        last = self.finals[-1].final
        return None if last is None else last.decision

    @property
    def is_escalated(self) -> bool:
        """Whether it needed, or needs, a third reader."""
        return self.due == THIRD or len(self.finals) == THIRD

    def held_by(self, at: datetime) -> Read | None:
        """Return the unfinished read that the case is kept for; None = it is free."""
        return next((r for r in reversed(self.reads) if r.place == self.due and r.is_held(at)), None)

    def open_read(self, refs: frozenset[str]) -> Read | None:
        """Return the unfinished read of a person that can still go on: nobody took the case after them."""
        own = [r for r in self.reads if r.place == self.due]
        return own[-1] if own and own[-1].reader in refs and own[-1].final is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue as it stands.

    Parameters
    ----------
    id : str
        Policy, version and the beginning of the fingerprint of the batch.
    fill : Fill
        What was put into it.
    filled_at : datetime
    cases : tuple of Case
        By number.
    outcomes : str or None
        Artifact with outcomes that came later; one code a case.
    seq : int
        The last record that is folded in.
    at : datetime
        Its time.
    """

    id: str
    fill: Fill
    filled_at: datetime
    cases: tuple[Case, ...]
    outcomes: str | None = None
    seq: int
    at: datetime

    def mark(self, number: int) -> str:
        """Return the keyed hash of the id of a case."""
        return self.fill.marks[number * MARK : (number + 1) * MARK]

    def reason(self, number: int) -> str:
        """Return why a case has its route, in the words of the policy."""
        return self.fill.reason_names[self.fill.reasons[number]]

    def probability(self, case: Case) -> float:
        """Return the chance that the case had to be seen by a person."""
        return self.fill.audit_share if case.is_audit else 1.0

    @property
    def readers(self) -> frozenset[str]:
        """References of everybody who read a case."""
        return frozenset(r.reader for case in self.cases for r in case.reads)
