"""Which typed columns can be kept, and how large they are once every value is written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.data.reading.limits import TableLimits

_TESTS = (
    pa.types.is_null,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_temporal,
)


def is_plain(kind: pa.DataType) -> bool:
    """Whether a column of some type holds one number, text, time or truth value a row."""
    if isinstance(kind, pa.BaseExtensionType):
        return is_plain(kind.storage_type)
    if pa.types.is_dictionary(kind):
        # A view behind a code is legal and cannot be unfolded by the library.
        return is_plain(kind.value_type) and not pa.types.is_string_view(kind.value_type)
    return any(test(kind) for test in _TESTS)


def _view_bytes(array: pa.Array) -> int:
    """Add up the lengths of texts that share their letters."""
    views = np.frombuffer(array.buffers()[1], dtype=np.int32).reshape(-1, 4)
    lengths = views[array.offset : array.offset + len(array), 0].astype(np.int64)
    return int(lengths[array.is_valid().to_numpy(zero_copy_only=False)].sum())


def _expanded_bytes(array: pa.Array) -> int:
    """Count the bytes of a column after its codes are replaced by what they stand for."""
    if isinstance(array, pa.ExtensionArray):
        return _expanded_bytes(array.storage)
    if pa.types.is_string_view(array.type):
        return _view_bytes(array)
    if not pa.types.is_dictionary(array.type):
        return int(array.nbytes)
    if not (pa.types.is_string(array.type.value_type) or pa.types.is_large_string(array.type.value_type)):
        return len(array) * 8
    lengths = pc.binary_length(array.dictionary).cast(pa.int64())
    return int(pc.sum(lengths.take(array.indices)).as_py() or 0)


@dataclass(frozen=True, slots=True)
class TypedTable:
    """A table whose columns have types already.

    Parameters
    ----------
    names : tuple of str
        As written, also of the columns that are left out.
    columns : tuple of ChunkedArray or None (n,)
        None = lists, records or raw bytes, which were not read.
    """

    names: tuple[str, ...]
    columns: tuple[pa.ChunkedArray | None, ...]


def typed_table(schema: pa.Schema, batches: Sequence[pa.RecordBatch], places: Sequence[int]) -> TypedTable:
    """Put the pieces of a table together.

    Parameters
    ----------
    schema : Schema
        Of the whole file.
    batches : sequence of RecordBatch
        Hold only the columns at ``places``.
    places : sequence of int
        Increasing positions in the schema.

    Raises
    ------
    UnreadableFile
        Code ``no_rows`` or ``no_columns``.
    """
    if not places:
        msg = tr("No column of this file holds plain values. Spread its records over plain columns.")
        raise UnreadableFile(msg, code="no_columns")
    if not sum(len(batch) for batch in batches):
        msg = tr("The table has {schema} columns and no rows. Choose a file with rows.", schema=len(schema))
        raise UnreadableFile(msg, code="no_rows")
    table = pa.Table.from_batches(batches)
    by_place = dict(zip(places, table.columns, strict=True))
    return TypedTable(tuple(schema.names), tuple(by_place.get(i) for i in range(len(schema))))


def check_batch(batch: pa.RecordBatch, limits: TableLimits, before: int, packed: int) -> int:
    """Check a piece of a table that was read, and count it.

    Parameters
    ----------
    batch : RecordBatch
        Untrusted: its offsets, codes and letters are checked first.
    limits : TableLimits
        Limits of the table.
    before : int
        Bytes of the pieces before it, written out.
    packed : int
        Bytes of the file.

    Returns
    -------
    int
        Bytes up to and with this piece.

    Raises
    ------
    UnreadableFile
        When the table is larger than allowed.
    pyarrow.ArrowInvalid
        When the piece is damaged.
    """
    batch.validate(full=True)
    size = before + sum(_expanded_bytes(column) for column in batch.columns)
    limits.check_size(size, packed=packed)
    return size
