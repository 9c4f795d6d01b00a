"""What each column holds: kind, blanks, distinct values, range, distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import Roles
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.date_forms import is_dates
from rai_dash.data.labels import label_codes, label_text

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset

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
    more_distinct : bool
        Whether there are more than ``distinct`` different values: counting stopped there, and ``top`` is empty.
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
    more_distinct: bool = False


def _kind_of_text(known: int, labels: Sequence[str]) -> str:
    if is_dates(labels):
        return "date"
    if known >= _ID_ROWS and len(labels) > _ID_SHARE * known:
        return "id"
    return "category" if len(labels) <= MOST_LABELS else "text"


def empty_or_constant(name: str, roles: Roles, distinct: int) -> str | None:
    """Return the kinds that do not depend on what the values are."""
    if distinct < 2:
        return "constant" if distinct else "empty"
    return "id" if name == roles.id else None


def _most_frequent(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.argsort(-counts, kind="stable")[:TOP]


def outer_fences(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return Tukey's outer fences, Q1 - 3 IQR and Q3 + 3 IQR, of finite numbers; None where the IQR is 0."""
    q1, q3 = (float(q) for q in np.quantile(values, (0.25, 0.75))) if values.size else (0.0, 0.0)
    return fences_of(q1, q3)


def fences_of(q1: float, q3: float) -> tuple[float, float] | None:
    """Return Tukey's outer fences from the quartiles; None where these are one."""
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
    return numbers_profile(str(series.name), len(series), distinct, counts, roles=roles, shape=shape)


def numbers_profile(
    name: str,
    n: int,
    distinct: NDArray[np.float64],
    counts: NDArray[np.int64],
    *,
    roles: Roles,
    shape: dict[str, Any],
) -> ColumnProfile:
    """Describe a column of numbers whose different values, ascending, are counted; ``shape`` is what else is known."""
    return ColumnProfile(
        name=name,
        kind=empty_or_constant(name, roles, distinct.size) or "number",
        n=n,
        missing=n - int(counts.sum()),
        distinct=distinct.size,
        top=tuple((label_text(distinct[i]), int(counts[i])) for i in _most_frequent(counts)),
        **shape,
    )


def _of_text(series: pd.Series, roles: Roles) -> ColumnProfile:
    codes, labels = label_codes(series)
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    return text_profile(str(series.name), len(series), labels, counts, roles)


def text_profile(
    name: str, n: int, labels: Sequence[str], counts: NDArray[np.int64], roles: Roles
) -> ColumnProfile:
    """Describe a column of text whose labels are counted."""
    if len(labels) <= MOST_LABELS:
        # Categories that are as frequent stand by their names, whatever the order of the rows.
        order = sorted(range(len(labels)), key=labels.__getitem__)
        labels, counts = [labels[i] for i in order], counts[order]
    known = int(counts.sum())
    return ColumnProfile(
        name=name,
        kind=empty_or_constant(name, roles, len(labels)) or _kind_of_text(known, labels),
        n=n,
        missing=n - known,
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


def profile_of(dataset: Dataset) -> tuple[ColumnProfile, ...]:
    """Describe every column over all rows: of the portfolio where there is one; see `profile`."""
    if dataset.portfolio is None:
        return profile(dataset.frame, dataset.roles)
    from rai_dash.data.portfolio.profiles import profiles

    return profiles(dataset.portfolio, dataset.frame, dataset.roles)


def outline_of(dataset: Dataset) -> tuple[ColumnProfile, ...]:
    """Describe every column over all rows; of a portfolio without what takes more looks at the rows."""
    if dataset.portfolio is None:
        return profile(dataset.frame, dataset.roles)
    from rai_dash.data.portfolio.profiles import outlines

    return outlines(dataset.portfolio, dataset.frame, dataset.roles)
