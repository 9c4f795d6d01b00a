"""Finding the line of a text table that does not fit; slow, and only used when something is wrong."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.reading.limits import TableLimits

_SEPARATOR_WORDS: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar", " ": "blanks"}


@dataclass(frozen=True, slots=True)
class Body:
    """A text table from its first row on.

    Parameters
    ----------
    content : bytes
        UTF-8; what is above the table may be part of it.
    offset, lines : int
        Bytes of ``content`` and lines of the file above the first row.
    separator : str
        One character.
    header : tuple of str
        Names as written; empty where there is no header.
    width : int
        Cells of a row.
    """

    content: bytes
    offset: int
    lines: int
    separator: str
    header: tuple[str, ...]
    width: int

    def text(self) -> io.TextIOWrapper:
        """Open the text at its first row."""
        return io.TextIOWrapper(io.BytesIO(self.content[self.offset :]), "utf-8", newline="")

    def records(self, *, strict: bool = False) -> Iterator[tuple[list[str], int]]:
        """Yield every record that is not empty and the line of the file in which it starts."""
        csv.field_size_limit(sys.maxsize)
        reader = csv.reader(self.text(), delimiter=self.separator, strict=strict)
        start = self.lines + 1
        try:
            for record in reader:
                if record:
                    yield record, start
                start = self.lines + reader.line_num + 1
        except csv.Error as error:
            raise _bad_quote(start, str(error)) from None


def _bad_quote(line: int, reason: str) -> UnreadableFile:
    if "end of data" in reason:
        msg = f'A quote that opens in line {line:,} never closes. Close it, or write it twice: "".'
        return UnreadableFile(msg, code="open_quote")
    msg = f"Line {line:,} has text after a closing quote. Write a quote inside a value twice."
    return UnreadableFile(msg, code="bad_quote")


def ragged(body: Body, line: int, found: int) -> UnreadableFile:
    """Return the refusal of a line with another number of fields than the header."""
    mark = _SEPARATOR_WORDS[body.separator]
    fields = "field" if found == 1 else "fields"
    first = f"the header has {len(body.header):,}" if body.header else f"the first row has {body.width}"
    if found == len(body.header):
        first = f"most lines have {body.width}"
    msg = (
        f"Line {line:,} has {found:,} {fields}, {first}. Is there {mark} inside a value? "
        "Put it in quotes, or choose another separator."
    )
    return UnreadableFile(msg, code="ragged_row")


def find_mistake(body: Body, limits: TableLimits) -> UnreadableFile | None:
    """Look for the first line that does not fit."""
    try:
        for i, (record, line) in enumerate(body.records(strict=True)):
            is_header = i == 0 and bool(body.header)
            if len(record) != body.width and not is_header:
                return ragged(body, line, len(record))
            if max(map(len, record)) > limits.cell_chars:
                return limits.cell_too_long(_name(body, record, limits), f"line {line:,}")
    except UnreadableFile as error:
        return error
    return None


def _name(body: Body, record: list[str], limits: TableLimits) -> str:
    at = next(j for j, cell in enumerate(record) if len(cell) > limits.cell_chars)
    return body.header[at].strip() if at < len(body.header) else f"column {at + 1}"


def line_of_row(body: Body, row: int) -> int:
    """Return the line in which a row starts; rows are counted from 0 below the header."""
    wanted = row + bool(body.header)
    return next((line for i, (_, line) in enumerate(body.records()) if i == wanted), body.lines + wanted)
