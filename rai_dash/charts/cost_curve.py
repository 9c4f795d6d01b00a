"""What an application costs at each threshold, where it is cheapest, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.charts import theme
from rai_dash.charts._base import (
    NUMBER_LABEL,
    TEMPLATES,
    Chart,
    FloatLike,
    Spec,
    cached_template,
    halo_text,
    inward,
    part,
    percent_axis,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, number, plain_names, signed
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import percent, percentage, written

ALT = mark(
    "Cost of one application against the threshold from 0 to 100 %, with its 95 % interval. A dot marks "
    "the present threshold, a diamond the cheapest one; the shaded span holds the thresholds that were "
    "the cheapest in 95 % of repeated samples. Dashed lines are simple rules such as approving everyone. "
    "The table below has the numbers."
)
MAX_POINTS = 300
# Room in pixels: above for labels, below so that a label under the cheapest point clears the axis.
_HEAD, _FOOT = 44, 30
# Labels of rules are kept apart by this share of the axis.
_APART = 0.075


@cached_template(TEMPLATES)
def _template(bottom: float, top: float) -> Spec:
    scale = alt.Scale(domain=[bottom, top], nice=False, range=[alt.ExprRef(expr=f"height - {_FOOT}"), _HEAD])
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(title=tr("threshold"), grid=False))
    axis = alt.Axis(title=None, labelExpr=NUMBER_LABEL, tickCount=5)

    def y(field: str = "y") -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scale, axis=axis)

    order, runs = alt.Order("x:Q"), alt.Detail("run:N")
    facts = tooltips(
        what=tr("Point"),
        x_text=tr("Threshold"),
        y_text=tr("Cost of one application"),
        interval_text=tr("95 % interval"),
    )
    spot: dict[str, Any] = {"x": x, "y": y(), "tooltip": facts, "description": "description:N"}
    bold: dict[str, Any] = {"filled": True, "stroke": theme.shade("surface"), "strokeWidth": 2, "opacity": 1}
    layers = [
        part("stable").mark_rect(color=theme.shade("faint"), aria=False).encode(x=x, x2="stop:Q"),
        part("baseline")
        .mark_rule(strokeDash=[4, 4], strokeWidth=1.5, color=theme.shade("muted"))
        .encode(y=y(), description="description:N"),
        part("band")
        .mark_area(opacity=0.25, color=theme.shade("accent"), aria=False)
        # No order: it would cut an area into one sliver a point; areas run along x by themselves.
        .encode(x=x, y=y("low"), y2="high:Q", detail=runs),
        part("curve")
        .mark_line(strokeWidth=2.5, color=theme.shade("accent"), aria=False)
        .encode(x=x, y=y(), order=order, detail=runs),
        # Invisible: somewhere to point at.
        part("curve")
        .mark_point(size=90, filled=True, opacity=0, aria=False)
        .encode(x=x, y=y(), tooltip=facts),
        part("now").mark_point(size=130, color=theme.shade("ink"), **bold).encode(**spot),
        part("cheapest").mark_point(size=170, shape="diamond", color=theme.APPROVED, **bold).encode(**spot),
    ]
    align_span = inward(0.3, 0.7, field="middle")
    align = inward(0.25, 0.75)
    for name, dy in (("now", -16), ("cheapest", 20)):
        layers += halo_text(part(name), {"x": x, "y": y(), "text": "label:N"}, align=align, dy=dy)
    layers += halo_text(
        part("baseline"), {"y": y("label_y"), "text": "label:N"},
        x=alt.ExprRef(expr="width"), align="right", dy=-8, color=theme.shade("muted"), limit=alt.ExprRef(expr="width"),
    )  # fmt: skip
    layers += halo_text(part("stable"), {"x": alt.X("middle:Q"), "text": "label:N"}, y=24, align=align_span)
    layers.append(
        part("unit")
        .mark_text(x=0, y=2, baseline="top", align="left", color=theme.shade("muted"), aria=False)
        .encode(text="label:N")
    )
    return template(layers, height=340, top=8, right=18)


def cost_curve(
    threshold: Sequence[float],
    cost: FloatLike,
    low: FloatLike,
    high: FloatLike,
    *,
    now: tuple[float, float | None],
    cheapest: tuple[float, float] | None,
    stable: tuple[float, float] | None,
    unit: str,
    baselines: Sequence[tuple[str, float]],
) -> Chart:
    """Draw the cost of one application by threshold.

    Parameters
    ----------
    threshold : sequence of float (T,)
        Ascending, in [0, 1]. Above 300 they are thinned evenly; the ends and the lowest cost are kept.
    cost, low, high : sequence of float or None (T,)
        Cost of one application in ``unit`` and its 95 % interval; None or NaN = undefined, drawn as a hole.
    now : tuple (threshold, cost or None)
        The present threshold.
    cheapest : tuple (threshold, cost) or None
        The cheapest threshold.
    stable : tuple (low, high) or None
        Thresholds that are the cheapest in 95 % of the bootstrap replicates.
    unit : str
        Of the cost, for example ``"euro"``.
    baselines : sequence of (name, cost)
        Rules without a model, for example ``("refuse all", 0.31)``.
    """
    t, c, lo, hi = (
        np.array([np.nan if number(v) is None else v for v in values], dtype=np.float64)
        for values in (threshold, cost, low, high)
    )
    rules = [(name, float(level)) for name, level in baselines if number(level) is not None]
    spots = [now[1], None if cheapest is None else cheapest[1]]
    drawn = [number(v) for v in (*c, *lo, *hi, *spots, *(level for _, level in rules))]
    bottom, top = _domain([v for v in drawn if v is not None])
    keep = _thin(c)
    ends = {round(float(x), 9): _span(*pair) for x, *pair in zip(t, lo, hi, strict=True)}
    rows: list[dict[str, object]] = [
        {"part": "unit", "label": tr("cost of one application, {unit}", unit=unit)}
    ]
    if stable is not None:
        start, stop = float(stable[0]), float(stable[1])
        span = {"x": start, "stop": stop, "middle": (start + stop) / 2}
        rows.append({"part": "stable", "label": tr("cheapest here in 95 % of samples"), **span})
    rows += _line(t[keep], c[keep], lo[keep], hi[keep])
    rows += _rules(rules, top - bottom)
    if cheapest is not None:
        rows += _spot("cheapest", *cheapest, ends)
    rows += _spot("now", *now, ends)
    return Chart(_template(bottom, top), pd.DataFrame(rows), tr(ALT))


def _domain(values: Sequence[float]) -> tuple[float, float]:
    """Return an axis from 0, or from the lowest cost where there are gains, to a round number."""
    return -_round_up(max(0.0, -min(values, default=0.0))), _round_up(max(0.0, *values, 0.0)) or 1.0


def _round_up(value: float) -> float:
    """Return the next of 1, 1.5, 2, 3, 4, 5, 6, 8 × a power of ten: few axes, so few templates."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    # Division leaves dust: 0.3 / 0.1 is a little less than 3, 0.7 / 0.1 a little less than 7.
    return next(s * power for s in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15) if value <= s * power * (1 + 1e-9))


