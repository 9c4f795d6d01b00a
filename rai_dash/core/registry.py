"""One small mapping for everything that can be extended: metrics, model formats, explainers.

Built-in entries and those of other packages come through the same door: a decorator, a scan of one
package on first use, and entry points.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from threading import RLock
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """A read-only mapping that fills itself on first use.

    Parameters
    ----------
    kind : str
        What the entries are, for messages.
    package : str
        Package whose modules register built-in entries when imported.
    group : str
        Entry-point group through which other packages add theirs.
    """

    def __init__(self, kind: str, *, package: str, group: str) -> None:
        self._kind = kind
        self._package = package
        self._group = group
        self._entries: dict[str, T] = {}
        self._homes: dict[str, str] = {}
        self._scanned = False
        self._scanning = False
        self._lock = RLock()

    def add(self, name: str, entry: T, *, home: str) -> None:
        """Add one entry; a second one of the same name is refused, naming both places."""
        if name in self._entries and self._homes[name] != home:
            msg = f"Two {self._kind} entries are called {name!r}: {self._homes[name]} and {home}. Rename one."
            raise ValueError(msg)
        self._entries[name] = entry
        self._homes[name] = home

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that adds what it decorates under ``name``."""

        def decorate(entry: T) -> T:
            self.add(name, entry, home=getattr(entry, "__module__", "?"))
            return entry

        return decorate

    def _scan(self) -> None:
        """Import what registers entries, once; other threads wait until all of them are there."""
        if self._scanned:
            return
        with self._lock:
            if self._scanned or self._scanning:  # a module that is being scanned may look around
                return
            self._scanning = True
            try:
                package = importlib.import_module(self._package)
                for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
                    importlib.import_module(f"{self._package}.{module.name}")
                for point in entry_points(group=self._group):
                    point.load()
                self._scanned = True
            finally:
                self._scanning = False

    def __getitem__(self, name: str) -> T:
        """Return one entry."""
        self._scan()
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names in order of registration."""
        self._scan()
        return iter(self._entries)

    def __len__(self) -> int:
        """Count the entries."""
        self._scan()
        return len(self._entries)
