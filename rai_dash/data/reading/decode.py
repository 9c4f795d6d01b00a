"""From the bytes of a file to UTF-8 text. Runs in the separate process."""

from __future__ import annotations

import codecs
import re
from typing import Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice

_WORD: Final = re.compile(r"\w*[^\x00-\x7f]\w*")
_SEQUENCE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def _line_of(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _as_windows(content: bytes, first_bad: int) -> tuple[bytes, Notice]:
    """Read text that is not UTF-8 as Windows-1252, unless parts of it are UTF-8 after all."""
    line = _line_of(content, first_bad)
    # Letters beyond ASCII that are valid UTF-8 almost never arise in Windows-1252 by accident.
    good = _SEQUENCE.sub(b"", content)
    n_bad, n_good = len(_HIGH.findall(good)), len(_SEQUENCE.findall(content))
    if n_good >= n_bad:
        msg = tr(
            "Line {line} is not UTF-8 while other lines are: the file mixes encodings. Save it again as "
            "UTF-8.",
            line=line,
        )
        raise UnreadableFile(msg, code="mixed_encoding")
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as e:
        msg = tr(
            "Line {line_of} is neither UTF-8 nor Windows-1252 text. Save the file as UTF-8.",
            line_of=_line_of(content, e.start),
        )
        raise UnreadableFile(msg, code="unknown_encoding") from None
    samples = ", ".join(list(dict.fromkeys(_WORD.findall(text)))[:3])
    msg = tr(
        "This file is not UTF-8. It was read as Windows-1252 (examples: {samples}). If these look wrong, "
        "choose another encoding or save it as UTF-8.",
        samples=samples,
    )
    return text.encode(), Notice("encoding", msg)


def _unmarked_utf16(content: bytes) -> str:
    """Tell which byte of a pair comes first: in most text more of the high ones are zero."""
    return "utf-16-be" if content[::2].count(0) > content[1::2].count(0) else "utf-16-le"


def _as_chosen(content: bytes, encoding: str) -> bytes:
    """Read text in the encoding that a user chose; its mark, where there is one, is taken away."""
    if encoding == "utf-16":
        known = _UTF16.get(content[:2])
        content, codec = (content[2:], known) if known else (content, _unmarked_utf16(content))
    else:
        content, codec = content.removeprefix(codecs.BOM_UTF8), encoding
    try:
        return content.decode(codec).encode()
    except UnicodeDecodeError as e:
        place = (
            f"near byte {e.start:,}" if encoding == "utf-16" else f"in line {_line_of(content, e.start):,}"
        )
        msg = tr(
            "The file is not {encoding} {place}. Choose another encoding, or leave it to be found.",
            encoding=encoding,
            place=place,
        )
        raise UnreadableFile(msg, code="wrong_encoding") from None


def to_utf8(content: bytes, encoding: str | None = None) -> tuple[bytes, tuple[Notice, ...]]:
    """Bring text to UTF-8 without a mark.

    Parameters
    ----------
    content : bytes
        UTF-8 with or without its mark, UTF-16 with its mark, else Windows-1252.
    encoding : str or None
        One of ``options.ENCODINGS`` where it was chosen.

    Returns
    -------
    content : bytes
        Valid UTF-8.
    notices : tuple of Notice
        ``encoding``, with three examples, where it was a guess.

    Raises
    ------
    UnreadableFile
        When encodings are mixed, none fits, or not the chosen one; names the first bad line.
    """
    if encoding is not None:
        return _as_chosen(content, encoding), ()
    marked = _UTF16.get(content[:2])
    if marked is not None:
        try:
            return content[2:].decode(marked).encode(), ()
        except UnicodeDecodeError as e:
            msg = tr(
                "The UTF-16 text is damaged near byte {start}. Save it again, best as UTF-8.",
                start=f"{e.start:,}",
            )
            raise UnreadableFile(msg, code="damaged_text") from None
    bare = content.removeprefix(codecs.BOM_UTF8)
    try:
        codecs.utf_8_decode(bare, "strict", True)  # noqa: FBT003 - the C function has no keywords
    except UnicodeDecodeError as e:
        out, notice = _as_windows(bare, e.start)
        return out, (notice,)
    return bare, ()
