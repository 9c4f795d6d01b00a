"""The store: an append-only ledger in SQLite or PostgreSQL, with names and texts beside it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.faults import describe_fault
from rai_dash.core.texts import tr
from rai_dash.govern import _tables as tables
from rai_dash.govern._memory import Memory
from rai_dash.govern._writing import Writing
from rai_dash.govern.checkpoints import Checkpoint, own_public_key, signing_key
from rai_dash.govern.database import (
    explained,
    forget_old_pages,
    locked,
    migrate,
    open_engine,
    sqlite_path,
    store_url,
    write_connection,
)
from rai_dash.govern.examining import examine, export_store, verify_store
from rai_dash.govern.ledger import Head, Record, utc_seconds
from rai_dash.govern.verify import Finding

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy import Connection

__all__ = ["Store", "Writing", "verify_store"]

_LOG = logging.getLogger("rai_dash.govern")


class Store:
    """Records in the order in which they were written; nothing is ever changed or removed.

    Safe to use from several threads and processes at once. Close it, or use it as a context manager.

    Parameters
    ----------
    target : str, Path or None
        A SQLAlchemy URL or the path of a SQLite file; None = as the settings say. The file, its
        folder (for its owner only) and the tables are made when they are missing.
    checkpoints : Path, optional
        Folder that checkpoints are also written to; None = as the settings say.
    signing_key : Path, optional
        File of the key that signs them; None = as the settings say. It is made on first use.

    Raises
    ------
    StoreUnavailable
        When the store cannot be opened, in one sentence that names it.
    """

    def __init__(
        self,
        target: str | Path | None = None,
        *,
        checkpoints: Path | None = None,
        signing_key: Path | None = None,
    ) -> None:
        self._url = store_url(target)
        self._memory = Memory.of(self._url, checkpoints)
        self._key_file = signing_key
        self._key: Ed25519PrivateKey | None = None
        with explained(self._url, "opened"):
            self._engine = open_engine(self._url)
            try:
                migrate(self._engine)
            except BaseException:
                self._engine.dispose()
                raise

    @property
    def name(self) -> str:
        """Name of the store in checkpoints and exports."""
        return self._memory.store

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Open ONE transaction that holds the write lock; it commits at the end and rolls back on an error.

        Raises
        ------
        LedgerBroken
            When the store lacks the record that was written last: going on would bury the loss.
        StoreUnavailable
            When the store cannot be written; nothing of the transaction is in it then.
        """
        with explained(self._url, "written"), write_connection(self._engine) as connection:
            with locked(connection):
                self._memory.check_end(connection, sqlite_path(self._url))
                job = Writing(connection, self._signing_key)
                yield job
            if job.has_written:
                self._remember_end(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection to read from tables beside the chain."""
        with explained(self._url, "read"), self._engine.connect() as connection:
            yield connection

    def append(
        self,
        kind: str,
        subject: str,
        actor: str,
        body: Mapping[str, object],
        *,
        at: datetime | None = None,
        checkpoint: bool = False,
    ) -> Record:
        """Write one record at the end of the chain, all of it or nothing.

        Parameters
        ----------
        kind : str
            What happened, like ``policy.signature``.
        subject : str
            What it is about, like ``policy:cards``.
        actor : str
            Who did it: the reference of a sealed person, or a plain word such as ``local``.
        body : mapping
            The content: plain values under text keys.
        at : datetime, optional
            When; now when omitted. Kept in UTC and whole seconds.
        checkpoint : bool
            Sign the chain up to this record in the same transaction. The first record of a day in UTC
            is signed in any case.

        Returns
        -------
        Record
            As it was stored, with its number and hash.

        Raises
        ------
        InvalidRecord
            When a value has no exact form in JSON.
        LedgerBroken, StoreUnavailable
            As for `writing`.
        """
        with self.writing() as job:
            return job.append(kind, subject, actor, body, at=at, checkpoint=checkpoint)

    def records(
        self, *, subject: str | None = None, kinds: Collection[str] | None = None, after: int = 0
    ) -> list[Record]:
        """Return records, the first one first: all, or those of one subject, of some kinds, or after a number."""
        with self.reading() as connection:
            return tables.records(connection, subject=subject, kinds=kinds, after=after)

    def subjects(self, prefix: str) -> list[str]:
        """Return the distinct subjects that begin with a text, in the order of their first records."""
        with self.reading() as connection:
            return tables.subjects(connection, prefix)

    def last(self) -> Record | None:
        """Return the newest record; None in an empty ledger."""
        with self.reading() as connection:
            return tables.last(connection)

    def get(self, seq: int) -> Record:
        """Return one record by its number.

        Raises
        ------
        InvalidChoice
            When there is no such record.
        """
        with self.reading() as connection:
            found = tables.at(connection, seq)
        if found is None:
            msg = tr("There is no record {seq} in this store. Choose one from the list.", seq=seq)
            raise InvalidChoice(msg)
        return found

    def texts(self, refs: Collection[str]) -> dict[str, str | None]:
        """Return sealed texts by reference; None = erased; unknown references are left out."""
        with self.reading() as connection:
            return {s.ref: s.text for s in tables.sealed_texts(connection, refs)}

    def person_ref(self, text: str) -> str | None:
        """Return the reference of a person who is sealed with exactly this text; None where there is none."""
        with self.reading() as connection:
            return tables.person_ref(connection, text)

    def erase(self, refs: Sequence[str], *, reason: str, actor: str, at: datetime | None = None) -> Record:
        """Erase sealed names and texts for good; the chain keeps their hashes and a record of the erasure.

        Copies of the database made before still hold them. PostgreSQL frees the bytes with its next VACUUM.

        Parameters
        ----------
        refs : sequence of str
            What to erase, all of it or nothing.
        reason : str
            A short code such as ``gdpr-17``.
        actor : str
            Who does it, as in `append`.
        at : datetime, optional
            When; now when omitted.

        Raises
        ------
        InvalidChoice
            When a reference is unknown or erased already, or the reason is no short code.
        """
        with self.writing() as job:
            record = job.erase(refs, reason=reason, actor=actor, at=at)
        self.forget()
        return record

    def forget(self) -> None:
        """Leave no copy of what was erased or removed in the file that SQLite writes ahead."""
        with explained(self._url, "written"):
            forget_old_pages(self._engine)

    def checkpoint(self, *, at: datetime | None = None) -> Checkpoint:
        """Sign the chain up to its last record now; an end that is signed already keeps its checkpoint.

        Raises
        ------
        InvalidChoice
            When the ledger is empty.
        """
        with self.writing() as job:
            return job.checkpoint(at_utc=utc_seconds(at))

    def checkpoints(self) -> list[Checkpoint]:
        """Return every checkpoint, by number."""
        with self.reading() as connection:
            return tables.checkpoints(connection)

    def verify(self, *, expected: Sequence[Checkpoint | Head] = ()) -> list[Finding]:
        """Check the whole store against itself and against all that is remembered of it.

        Parameters
        ----------
        expected : sequence of Checkpoint or Head, optional
            What was kept elsewhere, beside the head file and the folder of checkpoints.

        Returns
        -------
        list of Finding
            Empty = intact.
        """
        own = own_public_key(self._key_file)
        return examine(self._url, self._memory, expected=expected, own=own).findings

    def export(self, *, subject: str | None = None) -> dict[str, Any]:
        """Return everything as plain values that can be checked with this file alone.

        Parameters
        ----------
        subject : str, optional
            Show only the records of this subject; of the others only the hashes.

        Raises
        ------
        LedgerBroken
            When the database is damaged.
        """
        return export_store(self._url, self._memory, subject=subject)

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _signing_key(self) -> Ed25519PrivateKey:
        if self._key is None:
            self._key = signing_key(self._key_file)
        return self._key

    def _remember_end(self, connection: Connection) -> None:
        """Write what is remembered, in a transaction of its own so that writers take turns."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with locked(connection):
                last = tables.last(connection)
                if last is not None:
                    head = Head(last.seq, last.hash)
                    self._memory.remember(head, tables.last_checkpoint(connection))
        except (OSError, SQLAlchemyError) as error:
            # The record is in; only the second guard is late, and the next append catches up.
            _LOG.warning("the end of %s could not be remembered: %s", self.name, describe_fault(error))
