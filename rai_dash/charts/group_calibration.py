"""Do scores mean the same in every group: observed outcomes against the mean score, one line a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    FloatLike,
    Spec,
    cached_template,
    fewest_people,
    legend_height,
    part,
    percent_axis,
    shares_of,
    slot,
    template,
    tooltips,
)
from rai_dash.charts._words import count, interval, number, percent, plain_names
from rai_dash.charts.curves import line_paint
from rai_dash.core.texts import mark, tr

ALT = mark(
    "Calibration by group: one line for each group with a dot and its 95 % interval for each range of "
    "scores, the observed share with a favourable outcome against the mean score; on the dashed diagonal "
    "both are equal. Grey rings have few rows. The table below has the numbers."
)
MAX_LINES = 20


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """The calibration of one group in B ranges of scores.

    Parameters
    ----------
    name : str
        Group.
    mean_score : sequence of float or None (B,)
        Mean score of the labelled rows of a range; None or NaN where there are none.
    observed, low, high : sequence of float or None (B,)
        Their share with a favourable outcome and its 95 % interval.
    n : sequence of int (B,)
        Labelled rows of a range.
    small : sequence of bool (B,)
        Ranges with too few rows.
    """

    name: str
    mean_score: FloatLike
    observed: FloatLike
    low: FloatLike
    high: FloatLike
    n: Sequence[int]
    small: Sequence[bool]


@cached_template(TEMPLATES)
def _template(names: tuple[str, ...]) -> Spec:
    share = alt.Scale(domain=[0, 1])
    x = alt.X("x:Q", scale=share, axis=percent_axis(title=tr("mean score")))
    axis = percent_axis(title=tr("favourable outcome"))

    def y(field: str = "y") -> alt.Y:
        return alt.Y(f"{field}:Q", scale=share, axis=axis)

    order, paint = alt.Order("x:Q"), line_paint(names)
    facts: dict[str, Any] = {
        "tooltip": tooltips(
            name=tr("Group"),
            x_text=tr("Mean score"),
            y_text=tr("Favourable"),
            interval_text=tr("95 % interval"),
            n_text=tr("Rows"),
        ),
        "description": alt.Description("description:N"),
    }
    layers = [
        part("diagonal")
        .mark_line(strokeDash=[4, 4], strokeWidth=1.5, color=theme.shade("muted"), aria=False)
        .encode(x=x, y=y(), order=order),
        part("few")
        .mark_rule(strokeWidth=1.25, color=theme.FEW, aria=False)
        .encode(x=x, y=y("low"), y2="high:Q"),
        part("bin")
        .mark_rule(strokeWidth=1.25, aria=False)
        .encode(x=x, y=y("low"), y2="high:Q", color=paint["color"]),
        part("line")
        .mark_line(strokeWidth=2, aria=False)
        .encode(x=x, y=y(), order=order, detail="name:N", **paint),
        part("few")
        .mark_point(size=60, opacity=1, strokeWidth=2, color=theme.FEW, fill=theme.shade("surface"))
        .encode(x=x, y=y(), **facts),
        part("bin")
        .mark_point(size=70, filled=True, opacity=1, stroke=theme.shade("surface"), strokeWidth=1)
        .encode(x=x, y=y(), color=paint["color"], **facts),
    ]
    colored = min(len(names), theme.N_GROUP_COLORS)
    top = 6 + (legend_height(colored, columns=2) if len(names) > 1 else 0)
    return template(layers, height=336 + top, top=top, right=18)


def group_calibration(lines: Sequence[CalibrationLine]) -> Chart:
    """Draw calibration by group.

    Parameters
    ----------
    lines : sequence of CalibrationLine
        One a group in their fixed order, at most 20 with up to 25 ranges each; the first six in group colours and
        dashes, the rest in one plain colour. A range without labelled rows is left out.

    Raises
    ------
    ValueError
        More than 20 groups, or more marks than a chart may have.
    """
    if len(lines) > MAX_LINES:
        msg = f"This chart shows at most {MAX_LINES} groups, got {len(lines)}. Keep the largest or the most telling."
        raise ValueError(msg)
    rows: list[dict[str, object]] = [{"part": "diagonal", "x": v, "y": v} for v in (0.0, 1.0)]
    names = plain_names([line.name for line in lines])
    for i, line in enumerate(lines):
        for k, n in enumerate(line.n):
            at, share = number(line.mean_score[k]), number(line.observed[k])
            if at is None or share is None:
                continue
            ends, n_text = interval(line.low[k], line.high[k]), count(n)
            base: dict[str, object] = {"name": names[i], "slot": slot(i), "x": at, "y": share}
            dot = {
                "part": "few" if line.small[k] else "bin",
                "low": share if number(line.low[k]) is None else number(line.low[k]),
                "high": share if number(line.high[k]) is None else number(line.high[k]),
                "x_text": percent(at),
                "y_text": percent(share),
                "interval_text": ends,
                "n_text": n_text,
                "description": tr(
                    "{names}, mean score {at}: {share} favourable, 95 % interval {ends}, {n} rows",
                    names=names[i],
                    at=percent(at),
                    share=percent(share),
                    ends=ends,
                    n=n_text,
                ),
            }
            rows += [base | {"part": "line"}, base | dot]
    few = fewest_people(*(counts for line in lines for counts in (line.n, shares_of(line.observed, line.n))))
    return Chart(_template(names), pd.DataFrame(rows), tr(ALT), few)
