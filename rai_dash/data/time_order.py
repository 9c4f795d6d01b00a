"""Rows in time: whether the share of favourable outcomes moves, and whether the split follows the calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.comparable import training_rows
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import label_codes, label_text
from rai_dash.stats.intervals import effective_size
from rai_dash.stats.shares import share_estimates
from rai_dash.stats.tests import Evidence, evidence

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Most periods; with more different times neighbours are put together.
MOST_PERIODS: Final = 12
_FEWEST: Final = 30
_TOLERANCE: Final = 0.05
_FRONT_YEAR: Final = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?(?=$|[ T])")
_BACK_YEAR: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}(?=$|[ T])")
_TIME_OF_DAY: Final = re.compile(r"(?<=\d)[ T]\d{1,2}:\d{2}.*$")
_MONTH: Final = re.compile(r"(0?[1-9]|1[0-2])[-/.](\d{4})")
_QUARTER: Final = re.compile(r"(\d{4})[- ]?Q([1-4])|Q([1-4])[- ]?(\d{4})", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"(\d{1,2}[ -])?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ -](\d{1,2}, ?)?\d{4}",
    re.IGNORECASE,
)
#: Seconds from 1970 to these years.
_YEAR_1980, _YEAR_2100 = 315_532_800.0, 4_102_444_800.0
EITHER_WAY: Final = "its dates read as day first and as month first"
NO_OUTCOME: Final = "no row with a known outcome"
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
        Rows, rows with a known outcome, with the favourable one; weights are not used.
    share, low, high : float64 (periods,)
        Share of the favourable outcome, weighted where the roles name weights, with Wilson's 95 % interval (weights:
        Kish's effective size); NaN = no labelled row.
    overall : float or None
        The share of all periods together, weighted likewise.
    is_weighted : bool
        Whether rows carry weights.
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
    overall: float | None = None
    is_weighted: bool = False
    drift: Evidence | None = None
    is_split_in_order: bool | None = None
    test: int | None = None
    test_before: int | None = None
    reason: str | None = None


def _read_texts(texts: tuple[str, ...]) -> FloatArray | str:
    """Read labels as days since 1970; NaN = no date. A reason where they read more than one way."""
    if not texts:
        return np.zeros(0)
    texts = tuple(_year_first(t) for t in texts)
    parts = [m.groups() for t in texts if (m := _BACK_YEAR.match(t))]
    day_first = any(int(a) > 12 for a, _ in parts)
    month_first = any(int(b) > 12 for _, b in parts)
    has_points = bool(parts) and all("." in t[:6] for t in texts if _BACK_YEAR.match(t))
    if parts and day_first == month_first and not (has_points and not month_first):
        return EITHER_WAY
    is_plain = [bool(_FRONT_YEAR.match(t) or _BACK_YEAR.match(t) or _NAMED.fullmatch(t)) for t in texts]
    shown = pd.Series(texts).where(np.array(is_plain))
    times = pd.to_datetime(shown, format="mixed", dayfirst=day_first or has_points, errors="coerce", utc=True)
    days = (times - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(days=1)
    return np.asarray(days, dtype=np.float64)


def _year_first(text: str) -> str:
    """Write months (03/2015) and quarters (Q1 2015, 2015-Q1) as a year and its month."""
    if (month := _MONTH.fullmatch(text)) is not None:
        return f"{month[2]}-{int(month[1]):02d}"
    if (quarter := _QUARTER.fullmatch(text)) is not None:
        year, number = (quarter[1], quarter[2]) if quarter[1] else (quarter[4], quarter[3])
        return f"{year}-{3 * int(number) - 2:02d}"
    return text


def _epoch_unit(values: FloatArray) -> Literal["s", "ms"] | None:
    """Return the unit in which numbers count from 1970 on, ``s`` or ``ms``, where all lie between 1980 and 2100."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high = float(known.min()), float(known.max())
    if low >= _YEAR_1980 and high < _YEAR_2100:
        return "s"
    return "ms" if low >= _YEAR_1980 * 1000 and high < _YEAR_2100 * 1000 else None


def _shown(values: FloatArray, cells: pd.Series, first: IntArray) -> list[str]:
    """Write each different time: dates for seconds since 1970, else as the file has it."""
    unit = _epoch_unit(values) if is_number(cells) else None
    if unit is None:
        texts = [label_text(cells.iloc[i]) for i in first]
        days = [_TIME_OF_DAY.sub("", text) for text in texts]
        return days if len(set(days)) > MOST_PERIODS else texts
    return list(pd.to_datetime(values, unit=unit).strftime("%Y-%m-%d"))


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
        The rows; ``roles.time`` names the column. Numbers (years, 201903, counters, seconds since 1970) are
        ordered as they are; text must be dates, months or quarters with a year of four digits. Dates that read both
        day first and month first are refused.

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
    weight = dataset.weight[known]
    good, total, squares = (
        np.bincount(period[keep], weights=by[keep], minlength=len(names)).astype(np.float64)
        for keep, by in (
            (outcome == FAVOURABLE, weight),
            (outcome != UNKNOWN, weight),
            (outcome != UNKNOWN, weight**2),
        )
    )
    shares = share_estimates(good, total, squares=squares, undefined=NO_OUTCOME)
    compared = (labelled >= _FEWEST) & (total > 0)
    size = np.rint(effective_size(total, squares)).astype(np.int64)
    hits = np.rint(np.nan_to_num(shares.value) * size).astype(np.int64)
    in_order, test, before = _split(dataset, times)
    return TimeOrder(
        column=column, unread=int((~known).sum()), periods=names, n=n, labelled=labelled, favourable=favourable,
        share=shares.value, low=shares.low, high=shares.high, compared=compared,
        overall=float(good.sum() / total.sum()) if total.sum() else None, is_weighted=dataset.roles.weight is not None,
        drift=_drift(hits, size, n, compared),
        is_split_in_order=in_order, test=test, test_before=before,
    )  # fmt: skip


def _periods(times: FloatArray, cells: pd.Series) -> tuple[IntArray, tuple[str, ...]]:
    """Cut known times into periods; rows of one time stay together."""
    values, first, code, counts = np.unique(times, return_index=True, return_inverse=True, return_counts=True)
    of_value = np.arange(len(values))
    if len(values) > MOST_PERIODS:
        middle = np.cumsum(counts) - counts / 2
        _, of_value = np.unique((middle * MOST_PERIODS / counts.sum()).astype(np.int64), return_inverse=True)
    texts = _shown(values, cells, first)
    ends = [np.flatnonzero(of_value == k)[[0, -1]] for k in range(int(of_value[-1]) + 1)]
    names = tuple(
        texts[a] if texts[a] == texts[b] else tr("{texts} to {texts_b}", texts=texts[a], texts_b=texts[b])
        for a, b in ends
    )
    return of_value[code.reshape(-1)].astype(np.int64), names


def _drift(hits: IntArray, sizes: IntArray, n: IntArray, compared: NDArray[np.bool_]) -> Evidence | None:
    if compared.sum() < 2:
        return None
    k, size, rows = hits[compared], sizes[compared], n[compared]
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
