"""Then and now: a second data set of the case against the first, column by column."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.data.drift import Drift
from rai_dash.ui import controls, rights, shift, shift_words, widgets
from rai_dash.ui.guard import fragment
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.text import count
from rai_dash.ui.tour.spots import spot

PAGE = {
    "title": "Then and now",
    "step": "Prepare",
    "order": 2,
    "icon": ":material/compare_arrows:",
    "question": "Are the people the model meets now like those it was trained on?",
    "needs": ("data",),
    "words": ("score", "favourable", "threshold", "target", "stand_in", "held_out", "interval", "drift", "psi", "ks",
              "chi_squared", "prior_shift", "by_chance", "p_value", "false_discoveries", "weights", "seed", "auc",
              "median", "quantile", "fisher", "boosted_trees"),
}  # fmt: skip


def render(view: View) -> None:
    """Draw the page."""
    if len(view.case.data) < 2:
        widgets.missing_box(
            widgets.Missing(
                tr(
                    "This case has one data set. Add a second one, such as last month's applications, on the "
                    "Start page."
                )
            )
        )
        return
    two = shift.pair(view)
    found = shift.drift_of(view.case, two)
    moved = found.prior is not None and found.prior.is_shown
    with spot("prior"):
        widgets.finding(shift_words.prior_sentence(found), warn=moved)
    with st.container(border=True):
        widgets.heading(
            tr("Scores"), tr("Does the model still rank people, and does its threshold still fit?")
        )
        shift.scores(view, two)
    _ranked(found)
    shown = [c.name for c in found.columns if c.name not in rights.hidden_columns(view)]
    if shown:
        _one(found, shown)
    with st.container(border=True):
        widgets.heading(
            tr("Rows in both"), tr("Applications now that were there then, as they are or a little changed")
        )
        shift.shared(view.case, two)
    with st.container(border=True):
        widgets.heading(
            tr("All columns together"),
            tr("Can a classifier tell rows of one data set from rows of the other?"),
        )
        shift.classifier(view, two)
    widgets.next_step(
        tr("Next: what rebalancing can and cannot do."), "rebalance", label=tr("Try rebalancing")
    )


def _ranked(found: Drift) -> None:
    with st.container(border=True):
        widgets.heading(tr("What moved most"), tr("Columns shown to have moved come first"))
        if not found.columns:
            widgets.finding(tr("The two data sets have no column in common that could be compared."))
        for text in shift_words.column_sentences(found):
            widgets.paragraph(text)
        if not found.columns:
            return
        if len(found.columns) > shift.DRAWN:
            widgets.note(
                tr(
                    "The first {drawn} of {columns} are drawn; the table has all.",
                    drawn=count(shift.DRAWN),
                    columns=count(len(found.columns)),
                )
            )
        widgets.draw(shift.bars(found), key="shift")
        widgets.how_to_read(tr(shift_words.HOW_TO_READ))
        widgets.numbers(
            lambda: shift_words.columns_frame(found),
            name="shift",
            key="shift",
            more=tr(shift_words.HOW_COUNTED),
        )


@fragment
def _one(found: Drift, shown: list[str]) -> None:
    with st.container(border=True):
        widgets.heading(tr("One column"), tr("Its values then and now"))
        one = found.column(controls.pick(tr("Column"), "column", shown))
        widgets.paragraph(shift_words.column_sentence(one))
        widgets.draw(shift.cells(one), key="cells")
        widgets.how_to_read(
            tr(
                "Each pair of bars is the share of rows in a range or with a value: above then, below now. "
                "Ranges are tenths of the first data set; a value that fills a tenth by itself stands alone."
            )
        )
        widgets.numbers(
            lambda: shift_words.cells_frame(one), name="shift_cells", key="shift_cells", people="rows"
        )


show(render, __file__)
