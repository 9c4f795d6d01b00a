"""The sum of the leaves a row reaches: our own walk, which knows nothing of codes, patterns and tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain.trees._jit import compiled
from rai_dash.explain.trees.forest import LEAF, NUMERIC, Trees
from rai_dash.explain.trees.patterns import Floats, Ints, array

Flags = NDArray[np.bool_]

#: Rows that go down one tree after the other while they are near the processor.
BLOCK = 512


class Nodes(NamedTuple):
    """The arrays of ``Trees`` that a walk needs."""

    roots: Ints
    feature: Ints
    threshold: Floats
    child: Ints  # (nodes, 2): right, left
    missing_left: Flags
    words_at: NDArray[np.int64]
    n_words: Ints
    words: NDArray[np.uint64]
    in_set_left: Flags
    unseen_left: Flags
    value: Floats


def nodes_of(trees: Trees) -> Nodes:
    """Take the arrays in the types that the walk is compiled for."""
    return Nodes(
        roots=array(trees.roots, np.int32),
        feature=array(trees.feature, np.int32),
        threshold=array(trees.threshold, np.float64),
        child=array(np.stack([trees.right, trees.left], axis=1), np.int32),
        missing_left=array(trees.missing_left, np.bool_),
        words_at=array(trees.words_at, np.int64),
        n_words=array(trees.n_words, np.int32),
        words=array(trees.words, np.uint64),
        in_set_left=array(trees.in_set_left, np.bool_),
        unseen_left=array(trees.unseen_left, np.bool_),
        value=array(trees.value, np.float64),
    )


@compiled
def _goes_left(nodes: Nodes, node: int, x: float) -> bool:
    if x != x:  # noqa: PLR0124 - a blank
        return bool(nodes.missing_left[node])
    if nodes.words_at[node] == NUMERIC:
        return bool(x <= nodes.threshold[node])
    if x == -1.0:
        return bool(nodes.unseen_left[node])
    inside = False
    if 0.0 <= x < 64.0 * nodes.n_words[node]:
        code = np.uint64(x)
        word = nodes.words[nodes.words_at[node] + np.int64(code >> np.uint64(6))]
        inside = (word >> (code & np.uint64(63))) & np.uint64(1) == np.uint64(1)
    return bool(inside == nodes.in_set_left[node])


@compiled
def add_margins(matrix: Floats, start: int, stop: int, nodes: Nodes, out: Floats) -> None:
    """Add the leaves that rows ``start .. stop`` reach to ``out`` (rows,)."""
    for low in range(start, stop, BLOCK):
        for root in nodes.roots:
            for row in range(low, min(stop, low + BLOCK)):
                node = root
                while nodes.feature[node] != LEAF:
                    node = nodes.child[node, int(_goes_left(nodes, node, matrix[row, nodes.feature[node]]))]
                out[row] += nodes.value[node]
