"""The model processes that are alive: at most ``settings.workers``, and none that idles for long."""

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
        others = [m for m in self.alive() if m is not model]
        surplus = len(others) + 1 - get_settings().workers
        for other in [m for m in others if not m.is_busy][: max(surplus, 0)]:
            other.close_if_idle()
        self.reap()

    def reap(self) -> None:
        """End the processes that nobody used for ``settings.worker_idle_s``, and look again later."""
        longest, now = get_settings().worker_idle_s, time.monotonic()
        for model in self.alive():
            if now - model.used > longest:
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
