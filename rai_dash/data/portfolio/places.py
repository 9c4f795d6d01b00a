"""The files of a table that lies in a folder: which they are, and what they are by their first bytes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.reading import kinds
from rai_dash.data.reading.kinds import FileKind
from rai_dash.data.reading.sniff import HEAD, TAIL, sniff

MOST_PARTS: Final = 100_000
#: The column of scores beside a table that a model has scored.
SCORED: Final = "rai_dash_score"
#: Folders in folders that are looked into: by year, month, day, region and some more.
_DEEPEST: Final = 8


class Format(StrEnum):
    """What the parts of a table are."""

    PARQUET = "Parquet"
    CSV = "CSV"


_FORMATS: Final = {kinds.PARQUET: Format.PARQUET, kinds.TEXT: Format.CSV, kinds.GZIP: Format.CSV}
#: Ends of the names of text tables; a text beside them is something else, such as a README.
_TEXT_ENDS: Final = (".csv", ".tsv", ".psv", ".tab", ".csv.gz", ".tsv.gz", ".psv.gz", ".tab.gz")
_SHOWN: Final = 3
#: What engines take for patterns in the names of files.
_WILD: Final = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Part:
    """One file.

    Parameters
    ----------
    name : str
        Its name below the folder.
    size : int
        Bytes.
    changed : int
        When its content last changed, in nanoseconds; 0 = not known.
    """

    name: str
    size: int
    changed: int = 0


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
    notices : tuple of Notice
        What lies in the folder and is not counted.
    """

    root: Path
    parts: tuple[Part, ...]
    format: Format
    notices: tuple[Notice, ...] = ()

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

    def check_unchanged(self) -> None:
        """Refuse files that are no longer what they were when the table was opened.

        Raises
        ------
        UnreadableFile
            Code ``changed_file``.
        """
        for part, path in zip(self.parts, self.paths, strict=True):
            found = path.stat() if path.is_file() else None
            if found is None or found.st_size != part.size or part.changed not in {0, found.st_mtime_ns}:
                what = "is gone" if found is None else "has changed"
                msg = tr(
                    "The part `{part}` {what} since the table was opened. Open the table again.",
                    part=part.name,
                    what=what,
                )
                raise UnreadableFile(msg, code="changed_file")


def check_outside(table: Path, folder: Path) -> None:
    """Refuse results inside of a table: they would be taken for parts of it.

    Raises
    ------
    InvalidChoice
        When the folder is that of the table, or lies in it.
    """
    root, to = table.resolve(), folder.resolve()
    if to == root or (root.is_dir() and root in to.parents):
        msg = tr(
            "`{folder}` lies in the table itself, so the results would count as parts of it. Choose a "
            "folder outside of the table; nothing was changed.",
            folder=folder,
        )
        raise InvalidChoice(msg, code="inside_table")


def find_place(path: Path) -> Place:
    """Look at a file or folder without opening more than the ends of its files.

    Links are left out, since they may lead elsewhere; so are hidden files and those that engines write beside
    their parts (``_SUCCESS``, ``_metadata``). What is no table is left out with a notice.

    Raises
    ------
    UnreadableFile
        When there is nothing there, nothing that can be read, or tables of several kinds.
    """
    root = path.resolve()
    if root.is_file():
        parts: tuple[Part, ...] = (_part(root.name, root.stat()),)
    elif root.is_dir():
        parts = tuple(sorted(_files(root, root, 0), key=lambda p: p.name))
    else:
        msg = tr("There is no file or folder `{path}`. Check the path.", path=path.name)
        raise UnreadableFile(msg, code="no_file")
    if not parts:
        msg = tr(
            "The folder `{path}` holds no file with rows. Put Parquet or CSV files in it.", path=path.name
        )
        raise UnreadableFile(msg, code="empty_folder")
    if len(parts) > MOST_PARTS:
        msg = tr(
            "The folder `{path}` holds more than {most_parts} files. Write fewer, larger ones.",
            path=path.name,
            most_parts=f"{MOST_PARTS:,}",
        )
        raise UnreadableFile(msg, code="too_many_parts")
    if root.is_file():
        return _checked(Place(root=root, parts=parts, format=_format(root.name, _kind(root))))
    return _checked(_of_folder(root, parts))


def literally(path: Path | str) -> str:
    """Write a path so that an engine that knows patterns reads this very file, and none that fits its name.

    Examples
    --------
    >>> literally("/data/loans [2024]/a*.parquet")
    '/data/loans [[]2024]/a[*].parquet'
    """
    return _WILD.sub(r"[\g<0>]", str(path))


