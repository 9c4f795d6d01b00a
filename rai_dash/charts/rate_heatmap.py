"""Approval rate of two crossed columns as a table of coloured cells with rate and count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    named_x,
    named_y,
    outlined,
    part,
    shares_of,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._cells import cell_inks, few_paint
from rai_dash.charts._words import DASH, count, interval, number, percent, plain_names, short_count
from rai_dash.charts.imbalance_cells import REACHES
from rai_dash.core.texts import mark, tr

ALT = mark(
    "A table of cells, rows by columns. The stronger the colour, the larger the share with the "
    "favourable outcome; each cell has its share and its number of rows. A small triangle marks cells "
    "shown to lie below the share that is aimed at. Grey cells have few rows, outlined ones none. The "
    "table below has the numbers."
)
_STEP = 46
_BELOW = " ▾"


@cached_template(TEMPLATES)
def _template(rows: tuple[str, ...], columns: tuple[str, ...], reach: float) -> Spec:
    place: dict[str, Any] = {"x": named_x("column", columns), "y": named_y("row", rows)}
    tooltip = tooltips(
        row=tr("Row"),
        column=tr("Column"),
        rate_text=tr("Favourable"),
        interval_text=tr("95 % interval"),
        n_text=tr("Rows"),
        aim_text=tr("Share aimed at"),
    )
    color = alt.Color("shade:Q", scale=alt.Scale(domain=[0, reach], clamp=True), legend=None)
    layers = [
        part("cell")
        .mark_rect(cornerRadius=3)
        .encode(**place, color=color, tooltip=tooltip, description="description:N"),
        part("few")
        .mark_rect(cornerRadius=3, aria=False, **few_paint())
        .encode(**place, tooltip=tooltip, description="description:N"),
        part("none")
        .mark_rect(cornerRadius=3, aria=False, **outlined())
        .encode(**place, tooltip=tooltip, description="description:N"),
    ]
    for name, ink in cell_inks().items():
        text: dict[str, Any] = {"color": ink, "aria": False}
        layers += [
            part(name)
            .mark_text(dy=-8, fontSize=13, fontWeight=600, **text)
            .encode(**place, text="label:N", tooltip=tooltip),
            part(name)
            .mark_text(dy=9, fontSize=11, **text)
            .encode(**place, text="n_short:N", tooltip=tooltip),
        ]
    return template(layers, height=_STEP * len(rows) + 60)


def rate_heatmap(
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    rate: Sequence[Sequence[float | None]],
    low: Sequence[Sequence[float | None]],
    high: Sequence[Sequence[float | None]],
    n: Sequence[Sequence[int]],
    small: Sequence[Sequence[bool]],
    below: Sequence[Sequence[bool]] | None = None,
) -> Chart:
    """Draw the approval rate of two crossed columns.

    Parameters
    ----------
    rows, columns : sequence of str (R,), (C,)
        Groups of the first and of the second column.
    rate, low, high : nested sequence or array (R, C)
        Share with the favourable outcome and its 95 % interval; None or NaN = undefined.
    n : nested sequence or array of int (R, C)
        Rows a cell.
    small : nested sequence or array of bool (R, C)
        Cells with too few rows.
    below : nested sequence of bool (R, C), optional
        Cells shown to lie below the share that is aimed at.
    """
    data = []
    strongest = 0.0
    names = plain_names(rows), plain_names(columns)
    for i, row in enumerate(names[0]):
        for j, column in enumerate(names[1]):
            at = number(rate[i][j])
            shown, ends, n_text = percent(at), interval(low[i][j], high[i][j]), count(n[i][j])
            is_below = below is not None and bool(below[i][j])
            strongest = max(strongest, 0.0 if at is None or small[i][j] else at)
            aim = tr("shown to lie below") if is_below else DASH
            data.append(
                {
                    "part": "none" if at is None else "few" if small[i][j] else "cell",
                    "row": row,
                    "column": column,
                    "shade": at,
                    "rate_text": shown,
                    "label": shown + _BELOW * is_below,
                    "aim_text": aim,
                    "interval_text": ends,
                    "n_text": n_text,
                    "n_short": f"n {short_count(n[i][j])}",
                    "description": tr(
                        "{row}, {column}: {shown}, 95 % interval {ends}, {n} rows",
                        row=row,
                        column=column,
                        shown=shown,
                        ends=ends,
                        n=n_text,
                    )
                    + (tr(", shown to lie below the share aimed at") if is_below else ""),
                }
            )
    few = fewest_people(np.asarray(n), shares_of(np.asarray(rate, dtype=np.float64), np.asarray(n)))
    return Chart(_template(*names, stepped(strongest, REACHES)), pd.DataFrame(data), tr(ALT), few)
