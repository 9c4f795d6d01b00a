"""Correlations: which columns go together, and what stands in for a sensitive column."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.partner_bars import partner_bars
from rai_dash.data.associations import AssociationMatrix
from rai_dash.report.correlated import associated_columns
from rai_dash.ui import data_words, widgets
from rai_dash.ui.associations import words
from rai_dash.ui.associations.matrix import drawn_columns, matrix_of, matrix_panel
from rai_dash.ui.associations.pair import chosen_pair, pair_panel
from rai_dash.ui.proxies import proxies_panel
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.text import safe

PAGE = {
    "title": "Correlations",
    "step": "Prepare",
    "order": 2,
    "icon": ":material/hub:",
    "question": "Which columns go together, and which of them could stand in for a sensitive one?",
    "needs": ("data",),
}
PARTNERS = 8


def render(view: View) -> None:
    """Draw the page."""
    dataset = view.judgement.data.dataset
    columns = associated_columns(dataset)
    if len(columns) < 2:
        widgets.notice("At least two columns with values are needed to see which go together.")
        return
    shown = drawn_columns(view, columns)
    matrix = matrix_of(view, shown, "kind")
    _partners(view, matrix)
    matrix_panel(view, shown, len(columns), chosen_pair(columns, matrix))
    pair_panel(view, columns, matrix)
    proxies_panel(view)
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
    widgets.note(words.SHORT_NAMES)


show(render, __file__)
