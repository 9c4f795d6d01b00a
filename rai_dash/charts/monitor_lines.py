"""A batch beside what was signed: for each share the limits, the signed value, and the batch with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    if_there,
    ordered_y,
    people_of,
    percent_axis,
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
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Estimate
from rai_dash.core.words import percent

ALT = mark(
    "One row for each share: a pale bar for its limits, a tick for the signed value, and the batch as a "
    "mark with its 95 % interval on an axis from 0 to 100 %. A circle lies within the limits, a diamond "
    "is to be watched, a square is a breach, a ring rests on too few rows. The table below has the "
    "numbers."
)
MAX_ROWS = 24
_STEP = 44
#: A label near the right end of the axis is turned inwards.
_ALIGN = alt.ExprRef(expr="datum.at > 0.66 ? 'right' : 'left'")
#: Limits a point apart would be thinner than a hair.
_THIN = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """One share of a batch beside the signed one.

    Parameters
    ----------
    name : str
        What is shared.
    signed, batch : Estimate
        In [0, 1], or undefined with the reason.
    low, high : float or None
        Limits; None = none.
    state : {"ok", "watch", "breach", "few"}
        How it is drawn.
    told : str
        The state in words.
    hollow : bool
        Whether it rests on too few rows to settle anything.
    """

    name: str
    signed: Estimate
    batch: Estimate
    low: float | None
    high: float | None
    state: State
    told: str
    hollow: bool = False


@cached_template(TEMPLATES)
def _template(n_rows: int) -> Spec:
    rows = alt.Chart()
    # "age [25, 35): declined" takes two lines, so that a phone has room for the plot.
    y = ordered_y(labelExpr="split(datum.label, ': ')", labelLimit=150, labelLineHeight=14)
    axis = percent_axis(gridOpacity=0.6)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, 1], clamp=True), axis=axis)

    facts = tooltips(
        name=tr("Share"),
        batch_text=tr("Batch"),
        span_text=tr("95 % interval"),
        n_text=tr("Rows"),
        signed_text=tr("Signed"),
        limits_text=tr("Limits"),
        told=tr("Finding"),
    )
    seen = if_there("defined")
    layers = [
        rows.mark_bar(height=16, color=theme.shade("faint"), cornerRadius=3, aria=False).encode(
            x=x("least"), x2="most:Q", y=y, opacity=if_there("limited")
        ),
        rows.mark_tick(size=18, thickness=3, color=theme.shade("muted"), aria=False).encode(
            x=x("signed"), y=y, opacity=if_there("known")
        ),
        rows.mark_rule(strokeWidth=3, strokeCap="round", strokeOpacity=0.55, aria=False).encode(
            x=x("start"), x2="end:Q", y=y, color=paint(), opacity=seen
        ),
        rows.transform_filter(IS_TOLD).mark_point(size=110, strokeWidth=2.5, opacity=1).encode(
            x=x("at"), y=y, stroke=paint(), fill=filled(),
            shape=shaped(), tooltip=facts, description="description:N", opacity=seen,
        ),
        rows.mark_text(align=_ALIGN, dy=-15, aria=False, limit=alt.ExprRef(expr="width")).encode(
            x=x("at"), y=y, text="label:N"
        ),
        rows.mark_point(filled=True, size=1, opacity=0, aria=False).encode(x=x("at"), y=y, **key()),
    ]  # fmt: skip
    top = 8 + key_height()
    return template(layers, height=_STEP * n_rows + 46 + top, top=top, right=14)


def monitor_lines(rows: Sequence[ShareRow]) -> Chart:
    """Draw shares of a batch beside those that were signed.

    Parameters
    ----------
    rows : sequence of ShareRow
        From top to bottom, at most 24.

    Raises
    ------
    ValueError
        More than 24 rows.
    """
    if len(rows) > MAX_ROWS:
        msg = f"This chart shows at most {MAX_ROWS} shares, got {len(rows)}. Keep those that matter most."
        raise ValueError(msg)
    names = plain_names([row.name for row in rows])
    data = [_fields(row, name, i) for i, (row, name) in enumerate(zip(rows, names, strict=True))]
    data = with_every_key(data, known=False, limited=False, label="")
    told = people_of([estimate for row in rows for estimate in (row.signed, row.batch)])
    return Chart(_template(len(rows)), pd.DataFrame(data), tr(ALT), fewest_people(told))


def _fields(row: ShareRow, name: str, position: int) -> dict[str, object]:
    value, signed = number(row.batch.value), number(row.signed.value)
    at = value if value is not None else signed or 0.0
    least, most = number(row.low), number(row.high)
    limits = DASH if least is None or most is None else interval(max(least, 0.0), min(most, 1.0))
    now, then = beside(value, signed)
    span = interval(row.batch.low, row.batch.high)
    rows = DASH if row.batch.denominator is None else count(row.batch.denominator)
    label = (
        tr("{now}, was {then}", now=now, then=then)
        if value is not None
        else f"{DASH} {row.batch.reason or 'undefined'}"
    )
    return {
        "name": name,
        "order": position,
        "key": key_of(position),
        "state": row.state,
        "hollow": row.hollow,
        "at": at,
        "start": at if row.batch.low is None else row.batch.low,
        "end": at if row.batch.high is None else row.batch.high,
        "signed": 0.0 if signed is None else signed,
        "least": 0.0 if least is None else max(least - _THIN / 2, 0.0),
        "most": 0.0 if most is None else min(most + _THIN / 2, 1.0),
        "defined": value is not None,
        "known": signed is not None,
        "limited": least is not None and most is not None,
        "label": label,
        "batch_text": now,
        "span_text": span,
        "n_text": rows,
        "signed_text": then,
        "limits_text": limits,
        "told": row.told,
        "description": tr(
            "{name}: {now}, 95 % interval {span}, {rows} rows; {then} signed, limits {limits}; {told}",
            name=name,
            now=now,
            span=span,
            rows=rows,
            then=then,
            limits=limits,
            told=row.told,
        ),
    }


def beside(now: float | None, then: float | None) -> tuple[str, str]:
    """Write two shares, with a decimal where they would read the same and are not."""
    digits = 1 if now != then and percent(now) == percent(then) else None
    return percent(now, digits=digits), percent(then, digits=digits)
