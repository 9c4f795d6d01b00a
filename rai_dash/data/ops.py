"""Entry point of the separate process that parses a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.columns import is_row_number
from rai_dash.data.names import unique_names
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading import kinds
from rai_dash.data.reading.archive import (
    gunzip,
    member_notice,
    read_member,
    require_inner_table,
    table_members,
)
from rai_dash.data.reading.arrow_file import read_arrow
from rai_dash.data.reading.convert import Converted, convert_text, convert_typed
from rai_dash.data.reading.decode import to_utf8
from rai_dash.data.reading.kinds import FileKind
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.parquet import read_parquet
from rai_dash.data.reading.plain_types import TypedTable
from rai_dash.data.reading.refusals import require_table
from rai_dash.data.reading.sheet_cells import CellColumn
from rai_dash.data.reading.sheet_notices import cell_notices, text_number_notice
from rai_dash.data.reading.sniff import sniff
from rai_dash.data.reading.text_table import read_text_table
from rai_dash.data.reading.workbook import read_workbook, sheet_names
from rai_dash.sandbox.arrow import table_to_ipc

Progress = Callable[[int, int, str], None]
_STEPS: Final = 100
_GUESS: Final = ReadOptions()


@dataclass(frozen=True, slots=True)
class Content:
    """A file without its wrapping.

    Parameters
    ----------
    body : memoryview
        The table itself.
    kind : FileKind
        What it is.
    parts : tuple of str
        Names of the files in the archive that could be read.
    part : str or None
        The one that is.
    """

    body: memoryview
    kind: FileKind
    parts: tuple[str, ...] = ()
    part: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """A table as it is kept.

    Parameters
    ----------
    columns : dict of str to Converted
        By name, in order.
    notices : list of Notice
        What a reader of the table should know.
    parts : tuple of str
        Names of the sheets or files that could be chosen.
    part : str or None
        The one that was.
    """

    columns: dict[str, Converted]
    notices: list[Notice]
    parts: tuple[str, ...] = ()
    part: str | None = None


def _unpacked(content: memoryview, limits: TableLimits, options: ReadOptions) -> Content:
    """Unpack gzip or zip once; what is inside is no archive."""
    kind = require_table(content, options)
    if kind == kinds.GZIP:
        body = memoryview(gunzip(content, limits))
        return Content(body, _inner(body, "gzip archive", options))
    if kind == kinds.ZIP:
        member = read_member(content, limits, options)
        body = memoryview(member.content)
        return Content(body, _inner(body, "zip archive", options), member.parts, member.part)
    return Content(content, kind)


def _inner(body: memoryview, where: str, options: ReadOptions) -> FileKind:
    require_inner_table(sniff(body), where)
    return require_table(body, options)


def _of_text(
    content: memoryview, limits: TableLimits, options: ReadOptions, progress: Progress
) -> ParsedTable:
    limits.check_size(len(content))
    text, notices = to_utf8(bytes(content), options.encoding)
    progress(10, _STEPS, "rows and columns")
    table = read_text_table(text, limits, options)
    del text
    names, renamed = unique_names(table.header)
    columns: dict[str, Converted] = {}
    for i, name in enumerate(names):
        # Taken out of the list: a large table does not fit twice.
        cells, table.columns[i] = table.columns[i], None
        columns[name] = convert_text(cells, name, decimal_comma=table.separator == ";", options=options)
        progress(20 + 70 * (i + 1) // len(names), _STEPS, "values")
    return ParsedTable(columns, [*notices, *table.notices, *renamed])


def _check_cells(values: Any, name: str, limits: TableLimits) -> None:
    """Refuse a text that is too long, with its row."""
    if not pa.types.is_large_string(values.type):
        return
    lengths = pc.utf8_length(values)
    longest = pc.max(lengths).as_py() or 0
    if longest > limits.cell_chars:
        row = pc.index(lengths, pa.scalar(longest, lengths.type)).as_py() + 1
        raise limits.cell_too_long(name, tr("row {row}", row=f"{row:,}"))


def _typed_column(values: pa.ChunkedArray, name: str, options: ReadOptions) -> Converted | None:
    """Bring a column to a plain one; values that are valid bytes may still be no dates."""
    try:
        return convert_typed(values, name, options)
    except MemoryError:
        raise
    except (pa.ArrowException, ValueError, OverflowError):
        msg = tr(
            "`{name}` holds values that cannot be read, such as dates that no calendar has. Correct or "
            "remove it.",
            name=name,
        )
        raise UnreadableFile(msg, code="damaged_file") from None


def _of_typed(table: TypedTable, limits: TableLimits, options: ReadOptions) -> ParsedTable:
    names, renamed = unique_names(table.names)
    notices, columns = list(renamed), {}
    for name, values in zip(names, table.columns, strict=True):
        found = None if values is None else _typed_column(values, name, options)
        if found is not None:
            _check_cells(found.values, name, limits)
            columns[name] = found
            continue
        msg = tr(
            "`{name}` holds lists, records or raw bytes and is left out. Spread it over plain columns.",
            name=name,
        )
        notices.append(Notice("nested_column", msg, column=name))
    return ParsedTable(columns, notices)


def _of_parquet(
    content: memoryview, limits: TableLimits, options: ReadOptions, progress: Progress
) -> ParsedTable:
    table = read_parquet(content, limits, lambda done, total: progress(70 * done // total, _STEPS, "rows"))
    return _of_typed(table, limits, options)


def _of_arrow(
    content: memoryview, limits: TableLimits, options: ReadOptions, progress: Progress
) -> ParsedTable:
    table = read_arrow(
        content,
        limits,
        lambda done, total: progress(70 * done // total, _STEPS, "rows"),
        is_stream=sniff(content) == kinds.ARROW_STREAM,
    )
    return _of_typed(table, limits, options)


def _of_cells(cells: CellColumn, name: str, options: ReadOptions) -> Converted:
    """Read one column of a sheet: as its cells are typed, and as text where kinds are mixed."""
    values = cells.values(as_text=name in options.text)
    found = None if cells.is_mixed else convert_typed(values, name, options)
    if found is None:
        return convert_text(values, name, options=options)
    told = () if name in options.text else text_number_notice(found.values, name)
    return replace(found, notices=(*found.notices, *told))


def _of_workbook(
    content: memoryview, limits: TableLimits, options: ReadOptions, progress: Progress
) -> ParsedTable:
    sheet = read_workbook(content, limits, options, lambda rows: progress(40, _STEPS, f"{rows:,} rows"))
    names, renamed = unique_names(sheet.header)
    columns: dict[str, Converted] = {}
    for name, cells in zip(names, sheet.columns, strict=True):
        columns[name] = _of_cells(cells, name, options)
        _check_cells(columns[name].values, name, limits)
    notices = [*sheet.notices, *renamed, *cell_notices(sheet.facts, names)]
    return ParsedTable(columns, notices, sheet.parts, sheet.part)


_READERS: Final = {
    kinds.TEXT: _of_text,
    kinds.PARQUET: _of_parquet,
    kinds.ARROW: _of_arrow,
    kinds.ARROW_STREAM: _of_arrow,
    kinds.XLSX: _of_workbook,
}


def _trimmed(columns: dict[str, Converted]) -> list[Notice]:
    names = [name for name, c in columns.items() if c.was_trimmed]
    if not names:
        return []
    listed = ", ".join(f"`{n}`" for n in names[:5]) + (", …" if len(names) > 5 else "")
    msg = tr(
        "Blanks around values were taken away in {names} columns: {listed}.", names=len(names), listed=listed
    )
    return [Notice("trimmed", msg)]


def _row_numbers(table: pa.Table) -> list[Notice]:
    """Say so where the first column only counts the rows."""
    name = table.column_names[0]
    first: pd.Series = table.column(0).to_pandas()
    if not is_row_number(first.rename(name)):
        return []
    msg = tr("`{name}` only numbers the rows. It should not be used to judge or to train.", name=name)
    return [Notice("row_number", msg, column=name)]


def read_columns(
    content: memoryview, limits: TableLimits, progress: Progress, options: ReadOptions = _GUESS
) -> ParsedTable:
    """Read the columns of a file; see ``parse_table``."""
    progress(0, _STEPS, "unpacking")
    found = _unpacked(content, limits, options)
    table = _READERS[found.kind](found.body, limits, options, progress)
    if found.part is not None:
        told = member_notice(found.part, found.parts)
        table = replace(table, notices=[*told, *table.notices], parts=found.parts, part=found.part)
    return table


def _unknown_columns(options: ReadOptions, names: Sequence[str]) -> list[Notice]:
    """Say which columns the options name that are not there."""
    wanted = dict.fromkeys([*options.missing, *options.text])
    unknown = [name for name in wanted if name != "*" and name not in set(names)]
    msg = "The options for reading name `{}`, which is no column here; that choice has no effect."
    return [Notice("unknown_column", msg.format(name), column=name) for name in unknown]


def _arrow(table: ParsedTable, options: ReadOptions) -> tuple[pa.Table, Sequence[Notice]]:
    """Put the columns together, and collect what was noticed."""
    notices = [*_unknown_columns(options, list(table.columns)), *table.notices]
    for column in table.columns.values():
        notices += column.notices
    out = pa.table({name: c.values for name, c in table.columns.items()})
    return out, [*notices, *_trimmed(table.columns), *_row_numbers(out)]


def list_parts(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Name the tables of a zip archive or the sheets of a workbook (blob 0); ``parts`` is empty for other files."""
    limits, kind = TableLimits.from_args(args), sniff(blobs[0])
    parts: tuple[str, ...] = ()
    if kind == kinds.ZIP:
        parts = table_members(blobs[0], ReadOptions.from_args(args.get("options")))
    elif kind == kinds.XLSX:
        parts = sheet_names(blobs[0], limits)
    return {"parts": list(parts)}, []


