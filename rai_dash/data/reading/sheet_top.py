"""The top of a sheet: titles, the row of names, and where the rows begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.header import count_titles, looks_like_data
from rai_dash.data.reading.header_words import header_notices
from rai_dash.data.reading.sheet_cells import cell_text

_LOOKED_AT: Final = 200


class FilledRows:
    """The rows of a sheet that hold something, with the number of the last one, from 1."""

    def __init__(self, rows: Iterable[list[Any]], skip: int) -> None:
        self.number = skip
        self._rows = islice(rows, skip, None)

    def __iter__(self) -> Iterator[list[Any]]:
        for row in self._rows:
            self.number += 1
            if row.count("") < len(row):
                yield row


@dataclass(frozen=True, slots=True)
class Top:
    """Where the table of a sheet begins.

    Parameters
    ----------
    header : list or None
        Cells of the row of names; None = there is none.
    number : int
        Number of the first row of the table, with its names, from 1.
    rows : iterator of list
        The rows below the names.
    notices : tuple of Notice
        Titles that were skipped, and what was taken for the names where that is not plain.
    """

    header: list[Any] | None
    number: int
    rows: Iterator[list[Any]]
    notices: tuple[Notice, ...]


def find_top(filled: FilledRows, options: ReadOptions) -> Top:
    """Find the row of names; the same rules as for a text table.

    Parameters
    ----------
    filled : FilledRows
        Of the sheet.
    options : ReadOptions
        ``header``, ``names`` and ``skip_lines`` are used.
    """
    stream = iter(filled)
    found = [(row, filled.number) for row in islice(stream, _LOOKED_AT)]
    if not found:
        return Top(None, filled.number, stream, ())
    texts = [[cell_text(v) for v in row] for row, _ in found]
    titles = 0
    if options.skip_lines is None:
        numbers = [number for _, number in found]
        titles = count_titles(texts, numbers, len(texts[0]), may_be_data=options.header is False)
    has_header = options.header
    if has_header is None:
        has_header = not options.names and not looks_like_data(texts[titles], texts[titles + 1 :])
    (first, number), below = found[titles], [row for row, _ in found[titles + has_header :]]
    cells = [cell_text(v) for v in first]
    are_numbers = [isinstance(v, (int, float)) and not isinstance(v, bool) for v in first]
    counted = [cell for cell, is_number in zip(cells, are_numbers, strict=True) if is_number]
    return Top(
        header=first if has_header else None,
        number=number,
        rows=chain(below, stream),
        notices=header_notices(titles, cells, counted, options, has_header=has_header),
    )


def column_names(header: Sequence[Any] | None, options: ReadOptions, width: int) -> tuple[str, ...]:
    """Return the names as written, or as given, or counted.

    Raises
    ------
    InvalidChoice
        When more or fewer names are given than there are columns.
    """
    if options.names and len(options.names) != width:
        msg = tr(
            "{names} names are given for {width} columns. Give one name a column, in order.",
            names=len(options.names),
            width=width,
        )
        raise InvalidChoice(msg, code="names_mismatch")
    if options.names:
        return options.names
    if header is None:
        return tuple(f"column {i + 1}" for i in range(width))
    return tuple(cell_text(v) for v in header)
