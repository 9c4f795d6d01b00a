"""What the charts of many bands share: units, the plane of the two ends, and the bands that are marked on it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import altair as alt

from rai_dash.charts import theme
from rai_dash.charts._base import NUMBER_LABEL, halo_text, part
from rai_dash.charts._words import DASH, number
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import ReviewBand
from rai_dash.core.words import count, percent, points
from rai_dash.core.words import number as decimals

#: ``"share"`` of rows, ``"points"`` between shares, ``"ratio"`` of shares, ``"amount"`` in the user's own unit.
Unit = Literal["share", "points", "ratio", "amount"]
#: Axis and legend labels of a unit.
UNIT_LABEL = {
    "share": "format(datum.value * 100, '.3~g') + ' %'",
    "points": "format(datum.value * 100, '.3~g') + ' pts'",
    "ratio": "format(datum.value, '.2~f')",
    "amount": NUMBER_LABEL,
}
LO_TITLE, HI_TITLE = mark("declined below"), mark("approved from")
#: Bands that are marked: shape and place of the label. Each has another shape, so that no colour is needed.
MARKED = {"now": ("square", -14), "best": ("diamond", 16)}
_WORDS = {"now": "now", "best": "best"}


def written(value: float | None, unit: str) -> str:
    """Write a value in its unit; undefined is a dash."""
    x = number(value)
    if x is None:
        return DASH
    if unit == "share":
        return percent(x)
    if unit == "points":
        return points(x)
    digits = amount_digits(x) if unit == "amount" else 2
    return decimals(x, digits=digits) if digits else count(round(x))


def amount_digits(x: float) -> int:
    """Say to how many decimals an amount is written.

    None from 1,000, two from 1, three from 0.01, and below it as many as two figures need, so that a small cost of an
    application is not written as 0; what is under half a millionth is.

    Examples
    --------
    >>> [amount_digits(x) for x in (0, 0.0004, 0.123, 3.5, -250, 12345.6)]
    [0, 5, 3, 2, 2, 0]
    """
    size = abs(x)
    # What is rounded up to the next kind is written like it.
    if size < 5e-7 or size >= 999.995:
        return 0
    if size >= 0.9995:
        return 2
    return max(3, 1 - math.floor(math.log10(size)))


def band_text(lo: float | None, hi: float | None) -> str:
    """Write the two ends of a band."""
    below = tr("nobody declined") if lo is None else tr("declined below {score}", score=_score(lo))
    above = tr("nobody approved") if hi is None else tr("approved from {score}", score=_score(hi))
    return f"{below}, {above}"


def _score(value: float) -> str:
    return percent(value, digits=1).replace(".0 %", " %")


def plane(x: str = "lo", y: str = "hi") -> dict[str, Any]:
    """Encode the two ends, low across and high up; the axes fit the data, so that the template stays."""
    scale = alt.Scale(zero=False, nice=False)
    axes = [
        alt.Axis(title=title, labelExpr=UNIT_LABEL["share"], grid=False, tickCount=5)
        for title in (LO_TITLE, HI_TITLE)
    ]
    return {
        "x": alt.X(f"{x}:Q", scale=scale, axis=axes[0]),
        "y": alt.Y(f"{y}:Q", scale=scale, axis=axes[1]),
    }


def marked_layers(place: dict[str, Any], facts: list[alt.Tooltip]) -> list[alt.Chart]:
    """Return the layers of the marked bands: a ring in the colour of the ink with a halo, and its name."""
    layers = []
    for name, (shape, dy) in MARKED.items():
        for size, width, color in ((170, 6, "surface"), (170, 2.5, "ink")):
            mark = part(name).mark_point(
                shape=shape, size=size, strokeWidth=width, filled=False, color=theme.shade(color), opacity=1
            )
            layers.append(mark.encode(**place, tooltip=facts, description="description:N"))
        layers += halo_text(part(name), place | {"text": "label:N"}, dy=dy, fontWeight=700)
    return layers


def marked_rows(bands: dict[str, ReviewBand | None]) -> Iterator[dict[str, object]]:
    """Return the rows of the marked bands on the plane; an open end lies at the edge."""
    for name, band in bands.items():
        if band is not None:
            text = band_text(band.lo, band.hi)
            yield {
                "part": name,
                "lo": 0.0 if band.lo is None else band.lo,
                "hi": 1.0 if band.hi is None else band.hi,
                "label": _WORDS[name],
                "band_text": text,
                "description": f"{_WORDS[name]}: {text}",
            }
