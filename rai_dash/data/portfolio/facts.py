"""What findings need to know of the columns of a portfolio: counts over all rows, and the rows of a sample beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import Roles
from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.profiles import most_outside, profile_of_column
from rai_dash.data.profile import TOP, ColumnProfile


class CountedColumn(ColumnFacts):
    """A column whose counts are of all rows; what needs single cells is of the sample.

    Parameters
    ----------
    sample : ColumnFacts
        The column in the sample.
    one : ColumnProfile
        The column over all rows; an outline of it will do.
    portfolio : Portfolio
        The rows.
    """

    def __init__(self, sample: ColumnFacts, one: ColumnProfile, portfolio: Portfolio) -> None:
        super().__init__(sample.series)
        self._sample, self._one, self._portfolio = sample, one, portfolio
        self.more_distinct = one.more_distinct

    @property
    def n(self) -> int:
        """Number of cells."""
        return self._one.n

    @cached_property
    def known(self) -> int:
        """Number of cells that are not blank."""
        return self._one.n - self._one.missing

    @cached_property
    def distinct(self) -> int:
        """Number of different values; there are more where ``more_distinct``."""
        return self._one.distinct

    def has_few(self, most: int) -> bool:
        """Whether there are at most so many different values."""
        return not self.more_distinct and self.distinct <= most

    @property
    def distinct_at_least(self) -> int:
        """A number of different values that are surely there."""
        return self.distinct

    @cached_property
    def is_unique(self) -> bool:
        """Whether no value repeats: among the sampled rows where there are too many values to be counted."""
        return self._sample.is_unique if self.more_distinct else self.distinct == self.known

    @cached_property
    def is_whole(self) -> bool:
        """Whether it holds whole numbers only: in all rows where it has few values, else in the sampled ones."""
        if not self.is_number or self.known == 0:
            return False
        if self.has_few(TOP):
            return all(float(label).is_integer() for label, _ in self._one.top)
        return self._sample.is_whole

    @property
    def seen(self) -> ColumnFacts:
        """The column of the sample where there are too many values to be counted."""
        return self._sample if self.more_distinct else self

    @property
    def low(self) -> float:
        """Lowest number."""
        return np.nan if self._one.low is None else self._one.low

    @property
    def high(self) -> float:
        """Highest number."""
        return np.nan if self._one.high is None else self._one.high

    @property
    def few_numbers(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The numbers of a column of at most ``TOP``, ascending, and the rows of each."""
        found = sorted((float(label), n) for label, n in self._one.top)
        return np.array([v for v, _ in found]), np.array([n for _, n in found], np.int64)

    @cached_property
    def outliers(self) -> int | None:
        """Rows outside Tukey's outer fences; None where there are no fences."""
        one = self._one
        if self._is_outline:
            one = profile_of_column(self._portfolio, self._sample.series, Roles())
        return None if one.fences is None else one.below + one.above

    @property
    def outliers_at_most(self) -> int:
        """A number of outliers that is not exceeded, without another look at the rows."""
        if self._is_outline:
            return most_outside(self._portfolio, self._sample.series)
        return self._one.below + self._one.above

    @property
    def _is_outline(self) -> bool:
        """Whether it holds numbers whose quantiles have not been looked for."""
        return self._one.low is not None and not self._one.quantiles


class CountedFacts(TableFacts):
    """The columns of a portfolio: by themselves those of the sample, as ``whole`` with counts of all rows.

    Parameters
    ----------
    sample : DataFrame (m, columns)
        Rows of it.
    portfolio : Portfolio
        All of them.
    profiles : callable
        Returns what is known of each column over all rows, at least in outline; called once, when it is needed.
    """

    def __init__(
        self, sample: pd.DataFrame, portfolio: Portfolio, profiles: Callable[[], Sequence[ColumnProfile]]
    ) -> None:
        super().__init__(sample)
        self._portfolio, self._profiles = portfolio, profiles

    @cached_property
    def whole(self) -> TableFacts:
        """Counts of all rows."""
        return _Whole(self, self._portfolio, self._profiles())


class _Whole(TableFacts):
    def __init__(self, sample: TableFacts, portfolio: Portfolio, found: Sequence[ColumnProfile]) -> None:
        self.n = found[0].n if found else sample.n
        self._columns = {one.name: CountedColumn(sample[one.name], one, portfolio) for one in found}
