"""The store of a process: opened once, its policies folded once for each change of the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.errors import LedgerBroken, RaiError
from rai_dash.govern.database import store_is_there
from rai_dash.govern.events import PREFIX, Kind
from rai_dash.govern.standing import Standing

if TYPE_CHECKING:
    from rai_dash.govern.desk import Desk
    from rai_dash.govern.ledger import Record
    from rai_dash.govern.policy import Policy
    from rai_dash.govern.store import Store

#: Seconds for which a store that could not be reached is not asked again by a page that only mentions it.
_PATIENCE_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Every policy as of one record of the ledger.

    Parameters
    ----------
    last : int
        Number of that record; 0 = there is none.
    standings : mapping of str to Standing
        By policy.
    data : mapping of str to frozenset of str
        Fingerprints of the data that the versions of a policy rest on.
    """

    last: int = 0
    standings: Mapping[str, Standing] = field(default_factory=dict)
    data: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Room:
    """One store for all sessions of this process. Safe to use from several threads.

    Parameters
    ----------
    target : str
        As in the settings; empty = the file in the data folder.
    reading : callable
        Gives the desk that a store is read at.
    """

    def __init__(self, target: str, reading: Callable[[Store], Desk]) -> None:
        self._target = target
        self._reading = reading
        self._lock = threading.Lock()
        self._opened: Store | None = None
        self._shelf: Shelf | None = None
        self._policies: dict[tuple[str, int], Policy] = {}
        self._failed: tuple[float, RaiError] | None = None

    def store(self) -> Store:
        """Return the store; it is opened, and brought up to date, on first use."""
        from rai_dash.govern.store import Store

        with self._lock:
            if self._opened is None:
                self._opened = Store(self._target or None)
            return self._opened

    def shelf(self, *, patient: bool = False) -> Shelf:
        """Return every policy; only what was written since is read again.

        Parameters
        ----------
        patient : bool
            Whether a store that could not be reached a moment ago is left alone.

        Raises
        ------
        RaiError
            When the store cannot be read, or makes no sense.
        """
        if self._is_missing():
            return Shelf()
        if patient and self._failed is not None and time.monotonic() - self._failed[0] < _PATIENCE_S:
            raise self._failed[1]
        try:
            found = self._read()
        except RaiError as error:
            self._failed = (time.monotonic(), error)
            raise
        self._failed = None
        return found

    def policy(self, policy_id: str, version: int) -> Policy:
        """Return one version of a policy, as of the last look at the shelf.

        Raises
        ------
        InvalidChoice
            When there is none.
        """
        key = (policy_id, version)
        with self._lock:
            found = self._policies.get(key)
        if found is None:
            found = self._reading(self.store()).policy(policy_id, version)
            with self._lock:
                self._policies[key] = found
        return found

    def _is_missing(self) -> bool:
        # Nobody has signed anything: no reason to load a database, or to make one.
        return self._opened is None and not store_is_there(self._target)

    def _read(self) -> Shelf:
        newest = self.store().last()
        n = 0 if newest is None else newest.seq
        with self._lock:
            if self._shelf is not None and self._shelf.last == n:
                return self._shelf
        drafts = self.store().records(kinds={Kind.DRAFT})
        standings = {s.policy_id: s for s in self._reading(self.store()).policies()}
        found = Shelf(last=n, standings=standings, data=_data_of(drafts))
        with self._lock:
            self._shelf, self._policies = found, {}
        return found


def _data_of(drafts: list[Record]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for record in drafts:
        name = (record.subject or "").removeprefix(PREFIX)
        content: Any = record.content
        try:
            rests_on = str(content["policy"]["data"]["sha256"])
        except (KeyError, TypeError) as error:
            msg = f"Record {record.seq} drafts a policy and does not name its data. Verify the ledger."
            raise LedgerBroken(msg) from error
        found[name] = found.get(name, frozenset()) | {rests_on}
    return found
