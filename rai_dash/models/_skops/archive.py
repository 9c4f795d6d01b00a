"""The container of a skops file: an archive whose names, sizes and arrays are what they claim to be."""

from __future__ import annotations

import io
import math
import stat
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Final, NoReturn

from numpy.lib import format as npy

from rai_dash.core.errors import RefusedModel
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr

SCHEMA: Final = "schema.json"
MAX_PARTS: Final = 100_000
MAX_DEPTH: Final = 400
#: Longest header of an array that is read; NumPy's own limit is of this size.
_HEADER: Final = 1 << 14
_CHUNK: Final = 1 << 20
#: Parts of a sparse matrix.
_SPARSE: Final = {f"{name}.npy" for name in ("format", "shape", "data", "indices", "indptr")}
#: What a damaged archive, array or schema makes Python raise.
DAMAGE: Final = (
    zipfile.BadZipFile,
    KeyError,
    IndexError,
    ValueError,
    NotImplementedError,
    EOFError,
    OSError,
    RecursionError,
    MemoryError,
    AttributeError,
    TypeError,
    SyntaxError,
    OverflowError,
    tokenize.TokenError,  # NumPy reads the header of an array as Python text
    zlib.error,
)


def refuse_damaged(what: str) -> NoReturn:
    """Refuse a damaged archive."""
    msg = tr(
        "This skops file is damaged: {what}. Save the model again with `skops.io.dump(model, 'model.skops')`.",
        what=what,
    )
    raise RefusedModel(
        msg,
        code="damaged_model",
    )


def refuse_too_large() -> NoReturn:
    """Refuse a file that grows beyond the limit."""
    msg = tr(
        "The model is more than {max_expanded_mb} MB when unpacked, the limit here. Train it with fewer "
        "or smaller trees, or ask the operator to raise RAI_DASH_MAX_EXPANDED_MB.",
        max_expanded_mb=f"{get_settings().max_expanded_mb:,}",
    )
    raise RefusedModel(msg, code="too_large")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an archive: its unpacked size, and the shape and dtype name of an array."""

    size: int
    shape: tuple[int, ...] = ()
    dtype: str = ""


class Counter:
    """Counts unpacked bytes over all archives of a file."""

    def __init__(self) -> None:
        self.left = get_settings().max_expanded_mb * 1024 * 1024

    def take(self, size: int) -> None:
        """Count bytes; refuses beyond the limit."""
        self.left -= size
        if self.left < 0:
            refuse_too_large()


def checked_parts(archive: zipfile.ZipFile, counter: Counter) -> Mapping[str, Part]:
    """Check every part of an archive, counting what it really unpacks to.

    Parameters
    ----------
    archive : ZipFile
        The skops file, or a sparse matrix inside it.
    counter : Counter
        Takes the bytes.

    Raises
    ------
    RefusedModel
        When a part leads outside, is there twice, is no array, or is larger than the limit.
    """
    members = archive.infolist()
    if len(members) > MAX_PARTS:
        refuse_damaged(f"it has more than {MAX_PARTS:,} parts")
    if len({m.filename for m in members}) != len(members):
        refuse_damaged("a part is in it twice")
    return {member.filename: _checked(archive, member, counter) for member in members}


def _checked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, counter: Counter) -> Part:
    _check_name(member)
    keep = io.BytesIO() if member.filename.endswith(".npz") else None
    size, head = 0, b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            counter.take(len(chunk))
            head, size = head or chunk[:_HEADER], size + len(chunk)
            if keep is not None:
                keep.write(chunk)
    if member.filename.endswith(".npy"):
        return _array(head, size)
    if keep is not None:
        _check_sparse(keep, counter)
    return Part(size)


def _check_name(member: zipfile.ZipInfo) -> None:
    name, path = member.filename, PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or member.flag_bits & 1:
        refuse_damaged("a part has a name that leads outside, or is encrypted")
    if member.is_dir() or stat.S_ISLNK(member.external_attr >> 16):
        refuse_damaged("a part of it is a folder or a link")


def _check_sparse(content: IO[bytes], counter: Counter) -> None:
    """Check the archive of a sparse matrix."""
    with zipfile.ZipFile(content) as inner:
        if not set(inner.namelist()) <= _SPARSE:
            refuse_damaged("a sparse matrix has parts that do not belong to it")
        checked_parts(inner, counter)


def _array(head: bytes, size: int) -> Part:
    """Check that an array declares as many numbers as follow, and no Python objects."""
    stream = io.BytesIO(head)
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream)
    count = math.prod(shape)
    fits = min(shape, default=0) >= 0 and count * dtype.itemsize == size - stream.tell()
    if dtype.hasobject or not fits or (dtype.itemsize == 0 and count > 0):
        refuse_damaged("an array declares another size than it has")
    return Part(size, shape, dtype.str)
