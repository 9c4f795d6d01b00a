"""Resampling training rows by cells of outcome and group; test rows are never handed to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.cell_plan import CellTarget, Positions, plan
from rai_dash.data.groups import GroupIndex


def resample(
    outcome: NDArray[np.int8],
    groups: GroupIndex | None,
    positions: Positions,
    *,
    up: float = 1.0,
    down: float = 1.0,
    own: Sequence[CellTarget] = (),
    seed: int,
) -> Positions:
    """Top up small cells and cut large ones.

    Parameters
    ----------
    outcome, groups, positions, up, down, own
        See `plan`. Cells up to ``round(up * largest)`` rows are drawn anew with replacement, so
        that ``up=1`` is a bootstrap of every cell, the largest too; cells above ``round(down * largest)``
        rows are drawn without replacement; the others stay as they are. A cell with a target of its own is
        drawn with replacement where it grows, without where it shrinks, and stays as it is otherwise.
    seed : int
        Of the draw.

    Returns
    -------
    int64
        Positions of the resampled training rows, cell after cell, with repeats.

    Raises
    ------
    InvalidChoice
        See `plan`.
    """
    # The legacy generator: its stream never changes, and published figures were drawn with it.
    rng = np.random.RandomState(seed)
    parts = []
    for cell in plan(outcome, groups, positions, up=up, down=down, own=own):
        have = cell.rows.size
        if have and (cell.anew or cell.target > have):
            parts.append(rng.choice(cell.rows, cell.target, replace=True))
        elif cell.target < have:
            parts.append(rng.choice(cell.rows, cell.target, replace=False))
        else:
            parts.append(cell.rows)
    return np.concatenate(parts)


def weights(
    outcome: NDArray[np.int8],
    groups: GroupIndex | None,
    positions: Positions,
    *,
    up: float = 1.0,
    down: float = 1.0,
    own: Sequence[CellTarget] = (),
) -> NDArray[np.float64]:
    """Weigh training rows instead of copying them: the sums of a cell are those of `resample`.

    Parameters
    ----------
    outcome, groups, positions, up, down, own
        As for `resample`.

    Returns
    -------
    float64 (m,)
        ``target / size`` of the cell of each position; 0 where the outcome is unknown.
    """
    of_row = np.zeros(outcome.size)
    for cell in plan(outcome, groups, positions, up=up, down=down, own=own):
        if cell.rows.size:
            of_row[cell.rows] = cell.target / cell.rows.size
    return of_row[positions]
