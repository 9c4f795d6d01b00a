"""Figures from cells, for counts whose rows are no longer in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES, NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.figures import ScoreSums
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.stats.blocks import Blocks, blocks_of_cells

FloatArray = NDArray[np.float64]

#: How far a score lies at most from the score that stands for its cell.
HALF_CELL = 0.0005
#: The score that stands for each cell: its middle; the last cell holds the score 1 only.
CELL_SCORE: FloatArray = np.append(EDGES[:-1] + HALF_CELL, 1.0)


def cell_blocks(counts: GroupCounts) -> Blocks:
    """Take each cell of each group as a block of tied scores."""
    return blocks_of_cells(CELL_SCORE, counts.sums[:, :2, :NO_SCORE], counts.squares[:, :2, :NO_SCORE])


def cell_sums(counts: GroupCounts) -> ScoreSums:
    """Sum scores and squared errors as if every score were the middle of its cell."""
    weight = counts.sums[:, :, :NO_SCORE]
    label = np.arange(UNKNOWN + 1)[:, None]
    squared_error = np.where(label <= FAVOURABLE, (CELL_SCORE - label) ** 2, 0.0)
    per_cell = (CELL_SCORE, CELL_SCORE**2, squared_error, squared_error**2)
    return ScoreSums(np.stack([(weight * values).sum(axis=2) for values in per_cell], axis=2))
