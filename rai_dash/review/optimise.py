"""The best band under limits, what stands in the way, and the nearest way out: review-band.md section 13."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.estimates import plain
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.review._constraint import Constraint
from rai_dash.review._constraint_words import COST
from rai_dash.review.grid import Grid, band_grid

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: Decimals to which costs, review rates and widths are compared.
_DECIMALS = 12
#: From here on a double has no twelfth decimal.
_FINE = 4096.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One band of a grid with what it was chosen by.

    Parameters
    ----------
    band : ReviewBand
        The band.
    at : (int, int)
        Where it is in the planes.
    cost : float
        Per labelled application.
    review_rate : float or None
        Share of applications sent to a person.
    """

    band: ReviewBand
    at: tuple[int, int]
    cost: float
    review_rate: float | None

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return _ends(self.band) | {"cost": self.cost, "review_rate": self.review_rate}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A constraint without which there would be a band.

    Parameters
    ----------
    constraint : Constraint
        It alone stands in the way.
    n_without : int
        Bands that keep all the others.
    reachable : float or None
        The best value of what it limits among these bands, so the limit that would do; None = undefined in all.
    """

    constraint: Constraint
    n_without: int
    reachable: float | None

    def to_json(self) -> dict[str, object]:
        """Return plain values."""
        return {
            "constraint": self.constraint.to_json(),
            "without_it": self.n_without,
            "reachable": self.reachable,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """What `optimise` found.

    Parameters
    ----------
    best : Choice or None
        None = no band keeps all constraints.
    n_candidates, n_feasible : int
        Bands of the grid, and those that keep all constraints.
    constraints : tuple of Constraint
        As given.
    fails_by_constraint : tuple of int
        Bands that fail each; a band that fails two counts in both. An undefined number fails.
    blocks : tuple of Block
        Where no band is feasible: every constraint whose removal alone makes one feasible. Empty where it takes more.
    own : ReviewBand or None
        The user's band.
    own_is_feasible : bool or None
        None without an own band, or where its cuts were not counted.
    nearest : Choice or None
        The feasible band nearest to the user's own, where that one is not known to be feasible.
    """

    best: Choice | None
    n_candidates: int
    n_feasible: int
    constraints: tuple[Constraint, ...]
    fails_by_constraint: tuple[int, ...]
    blocks: tuple[Block, ...]
    own: ReviewBand | None
    own_is_feasible: bool | None
    nearest: Choice | None

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values; undefined = None."""
        fails = zip(self.constraints, self.fails_by_constraint, strict=True)
        return {
            "best": None if self.best is None else self.best.to_json(),
            "candidates": self.n_candidates,
            "feasible": self.n_feasible,
            "fails_by_constraint": [constraint.to_json() | {"fails": n} for constraint, n in fails],
            "blocks": [block.to_json() for block in self.blocks],
            "own": None if self.own is None else _ends(self.own),
            "own_is_feasible": self.own_is_feasible,
            "nearest": None if self.nearest is None else self.nearest.to_json(),
        }


def _ends(band: ReviewBand) -> dict[str, object]:
    """Return a band as plain values."""
    return {"lo": band.lo, "t": band.threshold, "hi": band.hi}


def optimise(grid: Grid, constraints: Sequence[Constraint] = (), *, own: ReviewBand | None = None) -> Optimum:
    """Find the best band of a grid.

    Best is the least cost, then the smaller share sent to a person, then the narrower band, then the smaller low end;
    the first three are compared after rounding to 12 decimals. An open end counts as 0 or 1 for the width. Where all of
    that is equal, an open low end comes before a low end of 0, and a high end of 1 before an open one.

    Parameters
    ----------
    grid : Grid
        The candidates.
    constraints : sequence of Constraint
        All must hold. A number within 1e-12 of its limit keeps it; an undefined one fails.
    own : ReviewBand, optional
        The user's band, on or off the grid: where it fails, the feasible band with the smallest ``|dlo| + |dhi|`` (then
        the best of these) is offered.

    Raises
    ------
    InvalidChoice
        Without labelled rows, since no cost is defined there; also as of `Grid.plane`.
    """
    cost = grid.plane(COST)
    if not np.isfinite(cost).all():
        msg = tr(
            "No application has a known outcome, so no band has a cost and none is best. Choose a data "
            "set with outcomes."
        )
        raise InvalidChoice(msg)
    keeps = [kept(grid, constraint) for constraint in constraints]
    feasible = _all(keeps, grid.shape)
    own_is_feasible = None if own is None else _is_feasible(grid, own, constraints, feasible)
    return Optimum(
        best=_choice(grid, best_of(grid, feasible)),
        n_candidates=feasible.size,
        n_feasible=int(feasible.sum()),
        constraints=tuple(constraints),
        fails_by_constraint=tuple(int((~keep).sum()) for keep in keeps),
        blocks=() if feasible.any() else _blocks(grid, constraints, keeps),
        own=own,
        own_is_feasible=own_is_feasible,
        nearest=None if own is None or own_is_feasible else _choice(grid, _nearest(grid, feasible, own)),
    )


