"""One pass over typed columns for the review band: group x label x recorded decision x score cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES, NO_SCORE
from rai_dash.core.counts import N_LABELS, GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import N_DECISIONS, NO_DECISION, ReviewCube, check_edges
from rai_dash.core.rows import CountedRows
from rai_dash.core.texts import tr
from rai_dash.core.types import UNKNOWN
from rai_dash.data.counting import count, not_negative
from rai_dash.data.groups import GroupIndex

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def review_cube(
    outcome: NDArray[np.int8],
    scores: FloatArray,
    index: GroupIndex | None,
    *,
    weight: FloatArray | None = None,
    amount: FloatArray | None = None,
    decision: NDArray[np.int8] | None = None,
    edges: FloatArray = EDGES,
) -> ReviewCube:
    """Count rows for the review band, exactly for every cut among the edges.

    Columns are aligned by position. Scores are widened to float64 before anything is compared: the float32
    nearest to 0.7 lies below 0.7.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    scores : float64 (n,)
        Probability of the favourable outcome in [0, 1]; NaN or infinite = no score.
    index : GroupIndex or None
        Group of each row; None = everyone in one group.
    weight : float64 (n,) or None
        Not negative; blank (NaN) = 1. None = every weight is 1.
    amount : float64 (n,) or None
        Money at stake, not negative; blank (NaN) counts 0.
    decision : int8 (n,) or None
        What a person decided: 0 refused, 1 approved, 2 nothing recorded. None = nothing recorded for any row.
    edges : float64 (k,)
        Strictly ascending cuts in [0, 1]; the thousandths by default. See `edges_of` for one band off that grid.

    Raises
    ------
    InvalidChoice
        When a finite score lies outside [0, 1], the columns differ in length, a decision is none of the
        three, or the edges do not ascend.
    InvalidRoles
        When a weight or an amount is negative or infinite.
    """
    counts = count(np.asarray(outcome), np.asarray(scores, np.float64), index, weight=weight)
    return cube_of_counts(counts, amount=amount, decision=decision, edges=edges)


def cube_of_counts(
    counts: GroupCounts,
    *,
    amount: FloatArray | None = None,
    decision: NDArray[np.int8] | None = None,
    edges: FloatArray = EDGES,
) -> ReviewCube:
    """Count rows for the review band that are already counted by group, while they are in memory.

    Parameters
    ----------
    counts : GroupCounts
        With its rows.
    amount, decision, edges
        As of `review_cube`, in the order of those rows.

    Raises
    ------
    InvalidChoice, InvalidRoles
        As of `review_cube`; also when the rows are no longer in memory.
    """
    rows = counts.rows
    if rows is None:
        msg = tr("The rows behind these counts are no longer in memory. Open the file again.")
        raise InvalidChoice(msg)
    edges = np.asarray(edges, np.float64)
    check_edges(edges)
    _check_length("decision", decision, rows.score.size)
    _check_length("amount", amount, rows.score.size)
    shape = (counts.n_groups, N_LABELS, N_DECISIONS, edges.size + 2)
    code = cube_codes(rows, decision, edges)

    def sums(values: FloatArray) -> FloatArray:
        found = np.bincount(code, weights=values, minlength=int(np.prod(shape)))
        return found.astype(np.float64, copy=False).reshape(shape)

    weighted = rows.weight
    amounts = None
    if amount is not None:
        amounts = not_negative(np.asarray(amount, np.float64), "amount", blank=0.0)
    return ReviewCube(
        column=counts.column,
        groups=counts.groups,
        edges=edges,
        rows=np.bincount(code, minlength=int(np.prod(shape))).reshape(shape),
        weight=None if weighted is None else sums(weighted),
        weight_sq=None if weighted is None else sums(weighted**2),
        amount=None if amounts is None else sums(amounts if weighted is None else amounts * weighted),
        amount_missing=_missing(rows, amount, counts.n_groups),
    )


def cube_codes(rows: CountedRows, decision: NDArray[np.int8] | None, edges: FloatArray) -> IntArray:
    """Return the position of each row in the flat cube with some edges, int64 (n,).

    Raises
    ------
    InvalidChoice
        When a decision is none of the three.
    """
    code = rows.group.astype(np.int64)
    code *= N_LABELS
    code += rows.label
    code *= N_DECISIONS
    code += _decisions(decision)
    code *= edges.size + 2
    code += _cells(rows, edges)
    return code


def _cells(rows: CountedRows, edges: FloatArray) -> IntArray:
    """Return how many edges are at most each score; one more than all of them where there is no score."""
    if np.isin(edges, EDGES).all():
        # No such edge lies inside a thousandth, so the cell on the grid decides, and that is known already.
        cell_of = np.append(np.searchsorted(edges, EDGES, side="right"), edges.size + 1)
        return cell_of[rows.cell].astype(np.int64, copy=False)
    cells = np.searchsorted(edges, rows.score, side="right").astype(np.int64, copy=False)
    cells[rows.cell == NO_SCORE] = edges.size + 1
    return cells


def _decisions(decision: NDArray[np.int8] | None) -> NDArray[np.int8] | int:
    """Check recorded decisions."""
    if decision is None:
        return NO_DECISION
    decision = np.asarray(decision)
    wrong = np.flatnonzero(~np.isin(decision, (0, 1, NO_DECISION)))
    if wrong.size:
        msg = tr(
            "{size} recorded decisions are none of 0 (refused), 1 (approved), 2 (none) (first: "
            "{decision} in row {wrong}). State which values of the column mean what.",
            size=f"{wrong.size:,}",
            decision=decision[wrong[0]],
            wrong=f"{wrong[0] + 1:,}",
        )
        raise InvalidChoice(msg)
    return decision.astype(np.int8, copy=False)


def _missing(rows: CountedRows, amount: FloatArray | None, n_groups: int) -> IntArray:
    """Count the labelled rows with a blank amount, by group."""
    if amount is None:
        return np.zeros(n_groups, np.int64)
    blank = np.isnan(np.asarray(amount, np.float64)) & (rows.label != UNKNOWN)
    return np.bincount(rows.group[blank], minlength=n_groups)


def _check_length(name: str, values: NDArray[np.generic] | None, size: int) -> None:
    """Refuse a column of another length, which would pair up the wrong rows."""
    if values is not None and np.shape(values) != (size,):
        msg = tr(
            "`{name}` has {size} values for {size_2} rows. Take all columns from the same rows.",
            name=name,
            size=f"{np.size(values):,}",
            size_2=f"{size:,}",
        )
        raise InvalidChoice(msg)
