"""Data: who is in the table, who is not, and who was approved."""

from __future__ import annotations

import streamlit as st

from rai_dash.data.imbalance import imbalance
from rai_dash.data.profile import profile
from rai_dash.ui import controls, data_charts, data_words, widgets
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.text import count

PAGE = {
    "title": "Data",
    "step": "Prepare",
    "order": 1,
    "icon": ":material/table_chart:",
    "question": "Who is in these data, who is missing, and who was approved?",
    "needs": ("data",),
}


def render(view: View) -> None:
    """Draw the page."""
    if view.judgement.roles.target is not None:
        _imbalance(view)
    else:
        widgets.notice(
            "No outcome is named, so there are no approval rates. Name the target on the Start page."
        )
    _columns(view)
    widgets.next_step("Next: which columns go together.", "correlations", label="See the correlations")


@st.fragment
def _imbalance(view: View) -> None:
    dataset = view.judgement.data.dataset
    sensitive = list(dataset.roles.sensitive)
    others = [c for c in dataset.columns if c not in {*sensitive, dataset.roles.target, dataset.roles.id}]
    with st.container(border=True):
        widgets.heading(
            "Imbalance", "Approval rate in every group, or cross of groups; numbers are cut into bins"
        )
        left, right = st.columns(2)
        with left:
            by = controls.pick("Groups of", "by", sensitive + others)
        with right:
            choice = ["", *(c for c in sensitive + others if c != by)]
            cross = controls.pick("Crossed with", "cross", choice, {"": "nothing else"})
        columns = (by, cross) if cross else (by,)
        table = view.judgement.memo.get(("imbalance", columns), lambda: imbalance(dataset, columns))
        widgets.finding(data_words.imbalance_finding(table), warn=data_words.is_lopsided(table))
        for chart in data_charts.imbalance_charts(table):
            widgets.draw(chart, key="imbalance")
        widgets.how_to_read(
            "Each dot is the share with the favourable label in that cell, the line its 95 % interval (Wilson), "
            "beside it the rows. Grey cells have fewer than 30 rows; a dash has no labelled row at all."
        )
        widgets.numbers(
            lambda: data_words.imbalance_frame(table),
            name="imbalance",
            key="imbalance",
            people=data_words.imbalance_people(table),
        )


@st.fragment
def _columns(view: View) -> None:
    dataset = view.judgement.data.dataset
    found = view.judgement.memo.get("profile", lambda: profile(dataset.frame, dataset.roles))
    by_name = {p.name: p for p in found}
    with st.container(border=True):
        widgets.heading("Column by column", f"{count(len(found))} columns, {count(dataset.n_rows)} rows")
        first = [c for c in (dataset.roles.target, *dataset.roles.sensitive) if c]
        name = controls.pick("Column", "column", list(dict.fromkeys([*first, *by_name])))
        one = by_name[name]
        widgets.paragraph(data_words.column_sentence(one))
        chart = data_charts.distribution(one)
        if chart is None:
            widgets.note("There is nothing to draw: the column is blank, or names each row.")
        else:
            widgets.draw(chart, key="column")
        widgets.numbers(
            lambda: data_words.profile_frame(found), name="columns", key="columns", label="All columns"
        )
    widgets.noticed(dataset.warnings)


show(render, __file__)
