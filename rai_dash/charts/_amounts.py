"""Amounts in the units that explanations come in, on an axis and in words."""

from __future__ import annotations

from typing import Literal

from rai_dash.charts._base import NUMBER_LABEL, POINTS_LABEL
from rai_dash.charts._words import DASH, number, signed
from rai_dash.core.words import points

#: ``"probability"`` is a share in [-1, 1]; ``"log-odds"`` and ``"loss"`` have no unit; ``"cost"`` is in the user's own.
Unit = Literal["log-odds", "probability", "loss", "cost"]
TITLES = {"log-odds": "log-odds", "probability": "percentage points", "loss": None, "cost": "per application"}
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
    text = f"{x:,.0f}".replace("-", "−") if size >= 1000 else signed(round(x, digits) + 0.0, digits)
    return f"+{text}" if plus and x > 0 else text


def amount_interval(low: float | None, high: float | None, unit: str, *, plus: bool = True) -> str:
    """Write the two ends of a 95 % interval."""
    if number(low) is None or number(high) is None:
        return DASH
    return f"{amount(low, unit, plus=plus)} to {amount(high, unit, plus=plus)}"
