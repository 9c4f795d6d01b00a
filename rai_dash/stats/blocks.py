"""Labelled rows put in order: group by group, ascending in score, ties in one block.

AUC and calibration are sums over such blocks. A cell of the score grid is a block too, so the same
formulas serve rows and cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Blocks of rows with one score each.

    Parameters
    ----------
    score : float64 (m,)
        Ascending within a group.
    favourable, unfavourable : float64 (m,)
        Weight of the rows with that label in the block.
    favourable_sq, unfavourable_sq : float64 (m,)
        The same for squared weights.
    starts : int64 (groups + 1,)
        Blocks ``starts[g]`` to ``starts[g + 1]`` belong to group g.
    """

    score: FloatArray
    favourable: FloatArray
    unfavourable: FloatArray
    favourable_sq: FloatArray
    unfavourable_sq: FloatArray
    starts: IntArray

    def sum_by_group(self, values: FloatArray) -> FloatArray:
        """Sum one number a block over each group, float64 (groups,)."""
        return self._reduce(np.add, values, 0.0)

    def max_by_group(self, values: FloatArray) -> FloatArray:
        """Return the largest number of each group; minus infinity for an empty one."""
        return self._reduce(np.maximum, values, -np.inf)

    def below(self, values: FloatArray) -> FloatArray:
        """Sum the blocks of the same group with a lower score, float64 (m,)."""
        before = np.cumsum(values) - values
        heads = np.append(before, 0.0)[self.starts[:-1]]
        return before - self.spread(heads)

    def spread(self, by_group: FloatArray) -> FloatArray:
        """Repeat one number a group for each of its blocks, float64 (m,)."""
        return np.repeat(by_group, np.diff(self.starts))

    def _reduce(self, operation: np.ufunc, values: FloatArray, empty: float) -> FloatArray:
        out = np.full(self.starts.size - 1, empty)
        filled = np.diff(self.starts) > 0
        if filled.any():
            out[filled] = operation.reduceat(values, self.starts[:-1][filled])
        return out


def blocks_of_rows(
    score: FloatArray,
    label: NDArray[np.int8],
    *,
    group: NDArray[np.int32],
    n_groups: int,
    weight: FloatArray | None = None,
) -> Blocks:
    """Put rows in order; rows with an unknown label or without a finite score are left out.

    Parameters
    ----------
    score : float64 (n,)
        In [0, 1].
    label : int8 (n,)
        0 unfavourable, 1 favourable, anything else unknown.
    group : int32 (n,)
        In 0..n_groups - 1.
    n_groups : int
        Number of groups; a group may be empty.
    weight : float64 (n,) or None
        None = every weight is 1.
    """
    at = np.flatnonzero((label < 2) & np.isfinite(score))
    at = at[np.argsort(group[at].astype(_small_type(n_groups)), kind="stable")]
    ends = np.concatenate(([0], np.cumsum(np.bincount(group[at], minlength=n_groups))))
    # A score in [0, 1] is below 2**62 as an integer and ordered like one: its label fits beside it, and
    # sorting keys is 15 times faster than sorting positions. Adding 0 turns -0 into 0.
    key = ((score[at] + 0.0).view(np.int64) << 1) | label[at]
    sizes: FloatArray | None = None
    if weight is None:
        for g in range(n_groups):
            key[ends[g] : ends[g + 1]].sort()
    else:
        order = np.lexsort((key, group[at]))
        key, sizes = key[order], weight[at[order]]
    return _merge_ties(key, ends, sizes)


def _merge_ties(key: IntArray, ends: IntArray, weight: FloatArray | None) -> Blocks:
    """Turn sorted keys into blocks."""
    same = key >> 1
    is_head = np.ones(key.size, dtype=bool)
    np.not_equal(same[1:], same[:-1], out=is_head[1:])
    is_head[ends[:-1][np.diff(ends) > 0]] = True
    heads = np.flatnonzero(is_head)

    def merged(values: FloatArray) -> FloatArray:
        return values if heads.size == key.size else np.add.reduceat(values, heads)

    label = (key & 1).astype(np.float64)
    if weight is None:
        favourable, unfavourable = merged(label), merged(1.0 - label)
        squares = (favourable, unfavourable)
    else:
        favourable, unfavourable = merged(weight * label), merged(weight * (1.0 - label))
        squares = (merged(weight**2 * label), merged(weight**2 * (1.0 - label)))
    return Blocks(
        score=same[heads].view(np.float64),
        favourable=favourable,
        unfavourable=unfavourable,
        favourable_sq=squares[0],
        unfavourable_sq=squares[1],
        starts=np.searchsorted(heads, ends),
    )


def blocks_of_cells(score: FloatArray, sums: FloatArray, squares: FloatArray) -> Blocks:
    """Take each cell of a grid as one block.

    Parameters
    ----------
    score : float64 (cells,)
        The score that stands for each cell, ascending.
    sums, squares : float64 (groups, 2, cells)
        Weights and squared weights by label {unfavourable, favourable}.
    """
    n_groups, n_cells = sums.shape[0], score.size
    return Blocks(
        score=np.tile(score, n_groups),
        favourable=sums[:, 1].ravel(),
        unfavourable=sums[:, 0].ravel(),
        favourable_sq=squares[:, 1].ravel(),
        unfavourable_sq=squares[:, 0].ravel(),
        starts=np.arange(n_groups + 1) * n_cells,
    )


def _small_type(n_groups: int) -> type[np.uint16 | np.int32]:
    """Return the type that sorts fastest: numpy sorts 16-bit integers by radix."""
    return np.uint16 if n_groups <= 2**16 else np.int32
