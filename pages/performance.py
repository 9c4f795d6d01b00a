"""Performance: what the model gets right, beside doing nothing clever at all."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.confusion import confusion
from rai_dash.charts.curves import Curve, precision_recall, roc
from rai_dash.core.counts import GroupCounts
from rai_dash.metrics import curves
from rai_dash.metrics.baseline import always_refuse
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.ui import controls, score_quality, widgets
from rai_dash.ui.frames import metric_frame
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.words import accuracy_finding, wording

PAGE = {
    "title": "Performance",
    "step": "Judge",
    "order": 0,
    "icon": ":material/monitoring:",
    "question": "How often is the model right, and is that better than refusing everyone?",
    "needs": ("outcome", "scores"),
}
CARDS = {
    "accuracy": ("Accuracy", "Share of applicants whose decision agrees with the label."),
    "recall": ("Recall", "Of those with the favourable label, the share approved."),
    "precision": ("Precision", "Of the approved, the share with the favourable label."),
    "balanced_accuracy": ("Balanced accuracy", "Mean of the shares right among the good and among the bad."),
}


def render(view: View) -> None:
    """Draw the page."""
    panel(view)
    counts = view.judgement.counts()
    score_quality.ranking_cards(counts)
    score_quality.calibration_box(counts)


@st.fragment
def panel(view: View) -> None:
    """Draw the threshold and everything it moves."""
    counts = view.judgement.counts()
    with st.container(border=True):
        threshold = controls.threshold_slider()
    table = metric_table(counts, threshold)
    refuse = always_refuse(counts)
    gain = table.estimate("accuracy", 0).value or 0.0
    lazy = refuse.estimate("accuracy", 0).value or 0.0
    widgets.finding(accuracy_finding(table, refuse, threshold), warn=gain <= lazy + 0.01)
    caution = wording(view.judgement.roles.target_kind).caution
    if caution:
        widgets.note(caution)
    _cards(table)
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        widgets.heading("Decisions against labels", "How many applicants fall into each of the four cases")
        tp, fn, fp, tn = _four(counts, threshold)
        widgets.draw(confusion(tp=tp, fn=fn, fp=fp, tn=tn), key="confusion")
    with right, st.container(border=True, height="stretch"):
        _curve_box(counts, threshold)
    widgets.how_to_read(
        "The mark on each curve is the chosen threshold. Where approvals are rare, look at precision and recall: "
        "accuracy and the ROC curve look good there almost by themselves."
    )
    widgets.numbers(lambda: metric_frame(table, list(table.values)), name="performance", key="metrics")


def _cards(table: MetricTable) -> None:
    for place, (metric, (title, meaning)) in zip(st.columns(len(CARDS)), CARDS.items(), strict=True):
        with place:
            widgets.estimate_card(title, table.estimate(metric, 0), meaning=meaning)


def _four(counts: GroupCounts, threshold: float) -> tuple[float, float, float, float]:
    above, _ = counts.at_or_above(threshold)
    below, _ = counts.below(threshold)
    return float(above[0, 1]), float(below[0, 1]), float(above[0, 0]), float(below[0, 0])


def _curve_box(counts: GroupCounts, threshold: float) -> None:
    pr, ro = curves.precision_recall(counts), curves.roc(counts)
    now = metric_table(counts, threshold, bootstrap=0, metrics=("recall", "precision", "fpr"))
    recall, precision, fpr = (now.estimate(m, 0).value for m in ("recall", "precision", "fpr"))
    one, two = st.tabs(["Precision and recall", "ROC"])
    with one:
        curve = Curve(name="everyone", x=pr.recall, y=pr.precision, marker=(recall, precision))
        widgets.draw(precision_recall([curve], base_rate=pr.base_rate, threshold=threshold), key="pr")
    with two:
        widgets.draw(
            roc([Curve(name="everyone", x=ro.fpr, y=ro.recall, marker=(fpr, recall))], threshold=threshold),
            key="roc",
        )


show(render, __file__)
