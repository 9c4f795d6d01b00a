"""One number for every band: where the machine declines across, where it approves up; a click takes a band."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rai_dash.charts import theme
from rai_dash.charts._band_plane import (
    UNIT_LABEL,
    Unit,
    band_text,
    marked_layers,
    marked_rows,
    plane,
    written,
)
from rai_dash.charts._base import MAX_MARKS, Chart, Spec, cached_template, part, template, tooltips
from rai_dash.charts._cells import RAMP_HEIGHT
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import ReviewBand

ALT = mark(
    "A map of all bands: the score below which the machine declines from left to right, the score from "
    "which it approves from bottom to top. The stronger the colour, the higher the number named above; "
    "bands that break a limit are pale and struck out, bands without a value are blank. A square marks "
    "the present band, a diamond the best one. A click takes a band. The table below has the numbers."
)
#: Name of the selection that a click makes; it has the fields ``i``, ``j`` and ``turn``.
CLICK = "band_cell"
#: Lines of the grid that are shown each way, the finest first: what is struck out costs marks.
_LINES = (40, 36, 32, 28, 24, 20)
_SPARE = 10


@cached_template(4)
def _template(unit: str) -> Spec:
    place = plane("x0", "y0")
    place |= {"x2": alt.X2("x1:Q"), "y2": alt.Y2("y1:Q")}
    facts = tooltips(band_text=tr("Band"), value_text=tr("Value"), state=tr("Limits"))
    click = alt.selection_point(name=CLICK, fields=["i", "j", "turn"], on="click", clear=False, toggle=False)
    key = alt.Legend(
        orient="bottom",
        direction="horizontal",
        gradientLength=240,
        gradientThickness=10,
        tickCount=4,
        labelExpr=UNIT_LABEL[unit],
        labelColor=theme.shade("muted"),
        titleColor=theme.shade("muted"),
        offset=6,
    )
    color = alt.Color("value:Q", scale=alt.Scale(zero=False, nice=False), legend=key)
    cells = part("cell").mark_rect(cursor="pointer", strokeWidth=0)
    middle = plane("x0", "middle") | {"x2": alt.X2("x1:Q")}
    strike = part("struck").mark_rule(strokeWidth=1, opacity=0.7, color=theme.shade("muted"), aria=False)
    layers = [
        cells.encode(
            **place,
            color=color,
            opacity=alt.when("datum.feasible").then(alt.value(1)).otherwise(alt.value(0.3)),
            tooltip=facts,
            description="description:N",
        )
        .add_params(click)
        .properties(name="bands"),
        strike.encode(**middle),
        part("note")
        .mark_text(
            align="right",
            x=alt.ExprRef(expr="width"),
            y=-10,
            color=theme.shade("muted"),
            limit=alt.ExprRef(expr="width"),
        )
        .encode(text="label:N"),
        *marked_layers(plane(), tooltips(label=tr("Band"), band_text=tr("Ends"))),
    ]
    return template(layers, height=420 + RAMP_HEIGHT, right=24, top=22)


def band_map(
    los: Sequence[float],
    his: Sequence[float],
    value: ArrayLike,
    *,
    unit: Unit,
    feasible: ArrayLike | None = None,
    now: ReviewBand | None = None,
    best: ReviewBand | None = None,
    turn: int = 0,
) -> Chart:
    """Draw one number of all bands.

    Of a fine grid some lines are left out, so that the cells can be seen and clicked: what is drawn are values of real
    bands, never averages. A click sends ``{"i": …, "j": …}``, places in ``los`` and ``his``.

    Parameters
    ----------
    los, his : sequence of float (A,), (B,)
        Ends of the bands, ascending, in [0, 1]; every ``lo`` lies at or below the threshold, every ``hi`` at or above.
    value : float (A, B)
        NaN = undefined, left blank.
    unit : str
        Of ``value``; its name and unit are the title above the chart.
    feasible : bool (A, B), optional
        Which bands keep all limits; None = there are none.
    now, best : ReviewBand, optional
        The present band and the best one.
    turn : int
        Goes up whenever another band is taken: a click on the cell that was clicked last then counts.

    Raises
    ------
    ValueError
        Not one value a band.
    """
    values: NDArray[np.float64] = np.asarray(value, dtype=np.float64)
    if values.shape != (len(los), len(his)):
        msg = f"The map needs a value for each of {len(los)} × {len(his)} bands, got {values.shape}."
        raise ValueError(msg)
    met = np.ones(values.shape, bool) if feasible is None else np.asarray(feasible, dtype=bool)
    rows: list[dict[str, object]] = []
    for most in _LINES:
        across, up = _lines(los, most), _lines(his, most)
        rows = [row for line in up for row in _row(line, across, values, met, unit)]
        if len(rows) <= MAX_MARKS - _SPARE:
            break
    if any(row["part"] == "struck" for row in rows):
        rows.append({"part": "note", "label": tr("pale and struck out: breaks a limit")})
    rows += marked_rows({"now": now, "best": best})
    frame = pd.DataFrame(rows).assign(turn=np.int16(turn))
    frame[["i", "j"]] = frame.reindex(columns=["i", "j"]).fillna(-1).astype(np.int16)
    return Chart(_template(unit), frame, tr(ALT))


@dataclass(frozen=True, slots=True)
class _Line:
    """One shown line of the grid: its place, its score, and where its cells begin and end."""

    at: int
    score: float
    start: float
    stop: float


def _lines(ends: Sequence[float], most: int) -> list[_Line]:
    """Take at most ``most`` lines, evenly, both ends included; cells reach half way to their neighbours."""
    at = sorted({round(k) for k in np.linspace(0, len(ends) - 1, min(len(ends), most))})
    shown = [float(ends[k]) for k in at]
    middles = [(a + b) / 2 for a, b in pairwise(shown)] or [shown[0] + 0.005]
    cuts = [2 * shown[0] - middles[0], *middles[: len(shown) - 1], 2 * shown[-1] - middles[-1]]
    if len(shown) == 1:
        cuts = [shown[0] - 0.005, shown[0] + 0.005]
    return [_Line(*line) for line in zip(at, shown, cuts, cuts[1:], strict=False)]


def _row(
    line: _Line, across: list[_Line], values: NDArray[np.float64], met: NDArray[np.bool_], unit: str
) -> Iterator[dict[str, object]]:
    """Return the defined cells of one ``hi``, and a line through each run of those that break a limit."""
    struck: list[_Line] = []
    for lo in across:
        value, fits = float(values[lo.at, line.at]), bool(met[lo.at, line.at])
        is_struck = math.isfinite(value) and not fits
        if struck and not is_struck:
            yield _strike(struck, line)
            struck = []
        struck += [lo] * is_struck
        if math.isfinite(value):
            yield _cell(lo, line, value, unit, fits=fits)
    if struck:
        yield _strike(struck, line)


def _strike(cells: list[_Line], line: _Line) -> dict[str, object]:
    middle = (line.start + line.stop) / 2
    return {"part": "struck", "x0": cells[0].start, "x1": cells[-1].stop, "middle": middle}


def _cell(lo: _Line, hi: _Line, value: float, unit: str, *, fits: bool) -> dict[str, object]:
    state = "kept" if fits else tr("not kept")
    text, shown = band_text(lo.score, hi.score), written(value, unit)
    return {
        "part": "cell",
        "i": lo.at,
        "j": hi.at,
        "x0": lo.start,
        "x1": lo.stop,
        "y0": hi.start,
        "y1": hi.stop,
        "value": value,
        "feasible": fits,
        "band_text": text,
        "value_text": shown,
        "state": state,
        "description": tr("{text}: {shown}, limits {state}", text=text, shown=shown, state=state),
    }
