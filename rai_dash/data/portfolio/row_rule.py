"""A question about single rows that stay where they are, answered once for each combination of a few columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.portfolio.answers import Answer, plain_values
from rai_dash.data.portfolio.questions import Bin, Blank, Value

BoolArray = NDArray[np.bool_]
RuleKey = Value | Blank | Bin


@dataclass(frozen=True, slots=True, eq=False)
class RowRule:
    """What a question needs to know of each row, and the question.

    Parameters
    ----------
    keys : tuple of Value, Blank or Bin
        A column each. Of a column that is asked for in bins no two numbers of a bin may be answered differently.
    asks : callable
        Takes a table of these columns and returns bool (n,).
    """

    keys: tuple[RuleKey, ...]
    asks: Callable[[pd.DataFrame], BoolArray]

    def table(self, answer: Answer) -> pd.DataFrame:
        """Return one row for each combination of an answer whose last keys are these."""
        first = len(answer.question.keys) - len(self.keys)
        columns = {key.column: _column(answer, first + i, key) for i, key in enumerate(self.keys)}
        return pd.DataFrame(columns, index=range(answer.table.num_rows))

    def of(self, answer: Answer) -> BoolArray:
        """Say for each combination of an answer, whose last keys are these, whether the rule holds; bool (c,)."""
        return self.asks(self.table(answer))


def bins_at(column: str, low: Sequence[float], above: Sequence[float]) -> Bin:
    """Cut a column so that a comparison has one answer in each bin.

    Parameters
    ----------
    low : sequence of float
        Numbers that it is compared with.
    above : sequence of float
        Numbers that a row is beyond once it is larger.
    """
    edges = {*low, *(float(np.nextafter(x, np.inf)) for x in (*low, *above))}
    return Bin(column=column, edges=tuple(sorted(edges)))


def _column(answer: Answer, i: int, key: RuleKey) -> pd.Series:
    """Return a value that stands for each combination: itself, or the lowest of its bin."""
    if isinstance(key, Value):
        return plain_values(answer.table.column(f"k{i}"), key.column)
    if isinstance(key, Blank):
        return pd.Series("x", index=range(answer.table.num_rows), dtype="str").mask(answer.codes(i, 1) == 1)
    lowest = np.array([np.nextafter(key.edges[0], -np.inf), *key.edges, np.nan])
    return pd.Series(lowest[answer.codes(i, len(key.edges) + 1)])
