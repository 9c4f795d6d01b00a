"""One number over the batches in the record: its limits, the signed value, and each batch with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._band_plane import UNIT_LABEL
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    if_there,
    shares_of,
    template,
    tooltips,
)
from rai_dash.charts._monitor_marks import (
    IS_TOLD,
    State,
    filled,
    key,
    key_height,
    key_of,
    paint,
    shaped,
    with_every_key,
)
from rai_dash.charts._words import DASH, count, interval, number, plain_names
from rai_dash.charts._words import signed as written
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import percent

ALT = mark(
    "One mark for each batch in the order of the record, with its 95 % interval where it has one, over a "
    "pale band for the limits and a line for the signed value. A circle lies within the limits, a "
    "diamond is to be watched, a square is a breach, a ring rests on too few rows. The table below has "
    "the numbers."
)
MAX_BATCHES = 60
Unit = Literal["share", "number"]
_HEIGHT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPoint:
    """One number of one batch.

    Parameters
    ----------
    label : str
        What the batch is called.
    value, low, high : float or None
        The number and its 95 % interval.
    n : int or None
        Rows behind it.
    state : {"ok", "watch", "breach", "few"}
        How it is drawn.
    told : str
        The state in words.
    hollow : bool
        Whether it rests on too few rows to settle anything.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    n: float | None
    state: State
    told: str
    hollow: bool = False


@cached_template(TEMPLATES)
def _template(unit: Unit, *, is_limited: bool, is_signed: bool) -> Spec:
    points = alt.Chart()
    order = alt.EncodingSortField(field="order", op="min")
    turn = alt.ExprRef(expr="bandwidth('x') < 90 ? -40 : 0")
    x = alt.X(
        "label:N", sort=order,
        scale=alt.Scale(type="band"),
        axis=alt.Axis(title=None, grid=False, labelAngle=turn, labelLimit=110, labelOverlap=True,
                      labelAlign=alt.ExprRef(expr="bandwidth('x') < 90 ? 'right' : 'center'")),
    )  # fmt: skip
    label = UNIT_LABEL["share" if unit == "share" else "ratio"]
    axis = alt.Axis(title=None, labelExpr=label, tickCount=5)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(zero=True, nice=True), axis=axis)

    facts = tooltips(
        label=tr("Batch"),
        text=tr("Value"),
        span_text=tr("95 % interval"),
        n_text=tr("Rows"),
        told=tr("Finding"),
    )
    seen = if_there("defined")
    once = points.transform_filter("datum.order === 0")
    layers = []
    if is_limited:
        layers.append(
            once.mark_rect(color=theme.shade("faint"), aria=False).encode(
                y=y("least"), y2="most:Q", x=alt.value(0), x2=alt.value("width")
            )
        )
    if is_signed:
        layers.append(
            once.mark_rule(color=theme.shade("muted"), strokeWidth=2, aria=False).encode(
                y=y("signed"), x=alt.value(0), x2=alt.value("width")
            )
        )
    layers += [
        points.mark_rule(strokeWidth=3, strokeCap="round", strokeOpacity=0.55, aria=False).encode(
            x=x, y=y("start"), y2="end:Q", color=paint(), opacity=seen
        ),
        points.transform_filter(IS_TOLD).mark_point(size=120, strokeWidth=2.5, opacity=1).encode(
            x=x, y=y("at"), stroke=paint(), fill=filled(),
            shape=shaped(), tooltip=facts, description="description:N", opacity=seen,
        ),
        points.mark_text(dx=10, align="left", aria=False).encode(x=x, y=y("at"), text="text:N"),
        points.mark_point(filled=True, size=1, opacity=0, aria=False).encode(x=x, y=y("at"), **key()),
    ]  # fmt: skip
    top = 10 + key_height()
    return template(layers, height=_HEIGHT + top, top=top, right=24)


def monitor_series(
    points: Sequence[BatchPoint],
    *,
    unit: Unit,
    signed: float | None = None,
    limits: tuple[float | None, float | None] = (None, None),
) -> Chart:
    """Draw one number over batches.

    Parameters
    ----------
    points : sequence of BatchPoint
        In their order, at most 60.
    unit : {"share", "number"}
        Whether it is written in percent.
    signed : float, optional
        The signed value.
    limits : pair of (float or None)
        Lowest and highest value within the limits; None = open.

    Raises
    ------
    ValueError
        More than 60 batches.
    """
    if len(points) > MAX_BATCHES:
        msg = f"This chart shows at most {MAX_BATCHES} batches, got {len(points)}. Keep the newest."
        raise ValueError(msg)
    names = plain_names([point.label for point in points])
    low, high = (number(end) for end in limits)
    shared: dict[str, object] = {"signed": number(signed) or 0.0}
    if high is not None:
        floor = 0.0 if low is None else low
        shared |= {"least": max(floor, 0.0) if unit == "share" else floor, "most": high}
    data = [
        shared | _fields(point, name, i, unit)
        for i, (point, name) in enumerate(zip(points, names, strict=True))
    ]
    data = with_every_key(data, text="")
    spec = _template(unit, is_limited=high is not None, is_signed=number(signed) is not None)
    n = [point.n or 0.0 for point in points]
    rates = [point.value if unit == "share" else None for point in points]
    return Chart(spec, pd.DataFrame(data), tr(ALT), fewest_people(n, shares_of(rates, n)))


def _fields(point: BatchPoint, name: str, position: int, unit: Unit) -> dict[str, object]:
    value = number(point.value)
    at = 0.0 if value is None else value
    text = DASH if value is None else percent(value) if unit == "share" else written(value)
    span = interval(point.low, point.high) if unit == "share" else _numbers(point.low, point.high)
    rows = DASH if point.n is None else count(point.n)
    return {
        "label": name,
        "order": position,
        "key": key_of(position),
        "state": point.state,
        "hollow": point.hollow,
        "at": at,
        "start": at if point.low is None else point.low,
        "end": at if point.high is None else point.high,
        "defined": value is not None,
        "text": text,
        "span_text": span,
        "n_text": rows,
        "told": point.told,
        "description": tr(
            "{name}: {text}, 95 % interval {span}, {rows} rows; {told}",
            name=name,
            text=text,
            span=span,
            rows=rows,
            told=point.told,
        ),
    }


def _numbers(low: float | None, high: float | None) -> str:
    if number(low) is None or number(high) is None:
        return DASH
    return tr(
        "{written} to {written_high}",
        written=written(float(low or 0.0)),
        written_high=written(float(high or 0.0)),
    )
