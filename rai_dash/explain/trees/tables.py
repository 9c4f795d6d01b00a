"""Tables: what every player of a unit receives for every pattern of a row.

For a leaf, let f be the players a row to explain fails and g those a background row fails. The row's share of the
leaf depends on nothing else (a game of unanimity with vetoes), and the background enters through the histogram of g
alone. With ``G_a(M) = sum of h(g) over g inside M with |g| = a`` and c = the players the row does not fail, k = |f|::

    j in c:  phi_j = + w sum over a >= 1 of B(a, k + 1) (G_a(c) - G_a(c without j))
    j in f:  phi_j = - w sum over a >= 0 of B(a + 1, k) G_a(c)

where B is the Beta function: ``B(a, k + 1) = (a - 1)! k! / (a + k)!``.

References
----------
Nadel, A. & Wettenstein, R. (2026). From Decision Trees to Boolean Logic: A Fast and Unified SHAP Algorithm. AAAI.
Laberge, G. & Pequignot, Y. (2022). Understanding Interventional TreeSHAP: How and Why it Works. arXiv 2209.15123.
"""

from __future__ import annotations

import numpy as np

from rai_dash.explain.trees._jit import compiled
from rai_dash.explain.trees.patterns import MOST_PLAYERS, Floats, Ints, Splits
from rai_dash.explain.trees.units import Units, find_or_add, inner_nodes, write_patterns

#: Rows whose patterns are made at a time.
BLOCK = 2048


def beta_table(size: int = MOST_PLAYERS + 2) -> Floats:
    """Compute ``B(x, y)`` for whole x, y in 1..size - 1, float64 (size, size), by recursion: nothing overflows."""
    table = np.zeros((size, size))
    table[1, 1:] = 1.0 / np.arange(1, size)
    for x in range(1, size - 1):
        table[x + 1, 1:] = table[x, 1:] * x / (x + np.arange(1, size))
    return table


@compiled
def _rank_sums(h: Floats, d: int, count: Ints, ranked: Floats) -> None:
    """Fill ``count`` with the size of every set s of players, and ``ranked[a, s]`` with ``G_a(s)``."""
    size = 1 << d
    count[0] = 0
    for bit in range(d):
        for s in range(1 << bit):
            count[s + (1 << bit)] = count[s] + 1
    ranked[: d + 1, :size] = 0.0
    for s in range(size):
        ranked[count[s], s] = h[s]
    for a in range(d + 1):
        row = ranked[a]
        for bit in range(d):
            step = 1 << bit
            for low in range(0, size, 2 * step):
                for s in range(low, low + step):
                    row[s + step] += row[s]


@compiled
def _leaf_table(
    h: Floats, d: int, weight: float, beta: Floats, ranked: Floats, sums: Floats, table: Floats
) -> None:
    """Fill ``table[:d, :2**d]``, by slot and failed players, from the histogram ``h[:2**d]`` by failed players."""
    size = 1 << d
    count = np.empty(size, np.int32)
    _rank_sums(h, d, count, ranked)
    for s in range(size):  # s = the players that the row does not fail
        k = d - count[s]
        here, without, fails = 0.0, 0.0, beta[1, k] * ranked[0, s]
        for a in range(1, count[s] + 1):
            here += beta[a, k + 1] * ranked[a, s]
            without += beta[a, k] * ranked[a, s]
            fails += beta[a + 1, k] * ranked[a, s]
        sums[0, s], sums[1, s], sums[2, s] = here * weight, without * weight, fails * weight
    for j in range(d):
        for s in range(size):
            if (s >> j) & 1:
                table[j, size - 1 - s] = sums[0, s] - sums[1, s ^ (1 << j)]
            else:
                table[j, size - 1 - s] = -sums[2, s]


@compiled
def leaf_slots(splits: Splits, leaf: int, stop: int, players: Ints, share: Floats, n: int) -> int:
    """Add the players between a node and ``stop`` (-1: the root) to n others; multiply up their shares of cover."""
    child = leaf
    while child != stop and splits.parent[child] >= 0:
        node = splits.parent[child]
        slot = find_or_add(players, n, splits.player[node])
        if slot == n:
            share[slot] = 1.0
            n += 1
        share[slot] *= splits.share[child]
        child = node
    return n


