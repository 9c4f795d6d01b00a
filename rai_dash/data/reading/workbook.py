"""Excel workbooks: container first, then the cells of one sheet. Runs in the separate process."""

from __future__ import annotations

import io
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.archive import Archive, open_archive, shown_name, shown_names
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.sheet_cells import CellColumn
from rai_dash.data.reading.sheet_notices import empty_notice, merged_notice, part_notice
from rai_dash.data.reading.sheet_scan import SheetFacts, check_parts, far_corner, scan_sheet, sheet_paths
from rai_dash.data.reading.sheet_top import FilledRows, column_names, find_top

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook, SheetMetadata

BLOCK: Final = 20_000
#: Memory that the reader takes for each cell of the rectangle around the values, measured.
BYTES_A_CELL: Final = 80


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet before its values are read.

    Parameters
    ----------
    header : tuple of str
        Names as written, given or counted.
    columns : tuple of CellColumn (n,)
        Cells.
    facts : SheetFacts
        Errors and formulas without result, by position in ``columns``.
    notices : tuple of Notice
        What was skipped or assumed.
    part : str
        Name of the sheet.
    parts : tuple of str
        Names of all sheets that could be read, in order.
    """

    header: tuple[str, ...]
    columns: tuple[CellColumn, ...]
    facts: SheetFacts
    notices: tuple[Notice, ...]
    part: str
    parts: tuple[str, ...]


def _damaged() -> UnreadableFile:
    msg = "The workbook is damaged. Open it in Excel and save it again, or save the sheet as CSV."
    return UnreadableFile(msg, code="damaged_file")


def _open(content: memoryview) -> CalamineWorkbook:
    import python_calamine

    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (python_calamine.CalamineError, OSError, ValueError):
        raise _damaged() from None


def _check_corner(rows: int, columns: int, limits: TableLimits) -> None:
    """Refuse a sheet whose rectangle cannot be held: the reader would take the process down with it."""
    limits.check_shape(rows, columns)
    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    if allowed != resource.RLIM_INFINITY and rows * columns * BYTES_A_CELL > allowed:
        msg = tr(
            "The sheet has {rows} rows and {columns} columns, which needs more memory than allowed. "
            "Delete what is not part of the table, or save the sheet as CSV or Parquet.",
            rows=f"{rows:,}",
            columns=f"{columns:,}",
        )
        raise UnreadableFile(msg, code="too_large")


@dataclass(frozen=True, slots=True)
class _Loaded:
    name: str
    parts: tuple[str, ...]
    sheet: CalamineSheet
    facts: SheetFacts


def _load(
    book: CalamineWorkbook, archive: Archive, path: str, name: str, limits: TableLimits
) -> tuple[CalamineSheet, SheetFacts]:
    """Read the cells of one sheet into the reader's memory, its far corner checked first."""
    import python_calamine

    facts = scan_sheet(archive, path)
    try:
        _check_corner(facts.rows, facts.columns, limits)
    except UnreadableFile:  # perhaps only formatted down to there
        _check_corner(*far_corner(archive, path), limits)
    try:
        sheet = book.get_sheet_by_name(name)
    except (python_calamine.CalamineError, OSError, ValueError):
        raise _damaged() from None
    limits.check_shape(sheet.height, sheet.width)
    return sheet, facts


def _worksheets(book: CalamineWorkbook) -> list[SheetMetadata]:
    """List the sheets that hold cells rather than a chart."""
    from python_calamine import SheetTypeEnum

    return [s for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]


def sheet_names(content: memoryview, limits: TableLimits) -> tuple[str, ...]:
    """Name the sheets of a workbook, in order."""
    with open_archive(content, "Excel workbook") as archive:
        check_parts(archive, limits, len(content))
        with _open(content) as book:
            return tuple(s.name for s in _worksheets(book))


