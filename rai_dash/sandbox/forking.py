"""The app's side of the stem: it is started in the background, and used once it is ready."""

from __future__ import annotations

import logging
import select
import socket
import subprocess
import sys
from collections.abc import Sequence

from rai_dash.sandbox.lock import Level
from rai_dash.sandbox.processes import Forked
from rai_dash.sandbox.stem_messages import READY, pack_request

logger = logging.getLogger(__name__)


class Stem:
    """A process that has the libraries and forks.

    Parameters
    ----------
    environment : dict of str to str
        Environment of the stem and of every fork.
    folder : str
        Working folder.
    names : sequence of str
        Modules to import before it forks; ``module:function`` is called too.
    """

    def __init__(self, environment: dict[str, str], folder: str, names: Sequence[str] = ()) -> None:
        self.environment = environment
        self._is_ready = False
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = start_module("stem", list(names), theirs, environment, folder)

    @property
    def alive(self) -> bool:
        """Whether it can still fork, now or when it is ready."""
        return self._process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether its libraries are imported; never waits."""
        if not self._is_ready and select.select([self._control], [], [], 0)[0]:
            self._is_ready = self._control.recv(len(READY)) == READY
        return self._is_ready and self.alive

    def fork(self, *, memory_bytes: int, cpu_s: int, level: Level) -> tuple[Forked, socket.socket]:
        """Fork a separate process and return it with our end of the line.

        Raises
        ------
        OSError
            When the stem has ended.
        """
        line, their_line = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        end, their_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with their_line, their_end:
                request = pack_request(memory_bytes, cpu_s, level)
                socket.send_fds(self._control, [request], [their_line.fileno(), their_end.fileno()])
            return Forked(end), line
        except BaseException:
            line.close()
            end.close()
            raise

    def close(self) -> None:
        """End the stem, and with it everything it forked."""
        self._process.kill()
        self._process.wait()
        self._control.close()


def start_module(
    name: str, arguments: list[str], theirs: socket.socket, environment: dict[str, str], folder: str
) -> subprocess.Popen[bytes]:
    """Start a module of this room as a process of its own that holds one end of a socket."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter, arguments are numbers
        [sys.executable, "-P", "-m", f"rai_dash.sandbox.{name}", str(theirs.fileno()), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(theirs.fileno(),),
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
