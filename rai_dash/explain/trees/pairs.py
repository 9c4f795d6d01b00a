"""Observed patterns: of each leaf, which players the background's rows fail, kept as short lists.

Where all tables of a deep forest would not fit in memory, few rows are answered from these lists: a row meets at
each leaf only the patterns that occur, and of those only the ones that reach the leaf together with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain.trees._jit import compiled
from rai_dash.explain.trees.observed import add_pair
from rai_dash.explain.trees.patterns import MOST_PLAYERS, Floats, Ints, Splits, goes_left
from rai_dash.explain.trees.tables import histogram, leaf_histogram, leaves_below
from rai_dash.explain.trees.units import Units, find_or_add, inner_nodes


class Observed(NamedTuple):
    """Patterns of leaf i stand at ``end[i - 1] : end[i]``."""

    leaf: Ints
    top: Ints  # node of the leaf's unit: slots of the path above it come first
    end: NDArray[np.int64]
    failed: NDArray[np.uint16]  # players, by slot
    weight: Floats


def observed(splits: Splits, units: Units, first: int, last: int, codes: Ints, weights: Floats) -> Observed:
    """List the patterns of the leaves of units ``first .. last``."""
    runs = (units.n_tests[first:last].astype(np.int64) + 1) << units.bits[first:last]  # leaves <= tests + 1
    n_leaves = int(units.n_tests[first:last].sum()) + last - first
    room = int(np.minimum(runs, (units.n_tests[first:last] + 1) * weights.size).sum())
    made = Observed(
        np.empty(n_leaves, np.int32), np.empty(n_leaves, np.int32), np.empty(n_leaves, np.int64),
        np.empty(room, np.uint16), np.empty(room),
    )  # fmt: skip
    n = _observe(splits, units, first, last, codes, weights, made)
    pairs = int(made.end[n - 1]) if n else 0
    return Observed(
        made.leaf[:n].copy(), made.top[:n].copy(), made.end[:n].copy(), made.failed[:pairs].copy(),
        made.weight[:pairs].copy(),
    )  # fmt: skip


def joined(parts: list[Observed]) -> Observed:
    """Put lists behind each other."""
    shifts = np.cumsum([0, *(part.failed.size for part in parts)])
    return Observed(
        np.concatenate([part.leaf for part in parts]),
        np.concatenate([part.top for part in parts]),
        np.concatenate([part.end + shift for part, shift in zip(parts, shifts[:-1], strict=True)]),
        np.concatenate([part.failed for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


@compiled
def _observe(
    splits: Splits, units: Units, first: int, last: int, codes: Ints, weights: Floats, made: Observed
) -> int:
    most = 0
    for u in range(first, last):
        most = max(most, units.bits[u])
    by_pattern, h, failed = np.empty(1 << most), np.empty(1 << most), np.empty(1 << most, np.int32)
    inner, leaves, players, share = (
        np.empty(64, np.int32),
        np.empty(64, np.int32),
        np.empty(64, np.int32),
        np.empty(64),
    )
    n, end = 0, 0
    for u in range(first, last):
        histogram(splits, units, u, codes, weights, by_pattern)
        n_inner = inner_nodes(splits, units.node[u], inner)
        for leaf in leaves[: leaves_below(splits, units.node[u], inner, n_inner, leaves)]:
            d = leaf_histogram(splits, units, u, leaf, inner, players, share, by_pattern, failed, h)
            for s in range(1 << d):
                if h[s] > 0.0:
                    made.failed[end], made.weight[end] = s, h[s]
                    end += 1
            made.leaf[n], made.top[n], made.end[n] = leaf, units.node[u], end
            n += 1
    return n


@compiled
def _fails(
    splits: Splits, low: int, stop: int, own: Ints, players: Ints, d: int, fails: int
) -> tuple[int, int]:
    """Walk up from a node to ``stop`` (-1: the root) as ``leaf_slots`` does; return slots and the row's failures."""
    child = low
    while child != stop and splits.parent[child] >= 0:
        node = splits.parent[child]
        slot = find_or_add(players, d, splits.player[node])
        d = max(d, slot + 1)
        if goes_left(splits, node, own, 0) != (splits.left[node] == child):
            fails |= 1 << slot
        child = node
    return d, fails


@compiled
def add_observed(splits: Splits, seen: Observed, own: Ints, beta: Floats, phi: Floats, pairs: Floats) -> None:
    """Add one row's values; parameters as in ``walk_pairs``."""
    players = np.empty(MOST_PLAYERS + 1, np.int32)
    begin = 0
    for i in range(seen.leaf.size):
        d, mine = _fails(splits, seen.top[i], -1, own, players, 0, 0)
        d, mine = _fails(splits, seen.leaf[i], seen.top[i], own, players, d, mine)
        value = splits.value[seen.leaf[i]]
        for at in range(begin, seen.end[i]):
            other = int(seen.failed[at])
            if other & mine == 0:
                add_pair(players, d, mine, other, value * seen.weight[at], beta, phi, pairs)
        begin = seen.end[i]
