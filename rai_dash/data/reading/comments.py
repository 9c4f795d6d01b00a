"""Lines above a table that are not part of it, told from their first letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.options import SEPARATORS
from rai_dash.data.reading.numerals import is_number_like

_PREFIXES: Final = (b"#", b"%", b"//")
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_SEPARATOR_LINE: Final = re.compile(rb'"?sep=(.)"?[;,]*', re.IGNORECASE)
_ONE_NAME: Final = re.compile(rb"[#%]\w+")
_LOOKED_AT: Final = 500


@dataclass(frozen=True, slots=True)
class Start:
    """Where a table begins.

    Parameters
    ----------
    offset, lines : int
        Bytes and lines above it.
    separator : str or None
        What its first line says; spreadsheets write ``sep=;``.
    notices : tuple of Notice
        What was skipped.
    """

    offset: int
    lines: int
    separator: str | None = None
    notices: tuple[Notice, ...] = ()


def after_lines(content: bytes, offset: int, count: int) -> int | None:
    """Return where the line after ``count`` more lines begins; None where there are fewer."""
    for _ in range(count):
        end = _LINE_END.search(content, offset)
        if end is None:
            return None
        offset = end.end()
    return offset


def _next_lines(content: bytes, offset: int) -> list[bytes]:
    """Return the next lines that are not blank."""
    return [line for line in _LINE_END.split(content[offset : offset + 2**16])[:_LOOKED_AT] if line.strip()]


def _has_number(line: bytes, separator: bytes) -> bool:
    cells = line.decode("utf-8", "replace").split(separator.decode())
    return any(is_number_like(cell.strip('" ')) for cell in cells)


def _is_comment(line: bytes, following: list[bytes]) -> bool:
    """Whether a line is a comment; a header may itself start with the mark of one."""
    if not line.startswith(_PREFIXES):
        return False
    plain = [other for other in following if not other.startswith(_PREFIXES)]
    if not plain:
        return False
    marks = [s.encode() for s in SEPARATORS if s != " " and s.encode() in plain[0]]
    if not marks:
        return _ONE_NAME.fullmatch(line) is None or b" " in plain[0]
    shared = [m for m in marks if line.count(m) == plain[0].count(m)]
    if not shared:
        return True
    # As many cells as the next line: the header is the one that has no numbers while rows have some.
    rows = plain[1:2]
    return bool(rows) and _has_number(rows[0], shared[0]) and not _has_number(plain[0], shared[0])


def skip_comments(content: bytes) -> Start:
    """Find where a table begins below blank lines and comments.

    Parameters
    ----------
    content : bytes
        UTF-8.

    Returns
    -------
    Start
        Comments begin with ``#``, ``%`` or ``//`` and are told.
    """
    offset, lines, comments = 0, 0, 0
    separator: str | None = None
    while (end := _LINE_END.search(content, offset)) is not None:
        line = content[offset : end.start()]
        told = _SEPARATOR_LINE.fullmatch(line) if not lines else None
        if told and (mark := told[1].decode("utf-8", "replace")) in SEPARATORS:
            separator = mark
        elif line.strip():
            if not _is_comment(line, _next_lines(content, end.end())):
                break
            comments += 1
        offset, lines = end.end(), lines + 1
    if not comments:
        return Start(offset, lines, separator)
    noun, verb = ("line", "was") if comments == 1 else ("lines", "were")
    msg = tr(
        "{comments} comment {noun} above the header {verb} skipped: the table starts in line {lines}.",
        comments=comments,
        noun=noun,
        verb=verb,
        lines=lines + 1,
    )
    return Start(offset, lines, separator, (Notice("comment_line", msg, rows=comments),))


def skip_lines(content: bytes, count: int) -> Start:
    """Find where a table begins below as many lines as a user chose.

    Raises
    ------
    UnreadableFile
        When the file has no more lines than that.
    """
    offset = after_lines(content, 0, count)
    if offset is None or not content[offset:].strip():
        msg = tr(
            "{count} lines were to be skipped, but no table follows them. Skip fewer lines.",
            count=f"{count:,}",
        )
        raise UnreadableFile(msg, code="no_rows")
    return Start(offset, count)
