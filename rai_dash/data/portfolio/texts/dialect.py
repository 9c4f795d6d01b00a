"""How the parts of a text table are written, settled on the first rows of each. Runs in the separate process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

from rai_dash.core.errors import UnreadableFile
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.names import unique_names
from rai_dash.data.options import ReadOptions
from rai_dash.data.portfolio.part_names import check_has_all
from rai_dash.data.portfolio.places import Place
from rai_dash.data.portfolio.texts.columns import Settled, settle_column
from rai_dash.data.portfolio.texts.stream import read_head
from rai_dash.data.reading.comments import after_lines
from rai_dash.data.reading.convert import convert_text
from rai_dash.data.reading.limits import TableLimits
from rai_dash.data.reading.separators import BLANKS
from rai_dash.data.reading.text_table import TextLayout, TextTable, find_layout, read_text_table

#: What is said of the way a table is written, and not of how many cells it concerns.
_OF_ALL_ROWS: Final = frozenset(
    {
        "encoding", "comment_line", "title_line", "no_header", "trailing_separator", "duplicate_name", "similar_name",
        "ambiguous_number", "thousands", "decimal_comma", "percent", "currency", "negative_number", "kept_as_text",
        "mixed_currency", "mixed_numbers",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLayout:
    """How one part is written.

    Parameters
    ----------
    encoding : str
        As Python names it.
    is_guess : bool
        Whether no mark and no rule tells the encoding.
    offset, lines : int
        Bytes of UTF-8, and lines, above its header.
    start : int
        Bytes of UTF-8 above its first row.
    header : tuple of str
        As written.
    columns : tuple of int
        Place in the part of each column of the table.
    blank : tuple of int
        Places that hold nothing: lines that end with a separator.
    width : int
        Cells of a row.
    """

    encoding: str
    is_guess: bool
    offset: int
    lines: int
    start: int
    header: tuple[str, ...]
    columns: tuple[int, ...]
    blank: tuple[int, ...]
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a table of texts is read.

    Parameters
    ----------
    separator : str
        What stands between cells.
    has_header : bool
        Whether every part begins with the names of its columns.
    columns : tuple of Settled
        The columns, in order.
    """

    separator: str
    has_header: bool
    columns: tuple[Settled, ...]

    def to_args(self) -> dict[str, Any]:
        """Write it as plain values."""
        return asdict(self)

    @classmethod
    def from_args(cls, args: Mapping[str, Any]) -> Self:
        """Read it from plain values."""
        columns = tuple(Settled.from_args(c) for c in args["columns"])
        return cls(separator=args["separator"], has_header=args["has_header"], columns=columns)

    def with_(self, changed: Sequence[Settled]) -> Self:
        """Replace some columns."""
        by_name = {c.name: c for c in changed}
        return replace(self, columns=tuple(by_name.get(c.name, c) for c in self.columns))


def settle(place: Place, options: ReadOptions, limits: TableLimits) -> tuple[Dialect, list[Notice]]:
    """Settle how a table is read, on the first rows of its first part that has some.

    Raises
    ------
    UnreadableFile
        When they cannot be read as a table.
    """
    for part, path in zip(place.parts, place.paths, strict=True):
        name = part.name
        head, _, is_guess = read_head(path, name, options.encoding)
        try:
            table = _table(head, name, limits, options)
            break
        except UnreadableFile as error:
            # A part may hold a header and nothing else.
            if error.code != "no_rows" or part is place.parts[-1]:
                raise
    notices = [encoding_notice(name)] if is_guess else []
    if table.separator == BLANKS:
        msg = tr(
            "The columns of `{name}` are separated by blanks, which is read for single tables only. "
            "Write the table with commas.",
            name=name,
        )
        raise UnreadableFile(msg, code="separated_by_blanks")
    names, renamed = unique_names(table.header)
    comma_first = table.separator == ";"
    columns, told = [], [*notices, *table.notices, *renamed]
    for column, cells in zip(names, table.columns, strict=True):
        columns.append(settle_column(cells, column, options, comma_first=comma_first))
        told += convert_text(cells, column, decimal_comma=comma_first, options=options).notices
    kept = [n for n in told if n.code in _OF_ALL_ROWS]
    has_header = bool(find_layout(head, limits, options).body.header)
    dialect = Dialect(separator=table.separator, has_header=has_header, columns=tuple(columns))
    return dialect, [replace(n, rows=None) for n in kept]


def layout_of_part(
    place: Place, part: int, dialect: Dialect, options: ReadOptions, limits: TableLimits
) -> tuple[PartLayout, tuple[str, ...]]:
    """Settle where the rows of a part begin, and which of its columns is which.

    Returns
    -------
    layout : PartLayout
        How it is written.
    extra : tuple of str
        Columns of the part that the table does not have.

    Raises
    ------
    UnreadableFile
        When it lacks a column of the table.
    """
    name = place.parts[part].name
    head, encoding, is_guess = read_head(place.paths[part], name, options.encoding)
    known = replace(options, separator=dialect.separator, header=dialect.has_header)
    found = find_layout(head, limits, known)
    body = found.body
    start = after_lines(body.content, body.offset, found.header_lines)
    names = _names(found, options)
    wanted = [c.name for c in dialect.columns]
    check_has_all(name, names, place.parts[0].name, wanted)
    layout = PartLayout(
        encoding=encoding,
        is_guess=is_guess,
        offset=body.offset,
        lines=body.lines,
        start=len(head) if start is None else start,
        header=body.header,
        columns=tuple(names.index(c) for c in wanted),
        blank=tuple(i for i, n in enumerate(names) if n.startswith("Unnamed: ") and n not in wanted),
        width=body.width,
    )
    return layout, tuple(n for n in names if n not in set(wanted) and not n.startswith("Unnamed: "))


def _names(found: TextLayout, options: ReadOptions) -> tuple[str, ...]:
    """Call the columns of a part as the data door does."""
    if found.body.header:
        return unique_names(found.names)[0]
    return options.names or tuple(f"column {i + 1}" for i in range(found.body.width))


def _table(head: bytes, name: str, limits: TableLimits, options: ReadOptions) -> TextTable:
    """Read the first rows; a mistake in them is told with the part that it is in."""
    try:
        return read_text_table(head, limits, options)
    except UnreadableFile as error:
        msg = tr("The part `{name}`: {error}", name=name, error=error.message)
        raise UnreadableFile(msg, code=error.code) from None


def encoding_notice(name: str) -> Notice:
    """Say that the encoding of a part is a guess."""
    msg = tr(
        "`{name}` is not UTF-8. It was read as Windows-1252. If names look wrong, state another encoding "
        "or save it as UTF-8.",
        name=name,
    )
    return Notice("encoding", msg)
