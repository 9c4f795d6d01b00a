"""Bringing table rows into the arrays that an ONNX graph takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature
from rai_dash.data.columns import is_number
from rai_dash.data.labels import label_text, labels
from rai_dash.models._base import known_codes, numeric_column
from rai_dash.models._onnx.columns import NAN_TEXT, Input, KnownColumns
from rai_dash.models._onnx.values import BOOL, DOUBLE, FLOAT, INT32, INT64, STRING

FloatArray = NDArray[np.float64]
_TYPES: Final = {FLOAT: np.float32, DOUBLE: np.float64, INT32: np.int32, INT64: np.int64, BOOL: np.bool_}
#: What a trial row holds in a column of numbers; logarithms of all of them are defined.
TRIAL_NUMBERS: Final = (1.0, 0.5, 2.0, 30.0)


def _texts(series: pd.Series, feature: Feature, known: KnownColumns, place: int) -> NDArray[Any]:
    """Return a text column as the graph's own categories; what it does not know stays as it is, trimmed."""
    blank = NAN_TEXT if place in known.nan_texts else ""
    out = labels(series).to_numpy(dtype=object, na_value=blank)
    raw = known.categories.get(place, ())
    if raw and feature.categories:
        by_label = {label_text(c): c for c in reversed(raw)}
        stored = np.array([by_label[c] for c in feature.categories] + [blank], dtype=object)
        codes, _ = known_codes(series, feature.categories)
        out = np.where(codes >= 0, stored[codes], out)
    return out


def _numbers(series: pd.Series, feature: Feature) -> FloatArray:
    """Return a column of numbers; categories that are numbers may have been read as text."""
    if feature.categories and not is_number(series):
        found = labels(series)
        read = pd.to_numeric(found, errors="coerce")
        if read.notna().equals(found.notna()):
            return read.to_numpy(dtype=np.float64, na_value=np.nan)
    return numeric_column(series, feature.name)


def _whole(values: FloatArray, name: str, element: int) -> FloatArray:
    """Check a column that the graph takes as whole numbers or as yes and no."""
    if np.isnan(values).any():
        msg = tr(
            "The model takes whole numbers in `{name}` and cannot be given a blank, and {sum} rows are "
            "blank there. Fill them in the table, or export the column as decimal numbers.",
            name=name,
            sum=f"{int(np.isnan(values).sum()):,}",
        )
        raise InvalidChoice(msg, code="blank_not_allowed")
    if element == BOOL:
        fits = np.isin(values, (0.0, 1.0))
    else:
        limits = np.iinfo(_TYPES[element])
        # The largest int64 is no double; the next double below it is.
        fits = (values == np.floor(values)) & (values >= limits.min) & (values < limits.max)
    if not fits.all():
        wanted = "only 0 and 1" if element == BOOL else "whole numbers"
        msg = tr(
            "The model takes {wanted} in `{name}`, and the table has {values} there. Use the table the "
            "model was trained on, or repair the column.",
            wanted=wanted,
            name=name,
            values=f"{values[~fits][0]:g}",
        )
        raise InvalidChoice(msg)
    return values


def _column(series: pd.Series, feature: Feature, known: KnownColumns, place: int, element: int) -> Any:
    """Return one column in the element type of its input, (n,)."""
    if element == STRING:
        return _texts(series, feature, known, place)
    if element in {INT32, INT64} and pd.api.types.is_integer_dtype(series) and not series.hasnans:
        exact = series.to_numpy()
        limits = np.iinfo(_TYPES[element])
        if exact.size and limits.min <= exact.min() and exact.max() <= limits.max:
            return exact.astype(_TYPES[element])  # past 2^53 a detour over doubles would change it
    values = _numbers(series, feature)
    if element not in {FLOAT, DOUBLE}:
        values = _whole(values, feature.name, element)
    with np.errstate(over="ignore"):
        return values.astype(_TYPES[element])


def feed(
    frame: pd.DataFrame, inputs: Sequence[Input], features: Sequence[Feature], known: KnownColumns
) -> dict[str, NDArray[Any]]:
    """Fill the inputs of a graph from the model's columns of a table.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        The model's columns, in its order.
    inputs, features, known
        What the file says of them.

    Returns
    -------
    dict of str to array (n, width)
        Blanks are NaN in numbers; in text the empty text, or ``nan`` where training had that.

    Raises
    ------
    InvalidChoice
        When a column does not hold what the input takes.
    """
    out: dict[str, NDArray[Any]] = {}
    place = 0
    for given in inputs:
        columns = []
        for _ in range(given.width):
            feature = features[place]
            columns.append(_column(frame[feature.name], feature, known, place, given.element))
            place += 1
        out[given.name] = np.stack(columns, axis=1)
    return out


def trial_rows(features: Sequence[Feature], inputs: Sequence[Input]) -> pd.DataFrame:
    """Make a few rows of ordinary values: known categories, else 1, a half, 2 and 30, or an empty text."""
    elements = [i.element for i in inputs for _ in range(i.width)]
    columns: dict[str, list[Any]] = {}
    for feature, element in zip(features, elements, strict=True):
        if feature.categories:
            shown = (feature.categories * len(TRIAL_NUMBERS))[: len(TRIAL_NUMBERS)]
            columns[feature.name] = list(shown)
        elif element == STRING:
            columns[feature.name] = [""] * len(TRIAL_NUMBERS)
        elif element in {FLOAT, DOUBLE}:
            columns[feature.name] = list(TRIAL_NUMBERS)
        else:
            columns[feature.name] = [1, 0, 1, 1]
    return pd.DataFrame(columns)
