"""What the separate process gives up before it does anything else."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

from rai_dash.sandbox import lock
from rai_dash.sandbox.lock import Level

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
OPEN_FILES = 256
#: ``_LINUX_CAPABILITY_VERSION_3``; this process; two times (effective, permitted, inheritable).
_NO_CAPABILITIES = struct.pack("<Ii", 0x20080522, 0), struct.pack("<6I", *[0] * 6)


def _lower(kind: int, value: int) -> None:
    """Lower one limit for good; a hard limit that is already lower stays."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _prctl(option: int, value: int) -> None:
    """Set one process attribute on Linux."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def _drop_capabilities() -> None:
    """Give up what root has beyond other users."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, none = (ctypes.create_string_buffer(raw, len(raw)) for raw in _NO_CAPABILITIES)
    if libc.capset(header, none) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def die_with_parent() -> None:
    """End when the process that started this one ends."""
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def give_up(
    *, memory_bytes: int | None, cpu_s: int | None, level: Level, readable: Sequence[Path] = ()
) -> None:
    """Limit memory, processor time and open files; die with the parent; never gain rights; fall locked.

    Parameters
    ----------
    memory_bytes : int or None
        Most address space. macOS does not enforce it.
    cpu_s : int or None
        Most processor seconds over the whole life; only a backstop, since the parent watches the clock.
    level : Level
        How far to lock.
    readable : sequence of Path
        What it may read beside its libraries.

    Raises
    ------
    OSError
        When one of it is refused.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    _lower(resource.RLIMIT_FSIZE, 0)
    die_with_parent()
    if sys.platform == "linux":
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        _prctl(PR_SET_DUMPABLE, 0)
        _drop_capabilities()
        if memory_bytes is not None:
            _lower(resource.RLIMIT_AS, memory_bytes)
    if cpu_s is not None:
        _lower(resource.RLIMIT_CPU, cpu_s)
    os.umask(0o077)
    lock.apply(level, readable)
