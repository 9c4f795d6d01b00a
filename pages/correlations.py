"""Correlations: which columns go together, and what stands in for a sensitive column."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.association_heatmap import association_heatmap
from rai_dash.charts.partner_bars import partner_bars
from rai_dash.data.associations import AssociationMatrix, associations
from rai_dash.ui import data_words, widgets
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe

PAGE = {
    "title": "Correlations",
    "step": "Prepare",
    "order": 2,
    "icon": ":material/hub:",
    "question": "Which columns go together, and which of them could stand in for a sensitive one?",
    "needs": ("data",),
}
MOST_COLUMNS = 24
PARTNERS = 8


def render(view: View) -> None:
    """Draw the page."""
    dataset = view.judgement.data.dataset
    columns = data_words.associated_columns(dataset)
    if len(columns) < 2:
        widgets.notice("At least two columns with values are needed to see which go together.")
        return
    matrix = view.judgement.memo.get("associations", lambda: associations(dataset.frame, columns))
    _partners(view, matrix)
    with st.container(border=True):
        widgets.heading(
            "Every pair", "0 is no association, 1 is the same information; Pearson can be negative"
        )
        shown = columns[:MOST_COLUMNS]
        if len(shown) < len(columns):
            widgets.note(
                f"The first {count(len(shown))} of {count(len(columns))} columns are drawn; the table has all."
            )
        k = len(shown)
        chart = association_heatmap(
            shown,
            matrix.value[:k, :k],
            measure=[row[:k] for row in matrix.measure[:k]],
            n=matrix.n[:k, :k],
        )
        widgets.draw(chart, key="matrix")
        widgets.how_to_read(
            "Two numbers: Pearson's correlation. Two categories: Cramér's V, corrected for bias. A number and a "
            "category: the correlation ratio. These differ in kind, so compare like with like; hover says which. "
            "A pair can look harmless here and still hide an imbalance: look at the cross on the Data page too."
        )
        widgets.numbers(lambda: data_words.matrix_frame(matrix), name="associations", key="matrix")
    widgets.next_step("Next: what rebalancing can and cannot do.", "rebalance", label="Try rebalancing")


def _partners(view: View, matrix: AssociationMatrix) -> None:
    roles = view.judgement.roles
    named = [c for c in (roles.target, *roles.sensitive) if c in matrix.columns]
    if not named:
        widgets.notice("No target and no sensitive column are named, so only the matrix is shown.")
        return
    widgets.finding(data_words.partner_finding(matrix, roles))
    grid = st.columns(2, gap="medium")
    for i, column in enumerate(named):
        partners = matrix.partners(column, PARTNERS)
        with grid[i % 2], st.container(border=True):
            kind = "the target" if column == roles.target else "a sensitive column"
            widgets.heading(f"Closest to {safe(column)}", f"{kind}: its strongest partners")
            if not partners:
                widgets.note("Nothing can be compared with this column: it has a single value.")
                continue
            chart = partner_bars(
                [p.name for p in partners],
                [p.value for p in partners],
                measure=[p.measure for p in partners],
                n=[p.n for p in partners],
            )
            widgets.draw(chart, key=f"partners_{i}")


show(render, __file__)