def parse_table(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[memoryview]]:
    """Parse a table.

    CSV with any usual separator and encoding, Parquet, Arrow or Feather, each packed with gzip or zip or not, or an
    Excel workbook.

    Parameters
    ----------
    state : dict
        Not used.
    args : dict
        ``limits``: see ``TableLimits.to_args``; ``options``: see ``ReadOptions.to_args``.
    blobs : list of memoryview
        The file.
    progress : callable
        Told how far it is.

    Returns
    -------
    data : dict
        ``notices``: list of dict; ``format``: name of the kind of file; ``parts``: names of the sheets or files that
        could be chosen; ``part``: the one that was, or None.
    blobs : list of memoryview
        The table as an Arrow stream; columns are int64, float64 or text.

    Raises
    ------
    UnreadableFile
        When the file is no table; says what it is or which line is wrong.
    """
    try:
        options = ReadOptions.from_args(args.get("options"))
        table = read_columns(blobs[0], TableLimits.from_args(args), progress, options)
        progress(95, _STEPS, "handing over")
        arrow, notices = _arrow(table, options)
        out = table_to_ipc(arrow)
    except MemoryError:
        msg = tr(
            "Reading this table needs more memory than allowed. Keep fewer rows or columns, or ask the "
            "operator to raise RAI_DASH_WORKER_MEM_GB."
        )
        raise UnreadableFile(msg, code="too_large") from None
    data = {
        "notices": [asdict(n) for n in notices],
        "format": sniff(blobs[0]).name,
        "parts": list(table.parts),
        "part": table.part,
    }
    return data, [out]
