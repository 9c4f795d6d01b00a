"""Scores by group, whatever the threshold: calibration, ranking, distribution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from rai_dash.charts._base import fewest_people
from rai_dash.charts.curves import Curve, precision_recall, roc
from rai_dash.charts.group_calibration import CalibrationLine, group_calibration
from rai_dash.charts.group_scores import group_scores
from rai_dash.core.texts import tr
from rai_dash.metrics import curves
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import widgets
from rai_dash.ui.frames import metric_frame, optional
from rai_dash.ui.group_words import named
from rai_dash.ui.groups.look import Look
from rai_dash.ui.groups.overview import largest
from rai_dash.ui.text import number, plain

#: Lines that can be told apart.
MOST_LINES = 6
OF_SCORES = ("auc", "brier", "mean_score", "calibration_intercept", "calibration_slope")
BINS = 10
SCORE_BINS = 25


def score_curves(look: Look) -> None:
    """Draw the distribution of scores, calibration, ROC and precision-recall of the largest groups."""
    table = look.rates(("recall", "precision", "fpr"))
    places = [i for i in largest(table, MOST_LINES) if table.n[i] > 0]
    if len(places) < len(table.groups):
        widgets.note(
            tr(
                "Lines are drawn for the {places} largest of {groups} groups; the table has all.",
                places=len(places),
                groups=len(table.groups),
            )
        )
    scores = metric_table(look.counts, look.threshold, bootstrap=0, metrics=OF_SCORES)
    widgets.paragraph(_finding(scores))
    names = (
        tr("Where the scores lie"),
        tr("Do scores mean what they say?"),
        tr("ROC"),
        tr("Precision and recall"),
    )
    drawn = (_distribution, _calibration, _roc, _precision_recall)
    # Only the open one is drawn: each step of the slider sends what is drawn again.
    for place, draw in zip(st.tabs(list(names), key="group_curves", on_change="rerun"), drawn, strict=True):
        with place:
            if place.open:
                draw(look, table, places)
    widgets.numbers(
        lambda: metric_frame(scores, OF_SCORES),
        name="scores_by_group",
        key="scores",
        label=tr("AUC, Brier score and calibration by group"),
        people=look.few(GroupTable(shares=())),
    )
    widgets.numbers(
        lambda: calibration_frame(look), name="calibration_by_group", key="calibration",
        label=tr("Calibration by group and bin of scores"), people=look.few(GroupTable()),
    )  # fmt: skip


def _finding(scores: MetricTable) -> str:
    """Say in which large group the scores rank worst."""
    values = scores.values["auc"]
    known = [i for i in range(len(scores.groups)) if not scores.small[i] and not np.isnan(values.value[i])]
    if not known:
        return tr(
            "In no group of 30 rows or more are there both outcomes: how well scores rank cannot be said."
        )
    worst = min(known, key=lambda i: values.value[i])
    if len(known) == 1:
        return tr(
            "AUC in **{groups}**: {auc}.", groups=named(scores, scores.groups[worst]), auc=_auc(scores, worst)
        )
    best = max(known, key=lambda i: values.value[i])
    ends = [f"**{named(scores, scores.groups[i])}** {_auc(scores, i)}" for i in (worst, best)]
    overlap = values.high[worst] >= values.low[best] if _has_interval(values, worst, best) else True
    settled = tr(" The intervals overlap: which group is ranked worse is not settled.") if overlap else ""
    return tr(
        "Scores rank applicants worst in {ends} and best in {ends_2} (AUC; 0.5 is guessing).{settled}",
        ends=ends[0],
        ends_2=ends[1],
        settled=settled,
    )


def _has_interval(values: object, *places: int) -> bool:
    low, high = (np.asarray(getattr(values, end)) for end in ("low", "high"))
    return all(np.isfinite(low[i]) and np.isfinite(high[i]) for i in places)


def _auc(scores: MetricTable, place: int) -> str:
    one = scores.estimate("auc", place)
    if one.low is None or one.high is None:
        return tr("{one} (no interval)", one=number(one.value, digits=3))
    return tr(
        "{one} ({low} to {high})",
        one=number(one.value, digits=3),
        low=number(one.low, digits=3),
        high=number(one.high, digits=3),
    )


def _distribution(look: Look, table: MetricTable, places: list[int]) -> None:
    found = [curves.score_histogram(look.counts.group(i), bins=SCORE_BINS) for i in places]
    if not found:
        return
    rows = [h.unfavourable + h.favourable + h.unknown for h in found]
    chart = group_scores(
        [table.groups[i] for i in places],
        list(found[0].left),
        list(found[0].right),
        [list(r / r.sum()) if r.sum() else [0.0] * SCORE_BINS for r in rows],
        threshold=look.threshold,
        small=[bool(table.small[i]) for i in places],
    )
    chart = replace(chart, fewest=fewest_people(*rows))
    widgets.draw(chart, key="scores")
    widgets.how_to_read(
        tr("Each ridge is one group, all of the same area. Who lies right of the line is approved.")
    )


def _calibration(look: Look, table: MetricTable, places: list[int]) -> None:
    lines = []
    for i in places:
        curve = curves.calibration_curve(look.counts.group(i), bins=BINS)
        lines.append(
            CalibrationLine(
                name=table.groups[i],
                mean_score=optional(curve.mean_score),
                observed=optional(curve.observed),
                low=optional(curve.low),
                high=optional(curve.high),
                n=[int(r) for r in curve.rows],
                small=[bool(r < 30) for r in curve.rows],
            )
        )
    widgets.draw(group_calibration(lines), key="group_calibration")
    widgets.how_to_read(
        tr(
            "On the diagonal a score of 70 % comes true for 70 % of the group. Where two groups lie apart, "
            "the same score means different things for them. Grey dots rest on fewer than 30 applicants."
        )
    )


def _roc(look: Look, table: MetricTable, places: list[int]) -> None:
    lines = []
    for i in places:
        curve = curves.roc(look.counts.group(i))
        mark = (table.estimate("fpr", i).value, table.estimate("recall", i).value)
        lines.append(Curve(name=table.groups[i], x=curve.fpr, y=curve.recall, marker=mark))
    widgets.draw(roc(lines, threshold=look.threshold), key="group_roc")
    widgets.how_to_read(
        tr("The mark on each line is the common threshold: the same cut lands at different places.")
    )


def _precision_recall(look: Look, table: MetricTable, places: list[int]) -> None:
    lines = []
    for i in places:
        curve = curves.precision_recall(look.counts.group(i))
        mark = (table.estimate("recall", i).value, table.estimate("precision", i).value)
        lines.append(Curve(name=table.groups[i], x=curve.recall, y=curve.precision, marker=mark))
    base = curves.precision_recall(look.view.judgement.counts()).base_rate
    widgets.draw(precision_recall(lines, base_rate=base, threshold=look.threshold), key="group_pr")
    widgets.how_to_read(
        tr("Precision depends on how many good applicants a group has: compare it with its base rate.")
    )


def calibration_frame(look: Look) -> pd.DataFrame:
    """Return one row a group and bin of scores."""
    rows: list[dict[str, object]] = []
    for i, group in enumerate(look.counts.groups):
        curve = curves.calibration_curve(look.counts.group(i), bins=BINS)
        rows += [
            {
                "group": plain(group),
                "from": curve.left[k],
                "to": curve.right[k],
                "rows": int(curve.rows[k]),
                "mean score": optional(curve.mean_score)[k],
                "favourable": optional(curve.observed)[k],
                "low": optional(curve.low)[k],
                "high": optional(curve.high)[k],
                "numerator": curve.rows[k] * np.nan_to_num(curve.observed[k]),
                "denominator": curve.rows[k],
            }
            for k in range(BINS)
        ]
    return pd.DataFrame(rows)
