"""The pictures of the imbalance explorer: a heat map for two columns, a list of cells for any others."""

from __future__ import annotations

from dataclasses import dataclass

from rai_dash.charts._base import Chart
from rai_dash.charts.imbalance_cells import imbalance_cells
from rai_dash.charts.rate_heatmap import rate_heatmap
from rai_dash.core.texts import tr
from rai_dash.data.imbalance import FEW, BelowShare, Cell, ImbalanceTable
from rai_dash.ui import imbalance_words as words
from rai_dash.ui import widgets
from rai_dash.ui.text import count, percent

MOST_DRAWN = 40
#: A heat map with more rows or columns cannot be read.
MOST_ROWS, MOST_ACROSS = 20, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The cells, what the tests say about them, and what is aimed at."""

    table: ImbalanceTable
    tested: words.Tested
    below: BelowShare | None
    wanted: float | None


def draw(look: Look) -> None:
    """Draw a heat map for two columns, a list for any others."""
    grid = _grid(look.table)
    if grid is not None:
        widgets.draw(_heat(grid, look.below), key="imbalance")
        widgets.how_to_read(
            tr(
                "The stronger the colour, the larger the share with the favourable outcome; below it the "
                "rows. Grey cells have fewer than {few} rows with a known outcome; a dash has none.",
                few=FEW,
            )
            + (
                tr(" ▾ is shown to lie below the {wanted} aimed at.", wanted=percent(look.wanted, digits=0))
                if look.wanted
                else ""
            )
        )
        return
    cells = _drawn(look)
    if len(cells) < len(look.table.cells):
        widgets.note(
            tr(
                "{cells} of {table_cells} cells are drawn: {order}.",
                cells=count(len(cells)),
                table_cells=count(len(look.table.cells)),
                order=_order(look),
            )
        )
    widgets.draw(_list(cells, look), key="imbalance")
    widgets.how_to_read(
        tr(
            "Each dot is the share with the favourable outcome in that cell, the line its 95 % interval "
            "(Wilson), beside it the rows. Grey rings have fewer than {few} rows with a known outcome, and "
            "their line may be cut at the end; a dash has none.",
            few=FEW,
        )
        + (
            tr(" The dashed line is the {wanted} aimed at.", wanted=percent(look.wanted, digits=0))
            if look.wanted
            else ""
        )
    )


def _order(look: Look) -> str:
    if look.tested.ranked is None:
        return tr("the largest; the table has all")
    return tr("those that are best shown to differ come first; the table has all")


def _drawn(look: Look) -> list[Cell]:
    """Choose the cells of the list and their order: few as they are, many by evidence."""
    cells = list(look.table.cells)
    if len(look.table.columns) == 1 and len(cells) <= MOST_DRAWN:
        return cells
    if look.tested.ranked is None:
        return sorted(cells, key=lambda c: -c.n)[:MOST_DRAWN]
    by_name = {words.joined(c): c for c in cells}
    return [by_name[r.group] for r in look.tested.ranked][:MOST_DRAWN] or cells[:MOST_DRAWN]


def _list(cells: list[Cell], look: Look) -> Chart:
    return imbalance_cells(
        [words.joined(c) for c in cells],
        [c.rate.value for c in cells],
        low=[c.rate.low for c in cells],
        high=[c.rate.high for c in cells],
        n=[c.n for c in cells],
        small=[c.labelled < FEW for c in cells],
        wanted=look.wanted,
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    """A cross of two columns as lines of cells, and which of the two columns goes down."""

    lines: list[list[Cell]]
    down: int


def _grid(table: ImbalanceTable) -> _Grid | None:
    """Arrange a cross of two columns, the one with more groups downwards; None = no heat map."""
    if len(table.columns) != 2 or len(table.cells) <= 2:
        return None
    n_first = len({c.labels[0] for c in table.cells})
    across = len(table.cells) // n_first
    lines = [list(table.cells[i : i + across]) for i in range(0, len(table.cells), across)]
    grid = (
        _Grid([list(line) for line in zip(*lines, strict=True)], 1) if across > n_first else _Grid(lines, 0)
    )
    return grid if len(grid.lines) <= MOST_ROWS and len(grid.lines[0]) <= MOST_ACROSS else None


def _heat(grid: _Grid, found: BelowShare | None) -> Chart:
    lines, down = grid.lines, grid.down
    below = frozenset(c.labels for c in found.shown) if found is not None else frozenset()
    return rate_heatmap(
        [line[0].labels[down] for line in lines],
        [cell.labels[1 - down] for cell in lines[0]],
        rate=[[c.rate.value for c in line] for line in lines],
        low=[[c.rate.low for c in line] for line in lines],
        high=[[c.rate.high for c in line] for line in lines],
        n=[[c.n for c in line] for line in lines],
        small=[[c.labelled < FEW for c in line] for line in lines],
        below=[[c.labels in below for c in line] for line in lines],
    )
