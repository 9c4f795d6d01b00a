"""Where the scores fall and what becomes of them: declined, to a person, approved."""

from __future__ import annotations

from collections.abc import Iterator
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
    in_expression,
    legend,
    legend_height,
    part,
    percent_axis,
    template,
    tooltips,
)
from rai_dash.charts._score_lines import score_lines
from rai_dash.charts._words import count, percent
from rai_dash.core.counts import EDGES
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, ReviewBand
from rai_dash.core.words import percentage

ALT = mark(
    "Histogram of the scores from 0 to 100 %, coloured by what becomes of them: declined, to a person, approved. Lines "
    "mark the ends of the review band and the threshold. The height is on a square-root scale. The table below has the "
    "numbers."
)
ALT_SPLIT = mark(
    "Two histograms of the scores, favourable outcomes upwards and unfavourable ones downwards, coloured by what "
    "becomes of them: declined, to a person, approved. Lines mark the ends of the review band and the threshold. The "
    "height is on a square-root scale. The table below has the numbers."
)
ROUTES = (mark("declined"), mark("to a person"), mark("approved"))
# Room above the bars for the labels of the lines, in pixels.
_HEAD = 40


@cached_template(4)
def _template(*, split: bool, person: bool) -> Spec:
    share = alt.Scale(domain=[0, 1])
    x = alt.X("start:Q", scale=share, axis=percent_axis(title=tr("score"), grid=False))
    room: list[Any] = [alt.ExprRef(expr="height"), _HEAD]
    if split:
        # The root is taken before: Vega's has no panels. The axis names the two sides.
        scale = alt.Scale(domain=[-1, 1], nice=False, range=room)
        up, down = in_expression(tr("favourable")), in_expression(tr("unfavourable"))
        sides = f"datum.value > 0 ? {up} : datum.value < 0 ? {down} : ''"
        axis = alt.Axis(
            title=tr("rows (square-root scale)"), values=[-0.5, 0, 0.5], labelExpr=sides, grid=False
        )
    else:
        scale = alt.Scale(type="sqrt", zero=True, range=room)
        axis = alt.Axis(title=tr("rows (square-root scale)"), labelExpr=NUMBER_LABEL, tickCount=5)
    # Without a band nothing goes to a person, so the legend does not offer it.
    paints = zip(ROUTES, (theme.DECLINED, theme.PERSON, theme.APPROVED), strict=True)
    routes = {tr(route): paint for route, paint in paints if person or paint != theme.PERSON}
    color = alt.Scale(domain=list(routes), range=list(routes.values()))
    bars = (
        part("bar")
        .mark_rect(stroke=theme.shade("surface"), strokeWidth=0.5)
        .encode(
            x=x,
            x2="stop:Q",
            y=alt.Y("low:Q", scale=scale, axis=axis),
            y2="high:Q",
            color=alt.Color("route:N", scale=color, legend=legend(len(routes), columns=3, width=260)),
            tooltip=tooltips(range=tr("Scores"), route=tr("Route"), outcome=tr("Outcome"), n_text=tr("Rows")),
            description="description:N",
        )
    )
    return template(
        [bars, *score_lines(x)], height=360 if split else 300, top=6 + legend_height(3, columns=3), right=18
    )


def score_histogram(counts: ArrayLike, band: ReviewBand, *, bins: int = 50, split: bool = False) -> Chart:
    """Draw the scores coloured by route.

    Parameters
    ----------
    counts : int (3, 1002)
        Rows by label {unfavourable, favourable, unknown} and score cell, as in ``GroupCounts.counts``
        of one group. Rows without a score have no place on the axis; the page names their number.
    band : ReviewBand
        Where the routes part; a bin across an end is stacked of both. Without a band, both ends are the threshold.
    bins : int
        Divides 1,000.
    split : bool
        Whether to show favourable and unfavourable outcomes apart; unknown ones are left out then.

    Raises
    ------
    ValueError
        ``bins`` does not divide 1,000.
    """
    if 1000 % bins:
        msg = f"The bins have to divide 1,000 score cells evenly, got {bins}. Take 20, 25, 40, 50 or 100."
        raise ValueError(msg)
    cells: NDArray[np.float64] = np.asarray(counts, dtype=np.float64)
    panels = {"all": cells.sum(axis=0)}
    if split:
        panels = {mark("favourable"): cells[FAVOURABLE], mark("unfavourable"): cells[UNFAVOURABLE]}
    binned = {name: _by_route(row, band, bins) for name, row in panels.items()}
    tallest = max(1.0, *(table.sum(axis=0).max() for table in binned.values()))
    rows: list[dict[str, object]] = []
    for name, table in binned.items():
        rows += _bars(table, name, tallest if split else None)
    rows += _lines(band)
    return Chart(
        _template(split=split, person=band.lo != band.hi), pd.DataFrame(rows), tr(ALT_SPLIT if split else ALT)
    )


def _by_route(cells: NDArray[np.float64], band: ReviewBand, bins: int) -> NDArray[np.float64]:
    """Count rows by route {declined, person, approved} and bin, (3, bins)."""
    first_person = 0 if band.lo is None else int(np.searchsorted(EDGES, band.lo))
    first_approved = EDGES.size if band.hi is None else int(np.searchsorted(EDGES, band.hi))
    # Cell 1000 holds the scores of exactly 1 and belongs to the last bin.
    place = np.minimum(np.arange(EDGES.size) * bins // 1000, bins - 1)
    table = np.zeros((3, bins))
    ends = (0, first_person, first_approved, EDGES.size)
    for route in range(3):
        part_ = slice(ends[route], ends[route + 1])
        np.add.at(table[route], place[part_], cells[: EDGES.size][part_])
    return table


def _bars(table: NDArray[np.float64], outcome: str, tallest: float | None) -> Iterator[dict[str, object]]:
    """Stack the routes of each bin; with ``tallest`` as signed roots between -1 and 1."""
    bins = table.shape[1]
    sign = -1.0 if outcome == "unfavourable" else 1.0
    for i in range(bins):
        low = 0.0
        for route, n in zip(map(tr, ROUTES), table[:, i], strict=True):
            if n <= 0:
                continue
            ends = np.array([low, low + n])
            heights = ends if tallest is None else sign * np.sqrt(ends / tallest)
            low += n
            span = tr("{i} to {i_bins}", i=percent(i / bins), i_bins=percent((i + 1) / bins))
            yield {
                "part": "bar",
                "start": i / bins,
                "stop": (i + 1) / bins,
                "low": heights[0],
                "high": heights[1],
                "route": route,
                "outcome": tr(outcome),
                "range": span,
                "n_text": count(n),
                "description": tr("scores {span}: {n} rows {route}", span=span, n=count(n), route=route),
            }


def _lines(band: ReviewBand) -> Iterator[dict[str, object]]:
    """Mark the ends and, unless it is one of them, the threshold; labels point away from each other."""
    for end, side in ((band.lo, "left"), (band.hi, "right")):
        if end is not None and end != band.threshold:
            turned = "right" if end < 0.1 else "left" if end > 0.9 else side
            yield {"part": "end", "start": end, "label": _score(end), "side": turned}
    side = "left" if band.threshold > 0.5 else "right"
    yield {
        "part": "threshold",
        "start": band.threshold,
        "label": tr("threshold {score}", score=_score(band.threshold)),
        "side": side,
    }


def _score(value: float) -> str:
    return percentage(f"{100 * value:.3g}")
