"""Fairness: precision, recall and selection by group, at any threshold."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.group_dots import group_dots
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.parity import NEEDED
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.ui import controls, widgets
from rai_dash.ui.frames import against_frame, metric_frame, optional, parity_frame
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.words import (
    Wording,
    excluded_note,
    metric_subtitle,
    recall_finding,
    verdict_sentence,
    wording,
)

PAGE = {
    "title": "Fairness by group",
    "step": "Judge",
    "order": 1,
    "icon": ":material/balance:",
    "question": "Who is approved and who is refused, group by group, and how sure can we be of the differences?",
    "needs": ("outcome", "scores", "groups"),
}
TITLES = {
    "selection_rate": "Approved",
    "recall": "Recall",
    "precision": "Precision",
    "fpr": "False positive rate",
    "fnr": "False negative rate",
    "base_rate": "Base rate",
}
#: More groups than this are shown by size only; the rest is in the table.
MOST_GROUPS = 24


def render(view: View) -> None:
    """Draw the page."""
    panel(view)


@st.fragment
def panel(view: View) -> None:
    """Draw the controls and everything they move."""
    with st.container(border=True):
        left, middle, right = st.columns([1, 1, 2], gap="medium")
        sensitive = list(view.judgement.roles.sensitive)
        with left:
            by = controls.pick("Compare by", "by", sensitive)
        with middle:
            others = ["", *(c for c in sensitive if c != by)]
            cross = controls.pick("And by", "cross", others, {"": "nothing else"})
        with right:
            threshold = controls.threshold_slider()
    columns = (by, cross) if cross else (by,)
    counts = view.judgement.counts(columns)
    table = metric_table(counts, threshold, bootstrap=0, metrics=TITLES)
    everyone = metric_table(counts.total(), threshold, bootstrap=0, metrics=TITLES)
    words = wording(view.judgement.roles.target_kind)
    gap = disparity(table, "recall")
    widgets.finding(recall_finding(table, gap, words))
    for text in (verdict_sentence(gap_verdict(table, "recall")), excluded_note(gap), words.caution):
        if text:
            widgets.note(text)
    _charts(table, everyone, words)
    widgets.how_to_read(
        "One dot is one group, the bar its 95 % interval (Wilson), the dashed line everyone together. "
        "Grey rings are groups with fewer than 30 rows: shown, but not compared. A dash is undefined, never zero."
    )
    widgets.numbers(lambda: metric_frame(table, list(TITLES)), name="groups", key="groups")
    widgets.numbers(
        lambda: against_frame(table, list(TITLES)),
        name="against_the_rest",
        key="against",
        label="Each group against all others",
        more="The group less everybody else in this column (Newcombe's interval), and over everybody else (Katz).",
    )
    widgets.numbers(
        lambda: parity_frame(metric_table(counts, threshold, bootstrap=0, metrics=NEEDED)),
        name="parity",
        key="parity",
        label="The named parity measures",
        more="Sizes of gaps, not verdicts: with many groups large ones arise by chance. None of them settles whether "
        "a model is fair, and they cannot all be small at once when base rates differ.",
    )


def _charts(table: MetricTable, everyone: MetricTable, words: Wording) -> None:
    shown = sorted(sorted(range(len(table.groups)), key=lambda i: -int(table.n[i]))[:MOST_GROUPS])
    if len(shown) < len(table.groups):
        widgets.note(f"The {len(shown)} largest of {len(table.groups)} groups are drawn; the table has all.")
    rows = [st.columns(2, gap="medium") for _ in range((len(TITLES) + 1) // 2)]
    for k, (metric, title) in enumerate(TITLES.items()):
        values = table.values[metric]
        with rows[k // 2][k % 2], st.container(border=True, height="stretch"):
            widgets.heading(title, metric_subtitle(metric, words))
            chart = group_dots(
                [table.groups[i] for i in shown],
                optional(values.value[shown]),
                low=optional(values.low[shown]),
                high=optional(values.high[shown]),
                n=[int(table.n[i]) for i in shown],
                small=[bool(table.small[i]) for i in shown],
                overall=everyone.estimate(metric, 0).value,
                what=title,
                reason=[values.reason[i] for i in shown],
            )
            widgets.draw(chart, key=metric)


show(render, __file__)
