"""Starting the separate process: its environment and the thread that starts it."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from rai_dash.core.errors import WorkerFailed
from rai_dash.core.texts import tr
from rai_dash.sandbox.forking import Stem, start_module
from rai_dash.sandbox.lock import Level
from rai_dash.sandbox.processes import Process, Started

#: Variables of the app that the child may see; everything else (keys, tokens, addresses) stays out.
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")
#: Prefixes of variables that choose the arithmetic kernels: without them results differ in the last bit.
KEPT_PREFIXES = ("OPENBLAS_", "NVPL_", "MKL_CBWR")
FIXED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Semaphores and the cgroup file are out of reach once the process is locked.
    "JOBLIB_MULTIPROCESSING": "0",
    # Wheels of this library send telemetry unless told otherwise before import.
    "ORT_DISABLE_TELEMETRY": "1",
    # The allocators of glibc (one arena a thread) and of Arrow reserve address space, which is what is limited.
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "262144",
    "MALLOC_TRIM_THRESHOLD_": "262144",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    # Or Arrow starts a thread, and a process with threads cannot be forked safely.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYTHONHASHSEED": "0",
}
#: What models and tables need, for the stem.
LIBRARIES = (
    "numpy", "pandas", "pyarrow", "pydantic_settings", "scipy.sparse", "scipy.special", "sklearn.compose",
    "sklearn.ensemble", "sklearn.impute", "sklearn.linear_model", "sklearn.pipeline", "sklearn.preprocessing",
    "skops.io", "xgboost", "lightgbm", "rai_dash.core.settings",
)  # fmt: skip
#: So many processes are started afresh, as a command or the bundled story needs them, before a stem is worth its start.
FEW = 7


@lru_cache(maxsize=1)
def scratch_folder() -> str:
    """Make the one folder that libraries in the children may want (matplotlib, numba); removed at exit."""
    folder = tempfile.mkdtemp(prefix="rai-dash-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def child_environment() -> dict[str, str]:
    """Build the minimal environment of a child."""
    kept = {k: v for k, v in os.environ.items() if k in KEPT or k.startswith(KEPT_PREFIXES)}
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    folder = scratch_folder()
    places = {"HOME": folder, "TMPDIR": folder, "MPLCONFIGDIR": folder, "NUMBA_CACHE_DIR": folder}
    return kept | FIXED | places | {"PYTHONPATH": os.pathsep.join(paths)}


@lru_cache(maxsize=1)
def _starter() -> ThreadPoolExecutor:
    """Return the one thread that starts children.

    Linux ends a child that asked to die with its parent when the *thread* that started it ends, and
    the threads that serve pages are short-lived.
    """
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="rai-dash-start")


class _Starts:
    """Starts processes, all in one thread: afresh at first, forked from the stem once that pays."""

    def __init__(self) -> None:
        self._asked = 0
        self._stem: Stem | None = None

    def start(
        self, memory_bytes: int, cpu_s: int, level: Level, readable: Sequence[Path]
    ) -> tuple[Process, socket.socket]:
        """Start one; one that may read more than the others is not forked."""
        arguments = [str(memory_bytes), str(cpu_s), level.value]
        if readable:
            return _start_afresh([*arguments, *map(str, readable)])
        self._asked += 1
        stem = self._stem_of(level)
        if stem is not None and stem.ready:
            try:
                return stem.fork(memory_bytes=memory_bytes, cpu_s=cpu_s, level=level)
            except OSError:
                stem.close()
                self._stem = None
        return _start_afresh(arguments)

    def grow(self, level: Level) -> None:
        """Start the stem now, without waiting for it."""
        self._asked = max(self._asked, FEW + 1)
        self._stem_of(level)

    def _stem_of(self, level: Level) -> Stem | None:
        """Return the stem, started where this is not one of a few processes; None = start afresh.

        Without the lock nothing keeps a child from forking too, and its group from being ended with it.
        """
        if sys.platform != "linux" or level is Level.PROCESS or self._asked <= FEW:
            return None
        environment = child_environment()
        if self._stem is not None and self._stem.environment != environment:
            return None
        if self._stem is None:
            self._stem = Stem(environment, scratch_folder(), [*LIBRARIES, *sorted(_expected)])
            atexit.register(self._stem.close)
        # One that ended by itself (a library that starts threads) would do so again.
        return self._stem if self._stem.alive else None


_starts = _Starts()
_expected: set[str] = set()


def _start_afresh(arguments: list[str]) -> tuple[Started, socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with theirs:
            process = start_module("child", arguments, theirs, child_environment(), scratch_folder())
    except BaseException:
        ours.close()
        raise
    return Started(process), ours


def expect(*names: str) -> None:
    """Name what a room above will ask of separate processes, to be imported before they are forked.

    Parameters
    ----------
    *names : str
        Modules of ours; ``module:function`` is called too. They may not start a thread.
    """
    _expected.update(names)


def grow(level: Level) -> None:
    """Expect more processes than a few: start the stem in the background.

    Parameters
    ----------
    level : Level
        How far processes are locked here.
    """
    _starter().submit(_starts.grow, level).result()


def start_child(
    *, memory_bytes: int, cpu_s: int, level: Level, readable: Sequence[Path] = ()
) -> tuple[Process, socket.socket]:
    """Start a child and return it with our end of the line.

    Parameters
    ----------
    memory_bytes, cpu_s : int
        Limits for its whole life; 0 = none.
    level : Level
        How far it locks itself; it ends where it cannot.
    readable : sequence of Path
        Folders and files of the operator that it may read.
    """
    if sys.platform == "win32":
        msg = tr(
            "Files are opened in a separate process, which needs Linux or macOS. Run the app there, or in "
            "Docker."
        )
        raise WorkerFailed(msg, code="no_worker")
    try:
        return _starter().submit(_starts.start, memory_bytes, cpu_s, level, readable).result()
    except OSError as e:
        msg = tr(
            "A separate process could not be started ({strerror}). The machine may be out of memory; try "
            "again.",
            strerror=e.strerror,
        )
        raise WorkerFailed(msg, code="no_worker") from None
