"""Ask one question about one column of many rows at once, as `rai_dash.review._portable` does for one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Feature
from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.data.labels import label_codes
from rai_dash.models.unseen import find_unseen
from rai_dash.review._portable import BLANKS, COMPARE, YES

BoolArray = NDArray[np.bool_]


def rows_of_test(test: Mapping[str, Any], frame: pd.DataFrame) -> BoolArray:
    """Return the rows that a question of `Condition.tests` holds for, bool (n,).

    Raises
    ------
    MissingColumn
        When the table lacks the column.
    InvalidChoice
        When numbers are asked of a column of texts.
    """
    column, kind = test["column"], test["kind"]
    require_columns(frame, [column])
    series = frame[column]
    if kind == "blank":
        return _blank(series)
    if kind in {"number", "range"}:
        return _beyond(test, series)
    if kind == "unseen":
        known = Feature(column, "category", tuple(test["values"]))
        # A model without any category would not be asked; here nothing is known, so that everything is new.
        new = find_unseen(frame[[column]], (known,)).rows if known.categories else np.ones(len(frame), bool)
        return new & ~_blank(series)
    wanted = set(test["values"]) if kind == "category" else None
    return _labelled(series, wanted) & ~_blank(series)


def _blank(series: pd.Series) -> BoolArray:
    """Mark what is no value: blanks, and what stands for one in a column of texts."""
    if is_number(series):
        return np.isnan(numbers(series))
    codes, names = label_codes(series)
    is_blank = np.array([name.lower() in BLANKS for name in names] + [True])
    return np.asarray(is_blank[codes])


def _beyond(test: Mapping[str, Any], series: pd.Series) -> BoolArray:
    if not is_number(series):
        if _blank(series).all():
            return np.zeros(len(series), dtype=bool)
        msg = (
            f"`{test['column']}` holds texts, so it cannot be compared with numbers. Choose a column of numbers, or "
            "read it as one."
        )
        raise InvalidChoice(msg)
    values = numbers(series)
    # A comparison with NaN is false, and `range` asks for the contrary.
    if test["kind"] == "range":
        return np.asarray((values < test["low"]) | (values > test["high"]))
    return np.asarray(COMPARE[test["operator"]](values, test["value"]))  # type: ignore[arg-type]


def _labelled(series: pd.Series, wanted: set[str] | None) -> BoolArray:
    """Mark labels of a set; None = those that mean yes."""
    codes, names = label_codes(series)
    hits = [name in wanted if wanted is not None else name.lower() in YES for name in names]
    return np.asarray(np.array([*hits, False])[codes])
