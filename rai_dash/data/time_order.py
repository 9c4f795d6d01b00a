"""Rows in time: whether the share of favourable outcomes moves, and whether the split follows the calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.comparable import training_rows
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import label_codes, label_text
from rai_dash.stats.intervals import wilson
from rai_dash.stats.tests import Evidence, evidence

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Most periods; with more different times neighbours are put together.
MOST_PERIODS: Final = 12
_FEWEST: Final = 30
_TOLERANCE: Final = 0.05
_FRONT_YEAR: Final = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?(?=$|[ T])")
_BACK_YEAR: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}(?=$|[ T])")
EITHER_WAY: Final = "its dates read as day first and as month first"
NO_TIME: Final = "it holds no dates or numbers that can be put in order"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeOrder:
    """What time does to the outcome.

    Parameters
    ----------
    column : str
        The column of times.
    unread : int
        Rows without a time that can be read.
    periods : tuple of str
        First and last time of each period, in order; one time where they are the same.
    n, labelled, favourable : int64 (periods,)
        Rows, rows with a known outcome, with the favourable one.
    share, low, high : float64 (periods,)
        ``favourable / labelled`` with Wilson's 95 % interval; NaN = no labelled row.
    compared : bool (periods,)
        Periods with enough labelled rows to be tested.
    drift : Evidence or None
        Test that all compared periods have one share; None with fewer than two of them.
    is_split_in_order : bool or None
        Whether no training row is later than a row outside training; None without a split.
    test, test_before : int or None
        Rows outside training with a time, and those of them that are not later than the last training row.
    reason : str or None
        Why nothing can be said; the arrays are then empty.
    """

    column: str
    unread: int = 0
    periods: tuple[str, ...] = ()
    n: IntArray
    labelled: IntArray
    favourable: IntArray
    share: FloatArray
    low: FloatArray
    high: FloatArray
    compared: NDArray[np.bool_]
    drift: Evidence | None = None
    is_split_in_order: bool | None = None
    test: int | None = None
    test_before: int | None = None
    reason: str | None = None


def _read_texts(texts: tuple[str, ...]) -> FloatArray | str:
    """Read labels as days since 1970; NaN = no date. A reason where they read more than one way."""
    if not texts:
        return np.zeros(0)
    parts = [m.groups() for t in texts if (m := _BACK_YEAR.match(t))]
    day_first = any(int(a) > 12 for a, _ in parts)
    month_first = any(int(b) > 12 for _, b in parts)
    has_points = bool(parts) and all("." in t[:6] for t in texts if _BACK_YEAR.match(t))
    if parts and day_first == month_first and not (has_points and not month_first):
        return EITHER_WAY
    is_plain = [bool(_FRONT_YEAR.match(t) or _BACK_YEAR.match(t)) for t in texts]
    shown = pd.Series(texts).where(np.array(is_plain))
    times = pd.to_datetime(shown, format="mixed", dayfirst=day_first or has_points, errors="coerce", utc=True)
    days = (times - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(days=1)
    return np.asarray(days, dtype=np.float64)


def _times(series: pd.Series) -> FloatArray | str:
    """Return a number for each row that grows with time, NaN = unknown; or the reason why there is none."""
    if is_number(series):
        return numbers(series)
    codes, names = label_codes(series)
    days = _read_texts(names)
    if isinstance(days, str):
        return days
    by_label: FloatArray = np.append(days, np.nan)
    return by_label[codes]


def time_order(dataset: Dataset) -> TimeOrder | None:
    """Look at the rows in the order of the time column.

    Parameters
    ----------
    dataset : Dataset
        The rows; ``roles.time`` names the column. Numbers (years, 201903, counters) are ordered as they are; text
        must be dates with a year of four digits. Dates that read both day first and month first are refused.

    Returns
    -------
    TimeOrder or None
        None without a time column. Up to ``MOST_PERIODS`` periods of about equally many rows; rows of one time are
        never parted. The test is exploratory: rows of one period may not be independent of each other.
    """
    column = dataset.roles.time
    if column is None:
        return None
    times = _times(dataset.frame[column])
    if isinstance(times, str):
        return _nothing(column, times, dataset.n_rows)
    known = np.isfinite(times)
    if not known.any():
        return _nothing(column, NO_TIME, dataset.n_rows)
    return _by_period(dataset, column, times, known)


def _nothing(column: str, reason: str, unread: int) -> TimeOrder:
    none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    return TimeOrder(
        column=column, unread=unread, n=none, labelled=none, favourable=none, share=nothing, low=nothing,
        high=nothing, compared=np.zeros(0, dtype=bool), reason=reason,
    )  # fmt: skip


def _by_period(dataset: Dataset, column: str, times: FloatArray, known: NDArray[np.bool_]) -> TimeOrder:
    period, names = _periods(times[known], dataset.frame[column][known])
    outcome = dataset.outcome[known]
    n, labelled, favourable = (
        np.bincount(period[keep], minlength=len(names)).astype(np.int64)
        for keep in (slice(None), outcome != UNKNOWN, outcome == FAVOURABLE)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(labelled > 0, favourable / labelled, np.nan)
    low, high = wilson(favourable, labelled)
    compared = labelled >= _FEWEST
    in_order, test, before = _split(dataset, times)
    return TimeOrder(
        column=column, unread=int((~known).sum()), periods=names, n=n, labelled=labelled, favourable=favourable,
        share=share, low=low, high=high, compared=compared, drift=_drift(favourable, labelled, n, compared),
        is_split_in_order=in_order, test=test, test_before=before,
    )  # fmt: skip


def _periods(times: FloatArray, cells: pd.Series) -> tuple[IntArray, tuple[str, ...]]:
    """Cut known times into periods; rows of one time stay together."""
    values, first, code, counts = np.unique(times, return_index=True, return_inverse=True, return_counts=True)
    of_value = np.arange(len(values))
    if len(values) > MOST_PERIODS:
        middle = np.cumsum(counts) - counts / 2
        _, of_value = np.unique((middle * MOST_PERIODS / counts.sum()).astype(np.int64), return_inverse=True)
    texts = [label_text(cells.iloc[i]) for i in first]
    ends = [np.flatnonzero(of_value == k)[[0, -1]] for k in range(int(of_value[-1]) + 1)]
    names = tuple(texts[a] if a == b else f"{texts[a]} to {texts[b]}" for a, b in ends)
    return of_value[code.reshape(-1)].astype(np.int64), names


def _drift(
    favourable: IntArray, labelled: IntArray, n: IntArray, compared: NDArray[np.bool_]
) -> Evidence | None:
    if compared.sum() < 2:
        return None
    k, size, rows = favourable[compared], labelled[compared], n[compared]
    seed = int(fingerprint_value(["time", sorted(size.tolist())])[:8], 16)
    return evidence(k, size, rows, tolerance=_TOLERANCE, seed=seed)


def _split(dataset: Dataset, times: FloatArray) -> tuple[bool | None, int | None, int | None]:
    trained = training_rows(dataset)
    if trained is None:
        return None, None, None
    theirs, ours = times[trained], times[~trained]
    theirs, ours = theirs[np.isfinite(theirs)], ours[np.isfinite(ours)]
    if not theirs.size or not ours.size:
        return None, None, None
    before = int((ours <= theirs.max()).sum())
    return bool(theirs.max() <= ours.min()), int(ours.size), before
