"""From UTF-8 text to columns of text: separator, header, and a strict count of fields."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

import pyarrow as pa
import pyarrow.csv

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.types import Notice
from rai_dash.data.limits import TableLimits

SEPARATORS: Final = (",", ";", "\t", "|")
BLANKS: Final = " "
_SEPARATOR_WORDS: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar", " ": "blanks"}
_LOOKED_AT: Final = 50
_SAMPLE: Final = 2**18
_RUN_OF_BLANKS: Final = re.compile(rb"[ \t]+")


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table before its values are read.

    Parameters
    ----------
    header : tuple of str
        Names as written.
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


def _records(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _sample(content: bytes) -> str:
    """Return the first whole lines."""
    part = content[:_SAMPLE]
    if len(content) > _SAMPLE and (end := part.rfind(b"\n")) > 0:
        part = part[: end + 1]
    return part.decode("utf-8", "replace")


def _fit(sample: str, separator: str) -> tuple[float, int]:
    """Return which share of the first lines has as many fields as the header, and that number."""
    try:
        sizes = [len(r) for r in islice(_records(sample, separator), _LOOKED_AT) if r]
    except csv.Error:
        return 0.0, 1
    return sum(s == sizes[0] for s in sizes) / len(sizes), sizes[0]


def _separator(sample: str) -> str:
    """Choose the separator under which the lines agree best; a comma where there is one column."""
    fits = {s: fit for s in SEPARATORS if (fit := _fit(sample, s))[1] > 1}
    if fits:
        return max(fits, key=lambda s: fits[s])
    sizes = {len(line.split()) for line in sample.splitlines()[:_LOOKED_AT] if line.strip()}
    return BLANKS if len(sizes) == 1 and sizes != {1} and '"' not in sample else ","


def _without_comments(content: bytes) -> tuple[bytes, int, tuple[Notice, ...]]:
    """Drop blank lines and comments above the header; a header may itself start with ``#``."""
    skipped, start, comments = 0, 0, 0
    while (end := content.find(b"\n", start)) >= 0:
        line, after = content[start:end], content[end + 1 : end + 2**16].split(b"\n", 1)[0]
        is_comment = line.startswith(b"#") and all(
            line.count(s.encode()) != after.count(s.encode()) or s.encode() not in after for s in SEPARATORS
        )
        if line.strip() and not is_comment:
            break
        comments += is_comment
        skipped, start = skipped + 1, end + 1
    if not comments:
        return content[start:], skipped, ()
    msg = f"{comments} comment lines above the header were skipped: {skipped} lines are not part of it."
    return content[start:], skipped, (Notice("comment_line", msg, rows=comments),)


def _header_notices(header: list[str]) -> tuple[Notice, ...]:
    numbers = [h for h in header if re.fullmatch(r"\s*[+-]?\d+([.,]\d+)?\s*", h)]
    if not numbers:
        return ()
    msg = (
        f"The first row was taken for the names of the columns, but holds numbers ({', '.join(numbers[:3])}). "
        "If it is an applicant, add a row of names above it."
    )
    return (Notice("no_header", msg),)


def _find_mistake(content: bytes, separator: str, skipped: int) -> UnreadableFile | None:
    """Look for the first line that does not fit; slow, and only used when something seems wrong."""
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(content), "utf-8", newline=""), delimiter=separator, strict=True
    )
    wanted, start = 0, 1
    try:
        for record in reader:
            wanted = wanted or len(record)
            if record and len(record) != wanted:
                return _ragged(start + skipped, len(record), wanted, separator)
            start = reader.line_num + 1
    except csv.Error as error:
        if "end of data" in str(error):
            msg = f'A quote that opens in line {start + skipped:,} never closes. Close it, or write it twice: "".'
            return UnreadableFile(msg, code="open_quote")
        msg = f"Line {start + skipped:,} has text after a closing quote. Write a quote inside a value twice."
        return UnreadableFile(msg, code="bad_quote")
    return None


def _ragged(line: int, found: int, wanted: int, separator: str) -> UnreadableFile:
    mark = _SEPARATOR_WORDS[separator]
    fields = "field" if found == 1 else "fields"
    msg = (
        f"Line {line:,} has {found} {fields}, the header has {wanted}. Is there {mark} inside a value? "
        "Put it in quotes, or choose another separator."
    )
    return UnreadableFile(msg, code="ragged_row")


def _check_text(content: bytes, skipped: int) -> None:
    if (at := content.find(b"\x00")) >= 0:
        line = content.count(b"\n", 0, at) + 1 + skipped
        msg = f"Line {line:,} holds a zero byte, which no text has. The file is damaged or not a text: save it again."
        raise UnreadableFile(msg, code="damaged_text")


def _parse(content: bytes, separator: str, header: list[str], lines: int, skipped: int) -> pa.Table:
    """Divide all rows into cells, strictly."""
    names = [str(i) for i in range(len(header))]
    # An odd number of quotes may mean one that never closes, which the fast reader would swallow.
    if content.count(b'"') % 2 and (mistake := _find_mistake(content, separator, skipped)) is not None:
        raise mistake
    try:
        return pa.csv.read_csv(
            pa.BufferReader(content),
            read_options=pa.csv.ReadOptions(
                column_names=names, skip_rows=lines, block_size=min(2**24, max(len(content), 2**16) + 1)
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=b'"' in content,
                ignore_empty_lines=len(names) > 1,
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return pa.table({name: pa.array([], pa.large_string()) for name in names})
        msg = "The table cannot be divided into rows and columns. Save it again as CSV with commas, or as Parquet."
        unknown = UnreadableFile(msg, code="unreadable_table")
        raise _find_mistake(content, separator, skipped) or unknown from None


def _blanks_to_tabs(content: bytes) -> bytes:
    return b"\n".join(_RUN_OF_BLANKS.sub(b"\t", line.strip()) for line in content.splitlines())


def read_text_table(content: bytes, limits: TableLimits) -> TextTable:
    """Divide UTF-8 text into rows and columns.

    Parameters
    ----------
    content : bytes
        Valid UTF-8 without a mark.
    limits : TableLimits
        Most rows, columns and cells.

    Raises
    ------
    UnreadableFile
        When there is no row, a line has another number of fields than the header, a quote never
        closes, or the table is too large. Names the line.
    """
    body, skipped, notices = _without_comments(content)
    _check_text(body, skipped)
    separator = _separator(_sample(body))
    if separator == BLANKS:
        body = _blanks_to_tabs(body)
        msg = "Columns were taken to be separated by blanks."
        notices = (*notices, Notice("separator", msg))
    if not body.endswith(b"\n"):
        body += b"\n"  # the fast reader cannot skip a header that is the whole file
    cut = "\t" if separator == BLANKS else separator
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(body), "utf-8", newline=""), delimiter=cut)
    header = next(reader, [])
    limits.check_shape(0, len(header))
    table = _parse(body, cut, header, reader.line_num, skipped)
    if table.num_rows == 0:
        msg = f"The table has a header with {len(header)} names and no rows. Choose a file with rows."
        raise UnreadableFile(msg, code="no_rows")
    limits.check_shape(table.num_rows, len(header))
    return TextTable(tuple(header), table.columns, separator, (*notices, *_header_notices(header)))
