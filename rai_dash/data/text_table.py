"""Delimited text as a table of text columns; every line has as many fields as the header, or is named."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pacsv

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.limits import TableLimits

DELIMITERS: Final = (",", ";", "\t", "|")
_LOOKED_AT: Final = 50
_HEAD: Final = 2**18
_NAMES: Final = {"\t": "tab"}


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _first_records(text: str, delimiter: str) -> list[list[str]]:
    out: list[list[str]] = []
    try:
        for record in _records(text, delimiter):
            if record:
                out.append(record)
            if len(out) >= _LOOKED_AT:
                break
    except csv.Error:
        return []
    return out


def find_delimiter(head: str) -> str:
    """Choose the separator that gives the most fields, the same number on nearly every line."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        records = _first_records(head, delimiter)
        if not records:
            continue
        width = len(records[0])
        steady = sum(len(r) == width for r in records) / len(records)
        score = (steady if width > 1 else 0.0, width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _head_of(content: bytes) -> str:
    """Return the first whole lines as text."""
    part = content[:_HEAD]
    if len(content) > _HEAD and b"\n" in part:
        part = part[: part.rindex(b"\n") + 1]
    return part.decode(errors="replace")


def _ragged(line: int, found: int, expected: int) -> UnreadableFile:
    text = (
        f"Line {line:,} has {found} {'field' if found == 1 else 'fields'}, the header has {expected}. Is the separator "
        "inside a value? Put that value in quotes, or choose another separator."
    )
    return UnreadableFile(text, code="ragged")


def read_text(content: bytes, limits: TableLimits) -> tuple[list[str], list[Any], str]:
    """Parse UTF-8 delimited text.

    Parameters
    ----------
    content : bytes
        Valid UTF-8 without a mark.
    limits : TableLimits
        Checked before and after parsing.

    Returns
    -------
    header : list of str
        As written.
    columns : list of arrow text arrays
        Untrimmed; nulls where a cell is empty.
    delimiter : str
        The separator that was found.

    Raises
    ------
    UnreadableFile
        Empty, header only, ragged, or too large.
    """
    head = _head_of(content)
    delimiter = find_delimiter(head)
    first = next((r for r in _first_records(head, delimiter)), None)
    if first is None:
        msg = "The table is empty. Save it again with a header and rows."
        raise UnreadableFile(msg, code="empty")
    limits.check_shape(0, len(first))
    columns = _parse(content, delimiter, len(first))
    rows = len(columns[0]) if columns else 0
    if rows == 0:
        msg = "The table has a header and no row below it. Save it again with its rows."
        raise UnreadableFile(msg, code="header_only")
    limits.check_shape(rows, len(first))
    return first, columns, delimiter


def _parse(content: bytes, delimiter: str, width: int) -> list[Any]:
    bad: list[tuple[int, int]] = []

    def note(row: pacsv.InvalidRow) -> str:
        bad.append((row.number or 0, row.actual_columns))
        return "error"

    names = [f"c{i}" for i in range(width)]
    start = len(content) - len(content.lstrip(b"\r\n"))
    body = content[start:]
    try:
        table = pacsv.read_csv(
            io.BytesIO(body),
            read_options=pacsv.ReadOptions(use_threads=False, column_names=names, block_size=64 * 2**20),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid as error:
        if bad:
            raise _ragged(bad[0][0] + start, bad[0][1], width) from error
        shown = _NAMES.get(delimiter, delimiter)
        msg = f"The table cannot be read with the separator `{shown}`: a quote may be left open. Close it and try again."
        raise UnreadableFile(msg, code="open_quote") from error
    # The header is a row like any other until here, so that line numbers count it.
    return [column.combine_chunks().slice(1) for column in table.columns]
