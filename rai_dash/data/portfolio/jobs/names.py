"""What the files and columns of a job are called, so that others find them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

#: Columns of a job that scores.
SCORE: Final = "score"
UNSEEN: Final = "unseen"
#: Readers of a folder of parts pass over names that begin with ``_`` or a point.
MANIFEST: Final = "_manifest.json"
_NAME = re.compile(r"part-(\d{5,})(?:-(\d{5,}))?\.parquet")


def piece_name(part: int, piece: int | None = None) -> str:
    """Return the name of the output for a part of a table, or for a piece of a part that is cut by rows.

    Examples
    --------
    >>> piece_name(2), piece_name(0, 7)
    ('part-00002.parquet', 'part-00000-00007.parquet')
    """
    return f"part-{part:05d}.parquet" if piece is None else f"part-{part:05d}-{piece:05d}.parquet"


def temporary_name(name: str) -> str:
    """Return what an output is called while it is being written."""
    return f".{name}.unfinished"


def is_ours(name: str) -> bool:
    """Whether a file is called like one of a job."""
    plain = name.removeprefix(".").removesuffix(".unfinished") if is_temporary(name) else name
    return plain == MANIFEST or _NAME.fullmatch(plain) is not None


def is_temporary(name: str) -> bool:
    """Whether a file is called like one that was never finished."""
    return name.startswith(".") and name.endswith(".unfinished")


def pieces_of(part: int, names: Sequence[str]) -> list[int]:
    """Find the outputs of one part of a table among the names of all, in the order of its rows."""
    found = [(i, _NAME.fullmatch(name)) for i, name in enumerate(names)]
    mine = [(int(m[2] or 0), i) for i, m in found if m is not None and int(m[1]) == part]
    return [i for _, i in sorted(mine)]
