"""Parquet: the footer first, then one row group at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.reading.kinds import LOCKED_PARQUET
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.plain_types import TypedTable, check_batch, is_plain, typed_table
from rai_dash.data.reading.refusals import no_table

#: Rows that are unfolded before they are counted: enough to be fast, few enough to stop a bomb early.
BATCH: Final = 2**16
#: What the library says where a column needs a key.
_LOCKED: Final = ("decrypt", "encrypted", "crypto_metadata")


def _damaged() -> UnreadableFile:
    msg = "The Parquet file is damaged or cut off. Write or download it again."
    return UnreadableFile(msg, code="damaged_file")


def _plain_places(schema: pa.Schema) -> list[int]:
    return [i for i, field in enumerate(schema) if is_plain(field.type)]


def _selection(schema: pa.Schema, places: list[int]) -> list[str] | None:
    """Name the columns to read, so that lists and raw bytes are never unfolded; None = names do not tell."""
    names = schema.names
    is_clear = len(set(names)) == len(names) and not any("." in name for name in names)
    return [names[i] for i in places] if is_clear else None


def _read_group(
    file: pq.ParquetFile, group: int, limits: TableLimits, before: int, packed: int
) -> tuple[list[pa.RecordBatch], int]:
    """Read one row group in pieces; also return the bytes up to its end."""
    limits.check_size(before + file.metadata.row_group(group).total_byte_size, packed=packed)
    schema = file.schema_arrow
    places = _plain_places(schema)
    selection, size, batches = _selection(schema, places), before, []
    for read in file.iter_batches(BATCH, row_groups=[group], columns=selection):
        batch = read if selection is not None else read.select(places)
        size = check_batch(batch, limits, size, packed)
        batches.append(batch)
    if sum(len(batch) for batch in batches) != file.metadata.row_group(group).num_rows:
        raise _damaged()
    return batches, size


def _read_all(
    content: memoryview, limits: TableLimits, on_group: Callable[[int, int], None]
) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    packed, size, batches = len(content), 0, []
    with pq.ParquetFile(pa.BufferReader(pa.py_buffer(content))) as file:
        footer, schema = file.metadata, file.schema_arrow
        limits.check_shape(footer.num_rows, len(schema))
        if not _plain_places(schema):
            return schema, []
        for group in range(footer.num_row_groups):
            found, size = _read_group(file, group, limits, size, packed)
            batches += found
            limits.check_shape(sum(len(batch) for batch in batches), len(schema))
            on_group(group + 1, footer.num_row_groups)
    return schema, batches


def read_parquet(
    content: memoryview, limits: TableLimits, on_group: Callable[[int, int], None]
) -> TypedTable:
    """Read a Parquet file into columns as they are.

    Parameters
    ----------
    content : memoryview
        The whole file.
    limits : TableLimits
        Declared and true sizes are both held against them.
    on_group : callable
        Told the number of row groups read and their total.

    Returns
    -------
    TypedTable
        Lists, records and raw bytes are not read.

    Raises
    ------
    UnreadableFile
        When it is damaged, encrypted, too large, or has no row or no plain column.
    MemoryError
        When it takes more memory than this process has.
    """
    try:
        schema, batches = _read_all(content, limits, on_group)
    except MemoryError:
        raise  # the library's own kind is also one of its errors of damage
    except (pa.ArrowException, OSError, ValueError, IndexError, KeyError) as error:
        if any(word in str(error) for word in _LOCKED):
            raise no_table(LOCKED_PARQUET) from None
        raise _damaged() from None
    return typed_table(schema, batches, _plain_places(schema))
