"""Rows counted by group, outcome and what two models decide: all that thresholds at fixed places say about a pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.metrics._confusion import Confusion
from rai_dash.metrics.paired import PairedDifference, paired_counts, paired_sums

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

#: What a model decides about a row.
APPROVED, DECLINED, NO_DECISION = 0, 1, 2
#: Cells of one group: outcome x decision of the first model x decision of the second.
CELLS = 27
_LABEL, _A, _B = (axis.ravel() for axis in np.indices((3, 3, 3)))
_DECIDED = (_A != NO_DECISION) & (_B != NO_DECISION)
_KNOWN = _LABEL <= FAVOURABLE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointCells:
    """Counts of a pair of models; they add up over files.

    Parameters
    ----------
    column : str
        The sensitive column; ``""`` for everyone.
    groups : tuple of str
        Names in display order.
    rows : int64 (groups, 27)
        Rows by outcome {unfavourable, favourable, unknown}, decision of the first and of the second model {approved,
        declined, none}.
    sums, squares : float64 (groups, 27) or None
        Weights and squared weights; None = every weight is 1.
    """

    column: str
    groups: tuple[str, ...]
    rows: IntArray
    sums: FloatArray | None = None
    squares: FloatArray | None = None

    @property
    def is_weighted(self) -> bool:
        """Whether rows carry weights."""
        return self.sums is not None

    @property
    def n(self) -> IntArray:
        """Rows a group, int64 (groups,)."""
        rows: IntArray = self.rows.sum(axis=1)
        return rows

    @property
    def decided(self) -> JointCells:
        """The rows that both models decide about."""

        def kept(values: NDArray[np.generic] | None) -> NDArray[np.generic] | None:
            return None if values is None else np.where(_DECIDED, values, 0)

        return JointCells(
            column=self.column,
            groups=self.groups,
            rows=kept(self.rows),  # type: ignore[arg-type]
            sums=kept(self.sums),  # type: ignore[arg-type]
            squares=kept(self.squares),  # type: ignore[arg-type]
        )

    def total(self) -> JointCells:
        """Add all groups up."""

        def add(values: NDArray[np.generic] | None) -> NDArray[np.generic] | None:
            return None if values is None else values.sum(axis=0, keepdims=True)

        return JointCells(
            column="",
            groups=("everyone",),
            rows=add(self.rows),  # type: ignore[arg-type]
            sums=add(self.sums),  # type: ignore[arg-type]
            squares=add(self.squares),  # type: ignore[arg-type]
        )

    def sum_where(self, cells: BoolArray, group: int) -> tuple[int, float, float]:
        """Add up some cells of a group: rows, weights and squared weights."""
        rows = int(self.rows[group, cells].sum())
        if self.sums is None or self.squares is None:
            return rows, float(rows), float(rows)
        return rows, float(self.sums[group, cells].sum()), float(self.squares[group, cells].sum())


def joint_cells(
    outcome: NDArray[np.int8],
    decisions: tuple[NDArray[np.int8], NDArray[np.int8]],
    *,
    codes: NDArray[np.integer] | None = None,
    groups: tuple[str, ...] = ("everyone",),
    column: str = "",
    weight: FloatArray | None = None,
) -> JointCells:
    """Count the rows of a pair of models.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    decisions : pair of int8 (n,)
        Of the first and of the second model, see `decisions_at`.
    codes : int (n,), optional
        Position of each row's group.
    groups : tuple of str
    column : str
    weight : float64 (n,), optional
    """
    first, second = decisions
    code = (outcome.astype(np.int64) * 3 + first) * 3 + second
    if codes is not None:
        code += codes.astype(np.int64) * CELLS
    size = CELLS * len(groups)

    def add(values: FloatArray | None) -> NDArray[np.generic]:
        return np.bincount(code, weights=values, minlength=size).reshape(len(groups), CELLS)

    sums = squares = None
    if weight is not None:
        sums, squares = add(weight), add(weight**2)
    return JointCells(
        column=column,
        groups=groups,
        rows=add(None).astype(np.int64),
        sums=sums,  # type: ignore[arg-type]
        squares=squares,  # type: ignore[arg-type]
    )


def decisions_at(score: FloatArray, threshold: float) -> NDArray[np.int8]:
    """Cut scores: approved when ``score >= threshold``, no decision without a finite score; int8 (n,)."""
    found = np.where(score >= threshold, APPROVED, DECLINED)
    return np.where(np.isfinite(score), found, NO_DECISION).astype(np.int8)


def confusions(cells: NDArray[np.number]) -> tuple[Confusion, Confusion]:
    """Return the confusion tables of both models, from cells (..., 27) of a group."""
    shaped = cells.reshape(*cells.shape[:-1], 3, 3, 3).astype(np.float64)
    flat = (*cells.shape[:-1], 9)
    return Confusion(shaped.sum(axis=-1).reshape(flat)), Confusion(shaped.sum(axis=-2).reshape(flat))


@dataclass(frozen=True, slots=True)
class _Rate:
    """A share of fixed rows: which outcomes they have, and which decision counts for each outcome."""

    labels: tuple[int, ...]
    counts: Callable[[NDArray[np.signedinteger], NDArray[np.signedinteger]], BoolArray]


def _approved(_: NDArray[np.signedinteger], decision: NDArray[np.signedinteger]) -> BoolArray:
    return np.asarray(decision == APPROVED)


def _declined(_: NDArray[np.signedinteger], decision: NDArray[np.signedinteger]) -> BoolArray:
    return np.asarray(decision == DECLINED)


def _right(label: NDArray[np.signedinteger], decision: NDArray[np.signedinteger]) -> BoolArray:
    return np.asarray((label == FAVOURABLE) == (decision == APPROVED))


#: Rates whose rows are the same under both models: the exact test of the rows that differ applies.
SAME_ROWS: dict[str, _Rate] = {
    "selection_rate": _Rate((0, 1, 2), _approved),
    "accuracy": _Rate((UNFAVOURABLE, FAVOURABLE), _right),
    "recall": _Rate((FAVOURABLE,), _approved),
    "fnr": _Rate((FAVOURABLE,), _declined),
    "fpr": _Rate((UNFAVOURABLE,), _approved),
    "tnr": _Rate((UNFAVOURABLE,), _declined),
}


def paired_rate(cells: JointCells, metric: str, group: int) -> PairedDifference:
    """Compare a rate of `SAME_ROWS` in one group, on the rows that both models decide about."""
    rate = SAME_ROWS[metric]
    inside = _DECIDED & np.isin(_LABEL, rate.labels)
    a, b = rate.counts(_LABEL, _A), rate.counts(_LABEL, _B)
    parts = [cells.sum_where(inside & part, group) for part in (a & b, a & ~b, ~a & b, ~a & ~b)]
    rows = [part[0] for part in parts]
    if not cells.is_weighted:
        return paired_counts(*rows)
    return paired_sums(rows, [part[1] for part in parts], [part[2] for part in parts])


def discordant(cells: JointCells, group: int, *, labelled: bool = True) -> int:
    """Count the rows about which the models decide differently; by default those with a known outcome."""
    where = _DECIDED & (_A != _B) & (_KNOWN if labelled else True)
    return cells.sum_where(where, group)[0]


def flipped(label: int, decision: int) -> BoolArray:
    """Mark the cells of rows with an outcome that the second model decides so, and the first otherwise; bool (27,)."""
    found: BoolArray = _DECIDED & (label == _LABEL) & (decision == _B) & (decision != _A)
    return found


def both_decide() -> BoolArray:
    """Mark the cells of rows that both models decide about, bool (27,)."""
    found: BoolArray = _DECIDED.copy()
    return found
