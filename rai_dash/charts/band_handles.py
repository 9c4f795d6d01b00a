"""The scores with the review band as two handles to pull; what becomes of everyone is redrawn meanwhile."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rai_dash.charts import theme
from rai_dash.charts._band_marks import FOOT, GAP, ROW, histogram, labels, routes
from rai_dash.charts._band_signals import HEAD, OPEN_HI, PLOT, SELECTION, outer_signals, signals
from rai_dash.charts._band_sums import NAMES, SOURCE, tables
from rai_dash.charts._base import Chart, Spec, cached_template
from rai_dash.core.cells import EDGES
from rai_dash.core.errors import InvalidBand
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN, ReviewBand

ALT = mark(
    "Histogram of the scores from 0 to 100 %, favourable outcomes upwards and unfavourable ones "
    "downwards, on a square-root scale. A grey band marks the scores that go to a person; its two ends "
    "and the threshold are lines. Three bars below show how many of 1,000 applications are declined, go "
    "to a person and are approved. The sliders set the same ends; the table below has the numbers."
)
#: Name of the selection: what Streamlit's ``selection_mode`` asks for.
PULL = SELECTION
STEPS = (1, 5, 10)
_SCHEMA = "https://vega.github.io/schema/vega/v6.json"


@cached_template(1)
def _template() -> Spec:
    """Return Vega without data.

    Two things are there for Streamlit, which expects Vega-Lite: ``params`` is nothing to Vega, it says what may be
    sent back; and all but the page's table is in a group, for Streamlit would take a list of tables for the data.
    """
    keys = list(NAMES)
    bands = {"domain": keys, "range": {"signal": f"[0, {3 * ROW}]"}}
    paint = [theme.DECLINED, theme.PERSON, theme.APPROVED]
    inner = {
        "type": "group",
        "encode": {"update": {"y": {"value": HEAD}}},
        "signals": [*signals(), *labels()],
        "data": tables(),
        "scales": [
            {"name": "x", "domain": [0, 1000], "range": {"signal": "[0, plot]"}, "zero": False},
            {"name": "y", "domain": {"signal": "[-down, up]"}, "range": [PLOT, 0], "zero": False},
            {"name": "route", "type": "band", **bands},
            {"name": "paint", "type": "ordinal", "domain": keys, "range": paint},
            {"name": "name", "type": "ordinal", "domain": keys, "range": list(all_of(NAMES).values())},
        ],
        "marks": [histogram(), routes()],
    }
    return {
        "$schema": _SCHEMA,
        "params": [{"name": SELECTION, "select": "interval"}],
        "height": HEAD + PLOT + GAP + 3 * ROW + FOOT,
        # Nothing is fitted: a label that sticks out would move the plot under the pointer.
        "padding": {"left": 0, "right": 0, "top": 0, "bottom": 0},
        "autosize": {"type": "none"},
        "config": theme.number_locale(),
        "data": {"name": SOURCE},
        "signals": outer_signals(),
        "marks": [inner],
    }


def band_handles(
    counts: ArrayLike,
    band: ReviewBand,
    *,
    edges: ArrayLike = EDGES,
    step: int = 5,
    turn: int = 0,
    is_weighted: bool = False,
) -> Chart:
    """Draw the scores by outcome with the band as handles, and the three routes below.

    The ends can be pulled, one by one or together; the picture follows in the browser. On release the selection
    ``PULL`` is sent, which `pulled_band` reads. The threshold stays between the ends; an end at the edge is open.

    Parameters
    ----------
    counts : float (3, k + 1)
        Rows, or sums of their weights, by label {unfavourable, favourable, unknown} and score cell: one cell from
        each edge up to the next, then those without a score, as in ``GroupCounts.counts`` of one group.
    band : ReviewBand
        The committed band.
    edges : float (k,)
        Where the cells start, ascending from 0; the ends of the band are among them.
    step : int
        Thousandths of the score that a handle moves by: 1, 5 or 10.
    turn : int
        Goes up whenever the band is changed by anything but this chart: pulling an end to where it was pulled last
        then counts.
    is_weighted : bool
        Whether ``counts`` are sums of weights; they are not called rows then.

    Raises
    ------
    ValueError
        Another ``step``; an end of the band that is not among ``edges``: its sums would not be exact.
    """
    starts: NDArray[np.float64] = np.asarray(edges, dtype=np.float64)
    for end in (band.lo, band.hi):
        if end is not None and end not in starts:
            msg = f"No cell starts at {end}, an end of the band. Count the rows with that edge."
            raise ValueError(msg)
    if step not in STEPS:
        msg = f"A handle moves by 1, 5 or 10 thousandths of the score, got {step}."
        raise ValueError(msg)
    cells: NDArray[np.float64] = np.asarray(counts, dtype=np.float64)
    filled = np.flatnonzero(cells[:, :-1].sum(axis=0) > 0)
    threshold = _thousandths(band.threshold)
    now = {
        "lo": 0.0 if band.lo is None else _thousandths(band.lo),
        "hi": OPEN_HI if band.hi is None else _thousandths(band.hi),
        "threshold": threshold,
        "most_lo": math.floor(threshold),
        "least_hi": math.ceil(threshold),
        "step": step,
        "turn": turn,
        "weighted": float(is_weighted),
    }
    none, last = np.zeros((3, len(now))), cells[:, -1:]
    table = np.hstack([cells[:, filled], last, none])
    starts_of_filled = [_thousandths(float(edge)) for edge in starts[filled]]
    frame = pd.DataFrame(
        {
            "part": ["cell"] * filled.size + ["no_score", *now],
            "k": _packed(np.array([*starts_of_filled, -1.0, *now.values()])),
            "good": _packed(table[FAVOURABLE]),
            "bad": _packed(table[UNFAVOURABLE]),
            "unknown": _packed(table[UNKNOWN]),
        }
    )
    return Chart(_template(), frame, tr(ALT))


def _packed(values: NDArray[np.float64]) -> NDArray[Any]:
    """Store whole numbers in as few bytes as hold them: every release of a handle sends them again."""
    whole = values.astype(np.int64)
    if (whole != values).any():
        return values
    most = np.min_scalar_type(int(np.abs(whole).max(initial=0)) * 2)
    return whole.astype(np.dtype(f"i{min(max(most.itemsize, 1), 8)}"))


def _thousandths(score: float) -> float:
    """Return the score in thousandths: edges on the grid become whole numbers, whatever their last bit."""
    return round(1000 * score, 9)


def pulled_band(sent: object, band: ReviewBand) -> ReviewBand | None:
    """Read what the browser sent when a handle was released.

    Parameters
    ----------
    sent : object
        ``event.selection[PULL]``; checked like any input.
    band : ReviewBand
        The committed band. An end that was not pulled keeps its very value.

    Returns
    -------
    ReviewBand or None
        Ends as the doubles of the grid, open at the edges; None if nothing usable was sent, such as ends from before
        a move of the threshold.
    """
    if not isinstance(sent, Mapping):
        return None
    lo, hi = sent.get("lo"), sent.get("hi")
    if not _is_end(lo) or not _is_end(hi):
        return None
    low = None if lo == 0 else _end(lo, band.lo)
    high = None if hi >= OPEN_HI else _end(hi, band.hi)
    try:
        return ReviewBand(low, band.threshold, high)
    except InvalidBand:
        return None


def _is_end(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= OPEN_HI


def _end(thousandths: float, committed: float | None) -> float:
    is_same = committed is not None and _thousandths(committed) == thousandths
    return committed if is_same and committed is not None else thousandths / 1000
