"""Columns that go together: the order of a matrix by clustering, and blocks of columns to treat as one."""

from __future__ import annotations

import numpy as np

from rai_dash.data.associations import AssociationMatrix
from rai_dash.data.measures import FloatArray

#: Columns at this absolute association or above are one block.
BLOCK_AT = 0.8


def _strength(matrix: AssociationMatrix) -> FloatArray:
    """Return absolute associations; what is undefined counts as none."""
    return np.nan_to_num(np.abs(matrix.value), nan=0.0)


def links(matrix: AssociationMatrix) -> FloatArray:
    """Cluster the columns by single linkage of 1 - |association|, so that a cut through the tree gives the `blocks`.

    Returns
    -------
    float64 (k - 1, 4)
        As ``scipy.cluster.hierarchy.linkage`` returns it, leaves ordered so that neighbours are alike; a pair
        without a value is at distance 1. Empty for fewer than two columns.
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    if len(matrix.columns) < 2:
        return np.empty((0, 4))
    distance = np.clip(1.0 - _strength(matrix), 0.0, 1.0)
    np.fill_diagonal(distance, 0.0)
    joined: FloatArray = linkage(squareform(distance, checks=False), "single", optimal_ordering=True)
    return joined


def grouped(matrix: AssociationMatrix) -> tuple[str, ...]:
    """Return the columns in the order of their clusters."""
    from scipy.cluster.hierarchy import leaves_list

    joined = links(matrix)
    if not joined.size:
        return matrix.columns
    return tuple(matrix.columns[i] for i in leaves_list(joined))


def blocks(matrix: AssociationMatrix, *, at: float = BLOCK_AT) -> tuple[tuple[str, ...], ...]:
    """Find the columns that explanations should treat as one player.

    Parameters
    ----------
    matrix : AssociationMatrix
        Associations of the columns.
    at : float
        Two columns with this absolute association or more are joined, and so is what is joined to either.

    Returns
    -------
    tuple of tuple of str
        Blocks of two or more columns, both in the order of the matrix.
    """
    from scipy.sparse.csgraph import connected_components

    joined = _strength(matrix) >= at
    label = connected_components(joined, directed=False)[1]
    found: dict[int, list[str]] = {}
    for name, block in zip(matrix.columns, label, strict=True):
        found.setdefault(int(block), []).append(name)
    return tuple(tuple(names) for names in found.values() if len(names) > 1)
