"""The band over time or cohorts: what goes to a person, and how often the machine is wrong alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
    legend,
    legend_height,
    ordered_y,
    people_of,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, count, interval, number, plain_names
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.core.types import Estimate
from rai_dash.core.words import percent

ALT = mark(
    "Two marks with their 95 % intervals for each cohort, from top to bottom: a grey square for the "
    "share that goes to a person, a dot for how often the machine is wrong when it decides alone; empty "
    "marks rest on few rows. The table below has the numbers."
)
MAX_COHORTS = 60
KINDS = {"review": mark("goes to a person"), "wrong": mark("wrong when it decides alone")}
_SHAPES = {"review": ("square", -8), "wrong": ("circle", 8)}
_STEP = 38


def _paint(kind: str) -> Any:
    return theme.PERSON if kind == "review" else theme.shade("accent")


def _key() -> dict[str, Any]:
    """Return an encoding that paints nothing; its legend names the two marks."""
    entries = list(all_of(KINDS).values())
    shapes = [shape for shape, _ in _SHAPES.values()]
    paints = [_paint(kind) for kind in KINDS]
    key = legend(2, columns=1, width=240, labelLimit=220, symbolOpacity=1)
    return {
        "shape": alt.Shape("key:N", scale=alt.Scale(domain=entries, range=shapes), legend=key),
        "color": alt.Color("key:N", scale=alt.Scale(domain=entries, range=paints), legend=key),
    }


@cached_template(TEMPLATES)
def _template(n_cohorts: int) -> Spec:
    y = ordered_y()
    axis = alt.Axis(title=None, labelExpr=UNIT_LABEL["share"], tickCount=5)
    scale = alt.Scale(zero=True, nice=True)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    rows, layers = alt.Chart(), []
    for kind, (shape, shift) in _SHAPES.items():
        facts = tooltips(
            name=tr("Cohort"),
            **{f"{kind}_text": tr(KINDS[kind]), f"{kind}_span": tr("95 % interval"), f"{kind}_n": tr("Rows")},
        )
        seen = alt.when(f"datum.{kind}_defined").then(alt.value(1)).otherwise(alt.value(0))
        full = alt.when(f"datum.{kind}_few").then(alt.value(theme.shade("surface")))
        layers += [
            rows.mark_rule(
                strokeWidth=3, strokeCap="round", strokeOpacity=0.5, yOffset=shift, aria=False
            ).encode(
                x=x(f"{kind}_low"), x2=f"{kind}_high:Q", y=y, color=alt.value(_paint(kind)), opacity=seen
            ),
            rows.mark_point(size=80, strokeWidth=2.5, shape=shape, yOffset=shift).encode(
                x=x(kind),
                y=y,
                stroke=alt.value(_paint(kind)),
                fill=full.otherwise(alt.value(_paint(kind))),
                opacity=seen,
                tooltip=facts,
                description=f"{kind}_told:N",
            ),
        ]
    layers.append(
        rows.mark_point(filled=True, size=1, opacity=0, aria=False).encode(x=x("review"), y=y, **_key())
    )
    top = 6 + legend_height(2, columns=1)
    return template(layers, height=_STEP * n_cohorts + 46 + top, top=top, right=18)


def band_cohorts(
    names: Sequence[str],
    review: Sequence[Estimate],
    wrong: Sequence[Estimate],
    *,
    small: Sequence[bool] = (),
) -> Chart:
    """Draw the band's two numbers by cohort.

    Parameters
    ----------
    names : sequence of str (K,)
        Cohorts or spans of time in their order, from top to bottom; at most 60.
    review : sequence of Estimate (K,)
        Share of all rows that goes to a person.
    wrong : sequence of Estimate (K,)
        Share of the automated rows with a known outcome that the machine decides wrongly.
    small : sequence of bool (K,), optional
        Cohorts with too few rows; drawn as empty marks.

    Raises
    ------
    ValueError
        More than 60 cohorts.
    """
    if len(names) > MAX_COHORTS:
        msg = f"This chart shows at most {MAX_COHORTS} cohorts, got {len(names)}. Take longer spans of time."
        raise ValueError(msg)
    rows = []
    entries = list(all_of(KINDS).values())
    for i, name in enumerate(plain_names(names)):
        few = i < len(small) and bool(small[i])
        row: dict[str, object] = {"name": name, "order": i, "key": entries[i % 2]}
        rows.append(
            row | _fields("review", review[i], name, few=few) | _fields("wrong", wrong[i], name, few=few)
        )
    return Chart(
        _template(len(rows)), pd.DataFrame(rows), tr(ALT), fewest_people(people_of([*review, *wrong]))
    )


def _fields(kind: str, estimate: Estimate, name: str, *, few: bool) -> dict[str, object]:
    value, low, high = (number(x) for x in (estimate.value, estimate.low, estimate.high))
    shown = percent(value) if value is not None else f"{DASH} {estimate.reason or 'undefined'}"
    x = 0.0 if value is None else value
    n_text = DASH if estimate.denominator is None else count(estimate.denominator)
    span = interval(low, high)
    return {
        kind: x,
        f"{kind}_low": x if low is None else low,
        f"{kind}_high": x if high is None else high,
        f"{kind}_defined": value is not None,
        f"{kind}_few": few,
        f"{kind}_text": shown,
        f"{kind}_span": span,
        f"{kind}_n": n_text,
        f"{kind}_told": tr(
            "{name}: {shown} {kind}, 95 % interval {span}, {n} rows",
            name=name,
            shown=shown,
            kind=tr(KINDS[kind]),
            span=span,
            n=n_text,
        ),
    }
