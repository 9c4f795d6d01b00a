"""Rows of batches are kept for a while: what removes them once their time is over, the old pages of SQLite included.

Nobody is given them after that anyway. They are removed when a batch is written down, when somebody opens Start, the
Monitor or the Review queue, and by ``rai-dash cases purge``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rai_dash.govern import artifacts

if TYPE_CHECKING:
    from rai_dash.govern.store import Store


def _now() -> datetime:
    return datetime.now(UTC)


def remove_expired_rows(store: Store, clock: Callable[[], datetime] | None = None) -> int:
    """Remove all rows whose time is over, and every copy of them in the files of the store.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Gives the time with its zone.

    Returns
    -------
    int
        How many tables of rows were removed. The ledger keeps their hashes.

    Raises
    ------
    StoreUnavailable
        When the store cannot be read or written.
    """
    now = (clock or _now)()
    with store.reading() as connection:
        if not artifacts.has_expired(connection, at=now):
            return 0
    with store.writing() as job:
        n = artifacts.purge(job.connection, at=now)
    store.forget()
    return n
