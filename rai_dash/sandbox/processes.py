"""Handles of separate processes, started afresh or forked from the stem: poll, wait, kill."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import threading
from contextlib import suppress
from typing import Protocol

from rai_dash.sandbox.stem_messages import NUMBER, unpack_number


class Process(Protocol):
    """What the app does with a separate process."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def returncode(self) -> int | None:
        """How it ended, None = it had not when last looked at; negative = by that signal."""

    def poll(self) -> int | None:
        """Look whether it has ended."""

    def wait(self) -> int:
        """Wait until it has ended."""

    def kill(self) -> None:
        """End it, with everything it started; nothing happens where it has ended."""


class Started:
    """A process of its own interpreter."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """See `Process`."""
        return self._process.returncode

    def poll(self) -> int | None:
        """See `Process`."""
        return self._process.poll()

    def wait(self) -> int:
        """See `Process`."""
        return self._process.wait()

    def kill(self) -> None:
        """See `Process`."""
        # The number of a process that was collected may belong to another one by now.
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                self._process.kill()


class Forked:
    """A fork of the stem, which alone can collect it and tells us how it ended.

    Parameters
    ----------
    end : socket
        Where the stem sends the number of the process with its descriptor, and later its exit status.

    Raises
    ------
    OSError
        When the stem ended before it forked.
    """

    def __init__(self, end: socket.socket) -> None:
        raw, fds, _, _ = socket.recv_fds(end, NUMBER.size, 1)
        if len(fds) != 1:
            msg = "no process was forked"
            raise OSError(msg)
        self.pid = unpack_number(raw)
        self.returncode: int | None = None
        self._handle, self._end = fds[0], end
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """See `Process`."""
        with self._lock:
            return self._look(socket.MSG_DONTWAIT)

    def wait(self) -> int:
        """See `Process`."""
        # The lock must stay free for `kill` meanwhile.
        with suppress(OSError, ValueError):
            select.select([self._end], [], [])
        while (status := self.poll()) is None:
            select.select([], [], [], 0.01)
        return status

    def kill(self) -> None:
        """See `Process`."""
        with self._lock:
            if self._look(socket.MSG_DONTWAIT) is None:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def _look(self, flags: int) -> int | None:
        if self.returncode is None:
            try:
                raw = self._end.recv(NUMBER.size, flags)
            except BlockingIOError:
                return None
            except ConnectionError:
                raw = b""
            if not raw:
                # The stem is gone, and what it forked dies with it.
                select.select([self._handle], [], [])
            self.returncode = unpack_number(raw) if raw else -signal.SIGKILL
            os.close(self._handle)
            self._end.close()
        return self.returncode
