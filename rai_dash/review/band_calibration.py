"""Whether the score means what it says for the people a person decides: review-band.md section 9."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.estimates import plain
from rai_dash.core.types import FAVOURABLE, Estimate, ReviewBand
from rai_dash.review.rows import TO_A_PERSON, Rows, row_routes, rows_of
from rai_dash.stats.shares import share_estimates

FloatArray = NDArray[np.float64]
CELLS = 5
NO_ROWS = "nobody in the band has both a score and a known outcome"
OPEN_END = "a band with an open end has no equal cells"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibrationCells:
    """Equal cells of [lo, hi); float64 (cells,), NaN in an empty one.

    Parameters
    ----------
    edges : float64 (cells + 1,)
        From lo to hi.
    weight : float64 (cells,)
        Rows, or their weights.
    mean_score, observed : float64 (cells,)
        Weighted mean of the scores, and share of favourable outcomes.
    """

    edges: FloatArray
    weight: FloatArray
    mean_score: FloatArray
    observed: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandCalibration:
    """Scores against outcomes of the rows that go to a person with a score and whose outcome is known.

    Parameters
    ----------
    n : int
        Such rows, whatever their weight; with 0 everything else is None.
    mean_score : float or None
        Weighted mean of the scores.
    observed : Estimate
        Weighted share of favourable outcomes, Wilson's interval on Kish's size.
    gap : float or None
        Mean score less observed: above 0 the score is too hopeful.
    brier : float or None
        Weighted mean of (score - outcome) squared.
    ece : float or None
        Expected calibration error on the cells; None also where an end is open.
    ece_reason : str or None
        Why there is none.
    cells : CalibrationCells or None
        What the calibration error is made of; None where there is none.
    """

    n: int
    mean_score: float | None
    observed: Estimate
    gap: float | None
    brier: float | None
    ece: float | None
    ece_reason: str | None
    cells: CalibrationCells | None

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values; undefined = None."""
        observed, cells = self.observed, self.cells
        return {
            "n": self.n,
            "mean_score": self.mean_score,
            "observed": observed.value,
            "low": observed.low,
            "high": observed.high,
            "gap": self.gap,
            "brier": self.brier,
            "ece": self.ece,
            "reason": observed.reason or self.ece_reason,
            "cells": [] if cells is None else _cells_json(cells),
        }


def _cells_json(cells: CalibrationCells) -> list[dict[str, float | None]]:
    """Return one entry a cell."""
    columns = zip(
        cells.edges[:-1], cells.edges[1:], cells.weight, cells.mean_score, cells.observed, strict=True
    )
    names = ("from", "to", "weight", "mean_score", "observed")
    return [{name: plain(x) for name, x in zip(names, cell, strict=True)} for cell in columns]


def band_calibration(
    score: ArrayLike,
    label: ArrayLike,
    band: ReviewBand,
    *,
    weight: ArrayLike | None = None,
    cells: int = CELLS,
) -> BandCalibration:
    """Compare scores with outcomes inside the band.

    Parameters
    ----------
    score : float (n,)
        Widened to float64; rows without a finite score are not counted.
    label : int8 (n,)
        1 favourable, 0 unfavourable; rows with another label are not counted.
    band : ReviewBand
        An open end reaches to the end of the scores.
    weight : float64 (n,), optional
        Blank = 1.
    cells : int
        Equal cells of the calibration error.

    Examples
    --------
    >>> found = band_calibration([0.4, 0.5, 0.9], [0, 1, 1], ReviewBand(0.3, 0.5, 0.7))
    >>> found.n, round(found.gap, 3), round(found.brier, 3)
    (2, -0.05, 0.205)
    """
    rows = rows_of(score, label, weight)
    rows = rows.where(rows.has_score & rows.has_label & (row_routes(rows.score, band) == TO_A_PERSON))
    favourable = (rows.label == FAVOURABLE).astype(np.float64)
    w, total = rows.weight, rows.weight.sum(keepdims=True)
    shares = share_estimates(
        (w * favourable).sum(keepdims=True), total, squares=(w**2).sum(keepdims=True), undefined=NO_ROWS
    )
    observed = shares.at(0)
    if observed.value is None:
        return BandCalibration(
            n=rows.score.size, mean_score=None, observed=observed, gap=None, brier=None, ece=None,
            ece_reason=NO_ROWS, cells=None,
        )  # fmt: skip
    mean = float(w @ rows.score / total[0])
    found = None if band.lo is None or band.hi is None else _cells(rows, favourable, band.lo, band.hi, cells)
    return BandCalibration(
        n=rows.score.size,
        mean_score=mean,
        observed=observed,
        gap=mean - observed.value,
        brier=float(w @ (rows.score - favourable) ** 2 / total[0]),
        ece=None if found is None else _expected_error(found),
        ece_reason=OPEN_END if found is None else None,
        cells=found,
    )


def _cells(rows: Rows, favourable: FloatArray, lo: float, hi: float, cells: int) -> CalibrationCells:
    """Put the rows into equal cells of [lo, hi)."""
    cell = np.minimum(cells - 1, np.trunc((rows.score - lo) / (hi - lo) * cells).astype(np.int64))

    def sums(values: FloatArray) -> FloatArray:
        return np.bincount(cell, weights=values, minlength=cells).astype(np.float64)

    weight = sums(rows.weight)
    with np.errstate(invalid="ignore"):
        mean_score, observed = (
            sums(rows.weight * rows.score) / weight,
            sums(rows.weight * favourable) / weight,
        )
    edges = lo + (hi - lo) * np.arange(cells + 1) / cells
    return CalibrationCells(edges=edges, weight=weight, mean_score=mean_score, observed=observed)


def _expected_error(cells: CalibrationCells) -> float:
    """Average the distance of score and outcome over the cells that hold somebody."""
    filled = cells.weight > 0
    distance = np.abs(cells.mean_score - cells.observed)[filled]
    return float(cells.weight[filled] @ distance / cells.weight.sum())
