"""Exact attributions of tree ensembles, against a whole background or by the cover of the nodes.

Every value is the Shapley value itself: nothing is sampled, and the background is not cut. ``tables.py`` has the
mathematics, ``observed.py`` that of deep trees.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain.trees._threads import FEW, n_threads, pieces_of, side_by_side
from rai_dash.explain.trees.apply import add_values
from rai_dash.explain.trees.forest import LEAF, NUMERIC, Trees
from rai_dash.explain.trees.game import Game, checked_rows, prepare
from rai_dash.explain.trees.margin import add_margins
from rai_dash.explain.trees.observed import Wanted, base_by_shares, walk_pairs, walk_shares
from rai_dash.explain.trees.pairs import Observed, add_observed, joined, observed
from rai_dash.explain.trees.patterns import Floats, encode
from rai_dash.explain.trees.tables import build

#: Rows between two reports of progress.
CHUNK = 51_200
#: Tables up to this size are kept; beyond, they are built in parts and dropped while rows are explained.
KEPT_BYTES = 384 * 2**20
#: Entries of such a part.
PART = 2 * 2**20
#: Observed patterns (10 bytes each) that are kept.
MOST_OBSERVED = 64 * 2**20

Table = NDArray[np.floating[Any]]
Progress = Callable[[int, int], None]


class TreeKernel:
    """Attributions of one ensemble.

    Attributes
    ----------
    base : float
        What is expected when every player is absent: the mean margin of the background, or the mean of the leaves by
        cover.
    n_players : int
    """

    base: float
    n_players: int

    def __init__(self, game: Game) -> None:
        self._game = game
        self.n_players = game.n_players
        self._parts = _parts(game)
        self._kept: Table | None = None
        self._seen: Observed | None = None
        self._is_too_much = False
        by_tables = 0.0
        if game.n_entries * np.dtype(game.table_type).itemsize <= KEPT_BYTES:
            self._kept = np.empty(game.n_entries, game.table_type)
            by_tables = sum(side_by_side([partial(self._keep, self._kept, *part) for part in self._parts]))
        self.base = self._base(by_tables)

    @classmethod
    def interventional(
        cls,
        trees: Trees,
        background: Floats,
        *,
        players: NDArray[np.integer[Any]] | None = None,
        weights: Floats | None = None,
        table_type: type[np.floating[Any]] = np.float32,
    ) -> TreeKernel:
        """Prepare values against a background: absent players take its rows' values.

        Parameters
        ----------
        trees : Trees
        background : float64 (m, n_columns)
            Prepared as the reader of the trees says. All rows count; their number costs next to nothing.
        players : int (n_columns,), optional
            Player of each column, from 0 on: columns of one player enter together. None: every column its own.
        weights : float64 (m,), optional
            Of the background's rows; None: all the same.
        table_type : type
            ``np.float32`` is good to about 1e-7 of the margin's size, ``np.float64`` to 1e-13.

        Raises
        ------
        ValueError
            When shapes, players or weights do not fit, or a path holds more distinct players than a pattern has bits.
        """
        return cls(prepare(trees, background, players, weights, table_type))

    @classmethod
    def path_dependent(
        cls,
        trees: Trees,
        *,
        players: NDArray[np.integer[Any]] | None = None,
        table_type: type[np.floating[Any]] = np.float32,
    ) -> TreeKernel:
        """Prepare values in which absent players follow the cover of the nodes; parameters as above."""
        return cls(prepare(trees, None, players, None, table_type))

    def values(self, matrix: Floats, *, progress: Progress | None = None) -> Floats:
        """Compute the Shapley values of rows.

        Parameters
        ----------
        matrix : float64 (n, n_columns)
        progress : callable, optional
            Called with rows done and rows in all; what it raises ends the work.

        Returns
        -------
        float64 (n, n_players)
            They sum to ``margin - base`` in each row; a player without a split has exactly 0.
        """
        rows = checked_rows(matrix, self._game.n_columns)
        n = rows.shape[0]
        phi = np.zeros((n, self.n_players))
        walks = self._walks(n)
        step = FEW if walks is self._game.everywhere else CHUNK
        for start in range(0, n, step):
            stop = min(n, start + step)
            if walks is not self._game.everywhere:
                self._look_up(rows, start, stop, phi)
            if walks is not None:
                self._walk(rows, start, stop, walks, phi, np.empty((0, 0)))
            if progress is not None:
                progress(stop, n)
        return phi

    def margin(self, matrix: Floats) -> Floats:
        """Compute the sum of the leaves that rows reach, with the offset, by a walk of its own, float64 (n,)."""
        rows = checked_rows(matrix, self._game.n_columns)
        out = np.full(rows.shape[0], self._game.offset)
        pieces = pieces_of(0, rows.shape[0])
        side_by_side([partial(add_margins, rows, *piece, self._game.nodes, out) for piece in pieces])
        return out

    @property
    def is_laborious(self) -> bool:
        """Whether each row walks past the whole background at every leaf: deep trees, and too varied a background.

        Seconds a row instead of milliseconds; values are exact all the same.
        """
        return bool(self._kept is None and self._game.weights.size and self._observed() is None)

    def interactions(self, matrix: Floats) -> Floats:
        """Compute pairwise Shapley interaction values of a few rows.

        Parameters
        ----------
        matrix : float64 (n, n_columns)

        Returns
        -------
        float64 (n, n_players, n_players)
            As shap prints them: half of each interaction in either cell; the diagonal is what is left of a player's
            value, so that rows sum to ``values``.
        """
        rows = checked_rows(matrix, self._game.n_columns)
        n = rows.shape[0]
        phi, pairs = np.zeros((n, self.n_players)), np.zeros((n, self.n_players, self.n_players))
        self._walk(rows, 0, n, self._game.everywhere, phi, pairs)
        own = np.arange(self.n_players)
        pairs[:, own, own] = phi - pairs.sum(axis=2)
        return pairs

    def _keep(self, kept: Table, first: int, last: int) -> float:
        _, _, tables, base = self._built(first, last)
        start = int(self._game.units.table_at[first])
        kept[start : start + tables.size] = tables
        return base

    def _built(self, first: int, last: int) -> tuple[int, int, Table, float]:
        """Build the tables of some units, and what they add to the base."""
        game = self._game
        sizes = game.units.n_players[first:last].astype(np.int64) << game.units.bits[first:last]
        tables = np.zeros(int(sizes.sum()))
        base = build(
            game.splits, game.units, first, last, game.codes, game.weights, game.everywhere.beta, tables
        )
        return first, last, tables.astype(game.table_type), base

    def _base(self, by_tables: float) -> float:
        game = self._game
        if self._kept is not None and game.deep is None:
            return game.offset + by_tables
        if game.weights.size == 0:
            return game.offset + base_by_shares(game.splits, game.everywhere.leaf)
        return float(game.weights @ self.margin(game.background))

    def _walks(self, n: int) -> Wanted | None:
        """Choose the leaves that n rows walk to; the rest is looked up."""
        game = self._game
        if self._kept is not None:
            return game.deep
        if n >= game.break_even(is_listed=True):
            return game.deep
        if game.weights.size and self._observed() is None and n >= game.break_even(is_listed=False):
            return game.deep
        return game.everywhere

    def _look_up(self, rows: Floats, start: int, stop: int, phi: Floats) -> None:
        game = self._game
        kept = [(0, game.units.node.size, self._kept, 0.0)] if self._kept is not None else []
        at_once = n_threads()
        for i in range(0, 1 if kept else len(self._parts), at_once):
            parts = self._parts[i : i + at_once]
            tables = kept or side_by_side([partial(self._built, *part) for part in parts])

            def add(first: int, last: int, tables: list[tuple[int, int, Table, float]] = tables) -> None:
                for begin, end, table, _ in tables:
                    add_values(
                        rows, first, last, game.coding, game.splits, game.units, begin, end, table, phi
                    )

            side_by_side([partial(add, *piece) for piece in pieces_of(start, stop)])

    def _observed(self) -> Observed | None:
        """List the observed patterns, once; None where they take too much memory."""
        if self._seen is None and not self._is_too_much:
            # A sixteenth of the units tells how much it would be.
            every = max(1, len(self._parts) // 16)
            tried = self._listed(self._parts[::every])
            self._is_too_much = every * sum(part.failed.size for part in tried) > MOST_OBSERVED
            if not self._is_too_much and tried:
                self._seen = joined(tried if every == 1 else self._listed(self._parts))
        return self._seen

    def _listed(self, parts: list[tuple[int, int]]) -> list[Observed]:
        game = self._game
        given = (game.codes, game.weights)
        return side_by_side([partial(observed, game.splits, game.units, *part, *given) for part in parts])

    def _walk(self, rows: Floats, start: int, stop: int, wanted: Wanted, phi: Floats, pairs: Floats) -> None:
        game = self._game
        codes = np.empty((game.coding.column.size, stop - start), np.int32)
        encode(rows, start, stop, game.coding, codes)
        seen = self._observed() if wanted is game.everywhere and game.weights.size else None

        def one(i: int) -> None:
            own, sums = np.ascontiguousarray(codes[:, i : i + 1]), np.zeros(self.n_players)
            crossed = pairs[start + i] if pairs.size else pairs
            left: Wanted | None = wanted
            if seen is not None:
                add_observed(game.splits, seen, own, wanted.beta, sums, crossed)
                left = game.deep
            if left is not None and game.weights.size:
                walk_pairs(game.splits, left, own, game.codes, game.weights, sums, crossed)
            elif left is not None:
                walk_shares(game.splits, left, own, sums, crossed)
            phi[start + i] += sums

        side_by_side([partial(one, i) for i in range(stop - start)])


def _parts(game: Game) -> list[tuple[int, int]]:
    """Cut the units into runs of about ``PART`` entries."""
    which = game.units.table_at // PART
    edges = [0, *(np.flatnonzero(np.diff(which)) + 1).tolist(), which.size]
    return [(first, last) for first, last in pairwise(edges) if last > first]


def warm() -> None:
    """Compile every kernel, or load it from numba's cache, with an ensemble of two trees.

    For the installation, and for a process before it is locked: it starts no thread.
    """
    trees = _specimen()
    rows = np.array([[0.0, 1.0], [1.0, np.nan], [2.0, -1.0]])
    for kernel in (TreeKernel.interventional(trees, rows), TreeKernel.path_dependent(trees)):
        kernel.values(rows)
        kernel.margin(rows)
        kernel.interactions(rows[:1])
        base_by_shares(kernel._game.splits, kernel._game.everywhere.leaf)  # noqa: SLF001 - our own


def _specimen() -> Trees:
    """Make two trees, one a lone leaf, with a split of either kind."""
    flags = np.zeros(6, np.bool_)
    return Trees(
        n_columns=2,
        roots=np.array([0, 5], np.int32),
        feature=np.array([0, 1, LEAF, LEAF, LEAF, LEAF], np.int32),
        threshold=np.array([0.5, np.nan, np.nan, np.nan, np.nan, np.nan]),
        left=np.array([1, 2, -1, -1, -1, -1], np.int32),
        right=np.array([4, 3, -1, -1, -1, -1], np.int32),
        missing_left=flags,
        words_at=np.array([NUMERIC, 0, NUMERIC, NUMERIC, NUMERIC, NUMERIC], np.int64),
        n_words=np.array([0, 1, 0, 0, 0, 0], np.int32),
        words=np.array([2], np.uint64),
        in_set_left=~flags,
        unseen_left=flags,
        value=np.array([0.0, 0.0, 1.0, 2.0, 3.0, 4.0]),
        cover=np.array([4.0, 2.0, 1.0, 1.0, 2.0, 4.0]),
        offset=0.0,
        space="log-odds",
        cover_name="training rows",
    )
