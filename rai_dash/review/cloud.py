"""Which band would have won, had other applicants come: bootstrap of the optimum, review-band.md section 12."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.memo import Memo
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.review._constraint import Constraint
from rai_dash.review._samples import BandRows, draw_samples, why_not
from rai_dash.review.gaps import GAPS
from rai_dash.review.grid import End, Grid, places
from rai_dash.review.optimise import best_of, feasible_bands, optimise
from rai_dash.review.people import column_of_pairs

IntArray = NDArray[np.int64]

#: Samples in memory at a time.
_AT_A_TIME = 50


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cloud:
    """Which bands win in bootstrap samples; made by `optimum_cloud`.

    Parameters
    ----------
    grid : Grid
        The candidates.
    optimum : (int, int) or None
        The best band in the data, as its place in ``wins``; None = no band is feasible.
    wins : int64 (los, his)
        Samples in which each band is the best.
    n_samples, n_none : int
        Samples drawn, and those in which no band is feasible (or nobody has a known outcome).
    n_still_feasible : int
        Samples in which the best band of the data keeps all constraints.
    """

    grid: Grid
    optimum: tuple[int, int] | None
    wins: IntArray
    n_samples: int
    n_none: int
    n_still_feasible: int

    @property
    def same(self) -> float | None:
        """Share of the samples in which the very band wins that wins in the data."""
        return None if self.optimum is None else float(self.wins[self.optimum]) / self.n_samples

    @property
    def within_one_step(self) -> float | None:
        """Share of the samples whose best band is at most one step of the grid away at either end."""
        if self.optimum is None:
            return None
        i, j = self.optimum
        return float(self.wins[max(0, i - 1) : i + 2, max(0, j - 1) : j + 2].sum()) / self.n_samples

    @property
    def still_feasible(self) -> float | None:
        """Share of the samples in which the best band of the data keeps all constraints."""
        return None if self.optimum is None else self.n_still_feasible / self.n_samples

    def ends(self, level: float = 0.95) -> tuple[tuple[End, End], tuple[End, End]] | None:
        """Return from where to where the low ends, and the high ends, of the middle 95 % of the winners lie."""
        if not self.wins.any():
            return None
        lo, hi = (_middle(self.wins.sum(axis=1 - axis), level) for axis in (0, 1))
        los, his = self.grid.los, self.grid.his
        return (los[lo[0]], los[lo[1]]), (his[hi[0]], his[hi[1]])

    def winners(self, most: int = 10) -> list[tuple[ReviewBand, int]]:
        """Return the bands that win most often, with how often."""
        order = np.argsort(-self.wins, axis=None, kind="stable")[:most]
        places = [divmod(int(at), self.wins.shape[1]) for at in order]
        return [(self.grid.band(i, j), int(self.wins[i, j])) for i, j in places if self.wins[i, j]]

    def to_json(self) -> dict[str, object]:
        """Return plain values, with the ten bands that win most often."""
        winners = [
            {"lo": band.lo, "t": band.threshold, "hi": band.hi, "wins": wins} for band, wins in self.winners()
        ]
        ends = self.ends()
        return {
            "replicates": self.n_samples,
            "none_feasible": self.n_none,
            "same": self.same,
            "within_one_step": self.within_one_step,
            "still_feasible": self.still_feasible,
            "ends": None if ends is None else {"lo": list(ends[0]), "hi": list(ends[1])},
            "winners": winners,
        }


def optimum_cloud(
    grid: Grid,
    constraints: Sequence[Constraint] = (),
    *,
    rows: Mapping[str, BandRows] | None = None,
    replicates: int = 200,
    seed: int = 1,
) -> Cloud:
    """Choose the best band anew in every bootstrap sample.

    Without weights the cells are drawn, whatever the number of rows. Weights, costs that depend on amounts, and limits
    on more than one column need ``rows``: cells of two columns cannot be drawn as of the same people.

    Parameters
    ----------
    grid : Grid
        The candidates.
    constraints : sequence of Constraint
        As of `optimise`. Groups are compared if they are large enough in the data, whatever a sample holds.
    rows : mapping of str to BandRows, optional
        What the cubes were counted from, by column.
    replicates, seed : int
        Samples, and what makes them the same again.

    Raises
    ------
    InvalidChoice
        When the samples cannot be drawn, with the reason; also as of `optimise`.
    """
    small = _on_own_edges(grid, _columns(grid, constraints))
    needs_rows = len(small.cubes) > 1 or grid.prices.needs_amount
    behind = rows or {}
    for column, cube in small.cubes.items():
        reason = why_not(cube, behind.get(column), needs_rows=needs_rows)
        if reason is not None:
            msg = tr("How stable the best band is cannot be said here: {reason}.", reason=reason)
            raise InvalidChoice(msg)
    best = optimise(grid, constraints).best
    optimum, wins = None if best is None else best.at, np.zeros(grid.shape, np.int64)
    n_none = n_kept = 0
    for start in range(0, replicates, _AT_A_TIME):
        wanted = min(_AT_A_TIME, replicates - start)
        drawn = {
            column: draw_samples(
                cube, behind.get(column), replicates=wanted, seed=seed + start, needs_rows=needs_rows
            )
            for column, cube in small.cubes.items()
        }
        for i in range(wanted):
            cubes = {column: samples.one(i) for column, samples in drawn.items()}
            sampled = replace(small, cubes=cubes, _kept=Memo())
            feasible = feasible_bands(sampled, constraints)
            winner = best_of(sampled, feasible)
            n_kept += bool(optimum is not None and feasible[optimum])
            n_none += winner is None
            if winner is not None:
                wins[winner] += 1
    return Cloud(
        grid=grid, optimum=optimum, wins=wins, n_samples=replicates, n_none=n_none, n_still_feasible=n_kept
    )


def _middle(wins: IntArray, level: float) -> tuple[int, int]:
    """Return the first and the last place of the middle part of ordered winners."""
    share = np.cumsum(wins) / wins.sum()
    tail = (1.0 - level) / 2.0
    return int(np.searchsorted(share, tail, side="right")), int(np.searchsorted(share, 1.0 - tail))


def _columns(grid: Grid, constraints: Sequence[Constraint]) -> tuple[str, ...]:
    """Return the columns that samples are needed of; everyone can be drawn by any of them."""
    named = [grid.sensitive(limit.column) for limit in constraints if limit.metric in GAPS or limit.groups]
    pairs = column_of_pairs(grid.cubes, grid.reviewer)
    needed = named if pairs is None else [pairs, *named]
    return tuple(dict.fromkeys(needed or [next(iter(grid.cubes))]))


def _on_own_edges(grid: Grid, columns: Sequence[str]) -> Grid:
    """Return the same grid on the cubes of some columns, cut at its own ends only: fewer cells to draw."""
    follows_score = grid.reviewer.deference > 0.0
    cuts = {end for end in (*grid.los, *grid.his) if end is not None}
    if follows_score:
        cuts.add(grid.threshold)
    cubes = {column: grid.cubes[column] for column in columns}
    if cuts:
        cubes = {column: cube.on(sorted(cuts)) for column, cube in cubes.items()}
    at = places(cubes[columns[0]], grid.los, grid.threshold, grid.his, follows_score=follows_score)
    return replace(grid, cubes=cubes, at=at, _kept=Memo())
