"""The bodies of the entries about a policy, and how they write times and references to sealed text."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictInt,
    StringConstraints,
    field_validator,
    model_validator,
)

from rai_dash.govern.ledger import utc_seconds
from rai_dash.govern.people import folded

#: The role in which whoever puts a version forward signs it.
AUTHOR: Final = "author"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


class Stage(StrEnum):
    """How much of the work an active version does."""

    SHADOW = "shadow"
    SHARE = "share"
    ALL = "all"


def utc_time(text: str) -> datetime:
    """Read a time as the ledger writes it: UTC, whole seconds.

    Raises
    ------
    ValueError
        For any other way to write a time.
    """
    when = datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    if utc_seconds(when) != text:
        msg = f"{text!r} is not written like 2026-11-29T14:05:06Z"
        raise ValueError(msg)
    return when


def add_months(when: datetime, months: int) -> datetime:
    """Go some calendar months on, to the last day of a month that is too short.

    Examples
    --------
    >>> add_months(datetime(2027, 1, 31, tzinfo=UTC), 1).date().isoformat()
    '2027-02-28'
    """
    years, month = divmod(when.month - 1 + months, 12)
    year, month = when.year + years, month + 1
    return when.replace(year=year, month=month, day=min(when.day, calendar.monthrange(year, month)[1]))


def _read_time(value: object) -> object:
    return utc_time(value) if isinstance(value, str) else value


Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Role = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^\S(.*\S)?$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Version = Annotated[StrictInt, Field(ge=1)]
Months = Annotated[StrictInt, Field(ge=1, le=60)]
When = Annotated[datetime, BeforeValidator(_read_time), PlainSerializer(utc_seconds)]
Meaning = Literal["authorship", "review", "approval", "responsibility"]
Decision = Literal["approve", "reject", "abstain"]
Identity = Literal["oidc", "local-unverified"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, serialize_by_alias=True)


class SealedText(_Part):
    """A reference to free text that is kept beside the chain."""

    sealed: Fingerprint


class Ticked(_Part):
    """A warning that the signer was shown, and whether they ticked it."""

    code: Code
    ticked: bool


class Body(_Part):
    """Base of every body: it says which version it is about."""

    version: Version

    def content(self) -> dict[str, Any]:
        """Return the body as plain values, ready for canonical JSON."""
        return self.model_dump(mode="json")


class _Facts(BaseModel):
    """What the workflow needs from the policy itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    class _Warning(BaseModel):
        code: Code

    title: SealedText
    environment: Code
    valid_months: Months
    warnings_shown: tuple[_Warning, ...]


class Draft(Body):
    """A version was written down; ``parent_hash`` is the content hash of the version before it."""

    parent_hash: Fingerprint | None
    settings_fingerprint: Fingerprint
    policy: dict[str, Any]

    @property
    def facts(self) -> _Facts:
        """The title, environment, months of validity and warnings of the policy."""
        return _Facts.model_validate(self.policy)

    @model_validator(mode="after")
    def _has_facts(self) -> Self:
        _Facts.model_validate(self.policy)
        return self


class Submit(Body):
    """A version was put forward; from here on the required roles are fixed."""

    content_hash: Fingerprint
    required_roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    environment: Code

    @field_validator("required_roles")
    @classmethod
    def _others(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        named = {folded(role) for role in roles}
        if AUTHOR in named or len(named) < len(roles):
            msg = f"required roles are named once each, and `{AUTHOR}` is none"
            raise ValueError(msg)
        return roles


class Signed(Body):
    """Somebody signed in a role. ``rationale`` is null only where the author gave none."""

    content_hash: Fingerprint
    role: Role
    meaning: Meaning
    decision: Decision
    rationale: SealedText | None
    conditions: SealedText | None
    identity: Identity
    warnings: tuple[Ticked, ...]


class Restage(Body):
    """A version does more or less of the work; ``share`` is a number only at the stage ``share``."""

    stage: Stage
    share: Annotated[float, Field(gt=0, lt=1)] | None

    @model_validator(mode="after")
    def _share_fits(self) -> Self:
        if (self.share is not None) != (self.stage is Stage.SHARE):
            msg = "a share goes with the stage `share`, and with no other"
            raise ValueError(msg)
        return self


class Activate(Restage):
    """A signed version went into use, until ``expires_at``."""

    valid_from: When
    expires_at: When


class Revert(Body):
    """The version in use, ``from``, was taken back for the one before it."""

    version: Version = Field(alias="from")
    to: Version
    reason: SealedText


class Suspend(Body):
    """Everything goes to a person for now; ``cause`` is a short code such as ``person``."""

    cause: Code
    reason: SealedText


class Lift(Suspend):
    """The suspension is over."""


class Revoke(Body):
    """A version was withdrawn for good, by somebody in a role."""

    role: Role
    reason: SealedText
