"""Cumulative gain and lift: what approving from the highest score down brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    halo_text,
    legend_height,
    part,
    percent_axis,
    slot,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, number, percent, plain_names
from rai_dash.charts.curves import MAX_POINTS, Curve, line_paint, thin
from rai_dash.core.texts import mark, tr

Kind = Literal["gain", "lift"]
ALT = {
    "gain": (
        mark(
            "Cumulative gain: approving from the highest score down, the share of all favourable outcomes "
            "that are approved so far, one line for each group; the dashed diagonal is chance, the dotted "
            "line the best possible order, the dot the present threshold. The table below has the numbers."
        )
    ),
    "lift": (
        mark(
            "Lift: approving from the highest score down, how many times the base rate the share of "
            "favourable outcomes among the approved is, one line for each group; the dashed line at 1 is "
            "chance, the dot the present threshold. The table below has the numbers."
        )
    ),
}
_APPROVED = mark("applicants approved, highest scores first")
_TITLES = {"gain": mark("favourable outcomes approved (recall)"), "lift": mark("times the base rate (lift)")}
#: Where the axis of lift may end; what lies above the last is cut.
TOPS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


@cached_template(TEMPLATES)
def _template(kind: str, names: tuple[str, ...], top: float) -> Spec:
    gain = kind == "gain"
    axis = alt.Axis(title=tr(_TITLES[kind]), labelExpr="datum.label + ' ×'", tickCount=5)
    place: dict[str, Any] = {
        "x": alt.X("x:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(title=tr(_APPROVED))),
        "y": alt.Y(
            "y:Q",
            scale=alt.Scale(domain=[0, top], nice=False),
            axis=percent_axis(title=tr(_TITLES[kind])) if gain else axis,
        ),
    }
    order = alt.Order("order:Q")
    paint = line_paint(names)
    line: dict[str, Any] = {"strokeWidth": 1.5, "color": theme.shade("muted"), "aria": False}
    layers = [
        part("chance").mark_line(strokeDash=[4, 4], **line).encode(**place, order=order),
        part("best").mark_line(strokeDash=[1, 3], **line).encode(**place, order=order),
        part("curve")
        .mark_line(strokeWidth=2.5, clip=True)
        .encode(**place, order=order, detail="name:N", **paint),
        part("marker")
        .mark_point(size=120, filled=True, stroke=theme.shade("surface"), strokeWidth=2, opacity=1, clip=True)
        .encode(
            **place,
            color=paint["color"],
            tooltip=tooltips(name=tr("Group"), x_text=tr(_APPROVED), y_text=tr(_TITLES[kind])),
            description="description:N",
        ),
    ]
    if len(names) == 1:
        inward = alt.ExprRef(expr="datum.x > 0.6 ? 'right' : 'left'")
        side = alt.ExprRef(expr="datum.x > 0.6 ? -8 : 10")
        # Below the line of a gain; a lift falls, so its dot has room above.
        layers += halo_text(
            part("marker"), place | {"text": "label:N"}, align=inward, dx=side, dy=16 if gain else -14
        )
    colored = min(len(names), theme.N_GROUP_COLORS)
    room = 6 + (legend_height(colored, columns=2) if len(names) > 1 else 0)
    return template(layers, height=336 + room, top=room, right=18)


def _draw(
    kind: Kind,
    curves: Sequence[Curve],
    lines: dict[str, Sequence[tuple[float, float]]],
    threshold: float,
    *,
    top: float,
    write: Callable[[float | None], str],
) -> Chart:
    limit = min(200, MAX_POINTS // max(len(curves), 1))
    rows: list[dict[str, object]] = [
        {"part": name, "order": i, "x": float(x), "y": float(y)}
        for name, points in lines.items()
        for i, (x, y) in enumerate(points)
    ]
    names = plain_names([curve.name for curve in curves])
    for i, curve in enumerate(curves):
        base = {"name": names[i], "slot": slot(i)}
        rows += [
            base | {"part": "curve", "order": k, "x": x, "y": y}
            for k, (x, y) in enumerate(zip(*thin(curve, limit), strict=True))
        ]
        x, y = (number(v) for v in curve.marker or (None, None))
        if x is None or y is None:
            continue
        shown = {
            "x_text": percent(x),
            "y_text": write(y),
            "label": tr("threshold {threshold}", threshold=percent(threshold)),
        }
        told = tr(
            "{names} at the threshold: {x} approved, {write}", names=names[i], x=percent(x), write=write(y)
        )
        rows.append(base | shown | {"part": "marker", "x": x, "y": y, "description": told})
    # Each step of the line of a group is the score of one person.
    few = 1.0 if len(names) > 1 else None
    return Chart(_template(kind, names, top), pd.DataFrame(rows), tr(ALT[kind]), few)


def cumulative_gain(
    curves: Sequence[Curve], *, best: Sequence[tuple[float, float]], threshold: float
) -> Chart:
    """Draw cumulative gain curves.

    Parameters
    ----------
    curves : sequence of Curve
        ``x`` = share of applicants approved, from the highest score down, ``y`` = share of all favourable outcomes
        among them (recall), ``marker`` = both at the present threshold. One curve has a label at its dot, more
        have a legend.
    best : sequence of (x, y)
        Corners of the best possible line, ``(0, 0), (base rate, 1), (1, 1)``; empty where there is none.
    threshold : float
        Present threshold in [0, 1], for the label.
    """
    lines = {"chance": [(0.0, 0.0), (1.0, 1.0)], "best": best}
    return _draw("gain", curves, lines, threshold, top=1.0, write=percent)


def lift(curves: Sequence[Curve], *, highest: float | None, threshold: float) -> Chart:
    """Draw lift curves.

    Parameters
    ----------
    curves : sequence of Curve
        ``x`` as in `cumulative_gain`, ``y`` = precision among the approved divided by the base rate.
    highest : float or None
        Largest lift to make room for: the axis ends at the next of 2, 5, 10, 20, 50 or 100, and what lies above
        it is cut. None or NaN = undefined, room for 2.
    threshold : float
        Present threshold in [0, 1], for the label.
    """
    lines: dict[str, Sequence[tuple[float, float]]] = {"chance": [(0.0, 1.0), (1.0, 1.0)]}
    return _draw(
        "lift", curves, lines, threshold, top=stepped(number(highest) or TOPS[0], TOPS), write=_times
    )


def _times(value: float | None) -> str:
    return f"{value:.2f} ×" if value is not None else DASH
