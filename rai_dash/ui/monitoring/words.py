"""What the Monitor page says about a line; names from files stand in it as they were written: escape them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.types import Estimate
from rai_dash.core.words import NOTHING, count, many, number, percent, points
from rai_dash.govern.monitor.lines import Family, Held, Line, MonitorReport
from rai_dash.govern.monitor.states import State
from rai_dash.govern.policy_labels import GAPS

Look = Literal["ok", "watch", "breach", "few"]
#: What a line of everyone, of a group or of a column is called.
NAMES: Final[Mapping[str, str]] = {
    "model": mark("The model that gives the scores"),
    "review_rate": mark("Sent to a person"),
    "auto_approve_rate": mark("Approved by the machine"),
    "auto_reject_rate": mark("Declined by the machine"),
    "selection_rate": mark("Approved at the model’s own line"),
    "auto_error_rate": mark("Wrong when the machine decides alone"),
    "fnr_auto": mark("Good ones that the machine declines"),
    "fpr_auto": mark("Bad ones that the machine approves"),
    "base_rate": mark("Favourable outcomes"),
    "psi": mark("Drift (PSI)"),
    "ks": mark("Largest distance (KS)"),
    "no_score_rate": mark("Without a score"),
    "blank_rate": mark("Blanks"),
    "new_categories": mark("New categories"),
    "gone_categories": mark("Largest category that is gone"),
    "column": mark("The column itself"),
    "groups": mark("The groups themselves"),
    "calibration_intercept": mark("Calibration, intercept"),
    "calibration_slope": mark("Calibration, slope"),
    "brier": mark("Brier score"),
}
#: The same where there is little room: on a chart.
SHORT: Final[Mapping[str, str]] = {
    "review_rate": mark("Sent to a person"),
    "auto_approve_rate": mark("Machine approves"),
    "auto_reject_rate": mark("Machine declines"),
    "selection_rate": mark("Model says yes"),
    "auto_error_rate": mark("Machine is wrong"),
    "fnr_auto": mark("Good ones declined"),
    "fpr_auto": mark("Bad ones approved"),
    "base_rate": mark("Favourable outcomes"),
    "review_rate_gap": mark("Gap, sent to a person"),
    "auto_approve_gap": mark("Gap, approved"),
    "auto_reject_gap": mark("Gap, declined"),
    "selection_rate_gap": mark("Gap, model says yes"),
    "auto_error_gap": mark("Gap, machine is wrong"),
    "fnr_auto_gap": mark("Gap, good ones declined"),
    "fpr_auto_gap": mark("Gap, bad ones approved"),
}
#: What a share is a share of, on hover and in the table.
OF: Final[Mapping[str, str]] = {
    "review_rate": mark("of all applications"),
    "auto_approve_rate": mark("of all applications"),
    "auto_reject_rate": mark("of all applications"),
    "selection_rate": mark("of all with a score"),
    "auto_error_rate": mark("of its decisions with a known outcome"),
    "fnr_auto": mark("of favourable outcomes that it decides"),
    "fpr_auto": mark("of unfavourable outcomes that it decides"),
    "base_rate": mark("of known outcomes"),
}
#: How lines are drawn, the worst first.
RANK: Final = {"breach": 0, "watch": 1, "ok": 2, "few": 3}
_NO_SHARE: Final = frozenset(
    {"psi", "ks", "calibration_intercept", "calibration_slope", "brier", "model", "column", "groups"}
)
_VERDICTS: Final[Mapping[Held, str]] = {
    Held.HOLDS: mark("holds"),
    Held.WATCH: mark("to be watched"),
    Held.BREACH: mark("no longer holds"),
    Held.UNSURE: mark("too few rows to tell"),
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
    known = (SHORT.get(name) if short else None) or NAMES.get(name) or GAPS.get(name)
    what = tr(known) if known else name.replace("_", " ")
    if group:
        return f"{column} {group}: {_lower(what)}"
    if column:
        return f"{column}: {_lower(what)}"
    if name in {"psi", "ks"} and not column:
        return tr("Score: {lower}", lower=_lower(what))
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
    return tr(
        "{value} to {value_words_high}",
        value=value_words(name, estimate.low),
        value_words_high=value_words(name, estimate.high),
    )


def limit_words(line: Line) -> str:
    """Write the limits of a line."""
    if line.name in {"psi", "ks"}:
        ends = [
            None if line.watch is None else tr("watched from {watch}", watch=number(line.watch)),
            None if line.breach is None else tr("breach from {breach}", breach=number(line.breach)),
        ]
        return ", ".join(end for end in ends if end) or tr("none was signed")
    if line.tolerance is None or line.signed.value is None:
        return NOTHING
    if is_gap(line.name):
        return tr("up to {signed}", signed=points(line.signed.value + line.tolerance))
    if is_share(line.name):
        return f"{percent(line.signed.value)} ± {points(line.tolerance)}"
    return f"{number(line.signed.value)} ± {number(line.tolerance)}"


def state_words(line: Line) -> str:
    """Say the state of a line, with the reason where it is not judged or does not count."""
    if line.state is State.BREACH:
        why = "" if line.reason is None else f": {line.reason}"
        return tr("outside its limits{why}", why=why) if line.within_chance else tr("breach{why}", why=why)
    if line.state is State.WATCH:
        return (
            tr("to watch: {reason}", reason=line.reason)
            if line.reason
            else tr("to watch: outside, and not settled")
        )
    if line.state is State.OK:
        if line.too_few:
            return tr("too few rows to tell{needed}", needed=_needed(line))
        return (
            tr("within its limits, but {reason}", reason=line.reason)
            if line.reason
            else tr("within its limits")
        )
    return tr("not judged: {reason}", reason=line.reason or tr("nothing to compare"))


def short_state(line: Line) -> str:
    """Say the state of a line where there is little room."""
    if line.state.is_judged:
        return {
            "breach": tr("breach"),
            "watch": tr("to watch"),
            "ok": tr("within"),
            "few": tr("too few rows"),
        }[look_of(line)]
    return tr("not judged: {reason}", reason=line.reason) if line.reason else tr("not judged")


def _needed(line: Line) -> str:
    return (
        ""
        if line.rows_needed is None
        else tr(", {rows_needed} are needed", rows_needed=count(line.rows_needed))
    )


def look_of(line: Line) -> Look:
    """Return how a line is drawn: ``ok``, ``watch``, ``breach`` or ``few``."""
    if line.counts:
        return "breach"
    if line.state in {State.BREACH, State.WATCH}:
        return "watch"
    return "ok" if line.state is State.OK and not line.too_few else "few"


def outcome_words(rows: int, outcomes: int) -> str:
    """Say how many rows there are, and of how many the outcome is known."""
    total = ntr("{rows} application", "{rows} applications", rows, rows=count(rows))
    if outcomes == rows and rows:
        return tr("{total}, the outcome of all is known.", total=total)
    if not outcomes:
        return tr(
            "{total}, no outcome is known yet: errors, favourable outcomes and calibration are not judged.",
            total=total,
        )
    return tr(
        "{total}, the outcome is known of {outcomes} ({outcomes_rows}). What is said about errors is "
        "about these alone; outcomes that come late often differ from early ones.",
        total=total,
        outcomes=count(outcomes),
        outcomes_rows=percent(outcomes / rows),
    )


def verdict_words(held: Held | str) -> str:
    """Write a verdict in a few words."""
    return tr(_VERDICTS[Held(held)])


def counted_words(report: MonitorReport) -> str:
    """Say how many lines of a batch were held against a limit, and what came of them."""
    left = report.verdict.not_judged
    return (
        tr("{part} {left} more could not be judged.", part=part_words(report.lines), left=count(left))
        if left
        else part_words(report.lines)
    )


def outside_sentences(lines: Sequence[Line], *, most: int = 5) -> list[str]:
    """Say which lines about the score and the columns are broken or to be watched, the worst first."""
    broken = sorted((line for line in lines if line.counts), key=_moved, reverse=True)
    watched = sorted((line for line in lines if look_of(line) == "watch"), key=_moved, reverse=True)
    told = [_sentence(line) for line in broken[:most]]
    if len(broken) > most:
        told.append(
            tr(
                "{broken} broken: see the table.",
                broken=many(len(broken) - most, "more line is", "more lines are"),
            )
        )
    if watched:
        names = ", ".join(line_name(*line.key) for line in watched[:most])
        rest = "" if len(watched) <= most else tr(" and {watched} more", watched=count(len(watched) - most))
        told.append(tr("Outside and not settled: {names}{rest}.", names=names, rest=rest))
    return told


def part_words(lines: Sequence[Line]) -> str:
    """Say how many lines of a part are broken, to be watched, within, or not settled."""
    judged = [line for line in lines if line.state.is_judged]
    if not judged:
        return _not_judged(lines)
    looks = [look_of(line) for line in judged]
    words: dict[Look, tuple[str, str]] = {
        "breach": (tr("is broken by more than chance"), tr("are broken by more than chance")),
        "watch": (tr("lies outside and is not settled"), tr("lie outside and are not settled")),
        "ok": (tr("is within its limits"), tr("are within their limits")),
        "few": (tr("lies within on too few rows to tell"), tr("lie within on too few rows to tell")),
    }
    told = [
        f"{count(n)} {one if n == 1 else many}"
        for look, (one, many) in words.items()
        if (n := looks.count(look))
    ]
    return tr("Of {judged} {told}.", judged=many(len(judged), "line", "lines"), told="; ".join(told))


def _not_judged(lines: Sequence[Line]) -> str:
    reasons = list(dict.fromkeys(line.reason for line in lines if line.reason))
    return (
        tr("Nothing here could be judged: {reasons}.", reasons="; ".join(reasons[:2]))
        if reasons
        else tr("There is nothing to judge here.")
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
    return tr(
        "{name}: {now} now, {value} signed{items}.",
        name=name,
        now=now,
        value=value_words(line.name, line.signed.value),
        items=_items(line),
    )


def _by_chance(line: Line) -> str:
    return (
        ""
        if line.by_chance is None
        else tr(" ({by_chance} by chance alone)", by_chance=number(line.by_chance))
    )


def _items(line: Line) -> str:
    shown = ", ".join(f"{name} ({count(rows)})" for name, rows in line.items[:3])
    return f" ({shown})" if shown else ""


def items_words(line: Line) -> str:
    """List new or gone categories with their rows."""
    more = "" if len(line.items) <= 8 else tr(" and {items} more", items=count(len(line.items) - 8))
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
