"""ROC and precision-recall curves, with the present threshold as a dot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    halo_text,
    legend,
    legend_height,
    part,
    percent_axis,
    slot,
    template,
    tooltips,
)
from rai_dash.charts._words import number, percent, plain_names
from rai_dash.core.texts import mark, tr

ALT = {
    "roc": (
        mark(
            "ROC curve: the share of favourable outcomes that are approved against the share of unfavourable "
            "outcomes that are approved, one line for each group; the dashed diagonal is chance, the dot is "
            "the present threshold. The table below has the numbers."
        )
    ),
    "precision_recall": (
        mark(
            "Precision-recall curve: the share of the approved with a favourable outcome against the share "
            "of favourable outcomes that are approved, one line for each group; the dashed line is the base "
            "rate, the dot is the present threshold. The table below has the numbers."
        )
    ),
}
Kind = Literal["roc", "precision_recall"]
_TITLES = {
    "roc": (mark("unfavourable outcomes approved (FPR)"), mark("favourable outcomes approved (recall)")),
    "precision_recall": (
        mark("favourable outcomes approved (recall)"),
        mark("approved with favourable outcome (precision)"),
    ),
}
# The second sign beside colour; in the order of the groups.
_DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [14, 3], [4, 5])
MAX_POINTS = 1500
#: Of the plot, how much the label of a dot covers on a narrow page, and half of its height.
_LABEL_WIDTH, _LABEL_HALF = 0.42, 0.04
#: Pixels from 0 to 100 %, about, and from a dot down to its label.
_PLOT, _BELOW = 300, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line.

    Parameters
    ----------
    name : str
        Group, or ``"everyone"``.
    x, y : float (m,)
        Shares in [0, 1] in the order of drawing; pairs with NaN are left out.
    marker : tuple of float or None
        ``(x, y)`` at the present threshold.
    """

    name: str
    x: ArrayLike
    y: ArrayLike
    marker: tuple[float | None, float | None] | None = None


def line_paint(names: tuple[str, ...]) -> dict[str, Any]:
    """Colour and dash by group with one legend; a single curve needs none."""
    if len(names) == 1:
        return {"color": alt.value(theme.shade("accent"))}
    colored = list(names[: theme.N_GROUP_COLORS])
    rest = [{"test": "datum.slot === 'rest'", "value": theme.shade("muted")}]
    key = legend(len(colored), columns=2, width=270, symbolType="stroke", symbolSize=400)
    return {
        "color": alt.Color("name:N", scale=alt.Scale(domain=colored), condition=rest, legend=key),
        "strokeDash": alt.StrokeDash(
            "name:N", scale=alt.Scale(domain=colored, range=list(_DASHES[: len(colored)])), legend=key
        ),
    }


@cached_template(TEMPLATES)
def _template(kind: str, names: tuple[str, ...]) -> Spec:
    titles = [tr(title) for title in _TITLES[kind]]
    scale = alt.Scale(domain=[0, 1])
    place: dict[str, Any] = {
        "x": alt.X("x:Q", scale=scale, axis=percent_axis(title=titles[0])),
        "y": alt.Y("y:Q", scale=scale, axis=percent_axis(title=titles[1])),
    }
    order = alt.Order("order:Q")
    detail = alt.Detail("name:N")
    paint = line_paint(names)
    dots = {"color": paint["color"]}
    layers = [
        part("chance")
        .mark_line(strokeDash=[4, 4], strokeWidth=1.5, color=theme.shade("muted"), aria=False)
        .encode(**place, order=order),
        part("curve").mark_line(strokeWidth=2.5).encode(**place, order=order, detail=detail, **paint),
        part("marker")
        .mark_point(size=120, filled=True, stroke=theme.shade("surface"), strokeWidth=2, opacity=1)
        .encode(
            **place,
            **dots,
            tooltip=tooltips(name=tr("Group"), x_text=titles[0], y_text=titles[1]),
            description="description:N",
        ),
    ]
    if len(names) == 1:
        inward = alt.ExprRef(expr="datum.x > 0.6 ? 'right' : 'left'")
        side = alt.ExprRef(expr="datum.x > 0.6 ? -10 : 10")
        layers += halo_text(
            part("marker"),
            place | {"text": "label:N"},
            align=inward,
            dx=side,
            dy=alt.ExprRef(expr="datum.below"),
        )
    colored = min(len(names), theme.N_GROUP_COLORS)
    # A single curve may have the label of its dot above the plot.
    top = 6 + (legend_height(colored, columns=2) if len(names) > 1 else 14)
    return template(layers, height=336 + top, top=top, right=18)


