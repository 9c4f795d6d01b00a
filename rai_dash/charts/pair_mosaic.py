"""Two categories against each other: rows as high as their share, cut by the shares within."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._base import (
    ON_CELL,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    part,
    template,
    tooltips,
)
from rai_dash.charts._words import count, percent, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "A rectangle cut into rows, one for each category of the first column, as high as its share of all "
    "rows. Each row is cut from left to right by the shares of the second column within it. The table "
    "below has the counts."
)
_NAMES = 108
_HEIGHT = 340


@cached_template(1)
def _template() -> Spec:
    across = alt.Scale(domain=[0, 1], range=[_NAMES, alt.ExprRef(expr="width")])
    down = alt.Scale(domain=[0, 1], reverse=True)
    y = alt.Y("y0:Q", scale=down, axis=None)
    x = alt.X("x0:Q", scale=across, axis=None)
    facts = tooltips(row=tr("Row"), column=tr("Column"), share_text=tr("Share of its row"), n_text=tr("Rows"))
    fits = alt.ExprRef(
        expr=f"(datum.x1 - datum.x0) * (width - {_NAMES}) < 70 || datum.y1 - datum.y0 < 0.05 ? 0 : 1"
    )
    style: dict[str, Any] = {"baseline": "middle", "align": "left", "aria": False, "fontSize": 12}
    layers = [
        part("cell")
        .mark_rect(stroke=theme.shade("surface"), strokeWidth=2)
        .encode(
            x=x,
            x2="x1:Q",
            y=y,
            y2="y1:Q",
            tooltip=facts,
            description="description:N",
            color=alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1]), legend=None),
        ),
        part("cell")
        .mark_text(**style, dx=6, limit=120, opacity=fits, color=alt.ExprRef(expr=ON_CELL))
        .encode(x=x, y=alt.Y("mid:Q", scale=down, axis=None), text="label:N", tooltip=facts),
        part("name")
        .mark_text(**style, limit=_NAMES - 8, color=theme.shade("ink"))
        .encode(x=alt.value(0), y=alt.Y("mid:Q", scale=down, axis=None), text="label:N"),
    ]
    return template(layers, height=_HEIGHT)


def pair_mosaic(rows: Sequence[str], columns: Sequence[str], counts: ArrayLike) -> Chart:
    """Draw a table of two categories.

    Parameters
    ----------
    rows, columns : sequence of str (r,), (k,)
        Categories from top to bottom and from left to right.
    counts : int (r, k)
        Rows of the table in each cell; a category without any is not drawn.
    """
    table = np.asarray(counts, dtype=np.int64)
    total, names = max(int(table.sum()), 1), plain_names(rows)
    ends = np.concatenate([[0.0], np.cumsum(table.sum(axis=1)) / total])
    data: list[dict[str, object]] = []
    for i, name in enumerate(names):
        size = int(table[i].sum())
        if not size:
            continue
        top, bottom = float(ends[i]), float(ends[i + 1])
        mid = (top + bottom) / 2
        # Names of slivers would lie on each other; the tooltip has them.
        if bottom - top >= 1 / 24 or len(names) <= 2:
            data.append({"part": "name", "mid": min(mid, 0.98), "label": name})
        data += _row(name, plain_names(columns), table[i], {"y0": top, "y1": bottom, "mid": mid})
    return Chart(_template(), pd.DataFrame(data), tr(ALT), fewest_people(table))


def _row(name: str, columns: Sequence[str], counts: Any, place: dict[str, float]) -> list[dict[str, object]]:
    share = counts / counts.sum()
    ends = np.concatenate([[0.0], np.cumsum(share)])
    return [
        {
            "part": "cell",
            **place,
            "x0": float(ends[j]),
            "x1": float(ends[j + 1]),
            "shade": (j + 1) / len(columns),
            "row": name,
            "column": column,
            "label": f"{column}  {percent(share[j])}",
            "share_text": percent(share[j]),
            "n_text": count(counts[j]),
            "description": tr(
                "{name}, {column}: {share} of the row, {counts} rows",
                name=name,
                column=column,
                share=percent(share[j]),
                counts=count(counts[j]),
            ),
        }
        for j, column in enumerate(columns)
        if counts[j]
    ]
