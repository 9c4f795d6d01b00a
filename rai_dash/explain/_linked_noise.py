"""Noise for columns of which one says the other: they move together, to values that a training row holds together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import is_number, numbers

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linked:
    """Combinations of linked columns; made by `linked_of`.

    Parameters
    ----------
    kinds : DataFrame (combinations, columns)
        Each is held by a training row.
    ends : float64 (combinations,)
        Their cumulative shares.
    lead : str or None
        Where all are numbers: the one that says the most, which moves as a number does; ``kinds`` ascend by it.
    """

    kinds: pd.DataFrame
    ends: FloatArray
    lead: str | None

    @property
    def columns(self) -> tuple[str, ...]:
        """What moves together."""
        return tuple(str(name) for name in self.kinds.columns)

    def drawn(self, frame: pd.DataFrame, eps: float, chance: FloatArray, choice: FloatArray) -> pd.DataFrame:
        """Draw whole combinations anew from the training shares with probability ``eps``; rows with a blank stay."""
        rows = np.flatnonzero((chance < eps) & self._known(frame))
        at = np.minimum(np.searchsorted(self.ends, choice[rows], side="right"), len(self.ends) - 1)
        return self._put(frame, rows, at)

    def follow(self, frame: pd.DataFrame, led: pd.Series) -> pd.DataFrame:
        """Move rows whose leading number moved to the nearest combination of it; rows with a blank stay."""
        lead = self.kinds[self.lead]
        found, own = numbers(led), numbers(frame[str(self.lead)])
        rows = np.flatnonzero((found != own) & self._known(frame))
        values = numbers(lead)
        middles = (values[1:] + values[:-1]) / 2
        return self._put(frame, rows, np.searchsorted(middles, found[rows]))

    def _known(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        return np.asarray(frame[list(self.columns)].notna().all(axis=1), dtype=bool)

    def _put(self, frame: pd.DataFrame, rows: NDArray[np.int64], at: NDArray[np.int64]) -> pd.DataFrame:
        taken = self.kinds.iloc[at]
        return pd.DataFrame({name: _with(frame[name], rows, taken[name].to_numpy()) for name in self.columns})


def _with(series: pd.Series, rows: NDArray[np.int64], values: NDArray[Any]) -> pd.Series:
    """Put values into some rows; whole numbers become floats only where a value has a fraction."""
    out = series.copy()
    if out.dtype.kind in "iu" and values.dtype.kind == "f" and (values != np.round(values)).any():
        out = out.astype(np.float64)
    out.iloc[rows] = values
    return out


def linked_of(training: pd.DataFrame, columns: Sequence[str]) -> Linked | None:
    """Learn the combinations of linked columns; None where no training row has them all.

    A set with categories is drawn anew as one category. In a set of numbers alone the one with the most values leads;
    of the combinations with one value of it the most frequent is taken.
    """
    names = sorted(columns)
    counts = training[names].dropna().groupby(names, observed=True, sort=True).size()
    if counts.empty:
        return None
    kinds, n = counts.index.to_frame(index=False), counts.to_numpy(dtype=np.float64)
    lead = None
    if all(is_number(training[name]) for name in names):
        lead = max(names, key=lambda name: (training[name].nunique(), name))
        order = np.lexsort((-n, numbers(kinds[lead])))
        kinds, n = kinds.iloc[order].reset_index(drop=True), n[order]
        first = ~kinds[lead].duplicated().to_numpy()
        kinds, n = kinds[first].reset_index(drop=True), n[first]
    return Linked(kinds=kinds, ends=np.cumsum(n) / n.sum(), lead=lead)
