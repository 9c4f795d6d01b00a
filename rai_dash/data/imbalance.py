"""Imbalance: rows and approval rate in every cell of a cross of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import FAVOURABLE, UNKNOWN, Estimate
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import cross, group_index
from rai_dash.stats.shares import share_estimates

MOST_CROSSED = 4
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
        No column, more than four, or one twice.
    """
    if not 1 <= len(columns) <= MOST_CROSSED or len(set(columns)) != len(columns):
        msg = f"Choose one to {MOST_CROSSED} different columns to cross, got {len(columns)}."
        raise InvalidChoice(msg)
    edges = dict(dataset.roles.bins) | dict(bins or {})
    parts = [group_index(dataset.frame, c, bins=edges.get(c)) for c in columns]
    index = cross(*parts)
    known = dataset.outcome != UNKNOWN
    n, labelled, favourable = (
        np.bincount(index.codes[keep], minlength=index.n_groups).astype(np.float64)
        for keep in (slice(None), known, dataset.outcome == FAVOURABLE)
    )
    rates = share_estimates(favourable, labelled, squares=labelled, undefined=NO_LABEL)
    names: list[tuple[str, ...]] = [()]
    for part in parts:
        names = [(*name, group) for name in names for group in part.groups]
    cells = tuple(
        Cell(names[i], int(n[i]), int(labelled[i]), int(favourable[i]), rates.at(i))
        for i in range(len(names))
    )
    return ImbalanceTable(tuple(columns), cells)
