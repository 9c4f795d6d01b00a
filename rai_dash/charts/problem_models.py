"""Error rate in the slice of a problem, model by model: a dot with its interval, and a tick for everybody else."""

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
    halo_text,
    if_there,
    inward,
    ordered_y,
    people_of,
    percent_axis,
    rows_height,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._dots import REACHES, ends_of, interval_and_dot
from rai_dash.charts._words import DASH, count, interval, number, percent, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Estimate

ALT = mark(
    "One row for each model or batch: a dot with its 95 % interval is the share of wrong decisions in "
    "the slice, a short line across is that of everybody else. Filled dots are errors shown to be larger "
    "than elsewhere, hollow ones are not shown, grey ones rest on few rows. The state stands beside. The "
    "table below has the numbers."
)
MAX_ROWS = 40
#: Fewer people in the slice than this are grey.
FEW = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelError:
    """One model on one data set or batch.

    Parameters
    ----------
    name : str
        Of the model, or of the batch and its model.
    error, rest : Estimate
        Error rate in the slice, and of everybody else.
    rows : float
        People that ``error`` rests on.
    is_shown : bool
        Whether the error is shown to be larger than elsewhere.
    state : str
        In our words.
    """

    name: str
    error: Estimate
    rest: Estimate
    rows: float
    is_shown: bool
    state: str


@cached_template(TEMPLATES)
def _template(n_rows: int, reach: float) -> Spec:
    axis = percent_axis(values=[0, reach / 2, reach], title=tr("wrong decisions"), titleAnchor="start")
    y = ordered_y()

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, reach], nice=False), axis=axis)

    rows = alt.Chart()
    facts = tooltips(
        name=tr("Model or batch"),
        value_text=tr("Wrong in the slice"),
        interval_text=tr("95 % interval"),
        n_text=tr("People"),
        rest_text=tr("Wrong of everybody else"),
        state=tr("State"),
    )
    align = inward(0.25 * reach, 0.75 * reach)
    layers = [
        rows.mark_tick(thickness=2, size=26, color=theme.shade("muted"), clip=True, aria=False).encode(
            x=x("rest"), y=y, opacity=if_there("has_rest")
        ),
        *interval_and_dot(rows, x, y, strong="datum.shown && !datum.few", facts=facts),
        *halo_text(
            rows,
            {"x": x("x"), "y": y, "text": "label:N"},
            align=align,
            dy=-15,
            limit=alt.ExprRef(expr="width"),
        ),
    ]
    return template(layers, height=rows_height(n_rows, extra=36), top=16, right=12)


def problem_models(found: Sequence[ModelError]) -> Chart:
    """Draw the error rate in a slice, model by model.

    Parameters
    ----------
    found : sequence of ModelError
        From top to bottom, at most 40.

    Raises
    ------
    ValueError
        More than 40.
    """
    if len(found) > MAX_ROWS:
        msg = f"This chart shows at most {MAX_ROWS} models, got {len(found)}. Keep the newest."
        raise ValueError(msg)
    names = plain_names([one.name for one in found])
    ends = [v for one in found for v in (one.error.high, one.rest.value) if v is not None]
    rows = [_row(i, one, name) for i, (one, name) in enumerate(zip(found, names, strict=True))]
    people = fewest_people(
        [one.rows for one in found], people_of([rate for one in found for rate in (one.error, one.rest)])
    )
    spec = _template(len(rows), stepped(max(ends, default=0.1), REACHES))
    return Chart(spec, pd.DataFrame(rows), tr(ALT), people)


def _row(place: int, one: ModelError, name: str) -> dict[str, object]:
    at, rest = number(one.error.value), number(one.rest.value)
    shown, ends = percent(at), interval(one.error.low, one.error.high)
    why = one.error.reason or "undefined"
    low, high = ends_of(at, one.error.low, one.error.high)
    return {
        "order": place,
        "name": name,
        "defined": at is not None,
        "has_rest": rest is not None,
        "shown": one.is_shown,
        "few": one.rows < FEW,
        "x": at or 0.0,
        "low": low or 0.0,
        "high": high or 0.0,
        "rest": rest or 0.0,
        "label": f"{DASH} {why}" if at is None else f"{shown}, {one.state}",
        "value_text": shown,
        "interval_text": ends,
        "n_text": count(one.rows),
        "rest_text": percent(rest),
        "state": one.state,
        "description": tr(
            "{name}: {shown} wrong, 95 % interval {ends}, {rows} people, everybody else {rest}, {state}",
            name=name,
            shown=shown,
            ends=ends,
            rows=count(one.rows),
            rest=percent(rest),
            state=one.state,
        ),
    }
