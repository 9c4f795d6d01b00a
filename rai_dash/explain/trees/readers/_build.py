"""What the readers share: one tree as a library stores it, and joining trees into one ensemble."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain.trees.forest import LEAF, NUMERIC, Trees

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A tree ensemble, and the way from what its estimator is given to the matrix the trees take.

    Parameters
    ----------
    trees : Trees
        For class 1.
    matrix : callable
        What the estimator is given (n, inputs) to float64 (n, ``trees.n_columns``).
    inputs : int64 (n_columns,)
        Which of the estimator's inputs each column of that matrix is.
    """

    trees: Trees
    matrix: Callable[[Any], FloatArray]
    inputs: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """The categorical splits of one tree.

    Parameters
    ----------
    nodes : int (k,)
        Nodes that split by category.
    sets : sequence of uint64 arrays, k
        The bitset of each.
    in_set_left : bool
        Side of a code in the set.
    unseen_left : bool (k,)
        Side of a code that the model never saw.
    """

    nodes: NDArray[np.int64]
    sets: Sequence[NDArray[np.uint64]]
    in_set_left: bool
    unseen_left: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One tree; children are positions in it, -1 at a leaf. The root is node 0."""

    feature: NDArray[Any]
    threshold: FloatArray
    left: NDArray[Any]
    right: NDArray[Any]
    missing_left: NDArray[Any]
    value: FloatArray
    cover: FloatArray
    categories: Categories | None = field(default=None)

    @property
    def is_leaf(self) -> BoolArray:
        """Whether a node has no children, bool (nodes,)."""
        return np.asarray(self.left) < 0


def bitset(codes: NDArray[Any]) -> NDArray[np.uint64]:
    """Pack category codes, at least one: bit ``code & 63`` of word ``code >> 6``, uint64 (words,)."""
    codes = np.asarray(codes, dtype=np.int64)
    words = np.zeros(int(codes.max()) // 64 + 1, dtype=np.uint64)
    np.bitwise_or.at(words, codes >> 6, np.uint64(1) << (codes & 63).astype(np.uint64))
    return words


def wider(words: NDArray[Any]) -> NDArray[np.uint64]:
    """Join pairs of 32-bit words, the lower first, into 64-bit ones."""
    even = np.zeros(len(words) + len(words) % 2, dtype=np.uint64)
    even[: len(words)] = words
    return np.asarray(even[0::2] | even[1::2] << np.uint64(32), dtype=np.uint64)


def whole_codes(column: FloatArray) -> FloatArray:
    """Cut numbers to category codes as ``static_cast<int>`` does; what does not fit becomes the code -1."""
    codes = np.trunc(column)
    return np.where((codes < 0) | (codes >= 2**31), -1.0, codes + 0.0)  # + 0.0: no negative zero


@dataclass(slots=True)
class _Sets:
    """The category sets of all trees, on their way to ``Trees``."""

    words_at: NDArray[np.int64]
    n_words: NDArray[np.int32]
    in_set_left: BoolArray
    unseen_left: BoolArray
    words: list[NDArray[np.uint64]] = field(default_factory=list)
    n: int = 0

    def add(self, categories: Categories, first: int) -> None:
        """Add the splits of the tree whose root is node ``first``."""
        for node, words, unseen in zip(
            categories.nodes + first, categories.sets, categories.unseen_left, strict=True
        ):
            self.words_at[node], self.n_words[node] = self.n, len(words)
            self.in_set_left[node], self.unseen_left[node] = categories.in_set_left, unseen
            self.words.append(words)
            self.n += len(words)


def _sets(trees: Sequence[Tree], starts: NDArray[np.int64], n_nodes: int) -> _Sets:
    found = _Sets(
        words_at=np.full(n_nodes, NUMERIC, dtype=np.int64),
        n_words=np.zeros(n_nodes, dtype=np.int32),
        in_set_left=np.zeros(n_nodes, dtype=np.bool_),
        unseen_left=np.zeros(n_nodes, dtype=np.bool_),
    )
    for tree, start in zip(trees, starts.tolist(), strict=True):
        if tree.categories is not None:
            found.add(tree.categories, start)
    return found


def join(
    trees: Sequence[Tree], *, n_columns: int, offset: float, space: str, cover_name: str, scale: float = 1.0
) -> Trees:
    """Join trees into one ensemble.

    Parameters
    ----------
    trees : sequence of Tree
        At least one.
    n_columns : int
        Columns of the matrix they take.
    offset : float
        Added to the sum of the leaves.
    space, cover_name : str
        As in ``Trees``.
    scale : float
        Every leaf is multiplied by it.
    """
    sizes = np.array([len(tree.feature) for tree in trees])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    shift = np.repeat(starts, sizes)
    leaf = np.concatenate([tree.is_leaf for tree in trees])
    sets = _sets(trees, starts, int(sizes.sum()))
    numeric = ~leaf & (sets.words_at == NUMERIC)

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([np.asarray(getattr(tree, name)) for tree in trees])

    return Trees(
        n_columns=n_columns,
        roots=starts.astype(np.int32),
        feature=np.where(leaf, LEAF, joined("feature")).astype(np.int32),
        threshold=np.where(numeric, joined("threshold"), np.nan).astype(np.float64),
        left=np.where(leaf, -1, joined("left") + shift).astype(np.int32),
        right=np.where(leaf, -1, joined("right") + shift).astype(np.int32),
        missing_left=~leaf & joined("missing_left").astype(np.bool_),
        words_at=sets.words_at,
        n_words=sets.n_words,
        words=np.concatenate([*sets.words, np.zeros(0, dtype=np.uint64)]),
        in_set_left=sets.in_set_left,
        unseen_left=sets.unseen_left,
        value=np.where(leaf, scale * joined("value"), 0.0),
        cover=joined("cover").astype(np.float64),
        offset=float(offset),
        space=space,
        cover_name=cover_name,
    )


def as_float32(matrix: FloatArray) -> FloatArray:
    """Round numbers as a library does that compares them as float32."""
    with np.errstate(over="ignore"):  # beyond float32 is infinite there too
        return matrix.astype(np.float32).astype(np.float64)
