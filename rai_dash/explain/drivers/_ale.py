"""Adding up local effects, and the order of categories in which they are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import is_number, numbers
from rai_dash.explain._asking import FloatArray, IntArray
from rai_dash.explain.drivers._grid import Grid
from rai_dash.stats.intervals import z_value

#: Quantiles at which two distributions of numbers are compared.
_LOOKS = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Local:
    """Effects of single steps from one point to the next, along the path.

    Parameters
    ----------
    row, step : int64 (s,)
        Which row took which step.
    jump : float64 (s,)
        Score at the upper end less score at the lower end.
    at : int64 (points,)
        Rows at each point.
    is_numeric : bool
        Rows lie within the step before their point, else at their point.
    """

    row: IntArray
    step: IntArray
    jump: FloatArray
    at: IntArray
    is_numeric: bool


def accumulate(local: Local, *, anchor: int | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Add up the mean effects of the steps.

    Parameters
    ----------
    local : Local
        Single effects.
    anchor : int or None
        Give the change from this place of the path; None = centre by the rows.

    Returns
    -------
    value, low, high : float64 (points,)
        Every curve is a sum of mean effects with fixed weights; its variance follows from theirs. A category's rows
        take both steps beside it, so that neighbouring means are correlated. A step of one row borrows the pooled
        variance of the others; NaN limits where no step has two.
    """
    points = len(local.at)
    mean, covariance, taken = _step_means(local, points - 1)
    weights = np.tril(np.ones((points, points - 1)), -1)
    weights = weights - (_centre(local, weights, taken) if anchor is None else weights[anchor])
    half = z_value(0.95) * np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", weights, covariance, weights), 0.0))
    value = weights @ mean
    return value, value - half, value + half


def _centre(local: Local, weights: FloatArray, taken: IntArray) -> FloatArray:
    """Return the weights of the curve's mean over the rows."""
    if len(weights) < 2:
        return np.zeros(weights.shape[1])
    if local.is_numeric:
        centre: FloatArray = taken @ (weights[1:] + weights[:-1]) / (2.0 * taken.sum())
    else:
        centre = local.at @ weights / local.at.sum()
    return centre


def _step_means(local: Local, steps: int) -> tuple[FloatArray, FloatArray, IntArray]:
    """Average the jumps of each step; return means, their covariance and how many rows took the step."""
    taken = np.bincount(local.step, minlength=steps)
    mean = np.bincount(local.step, local.jump, minlength=steps) / np.maximum(taken, 1)
    rest = local.jump - mean[local.step] if steps else local.jump
    squares = np.bincount(local.step, rest**2, minlength=steps)
    free = int(np.maximum(taken - 1, 0).sum())
    pooled = squares.sum() / free if free else np.nan
    variance = np.where(taken > 1, squares / np.maximum(taken - 1, 1), pooled) / np.maximum(taken, 1)
    covariance = np.diag(variance)
    if not local.is_numeric:
        # Rows in the middle took two steps, listed upwards first: their leftovers meet in the covariance.
        order = np.lexsort((local.step, local.row))
        row, step, left = local.row[order], local.step[order], rest[order]
        pair = np.flatnonzero(row[1:] == row[:-1])
        both = np.bincount(step[pair], left[pair] * left[pair + 1], minlength=steps)[: max(steps - 1, 0)]
        shared = both / np.maximum(taken[1:] * taken[:-1], 1)
        covariance += np.diag(shared, 1) + np.diag(shared, -1)
    return mean, covariance, taken


def similar_order(frame: pd.DataFrame, grid: Grid, *, skip: Sequence[str]) -> NDArray[np.int64]:
    """Order the categories so that neighbours are alike in the other columns.

    Distances are added over columns: the largest difference of two cumulative distributions for numbers, half the
    sum of absolute differences of shares for categories; one dimension of classical scaling gives the order.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        Rows.
    grid : Grid
        Of a column of categories.
    skip : sequence of str
        Columns that do not count: the chosen one and those linked with it.

    References
    ----------
    Apley, D. W., Zhu, J. (2020), supplement; as in their R package ALEPlot.
    """
    k = len(grid.donors)
    if k < 3:
        return np.arange(k)
    inside = grid.codes >= 0
    codes, sizes = grid.codes[inside], grid.counts
    distance = np.zeros((k, k))
    for name in frame.columns:
        if name not in skip:
            distance += _apart(frame[name][inside], codes, sizes)
    centring = np.eye(k) - 1.0 / k
    _, vectors = np.linalg.eigh(-0.5 * centring @ distance**2 @ centring)
    place = np.round(vectors[:, -1], 12)  # so that rounding does not turn the order of what is alike
    return np.argsort(place if place[0] <= place[-1] else -place, kind="stable")


def _apart(series: pd.Series, codes: IntArray, sizes: IntArray) -> FloatArray:
    """Return how different one column is between categories, float64 (k, k); blanks are left out of numbers."""
    k = len(sizes)
    if is_number(series):
        x = numbers(series)
        known = ~np.isnan(x)
        looks = np.quantile(x[known], np.linspace(0.0, 1.0, _LOOKS)) if known.any() else np.empty(0)
        looks = np.unique(looks)
        bins = np.searchsorted(looks, x[known], side="left")
        counts = _crossed(codes[known], bins, k, looks.size + 1)
        shares = np.cumsum(counts, axis=1) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        gaps: FloatArray = np.abs(shares[:, None] - shares[None]).max(axis=2)
        return gaps
    found, names = pd.factorize(series, use_na_sentinel=False)
    shares = _crossed(codes, found, k, len(names)) / np.maximum(sizes[:, None], 1)
    halves: FloatArray = 0.5 * np.abs(shares[:, None] - shares[None]).sum(axis=2)
    return halves


def _crossed(first: IntArray, second: NDArray[np.int64], k: int, m: int) -> IntArray:
    return np.bincount(first * m + second, minlength=k * m).reshape(k, m)
