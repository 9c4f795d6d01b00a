"""The typed columns that were counted, kept while they are in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.figures import RowFigures
from rai_dash.core.once import Once

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountedRows:
    """The typed columns that were counted, for cuts between two edges.

    A cut splits one cell; its rows are found by their cell numbers, 2 bytes a row. No sort is kept.

    Parameters
    ----------
    score : float64 (n,)
        NaN or infinite = no score.
    label : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    cell : int16 (n,)
        See `score_cells`.
    group : int32 (n,)
        Position in ``GroupCounts.groups``.
    weight : float64 (n,) or None
        None = every weight is 1.
    figures_of : callable or None
        Computes AUC and calibration from rows and a number of groups; the room above knows how.
    """

    score: FloatArray
    label: NDArray[np.int8]
    cell: NDArray[np.int16]
    group: NDArray[np.int32]
    weight: FloatArray | None = None
    figures_of: Callable[[CountedRows, int], RowFigures] | None = None

    def in_one_group(self) -> CountedRows:
        """Return the same rows with everyone in group 0, without copying a column."""
        return replace(self, group=np.broadcast_to(np.int32(0), self.group.shape))

    def figures(self, n_groups: int) -> Once[RowFigures] | None:
        """Return the figures, to be computed when first asked for."""
        make = self.figures_of
        return None if make is None else Once(lambda: make(self, n_groups))