def thin(curve: Curve, limit: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Keep at most ``limit`` points, evenly along the curve, the ends included."""
    x, y = (np.asarray(part_, dtype=np.float64) for part_ in (curve.x, curve.y))
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if x.size <= limit:
        return x, y
    walked = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    keep = np.searchsorted(walked, np.linspace(0.0, walked[-1], limit))
    keep = np.unique(np.concatenate([[0], keep, [x.size - 1]]))
    return x[keep], y[keep]


def _label_below(x: NDArray[np.float64], y: NDArray[np.float64], at: tuple[float, float]) -> float:
    """Return the pixels from a dot down to its label, so that the curve does not run through it."""
    aside = -1 if at[0] > 0.6 else 1
    first, last = sorted((at[0] + aside * 0.03, at[0] + aside * _LABEL_WIDTH))
    along = np.linspace(0.0, 1.0, 16)
    xs, ys = (v[:-1, None] + np.diff(v)[:, None] * along for v in (x, y))
    beside = ys[(xs >= first) & (xs <= last)]
    # At the foot of the plot it stands on the axis.
    usual = max(at[1] - _BELOW / _PLOT, _LABEL_HALF)
    low, high = beside.min(initial=2.0) - _LABEL_HALF, beside.max(initial=-1.0) + _LABEL_HALF
    free = [c for c in (low, high) if _LABEL_HALF <= c <= 1 + _LABEL_HALF]
    is_in_the_way = low < usual < high
    middle = min(free, key=lambda c: abs(c - at[1])) if is_in_the_way and free else usual
    return float(_PLOT * (at[1] - middle))


def _draw(kind: Kind, curves: Sequence[Curve], chance: list[tuple[float, float]], threshold: float) -> Chart:
    limit = min(200, MAX_POINTS // max(len(curves), 1))
    rows: list[dict[str, object]] = [
        {"part": "chance", "order": i, "x": x, "y": y} for i, (x, y) in enumerate(chance)
    ]
    names = plain_names([curve.name for curve in curves])
    for i, curve in enumerate(curves):
        base = {"name": names[i], "slot": slot(i)}
        xs, ys = thin(curve, limit)
        points = enumerate(zip(xs, ys, strict=True))
        rows += [base | {"part": "curve", "order": k, "x": x, "y": y} for k, (x, y) in points]
        at = (None, None) if curve.marker is None else (number(curve.marker[0]), number(curve.marker[1]))
        if at[0] is not None and at[1] is not None:
            texts = {
                "x_text": percent(at[0]),
                "y_text": percent(at[1]),
                "label": tr("threshold {threshold}", threshold=percent(threshold)),
                "below": _label_below(xs, ys, (at[0], at[1])),
            }
            told = tr(
                "{names} at the threshold: {at}, {at_2}",
                names=names[i],
                at=percent(at[0]),
                at_2=percent(at[1]),
            )
            rows.append(base | texts | {"part": "marker", "x": at[0], "y": at[1], "description": told})
    # Each step of the line of a group is the score of one person.
    return Chart(_template(kind, names), pd.DataFrame(rows), tr(ALT[kind]), 1.0 if len(names) > 1 else None)


def roc(curves: Sequence[Curve], *, threshold: float) -> Chart:
    """Draw ROC curves.

    Parameters
    ----------
    curves : sequence of Curve
        ``x`` = false positive rate, ``y`` = recall. One curve has a label at its dot, more have a legend;
        the first six in group colours, the rest in one plain colour.
    threshold : float
        Present threshold in [0, 1], for the label.
    """
    return _draw("roc", curves, [(0.0, 0.0), (1.0, 1.0)], threshold)


def precision_recall(curves: Sequence[Curve], *, base_rate: float | None, threshold: float) -> Chart:
    """Draw precision-recall curves.

    Parameters
    ----------
    curves : sequence of Curve
        ``x`` = recall, ``y`` = precision.
    base_rate : float or None
        Share of favourable outcomes: the precision of approving everyone.
    threshold : float
        Present threshold in [0, 1], for the label.
    """
    level = number(base_rate)
    chance = [] if level is None else [(0.0, level), (1.0, level)]
    return _draw("precision_recall", curves, chance, threshold)
