"""What the charts of a dot with its interval share, above all those whose axis has zero in its middle."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import altair as alt

from rai_dash.charts import theme
from rai_dash.charts._base import (
    POINTS_LABEL,
    FloatLike,
    Spec,
    halo_text,
    if_few,
    if_there,
    inward,
    ordered_y,
    round_ticks,
    rows_height,
    stepped,
    template,
)
from rai_dash.charts._words import number

#: Where the axis may end.
REACHES = (0.1, 0.25, 0.5, 1.0)


def interval_and_dot(
    rows: alt.Chart, x: Callable[[str], alt.X], y: alt.Y, *, strong: str, facts: list[alt.Tooltip]
) -> list[alt.Chart]:
    """Return the layers of an interval and of its dot; what has no value is made invisible.

    Parameters
    ----------
    rows : Chart
        Draws all rows, or the order of their names is lost.
    x : callable
        Encodes a field on the horizontal axis.
    y : Y
        The names.
    strong : str
        Vega expression of the rows whose dot is filled.
    facts : list of Tooltip
        Facts of a dot.
    """
    ink, seen = if_few(theme.FEW, theme.shade("accent")), if_there("defined")
    filled = alt.when(strong).then(alt.value(theme.shade("accent")))
    return [
        rows.mark_rule(strokeWidth=3, strokeCap="round", strokeOpacity=0.5, clip=True, aria=False).encode(
            x=x("low"), x2="high:Q", y=y, color=ink, opacity=seen
        ),
        rows.mark_point(size=100, strokeWidth=2.5).encode(
            x=x("x"),
            y=y,
            stroke=ink,
            fill=filled.otherwise(alt.value(theme.shade("surface"))),
            opacity=seen,
            tooltip=facts,
            description="description:N",
        ),
    ]


def around_zero(n_rows: int, reach: float, *, title: str, turned: float, facts: list[alt.Tooltip]) -> Spec:
    """Make the template of differences: a dot and its interval a row, around zero and its tolerance.

    Parameters
    ----------
    n_rows : int
        How many rows.
    reach : float
        Where the axis ends on both sides, one of `REACHES`.
    title : str
        Of the axis.
    turned : float
        From this share of the reach on a label is turned inwards.
    facts : list of Tooltip
        Facts of a dot.
    """
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    axis = alt.Axis(title=title, values=round_ticks(reach), labelExpr=POINTS_LABEL)
    y = ordered_y()

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    # Every layer with names draws all rows, or their order is lost.
    rows = alt.Chart()
    once = rows.transform_filter("datum.order === 0")
    align = inward(-turned * reach, turned * reach)
    rise, room = alt.ExprRef(expr="datum.defined ? -14 : 0"), alt.ExprRef(expr="width")
    layers = [
        once.mark_rect(color=theme.shade("faint"), aria=False).encode(x=x("tolerance_low"), x2="tolerance:Q"),
        once.mark_rule(color=theme.shade("muted"), strokeWidth=1.5, aria=False).encode(x=x("zero")),
        *interval_and_dot(rows, x, y, strong="datum.starred", facts=facts),
        *halo_text(rows, {"x": x("x"), "y": y, "text": "label:N"}, align=align, dy=rise, limit=room),
    ]
    for sign, side in (("before", 0), ("after", alt.ExprRef(expr="width"))):
        cut = rows.mark_text(x=side, fontSize=14, fontWeight=700, color=theme.shade("muted"), aria=False)
        layers.append(cut.encode(y=y, text=f"cut_{sign}:N"))
    return template(layers, height=rows_height(n_rows, extra=30), top=14, right=12)


def ends_of(at: float | None, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """Return the ends of an interval; without one it shrinks to the dot."""
    first, second = number(low), number(high)
    return at if first is None else first, at if second is None else second


def zero_fields(
    at: float | None, low: float | None, high: float | None, *, reach: float, tolerance: float
) -> dict[str, object]:
    """Return where a row of `around_zero` lies, with an arrow where its interval reaches beyond the axis."""
    start, stop = ends_of(at, low, high)
    return {
        "defined": at is not None,
        "x": at or 0.0,
        "low": start or 0.0,
        "high": stop or 0.0,
        "zero": 0.0,
        "tolerance_low": -tolerance,
        "tolerance": tolerance,
        "cut_before": "◂" if at is not None and start is not None and start < -reach else "",
        "cut_after": "▸" if at is not None and stop is not None and stop > reach else "",
    }


def reach_of(
    difference: FloatLike, low: FloatLike, high: FloatLike, few: Sequence[bool], tolerance: float
) -> float:
    """Choose where the axis of `around_zero` ends: it holds all dots, and the intervals that rest on enough."""
    ends = [tolerance, *(abs(number(v) or 0.0) for v in difference)]
    for i, is_few in enumerate(few):
        if not is_few and number(difference[i]) is not None:
            ends += [abs(number(v) or 0.0) for v in (low[i], high[i])]
    return stepped(max(ends), REACHES)
