"""The one type that a column has over all parts of a table. Runs in the separate process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.data.labels import MAX_EXACT
from rai_dash.data.portfolio.places import literally

if TYPE_CHECKING:
    import duckdb

_WHOLE: Final = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
_BROKEN: Final = frozenset({"FLOAT", "DOUBLE"})
_UNSIGNED: Final = "UBIGINT"
_NO_TYPE: Final = '"NULL"'


@dataclass(frozen=True, slots=True)
class Footers:
    """What the ends of the parts say of a column.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The engine.
    paths : sequence of str
        The parts.
    rows : sequence of int
        Rows of each.
    """

    connection: duckdb.DuckDBPyConnection
    paths: Sequence[str]
    rows: Sequence[int]

    def blank(self, name: str) -> list[bool]:
        """Look for parts in which every cell is null."""
        asked = (
            "SELECT file_name, sum(stats_null_count), count(*) = count(stats_null_count) FROM parquet_metadata(?) "
            "WHERE path_in_schema = ? GROUP BY file_name"
        )
        found = self.connection.execute(asked, [[*map(literally, self.paths)], name]).fetchall()
        blanks = {file: int(n or 0) if known else 0 for file, n, known in found}
        return [n == 0 or blanks.get(path) == n for path, n in zip(self.paths, self.rows, strict=True)]

    def signed(self, name: str) -> str:
        """Look at the largest value."""
        asked = (
            "SELECT coalesce(stats_max_value, stats_max) FROM parquet_metadata(?) WHERE path_in_schema = ?"
        )
        found = [
            m for (m,) in self.connection.execute(asked, [[*map(literally, self.paths)], name]).fetchall()
        ]
        return "BIGINT" if all(m is not None and int(m) < MAX_EXACT for m in found) else "VARCHAR"


class Says(Protocol):
    """What the ends of the parts say of a column."""

    def blank(self, name: str) -> list[bool]:
        """Say of each part whether the column is blank throughout."""

    def signed(self, name: str) -> str:
        """Choose what to read unsigned numbers of 64 bits as: beyond 15 digits they are an id, so text."""


def settle(parts: Sequence[str], name: str, kinds: Sequence[str], footers: Says) -> list[str | None]:
    """Settle the type of a column over all parts.

    Parameters
    ----------
    parts : sequence of str
        Names of the parts.
    name : str
        The column.
    kinds : sequence of str
        Its type in each part, as SQL names it.
    footers : Says
        Of the parts.

    Returns
    -------
    list of str or None
        What it is cast to in each part; None = it has the type already.

    Raises
    ------
    UnreadableFile
        When parts hold values of different kinds.
    """
    signed = footers.signed(name) if _UNSIGNED in kinds else ""
    real = [signed if kind == _UNSIGNED else kind for kind in kinds]
    wanted = real[0] if len(set(real)) == 1 else _over_parts(parts, name, real, footers.blank(name))
    wanted = "DOUBLE" if wanted == _NO_TYPE else wanted
    return [None if kind == wanted else wanted for kind in kinds]


def _over_parts(parts: Sequence[str], name: str, kinds: Sequence[str], blank: Sequence[bool]) -> str:
    """Find the type that holds the values of all parts; parts without values may have any."""
    known = [i for i, kind in enumerate(kinds) if kind != _NO_TYPE and not blank[i]]
    wanted = kinds[known[0]] if known else _NO_TYPE
    for i in known:
        together = _common(wanted, kinds[i])
        if together is None:
            msg = tr(
                "`{name}` is {word} in the part `{parts}` and {word_kinds} in `{parts_i}`. Write all "
                "parts with the same kind of values.",
                name=name,
                word=_word(wanted),
                parts=parts[known[0]],
                word_kinds=_word(kinds[i]),
                parts_i=parts[i],
            )
            raise UnreadableFile(msg, code="unlike_parts")
        wanted = together
    return wanted


def _common(a: str, b: str) -> str | None:
    """Return the type that holds the values of two; None where they are of different kinds."""
    if a == b:
        return a
    kinds = {_family(a), _family(b)}
    if kinds == {"whole"}:
        return "BIGINT"
    if kinds <= {"whole", "number"}:
        return "DOUBLE"
    return "VARCHAR" if kinds == {"text"} else None


def _family(kind: str) -> str:
    if kind in _WHOLE:
        return "whole"
    if kind in _BROKEN or kind.startswith("DECIMAL"):
        return "number"
    return "text" if kind == "VARCHAR" or kind.startswith("ENUM") else kind


_WORDS: Final = {
    "whole": "a whole number",
    "number": "a number",
    "text": "text",
    "BOOLEAN": "true or false",
    "DATE": "a date",
    "TIME": "a time of day",
    "BLOB": "raw bytes",
}


def _word(kind: str) -> str:
    family = _family(kind)
    if kind.startswith("TIMESTAMP"):
        return f"a time ({kind.lower().replace('_', ' ')})"
    return _WORDS.get(family, "a list or record")
