"""One column with what guesses and findings need to know of it, each fact computed when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import label_codes, label_text
from rai_dash.data.profile import ColumnProfile, outer_fences, outline_of

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset

#: Most distinct values of a column that are looked at one by one.
LOOKED_AT: Final = 5_000
#: Rows that are enough to see that a column has many values.
_HEAD: Final = 20_000
_BLANK: Final = np.uint64(0x9E3779B97F4A7C15)


def hashes_of_codes(codes: NDArray[np.integer], names: Sequence[str] | pd.Index) -> NDArray[np.uint64]:
    """Hash the text of each cell, uint64 (n,): ``codes`` point into ``names``, -1 = blank."""
    by_name: NDArray[np.uint64] = pd.util.hash_array(np.asarray(names, dtype=object), categorize=False)
    hashes: NDArray[np.uint64] = np.append(by_name, _BLANK)[codes]
    return hashes


class ColumnFacts:
    """A column of a table.

    Parameters
    ----------
    series : Series (n,)
        int64, float64 or text.
    """

    def __init__(self, series: pd.Series) -> None:
        self.series = series
        self.name = str(series.name)
        self.is_number = is_number(series)
        #: Whether there are more than ``distinct`` different values: those of a portfolio are not counted without end.
        self.more_distinct = False

    @property
    def n(self) -> int:
        """Number of cells."""
        return len(self.series)

    # What has as many cells as the table is made anew each time: kept, it would double the table.

    @property
    def numbers(self) -> NDArray[np.float64]:
        """Values of a column of numbers, float64 (n,), blanks and infinities NaN; not to be changed."""
        if self.series.dtype == np.float64:
            values: NDArray[np.float64] = self.series.to_numpy()
            # Nothing is copied where there is nothing to replace.
            return numbers(self.series) if np.isinf(values).any() else values
        return numbers(self.series)

    @cached_property
    def _factors(self) -> tuple[NDArray[np.int32], pd.Index]:
        """Position of each cell of a text column among its distinct values (-1 = blank), and these."""
        codes, uniques = pd.factorize(self.series)
        return codes.astype(np.int32), pd.Index(uniques)

    @property
    def codes(self) -> NDArray[np.int32]:
        """Position of each cell among the distinct values, as ``looked_at`` lists them; -1 = blank."""
        return self._factors[0]

    @cached_property
    def known(self) -> int:
        """Number of cells that are not blank."""
        return int(self.series.count())

    @cached_property
    def distinct(self) -> int:
        """Number of different values, blanks not counted."""
        return int(self.series.nunique()) if self.is_number else len(self._factors[1])

    def has_few(self, most: int) -> bool:
        """Whether there are at most so many different values; the first rows decide where they can."""
        if self.is_number and len(self.series) > _HEAD and self._distinct_in_head > most:
            return False
        return self.distinct <= most

    @cached_property
    def _distinct_in_head(self) -> int:
        return int(self.series.iloc[:_HEAD].nunique())

    @property
    def distinct_at_least(self) -> int:
        """A number of different values that are surely there, found in the first rows where they are many."""
        return self._distinct_in_head if self.is_number else self.distinct

    @cached_property
    def is_unique(self) -> bool:
        """Whether no value repeats; the first rows decide where they can."""
        head = self.series.iloc[:_HEAD]
        return self._distinct_in_head == head.count() and self.distinct == self.known

    @cached_property
    def is_whole(self) -> bool:
        """Whether a column holds whole numbers only; the first rows decide where they can."""
        if not self.is_number:
            return False
        if self.series.dtype == np.int64:
            return self.known > 0
        for values in (self.numbers[:_HEAD], self.numbers):
            known = values[np.isfinite(values)]
            if (known != np.floor(known)).any():
                return False
        return self.known > 0

    @property
    def seen(self) -> ColumnFacts:
        """The column as far as its different values could be told apart: itself, or that of a sample."""
        return self

    @property
    def low(self) -> float:
        """Lowest number; NaN where there is none."""
        return float(np.nanmin(self.numbers)) if self.known else np.nan

    @property
    def high(self) -> float:
        """Highest number; NaN where there is none."""
        return float(np.nanmax(self.numbers)) if self.known else np.nan

    @property
    def few_numbers(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The different numbers of a column of few, ascending, and the rows of each."""
        values, counts = np.unique(self.numbers[~np.isnan(self.numbers)], return_counts=True)
        return values, counts.astype(np.int64)

    @property
    def outliers(self) -> int | None:
        """Rows outside Tukey's outer fences; None where there are no fences."""
        values = self.numbers
        values = values[np.isfinite(values)]
        fences = outer_fences(values)
        return None if fences is None else int(((values < fences[0]) | (values > fences[1])).sum())

    @property
    def outliers_at_most(self) -> int:
        """A number of outliers that is not exceeded."""
        return self.known

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Labels, in order of first appearance."""
        return label_codes(self.series)[1]

    @cached_property
    def looked_at(self) -> tuple[str, ...]:
        """Labels of the first ``LOOKED_AT`` distinct values."""
        uniques = self._factors[1][:LOOKED_AT]
        return tuple(label_text(v) for v in uniques)

    @cached_property
    def looked_at_counts(self) -> NDArray[np.int64]:
        """How many cells hold each of the values in ``looked_at``."""
        codes = self.codes
        shown = codes[(codes >= 0) & (codes < len(self.looked_at))]
        return np.bincount(shown, minlength=len(self.looked_at))

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """Hash of each cell, uint64 (n,): equal values have equal hashes, whole numbers as integer or float."""
        if self.is_number:
            # Adding 0 makes -0 and 0 one value.
            return pd.util.hash_array(self.numbers + 0.0)
        codes, uniques = self._factors
        return hashes_of_codes(codes, uniques)

    @property
    def label_hashes(self) -> NDArray[np.uint64]:
        """Hash of the label of each cell, uint64 (n,): equal also where one table has text and one numbers."""
        return hashes_of_codes(*label_codes(self.series))


class TableFacts(Mapping[str, ColumnFacts]):
    """The columns of a table by name.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        A table as it was read.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.n = len(frame)
        self._columns = {str(name): ColumnFacts(frame[name]) for name in frame.columns}

    @property
    def whole(self) -> TableFacts:
        """The columns with counts over all rows, also where the rows at hand are a sample."""
        return self

    def __getitem__(self, name: str) -> ColumnFacts:
        """Return one column."""
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names, in order."""
        return iter(self._columns)

    def __len__(self) -> int:
        """Count the columns."""
        return len(self._columns)

    def without(self, names: Iterable[str | None]) -> list[ColumnFacts]:
        """Return the other columns, in order."""
        left = set(names)
        return [c for name, c in self._columns.items() if name not in left]


def facts_of(dataset: Dataset, profiles: Callable[[], Sequence[ColumnProfile]] | None = None) -> TableFacts:
    """Return the columns of a data set; ``whole`` has counts over all rows where they are a sample.

    Parameters
    ----------
    profiles : callable, optional
        Returns what `rai_dash.data.profile.profile_of` or ``outline_of`` says of it, where that is kept; used of a
        portfolio only.
    """
    if dataset.portfolio is None:
        return TableFacts(dataset.frame)
    from rai_dash.data.portfolio.facts import CountedFacts

    return CountedFacts(dataset.frame, dataset.portfolio, profiles or partial(outline_of, dataset))
