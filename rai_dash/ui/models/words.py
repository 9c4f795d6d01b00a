"""Sentences about two models on the same applications, ready for Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rai_dash.metrics._base import METRICS
from rai_dash.metrics.paired_flips import GroupFlips
from rai_dash.metrics.paired_verdict import PairedMetric, PairVerdict
from rai_dash.report.models_bands import BestBand
from rai_dash.report.models_explained import ColumnShift, ExplainedPair
from rai_dash.report.models_found import Candidate
from rai_dash.ui.cost_words import cost_text
from rai_dash.ui.models.look import Look
from rai_dash.ui.text import NOTHING, count, number, percent, plain, points, safe

#: Numbers that are shares, and so can be drawn in points.
DRAWN: Final = (
    "selection_rate", "accuracy", "balanced_accuracy", "recall", "fpr", "precision", "f1", "auc",
)  # fmt: skip
#: Said once: the false negative rate is recall the other way round.
_SAID_ELSEWHERE: Final = frozenset({"fnr"})
_MOST_NAMED: Final = 4
_NO_SHARES: Final = frozenset({"auc", "brier", "expected_cost"})
#: Neither end is better.
_EITHER: Final = frozenset({PairVerdict.HIGHER, PairVerdict.LOWER})


def label(metric: str) -> str:
    """Return the name of a number, for Markdown."""
    return safe(METRICS[metric].label)


def plain_label(metric: str) -> str:
    """Return the name of a number for what shows it literally."""
    return plain(METRICS[metric].label)


def value_text(metric: str, value: float | None) -> str:
    """Write a number as its kind is written."""
    if metric == "expected_cost":
        return cost_text(value)
    return number(value, digits=3) if metric in {"auc", "brier"} else percent(value)


def change_text(metric: str, change: float | None) -> str:
    """Write a difference as its kind is written."""
    if metric in _NO_SHARES:
        text = number(change, digits=3)
        return f"+{text}" if change is not None and change > 0 else text
    return points(change, signed=True)


def interval_text(one: PairedMetric) -> str:
    """Write the paired interval with its unit once; a dash where there is none."""
    if one.low is None or one.high is None:
        return NOTHING
    if one.metric in _NO_SHARES:
        return f"{change_text(one.metric, one.low)} to {change_text(one.metric, one.high)}"
    return f"{_signed(one.low)} to {_signed(one.high)} points"


def _signed(share: float) -> str:
    """Write a difference of shares in points without the unit."""
    text = number(100.0 * share, digits=1)
    return f"+{text}" if share > 0 else text


def finding(look: Look) -> str:
    """Say what is shown to be better and worse, and whose decisions change, one line each."""
    metrics = [m for m in look.pair.metrics if m.metric not in _SAID_ELSEWHERE]
    better, worse, other = (
        [m for m in metrics if m.verdict in kinds and (m.matters or kinds is _EITHER)]
        for kinds in ({PairVerdict.BETTER}, {PairVerdict.WORSE}, _EITHER)
    )
    little = [m for m in metrics if m.is_shown and m.is_within and m.verdict not in _EITHER]
    rows = "application" if look.found.n == 1 else "applications"
    names = " against ".join(f"**{safe(c.model.title)}**" for c in (look.candidate, look.current))
    lines = [f"{names}, on the same {count(look.found.n)} {rows} ({safe(look.found.data.title)})."]
    for title, found in (("Shown to be better", better), ("Shown to be worse", worse)):
        if found:
            lines.append(f"{title}: {_listed(found)}.")
    if not better and not worse and not little:
        lines.append(_nothing(metrics, look.found.options.tolerance))
    if little:
        tolerance = points(look.found.options.tolerance)
        lines.append(f"Shown, but by less than {tolerance}: {_listed(little)}.")
    approves = [
        f"It approves {value_text(m.metric, m.b.value)} instead of {value_text(m.metric, m.a.value)}."
        for m in other
    ]
    lines.append(" ".join([*approves, flips_sentence(look.pair.flips, look.by, _groups(look))]))
    return "\n\n".join(lines)


def is_worse(look: Look) -> bool:
    """Whether the candidate is shown to be worse in anything."""
    return any(m.verdict is PairVerdict.WORSE and m.matters for m in look.pair.metrics)


def _listed(found: Sequence[PairedMetric]) -> str:
    """Name numbers with what they were, what they are and how sure that is; the order of the table."""
    said = [
        f"{label(m.metric)} {value_text(m.metric, m.a.value)} → {value_text(m.metric, m.b.value)} "
        f"({interval_text(m)})"
        for m in found[:_MOST_NAMED]
    ]
    if len(found) > _MOST_NAMED:
        rest = len(found) - _MOST_NAMED
        said.append(f"and {count(rest)} more {'number' if rest == 1 else 'numbers'} in the table")
    return ", ".join(said)


def _nothing(metrics: Sequence[PairedMetric], tolerance: float) -> str:
    """Say that nothing is shown, and in what the two are shown to be alike."""
    alike = [label(m.metric) for m in metrics if m.verdict is PairVerdict.EQUIVALENT]
    few = all(
        m.verdict in {PairVerdict.TOO_FEW, PairVerdict.UNDEFINED, PairVerdict.UNTESTED} for m in metrics
    )
    if few:
        return "There are too few applications with a known outcome to say which is better."
    text = "These applications do not show that either is better."
    if alike:
        text += f" Alike within {points(tolerance)}: {', '.join(alike)}."
    return text


def _groups(look: Look) -> tuple[GroupFlips, ...]:
    return look.pair.by_group[look.by].flips if look.by else ()


def flips_sentence(everyone: GroupFlips, by: str, groups: Sequence[GroupFlips]) -> str:
    """Say how many decisions change, in which group most of them are, and how many are right now."""
    if not everyone.n:
        return f"Not one of {count(everyone.decided)} decisions changes."
    is_one = everyone.n == 1
    text = f"**{count(everyone.n)} of {count(everyone.decided)}** decisions {'changes' if is_one else 'change'}: "
    text += _directions(everyone)
    most = max(groups, key=lambda g: g.n, default=None)
    if most is not None and by and not is_one:
        text += f"; {count(most.n)} of them are of the group {safe(most.group)}"
    text += "."
    if everyone.right or everyone.wrong:
        text += f" By the known outcome {count(everyone.right)} became right and {count(everyone.wrong)} became wrong."
    return text


def _directions(everyone: GroupFlips) -> str:
    """Say which way the decisions change."""
    up, down = everyone.approved.rows, everyone.declined.rows
    if not down or not up:
        who = "it is" if everyone.n == 1 else "all are"
        return f"{who} {'approved' if up else 'declined'} now"
    verbs = ["is" if n == 1 else "are" for n in (up, down)]
    return f"{count(up)} {verbs[0]} approved now and {count(down)} {verbs[1]} declined now"


def too_good(candidate: Candidate) -> bool:
    """Whether a model is known to have been trained on some of these applications."""
    return bool(candidate.n_seen) and candidate.seen.same_id != 0


def exposure_sentence(candidate: Candidate) -> str:
    """Say that the figures of a model are too good, or may be; empty = nothing speaks for it."""
    name, n, total = safe(candidate.model.title), candidate.n_seen, candidate.judgement.n_judged
    if n is None:
        return f"Of **{name}** {safe(candidate.seen.reason or '', limit=200)}: its figures may be too good."
    if n == total:
        return f"**{name}** was trained on these very applications: every figure of it is too good."
    if not n:
        return ""
    text = (
        f"{count(n)} of {count(total)} {'equals' if n == 1 else 'equal'} one that **{name}** was trained on"
    )
    if candidate.seen.same_id == 0:
        return f"{text}; none has the same id, so they may be other people who are alike in everything."
    if candidate.seen.same_id:
        return f"{text}, {count(candidate.seen.same_id)} with the same id."
    return f"{text}."


def left_out_sentence(n: int) -> str:
    """Say what was left out, and what that does to those who are left."""
    rows = "application that equals one" if n == 1 else "applications that equal one"
    return (
        f"{count(n)} {rows} in training data {'is' if n == 1 else 'are'} left out. Who is left is less usual than all "
        "together: compare both ways."
    )


def bands_sentence(look: Look, found: Sequence[BestBand]) -> str:
    """Say what the pair costs at each one's cheapest band."""
    by_key = {b.key: b for b in found}
    now, then = by_key[look.pair.current], by_key[look.pair.candidate]
    if now.cost is None or then.cost is None:
        without = look.current if now.cost is None else look.candidate
        return f"**{safe(without.model.title)}** has no band that keeps the limits, so the costs cannot be compared."
    word = "less" if then.cost < now.cost else "more"
    text = (
        f"At each one's cheapest band an application costs **{cost_text(then.cost)}** with the candidate and "
        f"**{cost_text(now.cost)}** now"
    )
    if then.cost == now.cost:
        return f"{text}: the same."
    people = f"A person sees {percent(then.review_rate)} instead of {percent(now.review_rate)}"
    return f"{text}: {cost_text(abs(then.cost - now.cost))} {word}. {people}."


def reasons_sentence(found: ExplainedPair) -> str:
    """Say which columns the candidate leans on more and less, and how often the strongest one is the same."""
    steady = [c for c in found.columns if c.is_steady and c.difference is not None]
    more, less = (
        [c for c in steady if (c.difference or 0) > 0],
        [c for c in steady if (c.difference or 0) < 0],
    )
    parts = []
    for found_columns, word in ((more, "more"), (less, "less")):
        if found_columns:
            named = ", ".join(_column(c) for c in found_columns[:3])
            parts.append(f"It leans {word} on {named}.")
    if not parts:
        parts.append("No column's share differs by more than other applications could bring about.")
    same = found.same_reason
    parts.append(
        f"The strongest column is the same for {percent(same.value)} of the applications "
        f"({percent(same.low)} to {percent(same.high)})."
    )
    return " ".join(parts)


def _column(shift: ColumnShift) -> str:
    return f"**{safe(shift.column)}** ({percent(shift.current)} → {percent(shift.candidate)})"
