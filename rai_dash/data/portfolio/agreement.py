"""Whether the parts of a table agree in their columns, and how they are read as one. Runs in the separate process.

Engines take the columns of the first part for those of all, and cast: a whole number in the first part makes 1.5 in
the second a 2, without a word. So every footer is read, and what differs is cast up, or refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.names import unique_names
from rai_dash.data.portfolio.folders import folder_columns, folder_values
from rai_dash.data.portfolio.part_names import check_free, check_has_all, check_names, extra_columns
from rai_dash.data.portfolio.part_types import Footers, settle
from rai_dash.data.portfolio.places import Place, literally

if TYPE_CHECKING:
    import duckdb

#: Column of the place of a row in its part.
ROW: Final = "file_row_number"
#: A part of so many rows takes at least a byte for some of them, or its footer is wrong.
_MANY_ROWS, _ROWS_A_BYTE = 10_000_000, 100


class _Fields(NamedTuple):
    """The columns of a part as its footer has them: name and type, in order."""

    names: tuple[str, ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the parts of a table are read as one.

    Parameters
    ----------
    place : Place
        The files.
    rows : tuple of int
        Rows of each part, by its footer.
    columns : tuple of (str, str)
        Name as written in the files, and as it is shown.
    folders : dict of str to str
        Columns that the names of the folders hold (``year=2024``), and their types.
    casts : tuple of dict of str to str
        For each part the columns that are cast, and to what.
    notices : tuple of Notice
        What is not read.
    """

    place: Place
    rows: tuple[int, ...]
    columns: tuple[tuple[str, str], ...]
    folders: Mapping[str, str]
    casts: tuple[Mapping[str, str], ...]
    notices: tuple[Notice, ...] = field(default=())

    def sql(self, parts: Sequence[int], *, numbered: bool = False) -> str:
        """Write the scan of some parts; with the place of each row in its part where it is asked for."""
        alike: dict[tuple[tuple[str, str], ...], list[int]] = {}
        for part in parts:
            alike.setdefault(tuple(sorted(self.casts[part].items())), []).append(part)
        scans = (self._scan(group, dict(casts), numbered=numbered) for casts, group in alike.items())
        return " UNION ALL ".join(scans)

    def _scan(self, parts: Sequence[int], casts: Mapping[str, str], *, numbered: bool) -> str:
        paths = self.place.paths
        files = ", ".join(text(literally(paths[i])) for i in parts)
        found = [_cast(written, casts.get(written), shown) for written, shown in self.columns]
        found += [_cast(name, kind, name) for name, kind in self.folders.items()]
        found += [ROW] if numbered else []
        hive = (
            "hive_partitioning = true, hive_types_autocast = false"
            if self.folders
            else "hive_partitioning = false"
        )
        return f"SELECT {', '.join(found)} FROM read_parquet([{files}], file_row_number = {numbered}, {hive})"


def text(value: str) -> str:
    """Write a text as SQL."""
    return "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Write the name of a column as SQL."""
    return '"' + name.replace('"', '""') + '"'


def _cast(written: str, kind: str | None, shown: str) -> str:
    value = quoted(written) if kind is None else f"CAST({quoted(written)} AS {kind})"
    return f"{value} AS {quoted(shown)}"


def agree(connection: duckdb.DuckDBPyConnection, place: Place) -> Layout:
    """Read every footer, and settle how the parts are read as one.

    Raises
    ------
    UnreadableFile
        When a part lacks a column of the first or holds another kind in it, two names differ by their case only, the
        folders do not name the same columns, or a footer cannot be right. Names the part and the column.
    """
    paths = [str(path) for path in place.paths]
    fields = _fields(connection, paths)
    rows = _rows(connection, place, paths)
    first = fields[0]
    folders = folder_columns([part.name for part in place.parts])
    # The engine takes the names of all folders above a file, also of those above the table.
    above = folder_values(f"{place.root.as_posix()}/x") if folders else {}
    check_names(place.parts[0].name, [*first.names, *folders, *above])
    check_free(place.parts[0].name, [*first.names, *folders, *above], ROW)
    shown, told = unique_names(first.names)
    parts = [part.name for part in place.parts]
    for part, other in zip(parts, fields, strict=True):
        check_has_all(part, other.names, parts[0], first.names)
        check_names(part, other.names)
    footers = Footers(connection, paths, rows)
    casts: list[dict[str, str]] = [{} for _ in paths]
    types = [dict(zip(other.names, other.types, strict=True)) for other in fields]
    for name in first.names:
        for i, cast in enumerate(settle(parts, name, [t[name] for t in types], footers)):
            casts[i] |= {} if cast is None else {name: cast}
    return Layout(
        place=place,
        rows=rows,
        columns=tuple(zip(first.names, shown, strict=True)),
        folders=folders,
        casts=tuple(casts),
        notices=(*told, *extra_columns(parts, first.names, [other.names for other in fields])),
    )


def _fields(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> list[_Fields]:
    """Read the top-level columns of each part."""
    asked = "SELECT file_name, name, num_children, duckdb_type FROM parquet_schema(?)"
    found: dict[str, list[tuple[str, int, str]]] = {}
    for file, name, children, kind in connection.execute(asked, [[*map(literally, paths)]]).fetchall():
        found.setdefault(file, []).append((name, children or 0, kind))
    return [_top_level(found[path]) for path in paths]


def _top_level(elements: Sequence[tuple[str, int, str]]) -> _Fields:
    """Leave out what lies inside lists and records; the elements are in the order of a walk through the tree."""
    names, types = [], []
    below = 0
    for name, children, kind in elements[1:]:
        if not below:
            names.append(name)
            types.append(kind)
        below += children - (1 if below else 0)
    return _Fields(tuple(names), tuple(types))


def _rows(connection: duckdb.DuckDBPyConnection, place: Place, paths: list[str]) -> tuple[int, ...]:
    asked = "SELECT file_name, num_rows FROM parquet_file_metadata(?)"
    found = dict(connection.execute(asked, [[*map(literally, paths)]]).fetchall())
    rows = tuple(int(found[path]) for path in paths)
    for part, n in zip(place.parts, rows, strict=True):
        if n < 0 or (n > _MANY_ROWS and n > _ROWS_A_BYTE * part.size):
            msg = tr(
                "The footer of the part `{part}` names {n} rows, more than its {size} bytes can hold: it "
                "is damaged. Write or download it again.",
                part=part.name,
                n=f"{n:,}",
                size=f"{part.size:,}",
            )
            raise UnreadableFile(msg, code="damaged_file")
    if not sum(rows):
        msg = tr("The table has no rows in any part. Choose a file or folder with rows.")
        raise UnreadableFile(msg, code="no_rows")
    return rows
