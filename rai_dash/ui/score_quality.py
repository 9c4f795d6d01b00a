"""How good the scores are as such: ranking, size, calibration."""

from __future__ import annotations

import streamlit as st

from rai_dash.charts.calibration import calibration
from rai_dash.core.counts import GroupCounts
from rai_dash.core.texts import mark, tr
from rai_dash.metrics import curves
from rai_dash.metrics.table import metric_table
from rai_dash.ui import widgets
from rai_dash.ui.frames import optional
from rai_dash.ui.meanings import label, meaning
from rai_dash.ui.text import number

RATIO_MEANING = mark("How much the scores promise, over how often the favourable label really occurs.")


def ranking_cards(counts: GroupCounts) -> None:
    """Show the figures that do not depend on a threshold."""
    table = metric_table(
        counts, 0.5, metrics=("auc", "brier", "mean_score", "base_rate", "calibration_slope")
    )
    auc, brier, slope = (table.estimate(m, 0) for m in ("auc", "brier", "calibration_slope"))
    mean, rate = table.estimate("mean_score", 0).value, table.estimate("base_rate", 0).value
    cards = [*st.columns(2), *st.columns(2)]
    for place, name, one in zip(cards, ("auc", "brier"), (auc, brier), strict=False):
        with place:
            span = _span(one.low, one.high)
            widgets.card(label(name), number(one.value, digits=3), span, meaning=meaning(name))
    with cards[2]:
        ratio = mean / rate if mean is not None and rate else None
        widgets.card(
            tr("Mean score ÷ base rate"),
            number(ratio),
            tr("1 is right on average"),
            meaning=tr(RATIO_MEANING),
        )
    with cards[3]:
        name = "calibration_slope"
        widgets.card(label(name), number(slope.value), tr("1 is right"), meaning=meaning(name))


def _span(low: float | None, high: float | None) -> str:
    return (
        tr("no interval")
        if low is None or high is None
        else tr("{low} to {high}", low=number(low, digits=3), high=number(high, digits=3))
    )


def calibration_box(counts: GroupCounts) -> None:
    """Show whether scores come true as often as they say."""
    curve = curves.calibration_curve(counts)
    with st.container(border=True, height="stretch"):
        widgets.heading(
            tr("Do scores mean what they say?"),
            tr("Of applicants with about this score, how many are favourable"),
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
            tr(
                "On the diagonal, a score of 70 % comes true for 70 %. Below it the model promises too much. "
                "Grey dots rest on fewer than 30 applicants."
            )
        )
