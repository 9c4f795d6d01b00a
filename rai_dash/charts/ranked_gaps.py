"""How far each group lies from all others: a dot and its interval around zero, in the order of evidence."""

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
from rai_dash.charts._words import DASH, STAR, count, number, plain_names, points_interval
from rai_dash.core.words import points

ALT = (
    "{what}: one dot and its 95 % interval for each group, the difference to all other groups together in points, left "
    "of the line lower and right of it higher; the shaded band is the tolerance. Filled dots with a star are "
    "differences shown by the test, hollow ones are not shown, grey rings have few rows. "
    "The table below has the numbers."
)
MAX_ROWS = 40
REACHES = (0.1, 0.25, 0.5, 1.0)


@lru_cache(maxsize=TEMPLATES)
def _template(n_rows: int, reach: float) -> Spec:
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    axis = alt.Axis(
        title="points below or above all others",
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
        expr=f"datum.x < {-0.75 * reach} ? 'left' : datum.x > {0.75 * reach} ? 'right' : 'center'"
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
                name="Group",
                value_text="Difference to all others",
                interval_text="95 % interval",
                n_text="Rows",
                finding="Finding",
            ),
            description="description:N",
        ),
        *halo_text(rows, {"x": x("x"), "y": y, "text": "label:N"}, align=align, dy=rise, limit=room),
    ]
    for sign, side in (("before", 0), ("after", alt.ExprRef(expr="width"))):
        cut = rows.mark_text(x=side, fontSize=14, fontWeight=700, color=theme.shade("muted"), aria=False)
        layers.append(cut.encode(y=y, text=f"cut_{sign}:N"))
    return template(layers, height=rows_height(n_rows, extra=30), top=14, right=12)


def ranked_gaps(
    groups: Sequence[str],
    difference: FloatLike,
    low: FloatLike,
    high: FloatLike,
    *,
    n: Sequence[int],
    starred: Sequence[bool],
    small: Sequence[bool],
    tolerance: float,
    what: str,
    reason: Sequence[str | None] = (),
) -> Chart:
    """Draw the difference of each group to all other groups together.

    The axis is symmetric and ends at 10, 25, 50 or 100 points, whichever holds all dots, the tolerance and the
    intervals of groups that are not small. An arrow marks an interval of a small group that reaches beyond.

    Parameters
    ----------
    groups : sequence of str (G,)
        Names from top to bottom, at most 40: the caller sorts them by evidence and keeps the first.
    difference, low, high : sequence of float or None (G,)
        Rate of the group minus that of all others, in [-1, 1], and its 95 % interval; None or NaN = undefined.
    n : sequence of int (G,)
        Rows that the rate of the group rests on.
    starred : sequence of bool (G,)
        Whether the test shows the difference. A small group enters no test and has no star.
    small : sequence of bool (G,)
        Groups with too few rows; drawn as grey rings.
    tolerance : float
        Half the width of the shaded band, in [0, 1].
    what : str
        Name of the metric in our words; not from a file.
    reason : sequence of str or None (G,), optional
        Why a difference is undefined.

    Raises
    ------
    ValueError
        More than 40 groups.
    """
    if len(groups) > MAX_ROWS:
        msg = f"This chart shows at most {MAX_ROWS} groups, got {len(groups)}. Keep the first by evidence."
        raise ValueError(msg)
    reach = _reach(difference, low, high, small, tolerance)
    rows = []
    for i, name in enumerate(plain_names(groups)):
        at, few = number(difference[i]), bool(small[i])
        star = bool(starred[i]) and not few and at is not None
        shown, ends, n_text = points(at, signed=True), points_interval(low[i], high[i]), count(n[i])
        why = (reason[i] if i < len(reason) else None) or "undefined"
        finding = _finding(at, few=few, star=star, why=why)
        # Without an interval the rule shrinks to the dot.
        start, stop = (at if (end := number(v)) is None else end for v in (low[i], high[i]))
        rows.append(
            {
                "order": i,
                "name": name,
                "defined": at is not None,
                "few": few,
                "starred": star,
                "x": at or 0.0,
                "low": start or 0.0,
                "high": stop or 0.0,
                "zero": 0.0,
                "tolerance_low": -tolerance,
                "tolerance": tolerance,
                "label": _label(shown, n_text, few=few, star=star) if at is not None else f"{DASH} {why}",
                "cut_before": "◂" if at is not None and start is not None and start < -reach else "",
                "cut_after": "▸" if at is not None and stop is not None and stop > reach else "",
                "value_text": shown,
                "interval_text": ends,
                "n_text": n_text,
                "finding": finding,
                "description": f"{name}: {shown}, 95 % interval {ends}, {n_text} rows, {finding}",
            }
        )
    return Chart(_template(len(rows), reach), pd.DataFrame(rows), ALT.format(what=what))


def _reach(
    difference: FloatLike, low: FloatLike, high: FloatLike, small: Sequence[bool], tolerance: float
) -> float:
    """Choose where the axis ends."""
    ends = [tolerance, *(abs(number(v) or 0.0) for v in difference)]
    for i, few in enumerate(small):
        if not few and number(difference[i]) is not None:
            ends += [abs(number(v) or 0.0) for v in (low[i], high[i])]
    return stepped(max(ends), REACHES)


def _label(shown: str, n_text: str, *, few: bool, star: bool) -> str:
    return f"{shown}, {n_text} rows" if few else f"{shown} {STAR}" if star else shown


def _finding(at: float | None, *, few: bool, star: bool, why: str) -> str:
    if at is None:
        return why
    if few:
        return "few rows: enters no test"
    return "shown by the test" if star else "not shown by the test"
