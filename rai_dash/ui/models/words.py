"""Sentences about two models on the same applications, ready for Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rai_dash.metrics._base import METRICS
from rai_dash.metrics.paired_flips import GroupFlips
from rai_dash.metrics.paired_gaps import GapVerdict, PairedGap
from rai_dash.metrics.paired_verdict import PairedMetric, PairVerdict
from rai_dash.report.models_bands import BestBand
from rai_dash.report.models_explained import ColumnShift, ExplainedPair
from rai_dash.report.models_found import Candidate
from rai_dash.ui.cost_words import cost_text
from rai_dash.ui.models.look import Look
from rai_dash.ui.text import NOTHING, count, number, percent, percent_range, plain, points, safe
from rai_dash.ui.words import wording

#: Numbers that are shares, and so can be drawn in points.
DRAWN: Final = (
    "selection_rate", "accuracy", "balanced_accuracy", "recall", "fpr", "precision", "f1", "auc",
)  # fmt: skip
#: Said once: the false negative rate is recall the other way round.
_SAID_ELSEWHERE: Final = frozenset({"fnr"})
#: In words of a credit officer, before the others.
_ASKED_FIRST: Final = frozenset({"selection_rate", "recall", "fpr"})
_VERDICTS: Final = {
    PairVerdict.BETTER: "shown to be better",
    PairVerdict.WORSE: "shown to be worse",
    PairVerdict.HIGHER: "shown to be higher",
    PairVerdict.LOWER: "shown to be lower",
    PairVerdict.NONE: "not shown to differ",
    PairVerdict.TOO_FEW: "too few to say",
    PairVerdict.UNTESTED: "not tested, since rows carry weights",
}
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


def difference_text(one: PairedMetric) -> str:
    """Write a difference and its paired interval, the unit once."""
    if one.low is None or one.high is None:
        return change_text(one.metric, one.difference)
    if one.metric in _NO_SHARES:
        ends = f"{change_text(one.metric, one.low)} to {change_text(one.metric, one.high)}"
        return f"{change_text(one.metric, one.difference)} ({ends})"
    return f"{_signed(one.difference or 0.0)} ({_signed(one.low)} to {_signed(one.high)}) points"


def _signed(share: float) -> str:
    """Write a difference of shares in points without the unit."""
    text = number(100.0 * share, digits=1)
    return f"+{text}" if share > 0 else text


def finding(look: Look) -> str:
    """Say whose decisions change, what that does to good and to bad applicants, and what else is better or worse."""
    rows = "application" if look.found.n == 1 else "applications"
    names = " instead of ".join(f"**{safe(c.model.title)}**" for c in (look.candidate, look.current))
    lines = [
        f"{names}, on the same {count(look.found.n)} {rows}.",
        flips_sentence(look.pair.flips, look.by, _groups(look)),
    ]
    metrics = [m for m in look.pair.metrics if m.metric not in _SAID_ELSEWHERE]
    if any(m.is_shown and m.verdict not in _EITHER for m in metrics):
        lines += [" ".join(_first(look)), _others(metrics)]
    else:
        approval = look.pair.metric("selection_rate")
        said = [_approval(approval)] if approval is not None and approval.is_shown else []
        lines.append(" ".join([*said, _nothing(metrics, look.found.options.tolerance)]))
    return "\n\n".join(line for line in lines if line)


def _first(look: Look) -> Iterator[str]:
    """Say what a credit officer asks first: who of the good ones is approved, who of the bad ones, how many of all."""
    words = wording(look.found.data.dataset.roles.target_kind)
    for metric, who in (("recall", words.good), ("fpr", words.bad)):
        one = look.pair.metric(metric)
        if one is not None and one.difference is not None:
            interval = "" if one.low is None else f" ({interval_text(one)})"
            yield f"Of {who} it approves {_instead(one)}{interval}: {_verdict(one, look.found.options.tolerance)}."
    approval = look.pair.metric("selection_rate")
    if approval is not None and approval.difference is not None:
        yield _approval(approval)


def _approval(one: PairedMetric) -> str:
    now, then = (value_text(one.metric, side.value) for side in (one.a, one.b))
    return (
        f"It approves **{then}** of all, as before."
        if now == then
        else f"It approves {_instead(one)} of all."
    )


def _instead(one: PairedMetric) -> str:
    now, then = (value_text(one.metric, side.value) for side in (one.a, one.b))
    return f"**{then}**, as before" if now == then else f"**{then}** instead of {now}"


def _verdict(one: PairedMetric, tolerance: float) -> str:
    """Say what may be said about a number in the middle of a sentence."""
    if one.is_shown:
        text = _VERDICTS[one.verdict]
        return f"{text}, but by less than {points(tolerance)}" if one.is_within else text
    if one.verdict is PairVerdict.EQUIVALENT:
        return f"alike within {points(tolerance)}"
    return _VERDICTS[one.verdict]


def _others(metrics: Sequence[PairedMetric]) -> str:
    """Name what else is shown to be better or worse; the numbers are in the table."""
    rest = [m for m in metrics if m.metric not in _ASKED_FIRST]
    parts = []
    for verdict, word in ((PairVerdict.WORSE, "worse"), (PairVerdict.BETTER, "better")):
        for found, little in (
            ([m for m in rest if m.verdict is verdict and m.matters], ""),
            ([m for m in rest if m.verdict is verdict and not m.matters], " by little"),
        ):
            if found:
                parts.append(f"also {word}{little}: {_named(found)}")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _named(found: Sequence[PairedMetric]) -> str:
    names = [label(m.metric) for m in found[:_MOST_NAMED]]
    if len(found) > _MOST_NAMED:
        names.append(f"and {count(len(found) - _MOST_NAMED)} more in the table")
    return ", ".join(names)


def is_worse(look: Look) -> bool:
    """Whether the candidate is shown to be worse in anything."""
    return any(m.verdict is PairVerdict.WORSE and m.matters for m in look.pair.metrics)


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
        whole = f"as are {count(most.decided)} of all {count(everyone.decided)}"
        text += f"; {count(most.n)} of them are of the group {safe(most.group)}, {whole}"
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


def gaps_sentence(found: Sequence[PairedGap]) -> str:
    """Say which gaps between the groups become narrower or wider, and which are not shown to change."""
    shown = [g for g in found if g.is_shown]
    parts = [
        f"The gap in {label(g.metric)} {'narrows' if g.verdict is GapVerdict.NARROWER else 'widens'} from "
        f"**{points(g.a)}** to **{points(g.b)}** (difference {_interval(g)} points)."
        for g in shown
    ]
    alike = [label(g.metric) for g in found if g.verdict in {GapVerdict.NONE, GapVerdict.EQUIVALENT}]
    if alike:
        parts.append(f"No change of the gap is shown in {', '.join(alike)}.")
    few = [label(g.metric) for g in found if g.verdict in {GapVerdict.TOO_FEW, GapVerdict.UNTESTED}]
    if few:
        parts.append(f"Too little is known to compare the gap in {', '.join(few)}.")
    return " ".join(parts) or "The groups are too small to compare gaps between them."


def gap_difference(one: PairedGap) -> str:
    """Write the difference of two gaps and its paired interval, the unit once."""
    if one.low is None or one.high is None:
        return points(one.difference, signed=True)
    return f"{_signed(one.difference or 0.0)} ({_interval(one)}) points"


def _interval(one: PairedGap) -> str:
    return f"{_signed(one.low or 0.0)} to {_signed(one.high or 0.0)}"


def gap_text(one: PairedGap) -> str:
    """Write both gaps with the groups that they lie between, the lowest first."""
    if one.a is None or one.b is None:
        return NOTHING
    return f"{_gap(one.a, one.ends_a)} → {_gap(one.b, one.ends_b)} points"


def _gap(value: float, ends: tuple[str, str] | None) -> str:
    text = number(100.0 * value, digits=1)
    return text if ends is None or ends[0] == ends[1] else f"{text} ({safe(ends[0])} to {safe(ends[1])})"


def too_good(candidate: Candidate) -> bool:
    """Whether a model is known to have been trained on some of these applications."""
    return bool(candidate.n_seen) and candidate.seen.same_id != 0


def exposure_sentence(candidate: Candidate) -> str:
    """Say that the figures of a model are too good, or may be; empty = nothing speaks for it."""
    name, n, total = safe(candidate.model.title), candidate.n_seen, candidate.judgement.n_judged
    if n is None:
        return f"**{name}**: {safe(candidate.seen.reason or '', limit=200)}, so its figures may be too good."
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
    return f"{text}: {cost_text(abs(then.cost - now.cost))} {word}{_cost_interval(then)}. {people}."


def _cost_interval(then: BestBand) -> str:
    """Say how sure the difference of costs is, and that it is too good either way."""
    found = then.cost_difference
    if found is None:
        return ""
    if found.low is None or found.high is None:
        return f" (no interval: {safe(found.reason or '', limit=200)})"
    ends = sorted((abs(found.low), abs(found.high)))
    if found.is_shown:
        return f" ({cost_text(ends[0])} to {cost_text(ends[1])}; optimistic: these applications picked both bands)"
    low, high = (f"{cost_text(abs(x))} {'less' if x < 0 else 'more'}" for x in (found.low, found.high))
    return f", which is not shown: from {low} to {high}, though these applications picked both bands"


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
        f"({percent_range(same.low, same.high)})."
    )
    return " ".join(parts)


def _column(shift: ColumnShift) -> str:
    return f"**{safe(shift.column)}** ({percent(shift.current)} → {percent(shift.candidate)})"
