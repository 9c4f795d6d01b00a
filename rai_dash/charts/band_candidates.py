"""Up to four bands side by side: a few numbers with their intervals, one row a band."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._band_plane import Unit, written
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    if_few,
    if_there,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, number, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Estimate

ALT = mark(
    "For each number one row a band: a dot with its 95 % interval and the value beside it; every number "
    "has its own axis, from the lowest end to the highest. The first band is a square. The table below "
    "has the numbers."
)
MAX_BANDS, MAX_MEASURES = 4, 8
# Pixels of a row, of the names, and of the values without and with their intervals.
_STEP, _NAME, _SHORT, _LONG = 24, 260, 76, 210
_IS_WIDE = "width > 640"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of all bands.

    Parameters
    ----------
    title : str
        In our words, with its unit; not from a file.
    unit : str
        How the values are written.
    values : sequence of Estimate
        One a band, in the order of the bands; undefined ones are named, not drawn.
    small : sequence of bool, optional
        Which rest on too few rows; drawn as grey rings.
    """

    title: str
    unit: Unit
    values: Sequence[Estimate]
    small: Sequence[bool] = ()


@cached_template(TEMPLATES)
def _template(n_rows: int) -> Spec:
    y = alt.Y("order:Q", scale=alt.Scale(domain=[-0.5, n_rows - 0.5], reverse=True, nice=False), axis=None)
    # Names and values have fixed room; a phone gives the names less.
    left, right = f"min({_NAME}, width * 0.36)", f"({_IS_WIDE} ? {_LONG} : {_SHORT})"
    room: list[Any] = [alt.ExprRef(expr=f"{left} + 10"), alt.ExprRef(expr=f"width - {right} - 10")]
    scale = alt.Scale(domain=[0, 1], range=room)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=None)

    def rows(name: str) -> alt.Chart:
        return alt.Chart().transform_filter(f"datum.part === '{name}'")

    facts = tooltips(
        measure=tr("Number"), name=tr("Band"), value_text=tr("Value"), interval_text=tr("95 % interval")
    )
    ink = if_few(theme.FEW, theme.shade("accent"))
    seen = if_there("defined")
    shape = alt.when("datum.first").then(alt.value("square")).otherwise(alt.value("circle"))
    layers = [
        rows("title")
        .mark_text(align="left", fontWeight=600, aria=False, limit=alt.ExprRef(expr="width"))
        .encode(x=alt.value(0), y=y, text="measure:N"),
        rows("band")
        .mark_text(align="left", aria=False, limit=alt.ExprRef(expr=f"{left} - 8"), dx=8)
        .encode(x=alt.value(0), y=y, text="name:N", tooltip=facts),
        rows("band")
        .mark_rule(strokeWidth=3, strokeCap="round", opacity=0.45, aria=False)
        .encode(x=x("low"), x2="high:Q", y=y, color=ink, strokeOpacity=seen),
        rows("band")
        .mark_point(size=90, strokeWidth=2.5)
        .encode(
            x=x("x"),
            y=y,
            stroke=ink,
            fill=if_few(theme.shade("surface"), theme.shade("accent")),
            shape=shape,
            opacity=seen,
            tooltip=facts,
            description="description:N",
        ),
        rows("band")
        .mark_text(
            align="right",
            aria=False,
            x=alt.ExprRef(expr="width"),
            color=alt.ExprRef(expr="datum.few ? muted : ink"),
            # Not an encoding: those know no choice between two fields.
            text=alt.ExprRef(expr=f"{_IS_WIDE} ? datum.long : datum.label"),
        )
        .encode(y=y, tooltip=facts),
    ]
    return template(layers, height=_STEP * n_rows + 8, right=4)


def band_candidates(names: Sequence[str], measures: Sequence[Measure]) -> Chart:
    """Draw candidate bands side by side.

    Parameters
    ----------
    names : sequence of str (C,)
        Of the bands, the present one first; at most 4.
    measures : sequence of Measure
        At most 8, from top to bottom.

    Raises
    ------
    ValueError
        More than 4 bands or 8 measures.
    """
    if len(names) > MAX_BANDS or len(measures) > MAX_MEASURES:
        msg = (
            f"This chart compares at most {MAX_BANDS} bands by {MAX_MEASURES} numbers, got {len(names)} and "
            f"{len(measures)}. Keep the ones to choose from."
        )
        raise ValueError(msg)
    rows: list[dict[str, object]] = []
    for measure in measures:
        rows.append({"part": "title", "measure": measure.title})
        rows += _rows(plain_names(names), measure)
    frame = pd.DataFrame([row | {"order": i} for i, row in enumerate(rows)])
    return Chart(_template(len(rows)), frame, tr(ALT))


def _rows(names: Sequence[str], measure: Measure) -> Iterator[dict[str, object]]:
    """Place the values of one measure between its lowest and its highest end."""
    ends = [
        x
        for e in measure.values
        if number(e.value) is not None
        for x in (number(e.value), number(e.low), number(e.high))
        if x is not None
    ]
    least, most = min(ends, default=0.0), max(ends, default=1.0)

    def at(value: float | None, otherwise: float) -> float:
        known = number(value)
        return otherwise if known is None else 0.5 if most == least else (known - least) / (most - least)

    for i, (name, estimate) in enumerate(zip(names, measure.values, strict=True)):
        value = number(estimate.value)
        shown = written(value, measure.unit)
        known = number(estimate.low) is not None and number(estimate.high) is not None
        span = (
            tr(
                "{written} to {written_unit}",
                written=written(estimate.low, measure.unit),
                written_unit=written(estimate.high, measure.unit),
            )
            if known
            else DASH
        )
        x = at(value, 0.0)
        told = shown if value is not None else f"{DASH} {estimate.reason or 'undefined'}"
        yield {
            "part": "band",
            "measure": measure.title,
            "name": name,
            "first": i == 0,
            "few": i < len(measure.small) and bool(measure.small[i]),
            "defined": value is not None,
            "x": x,
            "low": at(estimate.low, x) if value is not None else x,
            "high": at(estimate.high, x) if value is not None else x,
            "label": shown,
            "long": f"{shown}, {span}" if known else told,
            "value_text": told,
            "interval_text": span,
            "description": tr(
                "{measure}, {name}: {shown}, 95 % interval {span}",
                measure=measure.title,
                name=name,
                shown=shown,
                span=span,
            ),
        }
