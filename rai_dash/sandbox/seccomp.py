"""A system call filter: the process can compute, start threads and read, and little else.

Source: the kernel's seccomp filter interface (``Documentation/userspace-api/seccomp_filter.rst``). A filter is a
short program in classic BPF; it sees the number of the call, the processor and the plain arguments.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import Final

from rai_dash.sandbox.syscalls import PROCESSORS, Processor

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER_AT, _PROCESSOR_AT, _ARGUMENTS_AT = 0, 4, 16
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
#: From here on the numbers are those of the x32 interface, which would slip past the table.
_X32: Final = 0x40000000
_CLONE_THREAD: Final = 0x00010000
#: Opening to write, to create, to cut off, or a nameless temporary file.
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | 0x400000
#: Naming a thread or a mapping, and harmless questions.
_PRCTL_ALLOWED: Final = (3, 15, 16, 23, 39, 0x53564D41)
#: Answered as if the kernel were older, so that libraries take the way that can be checked.
_UNKNOWN: Final = ("clone3", "openat2")
_SPECIAL: Final = (*_UNKNOWN, "clone", "open", "openat", "prctl", "prlimit64", "tgkill")


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _refuse(error: int = errno.EPERM) -> bytes:
    return _step(_RETURN, _ERRNO | error)


def _argument(position: int) -> bytes:
    """Load the lower half of an argument; both processors are little-endian."""
    return _step(_LOAD, _ARGUMENTS_AT + 8 * position)


def _for(number: int, body: list[bytes]) -> list[bytes]:
    """Run ``body``, which always returns, for one system call."""
    return [_step(_EQUAL, number, 0, len(body)), *body]


def _only(values: tuple[int, ...], position: int) -> list[bytes]:
    """Allow a call when one argument is among ``values``."""
    checks = [_step(_EQUAL, v, len(values) - i) for i, v in enumerate(values)]
    return [_argument(position), *checks, _refuse(), _step(_RETURN, _ALLOW)]


def _no_writing(position: int) -> list[bytes]:
    return [
        _argument(position),
        _step(_ANY_BIT, _WRITING, 0, 1),
        _refuse(errno.EACCES),
        _step(_RETURN, _ALLOW),
    ]


def _conditions(numbers: dict[str, int]) -> list[bytes]:
    """Build the rules that look at arguments."""
    threads_only = [_argument(0), _step(_ANY_BIT, _CLONE_THREAD, 1), _refuse(), _step(_RETURN, _ALLOW)]
    # Reading its own limits: process 0 is itself, and no new limit is given (both halves of the pointer are 0).
    high_half = _step(_LOAD, _ARGUMENTS_AT + 8 * 2 + 4)
    own_limits = [
        *(_argument(0), _step(_EQUAL, 0, 0, 4), _argument(2), _step(_EQUAL, 0, 0, 2)),
        *(high_half, _step(_EQUAL, 0, 1), _refuse(), _step(_RETURN, _ALLOW)),
    ]
    rules = {
        "clone": threads_only,
        "open": _no_writing(1),
        "openat": _no_writing(2),
        "prctl": _only(_PRCTL_ALLOWED, 0),
        "prlimit64": own_limits,
        # A library that gives up ends itself this way.
        "tgkill": _only((os.getpid(),), 0),
        **{name: [_refuse(errno.ENOSYS)] for name in _UNKNOWN},
    }
    return [step for name, body in rules.items() if name in numbers for step in _for(numbers[name], body)]


def build_filter(processor: Processor) -> bytes:
    """Build the filter for one kind of processor, for the process that calls this.

    Returns
    -------
    bytes
        Instructions of eight bytes each.
    """
    steps = [
        _step(_LOAD, _PROCESSOR_AT),
        _step(_EQUAL, processor.audit, 1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
        _step(_AT_LEAST, _X32, 0, 1),
        _refuse(),
        *_conditions(processor.numbers),
    ]
    for name, number in processor.numbers.items():
        if name not in _SPECIAL:
            steps += _for(number, [_refuse()])
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def restrict_calls() -> None:
    """Install the filter in every thread of this process, for good.

    Raises
    ------
    OSError
        Where the platform, the processor or the kernel has no such filter.
    """
    processor = PROCESSORS.get(platform.machine())
    if sys.platform != "linux" or processor is None:
        raise OSError(errno.ENOSYS, "no system call filter for this platform")
    steps = build_filter(processor)
    program = _Program(len(steps) // 8, steps)
    libc = ctypes.CDLL(None, use_errno=True)
    number = processor.numbers["seccomp"]
    if libc.syscall(number, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)) != 0:
        raise OSError(ctypes.get_errno(), "the system call filter was refused")
