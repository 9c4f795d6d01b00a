"""A column of a portfolio that is compared with the same column of other data: counted where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.column_sides import ColumnSide, Labels, SeriesSide, Values
from rai_dash.data.columns import is_number, is_row_number, numbers
from rai_dash.data.labels import label_codes
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.blanks import blank_cells
from rai_dash.data.portfolio.counted import has_many, quantiles_in, values_of
from rai_dash.data.portfolio.moments import centres_of
from rai_dash.data.portfolio.order import Distinct
from rai_dash.data.portfolio.pairs import appearing
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Tally, Value
from rai_dash.data.profile import MOST_LABELS
from rai_dash.stats import drift

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Values that may stand for the labels of a column that is compared by label.
_MOST_VALUES: Final = 10 * MOST_LABELS


def side_of(dataset: Dataset, column: str) -> ColumnSide:
    """Take a column of a data set, over all of its rows, for a comparison."""
    series = dataset.frame[column]
    return SeriesSide(series) if dataset.portfolio is None else CountedSide(dataset.portfolio, series)


def numbers_rows(dataset: Dataset, column: str) -> bool:
    """Whether a column only numbers the rows, as `rai_dash.data.columns.is_row_number`."""
    if dataset.portfolio is None:
        return is_row_number(dataset.frame[column])
    return is_row_number(dataset.portfolio.first_rows((column,))[column])


@dataclass(frozen=True, eq=False)
class CountedSide:
    """A column that stays where it is, with the sample of it that says where to look.

    Parameters
    ----------
    portfolio : Portfolio
    sample : Series (m,)
    """

    portfolio: Portfolio
    sample: pd.Series

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.sample.name)

    @property
    def rows(self) -> int:
        """Rows of the data set."""
        return self.portfolio.n_rows

    @property
    def known(self) -> int:
        """Rows with a value."""
        return self.rows - blank_cells(self.portfolio, [self.name])[self.name]

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.portfolio.kinds[self.name].is_number

    def edges(self) -> FloatArray:
        """Return the edges of the tenths of its numbers."""
        if not self.known or not self.is_number:
            return np.empty(0)
        at = (np.arange(1, drift.CELLS) / drift.CELLS).tolist()
        return drift.edges_of_quantiles(quantiles_in(self.portfolio, self.sample, at))

    def counts(self, edges: FloatArray) -> IntArray:
        """Count its numbers in the cells between edges."""
        found = np.zeros(edges.size + 1, np.int64)
        if self.is_number:
            answer = self.portfolio.tally(Tally(keys=(Bin(column=self.name, edges=tuple(edges.tolist())),)))
            codes = answer.codes(0, -1)
            np.add.at(found, codes[codes >= 0], answer.n[codes >= 0])
        return found

    def mean(self) -> float | None:
        """Return the mean of its numbers."""
        if not self.is_number:
            return None
        centres = centres_of(self.portfolio, [self.name])
        return float(centres.mean[0]) if centres.n[0] else None

    def median(self) -> float | None:
        """Return their median."""
        if not self.is_number or not self.known:
            return None
        return float(quantiles_in(self.portfolio, self.sample, [0.5])[0])

    def values(self) -> Values | None:
        """Return its different numbers with the rows of each; None = too many to be counted."""
        if not self.known or not self.is_number:
            return np.empty(0), np.empty(0, np.int64)
        found = values_of(self.portfolio, self.sample)
        return (found.values, found.counts) if isinstance(found, Distinct) else None

    def guide(self) -> FloatArray:
        """Return the numbers of the sample."""
        values = numbers(self.sample) if is_number(self.sample) else np.empty(0)
        return np.sort(values[np.isfinite(values)])

    def labels(self) -> Labels | None:
        """Return its labels with their rows; None = too many to be counted."""
        answer = self._answer
        if answer is None:
            return None
        codes, names = label_codes(answer.values()[self.name])
        counts = np.zeros(len(names), np.int64)
        np.add.at(counts, codes[codes >= 0], answer.n[codes >= 0])
        ordered = appearing(self.portfolio, self.name, names)
        place = {name: i for i, name in enumerate(names)}
        return ordered, counts[[place[name] for name in ordered]]

    @cached_property
    def _answer(self) -> Answer | None:
        if has_many(self.sample, self.rows, most=_MOST_VALUES):
            return None
        try:
            return self.portfolio.tally(Tally(keys=(Value(column=self.name),), most=_MOST_VALUES))
        except InvalidChoice as error:
            if error.code != "too_many_values":
                raise
            return None
