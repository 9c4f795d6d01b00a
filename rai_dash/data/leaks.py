"""Columns that give the outcome away: alone they separate it almost perfectly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import label_codes

LEAK_AUC: Final = 0.99
#: With fewer rows of either outcome many columns separate them by chance.
_FEWEST: Final = 10
#: A column of labels needs on average so many rows a label.
_ROWS_A_LABEL: Final = 10


def _auc(values: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """Return the larger of AUC and 1 - AUC of one column; ties count one half."""
    n_good, n_bad = int(good.sum()), int((~good).sum())
    if min(n_good, n_bad) < _FEWEST:
        return 0.5
    area = (rankdata(values)[good].sum() - n_good * (n_good + 1) / 2) / (n_good * n_bad)
    return float(max(area, 1.0 - area))


def _label_rates(series: pd.Series, good: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Replace each label by its share of favourable rows; None where there are too many labels."""
    codes, names = label_codes(series)
    if len(names) * _ROWS_A_LABEL > codes.size:
        return None
    place = codes + 1
    size = np.bincount(place, minlength=len(names) + 1)
    hits = np.bincount(place, weights=good, minlength=len(names) + 1)
    rates: NDArray[np.float64] = (hits / np.maximum(size, 1))[place]
    return rates


def strength(series: pd.Series, outcome: NDArray[np.int8]) -> float:
    """Measure how well one column alone separates the outcome.

    Parameters
    ----------
    series : Series (n,)
        Numbers are ranked as they are, and by their values as labels where these are few; labels by
        their share of favourable rows. Rows without a number are left out.
    outcome : int8 (n,)
        0 unfavourable, 1 favourable, 2 unknown.

    Returns
    -------
    float
        AUC from 0.5 to 1; 0.5 where it cannot be told.
    """
    known = outcome != UNKNOWN
    found = [0.5]
    if is_number(series):
        values = numbers(series)
        both = known & np.isfinite(values)
        # A column with values for a minority of rows says nothing about the rest.
        if both.sum() * 2 < known.sum():
            return 0.5
        found.append(_auc(values[both], outcome[both] == FAVOURABLE))
    if not is_number(series) or series.nunique() <= 20:
        good = outcome[known] == FAVOURABLE
        rates = _label_rates(series[known], good)
        if rates is not None:
            found.append(_auc(rates, good))
    return max(found)


def leaks(frame: pd.DataFrame, outcome: NDArray[np.int8], *, skip: Iterable[str | None]) -> tuple[str, ...]:
    """Name the columns that alone separate the outcome with an AUC above ``LEAK_AUC``."""
    left = set(skip)
    return tuple(str(c) for c in frame.columns if c not in left and strength(frame[c], outcome) > LEAK_AUC)
