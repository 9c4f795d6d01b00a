"""Imbalance: rows and approval rate in every cell of a cross of columns."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import N_LABELS
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, Estimate
from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import (
    MAX_CODES,
    MAX_CROSS,
    check_edges,
    cross,
    group_index,
    quantile_edges,
    width_edges,
)
from rai_dash.stats.intervals import wilson
from rai_dash.stats.shares import share_estimates

MOST_CROSSED = 4
#: Cells with fewer rows say little about a rate: they are named and enter no comparison.
FEW: Final = 30
QUANTILE, WIDTH = "quantile", "width"
_BETWEEN_EDGES = re.compile(r"[\s;,]+")
NO_LABEL = "no row with a known outcome"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a cross.

    Parameters
    ----------
    labels : tuple of str
        The group of each column.
    n : int
        Rows.
    labelled, favourable : int
        Rows with a known, and with the favourable outcome.
    rate : Estimate
        ``favourable / labelled`` with Wilson's interval; undefined without a labelled row.
    """

    labels: tuple[str, ...]
    n: int
    labelled: int
    favourable: int
    rate: Estimate


@dataclass(frozen=True, slots=True)
class ImbalanceTable:
    """All cells of a cross, empty ones too, the first column varying slowest."""

    columns: tuple[str, ...]
    cells: tuple[Cell, ...]


def imbalance(
    dataset: Dataset, columns: Sequence[str], *, bins: Mapping[str, Sequence[float]] | None = None
) -> ImbalanceTable:
    """Count rows and favourable outcomes in every cell.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    columns : sequence of str
        One to four columns.
    bins : mapping of str to sequence of float, optional
        Inner edges of columns of numbers; the roles' own edges, else quarters, when omitted.

    Raises
    ------
    InvalidChoice
        No column, more than four, one twice, or more than ``MAX_CROSS`` cells.
    MissingColumn, InvalidRoles
        A column that is not there, or edges that do not increase or are for a column of text.
    """
    if not 1 <= len(columns) <= MOST_CROSSED or len(set(columns)) != len(columns):
        msg = tr(
            "Choose one to {most_crossed} different columns to cross, got {columns}.",
            most_crossed=MOST_CROSSED,
            columns=len(columns),
        )
        raise InvalidChoice(msg)
    edges = dict(dataset.roles.bins) | dict(bins or {})
    groups, rows = _rows(dataset, columns, edges)
    n, labelled, favourable = (
        counts.astype(np.float64)
        for counts in (rows.sum(axis=1), rows[:, [UNFAVOURABLE, FAVOURABLE]].sum(axis=1), rows[:, FAVOURABLE])
    )
    rates = share_estimates(favourable, labelled, squares=labelled, undefined=NO_LABEL)
    cells = tuple(
        Cell(names, int(n[i]), int(labelled[i]), int(favourable[i]), rates.at(i))
        for i, names in enumerate(itertools.product(*groups))
    )
    return ImbalanceTable(tuple(columns), cells)


def _rows(
    dataset: Dataset, columns: Sequence[str], edges: Mapping[str, Sequence[float]]
) -> tuple[list[tuple[str, ...]], NDArray[np.int64]]:
    """Return the groups of each column, and the rows of each cell by outcome, int64 (cells, 3)."""
    if dataset.portfolio is not None:
        from rai_dash.data.portfolio.cells import outcome_rows
        from rai_dash.data.portfolio.levels import cross_of, levels_of

        levels = [levels_of(dataset.portfolio, c, edges.get(c)) for c in columns]
        _check_size({level.column: len(level.groups) for level in levels})
        return [x.groups for x in levels], outcome_rows(dataset.portfolio, dataset.roles, cross_of(levels))
    parts = [group_index(dataset.frame, c, bins=edges.get(c)) for c in columns]
    _check_size({part.column: part.n_groups for part in parts})
    index = cross(*parts)
    flat = index.codes.astype(np.int64) * N_LABELS + dataset.outcome
    counts = np.bincount(flat, minlength=index.n_groups * N_LABELS).reshape(index.n_groups, N_LABELS)
    return [part.groups for part in parts], counts.astype(np.int64)


def _check_size(parts: Mapping[str, int]) -> None:
    """Refuse what is too many cells to be counted and shown."""
    cells = math.prod(parts.values())
    if cells <= MAX_CROSS:
        return
    sizes = " × ".join(f"`{column}` ({n:,})" for column, n in parts.items())
    msg = tr(
        "{sizes} makes {cells} cells, at most {max_cross} are counted. Choose fewer columns, or fewer bins.",
        sizes=sizes,
        cells=f"{cells:,}",
        max_cross=f"{MAX_CROSS:,}",
    )
    raise InvalidChoice(msg)


