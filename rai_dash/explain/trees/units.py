"""Units: bottom sub-trees that are looked up as a whole, and the tests that make a row's pattern in one.

The pattern of a unit has one bit for each player on the path to it (set: the row fails one of the player's splits
there) and one bit for each inner node of the sub-tree (set: the row goes left).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain.trees._jit import compiled
from rai_dash.explain.trees.patterns import Ints, Splits, array

Longs = NDArray[np.int64]


class Units(NamedTuple):
    """Units in a row; tests and players of unit u stand at ``*_at[u] : *_at[u] + n_*[u]``."""

    node: Ints  # top of the sub-tree
    bits: Ints
    prefix: Ints  # distinct players above the node
    test_at: Longs
    n_tests: Ints
    player_at: Longs
    n_players: Ints
    table_at: Longs  # of its first player's table
    variant: Ints  # of a test
    rank: Ints
    at: Ints
    flip: Ints  # 1: the bit says "not left"
    bit: Ints
    player: Ints


def survey(splits: Splits, roots: Ints, budget: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Cut the trees into units.

    Returns
    -------
    int32 (units,), four times
        Node, bits, distinct players above the node, and upper bound of the tests. A lone leaf may have more bits than
        the budget.
    """
    found = np.empty((4, splits.left.size), np.int32)
    below = np.zeros(splits.left.size, np.int32)
    n = _survey(splits, roots, budget, below, found)
    return found[0, :n].copy(), found[1, :n].copy(), found[2, :n].copy(), found[3, :n].copy()


@compiled
def _survey(splits: Splits, roots: Ints, budget: int, below: Ints, found: Ints) -> int:
    stack, order = np.empty(splits.left.size + 1, np.int32), np.empty(splits.left.size, np.int32)
    seen = np.full(splits.player.max() + 2, -1, np.int32)
    n_found = 0
    for root in roots:
        _count_below(splits, root, stack, order, below)
        stack[0] = root
        top = 1
        while top > 0:
            top -= 1
            node = stack[top]
            distinct, literals = _above(splits, node, seen)
            if distinct + below[node] <= budget or splits.left[node] < 0:
                found[0, n_found], found[1, n_found] = node, distinct + below[node]
                found[2, n_found], found[3, n_found] = distinct, literals + below[node]
                n_found += 1
            else:
                stack[top], stack[top + 1] = splits.right[node], splits.left[node]
                top += 2
    return n_found


@compiled
def _count_below(splits: Splits, root: int, stack: Ints, order: Ints, below: Ints) -> None:
    """Write the number of inner nodes of every sub-tree."""
    n_order, top = 0, 1
    stack[0] = root
    while top > 0:
        top -= 1
        node = stack[top]
        order[n_order] = node
        n_order += 1
        if splits.left[node] >= 0:
            stack[top], stack[top + 1] = splits.right[node], splits.left[node]
            top += 2
    for i in range(n_order - 1, -1, -1):
        node = order[i]
        if splits.left[node] >= 0:
            below[node] = 1 + below[splits.left[node]] + below[splits.right[node]]


@compiled
def _above(splits: Splits, node: int, seen: Ints) -> tuple[int, int]:
    """Count the distinct players and the splits above a node."""
    distinct, literals, above = 0, 0, splits.parent[node]
    while above >= 0:
        literals += 1
        if seen[splits.player[above]] != node:
            seen[splits.player[above]] = node
            distinct += 1
        above = splits.parent[above]
    return distinct, literals


