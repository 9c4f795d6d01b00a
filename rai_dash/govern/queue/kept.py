"""The rows of queues, read once and given out while their time lasts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.govern import artifacts
from rai_dash.govern.queue.rows import CaseRows, unpacked
from rai_dash.govern.queue.state import Queue
from rai_dash.govern.store import Store

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MOST: Final = 4
_READ: OrderedDict[str, CaseRows] = OrderedDict()
_LOCK: Final = threading.Lock()


class KeptRows:
    """The rows of the queues of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rows(self, queue: Queue, *, at: datetime, connection: Connection) -> CaseRows:
        """Return the rows of a queue.

        Raises
        ------
        InvalidChoice
            When they were deleted.
        """
        found = self.maybe(queue, at=at, connection=connection)
        if found is None:
            msg = tr(
                "The rows of this queue were deleted: they are kept for a while only, here until "
                "{expires_at}. What was decided stays; fill a queue with a newer batch.",
                expires_at=f"{queue.fill.expires_at:%d %B %Y}",
            )
            raise InvalidChoice(msg)
        return found

    def maybe(self, queue: Queue, *, at: datetime, connection: Connection) -> CaseRows | None:
        """Return the rows of a queue; None = deleted."""
        sha256 = queue.fill.rows
        if at >= queue.fill.expires_at or not _is_there(connection, sha256):
            with _LOCK:
                _READ.pop(sha256, None)
            return None
        with _LOCK:
            if sha256 in _READ:
                _READ.move_to_end(sha256)
                return _READ[sha256]
        content = artifacts.get(connection, sha256)
        if content is None:
            return None
        read = unpacked(content)
        with _LOCK:
            _READ[sha256] = read
            while len(_READ) > _MOST:
                _READ.popitem(last=False)
        return read


def _is_there(connection: Connection, sha256: str) -> bool:
    table = artifacts.artifacts()
    query = table.select().with_only_columns(table.c.sha256).where(table.c.sha256 == sha256)
    return connection.execute(query).first() is not None
