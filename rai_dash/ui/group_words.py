"""What is said about groups: no louder and no softer than the tests allow."""

from __future__ import annotations

from dataclasses import dataclass

from rai_dash.metrics.against import Against, Other, compare
from rai_dash.metrics.disparity import Disparity
from rai_dash.metrics.table import METRICS, MetricTable
from rai_dash.metrics.verdict import GapVerdict
from rai_dash.stats.tests import Verdict
from rai_dash.ui.text import count, estimate_text, percent, points, safe
from rai_dash.ui.words import Wording


@dataclass(frozen=True, slots=True)
class _Said:
    """A share in words: of whom, and what about them."""

    of: str
    what: str


def _said(metric: str, words: Wording) -> _Said:
    return {
        "selection_rate": _Said("all applicants", "approved"),
        "recall": _Said(words.good, "approved"),
        "precision": _Said("the approved", words.good),
        "fpr": _Said(words.bad, "approved"),
        "fnr": _Said(words.good, "refused"),
        "tnr": _Said(words.bad, "refused"),
        "accuracy": _Said("labelled applicants", "decided as the label says"),
        "npv": _Said("the refused", words.bad),
        "for_rate": _Said("the refused", words.good),
        "base_rate": _Said("labelled applicants", words.good),
    }[metric]


def metric_subtitle(metric: str, words: Wording) -> str:
    """Say in one line what a rate is a share of."""
    said = _said(metric, words)
    group = " of the group" if metric in {"selection_rate", "base_rate"} else ""
    joint = "that are " if said.what in {words.good, words.bad} else ""
    return f"Of {said.of}{group}, the share {joint}{said.what}"


def gap_finding(
    table: MetricTable, gap: Disparity, verdict: GapVerdict | None, metric: str, words: Wording
) -> str:
    """Say the finding about one metric between groups, no louder and no softer than the tests allow."""
    said = _said(metric, words)
    if gap.worst is None or gap.best is None or gap.difference is None or verdict is None:
        reason = safe(gap.reason or "undefined", limit=200)
        return (
            f"The share {said.what}, of {said.of}, cannot be compared between groups on these rows: {reason}."
        )
    if verdict.verdict == Verdict.SHOWN:
        return _shown(table, gap, verdict, metric, said)
    low, high = _ends(table, gap, metric)
    if verdict.verdict == Verdict.EQUIVALENT:
        return (
            f"**Equivalent within {points(verdict.tolerance)}.** Of {said.of}, {_share(table, metric, low)} are "
            f"{said.what} in **{safe(low)}** and {_share(table, metric, high)} in **{safe(high)}**, the two extremes; "
            f"every group is shown to be that close to all others.{few_points(gap, verdict)}"
        )
    return (
        f"**Not enough data.** Of {said.of}, {_share(table, metric, low)} are {said.what} in **{safe(low)}** and "
        f"{_share(table, metric, high)} in **{safe(high)}**: {points(gap.difference)} apart. This sample does not "
        f"settle the difference{_needed(verdict)}."
    )


#: Below this the lower rate is called far from the higher one, however few points lie between them.
FAR_RATIO = 0.8


def few_points(gap: Disparity, verdict: GapVerdict) -> str:
    """Say that groups within the tolerance differ all the same: rates that are low are always few points apart."""
    if verdict.verdict != Verdict.EQUIVALENT or not verdict.starred:
        return ""
    if gap.ratio is None or gap.ratio >= FAR_RATIO:
        return " That they differ at all is more than chance, but it is less than your tolerance."
    return (
        f" **But the lowest rate is only {percent(gap.ratio)} of the highest, and that is more than chance**: where "
        "every rate is low, few points are much. Choose a smaller tolerance."
    )


def is_far_within(gap: Disparity, verdict: GapVerdict) -> bool:
    """Whether groups are within the tolerance and yet shown to be far apart in ratio."""
    is_hidden = verdict.verdict == Verdict.EQUIVALENT and bool(verdict.starred)
    return is_hidden and gap.ratio is not None and gap.ratio < FAR_RATIO


def _shown(table: MetricTable, gap: Disparity, verdict: GapVerdict, metric: str, said: _Said) -> str:
    """Name the groups for which a difference is shown: the worse off first, then the best supported."""
    against = {a.group: a for a in compare(table, metric, Other.REST)}
    is_low_better = METRICS[metric].direction == "lower"
    names = sorted(
        verdict.starred,
        key=lambda g: ((_side(against[g]) == "lower") == is_low_better, verdict.adjusted[g], g),
    )
    first = against[names[0]]
    beyond = " That is more than your tolerance." if names[0] in verdict.beyond_tolerance else ""
    others = f"of all others {percent(first.other)}"
    if len(table.groups) == 2:
        other = next(g for g in table.groups if g != names[0])
        others = f"and {_share(table, metric, other)} in **{safe(other)}**"
    text = (
        f"**Disparity shown.** Of {said.of}, {_share(table, metric, names[0])} are {said.what} in "
        f"**{safe(names[0])}**, {others}: {points(abs(first.difference or 0.0))} {_side(first)}.{beyond}"
    )
    if len(table.groups) == 2:
        return text
    if len(names) > 1:
        also = [f"**{safe(n)}** ({_side(against[n])})" for n in names[1:5]]
        more = f" and {count(len(names) - 5)} more groups" if len(names) > 5 else ""
        text += f" Also shown for {', '.join(also)}{more}."
    low, high = _ends(table, gap, metric)
    return (
        text
        + f" The extremes, **{safe(low)}** and **{safe(high)}**, are {points(gap.difference)} apart{_span(gap)}."
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
    return f" ({points(gap.low)} to {points(gap.high)}, allowing for having picked them)"


def _needed(verdict: GapVerdict) -> str:
    if verdict.rows_needed is None:
        return ""
    return (
        f": to find or to rule out one of {points(verdict.tolerance)}, about {count(verdict.rows_needed)} rows a group "
        "would be needed"
    )


def chance_note(verdict: GapVerdict | None, gap: Disparity) -> str:
    """Put the gap that chance alone would give beside the gap."""
    if verdict is None or verdict.expected_by_chance is None:
        return ""
    approximate = " Rows carry weights: the tests are approximate." if verdict.is_approximate else ""
    return (
        f"Gap between the extremes: {points(gap.difference)}. Groups of these sizes with one and the same rate would "
        f"show about {points(verdict.expected_by_chance)} by chance.{approximate}"
    )


def excluded_note(gap: Disparity) -> str:
    """Name the groups that enter no comparison, with the reason."""
    if not gap.excluded:
        return ""
    parts = [f"{safe(g)} ({safe(reason, limit=120)})" for g, reason in gap.excluded[:8]]
    more = len(gap.excluded) - len(parts)
    tail = f" and {count(more)} more" if more else ""
    return f"Left out of the comparison: {', '.join(parts)}{tail}."
