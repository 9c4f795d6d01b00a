"""Random ensembles in the neutral form, and their games written out over all coalitions: what the kernel is held to."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np

from rai_dash.explain.trees.forest import LEAF, NUMERIC, Trees
from tests.unit.explain.tree_walk import goes_left, margin

#: Codes that a categorical column may hold: unseen, out of every set, in the first word, in the second, beyond.
CODES = [-1, -3, 0, 1, 2, 5, 63, 64, 70, 127, 128, 200]
GRID = 4


def random_trees(rng, *, n_trees=2, n_columns=3, depth=4, categorical=(), stop=0.15):
    """Grow trees: columns repeat on a path, thresholds are few and equal, covers may be 0, a tree may be one leaf."""
    nodes, words = [], []

    def grow(levels, cover):
        place = len(nodes)
        flags = (rng.random(3) < 0.5).tolist()
        nodes.append([LEAF, np.nan, -1, -1, NUMERIC, 0, 0.0, float(cover), *flags])
        if levels == 0 or rng.random() < stop:
            nodes[place][6] = rng.normal()
            return place
        column = int(rng.integers(n_columns))
        nodes[place][0] = column
        if column in categorical:
            n_words = int(rng.integers(1, 3))
            nodes[place][4:6] = len(words), n_words
            words.extend(rng.integers(0, 2**63, n_words).tolist())
        else:
            nodes[place][1] = float(rng.integers(GRID))
        left = int(rng.integers(0, cover + 1))
        nodes[place][2] = grow(levels - 1, left)
        nodes[place][3] = grow(levels - 1, cover - left)
        return place

    roots = [grow(depth, 100) for _ in range(n_trees)]
    names = ("feature", "threshold", "left", "right", "words_at", "n_words", "value", "cover")
    names += ("missing_left", "in_set_left", "unseen_left")
    types = (np.int32, float, np.int32, np.int32, np.int64, np.int32, float, float, bool, bool, bool)
    columns = zip(names, types, zip(*nodes, strict=True), strict=True)
    return Trees(
        n_columns=n_columns,
        roots=np.array(roots, np.int32),
        words=np.array(words, np.uint64),
        offset=float(rng.normal()),
        space="log-odds",
        cover_name="rows",
        **{name: np.array(values, kind) for name, kind, values in columns},
    )


def random_rows(rng, n, n_columns, categorical=(), blanks=0.15):
    """Draw rows: values at and between the thresholds, codes, blanks."""
    rows = rng.integers(0, 2 * GRID + 1, (n, n_columns)) / 2
    for column in categorical:
        rows[:, column] = rng.choice(CODES, n)
    rows[rng.random(rows.shape) < blanks] = np.nan
    return rows


def by_cover(trees, row, known):
    """Return the mean of the leaves that a row may reach when only the columns in ``known`` are told."""

    def mean(node):
        column = trees.feature[node]
        if column == LEAF:
            return trees.value[node]
        children = trees.left[node], trees.right[node]
        if known[column]:
            return mean(children[0] if goes_left(trees, node, row[column]) else children[1])
        if trees.cover[node] == 0:
            return 0.0
        return sum(trees.cover[child] / trees.cover[node] * mean(child) for child in children)

    return trees.offset + sum(mean(root) for root in trees.roots)


def worth(trees, row, players, background=None, weights=None):
    """Return the worth of every coalition, by frozenset of players; without a background by cover."""
    p = int(players.max()) + 1
    made = {}
    for size in range(p + 1):
        for coalition in map(frozenset, combinations(range(p), size)):
            known = np.isin(players, list(coalition))
            if background is None:
                made[coalition] = by_cover(trees, row, known)
            else:
                mixed = margin(trees, np.where(known, row, background))
                made[coalition] = np.average(mixed, weights=weights)
    return made


def brute(game):
    """Return Shapley values (p,) and interactions (p, p), in shap's layout, of a game."""
    p = max(map(len, game))
    phi, pairs = np.zeros(p), np.zeros((p, p))
    for coalition, value in game.items():
        s = len(coalition)
        absent = [j for j in range(p) if j not in coalition]
        for j in absent:
            phi[j] += factorial(s) * factorial(p - 1 - s) / factorial(p) * (game[coalition | {j}] - value)
        for i, j in combinations(absent, 2):
            change = game[coalition | {i, j}] - game[coalition | {i}] - game[coalition | {j}] + value
            half = factorial(s) * factorial(p - 2 - s) / factorial(p - 1) * change / 2
            pairs[i, j] += half
            pairs[j, i] += half
    pairs[np.arange(p), np.arange(p)] = phi - pairs.sum(axis=1)
    return phi, pairs
