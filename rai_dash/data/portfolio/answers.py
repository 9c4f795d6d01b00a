"""The few rows that come back: keys as columns of a plain table, counts and sums as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from rai_dash.data.portfolio.questions import Tally, Value
from rai_dash.data.reading.convert import convert_typed

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a question found.

    Parameters
    ----------
    question : Tally
        What was asked.
    table : Table (c, …)
        One row a combination of keys, as the engine sent it.
    """

    question: Tally
    table: pa.Table

    @property
    def n(self) -> IntArray:
        """Rows of each combination, int64 (c,)."""
        return self._ints("n")

    def sums(self, i: int) -> FloatArray:
        """Sum ``i`` of each combination, float64 (c,); 0 where no row has it."""
        return np.nan_to_num(
            np.asarray(self.table.column(f"s{i}").to_numpy(zero_copy_only=False), np.float64)
        )

    def used(self, i: int) -> IntArray:
        """Rows in sum ``i``, int64 (c,)."""
        return self._ints(f"m{i}")

    def ends(self, i: int) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest numbers of column ``i`` in each combination, float64 (c,); NaN where there is none."""
        low, high = (self.table.column(f"{end}{i}").to_numpy(zero_copy_only=False) for end in "az")
        return np.asarray(low, np.float64) + 0.0, np.asarray(high, np.float64) + 0.0

    def codes(self, i: int, blank: int) -> IntArray:
        """Key ``i`` where it is a number of a bin or a cell, int64 (c,), with ``blank`` for null."""
        return np.asarray(self.table.column(f"k{i}").fill_null(blank).to_numpy(), np.int64)

    def floats(self, i: int) -> FloatArray:
        """Key ``i`` as float64 (c,), NaN for null."""
        return np.asarray(self.table.column(f"k{i}").to_numpy(zero_copy_only=False), np.float64)

    def values(self) -> pd.DataFrame:
        """Keys that are values of columns, by the names of the columns, as the data door would have read them."""
        found = {
            key.column: plain_values(self.table.column(f"k{i}"), key.column)
            for i, key in enumerate(self.question.keys)
            if isinstance(key, Value)
        }
        return pd.DataFrame(found, index=range(self.table.num_rows))

    def only(self, keep: NDArray[np.bool_]) -> Answer:
        """Keep some of the combinations, bool (c,)."""
        return Answer(self.question, self.table.filter(pa.array(keep)))

    def narrowed(self, question: Tally) -> Answer | None:
        """Answer a question whose keys and sums are among these, by adding up; None where they are not."""
        mine = self.question
        if question.where or mine.where or question.ends or not self.table.num_rows:
            return None
        if not (set(question.keys) <= set(mine.keys) and set(question.sums) <= set(mine.sums)):
            return None
        at = [mine.sums.index(product) for product in question.sums]
        keys = {f"k{i}": self.table.column(f"k{mine.keys.index(key)}") for i, key in enumerate(question.keys)}
        added = {"n": self.table.column("n")}
        added |= {f"{name}{i}": self.table.column(f"{name}{j}") for i, j in enumerate(at) for name in "sm"}
        try:
            counted = pa.table(keys | added).group_by(list(keys)).aggregate([(name, "sum") for name in added])
        except pa.ArrowNotImplementedError:
            return None
        table = counted.rename_columns([name.removesuffix("_sum") for name in counted.column_names])
        return Answer(question, table) if table.num_rows <= question.most else None

    def _ints(self, name: str) -> IntArray:
        return np.asarray(self.table.column(name).fill_null(0).to_numpy(), np.int64)


def plain_values(column: pa.ChunkedArray, name: str) -> pd.Series:
    """Bring a column of an engine to int64, float64 or ``str``, by the rules of the data door."""
    found = convert_typed(as_utc(column), name)
    values = pa.nulls(len(column), pa.float64()) if found is None else found.values
    series: pd.Series = values.to_pandas()
    return series.rename(name)


def as_utc(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write times with a zone in UTC: engines bring them back in the zone of their session."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz not in {None, "UTC"}:
        return column.cast(pa.timestamp(kind.unit, "UTC"))
    return column
