"""Rows of a portfolio that come here: a stratified sample in which every row has the same chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.portfolio.levels import Cross, cross_of, levels_of
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Tally

IntArray = NDArray[np.int64]
#: Rows that the smallest group that is reported should have in the sample.
ROWS_A_GROUP: Final = 100
#: Groups with fewer rows in all are too small to be reported on, and do not make the sample larger.
SMALLEST: Final = 1_000
#: Candidates beyond what is needed, so that no stratum runs short.
_SPARE: Final = 1.3


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Some rows of a portfolio.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        In plain types, in the order of the table.
    positions : int64 (n,)
        Place of each row in the table.
    """

    frame: pd.DataFrame
    positions: IntArray


def draw_sample(portfolio: Portfolio, roles: Roles, *, seed: int = 0) -> Sample:
    """Draw rows with equal chances, each stratum of outcome and groups by its share.

    Parameters
    ----------
    portfolio : Portfolio
        The rows.
    roles : Roles
        Target and sensitive columns make the strata; without any all rows are one.
    seed : int
        The same seed draws the same rows of the same table.

    Notes
    -----
    Places are shared among the strata by largest remainders, so that the sample has the shares of the table. It is as
    large as the smallest group of at least ``SMALLEST`` rows needs to have ``ROWS_A_GROUP`` of them, within the limits
    of the settings (``sample_rows``, ``most_sample_rows``).
    """
    strata = _strata(portfolio, roles)
    sizes = _sizes(portfolio, strata)
    size = _size(portfolio, strata, sizes)
    mark = _marks(portfolio.n_rows, seed)
    if portfolio.n_rows <= size:
        every = np.arange(portfolio.n_rows, dtype=np.int64)
        return Sample(portfolio.pick(every), every)
    cut = np.uint64(min(_SPARE * size / portfolio.n_rows + 1e-4, 1.0) * (2**64 - 1))
    candidates = np.flatnonzero(mark <= cut).astype(np.int64)
    frame = portfolio.pick(candidates)
    codes = np.zeros(len(frame), np.int64) if strata is None else strata.codes_of(frame).astype(np.int64)
    kept = _first_of_each(codes, mark[candidates], _quotas(sizes, size))
    return Sample(frame.iloc[kept].reset_index(drop=True), candidates[kept])


def _strata(portfolio: Portfolio, roles: Roles) -> Cross | None:
    """Cross the outcome with as many sensitive columns as there are cells for."""
    columns = [c for c in (roles.target, *roles.sensitive) if c is not None]
    parts, cells = [], 1
    for column in columns:
        levels = levels_of(portfolio, column, roles.bins.get(column))
        cells *= len(levels.groups)
        if cells > _MOST_STRATA:
            break
        parts.append(levels)
    return cross_of(parts) if parts else None


#: More strata than this would hold fewer rows each than can be shared out.
_MOST_STRATA: Final = 1_000


def _sizes(portfolio: Portfolio, strata: Cross | None) -> IntArray:
    if strata is None:
        return np.array([portfolio.n_rows], np.int64)
    answer = portfolio.tally(Tally(keys=strata.keys))
    found = np.zeros(len(strata.groups), np.int64)
    np.add.at(found, strata.codes(answer), answer.n)
    return found


def _size(portfolio: Portfolio, strata: Cross | None, sizes: IntArray) -> int:
    """Say how many rows are needed."""
    settings = get_settings()
    wanted = settings.sample_rows
    for axis, part in enumerate(strata.parts if strata else ()):
        shape = [len(p.groups) for p in (strata.parts if strata else ())]
        others = tuple(i for i in range(len(shape)) if i != axis)
        groups = sizes.reshape(shape).sum(axis=others)
        large = groups[groups >= SMALLEST]
        if large.size and len(part.groups) > 1:
            wanted = max(wanted, math.ceil(ROWS_A_GROUP * portfolio.n_rows / int(large.min())))
    return min(wanted, settings.most_sample_rows, portfolio.n_rows)


def _quotas(sizes: IntArray, size: int) -> IntArray:
    """Share the places among the strata by largest remainders."""
    exact = sizes * (size / max(int(sizes.sum()), 1))
    quota: IntArray = np.floor(exact).astype(np.int64)
    left = size - int(quota.sum())
    quota[np.argsort(quota - exact, kind="stable")[:left]] += 1
    return quota


def _first_of_each(codes: IntArray, mark: NDArray[np.uint64], quotas: IntArray) -> NDArray[np.intp]:
    """Return the places of the rows with the smallest marks of each stratum, ascending."""
    order = np.lexsort((mark, codes))
    first = np.searchsorted(codes[order], np.arange(quotas.size))
    rank = np.arange(codes.size) - first[codes[order]]
    kept: NDArray[np.intp] = np.sort(order[rank < quotas[codes[order]]])
    return kept


def _marks(n: int, seed: int) -> NDArray[np.uint64]:
    """Give every row a number that looks random and depends on its place only.

    References
    ----------
    Steele, G. L., Lea, D., & Flood, C. H. (2014). Fast splittable pseudorandom number generators. OOPSLA (the
    finaliser of SplitMix64).
    """
    x = np.arange(1, n + 1, dtype=np.uint64)
    x += np.uint64(seed)
    x *= np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x ^= x >> np.uint64(shift)
        x *= np.uint64(factor)
    x ^= x >> np.uint64(31)
    return x
