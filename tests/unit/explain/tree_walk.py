"""The rule of ``Trees`` written down once more, a row and a node at a time: what readers and kernel are held to."""

from __future__ import annotations

import math

import numpy as np

from rai_dash.explain.trees.forest import LEAF, NUMERIC, Trees


def goes_left(trees: Trees, node: int, x: float) -> bool:
    if math.isnan(x):
        return bool(trees.missing_left[node])
    first = int(trees.words_at[node])
    if first == NUMERIC:
        return x <= trees.threshold[node]
    if x == -1.0:
        return bool(trees.unseen_left[node])
    code = int(x)
    words = trees.words[first : first + int(trees.n_words[node])]
    held = 0 <= code < 64 * len(words) and bool(int(words[code >> 6]) >> (code & 63) & 1)
    return held == bool(trees.in_set_left[node])


def leaves(trees: Trees, matrix: np.ndarray) -> np.ndarray:
    """Return the leaf that each row reaches in each tree, by its place after the root, (rows, trees)."""
    out = np.empty((len(matrix), len(trees.roots)), dtype=np.int64)
    for t, root in enumerate(trees.roots.tolist()):
        for i, row in enumerate(matrix.tolist()):
            node = root
            while trees.feature[node] != LEAF:
                left = goes_left(trees, node, row[trees.feature[node]])
                node = int(trees.left[node] if left else trees.right[node])
            out[i, t] = node - root
    return out


def margin(trees: Trees, matrix: np.ndarray) -> np.ndarray:
    """Return the sum of the leaves and the offset, float64 (rows,)."""
    return trees.offset + trees.value[leaves(trees, matrix) + trees.roots].sum(axis=1)
