"""How good the scores are as such: ranking, size, calibration."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.calibration import calibration
from rai_dash.core.counts import GroupCounts
from rai_dash.metrics import curves
from rai_dash.metrics.table import metric_table
from rai_dash.ui import widgets
from rai_dash.ui.frames import optional
from rai_dash.ui.text import number

AUC_MEANING = "Chance that an applicant with the favourable label scores above one without. 0.5 is guessing."
BRIER_MEANING = "Mean squared distance of the score from what happened. Lower is better."
RATIO_MEANING = "How much the scores promise, over how often the favourable label really occurs."
SLOPE_MEANING = "Below 1 the scores are too extreme, above 1 too timid."


def ranking_cards(counts: GroupCounts) -> None:
    """Show the figures that do not depend on a threshold."""
    table = metric_table(
        counts, 0.5, metrics=("auc", "brier", "mean_score", "base_rate", "calibration_slope")
    )
    auc, brier, slope = (table.estimate(m, 0) for m in ("auc", "brier", "calibration_slope"))
    mean, rate = table.estimate("mean_score", 0).value, table.estimate("base_rate", 0).value
    cards = [*st.columns(2), *st.columns(2)]
    with cards[0]:
        widgets.card("AUC", number(auc.value, digits=3), _span(auc.low, auc.high), meaning=AUC_MEANING)
    with cards[1]:
        widgets.card(
            "Brier score", number(brier.value, digits=3), _span(brier.low, brier.high), meaning=BRIER_MEANING
        )
    with cards[2]:
        ratio = mean / rate if mean is not None and rate else None
        widgets.card("Mean score ÷ base rate", number(ratio), "1 is right on average", meaning=RATIO_MEANING)
    with cards[3]:
        widgets.card("Calibration slope", number(slope.value), "1 is right", meaning=SLOPE_MEANING)


def _span(low: float | None, high: float | None) -> str:
    return (
        "no interval"
        if low is None or high is None
        else f"{number(low, digits=3)} to {number(high, digits=3)}"
    )


def calibration_box(counts: GroupCounts) -> None:
    """Show whether scores come true as often as they say."""
    curve = curves.calibration_curve(counts)
    with st.container(border=True, height="stretch"):
        widgets.heading(
            "Do scores mean what they say?", "Of applicants with about this score, how many are favourable"
        )
        chart = calibration(
            [*curve.left, curve.right[-1]],
            mean_score=optional(curve.mean_score),
            rate=optional(curve.observed),
            low=optional(curve.low),
            high=optional(curve.high),
            n=[int(r) for r in curve.rows],
            small=[bool(r < 30) for r in curve.rows],
        )
        widgets.draw(chart, key="calibration")
        widgets.how_to_read(
            "On the diagonal, a score of 70 % comes true for 70 %. Below it the model promises too much. "
            "Grey dots rest on fewer than 30 applicants."
        )
