"""The wire format between the app and its separate process.

A frame is one byte of kind, eight bytes of length (little-endian), then that many bytes. JSON for
small things, raw bytes for large ones, never a pickle. Memory files travel beside the call frame as
file descriptors.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import struct
import sys
import tempfile
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from rai_dash.core.texts import tr

HEADER = struct.Struct("<BQ")
#: Largest JSON text, in bytes, in either direction.
MAX_JSON = 64 * 2**20
#: Most memory files in one call (one message carries at most 253 descriptors on Linux).
MAX_BLOBS = 64
#: Longest message of an error, in characters.
MAX_MESSAGE = 2_000
#: One byte that carries the descriptors of the memory files.
FD_MARK = b"F"


class Kind(IntEnum):
    """What a frame holds."""

    CALL = 1
    PROGRESS = 2
    RESULT = 3
    ERROR = 4
    BLOB = 5


class BadFrame(Exception):
    """The other side sent something that is not a frame of this protocol."""


def header(kind: Kind, length: int) -> bytes:
    """Build the nine bytes before a frame."""
    return HEADER.pack(kind, length)


def parse_header(raw: bytes | bytearray) -> tuple[Kind, int]:
    """Read the nine bytes before a frame."""
    kind, length = HEADER.unpack(raw)
    try:
        return Kind(kind), length
    except ValueError:
        msg = tr("unknown kind of frame {kind}", kind=kind)
        raise BadFrame(msg) from None


def _plain(value: object) -> object:
    """Turn a numpy scalar into a Python one; anything else has no place in a reply."""
    item = getattr(value, "item", None)
    if item is None or getattr(value, "ndim", 1) != 0:
        msg = f"{type(value).__name__} cannot be sent as JSON"
        raise TypeError(msg)
    return item()


def encode_json(value: object) -> bytes:
    """Write a value as JSON; NaN and infinity are refused, since they are not JSON."""
    raw = json.dumps(
        value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_plain
    ).encode("utf-8", "surrogatepass")
    if len(raw) > MAX_JSON:
        msg = f"a message of {len(raw):,} bytes is over the limit of {MAX_JSON:,}"
        raise ValueError(msg)
    return raw


def _refuse_constant(text: str) -> float:
    msg = tr("{text} is not JSON", text=text)
    raise BadFrame(msg)


def decode_json(raw: bytes | bytearray) -> dict[str, Any]:
    """Read a JSON object; every way in which that can fail is a ``BadFrame``."""
    try:
        value = json.loads(raw.decode("utf-8", "surrogatepass"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as e:
        msg = f"not JSON: {type(e).__name__}"
        raise BadFrame(msg) from None
    if not isinstance(value, dict):
        msg = "not a JSON object"
        raise BadFrame(msg)
    return value


def memory_file(content: bytes | memoryview) -> int:
    """Put some bytes in a sealed memory file and return its descriptor.

    Where the platform has no memory files, an unlinked temporary file takes its place.
    """
    if sys.platform == "linux":
        fd = os.memfd_create("rai-dash", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    try:
        view = memoryview(content).cast("B")
        while view.nbytes:
            view = view[os.write(fd, view[: 2**30]) :]
        if sys.platform == "linux":
            seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(fd)
        raise
    return fd


def map_files(fds: Sequence[int]) -> list[memoryview]:
    """Map memory files for reading and close their descriptors.

    The mapping lives as long as anything looks into it.
    """
    views = []
    for fd in fds:
        size = os.fstat(fd).st_size
        views.append(memoryview(mmap.mmap(fd, size, access=mmap.ACCESS_READ) if size else b""))
        os.close(fd)
    return views
