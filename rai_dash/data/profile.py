"""What each column holds: kind, blanks, distinct values, range, distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import Roles
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.date_forms import is_dates
from rai_dash.data.labels import label_codes, label_text

BINS = 30
TOP = 50
#: Numbers with at most so many distinct values are shown as categories.
FEW_VALUES = 12
#: A column of which nearly every cell is different names the row.
_ID_SHARE = 0.95
_ID_ROWS = 50
#: Text with more labels than this is no category.
MOST_LABELS = 200
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Outliers lie further from the quartiles than so many times the distance between these (Tukey's outer fences).
FENCE = 3.0


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
        ``number``, ``category``, ``text``, ``date``, ``id``, ``constant`` or ``empty``.
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
    fences : (float, float) or None
        Q1 - 3 IQR and Q3 + 3 IQR of a column of numbers with many values; None where half of the values are one
        (IQR = 0), which leaves the rule without a scale.
    below, above : int
        Rows outside the fences; they stay in every figure.

    References
    ----------
    Tukey, J. W. (1977). Exploratory Data Analysis. Addison-Wesley, chapter 2 (outer fences).
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
    fences: tuple[float, float] | None = None
    below: int = 0
    above: int = 0


def _kind_of_text(known: int, labels: tuple[str, ...]) -> str:
    if is_dates(labels):
        return "date"
    if known >= _ID_ROWS and len(labels) > _ID_SHARE * known:
        return "id"
    return "category" if len(labels) <= MOST_LABELS else "text"


def _empty_or_constant(series: pd.Series, roles: Roles, distinct: int) -> str | None:
    """Return the kinds that do not depend on what the values are."""
    if distinct < 2:
        return "constant" if distinct else "empty"
    return "id" if series.name == roles.id else None


def _most_frequent(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.argsort(-counts, kind="stable")[:TOP]


def outer_fences(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return Tukey's outer fences, Q1 - 3 IQR and Q3 + 3 IQR, of finite numbers; None where the IQR is 0."""
    q1, q3 = (float(q) for q in np.quantile(values, (0.25, 0.75))) if values.size else (0.0, 0.0)
    return (q1 - FENCE * (q3 - q1), q3 + FENCE * (q3 - q1)) if q3 > q1 else None


def _outliers(values: NDArray[np.float64]) -> dict[str, Any]:
    """Count what lies outside the outer fences."""
    fences = outer_fences(values)
    if fences is None:
        return {}
    return {
        "fences": fences,
        "below": int((values < fences[0]).sum()),
        "above": int((values > fences[1]).sum()),
    }


def _of_numbers(series: pd.Series, roles: Roles) -> ColumnProfile:
    values = numbers(series)
    values = values[np.isfinite(values)]
    distinct, counts = np.unique(values, return_counts=True)
    shape: dict[str, Any] = {}
    if values.size:
        shape = {
            "low": float(distinct[0]),
            "high": float(distinct[-1]),
            "mean": float(values.mean()),
            "quantiles": tuple(float(q) for q in np.quantile(values, QUANTILES)),
        }
    if distinct.size > FEW_VALUES:
        heights, edges = np.histogram(values, bins=BINS)
        shape["histogram"] = Histogram(edges.astype(np.float64), heights.astype(np.int64))
        shape |= _outliers(values)
    return ColumnProfile(
        name=str(series.name),
        kind=_empty_or_constant(series, roles, distinct.size) or "number",
        n=len(series),
        missing=len(series) - values.size,
        distinct=distinct.size,
        top=tuple((label_text(distinct[i]), int(counts[i])) for i in _most_frequent(counts)),
        **shape,
    )


def _of_text(series: pd.Series, roles: Roles) -> ColumnProfile:
    codes, labels = label_codes(series)
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    known = int(counts.sum())
    kind = _empty_or_constant(series, roles, len(labels)) or _kind_of_text(known, labels)
    return ColumnProfile(
        name=str(series.name),
        kind=kind,
        n=len(series),
        missing=len(series) - known,
        distinct=len(labels),
        top=tuple((labels[i], int(counts[i])) for i in _most_frequent(counts)),
    )


def profile(frame: pd.DataFrame, roles: Roles) -> tuple[ColumnProfile, ...]:
    """Describe every column of a table.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        The table.
    roles : Roles
        Name the id.

    Returns
    -------
    tuple of ColumnProfile
        In the order of the columns.
    """
    columns = (frame[name] for name in frame.columns)
    return tuple(_of_numbers(c, roles) if is_number(c) else _of_text(c, roles) for c in columns)
