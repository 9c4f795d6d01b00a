"""The queues of a store, folded once and then only from what is new: safe for several threads and people."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from rai_dash.core.errors import InvalidChoice, LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.govern.journal import Journal, JournalEntry, JournalWork
from rai_dash.govern.ledger import Record
from rai_dash.govern.people import Person
from rai_dash.govern.queue.bodies import BODIES, PREFIX, Keyed
from rai_dash.govern.queue.fold import fold
from rai_dash.govern.queue.state import Queue
from rai_dash.govern.store import Store

#: Subject of the entry that tells of the key.
KEY: Final = "key"


class QueueBook:
    """What is known of every queue of a store.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Gives the time with its zone.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] | None = None) -> None:
        self.store = store
        self.journal = Journal(store, prefix=PREFIX, bodies=BODIES, clock=clock)
        self._lock = threading.Lock()
        self._queues: dict[str, Queue] = {}
        self._key: str | None = None
        self._last: tuple[int, str] = (0, "")

    def queues(self) -> dict[str, Queue]:
        """Return all queues as they stand, by id, in the order in which they were filled."""
        with self._lock:
            self._forget_another_store()
            self._take_in(self.journal.entries(after=self._last[0]))
            return dict(self._queues)

    def queue(self, queue_id: str) -> Queue:
        """Return one queue as it stands.

        Raises
        ------
        InvalidChoice
            When there is none of this id.
        """
        return self.found(self.queues(), queue_id)

    @staticmethod
    def found(queues: dict[str, Queue], queue_id: str) -> Queue:
        """Find a queue among some, or raise as `queue` does."""
        if queue_id not in queues:
            msg = tr(
                "There is no review queue `{queue_id}`. Choose one from the list, or fill one.",
                queue_id=queue_id,
            )
            raise InvalidChoice(msg)
        return queues[queue_id]

    @contextmanager
    def at_work(self, queue_id: str, person: Person) -> Iterator[tuple[JournalWork, dict[str, Queue]]]:
        """Open one transaction on a queue, with all queues as they stand inside it."""
        with self.store.writing() as writing:
            with self._lock:
                # Read on the connection that holds the lock: everything before is committed, and nothing follows.
                self._take_in_records(writing.records(kinds=set(BODIES), after=self._last[0]))
                queues, last = dict(self._queues), self._last[0]
            with self.journal.at_work(queue_id, person, writing=writing, after=last) as work:
                # A clock that is behind the last entry shows its time, as for whoever reads.
                if queue_id in queues:
                    work.at = max(work.at, queues[queue_id].at)
                yield work, queues

    @property
    def key(self) -> str | None:
        """Hash of the key of this store, as of what was read last; None = none was made yet."""
        return self._key

    def _take_in_records(self, records: Sequence[Record]) -> None:
        self._take_in([self.journal.read(record) for record in records])

    def _take_in(self, entries: Sequence[JournalEntry]) -> None:
        new = [entry for entry in entries if entry.seq > self._last[0]]
        if not new:
            return
        self._queues = fold(self._queues, new)
        keys = [entry.body.key for entry in new if isinstance(entry.body, Keyed)]
        self._key = keys[0] if keys and self._key is None else self._key
        self._last = (new[-1].seq, new[-1].hash)

    def _forget_another_store(self) -> None:
        """Begin anew where the last record that was folded is not there any more: a copy was put in its place."""
        seq, own = self._last
        if not seq:
            return
        try:
            is_same = self.store.get(seq).hash == own
        except InvalidChoice:
            is_same = False
        if not is_same:
            self._queues, self._key, self._last = {}, None, (0, "")


def intact(content: bytes | None) -> bytes:
    """Return the key, or say that it is gone.

    Raises
    ------
    LedgerBroken
        When nothing is kept under its hash.
    """
    if content is None:
        msg = tr(
            "The secret key of the audit sample is gone from the store. Restore the store before you fill a "
            "queue."
        )
        raise LedgerBroken(msg)
    return content
