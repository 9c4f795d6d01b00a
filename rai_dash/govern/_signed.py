"""What every signed record is made of: the base of its parts, a band, and figures with their intervals.

A number that is undefined is null with its reason; NaN and infinity are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from rai_dash.core.errors import InvalidBand
from rai_dash.core.types import Estimate, ReviewBand
from rai_dash.core.visible import visible_character
from rai_dash.review.band import RouteFigures, RouteTable

#: What a person types; a half of a surrogate pair is refused by pydantic, as it has no place in JSON.
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
#: What comes from a file or from us, kept as it is.
Text = Annotated[str, StringConstraints(max_length=10_000)]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Rows = Annotated[int, Field(ge=0, le=2**53 - 1)]
Amount = Annotated[float, Field(ge=0)]


def seen_length(text: str) -> int:
    """Count the characters that say something: those without ink do not, nor do blanks around the others."""
    return len("".join(c for c in text if c.isspace() or visible_character(c) == c).strip())


def _to_utc_seconds(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(microsecond=0)


def _write_moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


#: A time, kept in UTC to the second.
Moment = Annotated[
    AwareDatetime,
    AfterValidator(_to_utc_seconds),
    PlainSerializer(_write_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Signed(BaseModel):
    """Base of every part of a record: frozen, complete, finite."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        serialize_by_alias=True,
        validate_by_name=True,
        json_schema_serialization_defaults_required=True,
    )


class SignedBand(Signed):
    """The two ends and the inner threshold; an end that is null is open."""

    lo: float | None
    threshold: float
    hi: float | None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        try:
            ReviewBand(self.lo, self.threshold, self.hi)
        except InvalidBand as error:
            raise ValueError(error.message) from error
        return self


class Rate(Signed):
    """A number with its interval; ``value`` null = undefined, and ``reason`` says why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    reason: Text | None = None

    @classmethod
    def of(cls, estimate: Estimate) -> Self:
        """Take over an estimate."""
        return cls(
            value=estimate.value,
            low=estimate.low,
            high=estimate.high,
            numerator=estimate.numerator,
            denominator=estimate.denominator,
            reason=estimate.reason,
        )

    def estimate(self) -> Estimate:
        """Give the estimate back."""
        return Estimate(self.value, self.low, self.high, self.numerator, self.denominator, self.reason)


class Figures(Signed):
    """What the band does to everyone or to one group.

    Parameters
    ----------
    n : int
        Rows.
    approve, reject, review, no_score : float
        Rows (or sums of weights) on each route; ``no_score`` is part of ``review``.
    rates : mapping of str to Rate
        By the names of the review room; ``auto_error_rate`` is the error of the automated part.
    """

    n: Rows
    approve: Amount
    reject: Amount
    review: Amount
    no_score: Amount
    rates: Mapping[Name, Rate]


class GroupFigures(Figures):
    """The same for one group; the order of groups is kept."""

    column: Text
    group: Text


class SignedFigures(Signed):
    """All figures that were on the page."""

    overall: Figures
    groups: tuple[GroupFigures, ...] = ()

    @classmethod
    def of(cls, tables: Sequence[RouteTable]) -> Self:
        """Take over the route tables of one band, one a sensitive column (or one for everyone)."""
        groups = [
            GroupFigures(column=table.column, group=name, **figures_of(table.by_group, i))
            for table in tables
            for i, name in enumerate(table.by_group.groups)
            if table.column
        ]
        return cls(overall=Figures(**figures_of(tables[0].overall, 0)), groups=tuple(groups))


def figures_of(figures: RouteFigures, position: int) -> dict[str, Any]:
    """Take what a band does to one group out of the figures of several, as the fields of `Figures`."""
    routes = {
        name: float(figures.sums[name][position]) for name in ("approve", "reject", "review", "no_score")
    }
    rates = {name: Rate.of(figures.estimate(name, position)) for name in figures.estimates}
    return {"n": int(figures.n[position]), "rates": rates, **routes}
