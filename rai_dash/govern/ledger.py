"""The hash chain: every record carries the hash of the one before it, so a change anywhere shows.

``hash = SHA-256(RFC 8785 JSON of {"content": …, "prev_hash": …, "seq": …})``; ``seq`` counts 1, 2, 3 …
and the first ``prev_hash`` is 64 zeros. What the chain cannot see by itself is a cut tail: that needs
a `Head` that was remembered elsewhere. Nothing here knows a database.

References
----------
RFC 8785, JSON Canonicalization Scheme (2020).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import rfc8785

from rai_dash.core.errors import InvalidRecord, LedgerBroken

GENESIS = "0" * 64
#: Integers beyond this are not exact in JSON's doubles.
_LARGEST_INTEGER = 2**53 - 1


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
    """

    seq: int
    body: str
    prev_hash: str
    hash: str

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
            msg = f"Record {self.seq} is not readable: it was changed after it was signed. Verify the ledger."
            raise LedgerBroken(msg)
        return content

    @property
    def is_intact(self) -> bool:
        """Whether the hash fits the place, the record before and the content."""
        return self.hash == record_hash(self.body, seq=self.seq, prev_hash=self.prev_hash)


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a ledger at some time, to be remembered elsewhere: its place and its hash."""

    seq: int
    hash: str


def canonical(value: object) -> str:
    """Write plain values as canonical JSON.

    Parameters
    ----------
    value : object
        Mappings with text keys, lists, text, numbers, booleans and None.

    Raises
    ------
    InvalidRecord
        For NaN and infinity, integers beyond 2^53, halves of surrogate pairs and other types.
    """
    try:
        return rfc8785.dumps(value).decode("utf-8")  # type: ignore[arg-type]
    except (ValueError, TypeError, RecursionError) as error:
        msg = f"A value has no exact form in JSON: {error}. Leave it out of the record, or write it as text."
        raise InvalidRecord(msg) from error


def parse(body: str) -> object:
    """Read JSON text back, so that its canonical form is the same again; None when it is no JSON."""

    def whole(digits: str) -> int | float:
        # Canonical JSON writes the double 1e16 like an integer; it has to come back as a double.
        number = int(digits)
        return number if abs(number) <= _LARGEST_INTEGER else float(digits)

    try:
        return json.loads(body, parse_int=whole)
    except (ValueError, RecursionError):
        return None


def record_hash(body: str, *, seq: int, prev_hash: str) -> str:
    """Compute the hash of a record.

    Parameters
    ----------
    body : str
        The content as canonical JSON.
    seq : int
        Place in the chain, from 1.
    prev_hash : str
        Hash of the record before; `GENESIS` for the first.
    """
    # The canonical form of the whole: its three keys are already in order, and the body is canonical.
    whole = f'{{"content":{body},"prev_hash":"{prev_hash}","seq":{seq}}}'
    return hashlib.sha256(whole.encode("utf-8", errors="surrogatepass")).hexdigest()


def next_record(content: Mapping[str, object], *, last: Record | None) -> Record:
    """Chain some content to the last record of a ledger (None = it is the first)."""
    body = canonical(content)
    seq, prev_hash = (1, GENESIS) if last is None else (last.seq + 1, last.hash)
    return Record(
        seq=seq, body=body, prev_hash=prev_hash, hash=record_hash(body, seq=seq, prev_hash=prev_hash)
    )
