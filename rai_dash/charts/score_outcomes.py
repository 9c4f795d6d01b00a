"""Where the scores of either outcome lie, in bins: exact whatever the threshold, for it colours no bin by its route."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    Chart,
    Spec,
    cached_template,
    part,
    percent_axis,
    template,
    tooltips,
)
from rai_dash.charts._score_lines import score_lines
from rai_dash.charts._words import count, percent
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import percentage

ALT = mark(
    "Two histograms of the scores from 0 to 100 %, favourable outcomes upwards and unfavourable ones "
    "downwards. Lines mark "
    "the threshold and the ends of the review band. The height is on a square-root scale. The tables have the numbers."
)
ALT_ALL = mark(
    "Histogram of the scores from 0 to 100 %. Lines mark the threshold and the ends of the review band. "
    "The height is on a "
    "square-root scale. The tables have the numbers."
)
_HEAD = 40
#: Of the axis, how much the label of the threshold covers.
_LABEL = 0.2


@cached_template(8)
def _template(words: tuple[str, ...], *, split: bool) -> Spec:
    score, rows, good, bad = words
    x = alt.X("start:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(title=score, grid=False))
    scale = alt.Scale(domain=[-1 if split else 0, 1], nice=False, range=[alt.ExprRef(expr="height"), _HEAD])
    sides = f"datum.value > 0 ? '{good}' : datum.value < 0 ? '{bad}' : ''" if split else "''"
    axis = alt.Axis(title=rows, values=[-0.5, 0, 0.5], labelExpr=sides, grid=False)
    facts = tooltips(range=score, outcome=f"{good}/{bad}", n_text=rows)
    bars = (
        part("bar")
        .mark_rect(stroke=theme.shade("surface"), strokeWidth=0.5, color=theme.shade("accent"))
        .encode(
            x=x,
            x2="stop:Q",
            y=alt.Y("zero:Q", scale=scale, axis=axis),
            y2="height:Q",
            opacity=alt.when("datum.height < 0").then(alt.value(0.45)).otherwise(alt.value(0.9)),
            tooltip=facts,
            description="description:N",
        )
    )
    return template([bars, *score_lines(x)], height=300 if split else 240, top=6, right=18)


def score_outcomes(
    edges: Sequence[float],
    *,
    favourable: Sequence[float],
    unfavourable: Sequence[float],
    unknown: Sequence[float],
    threshold: float,
    ends: tuple[float | None, float | None] = (None, None),
) -> Chart:
    """Draw the scores of either outcome; all in one where no outcome is known.

    Parameters
    ----------
    edges : sequence of float (B + 1,)
        Ends of the bins, in [0, 1].
    favourable, unfavourable, unknown : sequence of float (B,)
        Rows a bin, by outcome.
    threshold : float
        Where the line of the model is.
    ends : tuple of float or None
        Of a review band.
    """
    is_split = any(favourable) or any(unfavourable)
    panels = {"favourable": favourable, "unfavourable": unfavourable} if is_split else {"all": unknown}
    tallest = max(1.0, *(n for panel in panels.values() for n in panel))
    names = {"favourable": tr("favourable"), "unfavourable": tr("unfavourable"), "all": tr("all")}
    rows: list[dict[str, object]] = []
    for name, panel in panels.items():
        sign = -1.0 if name == "unfavourable" else 1.0
        for i, n in enumerate(panel):
            if n > 0:
                span = f"{percent(edges[i])} – {percent(edges[i + 1])}"
                rows.append(
                    {
                        "part": "bar",
                        "start": float(edges[i]),
                        "stop": float(edges[i + 1]),
                        "zero": 0.0,
                        "height": sign * math.sqrt(n / tallest),
                        "range": span,
                        "outcome": names[name],
                        "n_text": count(n),
                        "description": f"{span}: {count(n)} {names[name]}",
                    }
                )
    for end, side in zip(ends, ("left", "right"), strict=True):
        if end is not None and end != threshold:
            turned = "right" if end < 0.1 else "left" if end > 0.9 else side
            rows.append({"part": "end", "start": end, "label": _cut(end), "side": turned})
    label = tr("threshold {cut}", cut=_cut(threshold))
    rows.append(
        {
            "part": "threshold",
            "start": threshold,
            "label": label,
            "side": _roomy_side(threshold, ends),
        }
    )
    words = (tr("score"), tr("rows (square-root scale)"), names["favourable"], names["unfavourable"])
    return Chart(_template(words, split=is_split), pd.DataFrame(rows), tr(ALT if is_split else ALT_ALL))


def _roomy_side(threshold: float, ends: tuple[float | None, float | None]) -> str:
    """Choose the side of the threshold where its label crosses no end of the band, else the one away from the edge."""
    inwards, outwards = ("left", "right") if threshold > 0.5 else ("right", "left")
    sides = {
        "right" if end > threshold else "left"
        for end in ends
        if end is not None and 0 < abs(end - threshold) < _LABEL
    }
    edge = threshold if outwards == "left" else 1 - threshold
    return outwards if inwards in sides and outwards not in sides and edge >= _LABEL else inwards


def _cut(value: float) -> str:
    return percentage(f"{100 * value:.3g}")
