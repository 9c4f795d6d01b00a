"""Where one application lies: the three zones of a review band, the model's own cut, and the score."""

from __future__ import annotations

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    Chart,
    Spec,
    cached_template,
    halo_text,
    inward,
    legend,
    legend_height,
    part,
    percent_axis,
    template,
    tooltips,
)
from rai_dash.charts._words import percent
from rai_dash.charts.score_histogram import ROUTES
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import ReviewBand

ALT = mark(
    "A bar from 0 to 100 % that is divided into scores that are declined, go to a person and are "
    "approved, with a line at the model's own threshold and a mark at the score of this application. The "
    "table below has the numbers."
)
#: A label near an end of the axis is turned inwards.
_ALIGN = inward(0.12, 0.88)


@cached_template(1)
def _template() -> Spec:
    scale = alt.Scale(domain=[0, 1])
    axis = percent_axis(grid=False)
    color = alt.Scale(
        domain=[tr(route) for route in ROUTES], range=[theme.DECLINED, theme.PERSON, theme.APPROVED]
    )
    y = alt.value(32)
    zone = (
        part("zone")
        .mark_bar(size=26, stroke=theme.shade("surface"), strokeWidth=1)
        .encode(
            x=alt.X("start:Q", scale=scale, axis=axis),
            x2="stop:Q",
            y=y,
            color=alt.Color("route:N", scale=color, legend=legend(3, columns=3, width=260)),
            tooltip=tooltips(route=tr("Route"), range_text=tr("Scores")),
            description="description:N",
        )
    )
    at = alt.X("x:Q", scale=scale, axis=axis)
    cut = (
        part("cut")
        .mark_rule(strokeWidth=2, strokeDash=[4, 3], color=theme.shade("ink"), aria=False)
        .encode(x=at, y=alt.value(14), y2=alt.value(50))
    )
    mark = (
        part("score")
        .mark_point(
            shape="diamond", size=190, filled=True, opacity=1, fill=theme.shade("ink"), stroke=theme.shade("surface"),
            strokeWidth=2,
        )
        .encode(x=at, y=y, tooltip=tooltips(label=tr("Score")), description="description:N")
    )  # fmt: skip
    above = halo_text(part("score"), {"x": at, "y": alt.value(4), "text": "label:N"}, align=_ALIGN)
    below = (
        part("cut")
        .mark_text(align=_ALIGN, color=theme.shade("muted"), aria=False)
        .encode(x=at, y=alt.value(60), text="label:N")
    )
    layers = [zone, cut, mark, *above, below]
    return template(layers, height=150, top=14 + legend_height(3, columns=3), right=14)


def queue_band(band: ReviewBand, score: float | None) -> Chart:
    """Draw the band, and the score of one application on it.

    Parameters
    ----------
    band : ReviewBand
        An open end decides nothing on its side.
    score : float or None
        In [0, 1]; None = no score, and no mark.
    """
    lo, hi = 0.0 if band.lo is None else band.lo, 1.0 if band.hi is None else band.hi
    rows: list[dict[str, object]] = []
    for route, (start, stop) in zip(map(tr, ROUTES), ((0.0, lo), (lo, hi), (hi, 1.0)), strict=True):
        if stop > start:
            ends = tr("{start} to {stop}", start=percent(start), stop=percent(stop))
            zone = {"route": route, "start": start, "stop": stop, "range_text": ends}
            rows.append(
                {
                    "part": "zone",
                    **zone,
                    "description": tr("{route}: scores from {ends}", route=route, ends=ends),
                }
            )
    rows.append(
        {
            "part": "cut",
            "x": band.threshold,
            "label": tr("threshold {threshold}", threshold=percent(band.threshold)),
        }
    )
    if score is not None:
        label = tr("score {score}", score=percent(score))
        rows.append(
            {
                "part": "score",
                "x": score,
                "label": label,
                "description": tr("this application: {label}", label=label),
            }
        )
    return Chart(_template(), pd.DataFrame(rows), tr(ALT))
