"""What a reader is told about the top of a table: titles, and what was taken for the names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.options import ReadOptions

_SHOWN: Final = 3


def _quoted(cells: Sequence[str]) -> str:
    shown = [f"'{cell.strip()[:20]}'" for cell in cells if cell.strip()]
    return ", ".join(shown[:_SHOWN]) + (", …" if len(shown) > _SHOWN else "")


def header_notices(
    titles: int, first: Sequence[str], numbers: Sequence[str], options: ReadOptions, *, has_header: bool
) -> tuple[Notice, ...]:
    """Say what was skipped and what was taken for the names, where that is not plain.

    Parameters
    ----------
    titles : int
        Rows with a title that were skipped.
    first, numbers : sequence of str
        Cells of the first row of the table, and those of them that are numbers.
    options : ReadOptions
        What the user chose needs no notice.
    has_header : bool
        Whether the first row holds the names.
    """
    notices = []
    if titles:
        noun, verb = ("row", "was") if titles == 1 else ("rows", "were")
        msg = tr(
            "{titles} {noun} with a title above the header {verb} skipped.",
            titles=titles,
            noun=noun,
            verb=verb,
        )
        notices.append(Notice("title_line", msg, rows=titles))
    if options.header is not None or options.names:
        return tuple(notices)
    if not has_header:
        msg = tr(
            "The first row ({quoted}) looks like the rows below it and is kept as an applicant; the "
            "columns are called `column 1`, `column 2` and so on. If it holds the names, say that there "
            "is a header.",
            quoted=_quoted(first),
        )
        notices.append(Notice("no_header", msg))
    elif numbers:
        msg = tr(
            "The first row was taken for the names of the columns, but holds numbers ({quoted}). If it "
            "is an applicant, say that there is no header.",
            quoted=_quoted(numbers),
        )
        notices.append(Notice("no_header", msg))
    return tuple(notices)