def described(splits: Splits, node: Ints, bits: Ints, prefix: Ints, tests: Ints) -> Units:
    """List the tests and players of units."""
    test_at = np.concatenate([[0], np.cumsum(tests)]).astype(np.int64)
    player_at = np.concatenate([[0], np.cumsum(bits)]).astype(np.int64)
    n_tests, n_players = np.zeros((2, node.size), np.int32)
    columns = np.zeros((5, int(test_at[-1])), np.int32)
    player = np.zeros(int(player_at[-1]), np.int32)
    units = Units(
        node=array(node, np.int32),
        bits=array(bits, np.int32),
        prefix=array(prefix, np.int32),
        test_at=test_at[:-1].copy(),
        n_tests=n_tests.copy(),
        player_at=player_at[:-1].copy(),
        n_players=n_players.copy(),
        table_at=np.zeros(node.size, np.int64),
        variant=columns[0].copy(),
        rank=columns[1].copy(),
        at=columns[2].copy(),
        flip=columns[3].copy(),
        bit=columns[4].copy(),
        player=player,
    )
    _describe(splits, units)
    sizes = units.n_players.astype(np.int64) << units.bits
    units.table_at[:] = np.cumsum(sizes) - sizes
    return units


@compiled
def find_or_add(players: Ints, n: int, player: int) -> int:
    """Return the place of a player in ``players[:n]``; it is written at n, and n returned, where it is not there."""
    for slot in range(n):
        if players[slot] == player:
            return slot
    players[n] = player
    return n


@compiled
def inner_nodes(splits: Splits, top_node: int, nodes: Ints) -> int:
    """List the inner nodes of a sub-tree, parents first; return how many."""
    n = 0
    if splits.left[top_node] >= 0:
        nodes[0] = top_node
        n = 1
    i = 0
    while i < n:
        for child in (splits.left[nodes[i]], splits.right[nodes[i]]):
            if splits.left[child] >= 0:
                nodes[n] = child
                n += 1
        i += 1
    return n


@compiled
def _describe(splits: Splits, units: Units) -> None:
    nodes = np.empty(64, np.int32)
    for u in range(units.node.size):
        players = units.player[units.player_at[u] : units.player_at[u] + units.bits[u] + 1]
        n, end = 0, units.test_at[u]
        child = units.node[u]
        node = splits.parent[child]
        while node >= 0:
            slot = find_or_add(players, n, splits.player[node])
            n = max(n, slot + 1)
            flip = 1 if splits.left[node] == child else 0
            end = _add_test(splits, units, units.test_at[u], end, node, flip, slot)
            child, node = node, splits.parent[node]
        for i in range(inner_nodes(splits, units.node[u], nodes)):
            slot = find_or_add(players, n, splits.player[nodes[i]])
            n = max(n, slot + 1)
            end = _add_test(splits, units, end, end, nodes[i], 0, units.prefix[u] + i)
        units.n_players[u] = n
        units.n_tests[u] = end - units.test_at[u]


@compiled
def _add_test(splits: Splits, units: Units, first: int, end: int, node: int, flip: int, bit: int) -> int:
    """Add a test, or tighten one from ``first`` on that already asks the same of the same bit."""
    variant, rank = splits.variant[node], splits.rank[node]
    if splits.at[node] < 0:
        for i in range(first, end):
            if (
                units.bit[i] == bit
                and units.variant[i] == variant
                and units.flip[i] == flip
                and units.at[i] < 0
            ):
                units.rank[i] = min(units.rank[i], rank) if flip == 1 else max(units.rank[i], rank)
                return end
    units.variant[end], units.rank[end], units.at[end] = variant, rank, splits.at[node]
    units.flip[end], units.bit[end] = flip, bit
    return end + 1


@compiled
def write_patterns(
    splits: Splits, units: Units, u: int, codes: Ints, start: int, n: int, pattern: Ints
) -> None:
    """Write the patterns of n rows from ``start`` on in unit u."""
    pattern[:n] = 0
    for i in range(units.test_at[u], units.test_at[u] + units.n_tests[u]):
        flip, bit, rank = units.flip[i], units.bit[i], units.rank[i]
        code = codes[units.variant[i], start : start + n]
        if units.at[i] < 0:
            for r in range(n):
                pattern[r] |= np.int32(np.int32(code[r] <= rank) ^ flip) << bit
        else:
            left = splits.look_up[units.at[i] :]
            for r in range(n):
                pattern[r] |= np.int32((left[code[r]] ^ flip) << bit)
