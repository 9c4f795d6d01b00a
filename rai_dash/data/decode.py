"""From the bytes of a file to UTF-8 text: unpacking and encodings. Runs in the separate process."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from typing import Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.types import Notice
from rai_dash.data.limits import TableLimits

CHUNK: Final = 2**20
_WORD: Final = re.compile(r"\w*[^\x00-\x7f]\w*")
_SEQUENCE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def gunzip(content: memoryview, limits: TableLimits) -> bytes:
    """Unpack a gzip file, counting what comes out; the size that its trailer declares is not believed.

    Raises
    ------
    UnreadableFile
        When more comes out than is allowed, or the archive is damaged or cut off.
    """
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            while part := stream.read(CHUNK):
                size += len(part)
                limits.check_size(size, packed=len(content))
                parts.append(part)
    except (OSError, EOFError, zlib.error):
        msg = "The gzip archive is damaged or cut off. Pack or download the file again."
        raise UnreadableFile(msg, code="damaged_archive") from None
    return b"".join(parts)


def _line_of(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _as_windows(content: bytes, first_bad: int) -> tuple[bytes, Notice]:
    """Read text that is not UTF-8 as Windows-1252, unless parts of it are UTF-8 after all."""
    line = _line_of(content, first_bad)
    # Letters beyond ASCII that are valid UTF-8 almost never arise in Windows-1252 by accident.
    good = _SEQUENCE.sub(b"", content)
    n_bad, n_good = len(_HIGH.findall(good)), len(_SEQUENCE.findall(content))
    if n_good >= n_bad:
        msg = f"Line {line} is not UTF-8 while other lines are: the file mixes encodings. Save it again as UTF-8."
        raise UnreadableFile(msg, code="mixed_encoding")
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as e:
        msg = f"Line {_line_of(content, e.start)} is neither UTF-8 nor Windows-1252 text. Save the file as UTF-8."
        raise UnreadableFile(msg, code="unknown_encoding") from None
    samples = ", ".join(list(dict.fromkeys(_WORD.findall(text)))[:3])
    msg = (
        f"This file is not UTF-8. It was read as Windows-1252 (examples: {samples}). "
        "If these look wrong, save it as UTF-8."
    )
    return text.encode(), Notice("encoding", msg)


def to_utf8(content: bytes) -> tuple[bytes, tuple[Notice, ...]]:
    """Bring text to UTF-8 without a mark.

    Parameters
    ----------
    content : bytes
        UTF-8 with or without its mark, UTF-16 with its mark, else Windows-1252.

    Returns
    -------
    content : bytes
        Valid UTF-8.
    notices : tuple of Notice
        ``encoding``, with three examples, where it was a guess.

    Raises
    ------
    UnreadableFile
        When encodings are mixed or none fits; names the first bad line.
    """
    encoding = _UTF16.get(content[:2])
    if encoding is not None:
        try:
            return content[2:].decode(encoding).encode(), ()
        except UnicodeDecodeError as e:
            msg = f"The UTF-16 text is damaged near byte {e.start:,}. Save it again, best as UTF-8."
            raise UnreadableFile(msg, code="damaged_text") from None
    bare = content.removeprefix(codecs.BOM_UTF8)
    try:
        codecs.utf_8_decode(bare, "strict", True)  # noqa: FBT003 - the C function has no keywords
    except UnicodeDecodeError as e:
        out, notice = _as_windows(bare, e.start)
        return out, (notice,)
    return bare, ()
