"""Performance: what the model gets right, beside doing nothing clever at all."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.target_words import wording
from rai_dash.core.texts import tr
from rai_dash.metrics.baseline import beside_one_answer
from rai_dash.metrics.stakes import Stakes
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.ui import (
    controls,
    cost_panel,
    costing,
    outcome_panels,
    score_quality,
    state,
    threshold_choice,
    widgets,
)
from rai_dash.ui.costing import Priced
from rai_dash.ui.frames import metric_frame
from rai_dash.ui.guard import fragment
from rai_dash.ui.meanings import label, meaning
from rai_dash.ui.shell import show
from rai_dash.ui.state import View
from rai_dash.ui.tour.spots import spot
from rai_dash.ui.words import accuracy_finding, is_hardly_better

PAGE = {
    "title": "Performance",
    "step": "Judge",
    "order": 0,
    "icon": ":material/monitoring:",
    "question": "How often is the model right, and is that better than giving everyone the same answer?",
    "needs": ("outcome", "scores"),
    "words": ("score", "favourable", "threshold", "target", "stand_in", "held_out", "in_sample", "confusion_table",
              "accuracy", "recall", "precision", "balanced_accuracy", "f1", "fpr", "base_rate", "baseline", "auc",
              "roc", "precision_recall", "gains", "lift", "brier", "calibration", "calibration_slope", "mean_score",
              "expected_cost", "interval"),
}  # fmt: skip
CARDS = ("accuracy", "recall", "precision", "balanced_accuracy")


def render(view: View) -> None:
    """Draw the page."""
    panel(view)
    # Outside of what a threshold moves, so that no step of the slider sends it again.
    counts = view.judgement.counts()
    left, right = st.columns(2, gap="medium")
    with left:
        score_quality.calibration_box(counts)
    with right:
        score_quality.ranking_cards(counts)


@fragment
def panel(view: View) -> None:
    """Draw the threshold and everything it moves."""
    counts = view.judgement.counts()
    with spot("threshold"), st.container(border=True):
        threshold = controls.threshold_slider()
        controls.threshold_note(threshold, tr("further down"))
    price = costing.priced(view.judgement, state.choices())
    table = metric_table(counts, threshold, costs=None if price.by_amount else price.costs)
    found = beside_one_answer(counts, threshold)
    with spot("accuracy"):
        widgets.finding(accuracy_finding(found, threshold), warn=is_hardly_better(found))
        caution = wording(view.judgement.roles.target_kind).caution
        if caution:
            widgets.note(caution)
        _cards(table)
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        outcome_panels.beside_no_model(table, counts, threshold, _stakes(view, price), price)
    with right:
        outcome_panels.confusion_box(counts, threshold)
    left, right = st.columns(2, gap="medium")
    with left:
        outcome_panels.curve_box(counts, threshold)
    with right:
        outcome_panels.scores_box(counts, threshold)
    cost_panel.panel(view, threshold)
    threshold_choice.panel(view)
    widgets.numbers(lambda: metric_frame(table, list(table.values)), name="performance", key="metrics")


def _cards(table: MetricTable) -> None:
    for place, metric in zip(st.columns(len(CARDS)), CARDS, strict=True):
        with place:
            why = table.values[metric].no_interval
            widgets.estimate_card(
                label(metric),
                table.estimate(metric, 0),
                meaning=meaning(metric),
                no_interval=why[0] if why else None,
            )


def _stakes(view: View, price: Priced) -> Stakes | None:
    """Return what is at stake; None = the amounts cannot be used, and the panel on costs says why."""
    try:
        return costing.stakes(view.judgement, by_amount=price.by_amount)
    except RaiError:
        return None


show(render, __file__)
