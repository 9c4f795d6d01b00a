"""What the app and the stem say to each other: three fixed-size messages."""

from __future__ import annotations

import struct
from typing import Final

from rai_dash.sandbox.lock import Level

READY: Final = b"ready"
#: Memory in bytes, processor seconds, position of the level; with it go the line and the end it reports on.
REQUEST: Final = struct.Struct("<QQB")
#: A process number, or an exit status.
NUMBER: Final = struct.Struct("<i")
_LEVELS: Final = tuple(Level)


def pack_request(memory_bytes: int, cpu_s: int, level: Level) -> bytes:
    """Write a request; 0 = no limit."""
    return REQUEST.pack(memory_bytes, cpu_s, _LEVELS.index(level))


def unpack_request(raw: bytes) -> tuple[int, int, Level]:
    """Read a request: memory in bytes, processor seconds, level."""
    memory_bytes, cpu_s, position = REQUEST.unpack(raw)
    return memory_bytes, cpu_s, _LEVELS[position]


def pack_pid(pid: int) -> bytes:
    """Write the number of a new process; its descriptor goes with it."""
    return NUMBER.pack(pid)


def pack_status(status: int) -> bytes:
    """Write how a process ended, as ``subprocess`` counts it: negative = by that signal."""
    return NUMBER.pack(status)


def unpack_number(raw: bytes) -> int:
    """Read a process number or an exit status."""
    number: int = NUMBER.unpack(raw)[0]
    return number
