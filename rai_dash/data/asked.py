"""What people ask of single columns: numbers as they are written, blanks, labels, comparisons."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import label_codes

BoolArray = NDArray[np.bool_]

#: Texts, in small letters, that are no value; the exported routers carry the same list.
BLANK_TEXTS: Final = ("", "nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity")
COMPARISONS: Final[Mapping[str, Callable[[NDArray[np.float64], float], BoolArray]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[,_ ]\d{3})+(?:\.\d+)?")


def written_number(text: str) -> float:
    """Read a number that a person wrote: ``50000``, ``50,000``, ``1e5``.

    Raises
    ------
    InvalidChoice
        When it is none.
    """
    plain = text.strip()
    if _THOUSANDS.fullmatch(plain):
        plain = re.sub(r"[,_ ]", "", plain)
    try:
        return float(plain)
    except ValueError as error:
        msg = tr("`{text}` is not a number to compare with. Write for example 50000 or 50,000.", text=text)
        raise InvalidChoice(msg) from error


def blank_rows(series: pd.Series) -> BoolArray:
    """Mark what is no value, bool (n,): blanks, and what stands for one in a column of texts."""
    if is_number(series):
        return np.isnan(numbers(series))
    codes, names = label_codes(series)
    is_blank = np.array([name.lower() in BLANK_TEXTS for name in names] + [True])
    return np.asarray(is_blank[codes])


def labelled_rows(series: pd.Series, wanted: Iterable[str]) -> BoolArray:
    """Mark the rows with one of some labels, bool (n,); a blank has none."""
    codes, names = label_codes(series)
    labels = set(wanted)
    return np.asarray(np.array([*(name in labels for name in names), False])[codes])


def compared_numbers(series: pd.Series, column: str) -> NDArray[np.float64]:
    """Return the numbers of a column, float64 (n,); NaN = blank, which no comparison holds for.

    Raises
    ------
    InvalidChoice
        When the column holds texts, and not only blanks.
    """
    if is_number(series):
        return numbers(series)
    if blank_rows(series).all():
        return np.full(len(series), np.nan)
    msg = tr(
        "`{column}` holds texts, so it cannot be compared with numbers. Choose a column of numbers, or "
        "read it as one.",
        column=column,
    )
    raise InvalidChoice(msg)
