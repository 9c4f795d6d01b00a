"""The self-test: a throw-away process tries everything a hostile file might, before any file is opened."""

from __future__ import annotations

import logging
import os
import socket
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rai_dash.core.errors import WorkerFailed
from rai_dash.core.texts import tr
from rai_dash.sandbox.attempts import ATTEMPTS
from rai_dash.sandbox.client import Child
from rai_dash.sandbox.lock import Level

logger = logging.getLogger(__name__)

_OP: Final = "rai_dash.sandbox.attempts:"
_MEMORY_GB: Final = 1.0
_TIMEOUT_S: Final = 20.0
_READS: Final = frozenset(name for name in ATTEMPTS if name.startswith(("read ", "list ")))
#: Blocked by limits alone, on every platform that enforces them.
_BY_LIMITS: Final = frozenset({"write a file", "overwrite a file"})
_BY_MEMORY_LIMIT: Final = "allocate over the limit"


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What the self-test found.

    Parameters
    ----------
    level : Level
        How far the separate process is locked on this machine.
    open : tuple of str
        Attempts that got through at that level.
    """

    level: Level
    open: tuple[str, ...]

    @property
    def words(self) -> str:
        """Say what holds and what does not."""
        rest = f" Not blocked: {', '.join(self.open)}." if self.open else ""
        return self.level.words + rest


def must_be_blocked(level: Level) -> frozenset[str]:
    """Return the attempts that have to fail for a level to hold."""
    if level is Level.FULL:
        return frozenset(ATTEMPTS)
    if level is Level.SECCOMP:
        return frozenset(ATTEMPTS) - _READS
    return _BY_LIMITS | ({_BY_MEMORY_LIMIT} if sys.platform == "linux" else frozenset())


def _listener() -> socket.socket:
    """Listen on a free port: an attempt to connect must not fail for want of an answer."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen()
    return sock


def _attempts(level: Level, given: dict[str, Any]) -> list[str]:
    """Return the attempts that got through; one process for all, and a new one where it was lost."""
    got_through = []
    child = Child(mem_gb=_MEMORY_GB, level=level)
    try:
        for name in ATTEMPTS:
            if not child.alive:
                child = Child(mem_gb=_MEMORY_GB, level=level)
            try:
                reply = child.call(f"{_OP}attempt", {**given, "name": name}, timeout=_TIMEOUT_S)
            except WorkerFailed:
                got_through.append(name)
                continue
            if reply.data.get("blocked") is not True:
                got_through.append(name)
        if child.alive and not all(child.call(f"{_OP}needed", timeout=_TIMEOUT_S).data["works"].values()):
            msg = tr("The locked process cannot do what honest work needs.")
            raise WorkerFailed(msg)
    finally:
        child.close()
    return got_through


def try_level(level: Level) -> SelfTest:
    """Try every attempt against a process locked to one level.

    Raises
    ------
    WorkerFailed
        When the lock is refused, or honest work does not run under it.
    """
    with tempfile.TemporaryDirectory(prefix="rai-dash-test-") as folder, _listener() as listener:
        file, spare = Path(folder, "secret"), Path(folder, "spare")
        for path in (file, spare):
            path.write_bytes(b"secret")
        given = {
            "file": str(file),
            "spare": str(spare),
            "folder": folder,
            "program": sys.executable,
            "parent": os.getpid(),
            "port": listener.getsockname()[1],
            "bytes": int(2 * _MEMORY_GB * 2**30),
        }
        return SelfTest(level, tuple(_attempts(level, given)))


_lock = threading.Lock()
_found: list[SelfTest] = []


def _run() -> SelfTest:
    for level in (Level.FULL, Level.SECCOMP):
        try:
            found = try_level(level)
        except WorkerFailed:
            continue
        if not must_be_blocked(level).intersection(found.open):
            return found
    return try_level(Level.PROCESS)


def self_test() -> SelfTest:
    """Run the self-test once in the life of this process, and remember what it found.

    Returns
    -------
    SelfTest
        The strongest level at which every attempt that it must block was blocked.
    """
    with _lock:
        if not _found:
            _found.append(_run())
            logger.info("self-test of the separate process: %s", _found[0].level.value)
        return _found[0]
