"""What stands between the cells of a text table."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

BLANKS: Final = " "
MARKS: Final = (",", ";", "\t", "|")
_LOOKED_AT: Final = 50
_SAMPLE: Final = 2**18
_LONGEST_LINE: Final = 2**24
_BLANK_CELL: Final = re.compile(rb'"(?:[^"]|"")*"|[^ \t]+')
_RUN_OF_BLANKS: Final = re.compile(rb"[ \t]+")
_COMMA_BESIDE_NO_DIGIT: Final = re.compile(r"(?<![0-9]),|,(?![0-9])")


@dataclass(frozen=True, slots=True)
class _Fit:
    """Share of the first records that have the most frequent number of cells, and that number."""

    share: float
    width: int


def first_lines(content: bytes, offset: int = 0) -> str:
    """Return the first whole lines after an offset, about 256 kB of them."""
    stop = offset + _SAMPLE
    if len(content) > stop:
        end = content.find(b"\n", stop, offset + _LONGEST_LINE)
        stop = end + 1 if end >= 0 else stop
    return content[offset:stop].decode("utf-8", "replace")


def records(text: str, separator: str) -> Iterator[tuple[list[str], int]]:
    """Divide lines into records; each comes with the number of lines read so far."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for record in reader:
            yield record, reader.line_num
    except csv.Error:
        return


def usual_width(sizes: Sequence[int]) -> _Fit:
    """Find the most frequent number of cells; the larger one where two are equally frequent."""
    if not sizes:
        return _Fit(0.0, 1)
    width, count = max(Counter(sizes).items(), key=lambda item: (item[1], item[0]))
    return _Fit(count / len(sizes), width)


def _fit(sample: str, separator: str) -> _Fit:
    return usual_width([len(r) for r, _ in islice(records(sample, separator), _LOOKED_AT) if r])


def _divides_blanks(lines: Sequence[str]) -> bool:
    """Whether runs of blanks divide every line alike; row names may stand before a header one name short."""
    rows = [_BLANK_CELL.findall(line.encode()) for line in lines if line.strip()]
    if not rows or len(rows[-1]) < 2:
        return False
    if len(rows) > 2 and len(rows[0]) + 1 == len(rows[1]):
        counted = all(row[0].strip(b'"') == str(i + 1).encode() for i, row in enumerate(rows[1:]))
        rows = rows[1:] if counted else rows
    return len({len(row) for row in rows}) == 1


def guess_separator(sample: str) -> str:
    """Choose what divides the first lines into the same number of cells; a comma where there is one column.

    Parameters
    ----------
    sample : str
        The first lines, from the header on.

    Returns
    -------
    str
        A comma, semicolon, tab or bar; a blank for runs of blanks.
    """
    lines = sample.splitlines()[:_LOOKED_AT]
    fits = {mark: fit for mark in MARKS if (fit := _fit(sample, mark)).width > 1}
    best = max(fits, key=lambda mark: (fits[mark].share, fits[mark].width), default=",")
    if (not fits or fits[best].share < 1) and _divides_blanks(lines):
        return BLANKS
    others = [mark for mark in fits if mark != "," and fits[mark].share == fits[best].share]
    if best == "," and others and not any(map(_COMMA_BESIDE_NO_DIGIT.search, lines)):
        return max(others, key=lambda mark: fits[mark].width)  # every comma is a decimal mark
    return best


def blanks_to_tabs(content: bytes, offset: int) -> bytes:
    """Write runs of blanks between cells as one tab; blanks in quotes stay."""

    def divided(line: bytes) -> bytes:
        if b'"' in line:
            return b"\t".join(_BLANK_CELL.findall(line))
        return _RUN_OF_BLANKS.sub(b"\t", line.strip())

    return b"\n".join(map(divided, content[offset:].splitlines()))
