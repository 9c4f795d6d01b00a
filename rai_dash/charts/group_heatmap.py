"""Every metric of every group as a table of cells, coloured by the difference to all other groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    in_expression,
    named_x,
    named_y,
    shares_of,
    template,
    tooltips,
)
from rai_dash.charts._cells import RAMP_HEIGHT, cell_layers, cell_texts, ramp_legend
from rai_dash.charts._words import count, interval, number, percent, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import points

ALT = mark(
    "A table of cells, groups by metrics. Each cell has the value of the group in percent; its colour is "
    "the difference to all other groups together, orange lower and blue higher, strongest at 25 points "
    "or more. A star is a difference shown by the test. Grey cells have few rows, outlined ones have no "
    "value or no comparison. The table below has the numbers."
)
MAX_GROUPS, MAX_METRICS = 60, 8
#: Differences at least this large have the strongest colour.
REACH = 0.25
_TELL = {"cell": "", "few": mark("few rows: enters no test"), "none": mark("no comparison")}


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One metric of one group.

    Parameters
    ----------
    value, low, high : float or None
        Rate in [0, 1] and its 95 % interval; None or NaN = undefined.
    n : int
        Rows that the rate rests on.
    difference : float or None
        ``value`` minus the rate of all other groups together; None or NaN = undefined.
    small : bool
        Whether it rests on too few rows; drawn grey and without a star.
    starred : bool
        Whether the test shows the difference; never set by its size.
    reason : str or None
        Why ``value`` or ``difference`` is undefined.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    difference: float | None
    small: bool
    starred: bool
    reason: str | None


@cached_template(TEMPLATES)
def _template(groups: tuple[str, ...], metrics: tuple[str, ...]) -> Spec:
    limit = 160 if len(metrics) <= 4 else 110 if len(metrics) <= 6 else 90
    place: dict[str, Any] = {"x": named_x("metric", metrics), "y": named_y("group", groups, labelLimit=limit)}
    facts = tooltips(
        group=tr("Group"),
        metric=tr("Metric"),
        value_text=tr("Value"),
        interval_text=tr("95 % interval"),
        difference_text=tr("Difference to all others"),
        n_text=tr("Rows"),
        finding=tr("Finding"),
    )
    color = alt.Color(
        "shade:Q",
        scale=alt.Scale(
            domain=[-REACH, REACH], domainMid=0, range="diverging", interpolate="rgb", clamp=True
        ),
        legend=ramp_legend(
            [-REACH, 0, REACH],
            label=(
                f"datum.value < 0 ? {in_expression(tr('25+ points lower'))} : "
                f"datum.value > 0 ? {in_expression(tr('25+ points higher'))} : {in_expression(tr('as all others'))}"
            ),
        ),
    )
    layers = cell_layers(place, facts, color)
    step = 34 if len(groups) <= 20 else 26
    return template(layers, height=step * len(groups) + 60 + RAMP_HEIGHT, right=24, bottom=RAMP_HEIGHT)


def group_heatmap(
    groups: Sequence[str], metrics: Sequence[str], cells: Sequence[Sequence[HeatCell]]
) -> Chart:
    """Draw metrics by group.

    The colour says lower or higher than all others, not worse or better: a low false positive rate is no harm.

    Parameters
    ----------
    groups : sequence of str (G,)
        Names from top to bottom, at most 60; the caller cuts to the groups with the most evidence or rows.
    metrics : sequence of str (M,)
        Titles of the columns in our words, at most 8. Two marks a cell: 60 by 8 make 960 of 2,000.
    cells : nested sequence of HeatCell (G, M)
        One list a group.

    Raises
    ------
    ValueError
        More than 60 groups or 8 metrics.
    """
    if len(groups) > MAX_GROUPS or len(metrics) > MAX_METRICS:
        msg = (
            f"This chart shows at most {MAX_GROUPS} groups and {MAX_METRICS} metrics, got {len(groups)} and "
            f"{len(metrics)}. Keep the groups with the most evidence."
        )
        raise ValueError(msg)
    names, titles = plain_names(groups), plain_names(metrics)
    data = [
        _row(group, title, cell)
        for group, row in zip(names, cells, strict=True)
        for title, cell in zip(titles, row, strict=True)
    ]
    every = [cell for row in cells for cell in row]
    n = [cell.n for cell in every]
    few = fewest_people(n, shares_of([cell.value for cell in every], n))
    return Chart(_template(names, titles), pd.DataFrame(data), tr(ALT), few)


def _row(group: str, metric: str, cell: HeatCell) -> dict[str, object]:
    value, difference = number(cell.value), number(cell.difference)
    kind = "none" if value is None else "few" if cell.small else "none" if difference is None else "cell"
    star = cell.starred and kind == "cell"
    shown, ends, n_text = percent(value), interval(cell.low, cell.high), count(cell.n)
    apart = points(difference, signed=True)
    tested = tr("shown by the test") if star else tr("not shown by the test")
    finding = (
        tested if kind == "cell" else tr(_TELL[kind]) if kind == "few" else cell.reason or tr(_TELL[kind])
    )
    return {
        "part": kind,
        "group": group,
        "metric": metric,
        "shade": difference,
        **cell_texts(shown, star=star),
        "value_text": shown,
        "interval_text": ends,
        "difference_text": apart,
        "n_text": n_text,
        "finding": finding,
        "description": tr(
            "{group}, {metric}: {shown}, 95 % interval {ends}, {apart} to all others, {n} rows, {finding}",
            group=group,
            metric=metric,
            shown=shown,
            ends=ends,
            apart=apart,
            n=n_text,
            finding=finding,
        ),
    }