def _find(book: CalamineWorkbook, archive: Archive, limits: TableLimits, part: str | None) -> _Loaded:
    """Load the sheet that was named, else the first one in sight that holds cells."""
    from python_calamine import SheetVisibleEnum

    paths = sheet_paths(archive)
    sheets = _worksheets(book)
    names = [s.name for s in sheets]
    if part is not None and part not in names:
        msg = tr(
            "The workbook has no sheet {shown_name}. It has: {shown_names}.",
            shown_name=shown_name(part),
            shown_names=shown_names(names),
        )
        raise UnreadableFile(msg, code="choose_part")
    visible = [s.name for s in sheets if s.visible == SheetVisibleEnum.Visible]
    for name in visible if part is None else [part]:
        sheet, facts = _load(book, archive, paths.get(name, ""), name, limits)
        if sheet.start is not None:
            return _Loaded(name, tuple(names), sheet, facts)
    if part is None and len(visible) < len(names):
        hidden = [n for n in names if n not in visible]
        msg = tr(
            "Only hidden sheets of the workbook may hold cells: {shown_names}. Choose one of them.",
            shown_names=shown_names(hidden),
        )
        raise UnreadableFile(msg, code="choose_part")
    msg = tr("The sheet holds no cells. Choose a sheet with a header and rows.")
    raise UnreadableFile(msg, code="no_rows")


def _fill(
    rows: Iterator[list[Any]], width: int, on_rows: Callable[[int], None]
) -> tuple[list[CellColumn], int]:
    """Fill columns block by block; also return the number of rows."""
    columns, count = [CellColumn() for _ in range(width)], 0
    while block := list(islice(rows, BLOCK)):
        for column, cells in zip(columns, zip(*block, strict=True), strict=True):
            column.add(cells)
        count += len(block)
        on_rows(count)
    return columns, count


def _moved(counts: Counter[int], left: int) -> Counter[int]:
    return Counter({column - left: n for column, n in counts.items() if column >= left})


def _edges(header: list[Any] | None, columns: list[CellColumn]) -> tuple[int, int]:
    """Return the first column that has a name or a value, and the end of the last one."""
    used = [i for i, c in enumerate(columns) if not c.is_blank or (header is not None and header[i] != "")]
    return used[0], used[-1] + 1


def _table(loaded: _Loaded, options: ReadOptions, on_rows: Callable[[int], None]) -> Sheet:
    """Divide a sheet into header and columns."""
    sheet, facts = loaded.sheet, loaded.facts
    filled = FilledRows(sheet.iter_rows(), options.skip_lines or 0)
    top = find_top(filled, options)
    columns, count = _fill(top.rows, sheet.width, on_rows)
    if count == 0:
        msg = tr(
            "The sheet has no rows below the names of its columns. Choose a sheet with rows, or skip fewer "
            "lines."
        )
        raise UnreadableFile(msg, code="no_rows")
    start, end = _edges(top.header, columns)
    header = None if top.header is None else top.header[start:end]
    left = (sheet.start or (0, 0))[1] + start
    empty = filled.number - top.number + 1 - count - (header is not None)
    notices = [
        *part_notice(loaded.name, loaded.parts),
        *top.notices,
        *empty_notice(empty),
        *merged_notice(sheet, top.number - 1),
    ]
    return Sheet(
        header=column_names(header, options, end - start),
        columns=tuple(columns[start:end]),
        facts=SheetFacts(
            facts.rows, facts.columns, _moved(facts.errors, left), _moved(facts.without_result, left)
        ),
        notices=tuple(notices),
        part=loaded.name,
        parts=loaded.parts,
    )


def read_workbook(
    content: memoryview, limits: TableLimits, options: ReadOptions, on_rows: Callable[[int], None]
) -> Sheet:
    """Read one sheet of an Excel workbook.

    Parameters
    ----------
    content : memoryview
        The whole file.
    limits : TableLimits
        All parts together are held against the bytes, the sheet against the shape.
    options : ReadOptions
        ``part``, ``header``, ``names`` and ``skip_lines`` are used.
    on_rows : callable
        Told the number of rows read.

    Raises
    ------
    UnreadableFile
        When it is damaged, too large, holds macros, or there is no such sheet, or nothing on it.
    """
    with open_archive(content, "Excel workbook") as archive:
        check_parts(archive, limits, len(content))
        with _open(content) as book:
            loaded = _find(book, archive, limits, options.part)
            return _table(loaded, options, on_rows)
