"""The bodies of the entries about a problem. Numbers, codes and hashes; words are sealed, rows stand elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, StrictInt, StringConstraints

from rai_dash.govern._bodies import Code, Fingerprint, SealedText, When
from rai_dash.govern.journal import JournalBody
from rai_dash.govern.problems.nouns import MOST_HARM, Basis, ProblemResult, Rates, Source, State, Status

PREFIX: Final = "problem:"
Harm = Annotated[StrictInt, Field(ge=1, le=MOST_HARM)]
Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(ge=0)]
Whole = Annotated[StrictInt, Field(ge=0)]
ClassName = Annotated[str, StringConstraints(max_length=500)]


class BasisBody(JournalBody):
    """See `Basis`."""

    data: Fingerprint | None
    model: Fingerprint | None
    model_class: ClassName
    threshold: Share | None

    @classmethod
    def content_of(cls, basis: Basis) -> dict[str, Any]:
        """Return a basis as plain values."""
        return {
            "data": basis.data,
            "model": basis.model,
            "model_class": basis.model_class,
            "threshold": basis.threshold,
        }

    @property
    def noun(self) -> Basis:
        """The basis itself."""
        return Basis(data=self.data, model=self.model, model_class=self.model_class, threshold=self.threshold)


class About(JournalBody):
    """Which people: a slice in conditions, or the hash of hand-picked rows that stand beside the chain."""

    slice: dict[str, Any] | None
    patterns: Fingerprint | None
    slice_hash: Fingerprint


class Opened(About):
    """Somebody, or the app, opened a problem."""

    title: SealedText
    source: Source
    cause: Code | None
    harm: Harm
    harmed: SealedText | None
    tolerance: Share | None
    data: tuple[Fingerprint, ...]
    policy_id: Code | None
    basis: BasisBody


class Again(JournalBody):
    """It was found again, perhaps on other data, which then belong to it."""

    source: Source
    data: tuple[Fingerprint, ...]
    policy_id: Code | None


class Retitled(JournalBody):
    """It has another title."""

    title: SealedText


class Restated(About):
    """It is about other people; what was measured before counts no more."""


class Harmed(JournalBody):
    """Somebody said how much harm it does, and to whom."""

    harm: Harm
    harmed: SealedText | None


class Moved(JournalBody):
    """It has another status."""

    status: Status
    reason: SealedText | None
    until: When | None


class Owned(JournalBody):
    """Somebody looks after it now; null = nobody."""

    owner: SealedText | None


class Noted(JournalBody):
    """Somebody wrote something down about it."""

    text: SealedText


class RatesBody(JournalBody):
    """See `Rates`."""

    rows: Whole
    n: Number
    wrong: Number
    rest_n: Number
    rest_wrong: Number
    share: Share | None
    overall: Share | None


class ResultLine(JournalBody):
    """One model on one data set."""

    basis: BasisBody
    slice_hash: Fingerprint
    state: State
    rates: RatesBody

    @classmethod
    def content_of(cls, result: ProblemResult) -> dict[str, Any]:
        """Return a result as plain values."""
        rates = result.rates
        return {
            "basis": BasisBody.content_of(result.basis),
            "slice_hash": result.slice_hash,
            "state": result.state.value,
            "rates": {name: getattr(rates, name) for name in RatesBody.model_fields},
        }

    @property
    def noun(self) -> ProblemResult:
        """The result itself, without its place in the ledger."""
        return ProblemResult(
            basis=self.basis.noun,
            slice_hash=self.slice_hash,
            state=self.state,
            rates=Rates(**self.rates.model_dump()),
        )


class Measured(JournalBody):
    """What was measured at once, on several models and data sets."""

    results: Annotated[tuple[ResultLine, ...], Field(min_length=1)]


OPEN, AGAIN, RETITLE, RESTATE, HARM, STATUS, OWNER, NOTE, RESULT = (
    f"problem.{word}"
    for word in ("open", "again", "retitle", "restate", "harm", "status", "owner", "note", "result")
)
BODIES: Final[Mapping[str, type[JournalBody]]] = {
    OPEN: Opened,
    AGAIN: Again,
    RETITLE: Retitled,
    RESTATE: Restated,
    HARM: Harmed,
    STATUS: Moved,
    OWNER: Owned,
    NOTE: Noted,
    RESULT: Measured,
}
