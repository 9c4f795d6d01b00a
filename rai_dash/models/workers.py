"""The model processes that are alive: not too many at once, none that idles for long, none for ever."""

from __future__ import annotations

import threading
import time
import weakref
from typing import TYPE_CHECKING

from rai_dash.core.settings import get_settings

if TYPE_CHECKING:
    from rai_dash.models.client import Model

#: Longest time between two looks for idle processes, in seconds.
LOOK_EVERY_S = 60.0


class Workers:
    """Knows the models whose process runs; the least recently used one ends first."""

    def __init__(self) -> None:
        self._models: weakref.WeakSet[Model] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def alive(self) -> list[Model]:
        """Return the models whose process runs, the one unused for longest first."""
        with self._lock:
            return sorted((m for m in self._models if m.is_alive), key=lambda m: m.used)

    def add(self, model: Model) -> None:
        """Note a model whose process started, and end those that are too many or idle."""
        with self._lock:
            self._models.add(model)
        settings = get_settings()
        if model.owner is not None:
            self._make_room(model, settings.workers_per_case, owner=model.owner)
        self._make_room(model, settings.workers)
        self.reap()

    def _make_room(self, model: Model, most: int, *, owner: str | None = None) -> None:
        """End idle processes, of one owner or of all, until with this model there are no more than ``most``."""
        others = [m for m in self.alive() if m is not model and (owner is None or m.owner == owner)]
        surplus = len(others) + 1 - most
        for other in [m for m in others if not m.is_busy][: max(surplus, 0)]:
            other.close_if_idle()

    def reap(self) -> None:
        """End the processes that idle or live for too long (see the settings), and look again later."""
        settings, now = get_settings(), time.monotonic()
        longest = settings.worker_idle_s
        for model in self.alive():
            if now - model.used > longest or now - model.started > settings.worker_ttl_s:
                model.close_if_idle()
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            if any(m.is_alive for m in self._models):
                self._timer = threading.Timer(min(longest, LOOK_EVERY_S), self.reap)
                self._timer.daemon = True
                self._timer.start()


WORKERS = Workers()
