"""What the decisions come to: four cells, curves, scores by outcome, and the same figures without a model."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rai_dash.charts import curves as curve_charts
from rai_dash.charts import gains
from rai_dash.charts.confusion import confusion
from rai_dash.charts.curves import Curve
from rai_dash.charts.score_histogram import score_histogram
from rai_dash.core.counts import EVERYONE, NO_SCORE, GroupCounts
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.core.types import UNKNOWN, ReviewBand
from rai_dash.metrics import curves
from rai_dash.metrics.baseline import always_approve, always_refuse
from rai_dash.metrics.by_lot import by_lot
from rai_dash.metrics.cheapest import cost_at
from rai_dash.metrics.gain import gain
from rai_dash.metrics.stakes import Stakes
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.ui import widgets
from rai_dash.ui.cost_words import cost_text, price_words
from rai_dash.ui.costing import Priced
from rai_dash.ui.text import count, percent

HEADLINE = {
    "accuracy": mark("Accuracy"),
    "balanced_accuracy": mark("Balanced accuracy"),
    "recall": mark("Recall"),
    "precision": mark("Precision"),
    "f1": "F1",
    "selection_rate": mark("Approval rate"),
}
_CURVES = {
    mark("Precision and recall"): (
        mark(
            "Of the approved, how many are good, against how many of the good are approved. Where approvals "
            "are rare, this is the one to look at."
        )
    ),
    mark("ROC"): (
        mark(
            "Good ones approved against bad ones approved. Where approvals are rare it looks good almost by "
            "itself, and so does accuracy."
        )
    ),
    mark("Gain"): mark(
        "Approving from the highest score down, how many of the good ones are reached so far. Dotted is "
        "perfect."
    ),
    mark("Lift"): mark("How many times better than the base rate the approved are. 1 × is drawing lots."),
}


def confusion_box(counts: GroupCounts, threshold: float) -> None:
    """Show the four cells."""
    above, _ = counts.at_or_above(threshold)
    below, _ = counts.below(threshold)
    tp, fn, fp, tn = (float(x) for x in (above[0, 1], below[0, 1], above[0, 0], below[0, 0]))
    with st.container(border=True, height="stretch"):
        widgets.heading(
            tr("Decisions against labels"), tr("How many applicants fall into each of the four cells")
        )
        widgets.draw(confusion(tp=tp, fn=fn, fp=fp, tn=tn), key="confusion")
        widgets.how_to_read(
            tr("Shares are of the row: of those with that label. Each error has its own price, see below.")
        )


def curve_box(counts: GroupCounts, threshold: float) -> None:
    """Show one curve at a time: only the open tab is computed."""
    drawers = {"Precision and recall": _precision_recall, "ROC": _roc, "Gain": _gain, "Lift": _lift}
    with st.container(border=True, height="stretch"):
        widgets.heading(
            tr("Is another threshold better?"), tr("All thresholds at once; the dot is the present one")
        )
        tabs = st.tabs([tr(title) for title in _CURVES], key="curve_tabs", on_change="rerun")
        for tab, (name, draw) in zip(tabs, drawers.items(), strict=True):
            if tab.open:
                with tab:
                    draw(counts, threshold)
                    widgets.how_to_read(tr(_CURVES[name]))


def _precision_recall(counts: GroupCounts, threshold: float) -> None:
    found, (recall, precision) = (
        curves.precision_recall(counts),
        _now(counts, threshold, "recall", "precision"),
    )
    line = Curve(name=EVERYONE, x=found.recall, y=found.precision, marker=(recall, precision))
    chart = curve_charts.precision_recall([line], base_rate=found.base_rate, threshold=threshold)
    widgets.draw(chart, key="pr")


def _roc(counts: GroupCounts, threshold: float) -> None:
    found, (fpr, recall) = curves.roc(counts), _now(counts, threshold, "fpr", "recall")
    line = Curve(name=EVERYONE, x=found.fpr, y=found.recall, marker=(fpr, recall))
    widgets.draw(curve_charts.roc([line], threshold=threshold), key="roc")


def _gain(counts: GroupCounts, threshold: float) -> None:
    found, (approved, recall, _) = gain(counts), _gained(counts, threshold)
    line = Curve(name=EVERYONE, x=found.approved, y=found.recall, marker=(approved, recall))
    widgets.draw(gains.cumulative_gain([line], best=found.best, threshold=threshold), key="gain")


def _lift(counts: GroupCounts, threshold: float) -> None:
    found, (approved, _, lift) = gain(counts), _gained(counts, threshold)
    line = Curve(name=EVERYONE, x=found.approved, y=found.lift, marker=(approved, lift))
    widgets.draw(gains.lift([line], highest=found.highest_lift, threshold=threshold), key="lift")


def _now(counts: GroupCounts, threshold: float, *metrics: str) -> list[float | None]:
    table = metric_table(counts, threshold, bootstrap=0, metrics=metrics)
    return [table.estimate(m, 0).value for m in metrics]


def _gained(counts: GroupCounts, threshold: float) -> tuple[float | None, float | None, float | None]:
    """Return share approved, recall and lift at one threshold, on the grid or off it."""
    above, below = counts.at_or_above(threshold)[0][0], counts.below(threshold)[0][0]
    bad, good, all_bad, all_good = above[0], above[1], above[0] + below[0], above[1] + below[1]
    total = all_bad + all_good
    approved = (bad + good) / total if total else None
    recall = good / all_good if all_good else None
    return approved, recall, recall / approved if recall is not None and approved else None


def scores_box(counts: GroupCounts, threshold: float) -> None:
    """Show where the scores of both outcomes fall, with the threshold."""
    with st.container(border=True, height="stretch"):
        widgets.heading(
            tr("Does the score tell them apart?"),
            tr("Scores of favourable labels upwards, of unfavourable ones downwards"),
        )
        band = ReviewBand(threshold, threshold, threshold)
        widgets.draw(score_histogram(counts.counts[0], band, split=True), key="scores")
        widgets.how_to_read(
            tr(
                "Left of the line is declined, right of it approved. The wrong decisions are the bars above "
                "the axis on its left and below the axis on its right.{left_out}",
                left_out=_left_out(counts),
            )
        )


def _left_out(counts: GroupCounts) -> str:
    unknown, without = counts.counts[0, UNKNOWN, :NO_SCORE].sum(), counts.counts[0, :, NO_SCORE].sum()
    said = [tr("{unknown} have no label", unknown=count(float(unknown)))] if unknown else []
    said += [tr("{without} have no score", without=count(float(without)))] if without else []
    return tr(" Not drawn: {said}.", said=" and ".join(said)) if said else ""


def beside_no_model(
    table: MetricTable, counts: GroupCounts, threshold: float, at_stake: Stakes | None, price: Priced
) -> None:
    """Put the headline figures beside refusing all, approving all, and drawing lots."""
    refuse, approve = (make(counts, metrics=HEADLINE) for make in (always_refuse, always_approve))
    lot = by_lot(counts, threshold, metrics=HEADLINE)
    rows = [
        [title, f"**{percent(table.estimate(m, 0).value)}**"]
        + [percent(v) for v in (refuse.estimate(m, 0).value, approve.estimate(m, 0).value, lot[m][0])]
        for m, title in all_of(HEADLINE).items()
    ]
    if at_stake is not None:
        rows.append(_cost_row(table, threshold, at_stake, price))
    head = [tr("Figure"), tr("Model"), tr("Refuse all"), tr("Approve all"), tr("By lot")]
    with st.container(border=True, height="stretch"):
        widgets.heading(
            tr("Beside deciding without a model"), tr("A figure means little until it beats these")
        )
        widgets.paragraph(markdown_table(head, rows))
        widgets.note(
            tr(
                "By lot approves as many as the model, drawn at random. For the cost, {price}; *What errors "
                "cost* below sets this.",
                price=price_words(price.costs, by_amount=price.by_amount),
            )
        )


def _cost_row(table: MetricTable, threshold: float, at_stake: Stakes, price: Priced) -> list[str]:
    """Write the costs; a lottery costs what both extremes cost, in the proportion it approves."""
    ours, none, everyone = (cost_at(at_stake, price.costs, cut) for cut in (threshold, None, 0.0))
    rate = table.estimate("selection_rate", 0).value
    lot = None if none is None or everyone is None or rate is None else rate * everyone + (1 - rate) * none
    return [tr("Cost of one"), f"**{cost_text(ours)}**", *(cost_text(c) for c in (none, everyone, lot))]


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in Markdown; the first column is text, the others are figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
