"""From UTF-8 text to columns of text: separator, header, and a strict count of fields."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.comments import Start, after_lines, skip_comments, skip_lines
from rai_dash.data.reading.header import count_titles, counts_rows, looks_like_data
from rai_dash.data.reading.header_words import header_notices
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.mistakes import Body, find_mistake, line_of_row, ragged
from rai_dash.data.reading.numerals import any_of, is_number_like
from rai_dash.data.reading.separators import (
    BLANKS,
    blanks_to_tabs,
    first_lines,
    guess_separator,
    records,
    usual_width,
)

_GUESS: Final = ReadOptions()
_LOOKED_AT: Final = 200


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table before its values are read.

    Parameters
    ----------
    header : tuple of str
        Names as written, or as given where there is no header.
    columns : list of ChunkedArray of text (n,)
        Cells as written.
    separator : str
        What stands between cells; a blank for runs of blanks.
    notices : tuple of Notice
        What was skipped or assumed.
    """

    header: tuple[str, ...]
    columns: list[pa.ChunkedArray]
    separator: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class TextLayout:
    """Where the rows of a text begin, and how they are divided.

    Parameters
    ----------
    body : Body
        The text from its header on.
    names : list of str
        Names as written; empty ones where there is no header.
    header_lines : int
        Lines that the header takes.
    separator : str
        What stands between cells; a blank for runs of blanks.
    notices : tuple of Notice
        What was skipped or assumed.
    """

    body: Body
    names: list[str]
    header_lines: int
    separator: str
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Top:
    """The first rows, titles left out."""

    rows: list[list[str]]
    header_lines: int
    titles: int
    title_lines: int

    @property
    def width(self) -> int:
        """Cells of most rows below the first."""
        fit = usual_width([len(row) for row in self.rows[1:]])
        return fit.width if fit.share > 0.5 and len(self.rows) > 1 else len(self.rows[0])


def _check_text(content: bytes) -> None:
    if (at := content.find(b"\x00")) >= 0:
        line = content.count(b"\n", 0, at) + 1
        msg = tr(
            "Line {line} holds a zero byte, which no text has. The file is damaged or not a text: save it "
            "again.",
            line=f"{line:,}",
        )
        raise UnreadableFile(msg, code="damaged_text")


def _look(content: bytes, offset: int, separator: str, options: ReadOptions) -> _Top:
    """Read the first rows and find the titles among them."""
    csv.field_size_limit(sys.maxsize)
    found = [
        (r, n) for r, n in islice(records(first_lines(content, offset), separator), _LOOKED_AT + 20) if r
    ]
    rows, lines = [r for r, _ in found], [n for _, n in found]
    if not rows:
        return _Top([[]], 0, 0, 0)
    width = usual_width([len(r) for r in rows]).width
    titles = 0
    if options.skip_lines is None:
        titles = count_titles(rows, lines, width, may_be_data=options.header is False)
    above = lines[titles - 1] if titles else 0
    return _Top(rows[titles:], lines[titles] - above, titles, above)


def _has_header(top: _Top, options: ReadOptions) -> bool:
    if options.header is not None:
        return options.header
    return not options.names and not looks_like_data(top.rows[0], top.rows[1:])


def _fitted(top: _Top) -> list[str]:
    """Give a header that is one name short the name that its rows have more."""
    header = top.rows[0]
    rows = [row for row in top.rows[1:] if len(row) == top.width]
    if len(header) + 1 != top.width or not rows:
        return header
    if not any(row[-1].strip() for row in rows):
        return [*header, ""]
    return ["", *header] if counts_rows(rows) else header


def _read_columns(data: pa.Buffer, body: Body) -> pa.Table:
    names = [str(i) for i in range(body.width)]
    return pa.csv.read_csv(
        pa.BufferReader(data),
        read_options=pa.csv.ReadOptions(column_names=names, block_size=min(2**24, max(data.size, 2**16) + 1)),
        parse_options=pa.csv.ParseOptions(
            delimiter=body.separator,
            newlines_in_values=b'"' in body.content,
            ignore_empty_lines=body.width > 1,
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False, check_utf8=False
        ),
    )


def _parse(body: Body, header_lines: int, limits: TableLimits) -> list[pa.ChunkedArray]:
    """Divide all rows into cells, strictly."""
    # An odd number of quotes may mean one that never closes, which the fast reader would swallow.
    if body.content.count(b'"') % 2 and (mistake := find_mistake(body, limits)) is not None:
        raise mistake
    start = after_lines(body.content, body.offset, header_lines)
    data = pa.py_buffer(body.content).slice(len(body.content) if start is None else start)
    try:
        columns = _read_columns(data, body).columns if data.size else []
    except pa.ArrowInvalid as error:
        columns = []
        if "Empty CSV" not in str(error):
            msg = "The table cannot be divided into rows and columns. Save it again as CSV with commas, or as Parquet."
            unknown = UnreadableFile(msg, code="unreadable_table")
            raise find_mistake(body, limits) or unknown from None
    if not columns or not len(columns[0]):
        what = f"a header with {len(body.header)} names" if body.header else "no header"
        msg = tr("The table has {what} and no rows. Choose a file with rows.", what=what)
        raise UnreadableFile(msg, code="no_rows")
    limits.check_shape(len(columns[0]), body.width)
    return list(columns)


