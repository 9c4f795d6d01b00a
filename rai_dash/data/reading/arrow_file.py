"""Arrow files (Feather version 2) and Arrow streams: one batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.plain_types import TypedTable, check_batch, is_plain, typed_table


def _schema(content: memoryview, *, is_stream: bool) -> pa.Schema:
    buffer = pa.py_buffer(content)
    with pa.ipc.open_stream(buffer) if is_stream else pa.ipc.open_file(buffer) as reader:
        return reader.schema


def _batches(
    content: memoryview, places: list[int], *, is_stream: bool
) -> Iterator[tuple[pa.RecordBatch, int, int]]:
    """Yield each batch with its number and their total; only the columns at ``places`` are unfolded."""
    buffer = pa.py_buffer(content)
    options = pa.ipc.IpcReadOptions(included_fields=places, use_threads=False)
    if is_stream:
        with pa.ipc.open_stream(buffer, options=options) as stream:
            for number, batch in enumerate(stream, start=1):
                yield batch, number, number + 1
        return
    with pa.ipc.open_file(buffer, options=options) as file:
        total = file.num_record_batches
        for i in range(total):
            yield file.get_batch(i), i + 1, total


def _read_all(
    content: memoryview, limits: TableLimits, on_batch: Callable[[int, int], None], *, is_stream: bool
) -> tuple[pa.Schema, list[pa.RecordBatch], list[int]]:
    schema = _schema(content, is_stream=is_stream)
    limits.check_shape(0, len(schema))
    places = [i for i, field in enumerate(schema) if is_plain(field.type)]
    batches: list[pa.RecordBatch] = []
    rows, size = 0, 0
    if places:  # an empty list would mean all columns
        for batch, number, total in _batches(content, places, is_stream=is_stream):
            rows += len(batch)
            limits.check_shape(rows, len(schema))
            size = check_batch(batch, limits, size, len(content))
            if len(batch):
                batches.append(batch)
            on_batch(number, total)
    return schema, batches, places


def read_arrow(
    content: memoryview, limits: TableLimits, on_batch: Callable[[int, int], None], *, is_stream: bool
) -> TypedTable:
    """Read an Arrow file or stream into columns as they are.

    Parameters
    ----------
    content : memoryview
        The whole file.
    limits : TableLimits
        Held against what comes out, batch by batch.
    on_batch : callable
        Told the number of batches read and their total, as far as it is known.
    is_stream : bool
        Whether it is a stream, which has no directory at its end.

    Returns
    -------
    TypedTable
        Lists, records and raw bytes are not read.

    Raises
    ------
    UnreadableFile
        When it is damaged, too large, or has no row or no plain column.
    MemoryError
        When it takes more memory than this process has.
    """
    try:
        schema, batches, places = _read_all(content, limits, on_batch, is_stream=is_stream)
    except MemoryError:
        raise  # the library's own kind is also one of its errors of damage
    except (pa.ArrowException, OSError, ValueError, IndexError, KeyError, EOFError):
        msg = tr("The Arrow file is damaged or cut off. Write or download it again.")
        raise UnreadableFile(msg, code="damaged_file") from None
    return typed_table(schema, batches, places)
