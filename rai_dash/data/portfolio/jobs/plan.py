"""What a job has to do: one output for each part of the table, or several for a single large file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.jobs.names import piece_name
from rai_dash.data.portfolio.places import Place

#: A single file is cut into pieces of so many rows, so that it can be resumed too.
PIECE_ROWS: Final = 1_000_000
#: What a result is computed with: another version may differ in the last digit, and parts are not mixed.
_PROGRAM: Final = ("rai-dash", "numpy", "pandas", "pyarrow", "duckdb")


#: What tells a file from another of its name; None = it is gone.
_Stamp = tuple[int, int, int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One output.

    Parameters
    ----------
    name : str
        Of the file.
    part : int
        Which part of the table.
    first, rows : int
        Its rows in that part.
    is_whole : bool
        Whether these are all rows of the part.
    """

    name: str
    part: int
    first: int
    rows: int
    is_whole: bool

    def to_args(self) -> tuple[int, int, int]:
        """Write it for `rai_dash.data.portfolio.jobs.streaming.read_pieces`."""
        return (self.part, 0, -1) if self.is_whole else (self.part, self.first, self.rows)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that a job writes, and what each part of it has to be marked with.

    Parameters
    ----------
    job : str
        ``"score"`` or ``"explain"``.
    place : Place
        The table.
    pieces : tuple of Piece
        In the order of the rows.
    marks : mapping
        Model, options and versions, as plain values: a part with other marks is none of this job.
    summed : tuple of str
        Columns of results whose sums are kept.
    name, table : str
        Name and fingerprint of the whole table, for the list of parts.
    about : mapping
        What a reader of a part should know beside the marks.
    """

    job: str
    place: Place
    pieces: tuple[Piece, ...]
    marks: Mapping[str, Any]
    summed: tuple[str, ...]
    name: str
    table: str
    about: Mapping[str, Any] = field(default_factory=dict)
    _hashes: dict[int, str] = field(default_factory=dict, repr=False)
    _stamps: list[_Stamp] = field(default_factory=list, repr=False)
    _paths: list[Path] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        """Write the paths once: there may be very many."""
        self._paths.extend(self.place.paths)
        self.look()

    def look(self) -> None:
        """Look at the files before anything of them is read: hash and results have to be of the same content."""
        self._hashes.clear()
        self._stamps[:] = map(stamp_of, self._paths)

    @property
    def rows(self) -> int:
        """Rows in all."""
        return sum(piece.rows for piece in self.pieces)

    def mark(self, piece: Piece) -> dict[str, Any]:
        """Return what a finished part says about itself: input by its content, model, options, versions."""
        source = self.place.parts[piece.part]
        given = {
            "name": source.name,
            "sha256": self._hash(piece.part),
            "first": piece.first,
            "rows": piece.rows,
        }
        return {
            "schema": "rai-dash/part/1",
            "job": self.job,
            "input": given,
            **self.marks,
            "about": dict(self.about),
        }

    def _hash(self, part: int) -> str:
        """Return the sha256 of the content of a part of the table, read once."""
        if part not in self._hashes:
            self._hashes[part] = content_hash(self._paths[part])
            self._check_part(part)
        return self._hashes[part]

    def check_unchanged(self, piece: Piece) -> None:
        """Refuse results of a part that was written while it was read.

        Raises
        ------
        UnreadableFile
            Naming it.
        """
        self._check_part(piece.part)

    def _check_part(self, part: int) -> None:
        if stamp_of(self._paths[part]) != self._stamps[part]:
            msg = tr(
                "`{parts}` was changed while it was being read. Run again.", parts=self.place.parts[part].name
            )
            raise UnreadableFile(msg, code="changed_file")

    @property
    def input_hash(self) -> str:
        """One fingerprint of all parts of the table, by content."""
        return fingerprint_value([[p.name, self._hash(i)] for i, p in enumerate(self.place.parts)])


def stamp_of(path: Path) -> _Stamp:
    """Tell a file from another that is put in its place, also one as large and as old."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def content_hash(path: Path) -> str:
    """Return the sha256 of a file in hex.

    Raises
    ------
    UnreadableFile
        When it cannot be read any more.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = tr(
            "`{path}` cannot be read: {strerror}. Run again when it is back.",
            path=path.name,
            strerror=error.strerror,
        )
        raise UnreadableFile(msg) from error


def pieces_for(part_rows: Sequence[int], most_rows: int = PIECE_ROWS) -> tuple[Piece, ...]:
    """Plan one output a part; a single file of more than ``most_rows`` rows is cut."""
    if len(part_rows) == 1 and part_rows[0] > most_rows:
        return tuple(
            Piece(
                name=piece_name(0, i),
                part=0,
                first=first,
                rows=min(most_rows, part_rows[0] - first),
                is_whole=False,
            )
            for i, first in enumerate(range(0, part_rows[0], most_rows))
        )
    return tuple(
        Piece(name=piece_name(i), part=i, first=0, rows=rows, is_whole=True)
        for i, rows in enumerate(part_rows)
    )


def versions(*libraries: str) -> dict[str, str]:
    """Return the versions of this program and of the libraries that a result rests on."""
    found = {}
    for name in (*_PROGRAM, *libraries):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
