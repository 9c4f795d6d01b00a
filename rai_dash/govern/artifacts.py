"""What records refer to by its hash and is too large for the chain: reports, counts, rows of a batch.

The ledger holds the sha256, so that a change shows; the content stands beside it and may have an end.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from rai_dash.core.errors import InvalidChoice, LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.govern.ledger import utc_seconds

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, TableClause

#: Bytes of the largest one; databases hold it in one value.
LARGEST = 200 * 1024 * 1024


@cache
def artifacts() -> TableClause:
    """Return the table."""
    from sqlalchemy import column, table

    names = ("sha256", "kind", "size", "content", "kept_at", "expires_at")
    return table("artifact", *(column(name) for name in names))


def put(connection: Connection, kind: str, content: bytes, *, at: datetime, days: int | None = None) -> str:
    """Keep some bytes; the same ones are kept once, for the longer of both times.

    Parameters
    ----------
    connection : Connection
        Of the transaction that also writes the record (`rai_dash.govern.store.Writing.connection`).
    kind : str
        What it is, such as ``report`` or ``rows``.
    content : bytes
    at : datetime
        When it is kept.
    days : int, optional
        After how many it is removed; None = it stays.

    Returns
    -------
    str
        The sha256, for the record.

    Raises
    ------
    InvalidChoice
        When it is too large.
    """
    if len(content) > LARGEST:
        msg = tr(
            "This has {content} MB; at most {largest} MB are kept in the store. Bring fewer rows at a time.",
            content=f"{len(content) // 2**20:,}",
            largest=f"{LARGEST // 2**20:,}",
        )
        raise InvalidChoice(msg)
    sha256 = hashlib.sha256(content).hexdigest()
    table = artifacts()
    end = None if days is None else utc_seconds(at + timedelta(days=days))
    there = connection.execute(
        table.select().with_only_columns(table.c.expires_at).where(table.c.sha256 == sha256)
    ).first()
    if there is None:
        row = {"kind": kind, "size": len(content), "content": content, "kept_at": utc_seconds(at)}
        connection.execute(table.insert().values(sha256=sha256, expires_at=end, **row))
    elif there.expires_at is not None and (end is None or end > there.expires_at):
        connection.execute(table.update().where(table.c.sha256 == sha256).values(expires_at=end))
    return sha256


def get(connection: Connection, sha256: str, *, at: datetime | None = None) -> bytes | None:
    """Return what is kept under a hash; None = it was never here, or its time is over.

    Parameters
    ----------
    connection : Connection
    sha256 : str
    at : datetime, optional
        When it is asked for; what has run out by then is not given out any more.

    Raises
    ------
    LedgerBroken
        When it is not what was kept.
    """
    table = artifacts()
    row = connection.execute(table.select().where(table.c.sha256 == sha256)).first()
    if row is None or (at is not None and row.expires_at is not None and row.expires_at <= utc_seconds(at)):
        return None
    content = bytes(row.content)
    if hashlib.sha256(content).hexdigest() != sha256:
        msg = tr(
            "What a record rests on is not what was kept: the store was changed. Tell your operator to "
            "verify it."
        )
        raise LedgerBroken(msg)
    return content


def drop(connection: Connection, sha256: str) -> bool:
    """Remove one before its time; whether it was there."""
    table = artifacts()
    return connection.execute(table.delete().where(table.c.sha256 == sha256)).rowcount > 0


def purge(connection: Connection, *, at: datetime) -> int:
    """Remove all whose time is over; return how many there were."""
    return int(connection.execute(artifacts().delete().where(_over(at))).rowcount)


def has_expired(connection: Connection, *, at: datetime) -> bool:
    """Whether the time of any is over; asks the index alone."""
    table = artifacts()
    query = table.select().with_only_columns(table.c.sha256).where(_over(at)).limit(1)
    return connection.execute(query).first() is not None


def unexpired(connection: Connection, *, at: datetime) -> frozenset[str]:
    """Return the hashes of all that has an end, and is still here; asks the index, and no content."""
    table = artifacts()
    query = table.select().with_only_columns(table.c.sha256).where(table.c.expires_at > utc_seconds(at))
    return frozenset(connection.execute(query).scalars())


def _over(at: datetime) -> ColumnElement[bool]:
    end = artifacts().c.expires_at
    return end.is_not(None) & (end <= utc_seconds(at))