def _check_cells(columns: list[pa.ChunkedArray], body: Body, limits: TableLimits) -> None:
    """Refuse a cell that is too long, by its column and line."""
    for j, column in enumerate(columns):
        if pc.max(pc.binary_length(column)).as_py() <= limits.cell_chars:
            continue
        too_long = pc.greater(pc.utf8_length(column), limits.cell_chars)
        if any_of(too_long):
            line = line_of_row(body, pc.index(too_long, pa.scalar(value=True)).as_py())
            name = body.header[j].strip() if body.header else ""
            raise limits.cell_too_long(name or tr("column {j}", j=j + 1), tr("line {line}", line=f"{line:,}"))


def _is_blank(column: pa.ChunkedArray) -> bool:
    return bool(pc.all(pc.equal(pc.utf8_trim_whitespace(column), "")).as_py())


def _without_tail(
    header: list[str], columns: list[pa.ChunkedArray], body: Body
) -> tuple[list[str], list[pa.ChunkedArray], list[Notice]]:
    """Leave out empty columns without a name at the end: the lines end with a separator."""
    header, kept = list(header), len(columns)
    while kept > 1 and not header[kept - 1].strip() and _is_blank(columns[kept - 1]):
        kept -= 1
    if body.header and kept == len(columns) == len(body.header) + 1 and not header[-1]:
        filled = pc.not_equal(pc.utf8_trim_whitespace(columns[-1]), "")
        row = pc.index(filled, pa.scalar(value=True)).as_py()
        raise ragged(body, line_of_row(body, row), body.width)
    if kept == len(columns):
        return header, columns, []
    msg = tr(
        "The lines end with a separator: {columns} empty column(s) at the end are left out.",
        columns=len(columns) - kept,
    )
    return header[:kept], columns[:kept], [Notice("trailing_separator", msg)]


def _named(
    names: list[str], columns: list[pa.ChunkedArray], body: Body, options: ReadOptions
) -> tuple[list[str], list[pa.ChunkedArray], list[Notice]]:
    """Give the columns their names: those chosen, those of the header, else their numbers."""
    given = list(options.names)
    told: list[Notice] = []
    if len(given) != len(columns):
        names, columns, told = _without_tail(names, columns, body)
    if given and len(given) != len(columns):
        msg = tr(
            "{given} names are given for {columns} columns. Give one name a column, in order.",
            given=len(given),
            columns=len(columns),
        )
        raise InvalidChoice(msg, code="names_mismatch")
    if not given and not body.header:
        given = [f"column {i + 1}" for i in range(len(columns))]
    return given or names, columns, told


def _start(content: bytes, options: ReadOptions) -> Start:
    return skip_comments(content) if options.skip_lines is None else skip_lines(content, options.skip_lines)


def _separator(content: bytes, start: Start, options: ReadOptions) -> tuple[str, list[Notice]]:
    separator = options.separator or start.separator or guess_separator(first_lines(content, start.offset))
    if separator != BLANKS or options.separator:
        return separator, []
    return separator, [Notice("separator", tr("Columns were taken to be separated by blanks."))]


def find_layout(content: bytes, limits: TableLimits, options: ReadOptions = _GUESS) -> TextLayout:
    """Look at the first rows of a text: where the table begins, what divides its cells, and how they are called.

    Parameters
    ----------
    content : bytes
        Valid UTF-8 without a mark; its first lines tell.
    limits : TableLimits
        Most columns.
    options : ReadOptions
        What was chosen; ``separator``, ``header``, ``skip_lines`` and ``names`` are used.

    Raises
    ------
    UnreadableFile
        When there are too many columns, or fewer lines than are to be skipped.
    """
    start = _start(content, options)
    separator, notices = _separator(content, start, options)
    if separator == BLANKS:
        content, start = blanks_to_tabs(content, start.offset), replace(start, offset=0)
    cut = "\t" if separator == BLANKS else separator
    top = _look(content, start.offset, cut, options)
    has_header = _has_header(top, options)
    names = _fitted(top) if has_header else [""] * len(top.rows[0])
    limits.check_shape(0, len(names))
    offset = after_lines(content, start.offset, top.title_lines) or start.offset
    header = tuple(top.rows[0]) if has_header else ()
    body = Body(content, offset, start.lines + top.title_lines, cut, header, len(names))
    numbers = [cell for cell in top.rows[0] if is_number_like(cell)]
    told = header_notices(top.titles, top.rows[0], numbers, options, has_header=has_header)
    header_lines = top.header_lines if has_header else 0
    return TextLayout(body, names, header_lines, separator, (*start.notices, *notices, *told))


def read_text_table(content: bytes, limits: TableLimits, options: ReadOptions = _GUESS) -> TextTable:
    """Divide UTF-8 text into rows and columns.

    Parameters
    ----------
    content : bytes
        Valid UTF-8 without a mark.
    limits : TableLimits
        Most rows, columns, cells, and characters of a cell.
    options : ReadOptions
        What was chosen; ``separator``, ``header``, ``skip_lines`` and ``names`` are used.

    Raises
    ------
    UnreadableFile
        When there is no row, a line has another number of fields than the header, a quote never
        closes, or the table is too large. Names the line.
    InvalidChoice
        When there are more or fewer names than columns.
    """
    _check_text(content)
    layout = find_layout(content, limits, options)
    columns = _parse(layout.body, layout.header_lines, limits)
    _check_cells(columns, layout.body, limits)
    names, columns, tail = _named(layout.names, columns, layout.body, options)
    return TextTable(tuple(names), columns, layout.separator, (*layout.notices, *tail))
