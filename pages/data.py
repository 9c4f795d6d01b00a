"""Data: who is in the table, who is not, and who was approved."""

from __future__ import annotations

import streamlit as st
from rai_dash.data.imbalance import ImbalanceTable, imbalance
from rai_dash.data.profile import ColumnProfile, profile

from rai_dash.charts._base import Chart
from rai_dash.charts.column_distribution import category_bars, number_histogram
from rai_dash.charts.imbalance_cells import imbalance_cells
from rai_dash.charts.rate_heatmap import rate_heatmap
from rai_dash.ui import data_words, widgets
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
MOST_CELLS = 40
MOST_CATEGORIES = 20


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
            by = widgets.pick("Groups of", "by", sensitive + others)
        with right:
            choice = ["", *(c for c in sensitive + others if c != by)]
            cross = widgets.pick("Crossed with", "cross", choice, {"": "nothing else"})
        columns = (by, cross) if cross else (by,)
        table = view.judgement.memo.get(("imbalance", columns), lambda: imbalance(dataset, columns))
        widgets.finding(data_words.imbalance_finding(table), warn=data_words.is_lopsided(table))
        for chart in _cells(table):
            widgets.draw(chart, key="imbalance")
        widgets.how_to_read(
            "Each dot is the share with the favourable label in that cell, the line its 95 % interval (Wilson), "
            "beside it the rows. Grey cells have fewer than 30 rows; a dash has no labelled row at all."
        )
        widgets.numbers(lambda: data_words.imbalance_frame(table), name="imbalance", key="imbalance")


def _cells(table: ImbalanceTable) -> list[Chart]:
    if len(table.columns) == 2 and len(table.cells) > 2:
        return [data_words.heatmap(table, rate_heatmap)]
    shown = sorted(table.cells, key=lambda c: -c.n)[:MOST_CELLS]
    kept = [c for c in table.cells if c in shown]
    if len(kept) < len(table.cells):
        widgets.note(f"The {count(len(kept))} largest of {count(len(table.cells))} cells are drawn.")
    return [
        imbalance_cells(
            [" × ".join(c.labels) for c in kept],
            [c.rate.value for c in kept],
            low=[c.rate.low for c in kept],
            high=[c.rate.high for c in kept],
            n=[c.n for c in kept],
            small=[c.n < data_words.FEW for c in kept],
        )
    ]


@st.fragment
def _columns(view: View) -> None:
    dataset = view.judgement.data.dataset
    found = view.judgement.memo.get("profile", lambda: profile(dataset.frame, dataset.roles))
    by_name = {p.name: p for p in found}
    with st.container(border=True):
        widgets.heading("Column by column", f"{count(len(found))} columns, {count(dataset.n_rows)} rows")
        first = [c for c in (dataset.roles.target, *dataset.roles.sensitive) if c]
        name = widgets.pick("Column", "column", list(dict.fromkeys([*first, *by_name])))
        one = by_name[name]
        widgets.paragraph(data_words.column_sentence(one))
        chart = _distribution(one)
        if chart is None:
            widgets.note("There is nothing to draw: the column is blank, or names each row.")
        else:
            widgets.draw(chart, key="column")
        widgets.numbers(
            lambda: data_words.profile_frame(found), name="columns", key="columns", label="All columns"
        )
    widgets.noticed(dataset.warnings)


def _distribution(one: ColumnProfile) -> Chart | None:
    if one.histogram is not None:
        return number_histogram(one.histogram.edges, one.histogram.counts)
    if not one.top or one.kind == "id":
        return None
    top = list(one.top[:MOST_CATEGORIES])
    rest = one.n - one.missing - sum(n for _, n in top)
    if rest:
        top.append((f"all other values ({count(one.distinct - len(top))})", rest))
    return category_bars([label for label, _ in top], [n for _, n in top])


show(render, __file__)
