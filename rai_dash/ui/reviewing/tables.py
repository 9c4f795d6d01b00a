"""Small tables as text of the page: they are read aloud, found by the browser's search, and cost nothing to draw."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rai_dash.core.texts import tr
from rai_dash.ui import widgets

#: Rows from which on the others are only in the file.
MOST_ROWS = 24


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    grey: Collection[int] = (),
    words: Collection[int] = (0,),
) -> None:
    """Draw a table.

    Parameters
    ----------
    header : sequence of str
        Titles of the columns, Markdown: escape what comes from a file.
    rows : sequence of sequence of str
        One a row, as long as the header, Markdown. At most `MOST_ROWS` are drawn.
    grey : collection of int
        Rows that rest on too little.
    words : collection of int
        Columns that hold words; the others hold numbers and are aligned at the right.
    """
    lines = [_line(header), _line(["---" if i in words else "---:" for i in range(len(header))])]
    for i, row in enumerate(rows[:MOST_ROWS]):
        lines.append(_line([f":gray[{cell}]" for cell in row] if i in grey else row))
    widgets.paragraph("\n".join(lines))
    if len(rows) > MOST_ROWS:
        widgets.note(
            tr(
                "The first {most_rows} rows are drawn; the file under the table has all of them.",
                most_rows=MOST_ROWS,
            )
        )


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
