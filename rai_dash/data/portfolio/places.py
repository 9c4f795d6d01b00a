"""The files of a table that lies in a folder: which they are, and what they are by their first bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.reading import kinds
from rai_dash.data.reading.sniff import HEAD, TAIL, sniff

MOST_PARTS: Final = 100_000
#: Folders in folders that are looked into: by year, month, day, region and some more.
_DEEPEST: Final = 8


class Format(StrEnum):
    """What the parts of a table are."""

    PARQUET = "Parquet"
    CSV = "CSV"


_FORMATS: Final = {kinds.PARQUET: Format.PARQUET, kinds.TEXT: Format.CSV}


@dataclass(frozen=True, slots=True)
class Part:
    """One file: its name below the folder, and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A table on this machine: a file, or a folder of files of one kind.

    Parameters
    ----------
    root : Path
        The file, or the folder.
    parts : tuple of Part
        In order of their names: the order of the rows.
    format : Format
        What they are.
    """

    root: Path
    parts: tuple[Part, ...]
    format: Format

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where each part lies."""
        if len(self.parts) == 1 and self.root.is_file():
            return (self.root,)
        return tuple(self.root / part.name for part in self.parts)

    def to_args(self) -> dict[str, Any]:
        """Write it as plain values, for the separate process."""
        return {"root": str(self.root), "parts": [asdict(p) for p in self.parts], "format": self.format.value}

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Place:
        """Read it from plain values."""
        return cls(
            root=Path(args["root"]),
            parts=tuple(Part(**p) for p in args["parts"]),
            format=Format(args["format"]),
        )


def find_place(path: Path) -> Place:
    """Look at a file or folder without opening more than the ends of its first file.

    Links are left out, since they may lead elsewhere; so are hidden files and those that engines write beside
    their parts (``_SUCCESS``, ``_metadata``).

    Raises
    ------
    UnreadableFile
        When there is nothing there, or nothing that can be read.
    """
    root = path.resolve()
    if root.is_file():
        parts: tuple[Part, ...] = (Part(root.name, root.stat().st_size),)
    elif root.is_dir():
        parts = tuple(sorted(_files(root, root, 0), key=lambda p: p.name))
    else:
        msg = f"There is no file or folder `{path.name}`. Check the path."
        raise UnreadableFile(msg, code="no_file")
    if not parts:
        msg = f"The folder `{path.name}` holds no file with rows. Put Parquet or CSV files in it."
        raise UnreadableFile(msg, code="empty_folder")
    if len(parts) > MOST_PARTS:
        msg = f"The folder `{path.name}` holds more than {MOST_PARTS:,} files. Write fewer, larger ones."
        raise UnreadableFile(msg, code="too_many_parts")
    return Place(root=root, parts=parts, format=_format(root, parts))


def _files(root: Path, folder: Path, depth: int) -> Iterator[Part]:
    """Yield the files of a folder and of those in it."""
    for entry in os.scandir(folder):
        if entry.name.startswith((".", "_")) or entry.is_symlink():
            continue
        if entry.is_file() and entry.stat().st_size:
            yield Part(Path(entry.path).relative_to(root).as_posix(), entry.stat().st_size)
        elif entry.is_dir() and depth < _DEEPEST:
            yield from _files(root, Path(entry.path), depth + 1)


def _format(root: Path, parts: tuple[Part, ...]) -> Format:
    """Tell what the first part is; that the others are the same, the reader checks."""
    first = root if root.is_file() else root / parts[0].name
    found = sniff(_ends(first))
    if found not in _FORMATS:
        msg = (
            f"`{parts[0].name}` is {found.name}. A table that is counted where it lies is Parquet or CSV; convert it, "
            "or open it as a single table."
        )
        raise UnreadableFile(msg, code="wrong_format")
    return _FORMATS[found]


def _ends(path: Path) -> bytes:
    """Read what tells the kind of a file: its head, and the tail where it is larger."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        size = path.stat().st_size
        if size <= HEAD + TAIL:
            return head + file.read()
        file.seek(-TAIL, os.SEEK_END)
        return head + file.read()