@compiled
def _failures(
    splits: Splits, units: Units, u: int, leaf: int, inner: Ints, players: Ints, failed: Ints
) -> None:
    """Translate each pattern of unit u into the players that fail the leaf (``players`` = its slots)."""
    by_set, by_clear = np.zeros(64, np.int32), np.zeros(64, np.int32)
    prefix, bits = units.prefix[u], units.bits[u]
    for bit in range(prefix):
        by_set[bit] = 1 << bit
    child = leaf
    while child != units.node[u]:
        node = splits.parent[child]
        place = 0
        while inner[place] != node:
            place += 1
        fails = 1 << find_or_add(players, players.size - 1, splits.player[node])
        if splits.left[node] == child:
            by_clear[prefix + place] |= fails
        else:
            by_set[prefix + place] |= fails
        child = node
    failed[0] = 0
    for bit in range(bits):
        step = 1 << bit
        for p in range(step):
            failed[p + step] = failed[p] | by_set[bit]
            failed[p] |= by_clear[bit]


@compiled
def histogram(splits: Splits, units: Units, u: int, codes: Ints, weights: Floats, h: Floats) -> None:
    """Add up the background's weights by pattern of unit u."""
    pattern = np.empty(BLOCK, np.int32)
    h[: 1 << units.bits[u]] = 0.0
    for start in range(0, weights.size, BLOCK):
        n = min(BLOCK, weights.size - start)
        write_patterns(splits, units, u, codes, start, n, pattern)
        for r in range(n):
            h[np.uint32(pattern[r])] += weights[start + r]


@compiled
def _product(share: Floats, d: int, h: Floats) -> None:
    """Write the histogram by failed players in which each player fails by itself with ``1 - share``."""
    h[0] = 1.0
    for slot in range(d):
        step = 1 << slot
        for s in range(step):
            h[s + step] = h[s] * (1.0 - share[slot])
            h[s] *= share[slot]


@compiled
def leaves_below(splits: Splits, top: int, inner: Ints, n_inner: int, leaves: Ints) -> int:
    """List the leaves of a unit."""
    if n_inner == 0:
        leaves[0] = top
        return 1
    n = 0
    for i in range(n_inner):
        for child in (splits.left[inner[i]], splits.right[inner[i]]):
            if splits.left[child] < 0:
                leaves[n] = child
                n += 1
    return n


@compiled
def _add_leaf(units: Units, u: int, players: Ints, d: int, failed: Ints, table: Floats, into: Floats) -> None:
    """Add a leaf's table to that of its unit."""
    patterns = 1 << units.bits[u]
    mine = units.player[units.player_at[u] : units.player_at[u] + units.n_players[u]]
    for slot in range(d):
        at = find_or_add(mine, mine.size, players[slot]) * patterns
        run, given = into[at : at + patterns], table[slot]
        for p in range(patterns):
            run[p] += given[np.uint32(failed[p])]


@compiled
def leaf_histogram(
    splits: Splits, units: Units, u: int, leaf: int, inner: Ints, players: Ints, share: Floats, by_pattern: Floats,
    failed: Ints, h: Floats,
) -> int:  # fmt: skip
    """Fold the histogram of unit u into one by failed players of a leaf; fill its slots and return their number."""
    d = leaf_slots(splits, units.node[u], -1, players, share, 0)
    d = leaf_slots(splits, leaf, units.node[u], players, share, d)
    _failures(splits, units, u, leaf, inner, players[:d], failed)
    h[: 1 << d] = 0.0
    for p in range(1 << units.bits[u]):
        h[failed[p]] += by_pattern[p]
    return d


@compiled
def build(
    splits: Splits,
    units: Units,
    first: int,
    last: int,
    codes: Ints,
    weights: Floats,
    beta: Floats,
    tables: Floats,
) -> float:
    """Fill the tables of units ``first .. last``, which must be 0; return what these units add to the base.

    ``tables`` starts with unit ``first``. Without background rows the values are path-dependent.
    """
    most = 0
    for u in range(first, last):
        most = max(most, units.bits[u])
    size = 1 << most
    by_pattern, h, failed = np.empty(size), np.empty(size), np.empty(size, np.int32)
    ranked, sums, table = np.empty((most + 1, size)), np.empty((3, size)), np.empty((most + 1, size))
    inner, leaves, players, share = (
        np.empty(64, np.int32),
        np.empty(64, np.int32),
        np.empty(64, np.int32),
        np.empty(64),
    )
    base = 0.0
    by_pattern[:] = 0.0
    for u in range(first, last):
        if weights.size > 0:
            histogram(splits, units, u, codes, weights, by_pattern)
        n_inner = inner_nodes(splits, units.node[u], inner)
        into = tables[units.table_at[u] - units.table_at[first] :]
        for leaf in leaves[: leaves_below(splits, units.node[u], inner, n_inner, leaves)]:
            d = leaf_histogram(splits, units, u, leaf, inner, players, share, by_pattern, failed, h)
            if weights.size == 0:
                _product(share, d, h)
            base += splits.value[leaf] * h[0]
            _leaf_table(h, d, splits.value[leaf], beta, ranked, sums, table)
            _add_leaf(units, u, players, d, failed, table, into)
    return base
