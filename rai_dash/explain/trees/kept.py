"""Compiled code that was kept on disk, also for processes that may write nothing.

numba's own ways do not do for two reasons. It looks for kept code only where it may also write: the locked process
of a model may read its libraries and no more, and a container may be read-only. There the code that ``make
install`` kept is read all the same, and what has to be compiled anew is kept in memory. And it takes kept code for
fresh as long as the file of the function is the same, though code of functions in other files is compiled into it.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Self

FOLDER: Final = Path("__pycache__", "kernel")


@lru_cache(maxsize=8)
def _stamp(folder: Path) -> str:
    """Tell one state of all the sources in a folder from another."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


class BesideSource:
    """Where numba finds the compiled code of a function: in a folder of ``__pycache__`` beside its source.

    Takes the place of numba's own locators (``NUMBA_CACHE_LOCATOR_CLASSES`` in numba's documentation).
    """

    def __init__(self, function: Any, source: str) -> None:
        self._source, self._line = Path(source), function.__code__.co_firstlineno

    @classmethod
    def from_function(cls, function: Any, source: str) -> Self | None:
        """Return the place for a function; numba tries no other when it is one."""
        return cls(function, source) if Path(source).is_file() else None

    def ensure_cache_path(self) -> None:
        """Make the folder before something is written to it."""
        Path(self.get_cache_path()).mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        """Return the folder."""
        return str(self._source.parent / FOLDER)

    def get_source_stamp(self) -> str:
        """Tell one state of the sources from another."""
        return _stamp(self._source.parent)

    def get_disambiguator(self) -> str:
        """Tell functions of one name apart."""
        return str(self._line)


@lru_cache(maxsize=8)
def _may_write(folder: Path) -> bool:
    """Whether a file can be made in a folder: permissions do not tell what a lock forbids."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError:
        return False
    return True


@contextmanager
def keeping() -> Iterator[None]:
    """Let numba keep and find the compiled code of what is made in here as this file says."""
    # By name: what is changed here has no types.
    config: Any = import_module("numba.core.config")
    caching: Any = import_module("numba.core.caching")
    if not _may_write(Path(__file__).parent / FOLDER):
        caching.FunctionCache.save_overload = lambda *_: None
    usual = config.CACHE_LOCATOR_CLASSES
    config.CACHE_LOCATOR_CLASSES = f"{__name__}.{BesideSource.__name__}"
    try:
        yield
    finally:
        config.CACHE_LOCATOR_CLASSES = usual
