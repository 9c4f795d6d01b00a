"""The confusion table of each group at one threshold, with the rows outside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import FAVOURABLE, UNFAVOURABLE, GroupCounts
from rai_dash.core.types import UNKNOWN

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Nine cells that every row of a group falls into exactly one of.

    Parameters
    ----------
    cells : float64 (..., groups, 9)
        Label {unfavourable, favourable, unknown} x {at or above the threshold, below it, no score}:
        fp, tn, unfavourable without score, tp, fn, favourable without score, and the same for
        unknown. Sums of weights, of squared weights, or replicates of counts.
    """

    cells: FloatArray

    @property
    def tp(self) -> FloatArray:
        """Favourable label, approved."""
        return self.cells[..., 3]

    @property
    def fp(self) -> FloatArray:
        """Unfavourable label, approved."""
        return self.cells[..., 0]

    @property
    def fn(self) -> FloatArray:
        """Favourable label, refused."""
        return self.cells[..., 4]

    @property
    def tn(self) -> FloatArray:
        """Unfavourable label, refused."""
        return self.cells[..., 1]

    @property
    def favourable_without_score(self) -> FloatArray:
        """Favourable label, no score."""
        return self.cells[..., 5]

    @property
    def unfavourable_without_score(self) -> FloatArray:
        """Unfavourable label, no score."""
        return self.cells[..., 2]

    @property
    def selected(self) -> FloatArray:
        """Approved, labelled or not."""
        return self.cells[..., 0] + self.cells[..., 3] + self.cells[..., 6]

    @property
    def scored(self) -> FloatArray:
        """With a score, labelled or not."""
        return self.selected + self.cells[..., 1] + self.cells[..., 4] + self.cells[..., 7]

    @property
    def favourable(self) -> FloatArray:
        """Favourable label, scored or not."""
        return self.tp + self.fn + self.favourable_without_score

    @property
    def labelled(self) -> FloatArray:
        """With a label, scored or not."""
        return self.judged + self.favourable_without_score + self.unfavourable_without_score

    @property
    def judged(self) -> FloatArray:
        """With a label and a score."""
        return self.tp + self.fp + self.fn + self.tn

    def approve_all(self) -> Confusion:
        """Return the table of approving everyone who has a score."""
        return self._move(1, 0)

    def refuse_all(self) -> Confusion:
        """Return the table of refusing everyone who has a score."""
        return self._move(0, 1)

    def _move(self, source: int, target: int) -> Confusion:
        cells = self.cells.copy()
        for label in (UNFAVOURABLE, FAVOURABLE, UNKNOWN):
            cells[..., 3 * label + target] += cells[..., 3 * label + source]
            cells[..., 3 * label + source] = 0
        return Confusion(cells)


def confusion(counts: GroupCounts, threshold: float) -> tuple[Confusion, Confusion]:
    """Return the table of every group as sums of weights and as sums of squared weights."""
    parts = (counts.at_or_above(threshold), counts.below(threshold), counts.without_score())
    sums, squares = (
        np.stack([part[which] for part in parts], axis=2).reshape(counts.n_groups, 9) for which in (0, 1)
    )
    return Confusion(sums), Confusion(squares)
