"""A problem: which people it is about, what it does to them, who looks after it, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rai_dash.data.slices import Slice

#: Harm runs from 1, hardly any, to this.
MOST_HARM: Final = 5


class Source(StrEnum):
    """Where a problem comes from."""

    PERSON = "person"
    MONITOR = "monitor"
    SLICES = "slices"
    LEAK = "leak"
    PROXY = "proxy"
    EXPLANATION = "explanation"


class Status(StrEnum):
    """What people have decided about a problem."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    IN_WORK = "in work"
    FIXED = "fixed"
    ACCEPTED = "accepted"
    NOT_A_PROBLEM = "not a problem"

    @property
    def is_closed(self) -> bool:
        """Whether nobody has to do anything about it for now."""
        return self in {Status.FIXED, Status.ACCEPTED, Status.NOT_A_PROBLEM}


class State(StrEnum):
    """What the figures of one model on one data set say about a problem."""

    STILL_THERE = "still there"
    NOT_SHOWN = "not shown"
    FIXED = "fixed"
    BETTER = "better, not fixed"
    NOT_FIXED = "not fixed"
    REGRESSED = "regressed"
    TOO_FEW = "too few rows to tell"
    NOTHING_TO_COMPARE = "nothing to compare with"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemScope:
    """What a problem belongs to: data sets by fingerprint, and a policy."""

    data: frozenset[str] = frozenset()
    policy_id: str | None = None

    def meets(self, other: ProblemScope) -> bool:
        """Whether both share a data set or the policy."""
        same_policy = self.policy_id is not None and self.policy_id == other.policy_id
        return same_policy or not self.data.isdisjoint(other.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The data, model and threshold that something was seen or measured on.

    Parameters
    ----------
    data : str or None
        Fingerprint; None = not said.
    model : str or None
        Fingerprint of the model file, or of the column that the scores come from; None = not said.
    model_class : str
        The class that the model calls favourable; empty for a column of scores.
    threshold : float or None
        Favourable from here on.
    """

    data: str | None = None
    model: str | None = None
    model_class: str = ""
    threshold: float | None = None

    @property
    def system(self) -> tuple[str, str, float] | None:
        """What decides: the model, its favourable class and the threshold; None = not said."""
        if self.model is None or self.threshold is None:
            return None
        return self.model, self.model_class, self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Wrong decisions in a slice and beside it, as numbers that intervals rest on.

    Parameters
    ----------
    rows : int
        Rows of the slice, judged or not.
    n, wrong : float
        Rows of the slice with an outcome and a score, and the wrong decisions among them; effective numbers where
        rows carry weights.
    rest_n, rest_wrong : float
        The same for all other rows.
    share : float or None
        Weight of the slice in the weight of all rows; None = undefined.
    overall : float or None
        Error rate of everybody.
    """

    rows: int
    n: float
    wrong: float
    rest_n: float
    rest_wrong: float
    share: float | None
    overall: float | None

    @property
    def error(self) -> float | None:
        """Error rate in the slice; None = undefined."""
        return self.wrong / self.n if self.n > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemResult:
    """What one model did on one data set, as it was put on record.

    Parameters
    ----------
    basis : Basis
        Nothing of it is left out.
    slice_hash : str
        Of the slice that was measured (`Problem.slice_hash`).
    state : State
    rates : Rates
    seq : int
        Number of the record; 0 = not on record.
    at : datetime or None
        When it was put on record.
    """

    basis: Basis
    slice_hash: str
    state: State
    rates: Rates
    seq: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One line of the history of a problem: who did what, when, and what they said."""

    at: datetime
    who: str
    what: str
    text: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem as it stands.

    Parameters
    ----------
    id : str
        Short and random.
    title : str
        In somebody's words; says so where it was erased.
    slice : Slice or None
        The people it is about; None where hand-picked rows are not kept any more.
    slice_hash : str
        Names the slice, so that results of another wording are told apart.
    has_patterns : bool
        Whether the slice is hand-picked rows with the decision that is expected of each.
    source : Source
    cause : str or None
        A short code of what found it, by which it is found again.
    harm : int
        From 1 to 5.
    harmed : str
        Who is harmed and how, in words; empty = nobody said.
    status : Status
        As of ``as_of``: an acceptance that has run out is open again.
    until : datetime or None
        End of an acceptance.
    owner : str or None
        Name of who looks after it; None = nobody.
    basis : Basis
        What it was seen on first.
    tolerance : float or None
        Largest error rate in the slice that was agreed on; None = that of everybody else.
    scope : ProblemScope
    history : tuple of HistoryLine
        First to last.
    results : tuple of ProblemResult
        On record for the slice as it is now, first to last.
    fixed_at : tuple of int
        Numbers of the records that closed it as fixed.
    opened_at : datetime
    as_of : datetime
    """

    id: str
    title: str
    slice: Slice | None
    slice_hash: str
    has_patterns: bool
    source: Source
    cause: str | None
    harm: int
    harmed: str
    status: Status
    until: datetime | None
    owner: str | None
    basis: Basis
    tolerance: float | None
    scope: ProblemScope
    history: tuple[HistoryLine, ...]
    results: tuple[ProblemResult, ...]
    fixed_at: tuple[int, ...]
    opened_at: datetime
    as_of: datetime

    @property
    def last_day(self) -> date | None:
        """The last day of an acceptance, UTC; None = it is not accepted."""
        return None if self.until is None else last_day(self.until)

    def result_on(self, basis: Basis) -> ProblemResult | None:
        """Return what is on record about a model on a data set; None = nothing."""
        return next((r for r in self.results if r.basis == basis), None)


def last_day(until: datetime) -> date:
    """Return the last day before a moment: what is over at midnight had its last day before."""
    return (until - timedelta(seconds=1)).date()
