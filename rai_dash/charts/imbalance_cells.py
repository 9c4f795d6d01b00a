"""The approval rate of each cell of a cross with its interval, beside its number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import TEMPLATES, Chart, Spec, if_few, ordered_y, percent_axis, template, tooltips
from rai_dash.charts._words import DASH, count, interval, number, percent, plain_names

ALT = (
    "One line for each cell: on the left a dot with its 95 % interval for the share with the favourable outcome, "
    "on an axis from 0 to 100 %; on the right a bar for the number of rows. Grey rings are cells with few rows. "
    "The table below has the numbers."
)
MAX_CELLS = 60
_STEP = 28
# One scale holds both: shares take 0 to 1, the bars of counts 1.15 to 1.5, their labels what is left.
_BARS, _LONGEST, _END = 1.15, 0.35, 1.72


@lru_cache(maxsize=TEMPLATES)
def _template(n_cells: int) -> Spec:
    y = ordered_y()
    axis = percent_axis(values=[0, 0.5, 1])
    scale = alt.Scale(domain=[0, _END], nice=False)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    rows = alt.Chart()
    tooltip = tooltips(name="Cell", rate_text="Favourable", interval_text="95 % interval", n_text="Rows")
    seen = alt.when("datum.defined").then(alt.value(1)).otherwise(alt.value(0))
    layers = [
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
    for text, start in (("favourable", 0), ("rows", _BARS)):
        head = rows.transform_filter("datum.order === 0")
        layers.append(
            head.mark_text(y=-10, align="left", color=theme.shade("muted"), aria=False).encode(
                x=alt.datum(start), text=alt.value(text)
            )
        )
    return template(layers, height=_STEP * n_cells + 56, top=24)


def imbalance_cells(
    cells: Sequence[str],
    rate: Sequence[float | None],
    *,
    low: Sequence[float | None],
    high: Sequence[float | None],
    n: Sequence[int],
    small: Sequence[bool],
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

    Raises
    ------
    ValueError
        No cell, or more than 60.
    """
    if not 0 < len(cells) <= MAX_CELLS:
        msg = f"This chart shows 1 to {MAX_CELLS} cells, got {len(cells)}. Leave out a column or show the largest."
        raise ValueError(msg)
    most = max(1, *n)
    data = []
    for i, name in enumerate(plain_names(cells)):
        at = number(rate[i])
        shown, ends, rows_text = percent(at), interval(low[i], high[i]), count(n[i])
        data.append(
            {
                "name": name,
                "order": i,
                "defined": at is not None,
                "few": bool(small[i]),
                "rate": at or 0.0,
                "low": number(low[i]) or 0.0,
                "high": number(high[i]) or 0.0,
                "why": "" if at is not None else f"{DASH} no known outcome",
                "bar": _BARS,
                "bar_end": _BARS + _LONGEST * n[i] / most,
                "rate_text": shown,
                "interval_text": ends,
                "n_text": rows_text,
                "description": f"{name}: {shown}, 95 % interval {ends}, {rows_text} rows",
            }
        )
    return Chart(_template(len(cells)), pd.DataFrame(data), ALT)
