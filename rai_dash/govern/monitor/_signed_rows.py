"""The rows that a policy is signed on, asked for what is frozen of them: rows in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.types import UNKNOWN
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex, default_edges
from rai_dash.data.labels import label_codes
from rai_dash.govern.monitor._rows import cubes_of, groups_of
from rai_dash.govern.monitor.states import psi_counts, psi_edges

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Edges of the tenths, and the rows between them.
Spread = tuple[FloatArray, IntArray]


class SignedRows(Protocol):
    """What is asked of the judged rows, wherever they are."""

    @property
    def n(self) -> int:
        """Judged rows."""

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""

    def edges(self, column: str) -> Sequence[float] | None:
        """Return the inner edges that divide a sensitive column; None = every value is a group."""

    def scored(self, bins: Mapping[str, Sequence[float]], threshold: float) -> dict[str, ReviewCube]:
        """Count by every sensitive column, and everyone under ``""``, at one threshold."""

    def scores(self) -> GroupCounts:
        """Count everyone by score."""

    def score_spread(self) -> Spread:
        """Return the spread of the score."""

    def spread(self, column: str) -> Spread:
        """Return the spread of a column of numbers."""

    def labels(self, column: str) -> dict[str, int]:
        """Count the labels of a column."""

    def outcomes(self) -> dict[str, int]:
        """Return the outcome of each label of the target, over judged rows and others; empty = there is none."""


@dataclass(frozen=True, eq=False)
class RowsInMemory:
    """Rows in memory, with a score each.

    Parameters
    ----------
    dataset : Dataset
    score : float64 (n,)
    judged : bool (n,)
    """

    dataset: Dataset
    score: FloatArray
    judged: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Judged rows."""
        return len(self._frame)

    @cached_property
    def _frame(self) -> pd.DataFrame:
        return self.dataset.frame.loc[self.judged].reset_index(drop=True)

    @cached_property
    def _values(self) -> FloatArray:
        return np.asarray(self.score, np.float64)[self.judged]

    @property
    def _outcome(self) -> NDArray[np.int8]:
        return self.dataset.outcome[self.judged]

    @property
    def _weight(self) -> FloatArray | None:
        return self.dataset.weight[self.judged] if self.dataset.roles.weight else None

    def is_number(self, column: str) -> bool:
        """Whether a column holds numbers."""
        return is_number(self.dataset.frame[column])

    def edges(self, column: str) -> Sequence[float] | None:
        """Return edges; where nobody named any, of all rows, as the figures have it."""
        named = self.dataset.roles.bins.get(column)
        if named is not None or not self.is_number(column):
            return named
        return default_edges(numbers(self.dataset.frame[column]))

    def scored(self, bins: Mapping[str, Sequence[float]], threshold: float) -> dict[str, ReviewCube]:
        """Count by every sensitive column."""
        indices: dict[str, GroupIndex] = {}
        for column in self.dataset.roles.sensitive:
            index = groups_of(self._frame, column, bins.get(column))
            if index is not None:
                indices[column] = index
        return cubes_of(self._outcome, self._values, indices, np.array([threshold]), self._weight)

    def scores(self) -> GroupCounts:
        """Count everyone by score."""
        return count(self._outcome, self._values, None, weight=self._weight)

    def score_spread(self) -> Spread:
        """Return the spread of the score."""
        return _spread(self._values)

    def spread(self, column: str) -> Spread:
        """Return the spread of a column of numbers."""
        return _spread(numbers(self._frame[column]))

    def labels(self, column: str) -> dict[str, int]:
        """Count the labels of a column."""
        codes, names = label_codes(self._frame[column])
        seen = np.bincount(codes[codes >= 0], minlength=len(names))
        return dict(zip(names, seen.tolist(), strict=True))

    def outcomes(self) -> dict[str, int]:
        """Return the outcome of each label of the target."""
        if self.dataset.roles.target is None:
            return {}
        codes, names = label_codes(self.dataset.frame[self.dataset.roles.target])
        meaning = np.full(len(names), UNKNOWN, dtype=np.int8)
        known = codes >= 0
        meaning[codes[known]] = self.dataset.outcome[known]
        return dict(zip(names, meaning.tolist(), strict=True))


def _spread(values: FloatArray) -> Spread:
    edges = psi_edges(values)
    return edges, psi_counts(values, edges)
