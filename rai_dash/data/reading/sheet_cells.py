"""Cells of a spreadsheet to columns: numbers, truth values, text; dates as ISO text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from types import NoneType
from typing import Any, Final

import numpy as np
import pyarrow as pa

from rai_dash.data.labels import label_text

_NUMBERS: Final = frozenset({int, float})
_TIMES: Final = frozenset({date, datetime, time, timedelta})
_LARGEST_WHOLE: Final = 2.0**63


def cell_text(value: object) -> str:
    """Write one cell as a CSV would hold it: 1.0 is ``1``, a day without time is a day.

    Parameters
    ----------
    value : object
        A number, truth value, date, time, duration or text.
    """
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        sign, seconds = "-" if seconds < 0 else "", abs(seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value if isinstance(value, str) else label_text(value)


class CellColumn:
    """One column of a sheet, filled block by block; numbers and texts are packed at once to save memory."""

    def __init__(self) -> None:
        self._kinds: set[type] = set()
        self._blocks: list[Any] = []

    def add(self, cells: Sequence[object]) -> None:
        """Add the next cells; an empty text is a blank."""
        values = [None if isinstance(v, str) and not v.strip() else v for v in cells]
        kinds = set(map(type, values)) - {NoneType}
        self._kinds |= kinds
        if kinds <= _NUMBERS:
            self._blocks.append(np.array(values, dtype=np.float64))  # a blank becomes NaN
        elif kinds == {str}:
            self._blocks.append(pa.array(values, pa.large_string()))
        else:
            self._blocks.append(values)

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return not self._kinds

    @property
    def is_mixed(self) -> bool:
        """Whether cells of several kinds share the column, so that it can only be read as text."""
        return len(self._kinds) > 1 and not (self._kinds <= _NUMBERS or self._kinds <= _TIMES)

    def values(self, *, as_text: bool = False) -> pa.ChunkedArray:
        """Return the column.

        Parameters
        ----------
        as_text : bool
            Write numbers as text as well.

        Returns
        -------
        ChunkedArray (n,)
            int64, float64, bool or large text; blanks are null.
        """
        if self._kinds <= _NUMBERS and not as_text:
            return pa.chunked_array([_numbers(np.concatenate(self._blocks))])
        if self._kinds == {bool} and not as_text:
            return pa.chunked_array([pa.array(_listed(block), pa.bool_()) for block in self._blocks])
        return pa.chunked_array([_texts(block) for block in self._blocks], pa.large_string())


def _numbers(values: np.ndarray[Any, np.dtype[np.float64]]) -> pa.Array:
    """Take numbers as whole where all of them are."""
    blank = np.isnan(values)
    given = values[~blank]
    if len(given) and (np.abs(given) < _LARGEST_WHOLE).all() and (given == np.floor(given)).all():
        return pa.array(np.where(blank, 0, values).astype(np.int64), mask=blank)
    return pa.array(values, mask=blank)


def _listed(block: Any) -> list[Any]:
    """Return the cells of a block, blanks as None."""
    if isinstance(block, np.ndarray):
        return [None if v != v else v for v in block.tolist()]  # noqa: PLR0124 - NaN
    return block if isinstance(block, list) else block.to_pylist()


def _texts(block: Any) -> pa.Array:
    if isinstance(block, pa.Array):
        return block
    written = [None if v is None else cell_text(v) for v in _listed(block)]
    return pa.array(written, pa.large_string())
