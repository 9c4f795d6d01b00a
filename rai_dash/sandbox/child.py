"""The separate process itself: ``python -m rai_dash.sandbox.child FD MEMORY_BYTES CPU_S LEVEL [PLACE ...]``.

It reads calls from a socket, runs the named function and answers, one call at a time, until the
other side hangs up. It knows no room above it: functions are found by name.
"""

from __future__ import annotations

import importlib
import socket
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rai_dash.core import errors
from rai_dash.core.texts import tr
from rai_dash.sandbox import frames
from rai_dash.sandbox.frames import Kind
from rai_dash.sandbox.limits import give_up
from rai_dash.sandbox.lock import NOT_LOCKED, Level

#: ``progress(done, total, note)``
Progress = Callable[[int, int, str], None]
#: What an entry point looks like.
Operation = Callable[
    [dict[str, Any], dict[str, Any], list[memoryview], Progress],
    tuple[dict[str, Any], list[bytes] | list[memoryview]],
]

PROGRESS_EVERY_S = 0.05
MAX_NOTE = 200


class _HungUp(Exception):
    """The app has closed its end."""


def _receive(sock: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view.nbytes:
        got = sock.recv_into(view)
        if got == 0:
            raise _HungUp
        view = view[got:]
    return data


def _receive_call(sock: socket.socket) -> tuple[dict[str, Any], list[memoryview]]:
    """Wait for the next call: a JSON frame, then the descriptors of its memory files."""
    kind, length = frames.parse_header(_receive(sock, frames.HEADER.size))
    if kind is not Kind.CALL or length > frames.MAX_JSON:
        msg = tr("expected a call, got {kind} of {length} bytes", kind=kind.name, length=length)
        raise frames.BadFrame(msg)
    call = frames.decode_json(_receive(sock, length))
    fds: list[int] = []
    if call["blobs"]:
        _, fds, _, _ = socket.recv_fds(sock, len(frames.FD_MARK), frames.MAX_BLOBS)
    return call, frames.map_files(fds)


def _send(sock: socket.socket, kind: Kind, payload: bytes | memoryview) -> None:
    sock.sendall(frames.header(kind, len(payload)))
    sock.sendall(payload)


def _find(op: str) -> Operation:
    """Find ``"rai_dash.module:function"``."""
    module, _, name = op.partition(":")
    if not module.startswith("rai_dash.") or not name.isidentifier() or name.startswith("_"):
        msg = tr("{op} is not an entry point", op=f"{op!r}")
        raise frames.BadFrame(msg)
    function: Operation = getattr(importlib.import_module(module), name)
    return function


def _reporter(sock: socket.socket) -> Progress:
    """Make the ``progress`` function; a fast loop must not flood the socket."""
    last = float("-inf")

    def progress(done: int, total: int, note: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < PROGRESS_EVERY_S and done < total:
            return
        last = now
        payload = {"done": int(done), "total": int(total), "note": note[:MAX_NOTE]}
        _send(sock, Kind.PROGRESS, frames.encode_json(payload))

    return progress


def describe_error(error: BaseException) -> dict[str, str]:
    """Describe an exception in plain JSON: the class the app knows it by, code, message, place."""
    for kind in type(error).__mro__:
        if kind.__module__ == errors.__name__ and isinstance(error, errors.RaiError):
            return {
                "class": kind.__name__,
                "code": error.code,
                "message": error.message[: frames.MAX_MESSAGE],
            }
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return {
        "class": "",
        "code": type(error).__name__,
        "message": " ".join(str(error).split())[: frames.MAX_MESSAGE],
        "where": ", ".join(f"{Path(f.filename).name}:{f.lineno}" for f in last),
    }


def _answer(sock: socket.socket, state: dict[str, Any]) -> None:
    """Serve one call."""
    call, blobs = _receive_call(sock)
    try:
        data, out = _find(call["op"])(state, call["args"], blobs, _reporter(sock))
        reply = frames.encode_json({"data": data, "blobs": len(out)})
    except (_HungUp, BrokenPipeError, ConnectionResetError):
        raise
    except Exception as e:  # noqa: BLE001 - whatever a file provokes becomes a message
        _send(sock, Kind.ERROR, frames.encode_json(describe_error(e)))
        return
    _send(sock, Kind.RESULT, reply)
    for blob in out:
        _send(sock, Kind.BLOB, memoryview(blob).cast("B"))


def main(argv: list[str]) -> int:
    """Serve calls until the app hangs up."""
    fd, memory_bytes, cpu_s = (int(text) for text in argv[:3])
    try:
        give_up(
            memory_bytes=memory_bytes or None,
            cpu_s=cpu_s or None,
            level=Level(argv[3]),
            readable=[Path(place) for place in argv[4:]],
        )
    except OSError:
        # Better no answer than one from a process that is less locked than the app believes.
        return NOT_LOCKED
    state: dict[str, Any] = {}
    with socket.socket(fileno=fd) as sock:
        try:
            while True:
                _answer(sock, state)
        except (_HungUp, BrokenPipeError, ConnectionResetError):
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
