"""What is said about groups: no louder and no softer than the tests allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rai_dash.core.target_words import Wording
from rai_dash.core.texts import tr
from rai_dash.metrics.against import Against, Other, compare
from rai_dash.metrics.disparity import Disparity
from rai_dash.metrics.table import METRICS, MetricTable
from rai_dash.metrics.verdict import GapVerdict
from rai_dash.stats.tests import Verdict
from rai_dash.ui.text import count, estimate_text, percent, points, safe

#: Names in a list of groups, at most.
_LISTED = 8


@dataclass(frozen=True, slots=True)
class _Said:
    """A share in words: of whom, and what about them."""

    of: str
    what: str


def _said(metric: str, words: Wording) -> _Said:
    return {
        "selection_rate": _Said(tr("all applicants"), tr("approved")),
        "recall": _Said(words.good, tr("approved")),
        "precision": _Said(tr("the approved"), words.good),
        "fpr": _Said(words.bad, tr("approved")),
        "fnr": _Said(words.good, tr("refused")),
        "tnr": _Said(words.bad, tr("refused")),
        "accuracy": _Said(tr("labelled applicants"), tr("decided as the label says")),
        "npv": _Said(tr("the refused"), words.bad),
        "for_rate": _Said(tr("the refused"), words.good),
        "base_rate": _Said(tr("labelled applicants"), words.good),
    }[metric]


def metric_subtitle(metric: str, words: Wording) -> str:
    """Say in one line what a rate is a share of."""
    said = _said(metric, words)
    group = tr(" of the group") if metric in {"selection_rate", "base_rate"} else ""
    joint = tr("that are ") if said.what in {words.good, words.bad} else ""
    return tr("Of {of}{group}, the share {joint}{what}", of=said.of, group=group, joint=joint, what=said.what)


def gap_finding(
    table: MetricTable, gap: Disparity, verdict: GapVerdict | None, metric: str, words: Wording
) -> str:
    """Say the finding about one metric between groups, no louder and no softer than the tests allow."""
    said = _said(metric, words)
    if gap.worst is None or gap.best is None or gap.difference is None or verdict is None:
        reason = safe(gap.reason or tr("undefined"), limit=200)
        return tr(
            "The share {what}, of {of}, cannot be compared between groups on these rows: {reason}.",
            what=said.what,
            of=said.of,
            reason=reason,
        )
    if verdict.verdict == Verdict.SHOWN:
        return _shown(table, gap, verdict, metric, said)
    low, high = _ends(table, gap, metric)
    if verdict.verdict == Verdict.EQUIVALENT:
        return tr(
            "**Equivalent within {tolerance}.** Of {of}, {share} are {what} in **{low}** and "
            "{share_high} in **{high}**, the two extremes; every group is shown to be that close to all "
            "others.{few_points}",
            tolerance=points(verdict.tolerance),
            of=said.of,
            share=_share(table, metric, low),
            what=said.what,
            low=named(table, low),
            share_high=_share(table, metric, high),
            high=named(table, high),
            few_points=few_points(gap, verdict),
        )
    return tr(
        "**Not enough data.** Of {of}, {share} are {what} in **{low}** and {share_high} in **{high}**: "
        "{difference} apart. This sample does not settle the difference{needed}.",
        of=said.of,
        share=_share(table, metric, low),
        what=said.what,
        low=named(table, low),
        share_high=_share(table, metric, high),
        high=named(table, high),
        difference=points(gap.difference),
        needed=_needed(verdict),
    )


#: Below this the lower rate is called far from the higher one, however few points lie between them.
FAR_RATIO = 0.8


def few_points(gap: Disparity, verdict: GapVerdict) -> str:
    """Say that groups within the tolerance differ all the same: rates that are low are always few points apart."""
    if verdict.verdict != Verdict.EQUIVALENT or not verdict.starred:
        return ""
    if gap.ratio is None or gap.ratio >= FAR_RATIO:
        return tr(" That they differ at all is more than chance, but it is less than your tolerance.")
    return tr(
        " **But the lowest rate is only {ratio} of the highest, and that is more than chance**: where "
        "every rate is low, few points are much. Choose a smaller tolerance.",
        ratio=percent(gap.ratio),
    )


def is_far_within(gap: Disparity, verdict: GapVerdict) -> bool:
    """Whether groups are within the tolerance and yet shown to be far apart in ratio."""
    is_hidden = verdict.verdict == Verdict.EQUIVALENT and bool(verdict.starred)
    return is_hidden and gap.ratio is not None and gap.ratio < FAR_RATIO


#: Between the columns and the groups of a cross.
CROSS = " × "
#: Answers that say nothing without their question.
_ANSWERS = frozenset({"yes", "no", "y", "n", "true", "false"})


def group_name(column: str, group: str) -> str:
    """Name a group; a code or a range says nothing without its column: ``black = 1``, ``Male × age = [35, 50)``."""
    columns, parts = column.split(CROSS), group.split(CROSS)
    if len(columns) == len(parts):
        return CROSS.join(
            f"{c} = {p}" if c and _is_code(p) else p for c, p in zip(columns, parts, strict=True)
        )
    return f"{column} = {group}" if column and all(map(_is_code, parts)) else group


def named(table: MetricTable, group: str) -> str:
    """Name a group of a table for Markdown; see `group_name`."""
    return safe(group_name(table.column, group))


def _is_code(text: str) -> bool:
    """Whether a text has no word: a number, a range whose end may be infinite, or yes and no."""
    return text.casefold() in _ANSWERS or not any(c.isalpha() for c in text.replace("inf", ""))


def worse_off_first(table: MetricTable, verdict: GapVerdict, metric: str) -> list[str]:
    """List the groups for which a difference is shown: the worse off first, then the best supported."""
    against = {a.group: a for a in compare(table, metric, Other.REST)}
    is_low_better = METRICS[metric].direction == "lower"
    return sorted(
        verdict.starred,
        key=lambda g: ((_side(against[g]) == "lower") == is_low_better, verdict.adjusted[g], g),
    )


def _shown(table: MetricTable, gap: Disparity, verdict: GapVerdict, metric: str, said: _Said) -> str:
    """Name the groups for which a difference is shown: the worse off first, then the best supported."""
    against = {a.group: a for a in compare(table, metric, Other.REST)}
    names = worse_off_first(table, verdict, metric)
    first = against[names[0]]
    # Not called the reader's own: where outcomes are rare it is a smaller one than they set.
    within = points(verdict.tolerance)
    beyond = (
        tr(" That is more than the tolerance of {within}.", within=within)
        if names[0] in verdict.beyond_tolerance
        else ""
    )
    others = tr("of all others {other}", other=percent(first.other))
    if len(table.groups) == 2:
        other = next(g for g in table.groups if g != names[0])
        others = tr(
            "and {share} in **{other}**", share=_share(table, metric, other), other=named(table, other)
        )
    text = tr(
        "**Disparity shown.** Of {of}, {share} are {what} in **{names}**, {others}: {difference} "
        "{side}.{beyond}",
        of=said.of,
        share=_share(table, metric, names[0]),
        what=said.what,
        names=named(table, names[0]),
        others=others,
        difference=points(abs(first.difference or 0.0)),
        side=_side(first),
        beyond=beyond,
    )
    if len(table.groups) == 2:
        return text
    if len(names) > 1:
        also = [f"**{named(table, n)}** ({_side(against[n])})" for n in names[1:5]]
        more = tr(" and {names} more groups", names=count(len(names) - 5)) if len(names) > 5 else ""
        text += tr(" Also shown for {also}{more}.", also=", ".join(also), more=more)
    low, high = _ends(table, gap, metric)
    return text + tr(
        " The extremes, **{low}** and **{high}**, are {difference} apart{span}.",
        low=named(table, low),
        high=named(table, high),
        difference=points(gap.difference),
        span=_span(gap),
    )


def _side(against: Against) -> str:
    return "lower" if (against.difference or 0.0) < 0 else "higher"


def _ends(table: MetricTable, gap: Disparity, metric: str) -> tuple[str, str]:
    """Return the groups with the smallest and the largest number."""
    pair = sorted((gap.worst or "", gap.best or ""), key=lambda g: _value(table, metric, g))
    return pair[0], pair[1]


def _value(table: MetricTable, metric: str, group: str) -> float:
    return table.estimate(metric, table.groups.index(group)).value or 0.0


def _share(table: MetricTable, metric: str, group: str) -> str:
    return f"**{estimate_text(table.estimate(metric, table.groups.index(group)))}**"


def _span(gap: Disparity) -> str:
    if gap.low is None or gap.high is None:
        return ""
    return tr(
        " ({low} to {high}, allowing for having picked them)", low=points(gap.low), high=points(gap.high)
    )


def _needed(verdict: GapVerdict) -> str:
    if verdict.rows_needed is None:
        return ""
    return tr(
        ": to find or to rule out one of {tolerance}, about {rows_needed} rows a group would be needed",
        tolerance=points(verdict.tolerance),
        rows_needed=count(verdict.rows_needed),
    )


def chance_note(verdict: GapVerdict | None, gap: Disparity) -> str:
    """Put the gap that chance alone would give beside the gap."""
    if verdict is None or verdict.expected_by_chance is None:
        return ""
    approximate = tr(" Rows carry weights: the tests are approximate.") if verdict.is_approximate else ""
    return tr(
        "Gap between the extremes: {difference}. Groups of these sizes with one and the same rate would "
        "show about {expected_by_chance} by chance.{approximate}",
        difference=points(gap.difference),
        expected_by_chance=points(verdict.expected_by_chance),
        approximate=approximate,
    )


def excluded_note(table: MetricTable, gap: Disparity) -> str:
    """Name the groups that enter no comparison: those of few rows together, the others each with its reason."""
    rows = dict(zip(table.groups, table.n.tolist(), strict=True))
    few = [f"{safe(g)} ({count(rows[g])})" for g, _ in gap.excluded if rows[g] < table.min_n]
    others = [f"{safe(g)} ({safe(why, limit=120)})" for g, why in gap.excluded if rows[g] >= table.min_n]
    notes = []
    if few:
        least = count(table.min_n)
        notes.append(tr("Left out, with fewer than {least} rows: {groups}.", least=least, groups=_some(few)))
    if others:
        notes.append(tr("Left out of the comparison: {groups}.", groups=_some(others)))
    return " ".join(notes)


def _some(parts: Sequence[str]) -> str:
    """List the first of the parts, and how many there are besides."""
    more = len(parts) - _LISTED
    tail = tr(" and {more} more", more=count(more)) if more > 0 else ""
    return ", ".join(parts[:_LISTED]) + tail
