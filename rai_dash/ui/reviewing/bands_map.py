"""All bands at once: a map of any number, and the bands that no other beats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from rai_dash.charts import band_front, band_map
from rai_dash.charts._band_plane import Unit
from rai_dash.charts._base import Chart
from rai_dash.charts.band_front import FrontBand
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.core.types import ReviewBand
from rai_dash.review.constraints import LIMITED
from rai_dash.review.gaps import GAPS
from rai_dash.review.grid import Grid
from rai_dash.review.optimise import Optimum, feasible_bands, optimise
from rai_dash.review.pareto import pareto_front
from rai_dash.ui import controls, pictures, widgets
from rai_dash.ui.reviewing import history, limits
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.recent import recent
from rai_dash.ui.slim import slim
from rai_dash.ui.text import count, safe

#: What may be mapped, in our words.
MAPPED = {
    "cost": mark("cost of an application"),
    "review_rate": mark("sent to a person"),
    "auto_error_rate": mark("wrong when it decides alone"),
    "good_auto_rejected": mark("good ones declined alone"),
    "bad_auto_approved": mark("bad ones approved alone"),
    "coverage": mark("decided alone"),
    "auto_approve_rate": mark("approved alone"),
    "auto_reject_rate": mark("declined alone"),
    "error_per_application": mark("automatic errors per application"),
    "good_rate_in_band": mark("good ones among the reviewed"),
    "post_error_rate": mark("wrong after the person"),
    "post_approval_rate": mark("finally approved"),
    "good_auto_rejected_gap": mark("gap in good ones declined alone"),
    "review_rate_gap": mark("gap in being sent to a person"),
    "auto_error_gap": mark("gap in wrong when alone"),
    "post_approval_ratio": mark("ratio of final approvals"),
    "post_fnr_gap": mark("gap in good ones finally declined"),
}
#: The gap that bands of the front are told apart by.
_GAP = "good_auto_rejected_gap"
Clicked = list[dict[str, object]]
_MAP, _FRONT = "band_map", "band_front"


def section(bench: Bench) -> None:
    """Draw the map and the front."""
    grid, rules = bench.grid(), limits.chosen(bench)
    try:
        found = optimise(grid, rules, own=bench.band)
    except InvalidChoice as error:
        widgets.note(safe(error.message, limit=300))
        return
    feasible = feasible_bands(grid, rules)
    with st.container(border=True):
        widgets.heading(
            tr("All bands"),
            tr(
                "{n_candidates} bands around the threshold; a click takes one",
                n_candidates=count(found.n_candidates),
            ),
        )
        metric, by = _picked(bench)
        title = f"**{tr(MAPPED[metric]).capitalize()}**" + (
            tr(", by {by}", by=safe(by)) if metric in GAPS else ""
        )
        widgets.paragraph(title)
        _draw(_map(bench, (metric, by), feasible, found), _MAP, band_map.CLICK, partial(_on_map, grid))
        widgets.how_to_read(
            tr(
                "Across is where declining ends, up is where approving begins: the corner at the lower right "
                "is the threshold alone, the upper left sends everyone to a person. Struck-out bands break a "
                "limit."
            )
        )
        widgets.numbers(
            lambda: _map_frame(grid, (metric, by), feasible), name="band_map", key="band_map",
            label=tr("All bands in numbers"),
        )  # fmt: skip
    with st.container(border=True):
        widgets.heading(
            tr("What is worth choosing"), tr("Bands that no other beats in cost, reviews and gap at once")
        )
        front, points_ = _front(bench, grid, by)
        now, best = _front_band(bench, grid, bench.band, by), None
        if found.best is not None:
            best = _front_band(bench, grid, found.best.band, by)
        chart = band_front.band_front(points_, now=now, best=best, turn=history.turn())
        _draw(chart, _FRONT, band_front.CLICK, partial(_on_front, front))
        widgets.how_to_read(
            tr(
                "Left is less work, down is cheaper; the colour is the gap between groups in good ones "
                "declined alone, a cross has none that is defined."
            )
            if by
            else tr("Left is less work, down is cheaper.")
        )
        widgets.numbers(
            lambda: _front_frame(points_),
            name="band_front",
            key="band_front",
            label=tr("These bands in numbers"),
        )


def _picked(bench: Bench) -> tuple[str, str]:
    """Let the user pick what is mapped, and whose gap."""
    names = {
        name: title
        for name, title in all_of(MAPPED).items()
        if name in LIMITED and (bench.columns or name not in GAPS)
    }
    left, right = st.columns(2)
    with left:
        metric = controls.pick(tr("Show"), "mapped", list(names), names)
    if not bench.columns:
        return metric, ""
    with right:
        return metric, controls.pick(tr("Groups by"), "by", list(bench.columns))


def _map(bench: Bench, picked: tuple[str, str], feasible: NDArray[np.bool_], found: Optimum) -> Chart:
    """Draw one number of the bands whose ends are not open."""
    grid, (metric, by) = bench.grid(), picked
    return band_map.band_map(
        [lo for lo in grid.los if lo is not None],
        [hi for hi in grid.his if hi is not None],
        grid.plane(metric, column=by or None)[1:, :-1],
        unit=_unit(metric),
        feasible=feasible[1:, :-1],
        now=bench.band,
        best=None if found.best is None else found.best.band,
        turn=history.turn(),
    )


def _map_frame(grid: Grid, picked: tuple[str, str], feasible: NDArray[np.bool_]) -> pd.DataFrame:
    """Return one row a band: its ends, the number that is mapped, and whether the limits are kept."""
    metric, by = picked
    ends = np.meshgrid(np.array(grid.los, np.float64), np.array(grid.his, np.float64), indexing="ij")
    return pd.DataFrame(
        {
            "declined below": ends[0].ravel(),
            "approved from": ends[1].ravel(),
            MAPPED[metric]: grid.plane(metric, column=by or None).ravel(),
            "keeps the limits": feasible.ravel(),
        }
    )


def _front_frame(front: list[FrontBand]) -> pd.DataFrame:
    """Return one row a band of the front."""
    columns = [
        tr("declined below"),
        tr("approved from"),
        tr(MAPPED["review_rate"]),
        tr(MAPPED["cost"]),
        tr(MAPPED[_GAP]),
    ]
    return pd.DataFrame([(b.lo, b.hi, b.review, b.cost, b.gap) for b in front], columns=columns)


def _unit(metric: str) -> Unit:
    if metric == "cost":
        return "amount"
    if metric not in GAPS:
        return "share"
    return "points" if GAPS[metric][1] == "gap" else "ratio"


def _front(bench: Bench, grid: Grid, by: str) -> tuple[list[ReviewBand], list[FrontBand]]:
    """Return the bands of the front, with what the chart shows of them."""
    planes = [grid.plane("cost"), grid.plane("review_rate")]
    if by:
        planes.append(grid.plane(_GAP, column=by))
    keys = np.stack([plane.ravel() for plane in planes], axis=1)
    # A gap that is undefined for every band sets none apart.
    keys = keys[:, ~np.isnan(keys).all(axis=0)]
    key = (bench.cubes_key(), bench.band.threshold, bench.reviewer, bench.costs, by)
    places = recent(bench.judgement, "band_front", key, lambda: np.flatnonzero(pareto_front(keys)))
    bands = [grid.band(*divmod(int(at), grid.shape[1])) for at in places]
    return bands, [_of(grid, divmod(int(at), grid.shape[1]), by) for at in places]


def _front_band(bench: Bench, grid: Grid, band: ReviewBand, by: str) -> FrontBand:
    at = grid.find(band)
    if at is not None:
        return _of(grid, at, by)
    judged = bench.judged(band)
    cost, review = (judged.overall.values(name) for name in ("cost", "review_rate"))
    gap = judged.gaps[by].values[_GAP] if by else None
    return FrontBand(
        lo=band.lo, hi=band.hi, review=None if review is None else float(review[0]),
        cost=None if cost is None else float(cost[0]), gap=gap,
    )  # fmt: skip


def _of(grid: Grid, at: tuple[int, int], by: str) -> FrontBand:
    band = grid.band(*at)
    gap = float(grid.plane(_GAP, column=by)[at]) if by else None
    return FrontBand(
        lo=band.lo, hi=band.hi, review=float(grid.plane("review_rate")[at]), cost=float(grid.plane("cost")[at]), gap=gap
    )  # fmt: skip


def _draw(chart: Chart, key: str, selection: str, then: Callable[[Clicked], None]) -> None:
    """Draw a chart whose click takes a band."""

    def clicked() -> None:
        then(_clicked(key, selection))

    pictures.drawn(chart, key=key)
    with st.container(key=f"chart_{key}"):
        st.vega_lite_chart(
            slim(chart.data), chart.spec, alt=chart.alt, theme="streamlit", width="stretch", key=key,
            height=chart.spec["height"], on_select=clicked, selection_mode=selection,
        )  # fmt: skip


def _clicked(key: str, selection: str) -> Clicked:
    """Read a click; what a browser sends is checked like any input."""
    sent = st.session_state[key].selection.get(selection) or ()
    return [cell for cell in sent if isinstance(cell, dict)]


def _on_map(grid: Grid, clicked: Clicked) -> None:
    for cell in clicked:
        i, j = cell.get("i"), cell.get("j")
        if (
            isinstance(i, int)
            and isinstance(j, int)
            and 0 <= i < grid.shape[0] - 1
            and 0 <= j < grid.shape[1] - 1
        ):
            history.take(grid.band(i + 1, j))


def _on_front(front: list[ReviewBand], clicked: Clicked) -> None:
    for cell in clicked:
        i = cell.get("i")
        if isinstance(i, int) and 0 <= i < len(front):
            history.take(front[i])
