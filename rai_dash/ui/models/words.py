"""Sentences about two models on the same applications, ready for Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rai_dash.core.target_words import wording
from rai_dash.core.texts import mark, ntr, tr
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

#: Numbers that are shares, and so can be drawn in points.
DRAWN: Final = (
    "selection_rate", "accuracy", "balanced_accuracy", "recall", "fpr", "precision", "f1", "auc",
)  # fmt: skip
#: Said once: the false negative rate is recall the other way round.
_SAID_ELSEWHERE: Final = frozenset({"fnr"})
#: In words of a credit officer, before the others.
_ASKED_FIRST: Final = frozenset({"selection_rate", "recall", "fpr"})
_VERDICTS: Final = {
    PairVerdict.BETTER: mark("shown to be better"),
    PairVerdict.WORSE: mark("shown to be worse"),
    PairVerdict.HIGHER: mark("shown to be higher"),
    PairVerdict.LOWER: mark("shown to be lower"),
    PairVerdict.NONE: mark("not shown to differ"),
    PairVerdict.TOO_FEW: mark("too few to say"),
    PairVerdict.UNTESTED: mark("not tested, since rows carry weights"),
}
_MOST_NAMED: Final = 4
_NO_SHARES: Final = frozenset({"auc", "brier", "expected_cost"})
#: Neither end is better.
_EITHER: Final = frozenset({PairVerdict.HIGHER, PairVerdict.LOWER})


def label(metric: str) -> str:
    """Return the name of a number, for Markdown."""
    return safe(tr(METRICS[metric].label))


def plain_label(metric: str) -> str:
    """Return the name of a number for what shows it literally."""
    return plain(tr(METRICS[metric].label))


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
        return tr(
            "{change} to {change_text_high}",
            change=change_text(one.metric, one.low),
            change_text_high=change_text(one.metric, one.high),
        )
    return tr("{signed} to {signed_high} points", signed=_signed(one.low), signed_high=_signed(one.high))


def difference_text(one: PairedMetric) -> str:
    """Write a difference and its paired interval, the unit once."""
    if one.low is None or one.high is None:
        return change_text(one.metric, one.difference)
    if one.metric in _NO_SHARES:
        ends = tr(
            "{change} to {change_text_high}",
            change=change_text(one.metric, one.low),
            change_text_high=change_text(one.metric, one.high),
        )
        return f"{change_text(one.metric, one.difference)} ({ends})"
    return tr(
        "{signed} ({signed_low} to {signed_high}) points",
        signed=_signed(one.difference or 0.0),
        signed_low=_signed(one.low),
        signed_high=_signed(one.high),
    )


def _signed(share: float) -> str:
    """Write a difference of shares in points without the unit."""
    text = number(100.0 * share, digits=1)
    return f"+{text}" if share > 0 else text


def finding(look: Look) -> str:
    """Say whose decisions change, what that does to good and to bad applicants, and what else is better or worse."""
    rows = "application" if look.found.n == 1 else "applications"
    names = tr(" instead of ").join(f"**{safe(c.model.title)}**" for c in (look.candidate, look.current))
    lines = [
        tr("{names}, on the same {found} {rows}.", names=names, found=count(look.found.n), rows=rows),
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
            yield tr(
                "Of {who} it approves {instead}{interval}: {verdict}.",
                who=who,
                instead=_instead(one),
                interval=interval,
                verdict=_verdict(one, look.found.options.tolerance),
            )
    approval = look.pair.metric("selection_rate")
    if approval is not None and approval.difference is not None:
        yield _approval(approval)


def _approval(one: PairedMetric) -> str:
    now, then = (value_text(one.metric, side.value) for side in (one.a, one.b))
    return (
        tr("It approves **{then}** of all, as before.", then=then)
        if now == then
        else tr("It approves {instead} of all.", instead=_instead(one))
    )


def _instead(one: PairedMetric) -> str:
    now, then = (value_text(one.metric, side.value) for side in (one.a, one.b))
    return (
        tr("**{then}**, as before", then=then)
        if now == then
        else tr("**{then}** instead of {now}", then=then, now=now)
    )


def _verdict(one: PairedMetric, tolerance: float) -> str:
    """Say what may be said about a number in the middle of a sentence."""
    if one.is_shown:
        text = tr(_VERDICTS[one.verdict])
        return (
            tr("{text}, but by less than {tolerance}", text=text, tolerance=points(tolerance))
            if one.is_within
            else text
        )
    if one.verdict is PairVerdict.EQUIVALENT:
        return tr("alike within {tolerance}", tolerance=points(tolerance))
    return tr(_VERDICTS[one.verdict])


def _others(metrics: Sequence[PairedMetric]) -> str:
    """Name what else is shown to be better or worse; the numbers are in the table."""
    rest = [m for m in metrics if m.metric not in _ASKED_FIRST]
    parts = []
    for verdict, word in ((PairVerdict.WORSE, "worse"), (PairVerdict.BETTER, "better")):
        for found, little in (
            ([m for m in rest if m.verdict is verdict and m.matters], ""),
            ([m for m in rest if m.verdict is verdict and not m.matters], tr(" by little")),
        ):
            if found:
                parts.append(
                    tr("also {word}{little}: {named}", word=word, little=little, named=_named(found))
                )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _named(found: Sequence[PairedMetric]) -> str:
    names = [label(m.metric) for m in found[:_MOST_NAMED]]
    if len(found) > _MOST_NAMED:
        names.append(tr("and {found} more in the table", found=count(len(found) - _MOST_NAMED)))
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
        return tr("There are too few applications with a known outcome to say which is better.")
    text = tr("These applications do not show that either is better.")
    if alike:
        text += tr(" Alike within {tolerance}: {alike}.", tolerance=points(tolerance), alike=", ".join(alike))
    return text


def _groups(look: Look) -> tuple[GroupFlips, ...]:
    return look.pair.by_group[look.by].flips if look.by else ()


def flips_sentence(everyone: GroupFlips, by: str, groups: Sequence[GroupFlips]) -> str:
    """Say how many decisions change, in which group most of them are, and how many are right now."""
    if not everyone.n:
        return tr("Not one of {decided} decisions changes.", decided=count(everyone.decided))
    is_one = everyone.n == 1
    text = tr(
        "**{everyone} of {decided}** decisions {which}: ",
        everyone=count(everyone.n),
        decided=count(everyone.decided),
        which=tr("changes") if is_one else tr("change"),
    )
    text += _directions(everyone)
    most = max(groups, key=lambda g: g.n, default=None)
    if most is not None and by and not is_one:
        whole = tr(
            "as are {decided} of all {everyone_decided}",
            decided=count(most.decided),
            everyone_decided=count(everyone.decided),
        )
        text += tr(
            "; {most} of them are of the group {group}, {whole}",
            most=count(most.n),
            group=safe(most.group),
            whole=whole,
        )
    text += "."
    if everyone.right or everyone.wrong:
        text += tr(
            " By the known outcome {right} became right and {wrong} became wrong.",
            right=count(everyone.right),
            wrong=count(everyone.wrong),
        )
    return text


def _directions(everyone: GroupFlips) -> str:
    """Say which way the decisions change."""
    up, down = everyone.approved.rows, everyone.declined.rows
    if not down or not up:
        who = tr("it is") if everyone.n == 1 else tr("all are")
        return tr("{who} {which} now", who=who, which=tr("approved") if up else tr("declined"))
    verbs = ["is" if n == 1 else "are" for n in (up, down)]
    return tr(
        "{up} {verbs} approved now and {down} {verbs_2} declined now",
        up=count(up),
        verbs=verbs[0],
        down=count(down),
        verbs_2=verbs[1],
    )


def gaps_sentence(found: Sequence[PairedGap]) -> str:
    """Say which gaps between the groups become narrower or wider, and which are not shown to change."""
    shown = [g for g in found if g.is_shown]
    parts = [
        tr(
            "The gap in {label} {which} from **{a}** to **{b}** (difference {interval} points).",
            label=label(g.metric),
            which=tr("narrows") if g.verdict is GapVerdict.NARROWER else tr("widens"),
            a=points(g.a),
            b=points(g.b),
            interval=_interval(g),
        )
        for g in shown
    ]
    alike = [label(g.metric) for g in found if g.verdict in {GapVerdict.NONE, GapVerdict.EQUIVALENT}]
    if alike:
        parts.append(tr("No change of the gap is shown in {alike}.", alike=", ".join(alike)))
    few = [label(g.metric) for g in found if g.verdict in {GapVerdict.TOO_FEW, GapVerdict.UNTESTED}]
    if few:
        parts.append(tr("Too little is known to compare the gap in {few}.", few=", ".join(few)))
    return " ".join(parts) or tr("The groups are too small to compare gaps between them.")


def gap_difference(one: PairedGap) -> str:
    """Write the difference of two gaps and its paired interval, the unit once."""
    if one.low is None or one.high is None:
        return points(one.difference, signed=True)
    return tr("{signed} ({interval}) points", signed=_signed(one.difference or 0.0), interval=_interval(one))


def _interval(one: PairedGap) -> str:
    return tr(
        "{signed} to {signed_high}", signed=_signed(one.low or 0.0), signed_high=_signed(one.high or 0.0)
    )


def gap_text(one: PairedGap) -> str:
    """Write both gaps with the groups that they lie between, the lowest first."""
    if one.a is None or one.b is None:
        return NOTHING
    return tr("{gap} → {gap_ends_b} points", gap=_gap(one.a, one.ends_a), gap_ends_b=_gap(one.b, one.ends_b))


def _gap(value: float, ends: tuple[str, str] | None) -> str:
    text = number(100.0 * value, digits=1)
    return (
        text
        if ends is None or ends[0] == ends[1]
        else tr("{text} ({ends} to {ends_2})", text=text, ends=safe(ends[0]), ends_2=safe(ends[1]))
    )


def too_good(candidate: Candidate) -> bool:
    """Whether a model is known to have been trained on some of these applications."""
    return bool(candidate.n_seen) and candidate.seen.same_id != 0


def exposure_sentence(candidate: Candidate) -> str:
    """Say that the figures of a model are too good, or may be; empty = nothing speaks for it."""
    name, n, total = safe(candidate.model.title), candidate.n_seen, candidate.judgement.n_judged
    if n is None:
        return tr(
            "**{name}**: {reason}, so its figures may be too good.",
            name=name,
            reason=safe(candidate.seen.reason or "", limit=200),
        )
    if n == total:
        return tr(
            "**{name}** was trained on these very applications: every figure of it is too good.", name=name
        )
    if not n:
        return ""
    text = ntr(
        "{n} of {total} equals one that **{name}** was trained on",
        "{n} of {total} equal one that **{name}** was trained on",
        n,
        n=count(n),
        total=count(total),
        name=name,
    )
    if candidate.seen.same_id == 0:
        return tr(
            "{text}; none has the same id, so they may be other people who are alike in everything.",
            text=text,
        )
    if candidate.seen.same_id:
        return tr("{text}, {same_id} with the same id.", text=text, same_id=count(candidate.seen.same_id))
    return f"{text}."


def left_out_sentence(n: int) -> str:
    """Say what was left out, and what that does to those who are left."""
    rows = tr("application that equals one") if n == 1 else tr("applications that equal one")
    return ntr(
        "{n} {rows} in training data is left out. Who is left is less usual than all together: compare "
        "both ways.",
        "{n} {rows} in training data are left out. Who is left is less usual than all together: compare "
        "both ways.",
        n,
        n=count(n),
        rows=rows,
    )


def bands_sentence(look: Look, found: Sequence[BestBand]) -> str:
    """Say what the pair costs at each one's cheapest band."""
    by_key = {b.key: b for b in found}
    now, then = by_key[look.pair.current], by_key[look.pair.candidate]
    if now.cost is None or then.cost is None:
        without = look.current if now.cost is None else look.candidate
        return tr(
            "**{model}** has no band that keeps the limits, so the costs cannot be compared.",
            model=safe(without.model.title),
        )
    word = "less" if then.cost < now.cost else "more"
    text = tr(
        "At each one's cheapest band an application costs **{cost}** with the candidate and "
        "**{cost_text_cost}** now",
        cost=cost_text(then.cost),
        cost_text_cost=cost_text(now.cost),
    )
    if then.cost == now.cost:
        return tr("{text}: the same.", text=text)
    people = tr(
        "A person sees {review_rate} instead of {now_review_rate}",
        review_rate=percent(then.review_rate),
        now_review_rate=percent(now.review_rate),
    )
    return f"{text}: {cost_text(abs(then.cost - now.cost))} {word}{_cost_interval(then)}. {people}."


