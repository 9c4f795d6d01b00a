"""Read everything a store holds in one look, without changing it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from rai_dash.govern import _tables as tables
from rai_dash.govern._findings import Finding, Tampering
from rai_dash.govern._kept_check import read_kept
from rai_dash.govern.database import explained, reading_engine
from rai_dash.govern.ledger import Record
from rai_dash.govern.verify import Contents

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

#: What SQLite says of a file that was cut, overwritten or emptied ("no such table").
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_IOERR_SHORT_READ"})


def read_contents(url: URL, *, with_kept: bool = False) -> Contents | Finding:
    """Read a store of any revision; a database that holds no ledger any more is a finding.

    Parameters
    ----------
    url : URL
    with_kept : bool
        Whether what stands beside the chain for its size is read as well, which may be much.

    Raises
    ------
    StoreUnavailable
        When there is no such store or it cannot be reached.
    """
    from sqlalchemy.exc import DatabaseError

    with explained(url, "read"):
        engine = reading_engine(url)
        try:
            with engine.connect() as connection:
                return _contents(connection, with_kept=with_kept)
        except DatabaseError as error:
            if not _is_damage(error.orig):
                raise
            return _damage(url, error.orig)
        except (ValueError, TypeError) as error:
            # A number that is none: somebody rebuilt a table.
            return _damage(url, error)
        finally:
            engine.dispose()


def _is_damage(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorname", "") in _DAMAGED
    # SQLSTATE 42P01 and 42703: a table or a column is gone.
    return getattr(cause, "sqlstate", "") in {"42P01", "42703"}


def _damage(url: URL, cause: BaseException | None) -> Finding:
    reason = str(cause).splitlines()[0]
    text = f"The store {url.database} is damaged and cannot be read as a ledger: {reason}."
    return Finding(Tampering.DAMAGE, None, text)


def _contents(connection: Connection, *, with_kept: bool) -> Contents:
    if not _has_entries(connection):
        return Contents(records=_first_version(connection))
    return Contents(
        records=tables.records(connection),
        sealed=tuple(tables.sealed_texts(connection)),
        checkpoints=tables.checkpoints(connection),
        kept=read_kept(connection) if with_kept and _keeps(connection) else None,
    )


def _keeps(connection: Connection) -> bool:
    """Whether a store is of a revision that keeps anything beside the chain."""
    from sqlalchemy import inspect

    return inspect(connection).has_table("artifact")


def _has_entries(connection: Connection) -> bool:
    from sqlalchemy import inspect

    look = inspect(connection)
    return look.has_table("ledger") and any(c["name"] == "kind" for c in look.get_columns("ledger"))


def _first_version(connection: Connection) -> list[Record]:
    from sqlalchemy import column, table

    first = table("ledger", *(column(name) for name in ("seq", "body", "prev_hash", "hash")))
    rows = connection.execute(first.select().order_by(first.c.seq))
    return [tables.record_of(row) for row in rows]
