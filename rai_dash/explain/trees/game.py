"""What a kernel explains: trees in codes, and what stands for an absent player."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain.trees.forest import LEAF, Trees
from rai_dash.explain.trees.margin import Nodes, nodes_of
from rai_dash.explain.trees.observed import Wanted, gauss_rule
from rai_dash.explain.trees.patterns import MOST_PLAYERS, Coding, Floats, Ints, Splits, array, coded, encode
from rai_dash.explain.trees.tables import beta_table
from rai_dash.explain.trees.units import Units, described, survey

#: Bits of a unit of several leaves, and of a lone leaf; longer leaves are walked row by row.
FUSED_BITS, LONE_BITS = 10, 14


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Game:
    """Everything the kernels need; arrays in the types they are compiled for.

    Parameters
    ----------
    units
        Sub-trees that are looked up in tables.
    everywhere, deep
        Walks over all leaves, and over those too long for a table; None: there are none.
    background, codes : float64 (rows, columns), int32 (variants, rows)
    weights : float64 (rows,)
        Of the background, with sum 1; empty: absent players follow the cover of the nodes.
    """

    nodes: Nodes
    coding: Coding
    splits: Splits
    units: Units
    everywhere: Wanted
    deep: Wanted | None
    background: Floats
    codes: Ints
    weights: Floats
    offset: float
    n_columns: int
    n_players: int
    table_type: type[np.floating[Any]]

    @property
    def n_entries(self) -> int:
        """Entries of all tables."""
        return int((self.units.n_players.astype(np.int64) << self.units.bits).sum())

    def break_even(self, *, is_listed: bool) -> float:
        """Return from how many rows on it costs less to build all tables anew than to go row by row.

        The nanoseconds are measured on forests of 200 trees; ``is_listed``: the observed patterns fit in memory.
        """
        m, n_leaves = self.weights.size, int(np.count_nonzero(self.everywhere.leaf))
        if m == 0:
            one_row = 400 * n_leaves
        elif is_listed:
            one_row = 1000 * n_leaves
        else:
            one_row = 2000 * m * self.everywhere.roots.size
        return (20 * self.n_entries + 5 * self.units.node.size * m) / one_row


def prepare(
    trees: Trees,
    background: Floats | None,
    players: NDArray[np.integer[Any]] | None,
    weights: Floats | None,
    table_type: type[np.floating[Any]],
) -> Game:
    """Translate trees and background; parameters as in ``TreeKernel``."""
    player_of = checked_players(players, trees.n_columns)
    coding, splits = coded(trees, player_of)
    node, bits, prefix, tests = survey(splits, array(trees.roots, np.int32), FUSED_BITS)
    most = int(bits.max(initial=0))
    if most > MOST_PLAYERS:
        msg = f"A path of this ensemble holds {most} distinct columns; exact attributions reach to {MOST_PLAYERS}."
        raise ValueError(msg)
    short = bits <= LONE_BITS
    points, masses = gauss_rule(most)
    everywhere = Wanted(
        roots=array(trees.roots, np.int32),
        leaf=array(trees.feature == LEAF, np.bool_),
        depth=int(tests.max(initial=0)),
        beta=beta_table(),
        points=points,
        masses=masses,
    )
    deep = np.zeros(trees.feature.size, np.bool_)
    deep[node[~short]] = True
    rows = checked_rows(np.empty((0, trees.n_columns)) if background is None else background, trees.n_columns)
    share = np.empty(0) if background is None else checked_weights(weights, rows.shape[0])
    codes = np.empty((coding.column.size, rows.shape[0]), np.int32)
    encode(rows, 0, rows.shape[0], coding, codes)
    return Game(
        nodes=nodes_of(trees),
        coding=coding,
        splits=splits,
        units=described(splits, node[short], bits[short], prefix[short], tests[short]),
        everywhere=everywhere,
        deep=everywhere._replace(leaf=deep) if deep.any() else None,
        background=rows,
        codes=codes,
        weights=share,
        offset=float(trees.offset),
        n_columns=trees.n_columns,
        n_players=int(player_of.max(initial=-1)) + 1,
        table_type=table_type,
    )


def checked_rows(matrix: Floats, n_columns: int) -> Floats:
    """Return the matrix as the kernels want it.

    Raises
    ------
    ValueError
        When it has other columns than the trees.
    """
    rows = array(np.asarray(matrix), np.float64)
    if rows.ndim != 2 or rows.shape[1] != n_columns:
        msg = f"The trees want a matrix of {n_columns} columns; this one has the shape {rows.shape}."
        raise ValueError(msg)
    return rows


def checked_players(players: NDArray[np.integer[Any]] | None, n_columns: int) -> NDArray[np.int64]:
    """Return the player of every column; None: each column its own.

    Raises
    ------
    ValueError
        When it is not one whole number, 0 or more, a column.
    """
    given = np.arange(n_columns) if players is None else np.asarray(players)
    if given.shape != (n_columns,) or not np.issubdtype(given.dtype, np.integer) or (given < 0).any():
        msg = f"Players are {n_columns} whole numbers from 0 on, one a column; these have the shape {given.shape}."
        raise ValueError(msg)
    return given.astype(np.int64)


def checked_weights(weights: Floats | None, n_rows: int) -> Floats:
    """Return the background's weights, with sum 1.

    Raises
    ------
    ValueError
        When there is no row, or a weight is negative, missing or infinite, or all are 0.
    """
    given = np.ones(n_rows) if weights is None else np.asarray(weights, np.float64)
    good = given.shape == (n_rows,) and np.isfinite(given).all() and (given >= 0).all() and given.sum() > 0
    if not good:
        msg = (
            f"A background needs rows, and one weight of 0 or more for each of its {n_rows} rows, not all 0."
        )
        raise ValueError(msg)
    return array(given / given.sum(), np.float64)
