"""What the ledger holds about a policy: one kind of entry for each thing that somebody did.

The bodies are checked when an entry is written and again when it is read. Free text is only there as a
reference to where it is sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import ValidationError

from rai_dash.core.errors import InvalidRecord
from rai_dash.core.texts import tr
from rai_dash.govern._bodies import (
    Activate,
    Body,
    Decision,
    Draft,
    Identity,
    Lift,
    Meaning,
    Restage,
    Revert,
    Revoke,
    Signed,
    Stage,
    Submit,
    Suspend,
    utc_time,
)
from rai_dash.govern.ledger import Record, canonical, foreign
from rai_dash.govern.sealed import is_ref

__all__ = [
    "PREFIX",
    "Decision",
    "Entry",
    "Identity",
    "Kind",
    "Meaning",
    "Stage",
    "body_of",
    "content_hash",
    "read_entry",
]

PREFIX: Final = "policy:"


class Kind(StrEnum):
    """What was done to a policy."""

    DRAFT = "policy.draft"
    SUBMIT = "policy.submit"
    SIGNATURE = "policy.signature"
    ACTIVATE = "policy.activate"
    STAGE = "policy.stage"
    REVERT = "policy.revert"
    SUSPEND = "policy.suspend"
    LIFT = "policy.lift"
    REVOKE = "policy.revoke"


def content_hash(policy: Mapping[str, Any]) -> str:
    """Compute the fingerprint of a policy as it is drafted: SHA-256 of its canonical JSON.

    Parameters
    ----------
    policy : mapping
        The content with its free text sealed, so that the fingerprint outlives an erasure.

    Returns
    -------
    str
        64 hex digits.
    """
    return hashlib.sha256(canonical(policy).encode("utf-8")).hexdigest()


_BODIES: Final[Mapping[Kind, type[Body]]] = {
    Kind.DRAFT: Draft,
    Kind.SUBMIT: Submit,
    Kind.SIGNATURE: Signed,
    Kind.ACTIVATE: Activate,
    Kind.STAGE: Restage,
    Kind.REVERT: Revert,
    Kind.SUSPEND: Suspend,
    Kind.LIFT: Lift,
    Kind.REVOKE: Revoke,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry about a policy, read and checked.

    Parameters
    ----------
    policy_id : str
        Without the prefix of the ledger's subject.
    at : datetime
        UTC, whole seconds.
    actor : str
        Reference of the person who did it.
    seq, hash
        Place and hash of the record.
    """

    policy_id: str
    kind: Kind
    at: datetime
    actor: str
    body: Body
    seq: int
    hash: str


def body_of(kind: Kind, content: Mapping[str, Any]) -> Body:
    """Check what is about to be written.

    Raises
    ------
    InvalidRecord
        In one sentence, when a part is missing or is not accepted.
    """
    try:
        return _BODIES[kind].model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field, why = (
            ".".join(str(p) for p in first["loc"]) or kind,
            first["msg"].removeprefix("Value error, "),
        )
        msg = tr(
            "`{field}` cannot be written down: {why}{why_2}. Give another value.",
            field=field,
            why=why[:1].lower(),
            why_2=why[1:],
        )
        raise InvalidRecord(msg) from error


def read_entry(record: Record) -> Entry:
    """Read an entry about a policy.

    Raises
    ------
    LedgerBroken
        When it is none that this app writes.
    """
    try:
        kind = Kind(record.kind or "")
        content = record.content
        body = _BODIES[kind].model_validate(content)
        at = utc_time(record.at_utc or "")
    except ValueError as error:
        raise foreign(record) from error
    subject = record.subject or ""
    # What was read must be what is written: no value may have been put right on the way.
    if body.content() != content or not subject.startswith(PREFIX) or not is_ref(record.actor):
        raise foreign(record)
    return Entry(
        policy_id=subject.removeprefix(PREFIX),
        kind=kind,
        at=at,
        actor=str(record.actor),
        body=body,
        seq=record.seq,
        hash=record.hash,
    )
