"""Route one application. This file needs nothing but Python 3.8: it is also the text of every exported router."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Mapping
from typing import Any

REJECT, REVIEW, APPROVE = "reject", "review", "approve"
NO_SCORE, OFF_SCALE, BELOW, INSIDE, ABOVE = "no_score", "off_scale", "below_lo", "in_band", "at_or_above_hi"
#: Texts, in small letters, that are no value.
BLANKS = ("", "nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity")
YES = ("1", "true", "t", "yes", "y")
TURN = 4503599627370496.0
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


def decide(
    policy: Mapping[str, Any], score: object, row: Mapping[str, object] | None = None
) -> tuple[str, str]:
    """Return the route of one application and the first reason for it.

    ``policy`` holds ``lo``, ``hi`` (None = open), ``tests``, and ``scale`` where the score is no probability of the
    favourable outcome; ``score`` is any number, None where there is none; ``row`` maps the names of columns to the
    values of the application. Whoever cannot be judged goes to a person.
    """
    value = number(score)
    if value is None:
        return REVIEW, NO_SCORE
    value = probability(value, policy.get("scale"))
    if value is None:
        return REVIEW, OFF_SCALE
    given = {} if row is None else row
    for test in policy["tests"]:
        reason = held(test, given)
        if reason is not None:
            return REVIEW, reason
    if policy["lo"] is not None and value < policy["lo"]:
        return REJECT, BELOW
    if policy["hi"] is not None and value >= policy["hi"]:
        return APPROVE, ABOVE
    return REVIEW, INSIDE


def number(value: Any) -> float | None:
    """Return a number as float64; None for blanks, texts, true and false, NaN and infinity."""
    if value is None or isinstance(value, (str, bytes)) or type(value).__name__ in ("bool", "bool_"):
        return None
    try:
        wide = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return wide if math.isfinite(wide) else None


def probability(value: float, scale: Mapping[str, Any] | None) -> float | None:
    """Return a score as probability of the favourable outcome; None where it leaves its scale.

    A turned score is rounded to 15 decimals, half to even, as the sum with 2**52 rounds: a risk of 0.07 lies on 0.93.
    """
    if scale is None:
        return value if 0.0 <= value <= 1.0 else None
    if not scale["low"] <= value <= scale["high"]:
        return None
    share = (value - scale["low"]) / (scale["high"] - scale["low"])
    if scale["direction"] == "higher":
        return float(share)
    return float((((1.0 - share) * 1e15 + TURN) - TURN) / 1e15)


def label(value: object) -> str:
    """Write a value as text: 1, 1.0 and "1.0" are all "1"; a blank is empty."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if type(value).__name__ in ("bool", "bool_"):
        return str(bool(value))
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        wide = float(value)
        if math.isnan(wide):
            return ""
        return str(int(wide)) if abs(wide) <= 1e15 and wide.is_integer() else repr(wide)
    text = str(value).strip()
    return str(int(text.split(".")[0])) if re.fullmatch(r"[+-]?(?:0|[1-9][0-9]*)\.0+", text) else text


def is_blank(value: object) -> bool:
    """Whether a value is no value."""
    return label(value).lower() in BLANKS


def held(test: Mapping[str, Any], row: Mapping[str, object]) -> str | None:
    """Return why a test sends an application to a person; None = it does not."""
    column: str = test["column"]
    if column not in row:
        return column + " is not given"
    value = row[column]
    if test["kind"] in ("number", "range") and number(value) is None and not is_blank(value):
        return column + " is not a number"
    return str(test["reason"]) if _is_hit(test, value) else None


def _is_hit(test: Mapping[str, Any], value: object) -> bool:
    kind: str = test["kind"]
    if kind == "blank" or is_blank(value):
        return kind == "blank" and is_blank(value)
    wide = number(value)
    if kind == "number" and wide is not None:
        return COMPARE[test["operator"]](wide, test["value"])
    if kind == "range" and wide is not None:
        return not bool(test["low"] <= wide <= test["high"])
    text = label(value)
    if kind == "flag":
        return text.lower() in YES
    return (text in test["values"]) == (kind == "category")
