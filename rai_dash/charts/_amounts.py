"""Amounts in the units that explanations come in, on an axis and in words."""

from __future__ import annotations

from typing import Literal

from rai_dash.charts._base import NUMBER_LABEL, POINTS_LABEL
from rai_dash.charts._words import DASH, number, signed
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import points, written

#: ``"probability"`` is a share in [-1, 1]; ``"log-odds"`` and ``"loss"`` have no unit; ``"cost"`` is in the user's own.
Unit = Literal["log-odds", "probability", "loss", "cost"]
TITLES = {
    "log-odds": mark("log-odds"),
    "probability": mark("percentage points"),
    "loss": "",
    "cost": mark("per application"),
}
LABELS = {
    "log-odds": "(datum.value > 0 ? '+' : '') + datum.label",
    "probability": POINTS_LABEL,
    "loss": "datum.label",
    "cost": NUMBER_LABEL,
}


def amount(value: float | None, unit: str, *, plus: bool = True) -> str:
    """Write an amount with its sign; ``plus`` = a plus sign too."""
    x = number(value)
    if x is None:
        return DASH
    if unit == "probability":
        return points(x, signed=plus)
    size = abs(x)
    digits = 2 if size >= 0.1 or size == 0 else 4 if size < 0.01 else 3
    text = written(f"{x:,.0f}") if size >= 1000 else signed(round(x, digits) + 0.0, digits)
    return f"+{text}" if plus and x > 0 else text


def amount_interval(low: float | None, high: float | None, unit: str, *, plus: bool = True) -> str:
    """Write the two ends of a 95 % interval."""
    if number(low) is None or number(high) is None:
        return DASH
    return tr(
        "{amount} to {amount_unit}",
        amount=amount(low, unit, plus=plus),
        amount_unit=amount(high, unit, plus=plus),
    )
