"""What is signed: the band with every figure, file and warning it rests on, and who says so and why.

The models are the one description of the signed content; `sign_off_schema` is its JSON Schema. A number
that is undefined is null with its reason; NaN and infinity are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import Field, StringConstraints, ValidationError

from rai_dash.core.errors import InvalidRecord, LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.govern._signed import (
    Figures,
    Fingerprint,
    GroupFigures,
    Moment,
    Name,
    Rate,
    Rows,
    Signed,
    SignedBand,
    SignedFigures,
    Text,
)
from rai_dash.govern.complaints import MIN_REASON_CHARACTERS, sentence
from rai_dash.govern.ledger import Record

__all__ = [
    "DECISIONS",
    "MEANINGS",
    "SCHEMA",
    "Code",
    "Decision",
    "Figures",
    "GroupFigures",
    "Meaning",
    "Rate",
    "SignOff",
    "SignedBand",
    "SignedData",
    "SignedFigures",
    "SignedModel",
    "Signer",
    "Warned",
    "read_sign_off",
    "sign_off",
    "sign_off_schema",
]

SCHEMA: Final = "rai-dash/sign-off/1"
Meaning = Literal["authorship", "review", "approval", "responsibility"]
Decision = Literal["approve", "reject", "abstain"]
MEANINGS: tuple[str, ...] = get_args(Meaning)
DECISIONS: tuple[str, ...] = get_args(Decision)
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=MIN_REASON_CHARACTERS, max_length=5_000),
]


class SignedData(Signed):
    """The data set the figures come from."""

    name: Text
    fingerprint: Fingerprint
    rows: Rows
    role: Name


class SignedModel(Signed):
    """The model, or the score column (``format`` ``"score_column"``, no fingerprint of its own)."""

    name: Text
    format: Name
    fingerprint: Fingerprint | None
    favourable_class: Text | None


class Code(Signed):
    """The program that counted."""

    version: Name

    @classmethod
    def here(cls) -> Self:
        """Describe the program that runs."""
        return cls(version=version("rai-dash"))


class Warned(Signed):
    """A warning that was on the page when it was signed."""

    code: Name
    message: Text

    @classmethod
    def of(cls, notices: Iterable[Notice]) -> tuple[Self, ...]:
        """Take over notices."""
        return tuple(cls(code=n.code, message=n.message) for n in notices)


class Signer(Signed):
    """Who signs, as what, what it means, what they say and why."""

    name: Name
    role: Name
    meaning: Meaning = "approval"
    decision: Decision
    reason: Reason
    identity_source: Literal["typed in"] = "typed in"


class SignOff(Signed):
    """The signed content; its canonical JSON is what the ledger keeps."""

    schema_id: Literal["rai-dash/sign-off/1"] = Field(default=SCHEMA, alias="schema")
    signed_at: Moment
    case: Text
    band: SignedBand
    figures: SignedFigures
    data: SignedData
    model: SignedModel
    code: Code
    warnings_shown: tuple[Warned, ...] = ()
    signer: Signer

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
        msg = tr(
            "Record {seq} is not a sign-off of this version: {errors}",
            seq=record.seq,
            errors=sentence(error.errors()[0]),
        )
        raise LedgerBroken(msg) from error


def sign_off_schema() -> dict[str, Any]:
    """Return the JSON Schema of the signed content."""
    return SignOff.model_json_schema(mode="serialization")