def _thin(cost: NDArray[np.float64]) -> NDArray[np.intp]:
    if cost.size <= MAX_POINTS:
        return np.arange(cost.size)
    keep = np.linspace(0, cost.size - 1, MAX_POINTS - 1).round().astype(np.intp)
    lowest = np.nanargmin(np.where(np.isnan(cost), np.inf, cost))
    return np.unique(np.append(keep, lowest))


def _line(
    t: NDArray[np.float64], cost: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> Iterator[dict[str, object]]:
    """Yield the curve and its band; a hole starts a new run."""
    known = np.isfinite(cost)
    banded = known & np.isfinite(low) & np.isfinite(high)
    for i in np.flatnonzero(known):
        base = {"run": f"r{np.sum(~known[:i])}", "x": t[i]}
        yield base | {
            "part": "curve",
            "y": cost[i],
            "what": "curve",
            "x_text": percent(t[i], digits=1),
            "y_text": _amount(cost[i]),
            "interval_text": _span(low[i], high[i]),
        }
        if banded[i]:
            yield base | {"part": "band", "run": f"r{np.sum(~banded[:i])}", "low": low[i], "high": high[i]}


def _rules(rules: Sequence[tuple[str, float]], span: float) -> Iterator[dict[str, object]]:
    """Yield the simple rules, their labels pushed apart upwards."""
    names = plain_names([name for name, _ in rules])
    last = -math.inf
    for i in sorted(range(len(rules)), key=lambda k: rules[k][1]):
        level = rules[i][1]
        last = max(level, last + _APART * span)
        text = f"{names[i]} {_amount(level)}"
        yield {"part": "baseline", "y": level, "label_y": last, "label": text, "description": text}


def _spot(kind: str, x: float, y: float | None, ends: Mapping[float, str]) -> Iterator[dict[str, object]]:
    level = number(y)
    if level is None:
        return
    at, shown = percentage(f"{100 * x:.3g}"), _amount(level)
    yield {
        "part": kind,
        "x": float(x),
        "y": level,
        "what": tr("present threshold") if kind == "now" else tr("cheapest threshold"),
        "label": f"{kind} {at}: {shown}",
        "x_text": at,
        "y_text": shown,
        "interval_text": ends.get(round(float(x), 9), DASH),
        "description": tr("{kind}: threshold {at}, {shown} an application", kind=kind, at=at, shown=shown),
    }


def _span(low: float, high: float) -> str:
    return (
        tr("{amount} to {amount_high}", amount=_amount(low), amount_high=_amount(high))
        if math.isfinite(low) and math.isfinite(high)
        else DASH
    )


def _amount(value: float) -> str:
    """Write an amount with about three figures."""
    if abs(value) >= 1000:
        return written(f"{value:,.0f}")
    return signed(value, 0 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3)
