"""The store of sign-offs: an append-only ledger in SQLite or PostgreSQL."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from rai_dash.core.errors import InvalidChoice, LedgerBroken, RaiError
from rai_dash.core.faults import describe_fault
from rai_dash.govern.database import explained, migrate, open_engine, sqlite_path, store_url, writing
from rai_dash.govern.head import read_head, write_head
from rai_dash.govern.ledger import Head, Record, next_record
from rai_dash.govern.signoff import SignOff
from rai_dash.govern.verify import Finding, Tampering, verify

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, TableClause

_LOG = logging.getLogger("rai_dash.govern")
#: What SQLite says of a file that was cut, overwritten or emptied ("no such table").
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_IOERR_SHORT_READ"})


class SignOffStore:
    """Signed records in the order in which they were signed; nothing is ever changed or removed.

    Safe to use from several threads and processes at once. Close it, or use it as a context manager.

    Parameters
    ----------
    target : str, Path or None
        A SQLAlchemy URL or the path of a SQLite file; None = as the settings say. The file, its
        folder (for its owner only) and the table are made when they are missing.

    Raises
    ------
    StoreUnavailable
        When the store cannot be opened, in one sentence that names it.
    """

    def __init__(self, target: str | Path | None = None) -> None:
        self._url = store_url(target)
        self._path = sqlite_path(self._url)
        with explained(self._url, "opened"):
            self._engine = open_engine(self._url)
            try:
                migrate(self._engine)
            except BaseException:
                self._engine.dispose()
                raise

    def append(self, content: SignOff | Mapping[str, object]) -> Record:
        """Write one record at the end of the chain, all of it or nothing.

        Parameters
        ----------
        content : SignOff or mapping
            What is signed.

        Returns
        -------
        Record
            As it was stored, with its number and hash.

        Raises
        ------
        InvalidRecord
            When a value has no exact form in JSON.
        LedgerBroken
            When the store lacks the record that was signed last: signing on would bury the loss.
        StoreUnavailable
            When the store cannot be written.
        """
        plain = content.content() if isinstance(content, SignOff) else content
        with explained(self._url, "written"), writing(self._engine) as connection:
            last = _last(connection)
            self._check_end(connection)
            record = next_record(plain, last=last)
            connection.execute(_ledger().insert().values(**asdict(record)))
        self._remember_end()
        return record

    def list(self) -> list[Record]:
        """Return every record, the first one first."""
        with explained(self._url, "read"), self._engine.connect() as connection:
            return _records(connection)

    def get(self, seq: int) -> Record:
        """Return one record by its number.

        Raises
        ------
        InvalidChoice
            When there is no such record.
        """
        with explained(self._url, "read"), self._engine.connect() as connection:
            found = _at(connection, seq)
        if found is None:
            msg = f"There is no record {seq} in this store. Choose one from the list."
            raise InvalidChoice(msg)
        return found

    def verify(self, *, expected_head: Head | None = None) -> Sequence[Finding]:
        """Check every record and link, and the end of the chain against what is remembered of it.

        Parameters
        ----------
        expected_head : Head, optional
            From a certificate; by default the head that is kept beside a SQLite file.
        """
        return _verified(self.list(), self._path, expected_head)

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _check_end(self, connection: Connection) -> None:
        head = read_head(self._path) if self._path else None
        if head is None:
            return
        kept = _at(connection, head.seq)
        if kept is None or kept.hash != head.hash:
            msg = (
                f"Record {head.seq} was signed and is no longer in the store {self._path}: it was cut off or "
                "an old copy was put back. Nothing was written. Restore the store before anybody signs."
            )
            raise LedgerBroken(msg)

    def _remember_end(self) -> None:
        """Write the head file, in a transaction of its own so that writers take turns."""
        from sqlalchemy.exc import SQLAlchemyError

        if self._path is None:
            return
        try:
            with writing(self._engine) as connection:
                last = _last(connection)
                if last is not None:
                    write_head(self._path, Head(last.seq, last.hash))
        except (OSError, SQLAlchemyError) as error:
            # The record is in; only the second guard is late, and the next append catches up.
            _LOG.warning("the head of %s could not be remembered: %s", self._path, describe_fault(error))


def verify_store(target: str | Path, *, expected_head: Head | None = None) -> list[Finding]:
    """Check a ledger without changing anything, not even its schema.

    Parameters
    ----------
    target : str or Path
        Path of a SQLite file, or a SQLAlchemy URL.
    expected_head : Head, optional
        The last record as it was remembered elsewhere, for example printed on a certificate.

    Returns
    -------
    list of Finding
        Empty = intact. A file that is damaged as a database is a finding too.

    Raises
    ------
    StoreUnavailable
        When there is no such store.
    """
    from sqlalchemy.exc import DatabaseError

    url = store_url(target)
    path = sqlite_path(url)
    with explained(url, "read"):
        engine = _reading_engine(path) if path else open_engine(url)
        try:
            with engine.connect() as connection:
                records = _records(connection)
        except DatabaseError as error:
            if getattr(error.orig, "sqlite_errorname", "") not in _DAMAGED:
                raise
            text = f"The file {url.database} is damaged and cannot be read as a ledger: {error.orig}."
            return [Finding(Tampering.DAMAGE, None, text)]
        finally:
            engine.dispose()
    return _verified(records, path, expected_head)


def _reading_engine(path: Path) -> Engine:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    # Not "ro": a connection that only reads leaves its lock files behind, owned by whoever verified.
    uri = f"file:{quote(str(path))}?mode=rw"
    if not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        # On a medium that cannot change no lock file can be put beside the store, and none is needed.
        uri = f"file:{quote(str(path))}?immutable=1"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True)
        connection.execute("PRAGMA query_only=ON").close()
        return connection

    return create_engine("sqlite://", poolclass=NullPool, creator=connect)


def _verified(records: Sequence[Record], path: Path | None, head: Head | None) -> list[Finding]:
    findings: list[Finding] = []
    if path is not None and head is None:
        try:
            head = read_head(path)
        except RaiError as error:
            findings.append(Finding(Tampering.TRUNCATION, None, error.message))
    return verify(records, expected_head=head) + findings


def _ledger() -> TableClause:
    from sqlalchemy import column, table

    return table("ledger", *(column(f.name) for f in fields(Record)))


def _records(connection: Connection) -> list[Record]:
    ledger = _ledger()
    return [_record(row) for row in connection.execute(ledger.select().order_by(ledger.c.seq))]


def _last(connection: Connection) -> Record | None:
    ledger = _ledger()
    row = connection.execute(ledger.select().order_by(ledger.c.seq.desc()).limit(1)).first()
    return None if row is None else _record(row)


def _at(connection: Connection, seq: int) -> Record | None:
    ledger = _ledger()
    row = connection.execute(ledger.select().where(ledger.c.seq == seq)).first()
    return None if row is None else _record(row)


def _record(row: Any) -> Record:
    # A manipulated SQLite cell can hold any type; as text it simply does not fit its hash.
    return Record(seq=int(row.seq), body=str(row.body), prev_hash=str(row.prev_hash), hash=str(row.hash))
