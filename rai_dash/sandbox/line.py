"""The app's end of the socket during one call, and the clock that ends it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from functools import partial

from rai_dash.core.errors import WorkerFailed
from rai_dash.core.stopping import CancelCheck, stop_if
from rai_dash.core.texts import tr
from rai_dash.sandbox import frames
from rai_dash.sandbox.frames import BadFrame, Kind

#: How often a waiting call looks whether it was cancelled, in seconds.
LOOK_EVERY_S = 0.1


class Gone(Exception):
    """The child has hung up."""


class Clock:
    """When a call has to end: at its deadline, or when the user stops it."""

    def __init__(self, timeout: float, cancelled: CancelCheck | None) -> None:
        self.timeout = timeout
        self._end = time.monotonic() + timeout
        self._cancelled = cancelled

    def step(self) -> float:
        """Return how long to wait before the next look, in seconds."""
        stop_if(self._cancelled)
        left = self._end - time.monotonic()
        if left <= 0:
            msg = tr(
                "This took longer than {timeout} s and was stopped; only its own process was affected. "
                "Try fewer rows, or ask the operator to raise the time limit.",
                timeout=f"{self.timeout:g}",
            )
            raise WorkerFailed(msg, code="worker_timeout")
        return min(left, LOOK_EVERY_S)


class Line:
    """Our end of the socket during one call."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._sock = sock
        self._clock = clock

    def _try(self, action: Callable[[], int]) -> int:
        while True:
            self._sock.settimeout(self._clock.step())
            try:
                return action()
            except TimeoutError:
                continue
            except OSError:
                raise Gone from None

    def send(self, payload: bytes) -> None:
        """Send all of some bytes."""
        view = memoryview(payload)
        while view.nbytes:
            view = view[self._try(partial(self._sock.send, view)) :]

    def send_files(self, fds: Sequence[int]) -> None:
        """Send the descriptors of memory files."""
        if fds:
            self._try(lambda: socket.send_fds(self._sock, [frames.FD_MARK], list(fds)))

    def receive(self, size: int) -> bytearray:
        """Receive exactly ``size`` bytes. The pages of a large buffer cost nothing before they are filled."""
        data = bytearray(size)
        view = memoryview(data)
        while view.nbytes:
            got = self._try(partial(self._sock.recv_into, view))
            if got == 0:
                raise Gone
            view = view[got:]
        return data

    def receive_frame(self, limit: int) -> tuple[Kind, bytearray]:
        """Receive one frame of at most ``limit`` bytes."""
        kind, length = frames.parse_header(self.receive(frames.HEADER.size))
        if length > limit:
            msg = tr(
                "a {kind} of {length} bytes, the limit is {limit}",
                kind=kind.name,
                length=f"{length:,}",
                limit=f"{limit:,}",
            )
            raise BadFrame(msg)
        return kind, self.receive(length)
