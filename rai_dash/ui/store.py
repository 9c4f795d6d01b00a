"""Where cases live: on the server, in memory, under an unguessable id, with a time-to-live."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from rai_dash.case import Case
from rai_dash.core.errors import NotAllowed
from rai_dash.core.settings import get_settings


def new_case_id() -> str:
    """Draw an unguessable case id (128 bits)."""
    return secrets.token_urlsafe(16)


class _Held(NamedTuple):
    """A case, when it was last looked at, and whose it is."""

    case: Case
    seen: float
    owner: str


class CaseStore:
    """Cases by id, least recently used first out; a case not opened for its time-to-live is dropped.

    Each belongs to whoever put it there first. Where people do not sign in every owner is the empty text.

    Parameters
    ----------
    limit : int
        Most cases kept.
    ttl_s : float
        Seconds without a visit after which a case is dropped.
    clock : callable
        Monotonic seconds; an argument for the tests.
    """

    def __init__(self, *, limit: int, ttl_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._ttl_s = ttl_s
        self._clock = clock
        self._cases: OrderedDict[str, _Held] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, case: Case, *, owner: str = "") -> None:
        """Keep a case, or the newer state of one.

        Raises
        ------
        NotAllowed
            When it belongs to somebody else.
        """
        with self._lock:
            found = self._cases.pop(case.id, None)
            if found is not None and found.owner != owner:
                self._cases[case.id] = found
                msg = "This case belongs to somebody else. Open one of your own."
                raise NotAllowed(msg)
            self._cases[case.id] = _Held(case, self._clock(), owner)
            while len(self._cases) > self._limit:
                _, old = self._cases.popitem(last=False)
                _let_go(old.case)

    def get(self, case_id: str, *, owner: str = "") -> Case | None:
        """Find a case by id; None when it never was here, is gone, or belongs to somebody else."""
        with self._lock:
            self._drop_stale()
            found = self._cases.get(case_id)
            if found is None or found.owner != owner:
                return None
            self._cases[case_id] = found._replace(seen=self._clock())
            self._cases.move_to_end(case_id)
            return found.case

    def is_anothers(self, case_id: str, *, owner: str = "") -> bool:
        """Whether a case is here and belongs to somebody else."""
        with self._lock:
            self._drop_stale()
            found = self._cases.get(case_id)
            return found is not None and found.owner != owner

    def rest(self, case_id: str) -> None:
        """End the idle processes of what was opened for a case, models and tables; the case itself stays."""
        with self._lock:
            found = self._cases.get(case_id)
        if found is not None:
            for item in found.case.models:
                if item.model.owner == case_id:
                    item.model.close_if_idle()
            _rest_tables(found.case)

    def _drop_stale(self) -> None:
        now = self._clock()
        for case_id in [i for i, held in self._cases.items() if now - held.seen > self._ttl_s]:
            _let_go(self._cases.pop(case_id).case)

    def __len__(self) -> int:
        """Count the cases held."""
        return len(self._cases)


def _let_go(case: Case) -> None:
    """End the processes of a case that is dropped; they start again if it is still looked at."""
    for item in case.models:
        # Not one that works at the moment: the models of a bundled case are shared by all its copies.
        item.model.close_if_idle()
    _rest_tables(case)


def _rest_tables(case: Case) -> None:
    for item in case.data:
        if item.dataset.portfolio is not None:
            item.dataset.portfolio.rest()


def make_store() -> CaseStore:
    """Build the store of this process from the settings."""
    settings = get_settings()
    return CaseStore(limit=settings.cases, ttl_s=settings.case_ttl_s)
