"""One column in two data sets: the share of each in every range or value."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    label_room,
    legend,
    legend_height,
    ordered_y,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._words import count, percent, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "Two bars for each range or value of the column: its share of the first data set and of the second. "
    "The table below has the numbers."
)
SIDES = ("then", "now")
MAX_CELLS = 40
_STEP = 30
_TOPS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)


@cached_template(TEMPLATES)
def _template(n_cells: int, top: float) -> Spec:
    scale = alt.Scale(domain=[0, top], range=label_room(64), nice=False)
    y = ordered_y()
    color = alt.Color(
        "side:N",
        scale=alt.Scale(domain=list(SIDES), range=[theme.shade("muted"), theme.shade("accent")]),
        legend=legend(2, columns=2, width=150),
    )
    facts = tooltips(name=tr("Value"), side=tr("Data"), share_text=tr("Share"), n_text=tr("Rows"))
    layers = []
    for side, rise in zip(SIDES, (-6, 6), strict=True):
        rows = alt.Chart()
        shown = alt.when(f"datum.side === '{side}'").then(alt.value(1)).otherwise(alt.value(0))
        layers.append(
            rows.mark_bar(size=10, yOffset=rise, cornerRadiusEnd=2).encode(
                x=alt.X("share:Q", scale=scale, axis=None, stack=None),
                y=y,
                color=color,
                opacity=shown,
                tooltip=facts,
                description="description:N",
            )
        )
        layers.append(
            rows.mark_text(align="left", dx=5, dy=rise, fontSize=11, aria=False).encode(
                x=alt.X("share:Q", scale=scale, axis=None, stack=None), y=y, text=f"label_{side}:N"
            )
        )
    room = legend_height(2, columns=2)
    return template(layers, height=_STEP * n_cells + 8 + room, top=6 + room)


def two_distributions(names: Sequence[str], then: ArrayLike, now: ArrayLike) -> Chart:
    """Draw the shares of the cells of one column in two data sets.

    Parameters
    ----------
    names : sequence of str (k,)
        Ranges or values from top to bottom, at most 40.
    then, now : int (k,)
        Rows of both data sets in each; a side without a row has shares of 0.

    Raises
    ------
    ValueError
        More than 40 cells.
    """
    if len(names) > MAX_CELLS:
        msg = f"This chart shows at most {MAX_CELLS} values, got {len(names)}. Keep the largest and add the others up."
        raise ValueError(msg)
    counts: NDArray[np.float64] = np.array([then, now], dtype=np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    data = []
    for i, name in enumerate(plain_names(names)):
        for s, side in enumerate(SIDES):
            share, n = percent(float(shares[s, i])), count(counts[s, i])
            data.append(
                {
                    "name": name,
                    "order": i,
                    "side": side,
                    "share": float(shares[s, i]),
                    "share_text": share,
                    "n_text": n,
                    **{f"label_{other}": share if other == side else "" for other in SIDES},
                    "description": tr(
                        "{name}, {side}: {share}, {n} rows", name=name, side=side, share=share, n=n
                    ),
                }
            )
    top = stepped(float(shares.max(initial=0.0)), _TOPS)
    return Chart(_template(len(names), top), pd.DataFrame(data), tr(ALT), fewest_people(counts))
