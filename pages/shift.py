"""Then and now: a second data set of the case against the first, column by column."""

from __future__ import annotations

import streamlit as st

from rai_dash.data.drift import Drift
from rai_dash.ui import controls, rights, shift, shift_words, widgets
from rai_dash.ui.guard import fragment
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.text import count

PAGE = {
    "title": "Then and now",
    "step": "Prepare",
    "order": 2,
    "icon": ":material/compare_arrows:",
    "question": "Are the people the model meets now like those it was trained on?",
    "needs": ("data",),
}


def render(view: View) -> None:
    """Draw the page."""
    if len(view.case.data) < 2:
        widgets.missing_box(
            widgets.Missing(
                "This case has one data set. Add a second one, such as last month's applications, on the Start page."
            )
        )
        return
    two = shift.pair(view)
    found = shift.drift_of(view.case, two)
    moved = found.prior is not None and found.prior.is_shown
    widgets.finding(shift_words.prior_sentence(found), warn=moved)
    with st.container(border=True):
        widgets.heading("Scores", "Does the model still rank people, and does its threshold still fit?")
        shift.scores(view, two)
    _ranked(found)
    shown = [c.name for c in found.columns if c.name not in rights.hidden_columns(view)]
    if shown:
        _one(found, shown)
    with st.container(border=True):
        widgets.heading(
            "Rows in both", "Applications now that were there then, as they are or a little changed"
        )
        shift.shared(view.case, two)
    with st.container(border=True):
        widgets.heading(
            "All columns together", "Can a classifier tell rows of one data set from rows of the other?"
        )
        shift.classifier(view, two)
    widgets.next_step("Next: what rebalancing can and cannot do.", "rebalance", label="Try rebalancing")


def _ranked(found: Drift) -> None:
    with st.container(border=True):
        widgets.heading("What moved most", "Columns shown to have moved come first")
        if not found.columns:
            widgets.finding("The two data sets have no column in common that could be compared.")
        for text in shift_words.column_sentences(found):
            widgets.paragraph(text)
        if not found.columns:
            return
        if len(found.columns) > shift.DRAWN:
            widgets.note(
                f"The first {count(shift.DRAWN)} of {count(len(found.columns))} are drawn; the table has all."
            )
        widgets.draw(shift.bars(found), key="shift")
        widgets.how_to_read(
            "A bar is the population stability index over tenths of the first data set, or over categories; blanks are "
            "a cell too, and a cell without rows counts as 0.01 %. The tick is what chance alone gives for so many "
            "rows. A star is a test that holds after allowing for all columns (Benjamini-Hochberg): Kolmogorov-Smirnov "
            "for numbers, where ties make it miss shifts rather than invent them, chi-square for categories (rare ones "
            "merged), Fisher for blanks. With many rows even a tiny shift has a star: look at the size."
        )
        widgets.numbers(lambda: shift_words.columns_frame(found), name="shift", key="shift")


@fragment
def _one(found: Drift, shown: list[str]) -> None:
    with st.container(border=True):
        widgets.heading("One column", "Its values then and now")
        one = found.column(controls.pick("Column", "column", shown))
        widgets.paragraph(shift_words.column_sentence(one))
        widgets.draw(shift.cells(one), key="cells")
        widgets.how_to_read(
            "Each pair of bars is the share of rows in a range or with a value: above then, below now. Ranges are "
            "tenths of the first data set; a value that fills a tenth by itself stands alone."
        )
        widgets.numbers(
            lambda: shift_words.cells_frame(one), name="shift_cells", key="shift_cells", people="rows"
        )


show(render, __file__)
