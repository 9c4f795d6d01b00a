"""Intersections: every cell of every pair of sensitive columns, ranked by evidence."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import combinations

import pandas as pd
import streamlit as st

from rai_dash.charts._base import fewest_people, people_of
from rai_dash.charts.ranked_gaps import ranked_gaps
from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import ntr, tr
from rai_dash.core.types import Estimate
from rai_dash.metrics.crossings import RankedCell, rank_cells
from rai_dash.metrics.table import metric_table
from rai_dash.report.small_cells import GroupTable, hidden_groups
from rai_dash.ui import widgets
from rai_dash.ui.frames import metric_frame
from rai_dash.ui.group_words import group_name, metric_subtitle
from rai_dash.ui.groups.look import SHARES, Look, title, words_of
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
        widgets.note(tr("Intersections need two sensitive columns. Name another one on the Start page."))
        return
    cells, left_out = _ranked(look, pairs[:MOST_PAIRS])
    if len(pairs) > MOST_PAIRS:
        left_out.append(
            tr(
                "The first {most_pairs} of {pairs} pairs of columns are looked at.",
                most_pairs=MOST_PAIRS,
                pairs=len(pairs),
            )
        )
    with st.container(border=True):
        widgets.heading(
            tr("{title} in every intersection", title=title(look.metric)),
            metric_subtitle(look.metric, words_of(look)),
        )
        widgets.paragraph(_finding(cells, len(pairs[:MOST_PAIRS])))
        for text in left_out:
            widgets.note(safe(text, limit=400))
        tested = [c for c in cells if c.against.difference is not None][:MOST_CELLS]
        if tested:
            _draw(tested, look)
        widgets.how_to_read(
            tr(
                "The dot is the group less everybody else, the bar its 95 % interval. The order is by "
                "evidence, not by size: a cell of few people can lie far out by chance. A filled dot is "
                "shown by the tests, which pay for every cell and every pair of columns that was looked at. "
                "Grey cells are too small to be tested."
            )
        )
    widgets.numbers(
        lambda: _frame(cells),
        name="intersections",
        key="intersections",
        label=tr("All cells"),
        people=_cells_of(look, pairs[:MOST_PAIRS]),
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


def _cells_of(look: Look, pairs: Sequence[tuple[str, str]]) -> GroupTable:
    """Say where the list keeps its people; cells that hide any share hide this one, as shares could be subtracted."""
    fewest = get_settings().smallest_export_cell
    hidden: frozenset[tuple[str, ...]] = frozenset()
    for pair in pairs:
        with suppress(RaiError):
            counts = look.view.judgement.counts(pair)
            table = metric_table(counts, look.threshold, bootstrap=0, metrics=SHARES)
            frame = metric_frame(table, SHARES).assign(columns=plain(table.column))
            hidden |= hidden_groups(frame, _OF_CELLS, fewest=fewest)
    return replace(_OF_CELLS, also=hidden)


def _finding(cells: Sequence[RankedCell], pairs: int) -> str:
    starred = [c for c in cells if c.starred]
    tested = sum(1 for c in cells if c.p_value is not None)
    looked = ntr(
        "{tested} cells of {pairs} pair of columns were tested",
        "{tested} cells of {pairs} pairs of columns were tested",
        pairs,
        tested=tested,
        pairs=pairs,
    )
    if not starred:
        return tr(
            "No intersection is shown to differ from everybody else. {looked}; {cells} are too small.",
            looked=looked,
            cells=len(cells) - tested,
        )
    below = [c for c in starred if (c.against.difference or 0.0) < 0]
    above = [c for c in starred if (c.against.difference or 0.0) >= 0]
    sides = [
        tr("{side} everybody else: {named}", side=side, named=_named(cells))
        for side, cells in (("below", below), ("above", above))
        if cells
    ]
    return tr(
        "Shown to lie {sides}. {looked}, and the tests paid for each.", sides="; ".join(sides), looked=looked
    )


def _named(cells: Sequence[RankedCell], most: int = 3) -> str:
    names = [
        f"**{safe(group_name(c.column, c.group))}** ({points(abs(c.against.difference or 0.0))})"
        for c in cells[:most]
    ]
    more = tr(" and {cells} more", cells=len(cells) - most) if len(cells) > most else ""
    return ", ".join(names) + more


def _draw(cells: Sequence[RankedCell], look: Look) -> None:
    chart = ranked_gaps(
        [group_name(cell.column, cell.group) for cell in cells],
        [cell.against.difference for cell in cells],
        [cell.against.low for cell in cells],
        [cell.against.high for cell in cells],
        n=[cell.n for cell in cells],
        starred=[cell.starred for cell in cells],
        small=[cell.small for cell in cells],
        tolerance=look.tolerance,
        what=title(look.metric),
    )
    rates = [Estimate(cell.value, None, None, cell.numerator, cell.denominator) for cell in cells]
    people = fewest_people([cell.n for cell in cells], people_of(rates))
    widgets.draw(replace(chart, fewest=people), key="intersections")


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