def _checked(place: Place) -> Place:
    """Refuse names that engines cannot be told: no text, or such that patterns in them cannot be escaped."""
    # A pattern above the parts would have to be looked up in folders that the locked process cannot list.
    above = place.root if place.format is Format.PARQUET and _WILD.search(str(place.root)) else None
    for path in place.paths:
        shown = str(path).encode("utf-8", "backslashreplace").decode()
        if above or shown != str(path) or ("\\" in shown and _WILD.search(shown)):
            name = str(above or shown).rpartition("/")[2]
            msg = tr(
                "The name `{name}`, or that of a folder above it, has letters that engines do not take "
                "as they are. Rename it: letters, digits, blanks, points, - and _.",
                name=name,
            )
            raise UnreadableFile(msg, code="odd_name")
    return place


def _part(name: str, found: os.stat_result) -> Part:
    return Part(name, found.st_size, found.st_mtime_ns)


def _files(root: Path, folder: Path, depth: int) -> Iterator[Part]:
    """Yield the files of a folder and of those in it."""
    for entry in os.scandir(folder):
        if entry.name.startswith((".", "_")) or entry.is_symlink():
            continue
        if entry.is_file() and entry.stat().st_size:
            yield _part(Path(entry.path).relative_to(root).as_posix(), entry.stat())
        elif entry.is_dir() and depth < _DEEPEST:
            yield from _files(root, Path(entry.path), depth + 1)


def _of_folder(root: Path, parts: tuple[Part, ...]) -> Place:
    """Take the tables among the files; they must be of one kind."""
    found = {part: _kind(root / part.name) for part in parts}
    typed = any(part.name.casefold().endswith(_TEXT_ENDS) for part in parts if found[part] in _FORMATS)
    is_parquet = kinds.PARQUET in found.values()
    tables = {p: kind for p, kind in found.items() if _is_part(p, kind, only_named=typed or is_parquet)}
    if not tables:
        raise _no_part(parts[0].name, found[parts[0]])
    first = next(iter(tables))
    format_ = _format(first.name, tables[first])
    for part, kind in tables.items():
        if _format(part.name, kind) is not format_:
            msg = tr(
                "The folder holds {format} (`{first}`) and {kind} (`{part}`). Keep files of one kind in it.",
                format=format_,
                first=first.name,
                kind=_FORMATS[kind],
                part=part.name,
            )
            raise UnreadableFile(msg, code="mixed_formats")
    left = [part.name for part in parts if part not in tables]
    return Place(root=root, parts=tuple(tables), format=format_, notices=_left_out(left))


def _is_part(part: Part, kind: FileKind, *, only_named: bool) -> bool:
    """Whether a file is a part of the table, or should have been one."""
    is_named = part.name.casefold().endswith((".parquet", *_TEXT_ENDS))
    if kind in {kinds.TEXT, kinds.GZIP}:
        return is_named or not only_named
    # A damaged part may look like anything.
    return is_named or kind.slot == "table" or kind == kinds.LOCKED_PARQUET


def _left_out(names: list[str]) -> tuple[Notice, ...]:
    """Say which files of a folder are not counted."""
    if not names:
        return ()
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    listed = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    what = "1 file of the folder is" if len(names) == 1 else f"{len(names):,} files of the folder are"
    msg = tr(
        "{what} no part of the table and not counted: {listed}{more}.", what=what, listed=listed, more=more
    )
    return (Notice("other_files", msg),)


def _format(name: str, kind: FileKind) -> Format:
    if kind not in _FORMATS or (name.casefold().endswith(".parquet") and kind != kinds.PARQUET):
        raise _no_part(name, kind)
    return _FORMATS[kind]


def _no_part(name: str, kind: FileKind) -> UnreadableFile:
    """Say what a file is that should be a part."""
    if name.casefold().endswith(".parquet") and kind.slot != "table" and kind != kinds.LOCKED_PARQUET:
        msg = f"The part `{name}` does not begin like a Parquet file: it is damaged. Write or download it again."
        return UnreadableFile(msg, code="damaged_file")
    way_out = kind.way_out if kind.slot == "other" else "Convert it, or open it as a single table."
    msg = f"`{name}` is {kind.label}. A table that is counted where it lies is Parquet or CSV. {way_out}"
    return UnreadableFile(msg, code="wrong_format")


def _kind(path: Path) -> FileKind:
    """Tell what a file is from its head, and its tail where it is larger."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        size = path.stat().st_size
        # Parquet shows in the first letters.
        if size <= HEAD or head.startswith(b"PAR1"):
            return sniff(head)
        file.seek(-min(TAIL, size - HEAD), os.SEEK_END)
        return sniff(head + file.read())
