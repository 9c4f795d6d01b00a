"""The hash chain: every record carries the hash of the one before it, so a change anywhere shows.

``hash = SHA-256(prev_hash as 32 bytes || RFC 8785 JSON of {"seq", "at_utc", "kind", "subject", "actor",
"body"})``; ``seq`` counts 1, 2, 3 … and the first ``prev_hash`` is 64 zeros. Records of the first version
of the store have no kind; their hash is SHA-256 of the RFC 8785 JSON of {"content", "prev_hash", "seq"}.
What the chain cannot see by itself is a cut tail or a chain that was computed anew: that needs a `Head`
or a checkpoint that was kept elsewhere. Nothing here knows a database.

References
----------
RFC 8785, JSON Canonicalization Scheme (2020).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rai_dash.core.errors import InvalidRecord, LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.govern._canonical import canonical, canonical_form, canonical_value, parse

__all__ = [
    "GENESIS",
    "Head",
    "Link",
    "Record",
    "canonical",
    "canonical_form",
    "canonical_value",
    "next_record",
    "parse",
    "record_hash",
    "utc_seconds",
]

GENESIS = "0" * 64
_HASH = re.compile(r"[0-9a-f]{64}")
_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry as it is stored.

    Parameters
    ----------
    seq : int
        Place in the chain, from 1.
    body : str
        The content as canonical JSON.
    prev_hash, hash : str
        64 hex digits: of the record before, and of this one.
    at_utc : str or None
        When it was written, like ``2026-11-29T14:05:06Z``.
    kind : str or None
        What happened, like ``policy.signature``; None = a record of the first version of the store.
    subject : str or None
        What it is about, like ``policy:cards``.
    actor : str or None
        Who did it: the reference of a sealed person, or a plain word such as ``local``.
    """

    seq: int
    body: str
    prev_hash: str
    hash: str
    at_utc: str | None = None
    kind: str | None = None
    subject: str | None = None
    actor: str | None = None

    @property
    def content(self) -> dict[str, object]:
        """The content as plain values.

        Raises
        ------
        LedgerBroken
            When the stored text is no JSON object, which no record of ours ever was.
        """
        content = parse(self.body)
        if not isinstance(content, dict):
            msg = tr(
                "Record {seq} is not readable: it was changed after it was signed. Verify the ledger.",
                seq=self.seq,
            )
            raise LedgerBroken(msg)
        return content

    @property
    def is_of_first_version(self) -> bool:
        """Whether it was written by the first version of the store, which had another rule for the hash."""
        return self.at_utc is self.kind is self.subject is self.actor is None

    @property
    def is_intact(self) -> bool:
        """Whether the hash fits the place, the record before and the content."""
        return self.fits(self.seq)

    def fits(self, place: int) -> bool:
        """Whether the hash would fit at a place."""
        return self.hash == record_hash(
            self.body,
            seq=place,
            prev_hash=self.prev_hash,
            at_utc=self.at_utc,
            kind=self.kind,
            subject=self.subject,
            actor=self.actor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Record):
    """A record of which only the hashes are shown; its content cannot be checked, its links can."""

    def fits(self, place: int) -> bool:
        """Whether the stated place is this one."""
        return self.seq == place


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a ledger at some time, to be remembered elsewhere: its place and its hash."""

    seq: int
    hash: str


def record_hash(
    body: str,
    *,
    seq: int,
    prev_hash: str,
    at_utc: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    actor: str | None = None,
) -> str | None:
    """Compute the hash of a record.

    Parameters
    ----------
    body : str
        The content as canonical JSON.
    seq : int
        Place in the chain, from 1.
    prev_hash : str
        Hash of the record before; `GENESIS` for the first.
    at_utc, kind, subject, actor : str or None
        As in `Record`; all None = by the rule of the first version of the store.

    Returns
    -------
    str or None
        64 hex digits; None where no record can be like this, so that no stored hash is equal to it.
    """
    if not _HASH.fullmatch(prev_hash):
        return None
    if at_utc is kind is subject is actor is None:
        whole = f'{{"content":{body},"prev_hash":"{prev_hash}","seq":{seq}}}'
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
    if at_utc is None or kind is None or subject is None or actor is None:
        return None
    # The canonical form of the whole: its keys are in order, and the body is canonical itself.
    whole = (
        f'{{"actor":{_text(actor)},"at_utc":{_text(at_utc)},"body":{body},"kind":{_text(kind)},'
        f'"seq":{seq},"subject":{_text(subject)}}}'
    )
    return hashlib.sha256(bytes.fromhex(prev_hash) + whole.encode("utf-8", "surrogatepass")).hexdigest()


def _text(value: str) -> str:
    """Write a text as JSON, which for text alone is the canonical form."""
    return json.dumps(value, ensure_ascii=False)


def utc_seconds(when: datetime | None) -> str:
    """Write a time as it stands in the ledger; None = now.

    Raises
    ------
    InvalidRecord
        When the time does not say its time zone.
    """
    when = datetime.now(UTC) if when is None else when
    if when.utcoffset() is None:
        msg = tr("The time {when} does not say its time zone. Give it in UTC.", when=when)
        raise InvalidRecord(msg)
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole_seconds(when: datetime) -> datetime:
    """Return a time as the ledger keeps it: UTC, without parts of a second.

    Raises
    ------
    InvalidRecord
        When the time does not say its time zone.
    """
    utc_seconds(when)
    return when.astimezone(UTC).replace(microsecond=0)


def foreign(record: Record) -> LedgerBroken:
    """Return the error for a record that does not hold what its kind holds."""
    msg = (
        f"Record {record.seq} ({record.kind}) does not hold what such a record of this app holds. "
        "Verify the ledger, or update the app if a newer one wrote it."
    )
    return LedgerBroken(msg)


def next_record(
    body: Mapping[str, object],
    *,
    kind: str,
    subject: str,
    actor: str,
    last: Record | None,
    at: datetime | None = None,
) -> Record:
    """Chain some content to the last record of a ledger.

    Parameters
    ----------
    body : mapping
        The content: plain values under text keys.
    kind, subject, actor : str
        As in `Record`.
    last : Record or None
        The record before; None = this is the first.
    at : datetime, optional
        When it happened; now when omitted.

    Raises
    ------
    InvalidRecord
        When a value has no exact form in JSON, or the kind, subject or actor is not a usable text.
    LedgerBroken
        When the hash of the last record is none.
    """
    if not _KIND.fullmatch(kind):
        msg = tr(
            "{kind} is not a kind of record. Write lower-case words with dots, like policy.signature.",
            kind=f"{kind!r}",
        )
        raise InvalidRecord(msg)
    for name, text in (("subject", subject), ("actor", actor)):
        if not text.strip() or "\0" in text:
            msg = tr("The {name} of a record is empty or holds a NUL character. Give another one.", name=name)
            raise InvalidRecord(msg)
    canonical([subject, actor])
    text, at_utc = canonical(dict(body)), utc_seconds(at)
    seq, prev_hash = (1, GENESIS) if last is None else (last.seq + 1, last.hash)
    digest = record_hash(
        text, seq=seq, prev_hash=prev_hash, at_utc=at_utc, kind=kind, subject=subject, actor=actor
    )
    if digest is None:
        msg = tr(
            "Record {seq} was changed after it was signed: its hash is none. Verify the ledger.", seq=seq - 1
        )
        raise LedgerBroken(msg)
    return Record(
        seq=seq,
        body=text,
        prev_hash=prev_hash,
        hash=digest,
        at_utc=at_utc,
        kind=kind,
        subject=subject,
        actor=actor,
    )
