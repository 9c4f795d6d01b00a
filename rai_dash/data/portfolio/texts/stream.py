"""A text file as a stream of UTF-8, unpacked and checked on the way. Runs in the separate process."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.data.reading.decode import to_utf8

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: What of a file is looked at to settle how it is read.
HEAD: Final = 1 << 21
#: Lines that one cell may have.
_MOST_LINES: Final = 10_000
_GZIP: Final = b"\x1f\x8b"
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Utf8Stream(io.RawIOBase):
    """A file as UTF-8 without a mark.

    Parameters
    ----------
    path : Path
        A text, or a gzip archive of one.
    name : str
        What to call it.
    encoding : str
        Of the text, as Python names it.

    Attributes
    ----------
    lines, quotes : int
        Line ends and quotes that were read.
    """

    def __init__(self, path: Path, name: str, encoding: str) -> None:
        super().__init__()
        self._raw = path.open("rb")
        self._file = unpacked(self._raw)
        self._name, self._encoding = name, encoding
        # The mark of UTF-8 is no part of the text.
        plain = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
        self._decoder = codecs.getincrementaldecoder(plain)("strict")
        self._left = b""
        self.lines = self.quotes = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, target: WriteableBuffer) -> int:
        """Read the next bytes of text; 0 at the end.

        Raises
        ------
        UnreadableFile
            When a line is not of that encoding, holds a zero byte, or the archive is damaged.
        """
        into = memoryview(target).cast("B")
        while not self._left:
            packed = read_plain(self._file, len(into), self._name)
            self._left = self._checked(packed)
            if not packed:
                break
        n = min(len(self._left), len(into))
        into[:n] = self._left[:n]
        self._left = self._left[n:]
        return n

    @property
    def bytes_read(self) -> int:
        """Bytes of the file that were read, as they lie there."""
        return self._raw.tell()

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._file.close()
            self._raw.close()
        super().close()

    def _checked(self, raw: bytes) -> bytes:
        try:
            text = self._decoder.decode(raw, not raw).encode()
        except UnicodeDecodeError as error:
            line = self.lines + 1 + error.object[: error.start].count(b"\n")
            msg = tr(
                "Line {line} of `{name}` is not {encoding}, as its first lines are. Save it again as "
                "UTF-8, or state how it is written, such as --read encoding=cp1252.",
                line=f"{line:,}",
                name=self._name,
                encoding=self._encoding,
            )
            raise UnreadableFile(msg, code="wrong_encoding") from None
        if (at := text.find(b"\x00")) >= 0:
            line = self.lines + text.count(b"\n", 0, at) + 1
            msg = tr(
                "Line {line} of `{name}` holds a zero byte, which no text has: it is damaged. Save it again.",
                line=f"{line:,}",
                name=self._name,
            )
            raise UnreadableFile(msg, code="damaged_text")
        self.lines += text.count(b"\n")
        self.quotes += text.count(b'"')
        return text


def unpacked(file: BinaryIO) -> BinaryIO:
    """Return a file as it is, or as what is in it where it is a gzip archive."""
    is_packed = file.read(2) == _GZIP
    file.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file, mode="rb")) if is_packed else file


def read_plain(file: BinaryIO, size: int, name: str) -> bytes:
    """Read from a file that may be an archive.

    Raises
    ------
    UnreadableFile
        When the archive is damaged.
    """
    try:
        return file.read(size)
    except (OSError, EOFError, zlib.error):
        msg = tr("The gzip archive `{name}` is damaged or cut off. Write or download it again.", name=name)
        raise UnreadableFile(msg, code="damaged_file") from None


def read_head(path: Path, name: str, encoding: str | None) -> tuple[bytes, str, bool]:
    """Read the first whole lines of a file.

    Returns
    -------
    text : bytes
        UTF-8 without a mark.
    encoding : str
        Of the file; that of its first lines where none was chosen.
    is_guess : bool
        Whether the encoding is one that no mark and no rule tells.
    """
    with path.open("rb") as file:
        raw = read_plain(unpacked(file), HEAD, name)
    is_guess = False
    if encoding is None:
        encoding = "utf-16" if raw.startswith(_UTF16) else "utf-8"
        if encoding == "utf-8":
            told = to_utf8(raw[: raw.rfind(b"\n") + 1] or raw)[1]
            is_guess = bool(told)
            encoding = "cp1252" if told else encoding
    with Utf8Stream(path, name, encoding) as stream:
        text = io.BufferedReader(stream, HEAD).read(HEAD)
    return _whole_lines(text) if len(text) == HEAD else text, encoding, is_guess


def _whole_lines(text: bytes) -> bytes:
    """Cut off the last line, and what else belongs to a cell that is not complete."""
    mark = b"\n" if b"\n" in text else b"\r"
    whole, end = text, text.rfind(mark)
    quotes = text.count(b'"', 0, end)
    for _ in range(_MOST_LINES):
        if end < 0:
            break
        whole = text[: end + 1]
        if quotes % 2 == 0:
            break
        before = text.rfind(mark, 0, end)
        quotes -= text.count(b'"', max(before, 0), end)
        end = before
    return whole
