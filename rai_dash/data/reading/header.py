"""Which row holds the names of the columns, and whether there is one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rai_dash.data.missing import MISSING_WORDS
from rai_dash.data.reading.numerals import is_number_like, plain_marks

Row = Sequence[str]
_DATE: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T]\d.*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}([ T]\d.*)?")
_WHOLE: Final = re.compile(r"\d{1,4}")
_MOST_TITLES: Final = 20
_NEARLY_ALL: Final = 0.9
_SAYS_NOTHING: Final = frozenset(MISSING_WORDS)
#: Cells looked at; fewer rows of a wide table say as much.
_MOST_CELLS: Final = 10_000


def _kind(cell: str) -> str:
    """Tell a number, a date and text apart; empty for what says nothing."""
    text = cell.strip()
    if not text or text.lower() in _SAYS_NOTHING:
        return ""
    if _DATE.fullmatch(text):
        return "date"
    return "number" if is_number_like(text) else "text"


def _kind_below(cells: Iterable[str]) -> str:
    kinds = [kind for cell in cells if (kind := _kind(cell))]
    return next(
        (k for k in ("number", "date") if kinds and kinds.count(k) >= _NEARLY_ALL * len(kinds)), "text"
    )


def _is_year(cell: str) -> bool:
    return _WHOLE.fullmatch(cell.strip()) is not None and 1900 <= int(cell) <= 2100


def _are_counted_names(first: Row, columns: Sequence[int], rows: Sequence[Row]) -> bool:
    """Whether numbers in the first row are years or positions that serve as names."""
    cells = [first[j].strip() for j in columns]
    if len(cells) == len(first) > 2 and cells in ([str(i + k) for i in range(len(cells))] for k in (0, 1)):
        return True
    below = [row[j] for j in columns for row in rows if row[j].strip()]
    return all(map(_is_year, cells)) and sum(map(_is_year, below)) * 2 < len(below)


def looks_like_data(first: Row, below: Sequence[Row]) -> bool:
    """Whether the first row is a row like those below, and no row of names.

    Parameters
    ----------
    first : sequence of str
        Cells of the first row.
    below : sequence of sequence of str
        The next rows; those of another width are left out.

    Returns
    -------
    bool
        True where it holds numbers (dates) in most columns that hold nothing but numbers (dates)
        below; in a table of words, where at least half of its words come again in their columns.
    """
    most = max(10, _MOST_CELLS // max(1, len(first)))
    rows = [row for row in below if len(row) == len(first)][:most]
    if not rows:
        return False
    kinds = {j: _kind_below(row[j] for row in rows) for j in range(len(first))}
    typed = [j for j, kind in kinds.items() if kind != "text"]
    if not typed:
        known = [j for j, cell in enumerate(first) if _kind(cell)]
        again = sum(any(row[j].strip() == first[j].strip() for row in rows) for j in known)
        return 0 < len(known) <= 2 * again
    same = [j for j in typed if _kind(first[j]) == kinds[j]]
    words = [j for j in typed if _kind(first[j]) == "text"]
    return len(same) > len(words) and not _are_counted_names(first, same, rows)


def _is_title(row: Row, width: int, *, is_apart: bool) -> bool:
    filled = sum(bool(cell.strip()) for cell in row)
    if len(row) == width:
        return filled == 0 or (filled == 1 and width > 2)
    return (is_apart or width > 2) and len(row) * 2 <= width


def count_titles(rows: Sequence[Row], lines: Sequence[int], width: int, *, may_be_data: bool) -> int:
    """Count the rows above the header that are titles: far fewer cells than the table has.

    Parameters
    ----------
    rows : sequence of sequence of str
        The first rows that are not empty.
    lines : sequence of int
        Line in which each ends; a title of a table of two columns has a blank line below it.
    width : int
        Cells of most rows.
    may_be_data : bool
        Whether the row below the titles may be an applicant; else nothing is a title then.
    """
    count = 0
    while count < min(_MOST_TITLES, len(rows) - 2):
        is_apart = lines[count + 1] > lines[count] + 1
        if not _is_title(rows[count], width, is_apart=is_apart):
            break
        count += 1
    if not count or len(rows[count]) != width:
        return 0
    return 0 if not may_be_data and looks_like_data(rows[count], rows[count + 1 :]) else count


def counts_rows(rows: Sequence[Row]) -> bool:
    """Whether the first cells count the rows from 1, as row names of a statistics program do."""
    return len(rows) > 1 and all(plain_marks(row[0].strip()) == str(i + 1) for i, row in enumerate(rows))
