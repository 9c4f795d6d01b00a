"""How scores move with one column: mean, local effects, single applicants, and where the rows are."""

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
    NUMBER_LABEL,
    POINTS_LABEL,
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    named_y,
    part,
    rows_height,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, count, number, percent, plain_names, points_interval
from rai_dash.charts._words import interval as share_interval
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import points, written

ALT = mark(
    "Curves over the values of one column: the solid line is the mean score when everybody has that "
    "value (partial dependence), the dashed line what small steps do where the applicants are "
    "(accumulated local effects), thin grey lines are single applicants, the bands are 95 % intervals. "
    "Bars at the bottom show where the applicants are. The table below has the numbers."
)
ALT_CATEGORIES = mark(
    "Two marks for each category with their 95 % intervals: a dot for the mean score when everybody is "
    "in it (partial dependence), a diamond for what moving the applicants there does (accumulated local "
    "effects). The table below has the numbers."
)
Scale = Literal["level", "change"]
#: Single applicants that are drawn.
MOST_LINES = 30
_LABELS = {"level": "round(datum.value * 1000) / 10 + ' %'", "change": POINTS_LABEL}
_TITLES = {"level": "score", "change": mark("change of score, points")}
_DEPTH = 44
#: An end point further out than this share of all the width is left out: one outlier would squeeze the rest.
_OUTLIER = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectLine:
    """One curve over the points; float or NaN (points,) each, in score from 0 to 1 or as a change of it."""

    value: ArrayLike
    low: ArrayLike
    high: ArrayLike


def _facts(scale: str) -> list[alt.Tooltip]:
    what = tr("Score") if scale == "level" else tr("Change")
    return tooltips(
        at_text=tr("Value"),
        kind_text=tr("Curve"),
        value_text=what,
        interval_text=tr("95 % interval"),
        n_text=tr("Rows"),
    )


def _y(field: str, scale: str) -> alt.Y:
    axis = alt.Axis(title=tr(_TITLES[scale]), labelExpr=_LABELS[scale], tickCount=5)
    # The bars of the rows stand below the lowest value.
    room: list[Any] = [alt.ExprRef(expr=f"height - {_DEPTH + 8}"), 0]
    return alt.Y(f"{field}:Q", scale=alt.Scale(zero=False, nice=False, range=room), axis=axis)


@cached_template(TEMPLATES)
def _template(scale: str) -> Spec:
    x = alt.X(
        "x:Q",
        scale=alt.Scale(zero=False, nice=False),
        axis=alt.Axis(title=None, labelExpr=NUMBER_LABEL, grid=False),
    )
    y, order, facts = _y("y", scale), alt.Order("x:Q"), _facts(scale)
    low = _y("low", scale)
    tell: dict[str, Any] = {"tooltip": facts, "description": alt.Description("description:N")}
    layers = [
        part("rows")
        .mark_rect(
            color=theme.shade("faint"),
            y=alt.ExprRef(expr=f"height - {_DEPTH} * datum.depth"),
            y2=alt.ExprRef(expr="height"),
        )
        .encode(x=x, x2="x1:Q", tooltip=tooltips(at_text=tr("Values"), n_text=tr("Rows"))),
        part("one")
        .mark_line(strokeWidth=1, opacity=0.35, color=theme.FEW, aria=False)
        .encode(x=x, y=y, detail="line:N", order=order),
    ]
    for name, style in _STYLES.items():
        color = theme.shade(style["color"])
        dash = {"strokeDash": style["dash"]}
        layers += [
            part(name)
            .mark_area(opacity=0.18, color=color, aria=False)
            .encode(x=x, y=low, y2="high:Q", order=order),
            part(name)
            .mark_line(strokeWidth=2.5, color=color, aria=False, **dash)
            .encode(x=x, y=y, order=order),
            part(name).mark_point(size=60, opacity=0, color=color).encode(x=x, y=y, **tell),
        ]
    return template(layers, height=380, right=18, top=8)


_STYLES: dict[str, dict[str, Any]] = {
    "mean": {"color": "accent", "dash": [1, 0], "shape": "circle", "shift": -5},
    "local": {"color": "ink", "dash": [6, 4], "shape": "diamond", "shift": 5},
}
_KINDS = {"mean": mark("partial dependence"), "local": mark("local effects")}


@cached_template(TEMPLATES)
def _category_template(names: tuple[str, ...], scale: str) -> Spec:
    axis = alt.Axis(title=tr(_TITLES[scale]), labelExpr=_LABELS[scale], tickCount=5)
    spread = alt.Scale(zero=False, nice=False, padding=10)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=spread, axis=axis)

    y, layers = named_y("name", names), []
    for name, style in _STYLES.items():
        color, shift = theme.shade(style["color"]), style["shift"]
        layers += [
            part(name)
            .mark_rule(strokeWidth=2, opacity=0.5, color=color, yOffset=shift, aria=False)
            .encode(x=x("low"), x2="high:Q", y=y),
            part(name)
            .mark_point(size=70, filled=True, opacity=1, color=color, shape=style["shape"], yOffset=shift)
            .encode(x=x("y"), y=y, tooltip=_facts(scale), description="description:N"),
        ]
    return template(layers, height=rows_height(len(names), extra=24))


