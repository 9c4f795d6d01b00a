"""What each column holds: kind, blanks, distinct values, range, distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import Roles
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import label_codes

BINS = 30
TOP = 50
#: Numbers with at most so many distinct values are shown as categories.
FEW_VALUES = 12
#: A column of which nearly every cell is different names the row.
_ID_SHARE = 0.95
_ID_ROWS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts in bins of equal width: ``edges`` float64 (b + 1,), ``counts`` int64 (b,)."""

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ColumnProfile:
    """One column.

    Parameters
    ----------
    name : str
        Of the column.
    kind : str
        ``number``, ``category``, ``text``, ``id``, ``constant`` or ``empty``.
    n, missing, distinct : int
        Rows, blank cells, distinct values.
    low, high, mean : float or None
        Of a column of numbers.
    quantiles : tuple of float
        5, 25, 50, 75 and 95 % of a column of numbers, else empty.
    top : tuple of (str, int)
        The most frequent values with their counts.
    histogram : Histogram or None
        Of a column of numbers with many values.
    """

    name: str
    kind: str
    n: int
    missing: int
    distinct: int
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    quantiles: tuple[float, ...] = ()
    top: tuple[tuple[str, int], ...] = ()
    histogram: Histogram | None = None


def _kind(series: pd.Series, roles: Roles, known: int, distinct: int) -> str:
    if known == 0:
        return "empty"
    if distinct == 1:
        return "constant"
    whole = series.dtype.kind != "f"
    if series.name == roles.id or (
        whole and known >= _ID_ROWS and distinct > _ID_SHARE * known and not is_number(series)
    ):
        return "id"
    if is_number(series):
        return "number"
    return "category" if distinct <= TOP * 4 else "text"


def _profile(series: pd.Series, roles: Roles) -> ColumnProfile:
    codes, names = label_codes(series)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = np.argsort(-counts, kind="stable")[:TOP]
    known, distinct = int((codes >= 0).sum()), int((counts > 0).sum())
    kind = _kind(series, roles, known, distinct)
    top = tuple((str(names[i]), int(counts[i])) for i in order if counts[i] > 0)
    low = high = mean = None
    quantiles: tuple[float, ...] = ()
    histogram = None
    if is_number(series) and known:
        values = numbers(series)
        values = values[np.isfinite(values)]
        low, high, mean = float(values.min()), float(values.max()), float(values.mean())
        quantiles = tuple(float(q) for q in np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95)))
        if distinct > FEW_VALUES:
            heights, edges = np.histogram(values, bins=BINS)
            histogram = Histogram(edges.astype(np.float64), heights.astype(np.int64))
    return ColumnProfile(
        name=str(series.name), kind=kind, n=len(series), missing=len(series) - known, distinct=distinct,
        low=low, high=high, mean=mean, quantiles=quantiles, top=top, histogram=histogram,
    )  # fmt: skip


def profile(frame: pd.DataFrame, roles: Roles) -> tuple[ColumnProfile, ...]:
    """Describe every column of a table, in its order."""
    return tuple(_profile(frame[name], roles) for name in frame.columns)
