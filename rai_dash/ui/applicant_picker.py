"""Finding another applicant on the explanation page."""

from __future__ import annotations

import streamlit as st

from rai_dash.ui import applicants, controls, explain_words, state, widgets
from rai_dash.ui.applicants import Show
from rai_dash.ui.state import View
from rai_dash.ui.text import plain

EVERY_GROUP = "everyone"


def find_applicant(view: View) -> None:
    """List the applicants that fit a filter; the selected one goes into the choices."""
    judgement = view.judgement
    left, middle, right = st.columns(3)
    shown = left.selectbox("Show", list(Show), key="find_show")
    groups = [EVERY_GROUP]
    by = next(iter(judgement.roles.sensitive), "")
    if by:
        groups += list(judgement.groups((by,)).groups)
    group = middle.selectbox("Group", groups, format_func=plain, key="find_group")
    text = right.text_input(
        "Search", key="find_text", help="Part of the id, or of any cell where there is no id."
    )
    band = controls.chosen_band()
    rows = applicants.find(
        judgement,
        show=shown or Show.ALL,
        threshold=view.choices.threshold,
        group=None if group == EVERY_GROUP else (by, group),
        text=text,
        edges=[edge for edge in (band.lo, band.hi) if edge is not None],
    )
    if rows.size == 0:
        widgets.note("Nobody fits. Change the filter or the search.")
        return
    widgets.note(explain_words.listed_note(rows.size))
    event = st.dataframe(
        applicants.listing(judgement, rows),
        hide_index=True,
        height=260,
        on_select="rerun",
        selection_mode="single-row",
        key=f"find_table_{shown}_{group}_{len(text)}",
        alt="Applicants that fit the filter; select one to explain it.",
    )
    picked = event.selection.rows
    if picked and int(rows[picked[0]]) != state.choices().row:
        state.choose(row=int(rows[picked[0]]))
        st.rerun()
