"""Rows of a portfolio by outcome, by group and by the bars of a column: what the Data page draws, over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.counts import N_LABELS
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.labels import label_codes, outcome_codes
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.counted import sorted_numbers
from rai_dash.data.portfolio.levels import Cross, Levels
from rai_dash.data.portfolio.order import quantiles_by
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Factor, Key, Tally, Value
from rai_dash.data.profile import ColumnProfile

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Most values of a column that is chosen from.
_MOST_LABELS: Final = 10_000


def outcome_rows(portfolio: Portfolio, roles: Roles, cross: Cross) -> IntArray:
    """Count all rows by group and outcome, int64 (groups, 3): unfavourable, favourable, unknown."""
    answer = portfolio.tally(Tally(keys=(*cross.keys, *_target(roles))))
    found = np.zeros((len(cross.groups), N_LABELS), np.int64)
    np.add.at(found, (cross.codes(answer), _outcome(answer, roles)), answer.n)
    return found


def outcome_totals(portfolio: Portfolio, roles: Roles) -> tuple[IntArray, FloatArray]:
    """Count all rows by outcome, int64 (3,), and add up their weights, float64 (3,)."""
    weight = () if roles.weight is None else ((Factor(column=roles.weight, blank=1.0),),)
    answer = portfolio.tally(Tally(keys=_target(roles), sums=weight))
    outcome, rows, weights = _outcome(answer, roles), np.zeros(N_LABELS, np.int64), np.zeros(N_LABELS)
    np.add.at(rows, outcome, answer.n)
    np.add.at(weights, outcome, answer.sums(0) if weight else answer.n)
    return rows, weights


def _target(roles: Roles) -> tuple[Key, ...]:
    return () if roles.target is None else (Value(column=roles.target),)


def _outcome(answer: Answer, roles: Roles) -> NDArray[np.int8]:
    return outcome_codes(answer.values(), roles, answer.n)


def group_rows(portfolio: Portfolio, levels: Levels) -> IntArray:
    """Count all rows of each group of a column, int64 (groups,)."""
    answer = portfolio.tally(Tally(keys=(levels.key,)))
    found = np.zeros(len(levels.groups), np.int64)
    np.add.at(found, levels.codes(answer, 0), answer.n)
    return found


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of a column, see `rai_dash.data.distribution.split_counts`."""

    one: ColumnProfile
    top: int

    @property
    def n(self) -> int:
        """Number of bars."""
        if self.one.histogram is not None:
            return len(self.one.histogram.counts)
        shown = min(len(self.one.top), self.top)
        return shown + (self.one.distinct > shown)

    @property
    def key(self) -> Key:
        """What to ask for."""
        if self.one.histogram is None:
            return Value(column=self.one.name)
        return Bin(column=self.one.name, edges=tuple(self.one.histogram.edges[1:-1].tolist()))

    def of(self, answer: Answer, i: int) -> IntArray:
        """Return the bar of each combination of an answer whose key ``i`` is this column, int64 (c,); -1 = blank."""
        if self.one.histogram is not None:
            return answer.codes(i, -1)
        codes, names = label_codes(answer.values()[self.one.name])
        shown = [label for label, _ in self.one.top[: self.top]]
        place = {label: k for k, label in enumerate(shown)}
        lookup = np.array([place.get(name, len(shown)) for name in names] + [-1], np.int64)
        return lookup[codes]


def bars_by_outcome(portfolio: Portfolio, roles: Roles, bars: Bars) -> IntArray:
    """Count all rows of each bar by outcome, int64 (bars, 3)."""
    answer = portfolio.tally(Tally(keys=(bars.key, *_target(roles))))
    return _table(bars, answer, _outcome(answer, roles), N_LABELS)


def bars_by_group(portfolio: Portfolio, levels: Levels, bars: Bars) -> IntArray:
    """Count all rows of each bar by group, int64 (bars, groups)."""
    answer = portfolio.tally(Tally(keys=(bars.key, levels.key)))
    return _table(bars, answer, levels.codes(answer, 1), len(levels.groups))


def _table(bars: Bars, answer: Answer, codes: NDArray[np.integer], parts: int) -> IntArray:
    bar = bars.of(answer, 0)
    known, found = bar >= 0, np.zeros((bars.n, parts), np.int64)
    np.add.at(found, (bar[known], codes[known]), answer.n[known])
    return found


def group_quantiles(
    portfolio: Portfolio, sample: pd.Series, levels: Levels, filled: IntArray, at: Sequence[float]
) -> FloatArray:
    """Compute the quantiles of a column of numbers in each group over all rows, float64 (groups, len(at)).

    Parameters
    ----------
    sample : Series (m,)
        The column, named, in a sample of the rows: it says where to look.
    filled : int64 (groups,)
        Rows with a number; NaN comes back where there is none.
    """
    sizes = {g: int(n) for g, n in enumerate(filled) if n}
    guide = sorted_numbers(sample)
    found = quantiles_by(portfolio, str(sample.name), at, by=levels, sizes=sizes, guide=guide)
    none = np.full(len(at), np.nan)
    return np.array([found.get(g, none) for g in range(len(filled))]).reshape(len(filled), len(at))


def label_rows(portfolio: Portfolio, column: str) -> dict[str, int] | None:
    """Count all rows of each label of a column, most frequent first; None where there are very many."""
    try:
        answer = portfolio.tally(Tally(keys=(Value(column=column),), most=_MOST_LABELS))
    except InvalidChoice as error:
        if error.code != "too_many_values":
            raise
        return None
    codes, names = label_codes(answer.values()[column])
    counts = np.zeros(len(names), np.int64)
    np.add.at(counts, codes[codes >= 0], answer.n[codes >= 0])
    order = sorted(range(len(names)), key=lambda i: (-counts[i], names[i]))
    return {names[i]: int(counts[i]) for i in order}
