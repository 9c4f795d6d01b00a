"""What a case file says about the case: everything but the bytes of its tables and models."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from rai_dash.case import MAX_BANDS_KEPT, BandCandidate, DataRole
from rai_dash.casefile._archive import MOST_FILES, refuse
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.govern._policy_conditions import FrozenCondition

SCHEMA: Final = "rai-dash/case/1"
Key = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Title = Annotated[str, StringConstraints(max_length=2_000)]
Words = Annotated[str, StringConstraints(max_length=20_000)]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Choice = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, serialize_by_alias=True)


class _Content(_Part):
    """Where the bytes are: in this file, a case that ships with the app, the operator's folder, or a listed table."""

    key: Key
    title: Title
    fingerprint: Fingerprint
    file: Fingerprint | None = None
    sample: Title | None = None
    folder: Title | None = None
    listed: Title | None = None

    @model_validator(mode="after")
    def _is_in_one_place(self) -> Self:
        if sum(place is not None for place in (self.file, self.sample, self.folder, self.listed)) != 1:
            msg = f"`{self.key}` must name exactly one of file, sample, folder and listed"
            raise ValueError(msg)
        return self


class KeptData(_Content):
    """One data set: how it is read, and what its columns are for. ``in_place``: it is counted where it lies."""

    role: DataRole
    source: Words = ""
    options: dict[str, Any] = {}
    roles: dict[str, Any] = {}
    grown_from: Key | None = None
    in_place: bool = False

    @model_validator(mode="after")
    def _lies_somewhere(self) -> Self:
        if self.in_place and self.folder is None and self.listed is None:
            msg = f"`{self.key}` is counted where it lies and does not say where"
            raise ValueError(msg)
        return self


class KeptModel(_Content):
    """One model: which class is favourable, and the names of its inputs in order."""

    model_class: Title
    inputs: tuple[str, ...]
    trained_on: Key | None = None
    note: Words = ""


class KeptBand(_Part):
    """A review band to choose from; an end that is null is open."""

    name: Title
    lo: float | None
    threshold: float
    hi: float | None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        self.candidate()
        return self

    def candidate(self) -> BandCandidate:
        """Return it as the case has it."""
        return BandCandidate(name=self.name, band=ReviewBand(self.lo, self.threshold, self.hi))


class Manifest(_Part):
    """The whole case; the order of data, models, bands and conditions is kept.

    ``view``: what was looked at, as parameters of an address.
    """

    schema_: Literal["rai-dash/case/1"] = Field(SCHEMA, alias="schema")
    title: Title
    story: Words = ""
    default_data: str = ""
    default_model: str = ""
    data: Annotated[tuple[KeptData, ...], Field(min_length=1, max_length=MOST_FILES)]
    models: Annotated[tuple[KeptModel, ...], Field(max_length=MOST_FILES)] = ()
    bands: Annotated[tuple[KeptBand, ...], Field(max_length=MAX_BANDS_KEPT)] = ()
    always: Annotated[tuple[FrozenCondition, ...], Field(max_length=100)] = ()
    view: Annotated[
        dict[Choice, Annotated[str, StringConstraints(max_length=500)]], Field(max_length=200)
    ] = {}

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        parts: tuple[tuple[tuple[_Content, ...], str, str], ...] = (
            (self.data, self.default_data, "data"),
            (self.models, self.default_model, "models"),
        )
        for items, default, what in parts:
            keys = [item.key for item in items]
            if len(set(keys)) < len(keys) or (default and default not in keys):
                msg = f"the keys of its {what} stand there twice, or the first one to show is none of them"
                raise ValueError(msg)
        return self

    @property
    def files(self) -> frozenset[str]:
        """The sha256 of every file that has to be in the archive."""
        return frozenset(item.file for item in (*self.data, *self.models) if item.file is not None)


class _Beginning(BaseModel):
    """What every version of the file has."""

    schema_: str = Field("", alias="schema")


def write_manifest(**parts: Any) -> bytes:
    """Write a manifest as JSON.

    Raises
    ------
    InvalidChoice
        When a part of the case is too long or cannot be written.
    """
    try:
        made = Manifest(**parts)
        # Left out where there is none, so that what was kept before has the same bytes.
        return made.model_dump_json(indent=1, exclude=None if made.view else {"view"}).encode()
    except ValidationError as error:
        msg = tr("The case cannot be kept: {first}. Rename or leave out that part.", first=_first(error))
        raise InvalidChoice(msg) from error


def read_manifest(content: bytes) -> Manifest:
    """Read a manifest.

    Raises
    ------
    UnreadableFile
        When it is of another version, lacks a part, or has one of another kind.
    """
    try:
        schema = _Beginning.model_validate_json(content).schema_
        if schema != SCHEMA:
            refuse("it is of another version of the app, so update the app first")
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        refuse(_first(error))


def _first(error: ValidationError) -> str:
    """Say the first thing that is wrong, and where."""
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])).replace("schema_", "schema")
    why = first["msg"].removeprefix("Value error, ").rstrip(".")
    return f"`{where}`: {why[:1].lower()}{why[1:]}" if where else why
