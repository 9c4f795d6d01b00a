"""Tables over the wire: pandas to an Arrow IPC stream and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr

if TYPE_CHECKING:
    import pandas as pd


def _column(values: pd.Series) -> pa.ChunkedArray | pa.Array:
    """Convert one column; objects of mixed type become text, as they would be in a file."""
    try:
        return pa.Array.from_pandas(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return pa.Array.from_pandas(values.map(str, na_action="ignore"), type=pa.large_string())


def _coded(values: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Write each text of a column once, and its number in every row."""
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return values
    # Texts in several chunks would get several lists of numbers.
    return (values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values).dictionary_encode()


def frame_to_ipc(frame: pd.DataFrame, *, coded: bool = False) -> bytes:
    """Write a table as an Arrow IPC stream; the index is dropped.

    Parameters
    ----------
    frame : DataFrame
        Any columns; objects of mixed type are written as text.
    coded : bool
        Whether text comes back as categories, in the order in which they first appear: each text is then
        read once and not in every row.
    """
    arrays = [_column(frame.iloc[:, i]) for i in range(frame.shape[1])]
    if coded:
        arrays = [_coded(a) for a in arrays]
    out: bytes = table_to_ipc(pa.table(arrays, names=[str(name) for name in frame.columns])).tobytes()
    return out


def table_to_ipc(table: pa.Table) -> memoryview:
    """Write an Arrow table as an IPC stream, into one piece of memory of the right size."""
    counter = pa.MockOutputStream()
    _write(table, counter)
    buffer = pa.allocate_buffer(counter.size())
    _write(table, pa.FixedSizeBufferWriter(buffer))
    return memoryview(buffer).cast("B")


def _write(table: pa.Table, sink: pa.NativeFile) -> None:
    with sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)


def frame_from_ipc(buffer: bytes | memoryview, *, check: bool = True) -> pd.DataFrame:
    """Read a table from an Arrow IPC stream.

    Text comes back as pandas' ``str``, coded text as categories, columns without any value as float64, the
    index is 0 … n-1.

    Parameters
    ----------
    buffer : bytes or memoryview
        What ``frame_to_ipc`` wrote.
    check : bool
        Validate every offset and every text first. Only a reader that trusts the writer (the child
        reading what the app sent) leaves this out.

    Raises
    ------
    UnreadableFile
        When the stream is damaged.
    """
    try:
        with pa.ipc.open_stream(pa.py_buffer(buffer)) as reader:
            # Metadata of the writer may ask for extension types and indexes: neither is wanted.
            table = reader.read_all().replace_schema_metadata(None)
        if check:
            table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as e:
        msg = tr(
            "A table could not be passed between processes ({name}). Read the file again.",
            name=type(e).__name__,
        )
        raise UnreadableFile(msg) from None
    for i, field in enumerate(table.schema):
        if pa.types.is_null(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(pa.float64()))
    frame: pd.DataFrame = table.to_pandas()
    return frame
