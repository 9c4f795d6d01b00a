"""Marks coloured by where a value stands among all: low to high, readable on both backgrounds."""

from __future__ import annotations

from typing import Any

import altair as alt

from rai_dash.charts import theme
from rai_dash.charts._base import in_expression
from rai_dash.charts._words import number
from rai_dash.core.texts import tr


def low_high(ends: tuple[str, str] = ("low", "high")) -> Any:
    """Colour by ``shade`` in [0, 1]; grey where ``plain``, see `shade_of`; ``ends`` name both ends."""
    key = alt.Legend(
        orient="top",
        direction="horizontal",
        gradientLength=110,
        gradientThickness=8,
        values=[0, 1],
        labelExpr=f"datum.value < 0.5 ? {in_expression(tr(ends[0]))} : {in_expression(tr(ends[1]))}",
        offset=8,
    )
    return alt.Color(
        "shade:Q",
        scale=alt.Scale(domain=[0, 0.5, 1], range=list(theme.LOW_HIGH), interpolate="rgb"),
        legend=key,
        condition={"test": "datum.plain", "value": theme.FEW},
    )


def shade_of(place: float) -> dict[str, object]:
    """Return the fields of a mark's colour; without a place (a category, a blank) it is ``plain``.

    Vega does not draw a mark whose colour is null, so that it gets a shade all the same.
    """
    x = number(place)
    return {"shade": 0.5 if x is None else x, "plain": x is None}
