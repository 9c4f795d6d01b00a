"""Entry point of the separate process that parses a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.types import Notice
from rai_dash.data.columns import is_row_number
from rai_dash.data.convert import Converted, convert_text, convert_typed
from rai_dash.data.decode import gunzip, to_utf8
from rai_dash.data.limits import TableLimits
from rai_dash.data.names import unique_names
from rai_dash.data.parquet import read_parquet
from rai_dash.data.refusals import require_table
from rai_dash.data.sniff import GZIP, PARQUET
from rai_dash.data.text_table import read_text_table
from rai_dash.sandbox.arrow import frame_to_ipc

Progress = Callable[[int, int, str], None]
Columns = dict[str, Converted]
_STEPS: Final = 100


def _unpacked(content: memoryview, limits: TableLimits) -> tuple[memoryview, bool]:
    """Unpack gzip once, and tell whether the table is Parquet."""
    kind = require_table(content)
    if kind == GZIP:
        content = memoryview(gunzip(content, limits))
        kind = require_table(content)
        if kind == GZIP:
            msg = "The gzip archive holds another gzip archive. Unpack it once and choose the result."
            raise UnreadableFile(msg, code="not_a_table")
    return content, kind == PARQUET


def _of_text(content: memoryview, limits: TableLimits, progress: Progress) -> tuple[Columns, list[Notice]]:
    limits.check_size(len(content))
    text, notices = to_utf8(bytes(content))
    progress(10, _STEPS, "rows and columns")
    table = read_text_table(text, limits)
    names, renamed = unique_names(table.header)
    columns: Columns = {}
    for i, name in enumerate(names):
        columns[name] = convert_text(table.columns[i], name, decimal_comma=table.separator == ";")
        progress(20 + 70 * (i + 1) // len(names), _STEPS, "values")
    return columns, [*notices, *table.notices, *renamed]


def _of_parquet(content: memoryview, limits: TableLimits, progress: Progress) -> tuple[Columns, list[Notice]]:
    table = read_parquet(content, limits, lambda done, total: progress(70 * done // total, _STEPS, "rows"))
    names, renamed = unique_names(table.column_names)
    notices, columns = list(renamed), {}
    for i, name in enumerate(names):
        found = convert_typed(table.column(i), name)
        if found is not None:
            columns[name] = found
            continue
        msg = f"`{name}` holds lists, records or raw bytes and is left out. Spread it over plain columns."
        notices.append(Notice("nested_column", msg, column=name))
    if not columns:
        msg = "No column of this Parquet file holds plain values. Spread its records over plain columns."
        raise UnreadableFile(msg, code="no_columns")
    return columns, notices


def _trimmed(columns: Columns) -> list[Notice]:
    names = [name for name, c in columns.items() if c.was_trimmed]
    if not names:
        return []
    listed = ", ".join(f"`{n}`" for n in names[:5]) + (", …" if len(names) > 5 else "")
    msg = f"Blanks around values were taken away in {len(names)} columns: {listed}."
    return [Notice("trimmed", msg)]


def _row_numbers(frame: pd.DataFrame) -> list[Notice]:
    """Say so where the first column only counts the rows."""
    name = str(frame.columns[0])
    if not is_row_number(frame[name]):
        return []
    msg = f"`{name}` only numbers the rows. It should not be used to judge or to train."
    return [Notice("row_number", msg, column=name)]


def read_columns(
    content: memoryview, limits: TableLimits, progress: Progress
) -> tuple[pd.DataFrame, Sequence[Notice]]:
    """Read the columns of a file; see ``parse_table``."""
    progress(0, _STEPS, "unpacking")
    body, is_parquet = _unpacked(content, limits)
    columns, notices = (_of_parquet if is_parquet else _of_text)(body, limits, progress)
    for column in columns.values():
        notices += column.notices
    frame: pd.DataFrame = pa.table({name: c.values for name, c in columns.items()}).to_pandas()
    return frame, [*notices, *_trimmed(columns), *_row_numbers(frame)]


def parse_table(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Parse a table: CSV with any usual separator and encoding, packed with gzip or not, or Parquet.

    Parameters
    ----------
    state : dict
        Not used.
    args : dict
        ``limits``: see ``TableLimits.to_args``.
    blobs : list of memoryview
        The file.
    progress : callable
        Told how far it is.

    Returns
    -------
    data : dict
        ``notices``: list of dict.
    blobs : list of bytes
        The table as an Arrow stream; columns are int64, float64 or text.

    Raises
    ------
    UnreadableFile
        When the file is no table; says what it is or which line is wrong.
    """
    frame, notices = read_columns(blobs[0], TableLimits.from_args(args), progress)
    progress(95, _STEPS, "handing over")
    return {"notices": [asdict(n) for n in notices]}, [frame_to_ipc(frame)]
