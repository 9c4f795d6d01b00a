"""Landlock: the process sees the folders of its libraries and no other file, and opens no connection.

Source: the kernel's ``Documentation/userspace-api/landlock.rst``. Works without privileges. What an older kernel
does not know is left out, and `restrict_files` says so.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
#: Number of access rights to files that each version knows: the first, REFER, TRUNCATE, IOCTL_DEV.
_RIGHTS: Final = ((1, 13), (2, 14), (3, 15), (5, 16))
_BIND_AND_CONNECT_TCP: Final = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS: Final = 0b11
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _checked(result: int, what: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), what)
    return int(result)


def version() -> int:
    """Return the version of Landlock that this kernel has; 0 = none."""
    if sys.platform != "linux":
        return 0
    return max(int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)), 0)


def _allow(libc: ctypes.CDLL, rules: int, path: Path) -> None:
    """Allow reading beneath a folder, or of one file."""
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, fd), 12)
        _checked(libc.syscall(_ADD, rules, _PATH_BENEATH, rule, 0), f"no rule for {path}")
    finally:
        os.close(fd)


def restrict_files(readable: Iterable[Path]) -> int:
    """Let this process, and every thread that it starts from here on, read only what lies in some places.

    Call it while there is one thread: others would stay free.

    Parameters
    ----------
    readable : iterable of Path
        Folders and files; those that do not exist are left out.

    Returns
    -------
    int
        Version of Landlock: from 4 on TCP is closed too, from 6 on signals to other processes.

    Raises
    ------
    OSError
        Where the kernel has no Landlock.
    """
    known = version()
    if known == 0:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    rights = max(n for since, n in _RIGHTS if known >= since)
    network = _BIND_AND_CONNECT_TCP if known >= _NETWORK_SINCE else 0
    scopes = _ABSTRACT_SOCKETS_AND_SIGNALS if known >= _SCOPES_SINCE else 0
    # Fields that a kernel does not know must be 0, and then it does not mind them.
    handled = struct.pack("=QQQ", (1 << rights) - 1, network, scopes)
    libc = _libc()
    attributes = ctypes.create_string_buffer(handled, len(handled))
    rules = _checked(libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(handled)), 0), "no set of rules")
    try:
        for path in readable:
            with suppress(FileNotFoundError, PermissionError):
                _allow(libc, rules, path)
        _checked(libc.syscall(_RESTRICT, rules, 0), "Landlock was refused")
    finally:
        os.close(rules)
    return known