def feasible_bands(grid: Grid, constraints: Sequence[Constraint]) -> BoolArray:
    """Mark the bands that keep all constraints, bool (los, his)."""
    return _all([kept(grid, constraint) for constraint in constraints], grid.shape)


def kept(grid: Grid, constraint: Constraint) -> BoolArray:
    """Mark the bands that keep one constraint, bool (los, his)."""
    return constraint.keeps(grid.plane_of(constraint))


def best_of(grid: Grid, feasible: BoolArray) -> tuple[int, int] | None:
    """Return where the best of some bands is; see `optimise` for the order."""
    return _least(feasible, _keys(grid))


def _keys(grid: Grid) -> list[FloatArray]:
    """Return what bands are compared by, the most important first."""
    lo, hi = _numbers(grid)
    return [grid.plane(COST), grid.plane("review_rate"), hi[None, :] - lo[:, None]]


def _least(among: BoolArray, keys: Sequence[FloatArray]) -> tuple[int, int] | None:
    """Return the first position, in order of low then high end, that is least by each key in turn."""
    left = np.flatnonzero(among)
    for key in keys:
        values = _rounded(key.ravel()[left])
        left = left[values == values.min(initial=np.inf)]
    if not left.size:
        return None
    row, column = divmod(int(left[0]), among.shape[1])
    return row, column


def _rounded(values: FloatArray) -> FloatArray:
    """Round to 12 decimals where a double has so many."""
    return np.where(np.abs(values) < _FINE, np.round(values, _DECIMALS), values)


def _numbers(grid: Grid) -> tuple[FloatArray, FloatArray]:
    """Return the ends as numbers; open ones as 0 and 1."""
    lo = np.array([0.0 if end is None else end for end in grid.los])
    hi = np.array([1.0 if end is None else end for end in grid.his])
    return lo, hi


def _all(keeps: Sequence[BoolArray], shape: tuple[int, int]) -> BoolArray:
    """Mark what keeps everything."""
    marked: BoolArray = np.logical_and.reduce([np.ones(shape, np.bool_), *keeps])
    return marked


def _choice(grid: Grid, at: tuple[int, int] | None) -> Choice | None:
    """Describe the band at a position."""
    if at is None:
        return None
    review_rate = plain(grid.plane("review_rate")[at])
    return Choice(band=grid.band(*at), at=at, cost=float(grid.plane(COST)[at]), review_rate=review_rate)


def _blocks(grid: Grid, constraints: Sequence[Constraint], keeps: Sequence[BoolArray]) -> tuple[Block, ...]:
    """Find the constraints that block alone."""
    found = []
    for i, constraint in enumerate(constraints):
        others = _all([*keeps[:i], *keeps[i + 1 :]], grid.shape)
        if others.any():
            values = grid.plane_of(constraint)[others]
            defined = values[~np.isnan(values)]
            nearest = defined.min if constraint.operator == "<=" else defined.max
            reachable = float(nearest()) if defined.size else None
            found.append(Block(constraint=constraint, n_without=int(others.sum()), reachable=reachable))
    return tuple(found)


def _nearest(grid: Grid, feasible: BoolArray, own: ReviewBand) -> tuple[int, int] | None:
    """Return where the feasible band nearest to the user's own is."""
    lo, hi = _numbers(grid)
    from_lo = np.abs(lo - (0.0 if own.lo is None else own.lo))
    from_hi = np.abs(hi - (1.0 if own.hi is None else own.hi))
    return _least(feasible, [from_lo[:, None] + from_hi[None, :], *_keys(grid)])


def _is_feasible(
    grid: Grid, own: ReviewBand, constraints: Sequence[Constraint], feasible: BoolArray
) -> bool | None:
    """Say whether the user's band keeps the constraints; None where its cuts were not counted."""
    at = grid.find(own)
    if at is not None:
        return bool(feasible[at])
    edges = next(iter(grid.cubes.values())).edges
    if any(cut is not None and cut not in edges for cut in (own.lo, own.threshold, own.hi)):
        return None
    alone = band_grid(
        grid.cubes,
        [own.lo],
        own.threshold,
        [own.hi],
        reviewer=grid.reviewer,
        costs=grid.prices,
        min_n=grid.min_n,
    )
    return bool(feasible_bands(alone, constraints)[0, 0])
