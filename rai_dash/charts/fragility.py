"""How many decisions flip under noise: by amount of noise and group, and by score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    FloatLike,
    Spec,
    cached_template,
    fewest_people,
    group_paint,
    halo_text,
    named_y,
    part,
    percent_axis,
    shares_of,
    slot,
    template,
    tooltips,
)
from rai_dash.charts._words import count, number, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import percent

ALT = mark(
    "One row for each amount of noise and group, a dot with its 95 % interval: the share of decisions "
    "that flip when the data is off by that much. Grey dots rest on few rows. The table below has the "
    "numbers."
)
ALT_SCORE = mark(
    "Bars over the score from 0 to 100 %: how often decisions flip under noise at that score, highest "
    "near the dashed line of the threshold; grey bars rest on few rows. The table below has the numbers."
)
EVERYONE = "everyone"
_BAND = 26
FEW = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipDot:
    """Flip rate of one group at one amount of noise.

    Parameters
    ----------
    noise : str
        Amount in words, not from a file: ``"5 %"``.
    group : str or None
        None = everyone.
    position : int
        Of the group in the group list, for its colour.
    value, low, high : float or None
        Share of decisions that flip; None = undefined.
    n : int
        Rows.
    small : bool
        Few rows.
    """

    noise: str
    group: str | None
    position: int
    value: float | None
    low: float | None
    high: float | None
    n: int
    small: bool


@cached_template(TEMPLATES)
def _template(rows: tuple[str, ...]) -> Spec:
    y = named_y("row", rows)
    axis = alt.Axis(title=None, labelExpr="round(datum.value * 1000) / 10 + ' %'", tickCount=5)
    room = alt.Scale(zero=True, nice=False, range=[0, alt.ExprRef(expr="width - 60")])

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=room, axis=axis)

    paint = group_paint()
    paint["condition"] = [{"test": "datum.all", "value": theme.shade("ink")}, *paint["condition"]]
    facts = tooltips(
        noise=tr("Noise"),
        group=tr("Group"),
        label=tr("Flips"),
        interval_text=tr("95 % interval"),
        n_text=tr("Rows"),
    )
    layers = [
        part("dot")
        .mark_rule(strokeWidth=3, strokeCap="round", opacity=0.5, aria=False)
        .encode(x=x("low"), x2="high:Q", y=y, color=paint),
        part("dot")
        .mark_circle(size=90, opacity=1)
        .encode(x=x("x"), y=y, color=paint, tooltip=facts, description="description:N"),
    ]
    layers += halo_text(part("dot"), {"x": x("end"), "y": y, "text": "label:N"}, align="left", dx=8)
    return template(layers, height=_BAND * max(len(rows), 1) + 46)


def fragility(dots: Sequence[FlipDot]) -> Chart:
    """Draw flip rates.

    Parameters
    ----------
    dots : sequence of FlipDot
        From top to bottom; undefined ones are left out.
    """
    known = [dot for dot in dots if number(dot.value) is not None]
    groups = [plain_names([dot.group or EVERYONE])[0] for dot in known]
    rows = plain_names([f"{dot.noise} · {dot.group or EVERYONE}" for dot in known])
    data = []
    for dot, group, row in zip(known, groups, rows, strict=True):
        low, high, value = number(dot.low), number(dot.high), number(dot.value)
        text, ends = percent(value), tr("{low} to {high}", low=percent(low), high=percent(high))
        data.append(
            {
                "part": "dot",
                "row": row,
                "noise": dot.noise,
                "group": group,
                "all": dot.group is None,
                "slot": slot(dot.position),
                "few": dot.small,
                "x": value,
                "low": low,
                "high": high,
                "end": high if high is not None else value,
                "label": text,
                "interval_text": ends,
                "n_text": count(dot.n),
                "description": tr(
                    "{row}: {text} flip, 95 % interval {ends}, {dot} rows",
                    row=row,
                    text=text,
                    ends=ends,
                    dot=count(dot.n),
                ),
            }
        )
    n = [dot.n if dot.group is not None else 0 for dot in known]
    few = fewest_people(n, shares_of([dot.value for dot in known], n))
    return Chart(_template(rows), pd.DataFrame(data), tr(ALT), few)


@cached_template(1)
def _score_template() -> Spec:
    span = alt.Scale(domain=[0, 1])
    x = alt.X("x:Q", scale=span, axis=percent_axis(title=tr("score")))
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(
            title=tr("decisions that flip"), labelExpr="round(datum.value * 1000) / 10 + ' %'", tickCount=4
        ),
    )
    paint = alt.when("datum.few").then(alt.value(theme.FEW)).otherwise(alt.value(theme.shade("accent")))
    facts = tooltips(range_text=tr("Score"), label=tr("Flips"), n_text=tr("Rows"))
    layers = [
        part("bar")
        .mark_rect(stroke=theme.shade("surface"), strokeWidth=1)
        .encode(
            x=x, x2="x1:Q", y=y, y2=alt.Y2Datum(0), color=paint, tooltip=facts, description="description:N"
        ),
        part("threshold")
        .mark_rule(strokeDash=[4, 4], strokeWidth=1.5, color=theme.shade("ink"), aria=False)
        .encode(x=x),
    ]
    inward = alt.ExprRef(expr="datum.x > 0.6 ? 'right' : 'left'")
    shift = alt.ExprRef(expr="datum.x > 0.6 ? -6 : 6")
    layers += halo_text(part("threshold"), {"x": x, "text": "label:N"}, align=inward, dx=shift, y=8)
    return template(layers, height=260, right=16, top=8)


def flips_by_score(
    edges: ArrayLike, flip: FloatLike, n: Sequence[int], *, threshold: float, few: int = FEW
) -> Chart:
    """Draw how often decisions flip by score.

    Parameters
    ----------
    edges : float (bins + 1,)
        Ascending, in [0, 1].
    flip : sequence of float or None (bins,)
        Mean flip probability of the rows in the bin; None or NaN = no rows.
    n : sequence of int (bins,)
        Rows.
    threshold : float
        Present threshold.
    few : int
        Bins with fewer rows are grey.
    """
    at = np.asarray(edges, dtype=np.float64)
    rows: list[dict[str, object]] = []
    for i, value in enumerate(flip):
        y = number(value)
        if y is None:
            continue
        span = tr("{at} to {at_i}", at=percent(float(at[i])), at_i=percent(float(at[i + 1])))
        rows.append(
            {
                "part": "bar", "x": float(at[i]), "x1": float(at[i + 1]), "y": y, "few": n[i] < few, "range_text": span,
                "label": percent(y), "n_text": count(n[i]),
                "description": tr("score {span}: {y} flip, {n} rows", span=span, y=percent(y), n=count(n[i])),
            }
        )  # fmt: skip
    rows.append(
        {
            "part": "threshold",
            "x": float(threshold),
            "label": tr("threshold {threshold}", threshold=percent(threshold)),
        }
    )
    return Chart(_score_template(), pd.DataFrame(rows), tr(ALT_SCORE))
