"""What the Monitor page says about a line; names from files stand in it as they were written: escape them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from rai_dash.core.types import Estimate
from rai_dash.core.words import NOTHING, count, many, number, percent, points
from rai_dash.govern.monitor.lines import Family, Held, Line, MonitorReport
from rai_dash.govern.monitor.states import State
from rai_dash.govern.policy_labels import GAPS

Look = Literal["ok", "watch", "breach", "few"]
#: What a line of everyone, of a group or of a column is called.
NAMES: Final[Mapping[str, str]] = {
    "model": "The model that gives the scores",
    "review_rate": "Sent to a person",
    "auto_approve_rate": "Approved by the machine",
    "auto_reject_rate": "Declined by the machine",
    "selection_rate": "Approved at the model’s own line",
    "auto_error_rate": "Wrong when the machine decides alone",
    "fnr_auto": "Good ones that the machine declines",
    "fpr_auto": "Bad ones that the machine approves",
    "base_rate": "Favourable outcomes",
    "psi": "Drift (PSI)",
    "ks": "Largest distance (KS)",
    "no_score_rate": "Without a score",
    "blank_rate": "Blanks",
    "new_categories": "New categories",
    "gone_categories": "Largest category that is gone",
    "column": "The column itself",
    "groups": "The groups themselves",
    "calibration_intercept": "Calibration, intercept",
    "calibration_slope": "Calibration, slope",
    "brier": "Brier score",
}
#: The same where there is little room: on a chart.
SHORT: Final[Mapping[str, str]] = {
    "review_rate": "Sent to a person",
    "auto_approve_rate": "Machine approves",
    "auto_reject_rate": "Machine declines",
    "selection_rate": "Model says yes",
    "auto_error_rate": "Machine is wrong",
    "fnr_auto": "Good ones declined",
    "fpr_auto": "Bad ones approved",
    "base_rate": "Favourable outcomes",
    "review_rate_gap": "Gap, sent to a person",
    "auto_approve_gap": "Gap, approved",
    "auto_reject_gap": "Gap, declined",
    "selection_rate_gap": "Gap, model says yes",
    "auto_error_gap": "Gap, machine is wrong",
    "fnr_auto_gap": "Gap, good ones declined",
    "fpr_auto_gap": "Gap, bad ones approved",
}
#: What a share is a share of, on hover and in the table.
OF: Final[Mapping[str, str]] = {
    "review_rate": "of all applications",
    "auto_approve_rate": "of all applications",
    "auto_reject_rate": "of all applications",
    "selection_rate": "of all with a score",
    "auto_error_rate": "of its decisions with a known outcome",
    "fnr_auto": "of favourable outcomes that it decides",
    "fpr_auto": "of unfavourable outcomes that it decides",
    "base_rate": "of known outcomes",
}
#: How lines are drawn, the worst first.
RANK: Final = {"breach": 0, "watch": 1, "ok": 2, "few": 3}
_NO_SHARE: Final = frozenset(
    {"psi", "ks", "calibration_intercept", "calibration_slope", "brier", "model", "column", "groups"}
)
_VERDICTS: Final[Mapping[Held, str]] = {
    Held.HOLDS: "holds",
    Held.WATCH: "to be watched",
    Held.BREACH: "no longer holds",
    Held.UNSURE: "too few rows to tell",
}


def line_name(name: str, column: str = "", group: str = "", *, short: bool = False) -> str:
    """Name a line.

    Parameters
    ----------
    name, column, group : str
        Its key.
    short : bool
        Whether there is little room.
    """
    what = (SHORT.get(name) if short else None) or NAMES.get(name) or GAPS.get(name) or name.replace("_", " ")
    if group:
        return f"{column} {group}: {_lower(what)}"
    if column:
        return f"{column}: {_lower(what)}"
    if name in {"psi", "ks"} and not column:
        return f"Score: {_lower(what)}"
    return what


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def is_share(name: str) -> bool:
    """Whether a line of this name is a share, or a gap between shares."""
    return name not in _NO_SHARE


def is_gap(name: str) -> bool:
    """Whether a line of this name is a difference between two shares."""
    return name.endswith("_gap")


def value_words(name: str, value: float | None) -> str:
    """Write the value of a line: in percent, in points, or as it is."""
    if value is None:
        return NOTHING
    if not is_share(name):
        return number(value)
    return points(value) if is_gap(name) else percent(value)


def span_words(name: str, estimate: Estimate) -> str:
    """Write the 95 % interval of a line."""
    if estimate.low is None or estimate.high is None:
        return NOTHING
    return f"{value_words(name, estimate.low)} to {value_words(name, estimate.high)}"


def limit_words(line: Line) -> str:
    """Write the limits of a line."""
    if line.name in {"psi", "ks"}:
        ends = [
            None if line.watch is None else f"watched from {number(line.watch)}",
            None if line.breach is None else f"breach from {number(line.breach)}",
        ]
        return ", ".join(end for end in ends if end) or "none was signed"
    if line.tolerance is None or line.signed.value is None:
        return NOTHING
    if is_gap(line.name):
        return f"up to {points(line.signed.value + line.tolerance)}"
    if is_share(line.name):
        return f"{percent(line.signed.value)} ± {points(line.tolerance)}"
    return f"{number(line.signed.value)} ± {number(line.tolerance)}"


def state_words(line: Line) -> str:
    """Say the state of a line, with the reason where it is not judged or does not count."""
    if line.state is State.BREACH:
        why = "" if line.reason is None else f": {line.reason}"
        return f"outside its limits{why}" if line.within_chance else f"breach{why}"
    if line.state is State.WATCH:
        return f"to watch: {line.reason}" if line.reason else "to watch: outside, and not settled"
    if line.state is State.OK:
        if line.too_few:
            return f"too few rows to tell{_needed(line)}"
        return f"within its limits, but {line.reason}" if line.reason else "within its limits"
    return f"not judged: {line.reason or 'nothing to compare'}"


def short_state(line: Line) -> str:
    """Say the state of a line where there is little room."""
    if line.state.is_judged:
        return {"breach": "breach", "watch": "to watch", "ok": "within", "few": "too few rows"}[look_of(line)]
    return f"not judged: {line.reason}" if line.reason else "not judged"


def _needed(line: Line) -> str:
    return "" if line.rows_needed is None else f", {count(line.rows_needed)} are needed"


def look_of(line: Line) -> Look:
    """Return how a line is drawn: ``ok``, ``watch``, ``breach`` or ``few``."""
    if line.counts:
        return "breach"
    if line.state in {State.BREACH, State.WATCH}:
        return "watch"
    return "ok" if line.state is State.OK and not line.too_few else "few"


def outcome_words(rows: int, outcomes: int) -> str:
    """Say how many rows there are, and of how many the outcome is known."""
    total = f"{count(rows)} {'application' if rows == 1 else 'applications'}"
    if outcomes == rows and rows:
        return f"{total}, the outcome of all is known."
    if not outcomes:
        return (
            f"{total}, no outcome is known yet: errors, favourable outcomes and calibration are not judged."
        )
    return (
        f"{total}, the outcome is known of {count(outcomes)} ({percent(outcomes / rows)}). What is said about "
        "errors is about these alone; outcomes that come late often differ from early ones."
    )


def verdict_words(held: Held | str) -> str:
    """Write a verdict in a few words."""
    return _VERDICTS[Held(held)]


def counted_words(report: MonitorReport) -> str:
    """Say how many lines of a batch were held against a limit, and what came of them."""
    left = report.verdict.not_judged
    return (
        f"{part_words(report.lines)} {count(left)} more could not be judged."
        if left
        else part_words(report.lines)
    )


def outside_sentences(lines: Sequence[Line], *, most: int = 5) -> list[str]:
    """Say which lines about the score and the columns are broken or to be watched, the worst first."""
    broken = sorted((line for line in lines if line.counts), key=_moved, reverse=True)
    watched = sorted((line for line in lines if look_of(line) == "watch"), key=_moved, reverse=True)
    told = [_sentence(line) for line in broken[:most]]
    if len(broken) > most:
        told.append(f"{many(len(broken) - most, 'more line is', 'more lines are')} broken: see the table.")
    if watched:
        names = ", ".join(line_name(*line.key) for line in watched[:most])
        rest = "" if len(watched) <= most else f" and {count(len(watched) - most)} more"
        told.append(f"Outside and not settled: {names}{rest}.")
    return told


def part_words(lines: Sequence[Line]) -> str:
    """Say how many lines of a part are broken, to be watched, within, or not settled."""
    judged = [line for line in lines if line.state.is_judged]
    if not judged:
        return _not_judged(lines)
    looks = [look_of(line) for line in judged]
    words: dict[Look, tuple[str, str]] = {
        "breach": ("is broken by more than chance", "are broken by more than chance"),
        "watch": ("lies outside and is not settled", "lie outside and are not settled"),
        "ok": ("is within its limits", "are within their limits"),
        "few": ("lies within on too few rows to tell", "lie within on too few rows to tell"),
    }
    told = [
        f"{count(n)} {one if n == 1 else many}"
        for look, (one, many) in words.items()
        if (n := looks.count(look))
    ]
    return f"Of {many(len(judged), 'line', 'lines')} {'; '.join(told)}."


def _not_judged(lines: Sequence[Line]) -> str:
    reasons = list(dict.fromkeys(line.reason for line in lines if line.reason))
    return (
        f"Nothing here could be judged: {'; '.join(reasons[:2])}."
        if reasons
        else "There is nothing to judge here."
    )


def _moved(line: Line) -> float:
    """Return how far a line moved in multiples of its limit, to put the worst first."""
    value = line.batch.value
    if value is None:
        return float("inf") if line.counts else 0.0
    if line.signed.value is None:
        return value / (line.breach or 1.0)
    return abs(value - line.signed.value) / (line.tolerance or 1.0)


def _sentence(line: Line) -> str:
    name = line_name(*line.key)
    if line.batch.value is None:
        return f"{name}: {line.reason}."
    now = value_words(line.name, line.batch.value)
    if line.signed.value is None:
        return f"{name} {now}, {limit_words(line)}{_by_chance(line)}."
    return f"{name}: {now} now, {value_words(line.name, line.signed.value)} signed{_items(line)}."


def _by_chance(line: Line) -> str:
    return "" if line.by_chance is None else f" ({number(line.by_chance)} by chance alone)"


def _items(line: Line) -> str:
    shown = ", ".join(f"{name} ({count(rows)})" for name, rows in line.items[:3])
    return f" ({shown})" if shown else ""


def items_words(line: Line) -> str:
    """List new or gone categories with their rows."""
    more = "" if len(line.items) <= 8 else f" and {count(len(line.items) - 8)} more"
    return ", ".join(f"{name} ({count(rows)})" for name, rows in line.items[:8]) + more


def headline_lines(report: MonitorReport, *, extra: int = 6) -> list[Line]:
    """Choose the shares that are drawn on top: all of everyone, and the groups and gaps that broke a limit the most.

    Parameters
    ----------
    report : MonitorReport
    extra : int
        Most lines about groups.
    """
    whole = [x for x in report.of(Family.ROUTES, Family.APPROVAL, Family.ERROR, Family.PRIOR) if not x.group]
    parts = [x for x in report.of(Family.GROUPS, Family.GAPS) if x.counts and x.batch.value is not None]
    return [*whole, *_by_column(sorted(parts, key=_moved, reverse=True), extra)]


def _by_column(lines: Iterable[Line], most: int) -> list[Line]:
    """Keep one line for each column and name: the same finding about six groups is one finding."""
    found: dict[tuple[str, str], Line] = {}
    for line in lines:
        found.setdefault((line.column, line.name), line)
    return list(found.values())[:most]
