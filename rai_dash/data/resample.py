"""Resampling training rows by cells of outcome and group; test rows are never handed to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.groups import GroupIndex

Positions = NDArray[np.int64]


def cell_targets(sizes: NDArray[np.int64], *, up: float, down: float) -> NDArray[np.int64]:
    """Compute how many rows each cell gets.

    Parameters
    ----------
    sizes : int64 (cells,)
        Rows a cell; empty cells stay empty.
    up, down : float
        Shares of the largest cell in [0, 1], ``up <= down``: cells below ``round(up * largest)`` are
        topped up to it, cells above ``round(down * largest)`` cut to it.

    Returns
    -------
    int64 (cells,)

    Raises
    ------
    InvalidChoice
        When the shares are out of order or range, or everything would be cut away.
    """
    if not 0.0 <= up <= down <= 1.0:
        msg = f"Shares must satisfy 0 <= up <= down <= 1, got up {up:g} and down {down:g}."
        raise InvalidChoice(msg)
    largest = int(sizes.max(initial=0))
    floor, ceiling = round(up * largest), round(down * largest)
    if ceiling < 1:
        msg = f"Cutting to {down:.0%} of the largest cell ({largest:,} rows) leaves no row. Choose a larger share."
        raise InvalidChoice(msg)
    return np.where(sizes > 0, np.clip(sizes, floor, ceiling), 0).astype(np.int64)


def cells_of(outcome: NDArray[np.int8], groups: GroupIndex | None, positions: Positions) -> list[Positions]:
    """List the positions of each cell: unfavourable before favourable, groups by name within."""
    order = [0] if groups is None else sorted(range(groups.n_groups), key=lambda i: groups.groups[i])
    code = np.zeros(positions.size, dtype=np.int32) if groups is None else groups.codes[positions]
    label = outcome[positions]
    return [positions[(label == y) & (code == g)] for y in (0, 1) for g in order]


def resample(
    outcome: NDArray[np.int8],
    groups: GroupIndex | None,
    positions: Positions,
    *,
    up: float = 1.0,
    down: float = 1.0,
    seed: int,
) -> Positions:
    """Top up small cells and cut large ones.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    groups : GroupIndex or None
        Groups of all n rows that are crossed with the outcome; None = outcome alone.
    positions : int64 (m,)
        The training rows, and only these. Rows with an unknown outcome are left out.
    up, down : float
        See `cell_targets`. Cells up to ``round(up * largest)`` rows are drawn anew with replacement, so
        that ``up=1`` is a bootstrap of every cell, the largest too; cells above ``round(down * largest)``
        rows are drawn without replacement; the others stay as they are.
    seed : int
        Of the draw.

    Returns
    -------
    int64
        Positions of the resampled training rows, cell after cell, with repeats.

    Raises
    ------
    InvalidChoice
        See `cell_targets`.
    """
    # The legacy generator: its stream never changes, and published figures were drawn with it.
    rng = np.random.RandomState(seed)
    cells = cells_of(outcome, groups, positions)
    sizes = np.array([c.size for c in cells])
    targets = cell_targets(sizes, up=up, down=down)
    floor = round(up * int(sizes.max(initial=0)))
    parts = []
    for cell, target in zip(cells, targets, strict=True):
        if 0 < cell.size <= floor:
            parts.append(rng.choice(cell, target, replace=True))
        elif target < cell.size:
            parts.append(rng.choice(cell, target, replace=False))
        else:
            parts.append(cell)
    return np.concatenate(parts)


def weights(
    outcome: NDArray[np.int8],
    groups: GroupIndex | None,
    positions: Positions,
    *,
    up: float = 1.0,
    down: float = 1.0,
) -> NDArray[np.float64]:
    """Weigh training rows instead of copying them: the sums of a cell are those of `resample`.

    Parameters
    ----------
    outcome, groups, positions, up, down
        As for `resample`.

    Returns
    -------
    float64 (m,)
        ``target / size`` of the cell of each position; 0 where the outcome is unknown.
    """
    cells = cells_of(outcome, groups, positions)
    targets = cell_targets(np.array([c.size for c in cells]), up=up, down=down)
    of_row = np.zeros(outcome.size)
    for cell, target in zip(cells, targets, strict=True):
        if cell.size:
            of_row[cell] = target / cell.size
    return of_row[positions]
