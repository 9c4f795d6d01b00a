"""Two numbers against each other, as counts on a grid."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts._base import (
    NUMBER_LABEL,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    template,
    tooltips,
)
from rai_dash.charts._words import count
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import written

ALT = mark(
    "A grid: one column from left to right, the other from bottom to top. The stronger the colour, the "
    "more rows have both values; cells without a row are not drawn. The table below has the numbers."
)


@cached_template(1)
def _template() -> Spec:
    axis = alt.Axis(title=None, grid=False, labelExpr=NUMBER_LABEL)
    scale = alt.Scale(zero=False, nice=False)
    facts = tooltips(x_text=tr("Across"), y_text=tr("Up"), n_text=tr("Rows"))
    cells = (
        alt.Chart()
        .mark_rect()
        .encode(
            x=alt.X("x0:Q", scale=scale, axis=axis),
            x2="x1:Q",
            y=alt.Y("y0:Q", scale=scale, axis=axis),
            y2="y1:Q",
            color=alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1]), legend=None),
            tooltip=facts,
            description="description:N",
        )
    )
    return template([cells], height=340, right=16)


def pair_density(x: ArrayLike, y: ArrayLike, counts: ArrayLike) -> Chart:
    """Draw the counts of two numbers.

    Parameters
    ----------
    x, y : float (g + 1,), (h + 1,)
        Edges of the cells, from left to right and from bottom to top.
    counts : int (g, h)
        Rows in each cell.
    """
    across, up, rows = np.asarray(x), np.asarray(y), np.asarray(counts)
    most = max(int(rows.max()), 1)
    data = [
        {
            "x0": float(across[i]),
            "x1": float(across[i + 1]),
            "y0": float(up[j]),
            "y1": float(up[j + 1]),
            # The root keeps thin regions visible beside one full cell.
            "shade": float(np.sqrt(rows[i, j] / most)),
            "x_text": tr(
                "{across} to {across_i}",
                across=written(f"{across[i]:.4g}"),
                across_i=written(f"{across[i + 1]:.4g}"),
            ),
            "y_text": tr("{up} to {up_j}", up=written(f"{up[j]:.4g}"), up_j=written(f"{up[j + 1]:.4g}")),
            "n_text": count(rows[i, j]),
            "description": tr(
                "{across} across, {up} up: {rows} rows",
                across=written(f"{across[i]:.4g}"),
                up=written(f"{up[j]:.4g}"),
                rows=count(rows[i, j]),
            ),
        }
        for i, j in zip(*np.nonzero(rows), strict=True)
    ]
    return Chart(_template(), pd.DataFrame(data), tr(ALT), fewest_people(rows))
