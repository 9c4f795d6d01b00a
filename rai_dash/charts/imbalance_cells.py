"""The approval rate of each cell of a cross with its interval, beside its number of rows."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    FloatLike,
    Spec,
    cached_template,
    fewest_people,
    if_few,
    if_there,
    ordered_y,
    percent_axis,
    shares_of,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, count, interval, number, percent, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "One line for each cell: on the left a dot with its 95 % interval for the share with the favourable "
    "outcome, on an axis that starts at 0 %, with a dashed line at the share that is aimed at, if any; "
    "on the right a bar for the number of rows. Grey rings are cells with few rows. The table below has "
    "the numbers."
)
MAX_CELLS = 60
_STEP = 28
#: Names longer than this stand above their line: beside it they would be cut, or leave a phone no room.
_LONGEST_NAME, _TALL_STEP = 24, 46
#: Where the axis of shares ends: rare outcomes would all lie in one corner of an axis to 100 %.
REACHES = (0.05, 0.1, 0.25, 0.5, 1.0)
# One scale holds both: shares, as parts of the reach, take 0 to 1, the bars of counts 1.15 to 1.5, their labels what
# is left.
_BARS, _LONGEST, _END = 1.15, 0.35, 1.72


@cached_template(TEMPLATES)
def _template(n_cells: int, reach: float, *, is_tall: bool) -> Spec:
    y = ordered_y(labels=False) if is_tall else ordered_y()
    step = _TALL_STEP if is_tall else _STEP
    axis = percent_axis(values=[0, 0.5, 1], labelExpr=f"format(datum.value * {100 * reach:g}, '~g') + ' %'")
    scale = alt.Scale(domain=[0, _END], nice=False)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    rows = alt.Chart()
    tooltip = tooltips(
        name=tr("Cell"), rate_text=tr("Favourable"), interval_text=tr("95 % interval"), n_text=tr("Rows")
    )
    seen = if_there("defined")
    aimed = if_there("aimed")
    layers = [
        rows.mark_tick(size=18, thickness=1.5, color=theme.shade("muted"), aria=False).encode(
            x=x("wanted"), y=y, opacity=aimed
        ),
        rows.mark_rule(strokeWidth=3, strokeCap="round", strokeOpacity=0.45, aria=False).encode(
            x=x("low"), x2="high:Q", y=y, color=if_few(theme.FEW, theme.shade("accent")), opacity=seen
        ),
        rows.mark_point(size=80, strokeWidth=2.5).encode(
            x=x("rate"),
            y=y,
            stroke=if_few(theme.FEW, theme.shade("accent")),
            fill=if_few(theme.shade("surface"), theme.shade("accent")),
            opacity=seen,
            tooltip=tooltip,
            description="description:N",
        ),
        rows.mark_text(align="left", color=theme.shade("muted"), dx=4).encode(
            x=alt.datum(0), y=y, text="why:N"
        ),
        rows.mark_bar(size=12, cornerRadiusEnd=2, aria=False).encode(
            x=x("bar"),
            x2="bar_end:Q",
            y=y,
            color=if_few(theme.FEW, theme.shade("accent")),
            opacity=alt.value(0.6),
            tooltip=tooltip,
        ),
        rows.mark_text(align="left", dx=6, aria=False).encode(x=x("bar_end"), y=y, text="n_text:N"),
    ]
    if is_tall:
        layers.append(
            rows.mark_text(align="left", dy=-15, limit=alt.ExprRef(expr="width"), aria=False).encode(
                x=alt.datum(0), y=y, text="name:N", tooltip=tooltip
            )
        )
    for text, start in (("favourable", 0), ("rows", _BARS)):
        head = rows.transform_filter("datum.order === 0")
        layers.append(
            head.mark_text(y=-10, align="left", color=theme.shade("muted"), aria=False).encode(
                x=alt.datum(start), text=alt.value(text)
            )
        )
    return template(layers, height=step * n_cells + 56, top=24)


def imbalance_cells(
    cells: Sequence[str],
    rate: Sequence[float | None],
    *,
    low: Sequence[float | None],
    high: Sequence[float | None],
    n: Sequence[int],
    small: Sequence[bool],
    wanted: float | None = None,
) -> Chart:
    """Draw counts and approval rates of up to 60 cells.

    Parameters
    ----------
    cells : sequence of str (C,)
        Unique names such as ``"Female × Black"``, from top to bottom as they are to be shown.
    rate, low, high : sequence of float or None (C,)
        Share with the favourable outcome and its 95 % interval, in [0, 1]; None or NaN = undefined.
    n : sequence of int (C,)
        Rows a cell.
    small : sequence of bool (C,)
        Cells with too few rows.
    wanted : float, optional
        Share that is aimed at, in [0, 1]: a dashed line.

    Raises
    ------
    ValueError
        No cell, or more than 60.
    """
    if not 0 < len(cells) <= MAX_CELLS:
        msg = f"This chart shows 1 to {MAX_CELLS} cells, got {len(cells)}. Leave out a column or show the largest."
        raise ValueError(msg)
    most, reach = max(1, *n), _reach(rate, high, small, wanted)
    data = []
    names = plain_names(cells)
    for i, name in enumerate(names):
        at, ends_at = number(rate[i]), number(high[i])
        shown, ends, rows_text = percent(at), interval(low[i], high[i]), count(n[i])
        data.append(
            {
                "name": name,
                "order": i,
                "defined": at is not None,
                "few": bool(small[i]),
                "aimed": wanted is not None,
                "wanted": (wanted or 0.0) / reach,
                "rate": (at or 0.0) / reach,
                "low": (number(low[i]) or 0.0) / reach,
                "high": min((ends_at or 0.0) / reach, 1.0),
                "why": "" if at is not None else tr("{dash} no known outcome", dash=DASH),
                "bar": _BARS,
                "bar_end": _BARS + _LONGEST * n[i] / most,
                "rate_text": shown,
                "interval_text": ends,
                "n_text": rows_text,
                "description": tr(
                    "{name}: {shown}, 95 % interval {ends}, {rows} rows",
                    name=name,
                    shown=shown,
                    ends=ends,
                    rows=rows_text,
                ),
            }
        )
    return Chart(
        _template(len(cells), reach, is_tall=max(map(len, names)) > _LONGEST_NAME),
        pd.DataFrame(data),
        tr(ALT),
        fewest_people(n, shares_of(rate, n)),
    )


def _reach(rate: FloatLike, high: FloatLike, small: Sequence[bool], wanted: float | None) -> float:
    """Find an end of the axis that shows every dot, and every interval but the wide ones of few rows."""
    shown = [number(value) for value in rate]
    shown += [number(end) for end, few in zip(high, small, strict=True) if not few]
    return stepped(max((x for x in [*shown, wanted] if x is not None), default=1.0), REACHES)
