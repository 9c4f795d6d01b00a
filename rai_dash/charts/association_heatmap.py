"""Strength of association between every two columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rai_dash.charts import dendrogram, theme
from rai_dash.charts._base import (
    CELL_GAP,
    ON_CELL,
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    named_x,
    named_y,
    outlined,
    part,
    template,
    tooltips,
)
from rai_dash.charts._words import DASH, count, plain_names, signed
from rai_dash.core.texts import mark, tr

ALT = mark(
    "A square table of columns against columns. The stronger the colour, the stronger the association; "
    "cells without a value are outlined. The table below has the numbers and the measure of each pair."
)
MEASURES = {
    "pearson": mark("Pearson's r"),
    "cramers_v": mark("Cramér's V"),
    "eta": mark("correlation ratio η"),
}
#: With the tree beside them, these are just under the limit of marks.
MAX_COLUMNS = 43
LABELLED = 14
#: The selection that a click on a cell makes: its row and column by number.
CLICK = "cell"
_STEP = 30
_SMALL_STEP = 20
#: Long names often differ at their ends only.
_MIDDLE = "length(datum.label) > 19 ? slice(datum.label, 0, 9) + '…' + slice(datum.label, -8) : datum.label"


@cached_template(TEMPLATES)
def _template(columns: tuple[str, ...], *, has_tree: bool) -> Spec:
    x = named_x("column", columns)
    if has_tree:
        scale = alt.Scale(
            domain=list(columns),
            paddingInner=CELL_GAP,
            range=[0, alt.ExprRef(expr=f"width - {dendrogram.room()}")],
        )
        x = x.scale(scale)
    place: dict[str, Any] = {"x": x, "y": named_y("row", columns, labelLimit=110, labelExpr=_MIDDLE)}
    facts = tooltips(
        row=tr("Column"),
        column=tr("with"),
        value_text=tr("Association"),
        measure_text=tr("Measure"),
        n_text=tr("Rows"),
    )
    tell: dict[str, Any] = {"tooltip": facts, "description": alt.Description("description:N")}
    color = alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
    labelled = len(columns) <= LABELLED
    # ``turn`` tells a second click on the same cell from the first.
    click = alt.selection_point(name=CLICK, fields=["i", "j", "turn"], on="click", clear=False, toggle=False)
    layers = [
        part("pair")
        .mark_rect(cornerRadius=2, cursor="pointer")
        .encode(**place, **tell, color=color)
        .add_params(click)
        .properties(name="pairs"),
        part("none").mark_rect(cornerRadius=2, aria=False, **outlined()).encode(**place, **tell),
        part("chosen")
        .mark_rect(cornerRadius=2, aria=False, fill=None, stroke=theme.shade("ink"), strokeWidth=2)
        .encode(**place),
        *(_labels(place, facts) if labelled else ()),
        *(dendrogram.tree_layers(len(columns)) if has_tree else ()),
    ]
    step = _STEP if labelled else _SMALL_STEP
    return template(layers, height=step * len(columns) + 90, right=24, bottom=18 if has_tree else 4)


def _labels(place: dict[str, Any], facts: list[alt.Tooltip]) -> list[alt.Chart]:
    # Numbers that would not fit their cells on a narrow screen are left to the tooltip.
    fits = alt.ExprRef(expr="bandwidth('x') < 30 ? 0 : 1")
    text: dict[str, Any] = {"aria": False, "opacity": fits, "fontSize": 11}
    colors = {"pair": alt.ExprRef(expr=ON_CELL), "none": theme.shade("muted")}
    return [
        part(name).mark_text(**text, color=color).encode(**place, text="label:N", tooltip=facts)
        for name, color in colors.items()
    ]


def association_heatmap(
    columns: Sequence[str],
    value: ArrayLike,
    *,
    measure: Sequence[Sequence[str]],
    n: ArrayLike,
    tree: dendrogram.Tree | None = None,
    chosen: tuple[int, int] | None = None,
    turn: int = 0,
) -> Chart:
    """Draw an association matrix.

    Parameters
    ----------
    columns : sequence of str (K,)
        At most 43.
    value : float (K, K)
        Pearson's r in [-1, 1], Cramér's V or eta in [0, 1]; NaN = undefined. The diagonal is not drawn.
    measure : nested sequence of str (K, K)
        ``"pearson"``, ``"cramers_v"`` or ``"eta"``.
    n : int (K, K)
        Rows that have both values.
    tree : Tree, optional
        How the columns, in this order, are joined; drawn beside the rows.
    chosen : (int, int), optional
        A pair that is outlined.
    turn : int
        Goes up whenever another pair is chosen: a click on a cell then counts, whichever cell was clicked before.

    Raises
    ------
    ValueError
        More than 43 columns: 2,000 marks are the limit.
    """
    if len(columns) > MAX_COLUMNS:
        msg = (
            f"This chart shows at most {MAX_COLUMNS} columns, got {len(columns)}. Choose the ones to compare."
        )
        raise ValueError(msg)
    names = plain_names(columns)
    data = _cells(names, np.asarray(value, dtype=np.float64), measure, np.asarray(n))
    if chosen is not None:
        a, b = (names[i] for i in chosen)
        data += [{"part": "chosen", "row": r, "column": c} for r, c in ((a, b), (b, a))]
    words = tr(ALT)
    if tree is not None:
        data += dendrogram.tree_rows(tree)
        words = f"{tr(ALT)} {dendrogram.tree_words(tree)}"
    # What is no cell cannot be clicked.
    frame = pd.DataFrame(data).assign(turn=np.int16(turn))
    frame[["i", "j"]] = frame[["i", "j"]].fillna(-1).astype(np.int16)
    return Chart(_template(names, has_tree=tree is not None), frame, words)


def _cells(
    names: Sequence[str], value: NDArray[np.float64], measure: Sequence[Sequence[str]], n: NDArray[Any]
) -> list[dict[str, object]]:
    data: list[dict[str, object]] = []
    for i, row in enumerate(names):
        for j, column in enumerate(names):
            at = float(value[i, j])
            known = bool(np.isfinite(at)) and i != j
            text = signed(at) if known else DASH
            name = MEASURES.get(measure[i][j], measure[i][j])
            data.append(
                {
                    "part": "pair" if known else "none",
                    "i": i,
                    "j": j,
                    "row": row,
                    "column": column,
                    # The sign is in the text: most measures have none.
                    "shade": abs(at) if known else None,
                    "label": "" if i == j else text,
                    "value_text": text,
                    "measure_text": name,
                    "n_text": count(n[i, j]),
                    "description": tr(
                        "{row} with {column}: {text}, {name}", row=row, column=column, text=text, name=name
                    ),
                }
            )
    return data
