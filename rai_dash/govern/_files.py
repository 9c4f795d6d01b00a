"""Write a small file so that it is always the old one or the new one, never half of one."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def _draft(path: Path, content: bytes) -> Path:
    """Write the content beside its place, for the owner only, and down to the disk."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in its place, for its owner only; one that is there is replaced.

    Raises
    ------
    OSError
        As the system says it; the file before is untouched then.
    """
    draft = _draft(path, content)
    try:
        # The folder is not synced: after a power cut the old file is as good, and this one is written often.
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_once(path: Path, content: bytes) -> bool:
    """Put a file in its place unless there is one already.

    Returns
    -------
    bool
        Whether this call made it; of several at once exactly one does.

    Raises
    ------
    OSError
        As the system says it.
    """
    draft = _draft(path, content)
    try:
        # A link, unlike a rename, never replaces what somebody else made meanwhile.
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    # Not every file system lets a folder be synced; the file itself is on the disk already.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
