"""What one transaction of the store can write."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.govern import _tables as tables
from rai_dash.govern.checkpoints import Checkpoint, sign
from rai_dash.govern.ledger import Record, next_record, utc_seconds
from rai_dash.govern.sealed import ERASURE_KIND, ERASURE_SUBJECT, seal
from rai_dash.govern.verify import is_first_of_day

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy import Connection

#: A code and no free text: it goes into the chain, from which nothing is ever erased.
_REASON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,39}")


class Writing:
    """One transaction that holds the write lock of the store; `Store.writing` makes it.

    Parameters
    ----------
    connection : Connection
        For rows of tables beside the chain that belong to the same transaction.
    key : callable
        Returns the key that signs checkpoints; only asked when one is made.
    """

    def __init__(self, connection: Connection, key: Callable[[], Ed25519PrivateKey]) -> None:
        self.connection = connection
        self._key = key
        self._last = tables.last(connection)
        #: Whether there is a new end of the chain or a new checkpoint to be remembered.
        self.has_written = False

    @property
    def last(self) -> Record | None:
        """The last record so far; None in an empty ledger."""
        return self._last

    def records(
        self, *, subject: str | None = None, kinds: Collection[str] | None = None, after: int = 0
    ) -> list[Record]:
        """Return records in their order, with those of this transaction; ``after``: only those with a larger number."""
        return tables.records(self.connection, subject=subject, kinds=kinds, after=after)

    def texts(self, refs: Collection[str]) -> dict[str, str | None]:
        """Return sealed texts by reference; None = erased; unknown references are left out."""
        return {s.ref: s.text for s in tables.sealed_texts(self.connection, refs)}

    def seal(self, text: str) -> str:
        """Keep a text beside the chain and return its reference.

        Raises
        ------
        InvalidRecord
            When the text cannot be kept exactly.
        """
        return self._seal("text", text)

    def person(self, text: str) -> str:
        """Return the reference of a person, the one they have already where there is one.

        Raises
        ------
        InvalidRecord
            When the text cannot be kept exactly.
        """
        return tables.person_ref(self.connection, text) or self._seal("person", text)

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
        """Write one record at the end of the chain; see `Store.append`."""
        before = self._last
        record = next_record(body, kind=kind, subject=subject, actor=actor, last=before, at=at)
        self.connection.execute(tables.ledger().insert().values(**asdict(record)))
        self._last, self.has_written = record, True
        if checkpoint or is_first_of_day(str(record.at_utc), before):
            self.checkpoint(at_utc=str(record.at_utc))
        return record

    def checkpoint(self, *, at_utc: str) -> Checkpoint:
        """Sign the end of the chain; where that was done already, the checkpoint is that one.

        Raises
        ------
        InvalidChoice
            When the ledger is empty.
        """
        if self._last is None:
            msg = tr(
                "The ledger is empty, so there is nothing to make a checkpoint of. Write a record first."
            )
            raise InvalidChoice(msg)
        newest = tables.last_checkpoint(self.connection)
        if newest is not None and newest.n == self._last.seq:
            return newest
        made = sign(self._key(), n=self._last.seq, head=self._last.hash, at_utc=at_utc)
        self.connection.execute(tables.checkpoint().insert().values(**asdict(made)))
        self.has_written = True
        return made

    def erase(self, refs: Sequence[str], *, reason: str, actor: str, at: datetime | None = None) -> Record:
        """Erase sealed texts and tell of it in the chain; see `Store.erase`."""
        refs = list(dict.fromkeys(refs))
        if not refs or not _REASON.fullmatch(reason):
            msg = tr(
                "Name what to erase, and a short code for why: letters, digits and . _ : / - without "
                "blanks, like gdpr-17. Names do not belong into the reason, for it stays."
            )
            raise InvalidChoice(msg)
        known = self.texts(refs)
        for ref in refs:
            if known.get(ref) is None:
                what = "was erased before" if ref in known else "is not in this store"
                msg = tr(
                    "The sealed text {ref} {what}. Nothing was erased. Check the reference.",
                    ref=ref,
                    what=what,
                )
                raise InvalidChoice(msg)
        # One time for the rows and the record: the check compares them.
        at_utc = utc_seconds(at)
        when = datetime.fromisoformat(at_utc)
        table = tables.sealed()
        for ref in refs:
            erasing = table.update().where(table.c.ref == ref)
            self.connection.execute(erasing.values(text=None, salt="", erased_at=at_utc))
        body = {"refs": refs, "reason": reason}
        return self.append(ERASURE_KIND, ERASURE_SUBJECT, actor, body, at=when, checkpoint=True)

    def _seal(self, kind: str, text: str) -> str:
        made = seal(kind, text)
        self.connection.execute(tables.sealed().insert().values(**asdict(made)))
        return made.ref
