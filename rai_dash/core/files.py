"""Reading a whole file from a path that a user gave: only a plain file, only up to a limit."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr

MEGABYTE: Final = 2**20
#: Opening never waits: a pipe without a writer would otherwise hang the app.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _require_plain_file(status: os.stat_result, source: object, error: type[RaiError]) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    kind = next((label for is_kind, label in _KINDS if is_kind(status.st_mode)), "no plain file")
    msg = tr("`{source}` is {kind}, not a file that can be read. Choose a file.", source=source, kind=kind)
    raise error(msg, code="unreadable_file")


_AN_UPLOAD: Final = (
    "for uploads here. Open it from the operator's data folder or with rai-dash on the command line, or ask the "
    "operator to raise RAI_DASH_MAX_UPLOAD_MB."
)
_A_FILE: Final = "for files here. Ask the operator to raise RAI_DASH_MAX_FILE_MB."


def _require_size(size: int, limit_mb: int, rest: str, error: type[RaiError]) -> None:
    if size > limit_mb * MEGABYTE:
        msg = tr(
            "The file is larger than {limit_mb} MB, the limit {rest}", limit_mb=f"{limit_mb:,}", rest=rest
        )
        raise error(msg, code="too_large")


def _from_path(path: Path, source: object, limit_mb: int, error: type[RaiError]) -> bytes:
    # Before opening: to open a device may already do something.
    _require_plain_file(path.stat(), source, error)
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        status = os.fstat(file.fileno())
        _require_plain_file(status, source, error)
        _require_size(status.st_size, limit_mb, _A_FILE, error)
        # The file may grow while it is read, and some files of the system say that they are empty.
        return file.read(limit_mb * MEGABYTE + 1)


def read_limited(source: str | Path | bytes, limit_mb: int, *, error: type[RaiError]) -> bytes:
    """Read a whole file.

    Parameters
    ----------
    source : path or bytes
        Where it is, or the content itself, which is only measured.
    limit_mb : int
        Most megabytes.
    error : type of RaiError
        What to raise.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    RaiError
        Of the given class; code ``unreadable_file`` when there is no plain file, ``too_large`` when it is too large.
    """
    if isinstance(source, bytes):
        content = source
    else:
        try:
            content = _from_path(Path(source), source, limit_mb, error)
        except OSError as reason:
            msg = tr(
                "`{source}` cannot be read: {strerror}. Check the path.",
                source=source,
                strerror=reason.strerror,
            )
            raise error(msg, code="unreadable_file") from reason
        except ValueError as reason:  # a zero byte in the path
            msg = tr("{source} is no path. Check it.", source=f"{str(source)!r}")
            raise error(msg, code="unreadable_file") from reason
    _require_size(len(content), limit_mb, _AN_UPLOAD if isinstance(source, bytes) else _A_FILE, error)
    return content
