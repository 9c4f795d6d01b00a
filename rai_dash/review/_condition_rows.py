"""Ask one question about one column of many rows at once, as `rai_dash.review._portable` does for one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import Feature
from rai_dash.data.asked import COMPARISONS, blank_rows, compared_numbers, labelled_rows
from rai_dash.data.columns import require_columns
from rai_dash.data.labels import label_codes
from rai_dash.models.unseen import find_unseen
from rai_dash.review._portable import YES

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
        return blank_rows(series)
    if kind in {"number", "range"}:
        return _beyond(test, series)
    if kind == "unseen":
        known = Feature(column, "category", tuple(test["values"]))
        # A model without any category would not be asked; here nothing is known, so that everything is new.
        new = find_unseen(frame[[column]], (known,)).rows if known.categories else np.ones(len(frame), bool)
        return new & ~blank_rows(series)
    held = labelled_rows(series, test["values"]) if kind == "category" else _flagged(series)
    return held & ~blank_rows(series)


def _beyond(test: Mapping[str, Any], series: pd.Series) -> BoolArray:
    values = compared_numbers(series, test["column"])
    # A comparison with NaN is false, and `range` asks for the contrary.
    if test["kind"] == "range":
        return np.asarray((values < test["low"]) | (values > test["high"]))
    return np.asarray(COMPARISONS[test["operator"]](values, test["value"]))


def _flagged(series: pd.Series) -> BoolArray:
    """Mark labels that mean yes."""
    codes, names = label_codes(series)
    return np.asarray(np.array([*(name.lower() in YES for name in names), False])[codes])
