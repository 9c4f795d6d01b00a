"""Entry point of the separate process that parses one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.types import Notice
from rai_dash.data.convert import converted, trimmed
from rai_dash.data.decode import gunzip, to_utf8
from rai_dash.data.limits import TableLimits
from rai_dash.data.names import ROW_NUMBER_NAME, unique_names
from rai_dash.data.sniff import EMPTY, GZIP, PARQUET, TEXT, sniff
from rai_dash.data.text_table import read_text
from rai_dash.sandbox.arrow import frame_to_ipc

Progress = Callable[[int, int, str], None]


def parse_table(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Parse the file in blob 0; returns the table as an Arrow stream and what was noticed.

    Raises
    ------
    UnreadableFile
        When it is no table that can be read, or too large.
    """
    del state, progress
    limits = TableLimits.from_args(args)
    content: bytes | memoryview = blobs[0]
    kind = sniff(content)
    if kind is GZIP:
        content = gunzip(memoryview(content), limits)
        kind = sniff(content)
    limits.check_size(len(content))
    if kind is PARQUET:
        frame, notices = _read_parquet(content, limits)
    elif kind is TEXT:
        frame, notices = _read_text(bytes(content), limits)
    else:
        raise _not_a_table(kind is EMPTY, kind.label, is_model=kind.slot == "model")
    notices += _row_numbers(frame)
    return {"notices": [asdict(n) for n in notices]}, [frame_to_ipc(frame)]


def _not_a_table(is_empty: bool, label: str, *, is_model: bool) -> UnreadableFile:  # noqa: FBT001
    if is_empty:
        return UnreadableFile("The file is empty. Save the table again with a header and rows.", code="empty")
    what = "Upload it as the model." if is_model else "Save the table as CSV or Parquet."
    return UnreadableFile(f"This is {label}, not a table. {what}", code="not_a_table")


def _read_text(content: bytes, limits: TableLimits) -> tuple[pd.DataFrame, list[Notice]]:
    text, found = to_utf8(content)
    if not text.strip():
        raise _not_a_table(is_empty=True, label="", is_model=False)
    header, raw, delimiter = read_text(text, limits)
    names, doubles = unique_names(header)
    notices = [*found, *doubles]
    columns: dict[str, pd.Series] = {}
    any_trimmed = 0
    for name, values in zip(names, raw, strict=True):
        bare, had_blanks = trimmed(values)
        any_trimmed += had_blanks
        columns[name] = converted(name, bare, decimal_comma=delimiter != ",", notices=notices)
    if any_trimmed:
        text_ = f"Blanks around the values of {any_trimmed} columns were removed."
        notices.append(Notice("trimmed", text_))
    return pd.DataFrame(columns), notices


def _read_parquet(content: bytes | memoryview, limits: TableLimits) -> tuple[pd.DataFrame, list[Notice]]:
    notices: list[Notice] = []
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        limits.check_shape(file.metadata.num_rows, file.metadata.num_columns)
        flat = [f.name for f in file.schema_arrow if not pa.types.is_nested(f.type)]
        table = file.read(columns=flat)
    except (pa.ArrowException, OSError, ValueError) as error:
        msg = "The Parquet file is damaged or cut off. Write or download it again."
        raise UnreadableFile(msg, code="damaged_file") from error
    notices += [
        Notice("nested_column", f"`{f.name}` holds lists and was left out.", f.name)
        for f in file.schema_arrow
        if pa.types.is_nested(f.type)
    ]
    if table.num_rows == 0 or not flat:
        msg = "The Parquet table has no rows or no plain columns. Save it again with its rows."
        raise UnreadableFile(msg, code="empty")
    limits.check_size(table.nbytes)
    names, doubles = unique_names(table.column_names)
    columns = {n: _plain(n, table.column(i).combine_chunks(), notices) for i, n in enumerate(names)}
    return pd.DataFrame(columns), [*notices, *doubles]


def _plain(name: str, values: Any, notices: list[Notice]) -> pd.Series:
    """Bring a typed column to int64, float64 or text, as the same table in CSV would have it."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.dictionary_decode()
        kind = values.type
    if pa.types.is_boolean(kind):
        return pd.Series([None if v is None else str(v) for v in values.to_pylist()]).astype("str")
    if pa.types.is_integer(kind) and values.null_count == 0:
        return pd.Series(values.cast(pa.int64()).to_numpy())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        found = pd.Series(values.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        infinite = int(np.isinf(found).sum())
        if infinite:
            text = f"{infinite:,} cells of `{name}` are infinite; they count as missing."
            notices.append(Notice("not_finite", text, name, infinite))
        return found.replace([np.inf, -np.inf], np.nan)
    bare, _ = trimmed(values.cast(pa.string()))
    return pd.Series(bare.to_pandas()).astype("str")


def _row_numbers(frame: pd.DataFrame) -> list[Notice]:
    """Notice a first column that only counts the rows."""
    name = str(frame.columns[0])
    if is_row_number(frame, name):
        text = f"`{name}` only counts the rows; it is left out."
        return [Notice("row_number", text, name)]
    return []


def is_row_number(frame: pd.DataFrame, name: str) -> bool:
    """Whether a column counts the rows from 0 or 1, and has a name that says so or none."""
    series = frame[name]
    if series.dtype.kind != "i" or not ROW_NUMBER_NAME.fullmatch(name.casefold()):
        return False
    values = series.to_numpy()
    return len(values) > 1 and bool((np.diff(values) == 1).all())
