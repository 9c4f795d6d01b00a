"""Columns that give the outcome away: alone they separate it almost perfectly, or speak only of one side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN
from rai_dash.core.words import count, number, percent
from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import label_codes

LEAK_AUC: Final = 0.99
#: With fewer rows of either outcome many columns separate them by chance.
_FEWEST: Final = 10
#: A column of labels needs on average so many rows a label.
_ROWS_A_LABEL: Final = 10
#: Rows of each outcome on which a column must look like a leak before all rows are ranked.
_SCREENED: Final = 1_000
#: With fewer values on a side of the screened rows a column is ranked on all rows.
_TRUSTED: Final = 300
#: An area of 0.99 has a standard error of at most ``sqrt(0.99 * 0.01 / 300) = 0.006`` there: five of them fit between.
_SCREEN_AUC: Final = LEAK_AUC - 0.03
#: Numbers with at most so many values are looked at as labels too.
_FEW_NUMBERS: Final = 20
#: Rows of the other outcome that would be filled (or blank) if being so had nothing to do with the outcome.
_EXPECTED: Final = 20
#: Share of them that may really be so.
_STRAY: Final = 0.02


@dataclass(frozen=True, slots=True)
class Leak:
    """A column that gives the outcome away.

    Parameters
    ----------
    column : str
        Its name.
    evidence : str
        What shows it, in words that follow the name of the column.
    is_strong : bool
        Whether it should be set aside unasked; False = a rule of the lender may look the same.
    """

    column: str
    evidence: str
    is_strong: bool = True


def _auc(values: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """Return the larger of AUC and 1 - AUC of one column; ties count one half."""
    n_good, n_bad = int(good.sum()), int((~good).sum())
    if min(n_good, n_bad) < _FEWEST:
        return 0.5
    ranks = pd.Series(values).rank().to_numpy()
    area = (ranks[good].sum() - n_good * (n_good + 1) / 2) / (n_good * n_bad)
    return float(max(area, 1.0 - area))


def _label_rates(series: pd.Series, good: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Replace each label by its share of favourable rows; None where there are too many labels."""
    codes, names = label_codes(series)
    if len(names) * _ROWS_A_LABEL > codes.size:
        return None
    place = codes + 1
    size = np.bincount(place, minlength=len(names) + 1)
    hits = np.bincount(place, weights=good, minlength=len(names) + 1)
    rates: NDArray[np.float64] = (hits / np.maximum(size, 1))[place]
    return rates


def _strength(series: pd.Series, outcome: NDArray[np.int8]) -> tuple[float, int]:
    """Return the area of ``strength`` and the number of rows behind it."""
    known = outcome != UNKNOWN
    best = (0.5, 0)
    if is_number(series):
        values = numbers(series)
        both = known & np.isfinite(values)
        # A column with values for a minority of rows says nothing about the rest.
        if both.sum() * 2 < known.sum():
            return best
        best = (_auc(values[both], outcome[both] == FAVOURABLE), int(both.sum()))
    if not is_number(series) or series.nunique() <= _FEW_NUMBERS:
        good = outcome[known] == FAVOURABLE
        rates = _label_rates(series[known], good)
        if rates is not None:
            best = max(best, (_auc(rates, good), int(known.sum())))
    return best


def strength(series: pd.Series, outcome: NDArray[np.int8]) -> float:
    """Measure how well one column alone separates the outcome.

    Parameters
    ----------
    series : Series (n,)
        Numbers are ranked as they are, and by their values as labels where these are few; labels by
        their share of favourable rows. Rows without a number are left out.
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.

    Returns
    -------
    float
        AUC from 0.5 to 1; 0.5 where it cannot be told.
    """
    return _strength(series, outcome)[0]


def _may_separate(series: pd.Series, good: NDArray[np.bool_]) -> bool:
    """Whether a column may be a leak, going by a few rows of either outcome; True where they cannot tell."""
    is_numbers = is_number(series)
    if is_numbers:
        values = numbers(series)
        known = np.isfinite(values)
        sides = good[known]
        if min(int(sides.sum()), int((~sides).sum())) < _TRUSTED or _auc(values[known], sides) > _SCREEN_AUC:
            return True
    if is_numbers and series.nunique() > _FEW_NUMBERS:
        return False
    rates = _label_rates(series, good)
    return rates is None or _auc(rates, good) > _SCREEN_AUC


