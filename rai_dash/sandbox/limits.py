"""What the separate process gives up before it does anything else."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
OPEN_FILES = 256


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


def give_up(*, memory_bytes: int | None, cpu_s: int | None) -> None:
    """Limit memory, processor time and open files; die with the parent; never gain rights.

    Parameters
    ----------
    memory_bytes : int or None
        Most address space. macOS does not enforce it.
    cpu_s : int or None
        Most processor seconds over the whole life; only a backstop, since the parent watches the clock.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        _prctl(PR_SET_DUMPABLE, 0)
        if memory_bytes is not None:
            _lower(resource.RLIMIT_AS, memory_bytes)
    if cpu_s is not None:
        _lower(resource.RLIMIT_CPU, cpu_s)
    os.umask(0o077)
