"""The lock of the separate process, and how far it holds on this machine."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from rai_dash.sandbox.landlock import restrict_files
from rai_dash.sandbox.seccomp import restrict_calls

#: Exit status of a child that could not lock itself as far as it was told to.
NOT_LOCKED = 71


class Level(StrEnum):
    """How far the separate process is locked."""

    FULL = "full"
    SECCOMP = "seccomp"
    PROCESS = "process"

    @property
    def words(self) -> str:
        """Say in one sentence what the level means."""
        return _WORDS[self]


_WORDS = {
    Level.FULL: "Files are opened in a locked process: no other file, no network, no program, no other process.",
    Level.SECCOMP: (
        "Files are opened in a process without network, programs and writing, but this kernel has no Landlock, so it "
        "could read other files of the app's user. Run the app as a user that owns nothing else."
    ),
    Level.PROCESS: (
        "Files are opened in a separate process with limits of time and memory, but this system has no lock for it "
        "(Landlock and seccomp need Linux on x86-64 or arm64). Open only files that you trust."
    ),
}


def readable_places() -> tuple[Path, ...]:
    """List what the separate process may read: the interpreter's libraries, ours, the system's, and itself."""
    package = Path(__file__).resolve().parents[1]
    python = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    # The checkout is on the path so that our package is found; what else lies in it stays out of reach.
    on_path = {p for p in sys.path if p and Path(p).resolve() != package.parent}
    system = ("/usr/lib", "/lib", "/lib64", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo")
    files = ("/etc/ld.so.cache", "/etc/localtime", "/proc/self", "/proc/cpuinfo", "/sys/devices/system/cpu")
    return tuple(dict.fromkeys(map(Path, [str(package), *sorted(python | on_path), *system, *files])))


def threads() -> int:
    """Count the threads of this process."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - names only, and before the lock falls


def apply(wanted: Level, readable: Sequence[Path] = ()) -> None:
    """Lock this process for good; call it before anything starts a thread.

    Parameters
    ----------
    wanted : Level
        What the self-test found to hold on this machine.
    readable : sequence of Path
        Folders and files of the operator that this process may read beside its libraries.

    Raises
    ------
    OSError
        When the lock does not go as far.
    """
    if wanted is Level.PROCESS:
        return
    if wanted is Level.FULL:
        if threads() != 1:
            msg = "a thread is running that Landlock would not reach"
            raise OSError(msg)
        restrict_files((*readable_places(), *readable))
    restrict_calls()