class _Search:
    """The rows of a table by outcome, and what one column says about them."""

    def __init__(self, outcome: NDArray[np.int8], target: pd.Series | None) -> None:
        self.outcome = outcome
        self.target = target
        self.good, self.bad = outcome == FAVOURABLE, outcome == UNFAVOURABLE
        self.n_good, self.n_bad = int(self.good.sum()), int(self.bad.sum())
        self.sample = self._stratified() if max(self.n_good, self.n_bad) > _SCREENED else None

    def _stratified(self) -> NDArray[np.intp]:
        """Choose up to ``_SCREENED`` rows of each outcome; the area does not depend on how many of each there are."""
        parts = [np.flatnonzero(side) for side in (self.good, self.bad)]
        rng = np.random.default_rng(0)
        parts = [p if p.size <= _SCREENED else rng.choice(p, _SCREENED, replace=False) for p in parts]
        return np.sort(np.concatenate(parts))

    def leak(self, column: ColumnFacts) -> Leak | None:
        """Say what shows that a column gives the outcome away; None where nothing does."""
        if min(self.n_good, self.n_bad) < _FEWEST:
            return None
        if (said := self._by_filling(column) or self._by_area(column)) is not None:
            return Leak(column.name, said)
        said = self._by_zeros(column)
        return Leak(column.name, said, is_strong=False) if said else None

    def _by_filling(self, column: ColumnFacts) -> str | None:
        is_filled = column.series.notna().to_numpy()
        return None if is_filled.all() else self._one_sided(is_filled, tr("is filled"))

    def _by_zeros(self, column: ColumnFacts) -> str | None:
        """Look for amounts that are 0 on one side; a mark of 0 and 1 may be any fact about a person."""
        if not column.is_number or column.has_few(2):
            return None
        values = column.numbers
        return self._one_sided((values != 0) & ~np.isnan(values), tr("differs from 0"))

    def _one_sided(self, mask: NDArray[np.bool_], verb: str) -> str | None:
        """Say so where a mark is (nearly) never seen on one side, though chance would put it there."""
        good, bad = (int(np.count_nonzero(mask & side)) for side in (self.good, self.bad))
        rate = (good + bad) / (self.n_good + self.n_bad)
        sides = (
            (good, self.n_good, rate),
            (bad, self.n_bad, rate),
            (self.n_good - good, self.n_good, 1 - rate),
            (self.n_bad - bad, self.n_bad, 1 - rate),
        )
        if not any(n * share >= _EXPECTED and seen <= _STRAY * n * share for seen, n, share in sides):
            return None
        return tr(
            "{verb} for {bad} of the unfavourable and {good} of the favourable rows",
            verb=verb,
            bad=percent(bad / self.n_bad),
            good=percent(good / self.n_good),
        )

    def _by_area(self, column: ColumnFacts) -> str | None:
        if self.sample is not None:
            few = column.series.iloc[self.sample]
            if not _may_separate(few, self.good[self.sample]):
                return None
        area, n = _strength(column.series, self.outcome)
        if area <= LEAK_AUC:
            return None
        if self._repeats(column):
            return tr("repeats the outcome one to one in {n} rows", n=count(n))
        return tr(
            "alone tells the outcome almost perfectly (AUC {area} in {n} rows)",
            area=number(area, digits=3),
            n=count(n),
        )

    def _repeats(self, column: ColumnFacts) -> bool:
        """Whether each label of the column stands for one label of the target and the other way round."""
        if self.target is None or not column.has_few(100):
            return False
        (mine, my_names), (theirs, their_names) = label_codes(column.series), label_codes(self.target)
        known = (self.outcome != UNKNOWN) & (theirs >= 0)
        if (mine[known] < 0).any():
            return False
        pairs = np.unique(mine[known].astype(np.int64) * (len(their_names) + 1) + theirs[known])
        return pairs.size == np.unique(mine[known]).size == np.unique(theirs[known]).size <= len(my_names)


def find_leaks(
    facts: TableFacts,
    outcome: NDArray[np.int8],
    *,
    target: str | None = None,
    skip: Iterable[str | None] = (),
) -> tuple[Leak, ...]:
    """Find the columns that give the outcome away, with the evidence.

    Parameters
    ----------
    facts : TableFacts
        The table, n rows.
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.
    target : str, optional
        Column of the outcome; it is not looked at itself.
    skip : iterable of str or None
        Columns not to look at.

    Returns
    -------
    tuple of Leak
        Columns that repeat the outcome, separate it with an AUC above ``LEAK_AUC``, or are filled (or
        differ from 0) on one side only. None where either outcome has fewer than 10 rows.
    """
    search = _Search(outcome, facts[target].series if target is not None else None)
    found = (search.leak(c) for c in facts.without((*skip, target)))
    return tuple(leak for leak in found if leak is not None)


def leaks(frame: pd.DataFrame, outcome: NDArray[np.int8], *, skip: Iterable[str | None]) -> tuple[str, ...]:
    """Name the columns with strong evidence that they give the outcome away; see ``find_leaks``."""
    found = find_leaks(TableFacts(frame), outcome, skip=skip)
    return tuple(leak.column for leak in found if leak.is_strong)