def effect_curve(
    values: ArrayLike,
    mean: EffectLine,
    *,
    n: Sequence[int],
    scale: Scale,
    local: EffectLine | None = None,
    lines: ArrayLike | None = None,
) -> Chart:
    """Draw the effect of a numeric column.

    Parameters
    ----------
    values : float (points,)
        Ascending, at least one.
    mean : EffectLine
        Partial dependence.
    n : sequence of int (points,)
        Rows above the point before and up to this one.
    scale : {"level", "change"}
        Whether all curves are scores in [0, 1], or changes of the score from the first point.
    local : EffectLine, optional
        Accumulated local effects, on the same scale. They are changes by nature: moved up by the mean score for
        ``"level"`` they may leave 0 to 100 %, so that ``"change"`` is the scale for both together.
    lines : float (m, points), optional
        Single applicants, on the same scale; at most ``MOST_LINES`` are drawn, evenly over the ranks of their means.

    Notes
    -----
    An end point that alone takes up more than 30 % of the width is left out with its rows; the table keeps it.
    """
    x = np.asarray(values, dtype=np.float64)
    kept = _without_outliers(x)
    rows = _row_bars(x, n, kept)
    for kind, line in (("mean", mean), ("local", local)):
        if line is not None:
            texts = [written(f"{v:,.6g}") for v in x]
            rows += [row | {"x": float(x[i])} for i, row in _points(kind, line, texts, n, scale) if kept[i]]
    if lines is not None:
        some = np.asarray(lines, dtype=np.float64)
        chosen = np.argsort(some.mean(axis=1), kind="stable")
        at = np.unique(np.round(np.linspace(0, len(some) - 1, min(MOST_LINES, len(some)))).astype(np.int64))
        for line_at in chosen[at]:
            rows += [
                {"part": "one", "line": str(line_at), "x": float(x[i]), "y": float(some[line_at, i])}
                for i in np.flatnonzero(kept)
            ]
    # A thin line is one person.
    return Chart(_template(scale), pd.DataFrame(rows), tr(ALT), 1.0 if lines is not None else None)


def effect_dots(
    names: Sequence[str],
    mean: EffectLine,
    *,
    n: Sequence[int],
    scale: Scale,
    local: EffectLine | None = None,
) -> Chart:
    """Draw the effect of a column of categories; parameters as of `effect_curve`.

    Parameters
    ----------
    names : sequence of str (points,)
        Categories from top to bottom.
    """
    plain = plain_names(names)
    rows = []
    for kind, line in (("mean", mean), ("local", local)):
        if line is not None:
            rows += [row | {"name": plain[i]} for i, row in _points(kind, line, plain, n, scale)]
    return Chart(_category_template(plain, scale), pd.DataFrame(rows), tr(ALT_CATEGORIES))


def _without_outliers(x: NDArray[np.float64]) -> NDArray[np.bool_]:
    kept = np.ones(len(x), dtype=bool)
    for end, inner in ((0, 1), (-1, -2)):
        if len(x) > 3 and abs(x[end] - x[inner]) > _OUTLIER * float(x[-1] - x[0]):
            kept[end] = False
    return kept


def _row_bars(x: NDArray[np.float64], n: Sequence[int], kept: NDArray[np.bool_]) -> list[dict[str, object]]:
    """Draw the density of the rows by its root, so that thin regions stay visible."""
    ends = [i for i in range(1, len(x)) if kept[i] and kept[i - 1]]
    # The first point's own rows lie in the first step.
    rows = np.array([n[i] + (n[0] if i == 1 else 0) for i in ends], dtype=np.float64)
    width = np.array([x[i] - x[i - 1] for i in ends])
    density = rows / width
    most = float(density.max(initial=0.0)) or 1.0
    return [
        {
            "part": "rows",
            "x": float(x[i - 1]),
            "x1": float(x[i]),
            "depth": float(np.sqrt(d / most)),
            "at_text": tr("{x} to {x_i}", x=written(f"{x[i - 1]:,.6g}"), x_i=written(f"{x[i]:,.6g}")),
            "n_text": count(r),
        }
        for i, d, r in zip(ends, density, rows, strict=True)
    ]


def _points(
    kind: str, line: EffectLine, texts: Sequence[str], n: Sequence[int], scale: str
) -> list[tuple[int, dict[str, object]]]:
    value, low, high = (np.asarray(a, dtype=np.float64) for a in (line.value, line.low, line.high))
    rows: list[tuple[int, dict[str, object]]] = []
    for i, text in enumerate(texts):
        y, ends = number(value[i]), (number(low[i]), number(high[i]))
        told = percent(y) if scale == "level" else points(y, signed=True)
        between = share_interval(*ends) if scale == "level" else points_interval(*ends)
        row: dict[str, object] = {
            "part": kind,
            "y": y,
            "low": ends[0],
            "high": ends[1],
            "at_text": text,
            "kind_text": tr(_KINDS[kind]),
            "value_text": told if y is not None else DASH,
            "interval_text": between,
            "n_text": count(n[i]),
            "description": tr(
                "{text}, {kind}: {told}, 95 % interval {between}",
                text=text,
                kind=tr(_KINDS[kind]),
                told=told,
                between=between,
            ),
        }
        rows.append((i, row))
    return rows
