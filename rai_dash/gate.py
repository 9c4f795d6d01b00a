"""``--fail-if``: a limit in words, checked against an audit or a profile, for pipelines."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from rai_dash.core.errors import InvalidChoice

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_RULE = re.compile(
    r"^\s*(?P<metric>\w+)(?:\s+(?P<what>gap|ratio)\s+by\s+(?P<column>.+?)|\s+of\s+(?P<part>.+?))?\s*"
    r"(?P<sign><=|>=|<|>)\s*(?P<limit>-?[0-9.]+)(?P<evidence>\s+with\s+evidence)?\s*$"
)
_HOW = (
    'Write "recall < 0.6" for everyone, or "recall gap by gender > 0.05" or '
    '"selection_rate ratio by gender < 0.8" for a sensitive column, "missing of income > 0.2" for a column of a '
    'profile; "with evidence" behind a gap counts it only where it is more than chance.'
)


def parse_rule(rule: str) -> re.Match[str]:
    """Read one limit, before any work is done for it.

    Parameters
    ----------
    rule : str
        For example ``"recall gap by gender > 0.05"`` or ``"accuracy < 0.9"``.

    Raises
    ------
    InvalidChoice
        When the rule cannot be read.
    """
    found = _RULE.match(rule)
    # Only a difference of two models can be below 0.
    if found is None or (found["limit"].startswith("-") and not found["metric"].endswith("_difference")):
        msg = f"The limit `{rule}` cannot be read. {_HOW}"
        raise InvalidChoice(msg)
    try:
        float(found["limit"])
    except ValueError as error:
        msg = f"`{found['limit']}` in the limit `{rule}` is not a number. {_HOW}"
        raise InvalidChoice(msg) from error
    if found["evidence"] and found["column"] is None:
        msg = f'"with evidence" needs a gap between groups. {_HOW}'
        raise InvalidChoice(msg)
    return found


def broken(rule: str | re.Match[str], content: Mapping[str, Any]) -> str | None:
    """Check one limit.

    Parameters
    ----------
    rule : str or match
        A rule, or what `parse_rule` made of one.
    content : mapping
        The JSON of an audit, or the numbers of a profile (`rai_dash.report.profile_json.limits_of`).

    Returns
    -------
    str or None
        What is broken, in a sentence; None = the limit holds. A number that is undefined breaks it.

    Raises
    ------
    InvalidChoice
        When the rule cannot be read or names what the audit does not have.
    """
    found = parse_rule(rule) if isinstance(rule, str) else rule
    rule, limit = found.string, float(found["limit"])
    value = _value(found, content)
    is_evident = not found["evidence"] or _is_shown(found, content)
    if value is None:
        return f"{rule}: the number is undefined in these data, and a limit on an undefined number fails."
    if not is_evident:
        return None
    shown = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
    return f"{rule}: it is {shown}." if _COMPARE[found["sign"]](value, limit) else None


def _is_shown(found: re.Match[str], content: Mapping[str, Any]) -> bool:
    """Whether the tests show the disparity that the rule speaks of."""
    return bool(content["disparities"][found["column"]][found["metric"]].get("verdict") == "disparity shown")


def _value(found: re.Match[str], content: Mapping[str, Any]) -> float | None:
    metric, column = found["metric"], found["column"]
    if found["part"] is not None:
        return _of_column(metric, found["part"], content.get("of", {}))
    if column is None:
        place, known = (
            content["overall"].get(metric),
            [k for k, v in content["overall"].items() if isinstance(v, dict)],
        )
        key = "value"
    else:
        gaps = content["disparities"].get(column)
        if gaps is None:
            what = "profile" if "of" in content else "audit"
            listed = ", ".join(content["disparities"]) or "nothing"
            msg = f"The {what} does not compare by `{column}`. It has: {listed}."
            raise InvalidChoice(msg)
        place, known = gaps.get(metric), list(gaps)
        key = "difference" if found["what"] == "gap" else "ratio"
    if not isinstance(place, Mapping):
        msg = f"There is no number `{metric}` to put a limit on here. Choose from: {', '.join(known)}."
        raise InvalidChoice(msg)
    value: float | None = place[key]
    return value


def _of_column(metric: str, column: str, numbers: Mapping[str, Mapping[str, float | None]]) -> float | None:
    """Find the number of one column of a profile."""
    if metric not in numbers:
        known = f"Choose from: {', '.join(numbers)}." if numbers else "Only a profile has numbers of columns."
        msg = f"There is no number `{metric} of {column}` to put a limit on here. {known}"
        raise InvalidChoice(msg)
    if column not in numbers[metric]:
        close = get_close_matches(column, numbers[metric], n=1)
        hint = f"Did you mean `{close[0]}`?" if close else "Check its name."
        msg = f"The table has no column `{column}` to put a limit on. {hint}"
        raise InvalidChoice(msg)
    return numbers[metric][column]
