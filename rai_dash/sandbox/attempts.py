"""Everything that a hostile file might try from inside the separate process; the self-test expects it to fail."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rai_dash.sandbox.child import Progress

_PTRACE_ATTACH = 16


def _read_foreign_file(given: Mapping[str, Any]) -> None:
    Path(given["file"]).read_bytes()


def _list_foreign_folder(given: Mapping[str, Any]) -> None:
    os.listdir(given["folder"])  # noqa: PTH208 - a list is what is tried


def _read_system_file(_: Mapping[str, Any]) -> None:
    Path("/etc/passwd").read_bytes()


def _read_parent_environment(given: Mapping[str, Any]) -> None:
    Path(f"/proc/{given['parent']}/environ").read_bytes()


def _write_file(given: Mapping[str, Any]) -> None:
    Path(given["folder"], "written").write_bytes(b"x")


def _overwrite_file(given: Mapping[str, Any]) -> None:
    with Path(given["file"]).open("r+b") as file:
        file.write(b"x")


def _make_folder(given: Mapping[str, Any]) -> None:
    Path(given["folder"], "made").mkdir()


def _delete_file(given: Mapping[str, Any]) -> None:
    Path(given["spare"]).unlink()


def _change_rights(given: Mapping[str, Any]) -> None:
    Path(given["spare"]).chmod(0o777)


def _run_program(given: Mapping[str, Any]) -> None:
    subprocess.run([given["program"], "-c", "pass"], check=True)  # noqa: S603 - this is the attempt


def _replace_itself(given: Mapping[str, Any]) -> None:
    os.execv(given["program"], [given["program"], "-c", "pass"])  # noqa: S606 - the same


def _fork(_: Mapping[str, Any]) -> None:
    if os.fork() == 0:
        os._exit(0)


def _connect(given: Mapping[str, Any]) -> None:
    with socket.socket() as sock:
        sock.settimeout(1)
        sock.connect(("127.0.0.1", given["port"]))


def _send_datagram(given: Mapping[str, Any]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("127.0.0.1", given["port"]))


def _listen(_: Mapping[str, Any]) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()


def _signal_parent(given: Mapping[str, Any]) -> None:
    os.kill(given["parent"], signal.SIGCONT)


def _trace_parent(given: Mapping[str, Any]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(_PTRACE_ATTACH, given["parent"], None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def _too_much_memory(given: Mapping[str, Any]) -> None:
    bytearray(given["bytes"])


#: Attempts in an order in which one that gets through does not spoil the next; the last replaces the process.
ATTEMPTS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "read a foreign file": _read_foreign_file,
    "list a foreign folder": _list_foreign_folder,
    "read a system file": _read_system_file,
    "read the app's environment": _read_parent_environment,
    "write a file": _write_file,
    "overwrite a file": _overwrite_file,
    "make a folder": _make_folder,
    "delete a file": _delete_file,
    "change the rights of a file": _change_rights,
    "start a program": _run_program,
    "fork": _fork,
    "connect": _connect,
    "send a datagram": _send_datagram,
    "listen": _listen,
    "signal the app": _signal_parent,
    "trace the app": _trace_parent,
    "allocate over the limit": _too_much_memory,
    "become another program": _replace_itself,
}


def _is_blocked(name: str, given: Mapping[str, Any]) -> bool:
    try:
        ATTEMPTS[name](given)
    except (OSError, MemoryError, subprocess.SubprocessError):
        return True
    return False


def attempt(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Try one thing of `ATTEMPTS`, named ``name``; returns whether it was ``blocked``."""
    del state, blobs, progress
    return {"blocked": _is_blocked(args["name"], args)}, []


def needed(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Do what honest work needs: a thread, a late import, arithmetic; returns what ``works``."""
    del state, args, blobs, progress
    ran: list[bool] = []
    with suppress(RuntimeError):
        thread = threading.Thread(target=lambda: ran.append(True))
        thread.start()
        thread.join()
    late = False
    with suppress(ImportError, OSError):
        late = importlib.import_module("wave") is not None
    return {"works": {"start a thread": bool(ran), "import a module": late}}, []
