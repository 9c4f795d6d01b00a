"""``ReviewCube``: the statistic from which every number about a review band is arithmetic.

Like `GroupCounts`, with a person's recorded decision as one more axis, any cuts as edges, and amounts of money.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.counts import EVERYONE, N_LABELS
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import UNKNOWN, ReviewBand

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Number = TypeVar("Number", np.int64, np.float64)

#: What a person decided about an application, as recorded: the third axis of a cube.
REFUSED_BY_HUMAN, APPROVED_BY_HUMAN, NO_DECISION = 0, 1, 2
N_DECISIONS = 3
#: Position of an open low end: nothing lies below it. An open high end is at ``cube.n_edges``.
OPEN_LO = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReviewCube:
    """Rows by group, label, recorded decision and score cell; additive over files.

    Parameters
    ----------
    column : str
        Name of the sensitive column or cross; ``""`` for everyone.
    groups : tuple of str
        Names, in display order.
    edges : float64 (k,)
        The cuts that can be asked for, strictly ascending, in [0, 1].
    rows : int64 (groups, 3, 3, k + 2)
        Rows by group, label {unfavourable, favourable, unknown}, decision {refused, approved, none} and cell.
        Cell j in 0..k = number of edges that are at most the score; cell k + 1 = no finite score.
    weight, weight_sq : float64, as ``rows``, or None
        Sums of weights and of squared weights; None = every weight is 1.
    amount : float64, as ``rows``, or None
        Sums of weight x amount, a blank amount counting 0; None = no amounts.
    amount_missing : int64 (groups,)
        Labelled rows with a blank amount, whatever their weight; 0 where there are no amounts.
    """

    column: str
    groups: tuple[str, ...]
    edges: FloatArray
    rows: IntArray
    weight: FloatArray | None = None
    weight_sq: FloatArray | None = None
    amount: FloatArray | None = None
    amount_missing: IntArray

    def __post_init__(self) -> None:
        """Refuse cuts that are none, and parts that do not fit together."""
        check_edges(self.edges)
        shape = (len(self.groups), N_LABELS, N_DECISIONS, self.n_edges + 2)
        parts = (self.rows, self.weight, self.weight_sq, self.amount)
        if any(part is not None and part.shape != shape for part in parts):
            msg = tr(
                "The sums of a review cube must have the shape {shape}. Build it with `review_cube`.",
                shape=shape,
            )
            raise InvalidChoice(msg)

    @property
    def n_edges(self) -> int:
        """Number of cuts, k."""
        return int(self.edges.size)

    @property
    def n(self) -> IntArray:
        """Rows a group, int64 (groups,), labelled or not, scored or not, whatever their weight."""
        rows: IntArray = self.rows.sum(axis=(1, 2, 3))
        return rows

    @property
    def mass(self) -> FloatArray:
        """Sums of weights (counts as float64 where there are no weights), as ``rows``."""
        return self.rows.astype(np.float64) if self.weight is None else self.weight

    @property
    def squares(self) -> FloatArray:
        """Sums of squared weights (counts where there are no weights), as ``rows``."""
        return self.rows.astype(np.float64) if self.weight_sq is None else self.weight_sq

    @property
    def is_weighted(self) -> bool:
        """Whether rows carry weights."""
        return self.weight is not None

    @property
    def has_amount(self) -> bool:
        """Whether rows carry amounts."""
        return self.amount is not None

    @property
    def has_decisions(self) -> bool:
        """Whether a person's decision is recorded for any row."""
        return bool(self.rows[:, :, :NO_DECISION].any())

    def total(self) -> ReviewCube:
        """Add all groups up into one called ``"everyone"``."""
        return replace(
            self,
            column="",
            groups=(EVERYONE,),
            amount_missing=self.amount_missing.sum(keepdims=True),
            **self._parts(lambda part: part.sum(axis=0, keepdims=True)),
        )

    def only(self, groups: Sequence[str]) -> ReviewCube:
        """Keep some groups, in the order given.

        Raises
        ------
        InvalidChoice
            When there is no such group.
        """
        at = [self.group_at(group) for group in groups]
        return replace(
            self,
            groups=tuple(groups),
            amount_missing=self.amount_missing[at],
            **self._parts(lambda part: part[at]),
        )

    def group_at(self, group: str) -> int:
        """Return the position of a group.

        Raises
        ------
        InvalidChoice
            When there is no such group.
        """
        if group not in self.groups:
            msg = tr(
                "`{column}` has no group `{group}`. It has: {groups}.",
                column=self.column,
                group=group,
                groups=", ".join(self.groups),
            )
            raise InvalidChoice(msg)
        return self.groups.index(group)

    def at(self, cut: float) -> int:
        """Return the position of a cut among the edges.

        Raises
        ------
        InvalidChoice
            When the cut is not exactly one of the edges.
        """
        position = int(np.searchsorted(self.edges, cut))
        if position == self.n_edges or self.edges[position] != cut:
            msg = tr(
                "The cut {cut} is none of the {n_edges} that were counted ({edges} to {edges_2}). Count "
                "the rows again with it among the edges.",
                cut=cut,
                n_edges=f"{self.n_edges:,}",
                edges=f"{self.edges[0]:g}",
                edges_2=f"{self.edges[-1]:g}",
            )
            raise InvalidChoice(msg)
        return position

    def positions(self, band: ReviewBand) -> tuple[int, int, int]:
        """Return where a band's low end, threshold and high end are; see `OPEN_LO`.

        Raises
        ------
        InvalidChoice
            As of `at`.
        """
        lo = OPEN_LO if band.lo is None else self.at(band.lo)
        hi = self.n_edges if band.hi is None else self.at(band.hi)
        return lo, self.at(band.threshold), hi

    def on(self, edges: ArrayLike) -> ReviewCube:
        """Keep some of the edges; the cells between them are added up.

        Raises
        ------
        InvalidChoice
            When one of them is not among the edges, or they do not ascend.
        """
        kept = np.asarray(edges, np.float64)
        check_edges(kept)
        # Old cell j starts at edge j - 1; the first one has no edge, the last one no score.
        starts = np.array([0, *(self.at(float(edge)) + 1 for edge in kept), self.n_edges + 1])
        return replace(self, edges=kept, **self._parts(lambda part: np.add.reduceat(part, starts, axis=-1)))

    def _parts(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> dict[str, Any]:
        """Change all sums alike."""
        parts = {name: getattr(self, name) for name in ("rows", "weight", "weight_sq", "amount")}
        return {name: None if part is None else change(part) for name, part in parts.items()}


def check_edges(edges: FloatArray) -> None:
    """Refuse cuts that do not ascend strictly within [0, 1].

    Raises
    ------
    InvalidChoice
        Also when there is none.
    """
    is_inside = edges.ndim == 1 and edges.size > 0 and bool(((edges >= 0.0) & (edges <= 1.0)).all())
    if not is_inside or bool((np.diff(edges) <= 0.0).any()):
        msg = tr("The cuts of a review band must be different numbers from 0 to 1 that ascend. Sort them.")
        raise InvalidChoice(msg)


def edges_of(*bands: ReviewBand) -> FloatArray:
    """Return the cuts of some bands, ascending: a cube counted with them is exact for bands off any grid."""
    cuts = {cut for band in bands for cut in (band.lo, band.threshold, band.hi) if cut is not None}
    return np.array(sorted(cuts), np.float64)


def add_cubes(a: ReviewCube, b: ReviewCube) -> ReviewCube:
    """Add two cubes of the same column and edges, for example of two files.

    Groups are united by name, in order of first appearance. Where only one of them has amounts, the labelled rows of
    the other count as rows with a blank amount.

    Raises
    ------
    InvalidChoice
        When the columns or the edges differ.
    """
    if a.column != b.column or not np.array_equal(a.edges, b.edges):
        msg = tr(
            "Cubes of `{column}` with {n_edges} cuts and of `{b_column}` with {b_n_edges} cuts cannot be "
            "added unless column and cuts are the same. Count both with the same edges.",
            column=a.column,
            n_edges=f"{a.n_edges:,}",
            b_column=b.column,
            b_n_edges=f"{b.n_edges:,}",
        )
        raise InvalidChoice(msg)
    names = tuple(dict.fromkeys(a.groups + b.groups))

    def spread(part: ReviewCube, values: NDArray[Number]) -> NDArray[Number]:
        out = np.zeros((len(names), *values.shape[1:]), dtype=values.dtype)
        out[[names.index(g) for g in part.groups]] = values
        return out

    is_weighted, has_amount = a.is_weighted or b.is_weighted, a.has_amount or b.has_amount
    return ReviewCube(
        column=a.column,
        groups=names,
        edges=a.edges,
        rows=spread(a, a.rows) + spread(b, b.rows),
        weight=spread(a, a.mass) + spread(b, b.mass) if is_weighted else None,
        weight_sq=spread(a, a.squares) + spread(b, b.squares) if is_weighted else None,
        amount=spread(a, _amounts(a)) + spread(b, _amounts(b)) if has_amount else None,
        amount_missing=spread(a, _blank_amounts(a, has_amount=has_amount))
        + spread(b, _blank_amounts(b, has_amount=has_amount)),
    )


def _amounts(cube: ReviewCube) -> FloatArray:
    """Return the sums of amounts, 0 where there are none."""
    return np.zeros(cube.rows.shape) if cube.amount is None else cube.amount


def _blank_amounts(cube: ReviewCube, *, has_amount: bool) -> IntArray:
    """Return how many labelled rows have no amount, once amounts count."""
    if cube.has_amount or not has_amount:
        return cube.amount_missing
    labelled: IntArray = cube.rows[:, :UNKNOWN].sum(axis=(1, 2, 3))
    return labelled


__all__ = [
    "APPROVED_BY_HUMAN",
    "NO_DECISION",
    "N_DECISIONS",
    "OPEN_LO",
    "REFUSED_BY_HUMAN",
    "ReviewCube",
    "add_cubes",
    "check_edges",
    "edges_of",
]
