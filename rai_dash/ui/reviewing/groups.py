"""Who bears the band: one row a group, before and after the person, and whether widening helps every group."""

from __future__ import annotations

import math

import streamlit as st

from rai_dash.charts._base import Chart
from rai_dash.charts.route_bars import route_bars
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import ReviewBand
from rai_dash.core.words import NOTHING
from rai_dash.review.evaluate import Evaluation
from rai_dash.review.figures import BandFigures
from rai_dash.ui import controls, widgets
from rai_dash.ui.frames import route_frame
from rai_dash.ui.reviewing import words
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.tables import MOST_ROWS, table
from rai_dash.ui.text import count, percent, percent_range, safe

_SHOWN = {
    mark("sent to a person"): "review_rate",
    mark("declined alone"): "auto_reject_rate",
    mark("good ones declined alone"): "good_auto_rejected",
    mark("wrong when alone"): "auto_error_rate",
    mark("finally approved"): "post_approval_rate",
}


def section(bench: Bench, judged: Evaluation) -> None:
    """Draw the groups of one sensitive column."""
    with st.container(border=True):
        widgets.heading(tr("Who bears it?"), tr("The same band, for each group"))
        by = controls.pick(tr("Compare by"), "by", list(bench.columns))
        wide = bench.judged(wider(bench.band), by=(by,))
        for text in (words.spread_of_review(judged, by), words.widening_sentence(judged, wide, by)):
            if text:
                widgets.paragraph(text)
        _table(judged, by)
        widgets.draw(_bars(judged, by), key="routes")
        widgets.how_to_read(
            tr(
                "*Good ones* are those with the favourable outcome. A fair machine part is not enough: "
                "*finally approved* is what people get in the end, if the reviewers are as good as assumed. "
                "Each bar adds up to 100 %; grey is what a person looks at."
            )
        )
        routes = judged.by_group[by].routes
        widgets.numbers(
            lambda: route_frame(routes), name="review_band_groups", key="band_groups", people="rows"
        )


def wider(band: ReviewBand) -> ReviewBand:
    """Return the band with both ends further out."""
    lo = None if band.lo is None or band.lo < words.WIDER else round(band.lo - words.WIDER, 8)
    hi = None if band.hi is None or band.hi > 1 - words.WIDER else round(band.hi + words.WIDER, 8)
    return ReviewBand(lo, band.threshold, hi)


def _table(judged: Evaluation, by: str) -> None:
    """Draw one row a group; those with too few rows are grey."""
    figures, eligible = judged.by_group[by], set(judged.gaps[by].eligible)
    rows, grey = [], []
    for i, group in enumerate(figures.routes.groups):
        few = group not in eligible
        grey += [i] if few else []
        name = f"{safe(group)}{(tr(' (too few to tell)') if few else '')}"
        shares = [_share(figures, share, i, has_interval=few) for share in _SHOWN.values()]
        rows.append([name, count(int(figures.routes.n[i])), *shares])
    table([tr("group"), tr("applications"), *(tr(title) for title in _SHOWN)], rows, grey=grey)


def _share(figures: BandFigures, name: str, i: int, *, has_interval: bool) -> str:
    """Write a share of a group, with its interval where that says how little is known."""
    if has_interval and name in figures.routes.estimates:
        share = figures.routes.estimate(name, i)
        if share.is_defined:
            return f"{percent(share.value)} ({percent_range(share.low, share.high)})"
    values = figures.values(name)
    return NOTHING if values is None or math.isnan(values[i]) else percent(float(values[i]))


def _bars(judged: Evaluation, by: str) -> Chart:
    order = ("reject", "review", "approve")
    groups = judged.by_group[by].routes
    rows = [[float(judged.overall.routes.sums[name][0]) for name in order]]
    rows += [[float(groups.sums[name][i]) for name in order] for i in range(len(groups.groups))]
    return route_bars(groups.groups[:MOST_ROWS], rows[: MOST_ROWS + 1])
