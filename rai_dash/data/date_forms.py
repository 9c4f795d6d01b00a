"""Recognising dates and months by their form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_LOOKED_AT: Final = 1000
_MONTHS: Final = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_TIME: Final = r"([ T]\d.*)?"
_DATE: Final = re.compile(
    rf"\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}{_TIME}|\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{4}}{_TIME}"
    rf"|\d{{4}}-(0[1-9]|1[0-2])|(\d{{1,2}}[ -])?{_MONTHS}[ -](\d{{1,2}}, ?)?(\d{{2}}|\d{{4}})",
    re.IGNORECASE,
)


def is_dates(labels: Sequence[str]) -> bool:
    """Whether every label has the form of a date or a month; the first ones decide."""
    return bool(labels) and all(_DATE.fullmatch(label) for label in labels[:_LOOKED_AT])


def are_months(values: NDArray[np.float64]) -> bool:
    """Whether numbers are months or days written together, like 201903 or 20190331; NaN = blank."""
    known = values[np.isfinite(values)]
    if known.size == 0 or (known % 1).any():
        return False
    if known.min() >= 19_000_101:
        day, known = known % 100, known // 100
        if day.min() < 1 or day.max() > 31:
            return False
    month = known % 100
    in_range = known.min() >= 190_001 and known.max() <= 210_012
    return bool(in_range and month.min() >= 1 and month.max() <= 12)


def are_years(values: NDArray[np.float64]) -> bool:
    """Whether numbers are years of this century or the last; NaN = blank."""
    known = values[np.isfinite(values)]
    return bool(known.size and not (known % 1).any() and known.min() >= 1900 and known.max() <= 2100)
