"""One applicant's score along the values of one column (individual conditional expectation)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._base import (
    NUMBER_LABEL,
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    named_y,
    part,
    percent_axis,
    percent_x,
    rows_height,
    template,
    tooltips,
)
from rai_dash.charts._words import count, percent, plain_names
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.core.words import written

ALT = mark(
    "The score of one applicant along the values of one column, all else as it is. A large dot marks the "
    "applicant's own value, a dashed line the threshold. The table below has the numbers."
)
_FACTS = {"at_text": mark("Value"), "value_text": mark("Score"), "n_text": mark("Reference rows")}


@cached_template(TEMPLATES)
def _template() -> Spec:
    x = alt.X(
        "x:Q",
        scale=alt.Scale(zero=False, nice=False),
        axis=alt.Axis(title=None, labelExpr=NUMBER_LABEL, grid=False),
    )
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, 1]), axis=percent_axis(title=tr("score")))
    layers = [
        part("threshold").mark_rule(strokeDash=[6, 4], color=theme.shade("muted"), aria=False).encode(y=y),
        part("point")
        .mark_line(strokeWidth=2.5, color=theme.shade("accent"), aria=False)
        .encode(x=x, y=y, order=alt.Order("x:Q")),
        part("point")
        .mark_point(size=24, filled=True, opacity=1, color=theme.shade("accent"))
        .encode(x=x, y=y, tooltip=tooltips(**all_of(_FACTS)), description="description:N"),
        part("own")
        .mark_point(size=140, filled=True, opacity=1, color=theme.shade("ink"))
        .encode(x=x, y=y, tooltip=tooltips(**all_of(_FACTS)), description="description:N"),
    ]
    return template(layers, height=320, right=18, top=8)


@cached_template(TEMPLATES)
def _category_template(names: tuple[str, ...]) -> Spec:
    x, y = percent_x("y", title="score"), named_y("name", names)
    facts: dict[str, Any] = {"tooltip": tooltips(**all_of(_FACTS)), "description": "description:N"}
    layers = [
        part("threshold").mark_rule(strokeDash=[6, 4], color=theme.shade("muted"), aria=False).encode(x=x),
        part("point")
        .mark_point(size=70, filled=True, opacity=1, color=theme.shade("accent"))
        .encode(x=x, y=y, **facts),
        part("own")
        .mark_point(size=160, filled=True, opacity=1, color=theme.shade("ink"))
        .encode(x=x, y=y, **facts),
    ]
    return template(layers, height=rows_height(len(names), extra=24))


def ice_curve(
    values: ArrayLike,
    scores: ArrayLike,
    *,
    n: Sequence[int],
    threshold: float,
    own: float | None,
    own_score: float,
) -> Chart:
    """Draw the score along a column of numbers.

    Parameters
    ----------
    values : float (points,)
        Ascending.
    scores : float (points,)
        In [0, 1].
    n : sequence of int (points,)
        Reference rows a point.
    threshold : float
        Drawn as a line.
    own : float or None
        The applicant's value; None = blank, no mark.
    own_score : float
        The score as they are.
    """
    x, y = np.asarray(values, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    rows = [
        _point("point", written(f"{x[i]:,.6g}"), float(y[i]), n[i]) | {"x": float(x[i])}
        for i in range(len(x))
    ]
    if own is not None:
        rows.append(_point("own", written(f"{own:,.6g}"), own_score, None) | {"x": own})
    return Chart(_template(), pd.DataFrame([*rows, {"part": "threshold", "y": threshold}]), tr(ALT))


def ice_dots(
    names: Sequence[str],
    scores: ArrayLike,
    *,
    n: Sequence[int],
    threshold: float,
    own: int | None,
) -> Chart:
    """Draw the score in each category.

    Parameters
    ----------
    names : sequence of str (points,)
        Categories from top to bottom.
    own : int or None
        Place of the applicant's category; None = none of them.
    scores, n, threshold
        As of `ice_curve`.
    """
    plain, y = plain_names(names), np.asarray(scores, dtype=np.float64)
    rows = [_point("point", plain[i], float(y[i]), n[i]) | {"name": plain[i]} for i in range(len(plain))]
    if own is not None:
        rows.append(_point("own", plain[own], float(y[own]), n[own]) | {"name": plain[own]})
    table = pd.DataFrame([*rows, {"part": "threshold", "y": threshold}])
    return Chart(_category_template(tuple(plain)), table, tr(ALT))


def _point(kind: str, text: str, score: float, n: int | None) -> dict[str, object]:
    own = tr(", the applicant's own") if kind == "own" else ""
    return {
        "part": kind,
        "y": score,
        "at_text": text,
        "value_text": percent(score),
        "n_text": "–" if n is None else count(n),
        "description": tr("{text}{own}: score {score}", text=text, own=own, score=percent(score)),
    }