def parse_edges(text: str) -> tuple[float, ...]:
    """Read edges that a user typed, with blanks, commas or semicolons between: ``25 35 50``.

    Raises
    ------
    InvalidChoice
        When a piece is no number.
    """
    pieces = [piece for piece in _BETWEEN_EDGES.split(text.strip()) if piece]
    try:
        return tuple(float(piece) for piece in pieces)
    except ValueError:
        msg = tr(
            "`{text}` is no list of edges. Write numbers that increase, with blanks between: 25 35 50.",
            text=text,
        )
        raise InvalidChoice(msg) from None


def chosen_edges(
    dataset: Dataset, columns: Sequence[str], *, binning: str = QUANTILE, bins: int = 4
) -> dict[str, tuple[float, ...]]:
    """Find the inner edges of the columns of numbers among some columns.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    columns : sequence of str
        To be crossed.
    binning : str
        ``"quantile"``: the edges that the roles state, else about as many rows a bin. ``"width"``: bins of equal
        width. Else edges as `parse_edges` reads them, for the first column of numbers; the others as ``"quantile"``.
    bins : int
        How many, at least 2. Columns of at most ``MAX_CODES`` values keep their values.

    Raises
    ------
    InvalidChoice, InvalidRoles
        Edges that are no numbers, or do not increase; own edges without a column of numbers are not read.
    MissingColumn
        A column that is not there.
    """
    require_columns(dataset.frame, columns)
    numeric = numeric_columns(dataset, columns)
    is_own = binning not in {QUANTILE, WIDTH}
    out: dict[str, tuple[float, ...]] = {}
    for column in numeric:
        stated = dataset.roles.bins.get(column)
        if is_own and column == numeric[0]:
            out[column] = check_edges(column, parse_edges(binning))
        elif stated and binning != WIDTH:
            out[column] = tuple(stated)
        else:
            edges = _edges(dataset, column, binning, bins)
            if edges:
                out[column] = edges
    return out


def numeric_columns(dataset: Dataset, columns: Sequence[str]) -> list[str]:
    """Return those of some columns that hold numbers, and can be cut into bins."""
    if dataset.portfolio is not None:
        from rai_dash.data.portfolio.levels import require_column

        return [c for c in columns if require_column(dataset.portfolio, c).is_number]
    return [c for c in columns if is_number(dataset.frame[c])]


def _edges(dataset: Dataset, column: str, binning: str, bins: int) -> tuple[float, ...]:
    """Cut a column of many values over all rows; empty for one of few."""
    if dataset.portfolio is not None:
        from rai_dash.data.portfolio.counted import edges_in

        return edges_in(dataset.portfolio, dataset.frame[column], bins, is_width=binning == WIDTH)
    values = numbers(dataset.frame[column])
    known = np.unique(values[np.isfinite(values)])
    if known.size <= MAX_CODES:
        return ()
    found = width_edges(values, bins) if binning == WIDTH else quantile_edges(values, bins)
    # Where most rows have the lowest value, no quantile lies above it: it is then one bin, and the rest the other.
    return found or (float(known[1]),)


@dataclass(frozen=True, slots=True)
class BelowShare:
    """Cells below a share of favourable outcomes that is aimed at.

    Parameters
    ----------
    shown : tuple of Cell
        Their interval lies entirely below, allowing for the number of cells looked at.
    unsettled : tuple of Cell
        They lie below, but this sample does not show it.
    looked_at : int
        Cells that were large enough.
    """

    shown: tuple[Cell, ...]
    unsettled: tuple[Cell, ...]
    looked_at: int


def below_share(table: ImbalanceTable, share: float, *, alpha: float = 0.05) -> BelowShare:
    """Find the cells whose rate lies below a share, with evidence.

    Parameters
    ----------
    table : ImbalanceTable
        The cells; those with fewer than ``FEW`` labelled rows are left out.
    share : float
        In (0, 1].
    alpha : float
        Chance that any cell is named wrongly: shared among the cells (Bonferroni), with Wilson's interval at level
        ``1 - alpha / cells``.

    Returns
    -------
    BelowShare
        The lowest rate first.
    """
    cells = sorted(
        (c for c in table.cells if c.labelled >= FEW), key=lambda c: (c.favourable / c.labelled, -c.labelled)
    )
    k, n = (
        np.array([getattr(c, name) for c in cells], dtype=np.float64) for name in ("favourable", "labelled")
    )
    _, high = wilson(k, n, level=1.0 - alpha / max(len(cells), 1))
    is_lower, is_shown = k < share * n, high < share
    return BelowShare(
        shown=tuple(c for c, lower, shown in zip(cells, is_lower, is_shown, strict=True) if lower and shown),
        unsettled=tuple(
            c for c, lower, shown in zip(cells, is_lower, is_shown, strict=True) if lower and not shown
        ),
        looked_at=len(cells),
    )
