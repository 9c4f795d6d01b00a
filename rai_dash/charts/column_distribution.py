"""How the values of one column are spread: a histogram of numbers or bars of categories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rai_dash.charts import theme
from rai_dash.charts._base import (
    NUMBER_LABEL,
    Chart,
    Spec,
    cached_template,
    label_room,
    legend,
    legend_height,
    ordered_y,
    template,
    tooltips,
)
from rai_dash.charts._words import count, percent, plain_names
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import written

ALT_NUMBERS = mark(
    "Histogram: one bar for each range of values, as high as its rows. The table below has the numbers."
)
ALT_CATEGORIES = mark(
    "One bar for each value of the column, as long as its number of rows. The table below has the numbers."
)
OUTCOMES = ("unfavourable", "favourable", "unknown")
_SPLIT = mark(" Bars are split by outcome.")
_STEP = 28


def _paint(*, split: bool) -> dict[str, Any]:
    """Colour by outcome; an unknown outcome is an empty, outlined bar, because grey has another meaning."""
    if not split:
        return {"fill": alt.value(theme.shade("accent")), "stroke": alt.value(theme.shade("surface"))}
    fill = [theme.DECLINED, theme.APPROVED, theme.shade("surface")]
    stroke = [theme.DECLINED, theme.APPROVED, theme.shade("muted")]
    return {
        "fill": alt.Fill("outcome:N", scale=alt.Scale(domain=list(OUTCOMES), range=fill), legend=_key()),
        "stroke": alt.Stroke(
            "outcome:N", scale=alt.Scale(domain=list(OUTCOMES), range=stroke), legend=_key()
        ),
    }


def _key() -> alt.Legend:
    return legend(3, columns=3, width=272)


def _top(*, split: bool) -> int:
    return 6 + (legend_height(3, columns=3) if split else 0)


@cached_template(2)
def _numbers(*, split: bool) -> Spec:
    title = tooltips(range=tr("Values"), outcome=tr("Outcome"), n_text=tr("Rows"), share_text=tr("Share"))
    x = alt.X(
        "start:Q",
        scale=alt.Scale(zero=False, nice=False),
        axis=alt.Axis(title=None, grid=False, labelExpr=NUMBER_LABEL, tickCount=6),
    )
    y = alt.Y("low:Q", axis=alt.Axis(title=tr("rows"), labelExpr=NUMBER_LABEL, tickCount=4))
    bars = (
        alt.Chart()
        .mark_rect(strokeWidth=1)
        .encode(
            x=x,
            x2="stop:Q",
            y=y,
            y2="high:Q",
            tooltip=title,
            description="description:N",
            **_paint(split=split),
        )
    )
    return template([bars], height=214 + _top(split=split), top=_top(split=split), right=16)


@cached_template(64)
def _categories(n_values: int, *, split: bool) -> Spec:
    title = tooltips(name=tr("Value"), outcome=tr("Outcome"), n_text=tr("Rows"), share_text=tr("Share"))
    scale = alt.Scale(range=label_room(96), nice=False)
    y = ordered_y()
    layers = [
        alt.Chart()
        .mark_bar(size=16, strokeWidth=1)
        .encode(
            x=alt.X("low:Q", scale=scale, axis=None),
            x2="high:Q",
            y=y,
            tooltip=title,
            description="description:N",
            **_paint(split=split),
        ),
        alt.Chart()
        .mark_text(align="left", dx=6, aria=False)
        .encode(x=alt.X("high:Q", scale=scale, axis=None), y=y, text="label:N"),
    ]
    return template(layers, height=_STEP * n_values + 6 + _top(split=split), top=_top(split=split))


def _stacks(counts: ArrayLike, names: Sequence[str]) -> Iterator[dict[str, object]]:
    """Stack the outcomes of each bar from 0 upwards; empty parts are left out, empty bars are not."""
    table: NDArray[np.float64] = np.asarray(counts, dtype=np.float64)
    split = table.ndim == 2
    table = table if split else table[:, None]
    total = max(table.sum(), 1.0)
    for i, row in enumerate(table):
        low = 0.0
        # The favourable part lies at the axis, where its lengths can be compared.
        drawn = [k for k in ((1, 0, 2) if split else (0,)) if row[k] > 0] or [0]
        for k in drawn:
            outcome = OUTCOMES[k] if split else "all"
            yield {
                "order": i,
                "outcome": outcome,
                "low": low,
                "high": low + row[k],
                "n_text": count(row[k]),
                "share_text": percent(row[k] / total),
                "label": f"{count(row.sum())} · {percent(row.sum() / total)}" if k == drawn[-1] else "",
                "description": tr(
                    "{names}, outcome {outcome}: {row} rows",
                    names=names[i],
                    outcome=outcome,
                    row=count(row[k]),
                ),
            }
            low += row[k]


def number_histogram(edges: ArrayLike, counts: ArrayLike) -> Chart:
    """Draw the distribution of a column of numbers.

    Parameters
    ----------
    edges : float (B + 1,)
        Ends of the ranges, ascending.
    counts : int (B,) or (B, 3)
        Rows a range; with three columns split into unfavourable, favourable and unknown outcome.
    """
    ends = np.asarray(edges, dtype=np.float64)
    names = [
        tr("{low} to {high}", low=written(f"{low:,.6g}"), high=written(f"{high:,.6g}"))
        for low, high in pairwise(ends)
    ]
    rows = []
    for row in _stacks(counts, names):
        i = int(str(row["order"]))
        rows.append(row | {"start": ends[i], "stop": ends[i + 1], "range": names[i]})
    split = np.ndim(counts) == 2
    return Chart(_numbers(split=split), pd.DataFrame(rows), tr(ALT_NUMBERS) + tr(_SPLIT) * split)


def category_bars(labels: Sequence[str], counts: ArrayLike) -> Chart:
    """Draw the distribution of a column of categories.

    Parameters
    ----------
    labels : sequence of str (K,)
        Unique values as they are to be shown from top to bottom, for example the ten most frequent,
        then ``"other (12 values)"`` and ``"(missing)"``.
    counts : int (K,) or (K, 3)
        Rows a value; with three columns split into unfavourable, favourable and unknown outcome.
    """
    names = plain_names(labels)
    rows = [row | {"name": names[int(str(row["order"]))]} for row in _stacks(counts, names)]
    split = np.ndim(counts) == 2
    return Chart(
        _categories(len(labels), split=split), pd.DataFrame(rows), tr(ALT_CATEGORIES) + tr(_SPLIT) * split
    )
