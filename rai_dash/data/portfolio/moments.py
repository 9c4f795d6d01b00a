"""Pearson's correlation of columns that stay where they are, from sums over the rows where both of a pair are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.portfolio.order import distinct_numbers, first_numbers
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Factor, Tally, Within

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Product = tuple[Factor, ...]
Pair = tuple[int, int]
#: Sums of one question: an engine reads the table once for all of them.
_WIDE: Final = 300
#: Spread of a column over some rows, beside that over all of its rows, below which sums would round too much.
LEAST_SPREAD: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Centres:
    """Columns of numbers with their means: what is summed is the distance from them, so that sums keep their digits.

    Parameters
    ----------
    columns : tuple of str (k,)
    mean : float64 (k,)
        Of the known values; 0 where there is none.
    n : int64 (k,)
        Rows with a number.
    rows : int
        Rows in all.
    """

    columns: tuple[str, ...]
    mean: FloatArray
    n: IntArray
    rows: int

    def factor(self, i: int, power: int = 1) -> Factor:
        """Return the distance of column ``i`` from its mean, as part of a product."""
        return Factor(column=self.columns[i], minus=float(self.mean[i]), power=power)

    def has_blanks(self, i: int) -> bool:
        """Whether column ``i`` is blank anywhere."""
        return bool(self.n[i] < self.rows)


def centres_of(portfolio: Portfolio, columns: Sequence[str], where: tuple[Within, ...] = ()) -> Centres:
    """Compute the means of some columns in one pass, from sums shifted by the mean of the first rows."""
    if not columns:
        return Centres((), np.empty(0), np.empty(0, np.int64), portfolio.n_rows)
    first = [first_numbers(portfolio, c) for c in columns]
    guide = np.array([float(f.mean()) if f.size else 0.0 for f in first])
    sums = tuple((Factor(column=c, minus=g),) for c, g in zip(columns, guide.tolist(), strict=True))
    found = portfolio.tally(Tally(sums=sums, where=where))
    n = np.array([int(found.used(i)[0]) for i in range(len(columns))], np.int64)
    total = np.array([float(found.sums(i)[0]) for i in range(len(columns))])
    return Centres(tuple(columns), guide + total / np.maximum(n, 1), n, int(found.n[0]))


def correlations_of(
    portfolio: Portfolio, centres: Centres, pairs: Iterable[Pair]
) -> dict[Pair, tuple[float, int]]:
    """Compute Pearson's correlation of some pairs of columns.

    Parameters
    ----------
    centres : Centres
        Of the columns.
    pairs : iterable of (int, int)
        Positions among them.

    Returns
    -------
    dict of (int, int) to (float, int)
        The correlation over the rows where both are known, NaN where either is constant there; and those rows. Equal
        to `rai_dash.data.linear.correlations` of all rows but for rounding.
    """
    wanted = list(pairs)
    sums = {pair: _sums_of(centres, *pair) for pair in wanted}
    alone = [(centres.factor(i, 2),) for i in range(len(centres.columns))]
    found = _summed(portfolio, [*alone, *(p for of in sums.values() for p in of)])
    spread = np.array([found[product][0] for product in alone]) / np.maximum(centres.n, 1)
    return {
        (i, j): _correlation(portfolio, centres, (i, j), [found[p] for p in sums[i, j]], spread[[i, j]])
        for i, j in wanted
    }


def _sums_of(centres: Centres, i: int, j: int) -> tuple[Product, ...]:
    """List what a pair needs: the sums of x, y, x², y² and x y over the rows where both are known."""

    def kept(one: int, other: int, power: int) -> Product:
        known = (centres.factor(other, 0),) if centres.has_blanks(other) and one != other else ()
        return (centres.factor(one, power), *known)

    cross = (centres.factor(i, 2),) if i == j else (centres.factor(min(i, j)), centres.factor(max(i, j)))
    return kept(i, j, 1), kept(j, i, 1), kept(i, j, 2), kept(j, i, 2), cross


def _summed(portfolio: Portfolio, products: Iterable[Product]) -> dict[Product, tuple[float, int]]:
    """Sum products over all rows, each once, many in one question; with the rows that each is of."""
    out: dict[Product, tuple[float, int]] = {}
    every = tuple(dict.fromkeys(products))
    for start in range(0, len(every), _WIDE):
        part = every[start : start + _WIDE]
        answer = portfolio.tally(Tally(sums=part))
        out |= {p: (float(answer.sums(i)[0]), int(answer.used(i)[0])) for i, p in enumerate(part)}
    return out


def _correlation(
    portfolio: Portfolio,
    centres: Centres,
    pair: Pair,
    sums: Sequence[tuple[float, int]],
    spread: FloatArray,
) -> tuple[float, int]:
    """Put the sums of a pair together; where a column has almost no spread over its rows they are taken again."""
    x, y, xx, yy, xy = (value for value, _ in sums)
    n = sums[4][1]
    if n < 2:
        return np.nan, n
    square = np.array([xx - x**2 / n, yy - y**2 / n])
    if not (square > LEAST_SPREAD * n * spread).all():
        return _alone(portfolio, [centres.columns[i] for i in pair]), n
    return _ratio(xy - x * y / n, square), n


def _ratio(product: float, square: FloatArray) -> float:
    size = float(np.sqrt(square[0]) * np.sqrt(square[1]))
    return float(np.clip(product / size, -1.0, 1.0)) if size > 0 else np.nan


def _alone(portfolio: Portfolio, columns: Sequence[str]) -> float:
    """Correlate two columns from sums around their means over the rows where both are known."""
    where = tuple(Within(column=c) for c in columns)
    if any(is_constant(portfolio, c, where) for c in columns):
        return np.nan
    near = centres_of(portfolio, columns, where)
    sums = [(near.factor(0, 2),), (near.factor(1, 2),), (near.factor(0), near.factor(1))]
    answer = portfolio.tally(Tally(sums=tuple(sums), where=where))
    first, second, cross = (float(answer.sums(i)[0]) for i in range(3))
    return _ratio(cross, np.array([first, second]))


def is_constant(portfolio: Portfolio, column: str, where: tuple[Within, ...] = ()) -> bool:
    """Whether a column of numbers has one value; a variance would be a rounding error then, not 0."""
    # Two: 0.0 and -0.0 are one value here and two on some engines.
    found = distinct_numbers(portfolio, column, where=where, most=2)
    return found is not None and found.values.size <= 1
