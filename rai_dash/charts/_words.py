"""How numbers and names are written on a chart."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from rai_dash.core import words
from rai_dash.core.texts import tr

DASH = "–"
#: A difference that a test shows; never given for its size.
STAR = "★"
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_ZERO_WIDTH_SPACE = "\u200b"
# What every JavaScript object already has: a group of such a name breaks Vega's axes and lines.
_OBJECT_KEYS = frozenset(
    {
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)


def plain_names(names: Sequence[str]) -> tuple[str, ...]:
    """Make names from a file fit for an axis: one line each, all different.

    Control and direction-changing characters become spaces. An invisible character tells apart names
    that became equal, and those that Vega, which keeps them as keys of a JavaScript object, would trip over.
    """
    taken = set(_OBJECT_KEYS)
    plain = []
    for name in names:
        text = "".join(" " if _disturbs(c) else c for c in str(name))
        while text in taken:
            text += _ZERO_WIDTH_SPACE
        taken.add(text)
        plain.append(text)
    return tuple(plain)


def _disturbs(character: str) -> bool:
    return unicodedata.category(character) in _BREAKS or unicodedata.bidirectional(character) in _TURNS


def number(value: float | None) -> float | None:
    """Return a plain float, None where it is undefined."""
    return float(value) if value is not None and math.isfinite(value) else None


def percent(value: float | None) -> str:
    """Write a share with the decimals that the text beside the chart gives it; 0.01 % is not 0 % but 0.1 %."""
    if value is None or not math.isfinite(value):
        return DASH
    return words.percent(min(max(value, 0.001), 0.999) if 0 < value < 1 else value)


def interval(low: float | None, high: float | None) -> str:
    """Write the two ends of a 95 % interval of a share."""
    if number(low) is None or number(high) is None:
        return DASH
    ends = percent(low), percent(high)
    return words.between(*ends) if ends[0] != ends[1] else words.percent_range(low, high)


def points_interval(low: float | None, high: float | None) -> str:
    """Write the two ends of a 95 % interval of a difference between shares."""
    if number(low) is None or number(high) is None:
        return DASH
    return words.between(words.points(low, signed=True), words.points(high, signed=True))


def signed(value: float, digits: int = 2) -> str:
    """Write a number with a true minus sign."""
    return words.number(value, digits=digits)


def count(n: float) -> str:
    """Write a number of rows."""
    return words.written(f"{n:,.0f}")


def short_count(n: float) -> str:
    """Write a number of rows in at most five characters."""
    if n >= 1e6:
        return tr("{n}M", n=words.written(f"{n / 1e6:.3g}"))
    return tr("{n}k", n=words.written(f"{n / 1e3:.0f}")) if n >= 1e4 else count(n)
