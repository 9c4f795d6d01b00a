"""A column made ready for measures of pairs: as numbers, as places in their order, and as codes of categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import label_codes
from rai_dash.data.measures import Codes, FloatArray
from rai_dash.data.measures import places as places_of

#: A number with more distinct values than this is cut into bins for measures of tables.
FEW_VALUES = 20
_NONE = np.empty(0, dtype=np.int32)
#: Where a number with many values is cut.
DECILES = np.arange(1, 10) / 10


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a pair.

    Parameters
    ----------
    values : float64 (n,) or None
        Numbers, NaN = blank; None for a column of categories.
    places : int32 (n,)
        Places of the numbers in their order, -1 = blank; empty where not asked for.
    codes : int32 (n,)
        0 to ``labels`` - 1, and ``labels`` for a blank; empty for numbers where not asked for.
    labels : int
        Categories or bins.
    cut : bool
        Whether the codes are bins of a number.
    """

    values: FloatArray | None
    places: Codes
    codes: Codes
    labels: int
    cut: bool

    @property
    def is_whole(self) -> bool:
        """Whether no number is blank; needs the places."""
        return self.places.size > 0 and int(self.places.min()) >= 0


def column_of(series: pd.Series, *, places: bool = False, cut: bool = False) -> Column:
    """Make a column ready.

    Parameters
    ----------
    series : Series (n,)
        A column of a table.
    places : bool
        Whether numbers get their places (Spearman).
    cut : bool
        Whether numbers get codes (tables), as `cut_codes` makes them.
    """
    if not is_number(series):
        codes, names = label_codes(series)
        return Column(None, _NONE, np.where(codes < 0, np.int32(len(names)), codes), len(names), cut=False)
    values = numbers(series)
    codes, labels, binned = cut_codes(values) if cut else (_NONE, 0, False)
    return Column(values, places_of(values) if places else _NONE, codes, labels, binned)


def cut_codes(values: FloatArray) -> tuple[Codes, int, bool]:
    """Return the codes of numbers as categories, how many there are, and whether they were cut into bins.

    Up to 20 distinct values are categories; more are cut at their nine inner deciles into cells ``[a, b)``, duplicates
    dropped. A value that more than half of the rows have, often zero, would take most deciles: it is a cell of its own,
    and the deciles are those of the other rows.
    """
    known = np.isfinite(values)
    distinct, sizes = np.unique(values[known], return_counts=True)
    cut = distinct.size > FEW_VALUES
    edges = _edges(values[known], distinct, sizes) if cut else distinct[1:]
    codes = np.searchsorted(edges, values, side="right").astype(np.int32)
    labels = int(edges.size) + 1 if distinct.size else 0
    codes[~known] = labels
    return codes, labels, cut


def _edges(known: FloatArray, distinct: FloatArray, sizes: NDArray[np.int64]) -> FloatArray:
    """Return the inner edges of the cells, each a value that occurs, so that no cell is empty."""
    most = int(sizes.argmax())
    own = np.empty(0)
    if 2 * sizes[most] > known.size:
        known, own = known[known != distinct[most]], distinct[most : most + 2]
    at = np.searchsorted(distinct, np.quantile(known, DECILES))
    return inner_edges(distinct[at], own, float(distinct[0]))


def inner_edges(deciles: FloatArray, own: FloatArray, lowest: float) -> FloatArray:
    """Put edges together: deciles, each a value that occurs, and the cell of a value that most rows have."""
    edges: FloatArray = np.union1d(deciles, own)
    # The lowest value would only make an empty cell below it.
    inner: FloatArray = edges[edges > lowest]
    return inner
