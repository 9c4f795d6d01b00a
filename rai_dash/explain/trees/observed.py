"""One row at a time without tables: for deep trees, few rows, and interactions.

With background rows the walk goes down each tree with the row to explain and all background rows that can still
reach a leaf together with it. A background row dies where neither it nor the explained row satisfies a player's splits;
what is left at a leaf are the observed pairs of patterns, and no others are looked at. Path-dependent values of
a leaf are integrals of a polynomial, which a Gauss rule gives exactly::

    phi_j   = w (c_j - r_j) integral over 0..1 of the product over i other than j of (r_i + (c_i - r_i) u)
    phi_ij  = w (c_i - r_i) (c_j - r_j) integral of the product over all others

with c_j = 1 where the row satisfies the splits of player j, and r_j = its shares of cover multiplied.

References
----------
Lundberg, S. et al. (2020). From local explanations to global understanding with explainable AI for trees. Nature MI 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain.trees._jit import compiled
from rai_dash.explain.trees.patterns import MOST_PLAYERS, Floats, Ints, Splits, goes_left
from rai_dash.explain.trees.units import find_or_add

Flags = NDArray[np.bool_]
#: Background rows that go down a tree together.
BLOCK = 4096


class Wanted(NamedTuple):
    """What the walks compute and need."""

    roots: Ints
    leaf: Flags  # (nodes,) leaves to add
    depth: int  # splits on the longest path
    beta: Floats
    points: Floats  # of the Gauss rule on 0..1
    masses: Floats


def gauss_rule(distinct: int) -> tuple[Floats, Floats]:
    """Return points and masses on 0..1, exact for products over ``distinct - 1`` players."""
    points, masses = np.polynomial.legendre.leggauss(max(1, (distinct + 1) // 2))
    return (points + 1.0) / 2.0, masses / 2.0


@compiled
def add_pair(
    players: Ints, d: int, own: int, other: int, share: float, beta: Floats, phi: Floats, pairs: Floats
) -> None:
    """Add a leaf for one background row: ``own`` players fail the row to explain, ``other`` the background row."""
    a, k = 0, 0
    for slot in range(d):
        a += (other >> slot) & 1
        k += (own >> slot) & 1
    for i in range(d):
        side = ((other >> i) & 1) - ((own >> i) & 1)
        if side > 0:
            phi[players[i]] += share * beta[a, k + 1]
        elif side < 0:
            phi[players[i]] -= share * beta[a + 1, k]
        for j in range(i if pairs.shape[0] > 0 and side != 0 else 0):
            half = share * _index(side, ((other >> j) & 1) - ((own >> j) & 1), a, k, beta) / 2.0
            pairs[players[i], players[j]] += half
            pairs[players[j], players[i]] += half


@compiled
def _index(side: int, second: int, a: int, k: int, beta: Floats) -> float:
    """Return the interaction of two players of a leaf; a side is 1, -1 or 0: who fails, background, row or none."""
    if second == 0:
        return 0.0
    if side != second:
        return -float(beta[a, k])
    return float(beta[a - 1, k + 1]) if side > 0 else float(beta[a + 1, k - 1])


@compiled
def walk_pairs(
    splits: Splits, wanted: Wanted, own: Ints, codes: Ints, weights: Floats, phi: Floats, pairs: Floats
) -> None:
    """Add one row's values against a background.

    Parameters
    ----------
    own : int32 (variants, 1)
        Codes of the row.
    codes, weights
        Of the background, (variants, rows) and (rows,); the weights sum to 1.
    phi : float64 (players,)
    pairs : float64 (players, players)
        Interactions of different players, half in each cell; empty: not wanted.
    """
    room = (2 * wanted.depth + 3) * min(BLOCK, weights.size)
    alive, failed = np.empty(room, np.int32), np.empty(room, np.int64)
    # node, first alive, number alive, distinct players so far, players that fail the row
    frames = np.empty((wanted.depth + 2, 5), np.int64)
    players = np.empty(MOST_PLAYERS + 1, np.int32)
    for low in range(0, weights.size, BLOCK):
        n = min(BLOCK, weights.size - low)
        for root in wanted.roots:
            for i in range(n):
                alive[i], failed[i] = low + i, 0
            frames[0, 0], frames[0, 1], frames[0, 2], frames[0, 3], frames[0, 4] = root, 0, n, 0, 0
            top = 1
            while top > 0:
                top -= 1
                node, first, n_alive = frames[top, 0], frames[top, 1], frames[top, 2]
                d, mine = frames[top, 3], frames[top, 4]
                if splits.left[node] < 0:
                    if wanted.leaf[node]:
                        for i in range(first, first + n_alive):
                            add_pair(
                                players, d, mine, failed[i], splits.value[node] * weights[alive[i]],
                                wanted.beta, phi, pairs,
                            )  # fmt: skip
                    continue
                slot = find_or_add(players, d, splits.player[node])
                d = max(d, slot + 1)
                top = _branch(
                    splits, node, slot, d, first, n_alive, mine, own, codes, alive, failed, frames, top
                )


@compiled
def _branch(
    splits: Splits, node: int, slot: int, d: int, first: int, n_alive: int, mine: int, own: Ints, codes: Ints,
    alive: Ints, failed: NDArray[np.int64], frames: NDArray[np.int64], top: int,
) -> int:  # fmt: skip
    """Push the children that a mix of the row and a background row can reach; return the new height of the stack."""
    bit = np.int64(1) << slot
    end = first + n_alive
    row_left = goes_left(splits, node, own, 0)
    for side in range(2):
        begin = end
        with_row = (side == 1) == row_left
        fails = mine if with_row else mine | bit
        for i in range(first, first + n_alive):
            same = goes_left(splits, node, codes, alive[i]) == (side == 1)
            after = failed[i] if same else failed[i] | bit
            if after & fails == 0:
                alive[end], failed[end] = alive[i], after
                end += 1
        if end > begin:
            child = splits.left[node] if side == 1 else splits.right[node]
            frames[top, 0], frames[top, 1], frames[top, 2], frames[top, 3] = child, begin, end - begin, d
            frames[top, 4] = fails
            top += 1
    return top


@compiled
def walk_shares(splits: Splits, wanted: Wanted, own: Ints, phi: Floats, pairs: Floats) -> None:
    """Add one row's path-dependent values; parameters as in ``walk_pairs``."""
    players, share, gap = (
        np.empty(MOST_PLAYERS + 1, np.int32),
        np.empty(MOST_PLAYERS + 1),
        np.empty(MOST_PLAYERS + 1),
    )
    for leaf in range(splits.left.size):
        if not wanted.leaf[leaf]:
            continue
        d, fails, child = 0, np.int64(0), leaf
        while splits.parent[child] >= 0:
            node = splits.parent[child]
            slot = find_or_add(players, d, splits.player[node])
            if slot == d:
                share[d] = 1.0
                d += 1
            share[slot] *= splits.share[child]
            if goes_left(splits, node, own, 0) != (splits.left[node] == child):
                fails |= np.int64(1) << slot
            child = node
        for slot in range(d):
            gap[slot] = 1.0 - ((fails >> slot) & 1) - share[slot]
        _add_integrals(players, d, share, gap, splits.value[leaf], wanted, phi, pairs)


@compiled
def _add_integrals(
    players: Ints,
    d: int,
    share: Floats,
    gap: Floats,
    value: float,
    wanted: Wanted,
    phi: Floats,
    pairs: Floats,
) -> None:
    """Add the integrals of one leaf."""
    for slot in range(d):
        if share[slot] == 0.0 and gap[slot] == 0.0:
            return  # neither the row nor the cover lets this player through
    for q in range(wanted.points.size):
        u, product = wanted.points[q], wanted.masses[q] * value
        for i in range(d):
            product *= share[i] + gap[i] * u
        for i in range(d):
            part = product * gap[i] / (share[i] + gap[i] * u)
            phi[players[i]] += part
            for j in range(i if pairs.shape[0] > 0 else 0):
                half = part * gap[j] / (share[j] + gap[j] * u) / 2.0
                pairs[players[i], players[j]] += half
                pairs[players[j], players[i]] += half


@compiled
def base_by_shares(splits: Splits, leaf: Flags) -> float:
    """Return the mean of the leaves by cover."""
    total = 0.0
    for node in range(splits.left.size):
        if leaf[node]:
            reached, child = splits.value[node], node
            while child >= 0:
                reached *= splits.share[child]
                child = splits.parent[child]
            total += reached
    return total
