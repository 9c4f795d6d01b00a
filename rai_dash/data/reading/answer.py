"""The table that came back from the other process, which the file may have taken over."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

import pandas as pd
import pyarrow as pa

from rai_dash.core.errors import UnreadableFile
from rai_dash.data.reading.limits import TableLimits
from rai_dash.sandbox.arrow import frame_from_ipc

_PLAIN: Final = (pa.int64(), pa.float64(), pa.string(), pa.large_string())
#: Places in the FlatBuffers tables of the Arrow format: the header of a message, the packing of a batch.
_HEADER: Final = 2
_PACKING: Final = 3


def nonsense() -> UnreadableFile:
    """Return the refusal of an answer that the reading process never gives by itself."""
    msg = (
        "Reading this table gave an answer that makes no sense; the file is refused as damaged. "
        "Save it again as Parquet or CSV."
    )
    return UnreadableFile(msg, code="damaged_file")


def _field(data: memoryview, table: int, number: int) -> int | None:
    """Return where a field of a FlatBuffers table lies; None = it is left out."""
    places = table - struct.unpack_from("<i", data, table)[0]
    at = 4 + 2 * number
    if places < 0 or at + 2 > struct.unpack_from("<H", data, places)[0]:
        return None
    offset: int = struct.unpack_from("<H", data, places + at)[0]
    return table + offset if offset else None


def _is_packed(data: memoryview) -> bool:
    """Whether a message holds a batch whose bytes have to be unfolded."""
    header = _field(data, struct.unpack_from("<I", data)[0], _HEADER)
    if header is None:
        return True
    return _field(data, header + struct.unpack_from("<I", data, header)[0], _PACKING) is not None


def _check_stream(blob: bytes) -> None:
    """Refuse columns that are not plain, and batches that a few bytes could make large."""
    buffer = pa.py_buffer(blob)
    with pa.ipc.open_stream(buffer) as reader:
        schema = reader.schema
    if len(set(schema.names)) < len(schema) or any(kind not in _PLAIN for kind in schema.types):
        raise nonsense()
    for message in pa.ipc.MessageReader.open_stream(buffer):
        if message.type == "record batch" and _is_packed(memoryview(message.metadata)):
            raise nonsense()


def checked_frame(blobs: Sequence[bytes], limits: TableLimits) -> pd.DataFrame:
    """Take the table out of an answer.

    Parameters
    ----------
    blobs : sequence of bytes
        One Arrow stream, neither trusted nor unpacked before it was looked at.
    limits : TableLimits
        Limits of the table.

    Raises
    ------
    UnreadableFile
        When it is not what that process writes: plain columns with their own names, within the limits.
    """
    if len(blobs) != 1:
        raise nonsense()
    try:
        _check_stream(blobs[0])
        frame = frame_from_ipc(blobs[0])
    except (UnreadableFile, pa.ArrowException, OSError, ValueError, struct.error):
        raise nonsense() from None
    if frame.empty:
        raise nonsense()
    limits.check_shape(*frame.shape)
    return frame
