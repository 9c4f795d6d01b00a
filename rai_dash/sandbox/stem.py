"""The process that others are forked from: ``python -m rai_dash.sandbox.stem FD NAME ...``.

Starting an interpreter and importing scikit-learn, XGBoost and pandas takes two to three seconds of processor time;
a fork of a process that has them takes milliseconds. The stem imports libraries, never sees a file, a model or a row,
and does nothing but fork: each fork gives up its rights and locks itself as a process started afresh does, before it
reads its first call.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from typing import NoReturn

from rai_dash.sandbox import child
from rai_dash.sandbox.limits import die_with_parent
from rai_dash.sandbox.lock import Level, threads
from rai_dash.sandbox.stem_messages import READY, REQUEST, pack_pid, pack_status, unpack_request

#: A library started a thread: its locks might be held while we fork.
NOT_ALONE = 72


def _load(names: Sequence[str]) -> None:
    """Import modules; ``module:function`` is called too.

    One that is missing or does not load is imported again by the child that wants it, which says so.
    """
    for name in names:
        module, _, function = name.partition(":")
        try:
            loaded = importlib.import_module(module)
            if function:
                getattr(loaded, function)()
        except Exception:  # noqa: BLE001, S112 - whatever a broken library raises
            continue


class _Stem:
    """The loop: fork on request, and tell the app how each fork ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._ends: dict[int, socket.socket] = {}
        self._wake, wake = socket.socketpair()
        for sock in (self._wake, wake):
            sock.settimeout(0)
        self._waker = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)

    def run(self) -> None:
        """Serve until the app hangs up."""
        self._control.send(READY)
        while True:
            ready, _, _ = select.select([self._control, self._wake], [], [])
            if self._wake in ready:
                self._wake.recv(4096)
                self._collect()
            if self._control in ready and not self._serve():
                return

    def _collect(self) -> None:
        """Tell the app about every fork that has ended."""
        while self._ends:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with self._ends.pop(pid) as end:
                try:
                    end.send(pack_status(os.waitstatus_to_exitcode(status)))
                except OSError:
                    continue  # the app no longer wants to know

    def _serve(self) -> bool:
        """Fork once; False = the app has hung up."""
        raw, fds, _, _ = socket.recv_fds(self._control, REQUEST.size, 2)
        if not raw:
            return False
        line, end = fds
        stem = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_child(stem, line, end, unpack_request(raw))
        os.close(line)
        self._ends[pid] = socket.socket(fileno=end)
        handle = os.pidfd_open(pid)
        try:
            socket.send_fds(self._ends[pid], [pack_pid(pid)], [handle])
        finally:
            os.close(handle)
        return True

    def _become_child(self, stem: int, line: int, end: int, request: tuple[int, int, Level]) -> NoReturn:
        """Be the separate process; never return into the loop."""
        status = 1
        try:
            die_with_parent()
            if os.getppid() != stem:
                os._exit(status)  # it ended before it could take this process with it
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for sock in (self._control, self._wake, self._waker, *self._ends.values()):
                sock.close()
            os.close(end)
            os.setsid()
            _draw_anew()
            memory_bytes, cpu_s, level = request
            status = child.main([str(line), str(memory_bytes), str(cpu_s), level.value])
        finally:
            os._exit(status)


def _draw_anew() -> None:
    """Seed NumPy's global generator from the system, as in a process of its own; forks would share its state."""
    import numpy as np

    np.random.seed()  # noqa: NPY002 - a library may draw from it


def main(argv: list[str]) -> int:
    """Import the libraries, then fork until the app hangs up."""
    die_with_parent()
    _load(argv[1:])
    if threads() != 1:
        return NOT_ALONE
    gc.collect()
    # Forks share these pages as long as the collector does not write its marks into them.
    gc.freeze()
    with socket.socket(fileno=int(argv[0])) as control:
        _Stem(control).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
