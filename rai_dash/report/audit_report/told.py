"""Tables of which numbers are hidden: what is told stays a table, what is not is named in one line."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.core.words import NOTHING
from rai_dash.report._certificate_parts import Row, Table
from rai_dash.report.audit_report.blocks import Block, Grid, Text

_NUMBERS: Final = slice(1, None)


def told_grid(table: Table, *, numbers: slice = _NUMBERS, is_dense: bool = False) -> Block:
    """Name the rows of which every number is hidden below the table, instead of a line of "hidden" for each.

    Parameters
    ----------
    table : Table
        With the name of a row in its first cell.
    numbers : slice
        Which of the cells of a row hold its numbers.
    is_dense : bool
        Whether it is set in small letters.
    """
    kept = tuple(row for row in table.rows if not _is_hidden(row, numbers))
    left = [row.cells[0].text for row in table.rows if _is_hidden(row, numbers)]
    if not kept or len(left) < 2:
        return whole_grid(table, numbers=numbers, is_dense=is_dense)
    note = tr("Hidden, since they rest on few people: {names}.", names=", ".join(left))
    return Grid(replace(table, rows=kept, notes=(*table.notes, note)), is_dense=is_dense)


def whole_grid(table: Table, *, numbers: slice = _NUMBERS, is_dense: bool = False) -> Block:
    """Write a table with all of its rows, or in one line that every number of it is hidden."""
    if not table.rows or not all(_is_hidden(row, numbers) for row in table.rows):
        return Grid(table, is_dense=is_dense)
    return Text(tr("{table}: all are hidden, since they rest on few people.", table=table.caption), "note")


def _is_hidden(row: Row, numbers: slice) -> bool:
    """Whether every number is; a dash beside a hidden one rests on it, a dash with a reason is undefined."""
    cells = row.cells[numbers]
    hidden = [cell for cell in cells if cell.text == tr("hidden")]
    silent = [cell for cell in cells if cell.text == NOTHING and not cell.under]
    return bool(hidden) and len(hidden) + len(silent) == len(cells)
