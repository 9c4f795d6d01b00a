"""Correlations: which columns go together, and what stands in for a sensitive column."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.partner_bars import partner_bars
from rai_dash.core.texts import tr
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
    "words": ("favourable", "target", "stand_in", "held_out", "association", "correlation", "spearman", "cramers_v",
              "correlation_ratio", "mutual_information", "phik", "block", "imbalance", "sensitive", "proxy",
              "conditional", "auc", "ratio", "cross_validation", "quantile", "median", "seed"),
}  # fmt: skip
PARTNERS = 8


def render(view: View) -> None:
    """Draw the page."""
    dataset = view.judgement.data.dataset
    columns = associated_columns(dataset)
    if len(columns) < 2:
        widgets.notice(tr("At least two columns with values are needed to see which go together."))
        return
    shown = drawn_columns(view, columns)
    matrix = matrix_of(view, shown, "kind")
    _partners(view, matrix, len(columns))
    matrix_panel(view, shown, len(columns), chosen_pair(columns, matrix))
    pair_panel(view, columns, matrix)
    proxies_panel(view)
    widgets.next_step(
        tr("Next: what rebalancing can and cannot do."), "rebalance", label=tr("Try rebalancing")
    )


def _partners(view: View, matrix: AssociationMatrix, n_columns: int) -> None:
    roles = view.judgement.roles
    named = [c for c in (roles.target, *roles.sensitive) if c in matrix.columns]
    if not named:
        widgets.notice(tr("No target and no sensitive column are named, so only the matrix is shown."))
        return
    judged = view.judgement
    widgets.finding(data_words.partner_finding(judged.data.dataset, matrix, n_columns, judged.memo))
    grid = st.columns(2, gap="medium")
    for i, column in enumerate(named):
        partners = matrix.partners(column, PARTNERS)
        with grid[i % 2], st.container(border=True):
            kind = tr("the target") if column == roles.target else tr("a sensitive column")
            widgets.heading(
                tr("Closest to {column}", column=safe(column)),
                tr("{kind}: its strongest partners", kind=kind),
            )
            if not partners:
                widgets.note(tr("Nothing can be compared with this column: it has a single value."))
                continue
            chart = partner_bars(
                [p.name for p in partners],
                [p.value for p in partners],
                measure=[p.measure for p in partners],
                n=[p.n for p in partners],
            )
            widgets.draw(chart, key=f"partners_{i}", title=column)
    widgets.how_to_read(
        tr(
            "The longer a bar, the closer the two columns go together: 0 is not at all, 1 is fully. It says "
            "nothing of why."
        )
    )
    widgets.note(tr(words.SHORT_NAMES))


show(render, __file__)
