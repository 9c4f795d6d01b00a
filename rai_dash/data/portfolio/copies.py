"""Folders of Parquet copies: each goes when its table is closed, or with the next copy where its app was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.jobs.folder import lock_folder

_PREFIX: Final = "rai-dash-copy-"
#: A copy that nobody holds is left alone for so long: it may be about to be held.
_OLD_S: Final = 86_400.0
#: Below the folder that is held, since whoever writes the rows holds theirs as well.
_ROWS: Final = "rows"
#: The lock of each folder of this process, which the system gives up however the process ends.
_HELD: dict[Path, int] = {}


def copy_folder() -> Path:
    """Make an empty folder for a copy, and delete copies of apps that were killed.

    Raises
    ------
    UnreadableFile
        When none can be written.
    """
    root = get_settings().portfolio_copies or Path(tempfile.gettempdir())
    try:
        end_left_copies(root)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
        _HELD[folder] = lock_folder(folder)
        rows = folder / _ROWS
        rows.mkdir()
    except OSError as error:
        msg = tr(
            "No copy of the table can be written ({strerror}). Check RAI_DASH_PORTFOLIO_COPIES.",
            strerror=error.strerror,
        )
        raise UnreadableFile(msg, code="no_space") from None
    return rows


def end_copy(rows: Path) -> None:
    """Delete a copy, by what `copy_folder` returned."""
    held = _HELD.pop(rows.parent, None)
    shutil.rmtree(rows.parent, ignore_errors=True)
    if held is not None:
        os.close(held)


def end_left_copies(root: Path) -> None:
    """Delete copies of ours that are a day old and that no process holds."""
    with os.scandir(root) as entries:
        found = [Path(e.path) for e in entries if e.name.startswith(_PREFIX) and _is_old(e)]
    for folder in found:
        with suppress(InvalidChoice, OSError):
            held = lock_folder(folder)
            try:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(held)


def _is_old(entry: os.DirEntry[str]) -> bool:
    """Whether a folder, and no link to one, is this user's and a day old."""
    with suppress(OSError):
        status = entry.stat(follow_symlinks=False)
        is_ours = entry.is_dir(follow_symlinks=False) and status.st_uid == os.getuid()
        return is_ours and time.time() - status.st_mtime > _OLD_S
    return False
