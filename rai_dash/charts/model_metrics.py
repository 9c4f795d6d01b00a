"""How far a candidate lies from the present model: a dot and its paired interval around zero, one a line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    POINTS_LABEL,
    TEMPLATES,
    Chart,
    FloatLike,
    Spec,
    halo_text,
    if_few,
    ordered_y,
    rows_height,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, STAR, number, percent, plain_names, points_interval
from rai_dash.core.words import points

ALT = (
    "One dot and its paired 95 % interval a line, the candidate less the present model in points: left of the line "
    "lower and right of it higher; the shaded band is the tolerance. Filled dots with a star are differences shown by "
    "the test, hollow ones are not shown, grey rings rest on too few applications. The table below has the numbers."
)
MAX_ROWS = 40
REACHES = (0.1, 0.25, 0.5, 1.0)


@lru_cache(maxsize=TEMPLATES)
def _template(n_rows: int, reach: float) -> Spec:
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    axis = alt.Axis(
        title="points lower or higher than now",
        values=[-reach, -reach / 2, 0, reach / 2, reach],
        labelExpr=POINTS_LABEL,
    )
    y = ordered_y()

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    # Every layer with names draws all rows, or their order is lost; what has no value is made invisible.
    rows = alt.Chart()
    once = rows.transform_filter("datum.order === 0")
    seen = alt.when("datum.defined").then(alt.value(1)).otherwise(alt.value(0))
    ink = if_few(theme.FEW, theme.shade("accent"))
    strong = alt.when("datum.starred").then(alt.value(theme.shade("accent")))
    align = alt.ExprRef(
        expr=f"datum.x < {-0.55 * reach} ? 'left' : datum.x > {0.55 * reach} ? 'right' : 'center'"
    )
    rise, room = alt.ExprRef(expr="datum.defined ? -14 : 0"), alt.ExprRef(expr="width")
    layers = [
        once.mark_rect(color=theme.shade("faint"), aria=False).encode(x=x("tolerance_low"), x2="tolerance:Q"),
        once.mark_rule(color=theme.shade("muted"), strokeWidth=1.5, aria=False).encode(x=x("zero")),
        rows.mark_rule(strokeWidth=3, strokeCap="round", strokeOpacity=0.5, clip=True, aria=False).encode(
            x=x("low"), x2="high:Q", y=y, color=ink, opacity=seen
        ),
        rows.mark_point(size=100, strokeWidth=2.5).encode(
            x=x("x"),
            y=y,
            stroke=ink,
            fill=strong.otherwise(alt.value(theme.shade("surface"))),
            opacity=seen,
            tooltip=tooltips(
                name="Number", change="Now, and the candidate", value_text="Difference",
                interval_text="Paired 95 % interval", finding="Finding",
            ),
            description="description:N",
        ),
        *halo_text(rows, {"x": x("x"), "y": y, "text": "label:N"}, align=align, dy=rise, limit=room),
    ]  # fmt: skip
    for sign, side in (("before", 0), ("after", alt.ExprRef(expr="width"))):
        cut = rows.mark_text(x=side, fontSize=14, fontWeight=700, color=theme.shade("muted"), aria=False)
        layers.append(cut.encode(y=y, text=f"cut_{sign}:N"))
    return template(layers, height=rows_height(n_rows, extra=30), top=14, right=12)


def model_metrics(
    names: Sequence[str],
    now: FloatLike,
    candidate: FloatLike,
    *,
    low: FloatLike,
    high: FloatLike,
    shown: Sequence[bool],
    few: Sequence[bool],
    finding: Sequence[str],
    tolerance: float,
) -> Chart:
    """Draw what a candidate changes.

    The axis is symmetric and ends at 10, 25, 50 or 100 points, whichever holds all dots, the tolerance and the
    intervals of lines that rest on enough. An arrow marks an interval that reaches beyond.

    Parameters
    ----------
    names : sequence of str (K,)
        Numbers or groups from top to bottom, at most 40.
    now, candidate : sequence of float or None (K,)
        Numbers in [0, 1] of the present model and of the candidate; None or NaN = undefined.
    low, high : sequence of float or None (K,)
        Paired 95 % interval of candidate less now.
    shown, few : sequence of bool (K,)
        Whether a difference is shown, and whether there is too little to say anything.
    finding : sequence of str (K,)
        The verdict in our words; for an undefined number the reason.
    tolerance : float
        Half the width of the shaded band, in [0, 1].

    Raises
    ------
    ValueError
        More than 40 lines.
    """
    if len(names) > MAX_ROWS:
        msg = f"This chart shows at most {MAX_ROWS} lines, got {len(names)}. Keep the most important."
        raise ValueError(msg)
    difference = [_difference(a, b) for a, b in zip(now, candidate, strict=True)]
    reach = _reach(difference, low, high, few, tolerance)
    rows = []
    for i, name in enumerate(plain_names(names)):
        at = difference[i]
        change, shown_text = (
            f"{percent(number(now[i]))} → {percent(number(candidate[i]))}",
            points(at, signed=True),
        )
        ends = points_interval(low[i], high[i])
        # Without an interval the rule shrinks to the dot.
        start, stop = (at if (end := number(v)) is None else end for v in (low[i], high[i]))
        star = f" {STAR}" if shown[i] else ""
        rows.append(
            {
                "order": i,
                "name": name,
                "defined": at is not None,
                "few": bool(few[i]),
                "starred": bool(shown[i]),
                "x": at or 0.0,
                "low": start or 0.0,
                "high": stop or 0.0,
                "zero": 0.0,
                "tolerance_low": -tolerance,
                "tolerance": tolerance,
                "label": f"{DASH} {finding[i]}" if at is None else f"{change}{star}",
                "cut_before": "◂" if at is not None and start is not None and start < -reach else "",
                "cut_after": "▸" if at is not None and stop is not None and stop > reach else "",
                "change": change,
                "value_text": shown_text,
                "interval_text": ends,
                "finding": finding[i],
                "description": f"{name}: {change}, {shown_text}, 95 % interval {ends}, {finding[i]}",
            }
        )
    return Chart(_template(len(rows), reach), pd.DataFrame(rows), ALT)


def _difference(now: float | None, candidate: float | None) -> float | None:
    first, second = number(now), number(candidate)
    return None if first is None or second is None else second - first


def _reach(
    difference: FloatLike, low: FloatLike, high: FloatLike, few: Sequence[bool], tolerance: float
) -> float:
    """Choose where the axis ends."""
    ends = [tolerance, *(abs(number(v) or 0.0) for v in difference)]
    for i, is_few in enumerate(few):
        if not is_few:
            ends += [abs(number(v) or 0.0) for v in (low[i], high[i])]
    return stepped(max(ends), REACHES)
