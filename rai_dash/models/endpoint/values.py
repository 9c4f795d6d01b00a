"""Rows of a table as the plain values that a model behind an address is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rai_dash.core.endpoints import EndpointInput
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.labels import label_codes
from rai_dash.models._base import FloatArray, numeric_column

Row = tuple[Any, ...]


def rows_of(frame: pd.DataFrame, inputs: Sequence[EndpointInput]) -> list[Row]:
    """Write each row with plain values in the model's order; a blank is None.

    Raises
    ------
    InvalidChoice
        When a column does not hold what its input takes.
    """
    return list(zip(*(_values(frame[i.name], i) for i in inputs), strict=True))


def keys_of(rows: Sequence[Row]) -> list[bytes]:
    """Hash each row: the first 128 bits of the BLAKE2b of its JSON text."""
    write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return [hashlib.blake2b(write(row).encode(), digest_size=16).digest() for row in rows]


def _values(series: pd.Series, column: EndpointInput) -> list[Any]:
    if column.type == "text":
        codes, names = label_codes(series)
        texts: list[str | None] = [*names, None]  # code -1, the blank, is the last
        return [texts[code] for code in codes]
    values = numeric_column(series, column.name)
    if np.isinf(values).any():
        msg = tr(
            "`{column}` holds infinite numbers, which cannot be sent. Repair the column.", column=column.name
        )
        raise InvalidChoice(msg)
    is_blank = np.isnan(values)
    plain: list[Any] = _numbers(values, is_blank, column)
    for place in np.flatnonzero(is_blank):
        plain[place] = None
    return plain


def _numbers(values: FloatArray, is_blank: Any, column: EndpointInput) -> list[Any]:
    """Write the numbers of a column in the type that its input takes; what stands at a blank does not matter."""
    if column.type == "number":
        return list(values.tolist())
    there = values[~is_blank]
    if column.type == "boolean":
        if not np.isin(there, (0.0, 1.0)).all():
            raise _other(column, tr("yes or no (1 or 0)"))
        return list((np.where(is_blank, 0.0, values) == 1.0).tolist())
    if (np.floor(there) != there).any() or (np.abs(there) > 2.0**53).any():
        raise _other(column, tr("whole numbers"))
    return list(np.where(is_blank, 0.0, values).astype(np.int64).tolist())


def _other(column: EndpointInput, what: str) -> InvalidChoice:
    msg = (
        f"The model takes {what} in `{column.name}`, and the table has other values there. Repair the column."
    )
    return InvalidChoice(msg)
