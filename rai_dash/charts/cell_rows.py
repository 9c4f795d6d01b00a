"""The training rows of each cell of outcome and group, as they are and after resampling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    label_room,
    ordered_y,
    template,
    tooltips,
)
from rai_dash.charts._words import count, plain_names
from rai_dash.core.texts import mark, tr

ALT = mark(
    "Two bars for each cell of outcome and group: a thin grey one for the training rows as they are, a "
    "thick one for the rows that are trained on; both numbers are written beside them. The table below "
    "has the numbers."
)
_STEP = 38
#: Names longer than this stand above their bars: beside them they would be cut, or leave a phone no room.
_LONGEST_NAME, _TALL_STEP = 24, 56


@cached_template(TEMPLATES)
def _template(n_cells: int, *, is_tall: bool) -> Spec:
    y = ordered_y(labels=False) if is_tall else ordered_y()
    scale = alt.Scale(domain=[0, 1], range=label_room(120))
    facts = tooltips(
        name=tr("Cell"), before_text=tr("Training rows as they are"), after_text=tr("Trained on")
    )

    def bar(field: str, size: int, offset: int, colour: alt.ExprRef) -> Any:
        place = alt.X(f"{field}:Q", scale=scale, axis=None)
        mark = alt.Chart().mark_bar(size=size, yOffset=offset, cornerRadiusEnd=2, color=colour)
        return mark.encode(x=place, y=y, tooltip=facts, description="description:N")

    layers = [
        bar("before", 5, -9, theme.shade("muted")),
        bar("after", 12, 2, theme.shade("accent")),
        alt.Chart()
        .mark_text(align="left", dx=6, yOffset=-1, aria=False)
        .encode(x=alt.X("longest:Q", scale=scale, axis=None), y=y, text="label:N"),
    ]
    if is_tall:
        layers.append(
            alt.Chart()
            .mark_text(align="left", dy=-21, limit=alt.ExprRef(expr="width"), aria=False)
            .encode(x=alt.datum(0), y=y, text="name:N", tooltip=facts)
        )
    return template(layers, height=(_TALL_STEP if is_tall else _STEP) * n_cells + 12)


def cell_rows(cells: Sequence[str], before: Sequence[int], after: Sequence[int]) -> Chart:
    """Draw what resampling does to each cell.

    Parameters
    ----------
    cells : sequence of str (C,)
        Unique names such as ``"favourable × Female"``, from top to bottom as they are to be shown.
    before, after : sequence of int (C,)
        Training rows.
    """
    most = max(1, *before, *after)
    names = plain_names(cells)
    rows = [
        {
            "name": name,
            "order": i,
            "before": before[i] / most,
            "after": after[i] / most,
            "longest": max(before[i], after[i]) / most,
            "before_text": count(before[i]),
            "after_text": count(after[i]),
            "label": f"{count(before[i])} → {count(after[i])}",
            "description": tr(
                "{name}: {before} training rows as they are, {after} trained on",
                name=name,
                before=count(before[i]),
                after=count(after[i]),
            ),
        }
        for i, name in enumerate(names)
    ]
    return Chart(
        _template(len(names), is_tall=max(map(len, names)) > _LONGEST_NAME),
        pd.DataFrame(rows),
        tr(ALT),
        fewest_people(before, after),
    )
