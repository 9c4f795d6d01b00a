"""Check what is kept beside a chain for its size, reports, counts, picked rows, against the hashes in its records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rai_dash.govern._findings import Finding, Tampering
from rai_dash.govern.artifacts import artifacts
from rai_dash.govern.ledger import Link, Record

if TYPE_CHECKING:
    from sqlalchemy import Connection

#: Parts of records whose content has no end, by kind; rows of batches and queues have one and are removed.
_FOR_GOOD: Final[Mapping[str, tuple[str, ...]]] = {
    "monitor.run": ("report", "counts"),
    "problem.open": ("patterns",),
    "problem.restate": ("patterns",),
    "queue.key": ("key",),
    "queue.outcomes": ("outcomes",),
}


def read_kept(connection: Connection) -> dict[str, bool]:
    """Return the hash of everything that is kept, and whether the content is still the one of that hash."""
    table = artifacts()
    hashes = connection.execute(table.select().with_only_columns(table.c.sha256)).scalars().all()
    found = {}
    for sha256 in hashes:
        # One at a time: each may have hundreds of megabytes.
        query = table.select().with_only_columns(table.c.content).where(table.c.sha256 == sha256)
        content = connection.execute(query).scalar_one()
        is_bytes = isinstance(content, (bytes, bytearray, memoryview))
        found[str(sha256)] = is_bytes and hashlib.sha256(content).hexdigest() == sha256
    return found


def check_kept(records: Sequence[Record], kept: Mapping[str, bool]) -> list[Finding]:
    """Find what is kept and was changed, and what should be kept and is missing.

    Parameters
    ----------
    records : sequence of Record
        Those that are not intact themselves are left alone.
    kept : mapping of str to bool
        As `read_kept` returns it.

    Returns
    -------
    list of Finding
        Those that were changed first.
    """
    changed = [sha256 for sha256, is_whole in kept.items() if not is_whole]
    return [*(_changed(records, sha256) for sha256 in changed), *_missing(records, kept)]


def _changed(records: Sequence[Record], sha256: str) -> Finding:
    seq = next((r.seq for r in records if not isinstance(r, Link) and sha256 in r.body), None)
    whose = "that no record speaks of" if seq is None else f"that record {seq} rests on"
    return Finding(Tampering.KEPT, seq, f"What is kept under {sha256[:12]}…, {whose}, was changed.")


def _missing(records: Sequence[Record], kept: Mapping[str, bool]) -> Iterator[Finding]:
    for record in records:
        names = _FOR_GOOD.get(record.kind or "", ())
        if isinstance(record, Link) or not names or not record.is_intact:
            continue
        content = record.content
        for name in names:
            sha256 = content.get(name)
            if isinstance(sha256, str) and sha256 not in kept:
                text = f"Record {record.seq} rests on `{name}` that is kept beside it, and that is missing."
                yield Finding(Tampering.KEPT, record.seq, text)
