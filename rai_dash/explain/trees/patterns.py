"""Trees in codes: every split becomes one comparison of whole numbers, or one look-up for categories.

A numeric column is coded by the number of thresholds below the value; ``x <= threshold[r]`` is then
``code <= r``. A blank is coded below or above everything, so that a column is coded twice where splits send blanks
to both sides, and no kernel tests for blanks. One such coding is a *variant* of the column.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain.trees._jit import compiled
from rai_dash.explain.trees.forest import LEAF, NUMERIC, Trees

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Scalar = TypeVar("Scalar", bound=np.generic)

#: Kinds of a variant.
BLANK_LEFT, BLANK_RIGHT, CATEGORY = 0, 1, 2
#: Codes of a categorical variant: blank, never seen, in no set; category c is ``FIRST + c``.
BLANK, UNSEEN, OUTSIDE, FIRST = 0, 1, 2, 3
#: A path may hold this many distinct players: their pattern is one 64-bit word.
MOST_PLAYERS = 63


class Coding(NamedTuple):
    """How a prepared matrix becomes codes; arrays over variants, ascending by column."""

    column: Ints
    kind: Ints
    first: Ints  # of its thresholds
    size: Ints  # thresholds, or codes of categories
    thresholds: Floats


class Splits(NamedTuple):
    """Nodes in codes; a row goes left when ``code[variant] <= rank``, or as ``look_up[at + code]`` says."""

    variant: Ints
    rank: Ints
    at: Ints  # -1: numeric
    look_up: Ints  # 1 = left
    player: Ints  # -1 at a leaf
    left: Ints
    right: Ints
    parent: Ints
    value: Floats
    share: Floats  # of the parent's cover


def array(given: NDArray[np.generic], kind: type[Scalar]) -> NDArray[Scalar]:
    """Return the array as the kernels are compiled for: this type, C order, writeable."""
    made: NDArray[Scalar] = np.require(given, kind, ["C", "W", "A"])
    return made


def coded(trees: Trees, players: NDArray[np.integer]) -> tuple[Coding, Splits]:
    """Translate the trees, with the player of every prepared column."""
    n_nodes = trees.feature.size
    numeric = (trees.feature != LEAF) & (trees.words_at == NUMERIC)
    categorical = (trees.feature != LEAF) & ~numeric
    kind = np.where(categorical, CATEGORY, np.where(trees.missing_left, BLANK_LEFT, BLANK_RIGHT))
    key = np.where(trees.feature != LEAF, trees.feature * 3 + kind, -1)
    keys = np.unique(key[key >= 0])
    variant = np.searchsorted(keys, key).astype(np.int32)
    rank = np.zeros(n_nodes, np.int32)
    thresholds: list[Floats] = []
    first, size = np.zeros((2, keys.size), np.int32)
    for column in np.unique(trees.feature[numeric]):
        nodes = np.flatnonzero(numeric & (trees.feature == column))
        values, rank[nodes] = np.unique(trees.threshold[nodes], return_inverse=True)
        mine = (keys // 3 == column) & (keys % 3 != CATEGORY)
        first[mine], size[mine] = sum(t.size for t in thresholds), values.size
        thresholds.append(values)
    for v in np.flatnonzero(keys % 3 == CATEGORY):
        size[v] = FIRST + 64 * trees.n_words[categorical & (trees.feature == keys[v] // 3)].max()
    at, look_up = _look_ups(
        trees, np.flatnonzero(categorical), size[variant * (key >= 0)] if keys.size else size
    )
    coding = Coding(
        column=array(keys // 3, np.int32),
        kind=array(keys % 3, np.int32),
        first=first.copy(),
        size=size.copy(),
        thresholds=array(np.concatenate([*thresholds, np.zeros(0)]), np.float64),
    )
    player = np.full(n_nodes, -1, np.int32)
    player[trees.feature != LEAF] = players[trees.feature[trees.feature != LEAF]]
    parent, share = _upwards(trees)
    return coding, Splits(
        variant=variant * (key >= 0).astype(np.int32),
        rank=rank,
        at=at,
        look_up=look_up,
        player=player,
        left=array(trees.left, np.int32),
        right=array(trees.right, np.int32),
        parent=parent,
        value=array(trees.value, np.float64),
        share=share,
    )


def _look_ups(trees: Trees, nodes: NDArray[np.intp], sizes: Ints) -> tuple[Ints, Ints]:
    """Write out, for every categorical split, which code goes left."""
    at = np.full(trees.feature.size, -1, np.int32)
    parts: list[Ints] = [np.zeros(0, np.int32)]
    end = 0
    for node in nodes:
        words = trees.words[trees.words_at[node] : trees.words_at[node] + trees.n_words[node]]
        inside = np.unpackbits(words.astype("<u8").view(np.uint8), bitorder="little").astype(np.bool_)
        left = np.full(sizes[node], not trees.in_set_left[node])
        left[FIRST : FIRST + inside.size] = inside == trees.in_set_left[node]
        left[BLANK], left[UNSEEN] = trees.missing_left[node], trees.unseen_left[node]
        at[node] = end
        end += left.size
        parts.append(left.astype(np.int32))
    return at, np.concatenate(parts)


def _upwards(trees: Trees) -> tuple[Ints, Floats]:
    """Return every node's parent and its share of the parent's cover; cover 0 gives share 0."""
    parent = np.full(trees.feature.size, -1, np.int32)
    share = np.ones(trees.feature.size)
    inner = np.flatnonzero(trees.feature != LEAF).astype(np.int32)
    for child in (trees.left[inner], trees.right[inner]):
        parent[child] = inner
        whole = trees.cover[inner]
        share[child] = np.divide(trees.cover[child], whole, out=np.zeros(inner.size), where=whole > 0)
    return parent, share


@compiled
def encode(matrix: Floats, start: int, stop: int, coding: Coding, codes: Ints) -> None:
    """Write the codes of some rows into ``codes`` (variants, >= stop - start)."""
    for v in range(coding.column.size):
        column, kind, first, size = coding.column[v], coding.kind[v], coding.first[v], coding.size[v]
        for i in range(start, stop):
            x = matrix[i, column]
            if kind == CATEGORY:
                codes[v, i - start] = _category(x, size)
            elif x != x:  # noqa: PLR0124 - a blank
                codes[v, i - start] = -1 if kind == BLANK_LEFT else size
            elif v > 0 and coding.column[v - 1] == column:
                codes[v, i - start] = codes[v - 1, i - start]
            else:
                codes[v, i - start] = _below(coding.thresholds, first, size, x)


@compiled
def _category(x: float, size: int) -> int:
    if x != x:  # noqa: PLR0124 - a blank
        return BLANK
    if x == -1.0:
        return UNSEEN
    if x < 0.0 or x >= size - FIRST:
        return OUTSIDE
    return FIRST + int(x)


@compiled
def _below(thresholds: Floats, first: int, size: int, x: float) -> int:
    """Count the thresholds below x."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if thresholds[first + middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def goes_left(splits: Splits, node: int, codes: Ints, row: int) -> bool:
    """Say where a row goes."""
    code = codes[splits.variant[node], row]
    if splits.at[node] < 0:
        return bool(code <= splits.rank[node])
    return bool(splits.look_up[splits.at[node] + code] == 1)
