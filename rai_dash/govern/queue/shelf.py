"""What can be read of queues: by everybody how far they are, by analysts what was decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from rai_dash.core.texts import tr
from rai_dash.govern._shelf import Shelf
from rai_dash.govern._told import Told
from rai_dash.govern.people import AppRole, Person, require, require_rows
from rai_dash.govern.queue import _steps
from rai_dash.govern.queue.book import QueueBook
from rai_dash.govern.queue.kept import KeptRows
from rai_dash.govern.queue.outcomes import outcomes_of
from rai_dash.govern.queue.readers import Reader
from rai_dash.govern.queue.rows import CaseRows
from rai_dash.govern.queue.state import Queue
from rai_dash.govern.queue.views import QueueLine
from rai_dash.govern.sealed import ERASED
from rai_dash.govern.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class QueueShelf:
    """The queues of a store, as one person may read them; see `rai_dash.govern.queue.desk.QueueDesk`."""

    def __init__(
        self,
        store: Store,
        person: Person,
        *,
        clock: Callable[[], datetime] | None = None,
        book: QueueBook | None = None,
    ) -> None:
        self._store = store
        self._person = person
        self._shelf = Shelf(store, clock)
        self._book = book or QueueBook(store, clock=clock)
        self._kept = KeptRows(store)

    def lines(self) -> list[QueueLine]:
        """List the queues, the newest first; nobody learns from it what others decided."""
        queues = list(self._book.queues().values())
        refs = {ref for queue in queues for ref in (*queue.readers, queue.fill.label.sealed)}
        texts = self._store.texts(refs)
        at = self._book.journal.now()
        return [self._line(queue, texts, at) for queue in reversed(queues)]

    def queue(self, queue_id: str) -> Queue:
        """Return everything that was recorded in a queue.

        Raises
        ------
        NotAllowed
            To reviewers: it holds what others decided.
        """
        require(self._person, AppRole.ANALYST, tr("Seeing what others decided"))
        return self._book.queue(queue_id)

    def own(self, queue_id: str) -> Queue:
        """Return a queue with this person's own reads alone, for figures about oneself."""
        queue = self._book.queue(queue_id)
        return _steps.only(
            queue, Reader.of(self._person, queue.readers, self._store.texts(queue.readers)).own
        )

    def rows(self, queue_id: str) -> CaseRows:
        """Return the kept rows of a queue, to an analyst who may see rows."""
        require(self._person, AppRole.ANALYST, tr("Seeing the rows of a queue"))
        require_rows(self._person)
        queue = self._book.queue(queue_id)
        with self._store.reading() as connection:
            return self._kept.rows(queue, at=self._book.journal.now(), connection=connection)

    def facts(self, queue_id: str) -> tuple[NDArray[np.int8], CaseRows | None]:
        """Return the outcomes of the cases, int8 (cases,), and their rows: for counting. None = deleted by now.

        Whoever may not see single rows is given no value of an application.
        """
        require(self._person, AppRole.ANALYST, tr("Seeing the figures of a queue"))
        queue = self._book.queue(queue_id)
        with self._store.reading() as connection:
            kept = self._kept.maybe(queue, at=self._book.journal.now(), connection=connection)
            outcomes = outcomes_of(connection, queue, kept)
        return outcomes, kept if kept is None or self._person.sees_rows else kept.without_values()

    def names(self, queue_id: str) -> dict[str, str | None]:
        """Return the names of the readers by reference; None = erased."""
        require(self._person, AppRole.ANALYST, tr("Seeing who decided"))
        refs = self._book.queue(queue_id).readers
        told = Told(self._store.texts(refs))
        return {ref: told.name(ref) for ref in refs}

    def _line(self, queue: Queue, texts: Mapping[str, str | None], at: datetime) -> QueueLine:
        reader = Reader.of(self._person, queue.readers, texts)
        cases = queue.cases
        settled = sum(case.due is None for case in cases)
        begun = reader.open_case(queue) is not None
        fill = queue.fill
        return QueueLine(
            id=queue.id,
            label=texts.get(fill.label.sealed) or ERASED,
            policy_id=fill.policy_id,
            version=fill.version,
            batch=fill.batch,
            model=fill.model,
            filled_at=queue.filled_at,
            expires_at=fill.expires_at,
            cases=len(cases),
            settled=settled,
            waiting=len(cases) - settled,
            escalated=sum(case.is_escalated and case.due is not None for case in cases),
            for_me=sum(1 for _ in reader.for_me(queue, at)) + begun,
            blocked=sum(reader.is_blocked(case, at) for case in cases if case.reads),
        )
