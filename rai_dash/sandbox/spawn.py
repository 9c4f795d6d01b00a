"""Starting the separate process: its environment and the thread that starts it."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from rai_dash.core.errors import WorkerFailed
from rai_dash.sandbox.lock import Level

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
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "PYTHONHASHSEED": "0",
}


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


def _start(limits: list[str]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, arguments are numbers
                [sys.executable, "-P", "-m", "rai_dash.sandbox.child", str(theirs.fileno()), *limits],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=child_environment(),
                cwd=scratch_folder(),
                start_new_session=True,
            )
    except BaseException:
        ours.close()
        raise
    return process, ours


def start_child(
    *, memory_bytes: int, cpu_s: int, level: Level
) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a child and return it with our end of the line.

    Parameters
    ----------
    memory_bytes, cpu_s : int
        Limits for its whole life; 0 = none.
    level : Level
        How far it locks itself; it ends where it cannot.
    """
    if sys.platform == "win32":
        msg = "Files are opened in a separate process, which needs Linux or macOS. Run the app there, or in Docker."
        raise WorkerFailed(msg, code="no_worker")
    try:
        return _starter().submit(_start, [str(memory_bytes), str(cpu_s), level.value]).result()
    except OSError as e:
        msg = f"A separate process could not be started ({e.strerror}). The machine may be out of memory; try again."
        raise WorkerFailed(msg, code="no_worker") from None
