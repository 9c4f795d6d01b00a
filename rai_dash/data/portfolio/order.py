"""Exact quantiles of a column that stays where it is, to the bit those of ``numpy.quantile``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.portfolio.distinct import (
    FEW_VALUES,
    Distinct,
    distinct_numbers,
    first_numbers,
    known_rows,
    of_ranks,
)
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.rank_search import By, order_statistics, order_statistics_by

__all__ = [
    "FEW_VALUES", "By", "Distinct", "distinct_numbers", "first_numbers", "known_rows", "neighbours", "of_ranks",
    "order_statistics", "order_statistics_by", "places_around", "quantiles", "quantiles_by", "quantiles_by_rank",
]  # fmt: skip
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def quantiles(portfolio: Portfolio, column: str, at: Sequence[float]) -> FloatArray:
    """Compute quantiles of a column of numbers, equal to ``numpy.quantile`` of all its rows to the bit.

    Parameters
    ----------
    at : sequence of float (q,)
        In [0, 1].

    Returns
    -------
    float64 (q,)
        Linear interpolation between the two nearest values (Hyndman and Fan's definition 7); NaN without a value.
    """
    few = distinct_numbers(portfolio, column)
    if few is not None:
        return quantiles_by_rank(few.n, at, lambda ranks: of_ranks(few, ranks))
    guide = first_numbers(portfolio, column)
    n = known_rows(portfolio, column, guide)
    return quantiles_by_rank(n, at, lambda ranks: order_statistics(portfolio, column, ranks, guide))


def quantiles_by_rank(n: int, at: Sequence[float], value_at: Callable[[IntArray], FloatArray]) -> FloatArray:
    """Compute quantiles of ``n`` sorted rows as ``numpy.quantile`` does, from the values at some of their places.

    Parameters
    ----------
    value_at : callable
        Takes places, int64 ascending, 0 = the smallest, and returns the values there.
    """
    if n == 0:
        return np.full(len(at), np.nan)
    a, b, t = neighbours(n, at, value_at)
    return _between(a, b, t)


def neighbours(
    n: int, at: Sequence[float], value_at: Callable[[IntArray], FloatArray]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the two values that each quantile lies between, and how far it is from the lower one, 0 to 1."""
    place, low, high = places_around(n, at)
    ranks = np.unique(np.concatenate([low, high]))
    values = value_at(ranks)
    a, b = (values[np.searchsorted(ranks, side)] for side in (low, high))
    return a, b, place - low


def places_around(n: int, at: Sequence[float]) -> tuple[FloatArray, IntArray, IntArray]:
    """Return where each quantile lies among sorted rows, and the places of its two neighbours."""
    place = (n - 1) * np.asarray(at, np.float64)
    low = np.floor(place).astype(np.int64)
    return place, low, np.minimum(low + 1, n - 1)


def quantiles_by(
    portfolio: Portfolio,
    column: str,
    at: Sequence[float],
    *,
    by: By,
    sizes: Mapping[int, int],
    guide: FloatArray,
) -> dict[int, FloatArray]:
    """Compute quantiles of a column of numbers in each category, equal to ``numpy.quantile`` of its rows.

    Parameters
    ----------
    at : sequence of float (q,)
        In [0, 1].
    by : By
        The categories.
    sizes : mapping of int to int
        Rows with a number by category, at least one each; only these categories are looked at.
    guide : float64 (m,)
        Some of the numbers, ascending, that say where to look.
    """
    ranks = {g: np.unique(np.concatenate(places_around(n, at)[1:])) for g, n in sizes.items()}
    found = order_statistics_by(portfolio, column, ranks, by, guide)

    def of(group: int, n: int) -> FloatArray:
        # The places that are asked for are those just looked for.
        return quantiles_by_rank(n, at, lambda _: found[group])

    return {g: of(g, n) for g, n in sizes.items()}


def _between(a: FloatArray, b: FloatArray, t: FloatArray) -> FloatArray:
    """Interpolate with the operations of numpy, which start from the nearer end."""
    step = b - a
    out: FloatArray = np.where(t >= 0.5, b - step * (1.0 - t), a + step * t)
    return out
