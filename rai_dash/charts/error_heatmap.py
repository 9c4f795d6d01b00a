"""Error rate of two crossed columns as coloured cells with their rate and count; a star where a cell stands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

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
    part,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._cells import cell_inks, cell_rects, cell_texts, cell_words
from rai_dash.charts._words import DASH, count, interval, number, percent, plain_names, short_count
from rai_dash.charts.imbalance_cells import REACHES
from rai_dash.core.texts import mark, tr

ALT = mark(
    "A table of cells, rows by columns. The stronger the colour, the larger the share of wrong "
    "decisions; each cell has its share and its number of rows. A star marks cells that stand out though "
    "everything was looked at. Grey cells have too few rows for that, outlined ones none. The table "
    "below has the numbers."
)
_STEP: Final = 46
# Below these widths of a cell the count is dropped, then all but the star; the tooltip has both.
_SHORT, _BARE = 44, 24


@cached_template(TEMPLATES)
def _template(rows: tuple[str, ...], columns: tuple[str, ...], reach: float, kinds: tuple[str, ...]) -> Spec:
    place: dict[str, Any] = {"x": named_x("column", columns), "y": named_y("row", rows)}
    tooltip = tooltips(
        row=tr("Row"),
        column=tr("Column"),
        rate_text=tr("Wrong"),
        interval_text=tr("95 % interval"),
        errors_text=tr("Wrong rows"),
        n_text=tr("Rows"),
        finding=tr("Finding"),
    )
    color = alt.Color("shade:Q", scale=alt.Scale(domain=[0, reach], clamp=True), legend=None)
    inks = cell_inks()
    # A layer without cells would be a picture without a name to a screen reader.
    rects = dict(zip(inks, cell_rects(place, tooltip, color), strict=True))
    layers = [rects[kind] for kind in kinds]
    label = cell_words(short=_SHORT, bare=_BARE)
    below = alt.ExprRef(expr=f"bandwidth('x') < {_SHORT} ? '' : datum.n_short")
    lift = alt.ExprRef(expr=f"bandwidth('x') < {_SHORT} ? 0 : -8")
    for name in kinds:
        text: dict[str, Any] = {"color": inks[name], "aria": False}
        weight = alt.ExprRef(expr="datum.starred ? 700 : 500")
        layers += [
            part(name)
            .mark_text(dy=lift, fontSize=13, fontWeight=weight, text=label, **text)
            .encode(**place, tooltip=tooltip),
            part(name).mark_text(dy=9, fontSize=11, text=below, **text).encode(**place, tooltip=tooltip),
        ]
    return template(layers, height=_STEP * max(len(rows), 1) + 60)


def error_heatmap(
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    rate: Sequence[Sequence[float | None]],
    low: Sequence[Sequence[float | None]],
    high: Sequence[Sequence[float | None]],
    errors: Sequence[Sequence[float]],
    n: Sequence[Sequence[int]],
    few: Sequence[Sequence[bool]],
    shown: Sequence[Sequence[bool]],
) -> Chart:
    """Draw where two columns have wrong decisions.

    Parameters
    ----------
    rows, columns : sequence of str (R,), (C,)
        Ranges or categories of the first and of the second column.
    rate, low, high : nested sequence or array (R, C)
        Share of wrong decisions and its 95 % interval; None or NaN = undefined.
    errors, n : nested sequence or array (R, C)
        Wrong rows, and rows a cell.
    few : nested sequence or array of bool (R, C)
        Cells with too few rows.
    shown : nested sequence or array of bool (R, C)
        Cells that stand out.
    """
    data = []
    strongest = 0.0
    names = plain_names(rows), plain_names(columns)
    for i, row in enumerate(names[0]):
        for j, column in enumerate(names[1]):
            at, is_few, star = number(rate[i][j]), bool(few[i][j]), bool(shown[i][j])
            text, ends = percent(at), interval(low[i][j], high[i][j])
            strongest = max(strongest, 0.0 if at is None or is_few else at)
            finding = tr("stands out") if star else tr("too few rows") if is_few else DASH
            data.append(
                {
                    "part": "none" if at is None else "few" if is_few else "cell",
                    "row": row,
                    "column": column,
                    "shade": at,
                    "rate_text": text,
                    **cell_texts(text, star=star),
                    "interval_text": ends,
                    "errors_text": count(errors[i][j]),
                    "n_text": count(n[i][j]),
                    "n_short": f"n {short_count(n[i][j])}",
                    "finding": finding,
                    "description": tr(
                        "{row}, {column}: {text} wrong, 95 % interval {ends}, {n} rows",
                        row=row,
                        column=column,
                        text=text,
                        ends=ends,
                        n=count(n[i][j]),
                    )
                    + (f", {finding}" if finding != DASH else ""),
                }
            )
    there = {row["part"] for row in data}
    kinds = tuple(kind for kind in cell_inks() if kind in there)
    people = np.asarray(n, dtype=np.float64)
    fewest = fewest_people(people, np.asarray(errors, dtype=np.float64), people - np.asarray(errors))
    return Chart(_template(*names, stepped(strongest, REACHES), kinds), pd.DataFrame(data), tr(ALT), fewest)
