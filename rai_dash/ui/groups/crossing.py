"""Intersections: every cell of every pair of sensitive columns, ranked by evidence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd
import streamlit as st

from rai_dash.charts.ranked_gaps import ranked_gaps
from rai_dash.core.errors import RaiError
from rai_dash.metrics.crossings import RankedCell, rank_cells
from rai_dash.metrics.table import metric_table
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import widgets
from rai_dash.ui.group_words import metric_subtitle
from rai_dash.ui.groups.look import Look, title, words_of
from rai_dash.ui.text import plain, points, safe

#: Cells that are drawn; the table has all.
MOST_CELLS = 20
#: Pairs of columns that are counted: looking at more costs every finding its evidence.
MOST_PAIRS = 10
_OF_CELLS = GroupTable(by=("columns", "group"))


def crossing(look: Look) -> None:
    """Draw the best supported cells and offer the list."""
    pairs = list(combinations(look.view.judgement.roles.sensitive, 2))
    if not pairs:
        widgets.note("Intersections need two sensitive columns. Name another one on the Start page.")
        return
    cells, left_out = _ranked(look, pairs[:MOST_PAIRS])
    if len(pairs) > MOST_PAIRS:
        left_out.append(f"The first {MOST_PAIRS} of {len(pairs)} pairs of columns are looked at.")
    with st.container(border=True):
        widgets.heading(
            f"{title(look.metric)} in every intersection", metric_subtitle(look.metric, words_of(look))
        )
        widgets.paragraph(_finding(cells, len(pairs[:MOST_PAIRS])))
        for text in left_out:
            widgets.note(safe(text, limit=400))
        tested = [c for c in cells if c.against.difference is not None][:MOST_CELLS]
        if tested:
            _draw(tested, look)
        widgets.how_to_read(
            "The dot is the group less everybody else, the bar its 95 % interval. The order is by evidence, not by "
            "size: a cell of few people can lie far out by chance. A filled dot is shown by the tests, which pay for "
            "every cell and every pair of columns that was looked at. Grey cells are too small to be tested."
        )
    widgets.numbers(
        lambda: _frame(cells), name="intersections", key="intersections", label="All cells", people=_OF_CELLS
    )


def _ranked(look: Look, pairs: Sequence[tuple[str, str]]) -> tuple[tuple[RankedCell, ...], list[str]]:
    tables, left_out = [], []
    for pair in pairs:
        try:
            counts = look.view.judgement.counts(pair)
        except RaiError as error:
            left_out.append(error.message)
            continue
        tables.append(metric_table(counts, look.threshold, bootstrap=0, metrics=(look.metric,)))
    return rank_cells(tables, look.metric, tolerance=look.tolerance), left_out


def _finding(cells: Sequence[RankedCell], pairs: int) -> str:
    starred = [c for c in cells if c.starred]
    tested = sum(1 for c in cells if c.p_value is not None)
    looked = f"{tested} cells of {pairs} {'pair' if pairs == 1 else 'pairs'} of columns were tested"
    if not starred:
        return f"No intersection is shown to differ from everybody else. {looked}; {len(cells) - tested} are too small."
    below = [c for c in starred if (c.against.difference or 0.0) < 0]
    above = [c for c in starred if (c.against.difference or 0.0) >= 0]
    sides = [
        f"{side} everybody else: {_named(cells)}"
        for side, cells in (("below", below), ("above", above))
        if cells
    ]
    return f"Shown to lie {'; '.join(sides)}. {looked}, and the tests paid for each."


def _named(cells: Sequence[RankedCell], most: int = 3) -> str:
    names = [f"**{safe(c.group)}** ({points(abs(c.against.difference or 0.0))})" for c in cells[:most]]
    more = f" and {len(cells) - most} more" if len(cells) > most else ""
    return ", ".join(names) + more


def _draw(cells: Sequence[RankedCell], look: Look) -> None:
    chart = ranked_gaps(
        [cell.group for cell in cells],
        [cell.against.difference for cell in cells],
        [cell.against.low for cell in cells],
        [cell.against.high for cell in cells],
        n=[cell.n for cell in cells],
        starred=[cell.starred for cell in cells],
        small=[cell.small for cell in cells],
        tolerance=look.tolerance,
        what=title(look.metric),
    )
    widgets.draw(chart, key="intersections")


def _frame(cells: Sequence[RankedCell]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "columns": plain(cell.column),
                "group": plain(cell.group),
                "rows": cell.n,
                "value": cell.value,
                "numerator": cell.numerator,
                "denominator": cell.denominator,
                "all others": cell.against.other,
                "difference": cell.against.difference,
                "low": cell.against.low,
                "high": cell.against.high,
                "adjusted p": cell.p_value,
                "shown": cell.starred,
                "undefined because": cell.against.reason or "",
            }
            for cell in cells
        ]
    )
