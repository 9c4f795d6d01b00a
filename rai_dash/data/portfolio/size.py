"""Which files are too large for memory and are counted where they lie instead."""

from __future__ import annotations

from pathlib import Path

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.files import MEGABYTE
from rai_dash.core.settings import get_settings
from rai_dash.data.portfolio.addresses import address_in
from rai_dash.data.portfolio.places import find_place


def lies_outside(path: Path) -> bool:
    """Whether a table is counted where it lies as soon as one looks at it: a folder, an address, or a large file.

    A file below it may still hold more rows than a table in memory; who reads it finds out (``too_large``).
    """
    if path.is_dir() or address_in(path) is not None:
        return True
    return path.is_file() and is_large(path) and can_be_counted(path)


def is_large(path: Path) -> bool:
    """Whether a file is too large to be read into memory, by its size."""
    return path.stat().st_size > get_settings().max_file_mb * MEGABYTE


def can_be_counted(path: Path) -> bool:
    """Whether a file is of a kind that is counted where it lies."""
    try:
        find_place(path)
    except UnreadableFile:
        return False
    return True