def _cost_interval(then: BestBand) -> str:
    """Say how sure the difference of costs is, and that it is too good either way."""
    found = then.cost_difference
    if found is None:
        return ""
    if found.low is None or found.high is None:
        return tr(" (no interval: {reason})", reason=safe(found.reason or "", limit=200))
    ends = sorted((abs(found.low), abs(found.high)))
    if found.is_shown:
        return tr(
            " ({cost} to {cost_text_ends}; optimistic: these applications picked both bands)",
            cost=cost_text(ends[0]),
            cost_text_ends=cost_text(ends[1]),
        )
    low, high = (f"{cost_text(abs(x))} {'less' if x < 0 else 'more'}" for x in (found.low, found.high))
    return tr(
        ", which is not shown: from {low} to {high}, though these applications picked both bands",
        low=low,
        high=high,
    )


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
            parts.append(tr("It leans {word} on {named}.", word=word, named=named))
    if not parts:
        parts.append(tr("No column's share differs by more than other applications could bring about."))
    same = found.same_reason
    parts.append(
        tr(
            "The strongest column is the same for {same} of the applications ({low}).",
            same=percent(same.value),
            low=percent_range(same.low, same.high),
        )
    )
    return " ".join(parts)


def _column(shift: ColumnShift) -> str:
    return f"**{safe(shift.column)}** ({percent(shift.current)} → {percent(shift.candidate)})"
