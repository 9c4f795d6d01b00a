"""One pass over typed columns: group x label x score cell, and what cells would blur."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import N_CELLS, score_cells
from rai_dash.core.counts import EVERYONE, N_LABELS, CountedRows, GroupCounts
from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.core.figures import RowFigures, ScoreSums
from rai_dash.core.once import Once
from rai_dash.core.texts import tr
from rai_dash.core.types import UNKNOWN
from rai_dash.data.groups import GroupIndex
from rai_dash.stats.auc import auc
from rai_dash.stats.blocks import Blocks, blocks_of_rows
from rai_dash.stats.calibration import recalibrate

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Rows counted at a time: their codes stay in the processor's cache.
_BLOCK = 1 << 18


def count(
    outcome: NDArray[np.int8],
    scores: FloatArray,
    index: GroupIndex | None,
    *,
    weight: FloatArray | None = None,
) -> GroupCounts:
    """Count rows by group, label and score cell.

    Figures that need rows (mean score, Brier, AUC, calibration) are computed when first asked for and
    kept; cuts between two cells look at the rows of one cell.

    Parameters
    ----------
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    scores : float64 (n,)
        Probability of the favourable outcome; NaN or infinite = no score.
    index : GroupIndex or None
        Group of each row; None = everyone in one group.
    weight : float64 (n,) or None
        Not negative; blank (NaN) = 1. None = every weight is 1.

    Raises
    ------
    InvalidChoice
        When a finite score lies outside [0, 1], or the columns differ in length.
    InvalidRoles
        When a weight is negative or infinite.
    """
    _check_lengths(outcome, scores, index, weight)
    _check_scores(scores)
    groups = (EVERYONE,) if index is None else index.groups
    codes = np.broadcast_to(np.int32(0), scores.shape) if index is None else index.codes
    rows = CountedRows(
        score=scores,
        label=outcome,
        cell=score_cells(scores),
        group=codes,
        weight=None if weight is None else not_negative(weight, "weight", blank=1.0),
        figures_of=row_figures,
    )
    weighted = weighted_sq = None
    if rows.weight is not None:
        weighted = _cell_sums(rows, len(groups), rows.weight)
        weighted_sq = _cell_sums(rows, len(groups), rows.weight**2)
    return GroupCounts(
        column="" if index is None else index.column,
        groups=groups,
        counts=_cell_counts(rows, len(groups)),
        weighted=weighted,
        weighted_sq=weighted_sq,
        rows=rows,
        score_sums=Once(lambda: score_sums(rows, len(groups))),
        figures=rows.figures(len(groups)),
    )


def score_sums(rows: CountedRows, n_groups: int) -> ScoreSums:
    """Sum scores and squared errors by group and label over the rows with a score."""
    has_score = np.isfinite(rows.score)
    score = np.where(has_score, rows.score, 0.0)
    weight = has_score.astype(np.float64)
    if rows.weight is not None:
        weight *= rows.weight
    squared_error = np.where(rows.label == UNKNOWN, 0.0, (score - rows.label) ** 2)
    code = rows.group.astype(np.int64) * N_LABELS + rows.label
    sums = [
        _weighted_bincount(code, weight * values, n_groups * N_LABELS)
        for values in (score, score**2, squared_error, squared_error**2)
    ]
    return ScoreSums(np.stack(sums, axis=1).reshape(n_groups, N_LABELS, 4))


def row_figures(rows: CountedRows, n_groups: int) -> RowFigures:
    """Compute AUC and calibration of each group from rows."""
    return block_figures(
        blocks_of_rows(rows.score, rows.label, group=rows.group, n_groups=n_groups, weight=rows.weight)
    )


def block_figures(blocks: Blocks) -> RowFigures:
    """Compute AUC and calibration of each group from blocks of rows with one score each."""
    ranking, calibration = auc(blocks), recalibrate(blocks)
    return RowFigures(
        auc=ranking.auc,
        auc_low=ranking.low,
        auc_high=ranking.high,
        calibration_intercept=calibration.intercept,
        calibration_intercept_low=calibration.intercept_low,
        calibration_intercept_high=calibration.intercept_high,
        calibration_slope=calibration.slope,
        calibration_slope_low=calibration.slope_low,
        calibration_slope_high=calibration.slope_high,
    )


def _cell_counts(rows: CountedRows, n_groups: int) -> IntArray:
    """Count rows by group, label and cell."""
    size = n_groups * N_LABELS * N_CELLS
    block = max(_BLOCK, size)
    total = np.zeros(size, dtype=np.int64)
    for start in range(0, rows.score.size, block):
        total += np.bincount(_codes(rows, slice(start, start + block)), minlength=size)
    return total.reshape(n_groups, N_LABELS, N_CELLS)


def _cell_sums(rows: CountedRows, n_groups: int, values: FloatArray) -> FloatArray:
    """Sum one number a row by group, label and cell."""
    size = n_groups * N_LABELS * N_CELLS
    return _weighted_bincount(_codes(rows, slice(None)), values, size).reshape(n_groups, N_LABELS, N_CELLS)


def _weighted_bincount(code: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Sum values by code; the stub of numpy calls the result integers, which they are without weights."""
    return np.bincount(code, weights=values, minlength=size).astype(np.float64, copy=False)


def _codes(rows: CountedRows, part: slice) -> IntArray:
    """Return the position of some rows in the flat array of counts."""
    code = rows.group[part].astype(np.int64)
    code *= N_LABELS
    code += rows.label[part]
    code *= N_CELLS
    code += rows.cell[part]
    return code


def not_negative(values: FloatArray, name: str, *, blank: float) -> FloatArray:
    """Fill the blanks of a column of weights or amounts, and refuse what is none.

    Parameters
    ----------
    values : float64 (n,)
        NaN = blank.
    name : str
        What one of them is called: ``"weight"`` or ``"amount"``.
    blank : float
        What a blank stands for.

    Raises
    ------
    InvalidRoles
        When a number is negative or infinite.
    """
    clean = np.where(np.isnan(values), blank, values)
    wrong = np.flatnonzero((clean < 0) | np.isinf(clean))
    if wrong.size:
        msg = tr(
            "{size} {name}s are negative or infinite (first: {clean} in row {wrong}). Choose another "
            "{name} column, or none.",
            size=f"{wrong.size:,}",
            name=name,
            clean=f"{clean[wrong[0]]:g}",
            wrong=f"{wrong[0] + 1:,}",
        )
        raise InvalidRoles(msg)
    return clean


def _check_scores(scores: FloatArray) -> None:
    """Refuse finite scores outside [0, 1]: no cut could be right about them."""
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(((scores < 0.0) | (scores > 1.0)) & np.isfinite(scores))
    if wrong.size:
        msg = tr(
            "{size} scores lie outside 0 to 1 (first: {scores} in row {wrong}). State the scale of the "
            "score.",
            size=f"{wrong.size:,}",
            scores=f"{scores[wrong[0]]:g}",
            wrong=f"{wrong[0] + 1:,}",
        )
        raise InvalidChoice(msg)


def _check_lengths(
    outcome: NDArray[np.int8], scores: FloatArray, index: GroupIndex | None, weight: FloatArray | None
) -> None:
    """Refuse columns of different lengths, which would pair up the wrong rows."""
    sizes = {"outcome": outcome.size, "scores": scores.size}
    if index is not None:
        sizes["groups"] = index.codes.size
    if weight is not None:
        sizes["weight"] = weight.size
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
        msg = tr(
            "The columns to be counted differ in length: {listed}. Take all of them from the same rows.",
            listed=listed,
        )
        raise InvalidChoice(msg)
