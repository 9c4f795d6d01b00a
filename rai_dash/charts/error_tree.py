"""A tree of splits from top to bottom: as wide as a part has rows, the stronger coloured the more of them are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._base import (
    ON_CELL,
    TEMPLATES,
    Chart,
    Spec,
    cached_template,
    fewest_people,
    part,
    percent_axis,
    shares_of,
    stepped,
    template,
    tooltips,
)
from rai_dash.charts._cells import few_paint
from rai_dash.charts._words import count, interval, number, percent, plain_names
from rai_dash.charts.imbalance_cells import REACHES
from rai_dash.core.texts import mark, tr
from rai_dash.data.slices import Slice, slice_words
from rai_dash.trials.slices.tree import TreeNode

ALT = mark(
    "Boxes in lines below each other. The top box is everyone; each line divides the boxes above it by "
    "one condition. A box is as wide as its share of the rows, and the stronger its colour, the larger "
    "the share of wrong decisions in it. Grey boxes have too few rows. The table below has the numbers."
)
EVERYONE = mark("Everyone")
_STEP: Final = 58
#: Pixels that a text leaves free in its box, and those that the rate with its rows, and alone, takes.
_MARGIN, _BOTH, _ALONE = 10, 76, 26


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorNode:
    """One box.

    Parameters
    ----------
    name : str
        The condition that it adds; of the top box: everyone.
    depth : int
        Line, from 0.
    start, end : float
        Share of the rows to the left of it, and with it, in [0, 1].
    rows : int
        How many.
    rate, low, high : float or None
        Share of wrong decisions and its 95 % interval.
    few : bool
        Whether it has too few rows.
    """

    name: str
    depth: int
    start: float
    end: float
    rows: int
    rate: float | None
    low: float | None
    high: float | None
    few: bool = False


@cached_template(TEMPLATES)
def _template(lines: int, reach: float, kinds: tuple[str, ...]) -> Spec:
    axis = percent_axis(title=tr("Share of the rows"), titleAnchor="start", grid=False)
    down = alt.Scale(domain=[lines, 0], nice=False)
    box: dict[str, Any] = {
        "x": alt.X("start:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis),
        "x2": "end:Q",
        "y": alt.Y("top:Q", scale=down, axis=None),
        "y2": "bottom:Q",
    }
    tooltip = tooltips(
        name=tr("Condition"),
        rate_text=tr("Wrong"),
        interval_text=tr("95 % interval"),
        n_text=tr("Rows"),
        share_text=tr("Of all rows"),
    )
    color = alt.Color("shade:Q", scale=alt.Scale(domain=[0, reach], clamp=True), legend=None)
    look: dict[str, Any] = {
        "cornerRadius": 3, "stroke": theme.shade("surface"), "strokeWidth": 2, "tooltip": None,
    }  # fmt: skip
    tell: dict[str, Any] = {"tooltip": tooltip, "description": alt.Description("description:N")}
    boxes = {
        "node": part("node").mark_rect(**look).encode(**box, **tell, color=color),
        "few": part("few").mark_rect(**look, **few_paint()).encode(**box, **tell),
    }
    # A layer without boxes would be a picture without a name to a screen reader.
    layers = [boxes[kind] for kind in kinds]
    room = f"(datum.end - datum.start) * width - {_MARGIN}"
    at = {"x": alt.X("middle:Q"), "y": alt.Y("centre:Q", scale=down, axis=None), "tooltip": tooltip}
    condition = alt.ExprRef(expr=f"{room} < {_ALONE} ? '' : datum.name")
    rate = alt.ExprRef(expr=f"{room} < {_ALONE} ? '' : {room} < {_BOTH} ? datum.rate_text : datum.label")
    inks = {"node": alt.ExprRef(expr=ON_CELL), "few": theme.shade("ink")}
    for name in kinds:
        text: dict[str, Any] = {
            # Vega takes a limit of 0 for none.
            "limit": alt.ExprRef(expr=f"max(1, {room})"), "color": inks[name], "aria": False, "baseline": "middle",
            "fontSize": 12,
        }  # fmt: skip
        layers += [
            part(name).mark_text(**text, dy=-9, text=condition).encode(**at),
            part(name).mark_text(**text, dy=9, fontWeight=600, text=rate).encode(**at),
        ]
    return template(layers, height=_STEP * lines + 56)


def error_tree(nodes: Sequence[ErrorNode]) -> Chart:
    """Draw a tree of splits.

    Parameters
    ----------
    nodes : sequence of ErrorNode
        At least the top box.
    """
    names = plain_names([node.name for node in nodes])
    data = [_row(node, name) for node, name in zip(nodes, names, strict=True)]
    lines = max(node.depth for node in nodes) + 1
    rates = [number(node.rate) or 0.0 for node in nodes if not node.few]
    there = {row["part"] for row in data}
    kinds = tuple(kind for kind in ("node", "few") if kind in there)
    n = [node.rows for node in nodes]
    return Chart(
        _template(lines, stepped(max(rates, default=0.0), REACHES), kinds),
        pd.DataFrame(data),
        tr(ALT),
        fewest_people(n, shares_of([node.rate for node in nodes], n)),
    )


def _row(node: ErrorNode, name: str) -> dict[str, object]:
    at = number(node.rate)
    text, ends = percent(at), interval(node.low, node.high)
    return {
        "part": "few" if node.few or at is None else "node",
        "name": name,
        "start": node.start,
        "end": node.end,
        "middle": (node.start + node.end) / 2,
        "top": float(node.depth),
        "bottom": float(node.depth + 1),
        "centre": node.depth + 0.5,
        "shade": at,
        "rate_text": text,
        "label": tr("{text} of {rows}", text=text, rows=count(node.rows)),
        "interval_text": ends,
        "n_text": count(node.rows),
        "share_text": percent(node.end - node.start),
        "description": tr(
            "{name}: {text} wrong, 95 % interval {ends}, {rows} rows",
            name=name,
            text=text,
            ends=ends,
            rows=count(node.rows),
        ),
    }


def tree_boxes(tree: TreeNode, *, min_rows: int) -> list[ErrorNode]:
    """Lay out a tree of splits.

    Parameters
    ----------
    tree : TreeNode
        Its root.
    min_rows : int
        Boxes with fewer rows are grey: the blanks of a column that was split.

    Returns
    -------
    list of ErrorNode
        The top box first, each before its parts.
    """
    return _boxes(tree, 0, 0.0, tree.rows, min_rows)


def _boxes(node: TreeNode, depth: int, start: float, of: int, min_rows: int) -> list[ErrorNode]:
    end = start + (node.rows / of if of else 1.0)
    name = tr(EVERYONE) if node.term is None else slice_words(Slice(terms=(node.term,)))
    out = [
        ErrorNode(
            name=name, depth=depth, start=start, end=min(end, 1.0), rows=node.rows, rate=node.rate.value,
            low=node.rate.low, high=node.rate.high, few=node.rows < min_rows,
        )
    ]  # fmt: skip
    for child in node.children:
        out += _boxes(child, depth + 1, start, of, min_rows)
        start += child.rows / of
    return out
