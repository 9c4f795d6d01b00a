"""One column of one of two data sets that are compared: what a comparison asks of it, wherever its rows are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import label_codes
from rai_dash.stats import drift

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Labels of a column with the rows of each, and values with the rows of each.
Labels = tuple[tuple[str, ...], IntArray]
Values = tuple[FloatArray, IntArray]


class ColumnSide(Protocol):
    """A column of one data set."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def rows(self) -> int:
        """Rows of the data set."""

    @property
    def known(self) -> int:
        """Rows with a value."""

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""

    def edges(self) -> FloatArray:
        """Return the edges of the tenths of its numbers, see `rai_dash.stats.drift.inner_edges`."""

    def counts(self, edges: FloatArray) -> IntArray:
        """Count its numbers in the cells ``[a, b)`` between edges, int64 (edges + 1,)."""

    def mean(self) -> float | None:
        """Return the mean of its numbers; None = there is none."""

    def median(self) -> float | None:
        """Return their median."""

    def values(self) -> Values | None:
        """Return its different numbers, ascending, with the rows of each; None = too many to be counted."""

    def guide(self) -> FloatArray:
        """Return some of its numbers, ascending."""

    def labels(self) -> Labels | None:
        """Return its labels with their rows, in order of appearance; None = too many to be counted."""


@dataclass(frozen=True, eq=False)
class SeriesSide:
    """A column in memory."""

    series: pd.Series

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.series.name)

    @property
    def rows(self) -> int:
        """Rows of the data set."""
        return len(self.series)

    @property
    def known(self) -> int:
        """Rows with a value."""
        return int((label_codes(self.series)[0] >= 0).sum())

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return is_number(self.series)

    @cached_property
    def ordered(self) -> FloatArray:
        """Its numbers in ascending order."""
        values = numbers(self.series.astype("float64"))
        return np.sort(values[np.isfinite(values)])

    def edges(self) -> FloatArray:
        """Return the edges of the tenths of its numbers."""
        return drift.inner_edges(self.ordered) if self.ordered.size else np.empty(0)

    def counts(self, edges: FloatArray) -> IntArray:
        """Count its numbers in the cells between edges."""
        return drift.cell_counts(self.ordered, edges)

    def mean(self) -> float | None:
        """Return the mean of its numbers."""
        return float(self.ordered.mean()) if self.ordered.size else None

    def median(self) -> float | None:
        """Return their median."""
        return float(np.median(self.ordered)) if self.ordered.size else None

    def values(self) -> Values:
        """Return its different numbers with the rows of each."""
        values, counts = np.unique(self.ordered, return_counts=True)
        return values, counts.astype(np.int64)

    def guide(self) -> FloatArray:
        """Return its numbers."""
        return self.ordered

    def labels(self) -> Labels:
        """Return its labels with their rows."""
        codes, names = label_codes(self.series)
        return names, np.bincount(codes[codes >= 0], minlength=len(names)).astype(np.int64)


def tested_numbers(then: ColumnSide, now: ColumnSide, edges: FloatArray) -> drift.Tested:
    """Test whether two columns of numbers have one distribution: value by value where these can be counted.

    Parameters
    ----------
    edges : float64 (k,)
        Edges of cells that are wanted among those of a test in cells.
    """
    if isinstance(then, SeriesSide) and isinstance(now, SeriesSide):
        return drift.kolmogorov_smirnov(then.ordered, now.ordered)
    one, other = then.values(), now.values()
    if one is None or other is None:
        fine = np.union1d(edges, np.concatenate([_cuts(side.guide()) for side in (then, now)]))
        return drift.kolmogorov_smirnov_of_counts(
            then.counts(fine), now.counts(fine), cells=f"{fine.size + 1} cells"
        )
    both = np.union1d(one[0], other[0])
    found = [np.zeros(both.size, np.int64) for _ in range(2)]
    for into, (values, counts) in zip(found, (one, other), strict=True):
        into[np.searchsorted(both, values)] = counts
    return drift.kolmogorov_smirnov_of_counts(found[0], found[1])


#: Cells of a test of numbers with too many values, from either side.
_CELLS = 100


def _cuts(guide: FloatArray) -> FloatArray:
    return np.quantile(guide, np.arange(1, _CELLS) / _CELLS) if guide.size else np.empty(0)
