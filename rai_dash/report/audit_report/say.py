"""Numbers of the report's JSON in words: shares, intervals, counts, what is undefined and what is hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from rai_dash.core.texts import mark, tr
from rai_dash.core.words import NOTHING, count, number, percent, percent_range, points
from rai_dash.govern.policy_words import amount_words
from rai_dash.metrics.table import METRICS
from rai_dash.report._certificate_parts import Cell

Json = Mapping[str, Any]
#: Put on an object of the JSON whose numbers are hidden.
SUPPRESSED: Final = "suppressed"
HIDDEN: Final = mark("hidden (few people)")
#: Figures that are no share of people.
_NUMBERS: Final = frozenset({"ranking", "calibration", "score"})
_LONGEST: Final = 60
_TICKED: Final = re.compile(r"`([^`]*)`")


def is_hidden(one: Json) -> bool:
    """Whether numbers of an object were hidden, since they rest on few people."""
    return bool(one.get(SUPPRESSED))


def short(name: object, limit: int = _LONGEST) -> str:
    """Cut a name from a file, so that a sentence stays one."""
    text = str(name)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def quoted(name: object) -> str:
    """Set a name from a file apart from the sentence that it stands in."""
    return f"“{short(name)}”"


def plain_marks(text: str) -> str:
    """Write names that a warning sets in backticks between quotes."""
    return _TICKED.sub(r"“\1”", text)


def listed(names: object) -> str:
    """Write names with commas; a dash where there is none."""
    found = [names] if isinstance(names, str) else list(names or ())  # type: ignore[call-overload]
    return ", ".join(short(name) for name in found) or NOTHING


def told(one: Json, of: str = "") -> str:
    """Write a share with its interval and count in one line, for a sentence; ``of`` says of what it is a share."""
    if one.get("value") is None:
        why = tr(HIDDEN) if is_hidden(one) else one.get("reason")
        return f"{NOTHING} ({why})" if why else NOTHING
    ends = percent_range(one.get("low"), one.get("high"))
    inside = "; ".join(text for text in (ends, of_whole(one)) if text and text != NOTHING)
    share = f"{percent(one['value'])} {of}".rstrip()
    return f"{share} ({inside})" if inside else share


def of_whole(one: Json) -> str:
    """Write a count and what it is a part of; empty where they are not known."""
    part, whole = one.get("numerator"), one.get("denominator")
    if part is None or whole is None:
        return ""
    return tr("{part} of {whole}", part=count(part), whole=count(whole))


def nothing(one: Json, reason: object = None) -> Cell:
    """Say that there is no number, and why."""
    if is_hidden(one):
        return Cell(tr("hidden"))
    why = str(reason or one.get("reason") or "")
    return Cell(NOTHING, (why,) if why else ())


def share_cell(one: Json | None) -> Cell:
    """Write a share over its interval and its count."""
    if one is None or one.get("value") is None:
        return nothing(one or {})
    under = (percent_range(one.get("low"), one.get("high")), of_whole(one))
    return Cell(percent(one["value"]), tuple(text for text in under if text and text != NOTHING))


def metric_cell(name: str, one: Json | None) -> Cell:
    """Write a metric in its own unit, over its interval and its count."""
    family = METRICS[name].family
    if family == "rate" or name in {"balanced_accuracy", "f1", "mean_score"}:
        return share_cell(one if name not in {"f1", "mean_score"} else _without_count(one))
    if one is None or one.get("value") is None:
        return nothing(one or {})
    write = number_words if family in _NUMBERS else amount_words
    low, high = one.get("low"), one.get("high")
    under = () if low is None or high is None else (tr("{low} to {high}", low=write(low), high=write(high)),)
    return Cell(write(one["value"]), under)


def _without_count(one: Json | None) -> Json | None:
    """Leave out sums that are no people."""
    return None if one is None else {k: v for k, v in one.items() if k != "numerator"}


def number_words(value: float) -> str:
    """Write a number that is no share."""
    return number(value, digits=3)


def points_cell(one: Json) -> Cell:
    """Write a difference in points over its interval."""
    if one.get("difference") is None:
        return nothing(one)
    low, high = one.get("low"), one.get("high")
    return Cell(points(one["difference"]), () if low is None or high is None else (points_range(low, high),))


def points_range(low: float, high: float) -> str:
    """Write the ends of an interval of a difference."""
    signed = low < 0
    return tr("{low} to {high}", low=points(low, signed=signed), high=points(high, signed=signed))


def ratio_cell(one: Json) -> Cell:
    """Write a ratio over its interval."""
    if one.get("ratio") is None:
        return nothing(one, one.get("ratio_reason"))
    low, high = one.get("ratio_low"), one.get("ratio_high")
    ends = () if low is None or high is None else (tr("{low} to {high}", low=number(low), high=number(high)),)
    if one.get("ratio_caution"):
        ends = (*ends, tr("interval too narrow: few people on one side"))
    return Cell(number(one["ratio"]), ends)


def rows_cell(one: Json) -> Cell:
    """Write how many rows a group has."""
    return nothing(one) if one.get("n") is None else Cell(count(one["n"]))


def score_words(score: float) -> str:
    """Write a cut in percent with all its decimals."""
    return f"{round(score * 100, 6):.10g} %"
