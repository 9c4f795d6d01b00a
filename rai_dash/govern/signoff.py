"""What is signed: the band with every figure, file and warning it rests on, and who says so and why.

The models are the one description of the signed content; `sign_off_schema` is its JSON Schema. A number
that is undefined is null with its reason; NaN and infinity are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)

from rai_dash.core.errors import InvalidBand, InvalidRecord, LedgerBroken
from rai_dash.core.types import Estimate, Notice, ReviewBand
from rai_dash.govern.complaints import MIN_REASON_CHARACTERS, sentence
from rai_dash.govern.ledger import Record
from rai_dash.review.band import RouteFigures, RouteTable

SCHEMA: Final = "rai-dash/sign-off/1"
Meaning = Literal["authorship", "review", "approval", "responsibility"]
Decision = Literal["approve", "reject", "abstain"]
MEANINGS: tuple[str, ...] = get_args(Meaning)
DECISIONS: tuple[str, ...] = get_args(Decision)

#: What a person types; a half of a surrogate pair is refused by pydantic, as it has no place in JSON.
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=MIN_REASON_CHARACTERS, max_length=5_000),
]
#: What comes from a file or from us, kept as it is.
Text = Annotated[str, StringConstraints(max_length=10_000)]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Rows = Annotated[int, Field(ge=0, le=2**53 - 1)]
Amount = Annotated[float, Field(ge=0)]


class _Signed(BaseModel):
    """Base of every part of a record: frozen, complete, finite."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        serialize_by_alias=True,
        validate_by_name=True,
        json_schema_serialization_defaults_required=True,
    )


class SignedBand(_Signed):
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


class Rate(_Signed):
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


class Figures(_Signed):
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


class SignedFigures(_Signed):
    """All figures that were on the page."""

    overall: Figures
    groups: tuple[GroupFigures, ...] = ()

    @classmethod
    def of(cls, tables: Sequence[RouteTable]) -> Self:
        """Take over the route tables of one band, one a sensitive column (or one for everyone)."""
        groups = [
            GroupFigures(column=table.column, group=name, **_figures(table.by_group, i))
            for table in tables
            for i, name in enumerate(table.by_group.groups)
            if table.column
        ]
        return cls(overall=Figures(**_figures(tables[0].overall, 0)), groups=tuple(groups))


def _figures(figures: RouteFigures, position: int) -> dict[str, Any]:
    routes = {
        name: float(figures.sums[name][position]) for name in ("approve", "reject", "review", "no_score")
    }
    rates = {name: Rate.of(figures.estimate(name, position)) for name in figures.estimates}
    return {"n": int(figures.n[position]), "rates": rates, **routes}


class SignedData(_Signed):
    """The data set the figures come from."""

    name: Text
    fingerprint: Fingerprint
    rows: Rows
    role: Name


class SignedModel(_Signed):
    """The model, or the score column (``format`` ``"score_column"``, no fingerprint of its own)."""

    name: Text
    format: Name
    fingerprint: Fingerprint | None
    favourable_class: Text | None


class Code(_Signed):
    """The program that counted."""

    version: Name

    @classmethod
    def here(cls) -> Self:
        """Describe the program that runs."""
        return cls(version=version("rai-dash"))


class Warned(_Signed):
    """A warning that was on the page when it was signed."""

    code: Name
    message: Text

    @classmethod
    def of(cls, notices: Iterable[Notice]) -> tuple[Self, ...]:
        """Take over notices."""
        return tuple(cls(code=n.code, message=n.message) for n in notices)


class Signer(_Signed):
    """Who signs, as what, what it means, what they say and why."""

    name: Name
    role: Name
    meaning: Meaning = "approval"
    decision: Decision
    reason: Reason
    identity_source: Literal["typed in"] = "typed in"


class SignOff(_Signed):
    """The signed content; its canonical JSON is what the ledger keeps."""

    schema_id: Literal["rai-dash/sign-off/1"] = Field(default=SCHEMA, alias="schema")
    signed_at: AwareDatetime
    case: Text
    band: SignedBand
    figures: SignedFigures
    data: SignedData
    model: SignedModel
    code: Code
    warnings_shown: tuple[Warned, ...] = ()
    signer: Signer

    @field_validator("signed_at")
    @classmethod
    def _to_utc_seconds(cls, when: datetime) -> datetime:
        return when.astimezone(UTC).replace(microsecond=0)

    @field_serializer("signed_at")
    def _write_time(self, when: datetime) -> str:
        return when.strftime("%Y-%m-%dT%H:%M:%SZ")

    def content(self) -> dict[str, Any]:
        """Return the content as plain values, ready for canonical JSON."""
        return self.model_dump(mode="json")


def sign_off(content: Mapping[str, object]) -> SignOff:
    """Check what is to be signed.

    Parameters
    ----------
    content : mapping
        The fields of `SignOff`; parts may be the models of this module or plain mappings.

    Raises
    ------
    InvalidRecord
        In plain sentences, one a field, when something is missing, blank, too short or not a finite number.
    """
    try:
        return SignOff.model_validate(content)
    except ValidationError as error:
        raise InvalidRecord(" ".join(sentence(e) for e in error.errors()[:5])) from error


def read_sign_off(record: Record) -> SignOff:
    """Read the signed content of a stored record.

    Raises
    ------
    LedgerBroken
        When the stored content is not one that was ever signed here.
    """
    try:
        return SignOff.model_validate(record.content)
    except ValidationError as error:
        msg = f"Record {record.seq} is not a sign-off of this version: {sentence(error.errors()[0])}"
        raise LedgerBroken(msg) from error


def sign_off_schema() -> dict[str, Any]:
    """Return the JSON Schema of the signed content."""
    return SignOff.model_json_schema(mode="serialization")
