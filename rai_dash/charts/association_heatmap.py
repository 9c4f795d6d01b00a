"""Strength of association between every two columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rai_dash.charts import theme
from rai_dash.charts._base import (
    ON_CELL,
    TEMPLATES,
    Chart,
    Spec,
    named_x,
    named_y,
    outlined,
    part,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, count, plain_names, signed

ALT = (
    "A square table of columns against columns. The stronger the colour, the stronger the association; "
    "cells without a value are outlined. The table below has the numbers and the measure of each pair."
)
MEASURES = {"pearson": "Pearson's r", "cramers_v": "Cramér's V", "eta": "correlation ratio η"}
MAX_COLUMNS = 44
LABELLED = 14
_STEP = 30
_SMALL_STEP = 20


@lru_cache(maxsize=TEMPLATES)
def _template(columns: tuple[str, ...]) -> Spec:
    place: dict[str, Any] = {"x": named_x("column", columns), "y": named_y("row", columns, labelLimit=110)}
    facts = tooltips(
        row="Column", column="with", value_text="Association", measure_text="Measure", n_text="Rows"
    )
    tell: dict[str, Any] = {"tooltip": facts, "description": alt.Description("description:N")}
    color = alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
    labelled = len(columns) <= LABELLED
    layers = [
        part("pair").mark_rect(cornerRadius=2).encode(**place, **tell, color=color),
        part("none").mark_rect(cornerRadius=2, aria=False, **outlined()).encode(**place, **tell),
    ]
    if labelled:
        # Numbers that would not fit their cells on a narrow screen are left to the tooltip.
        fits = alt.ExprRef(expr="bandwidth('x') < 30 ? 0 : 1")
        text: dict[str, Any] = {"aria": False, "opacity": fits, "fontSize": 11}
        layers += [
            part("pair")
            .mark_text(**text, color=alt.ExprRef(expr=ON_CELL))
            .encode(**place, text="label:N", tooltip=facts),
            part("none")
            .mark_text(**text, color=theme.shade("muted"))
            .encode(**place, text="label:N", tooltip=facts),
        ]
    step = _STEP if labelled else _SMALL_STEP
    return template(layers, height=step * len(columns) + 90, right=24)


def association_heatmap(
    columns: Sequence[str], value: ArrayLike, *, measure: Sequence[Sequence[str]], n: ArrayLike
) -> Chart:
    """Draw an association matrix.

    Parameters
    ----------
    columns : sequence of str (K,)
        At most 44.
    value : float (K, K)
        Pearson's r in [-1, 1], Cramér's V or eta in [0, 1]; NaN = undefined. The diagonal is not drawn.
    measure : nested sequence of str (K, K)
        ``"pearson"``, ``"cramers_v"`` or ``"eta"``.
    n : int (K, K)
        Rows that have both values.

    Raises
    ------
    ValueError
        More than 44 columns: 2,000 marks are the limit.
    """
    if len(columns) > MAX_COLUMNS:
        msg = (
            f"This chart shows at most {MAX_COLUMNS} columns, got {len(columns)}. Choose the ones to compare."
        )
        raise ValueError(msg)
    table, rows_both = np.asarray(value, dtype=np.float64), np.asarray(n)
    data = []
    names = plain_names(columns)
    for i, row in enumerate(names):
        for j, column in enumerate(names):
            at = float(table[i, j])
            known = bool(np.isfinite(at)) and i != j
            text = signed(at) if known else DASH
            name = MEASURES.get(measure[i][j], measure[i][j])
            data.append(
                {
                    "part": "pair" if known else "none",
                    "row": row,
                    "column": column,
                    # The sign is in the text: two of the three measures have none.
                    "shade": abs(at) if known else None,
                    "label": "" if i == j else text,
                    "value_text": text,
                    "measure_text": name,
                    "n_text": count(rows_both[i, j]),
                    "description": f"{row} with {column}: {text}, {name}",
                }
            )
    return Chart(_template(names), pd.DataFrame(data), ALT)
