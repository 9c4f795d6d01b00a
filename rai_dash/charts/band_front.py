"""The bands that no other beats in review, cost and gap at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from rai_dash.charts import theme
from rai_dash.charts._band_plane import UNIT_LABEL, band_text, marked_layers, written
from rai_dash.charts._base import Chart, Spec, cached_template, if_there, part, template, tooltips
from rai_dash.charts._words import number
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import percent, points

ALT = mark(
    "One dot for each band that no other beats in everything: the share that goes to a person from left "
    "to right, the cost of an application upwards, the stronger the colour the larger the gap between "
    "groups; crosses have no gap. A square marks the present band, a diamond the best one. A click takes "
    "a band. The table below has the numbers."
)
#: Name of the selection that a click makes; it has the fields ``i`` and ``turn``.
CLICK = "band_point"
MAX_POINTS = 600


@dataclass(frozen=True, slots=True)
class FrontBand:
    """One band with what it costs and who bears it.

    Parameters
    ----------
    lo, hi : float or None
        Ends; None = open.
    review : float or None
        Share of all rows that goes to a person, in [0, 1]; None or NaN = undefined, not drawn.
    cost : float or None
        Per application, in the user's own unit.
    gap : float or None
        Between groups, in [0, 1].
    """

    lo: float | None
    hi: float | None
    review: float | None
    cost: float | None
    gap: float | None


@cached_template(16)
def _template(cost_title: str, gap_title: str) -> Spec:
    axis = alt.Axis(title=tr("goes to a person"), labelExpr=UNIT_LABEL["share"], tickCount=5)
    rise = alt.Axis(title=cost_title, labelExpr=UNIT_LABEL["amount"], tickCount=5)
    loose = alt.Scale(zero=False, nice=False, padding=12)
    place: dict[str, Any] = {
        "x": alt.X("review:Q", scale=loose, axis=axis),
        "y": alt.Y("cost:Q", scale=loose, axis=rise),
    }
    facts = tooltips(
        label=tr("Band"),
        band_text=tr("Ends"),
        review_text=tr("To a person"),
        cost_text=cost_title,
        gap_text=gap_title,
    )
    key = alt.Legend(
        title=gap_title,
        orient="top",
        direction="horizontal",
        titleAnchor="start",
        titleFontWeight="normal",
        titleColor=theme.shade("muted"),
        titleLimit=300,
        gradientLength=180,
        gradientThickness=10,
        tickCount=3,
        labelExpr=UNIT_LABEL["points"],
        labelColor=theme.shade("muted"),
        offset=10,
    )
    click = alt.selection_point(name=CLICK, fields=["i", "turn"], on="click", clear=False, toggle=False)
    tell: dict[str, Any] = {"tooltip": facts, "description": alt.Description("description:N")}
    dot: dict[str, Any] = {"size": 70, "strokeWidth": 1, "opacity": 1, "cursor": "pointer"}
    layers = [
        part("point")
        .mark_point(filled=True, stroke=theme.shade("muted"), **dot)
        .encode(
            **place,
            **tell,
            fill=alt.Fill("gap:Q", scale=alt.Scale(zero=True, nice=False), legend=key),
            fillOpacity=if_there("known"),
            shape=alt.when("datum.known").then(alt.value("circle")).otherwise(alt.value("cross")),
        )
        .add_params(click)
        .properties(name="points"),
        *marked_layers(place, facts),
    ]
    return template(layers, height=400, right=24, top=8)


def band_front(
    front: Sequence[FrontBand],
    *,
    now: FrontBand | None = None,
    best: FrontBand | None = None,
    cost_title: str = mark("cost of an application"),
    gap_title: str = mark("gap between groups"),
    turn: int = 0,
) -> Chart:
    """Draw the Pareto front.

    A click sends ``{"i": …}``, the place in ``front``. Of more than 600 bands as many are drawn, evenly by review.

    Parameters
    ----------
    front : sequence of FrontBand
        Bands that no other dominates.
    now, best : FrontBand, optional
        The present band, which need not be on the front, and the best one.
    cost_title, gap_title : str
        In our words, with the unit; not from a file.
    turn : int
        Goes up whenever another band is taken.
    """
    drawn = [i for i, band in enumerate(front) if _is_drawn(band)]
    drawn.sort(key=lambda i: float(front[i].review or 0.0))
    if len(drawn) > MAX_POINTS:
        drawn = [drawn[round(k)] for k in np.linspace(0, len(drawn) - 1, MAX_POINTS)]
    rows = [_row(front[i], "point", tr("on the front")) | {"i": i} for i in drawn]
    rows += [
        _row(band, name, name) for name, band in (("now", now), ("best", best)) if band and _is_drawn(band)
    ]
    frame = pd.DataFrame(rows, columns=None if rows else ["part"]).assign(turn=np.int16(turn))
    frame["i"] = frame.reindex(columns=["i"])["i"].fillna(-1).astype(np.int32)
    return Chart(_template(cost_title, gap_title), frame, tr(ALT))


def _is_drawn(band: FrontBand) -> bool:
    return number(band.review) is not None and number(band.cost) is not None


def _row(band: FrontBand, part_: str, label: str) -> dict[str, object]:
    gap, text = number(band.gap), band_text(band.lo, band.hi)
    shares, cost, apart = percent(band.review), written(band.cost, "amount"), points(gap)
    return {
        "part": part_,
        "label": label,
        "review": number(band.review),
        "cost": number(band.cost),
        # Vega does not draw a mark whose colour is null.
        "gap": 0.0 if gap is None else gap,
        "known": gap is not None,
        "band_text": text,
        "review_text": shares,
        "cost_text": cost,
        "gap_text": apart,
        "description": tr(
            "{label}, {text}: {shares} to a person, cost {cost}, gap {apart}",
            label=label,
            text=text,
            shares=shares,
            cost=cost,
            apart=apart,
        ),
    }
