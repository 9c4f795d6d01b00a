"""Sentences that follow what the target is: an outcome, a past decision, or a stand-in."""

from __future__ import annotations

from dataclasses import dataclass

from rai_dash.core.types import TargetKind
from rai_dash.metrics.disparity import Disparity
from rai_dash.metrics.table import MetricTable
from rai_dash.metrics.verdict import GapVerdict
from rai_dash.ui.text import count, estimate_text, percent, points, safe


@dataclass(frozen=True, slots=True)
class Wording:
    """How people with the favourable and the unfavourable label are called."""

    good: str
    bad: str
    caution: str = ""


_SELECTIVE = (
    "The target is what was decided, not what happened: refused applicants have no outcome, so agreeing "
    "with past decisions is not the same as being right."
)
_WORDINGS = {
    TargetKind.OBSERVED: Wording("applicants with the good outcome", "applicants with the bad outcome"),
    TargetKind.DECISION: Wording(
        "applicants approved in the past", "applicants refused in the past", _SELECTIVE
    ),
    TargetKind.STAND_IN: Wording(
        "applicants with the favourable label",
        "applicants with the unfavourable label",
        "The target stands in for a loan outcome; no row is a real decision.",
    ),
    TargetKind.UNSTATED: Wording(
        "applicants with the favourable label", "applicants with the unfavourable label"
    ),
}


def wording(kind: TargetKind) -> Wording:
    """Return the words for a kind of target."""
    return _WORDINGS[kind]


def metric_subtitle(metric: str, words: Wording) -> str:
    """Say in one line what a rate is a share of."""
    return {
        "selection_rate": "Of all applicants of the group, the share approved",
        "recall": f"Of {words.good}, the share approved",
        "precision": f"Of the approved, the share that are {words.good}",
        "fpr": f"Of {words.bad}, the share approved",
        "fnr": f"Of {words.good}, the share refused",
        "base_rate": "Of all labelled applicants of the group, the share with the favourable label",
    }[metric]


def recall_finding(table: MetricTable, gap: Disparity, words: Wording) -> str:
    """Say the finding about recall between groups, no louder than the sample allows."""
    if gap.worst is None or gap.best is None or gap.difference is None:
        return (
            f"How many {words.good} are approved cannot be compared between groups on these rows: "
            f"{safe(gap.reason or 'undefined', limit=200)}."
        )
    low, high = (table.groups.index(g) for g in (gap.worst, gap.best))
    start = (
        f"Of {words.good}, **{estimate_text(table.estimate('recall', low))}** are approved in "
        f"**{safe(gap.worst)}** and **{estimate_text(table.estimate('recall', high))}** in **{safe(gap.best)}**. "
    )
    return start + _how_sure(gap)


def _how_sure(gap: Disparity) -> str:
    if gap.low is None or gap.high is None:
        return "There is no interval for this difference."
    span = f"{points(gap.low)} to {points(gap.high)}"
    if gap.low > 0:
        return (
            f"The gap is {points(gap.difference)}; allowing for having picked the two extremes it lies between "
            f"{points(gap.low)} and {points(gap.high)}."
        )
    return (
        f"The gap is {points(gap.difference)}, but allowing for having picked the two extremes it may be "
        f"{span}: this sample does not settle the difference."
    )


def verdict_sentence(found: GapVerdict | None) -> str:
    """Say what the tests allow, beside the gap that chance alone would give."""
    if found is None or found.expected_by_chance is None or found.p_value is None:
        return ""
    chance = (
        f"Groups of these sizes with one and the same rate would show a gap of about "
        f"{points(found.expected_by_chance)} by chance."
    )
    if found.verdict == "disparity shown":
        names = ", ".join(f"**{safe(name)}**" for name in found.starred[:4])
        return f"**Disparity shown**, for {names}. {chance}"
    if found.verdict == "equivalent within tolerance":
        return f"**Equivalent within {points(found.tolerance)}**: every group is shown to be that close. {chance}"
    needed = "" if found.rows_needed is None else f" about {count(found.rows_needed)} rows a group would be"
    return (
        f"**Not enough data** to show a difference or to rule one of {points(found.tolerance)} out:{needed} needed. "
        f"{chance}"
    )


def excluded_note(gap: Disparity) -> str:
    """Name the groups that enter no comparison, with the reason."""
    if not gap.excluded:
        return ""
    parts = [f"{safe(g)} ({safe(reason, limit=120)})" for g, reason in gap.excluded[:8]]
    more = len(gap.excluded) - len(parts)
    tail = f" and {count(more)} more" if more else ""
    return f"Left out of the comparison: {', '.join(parts)}{tail}."


def accuracy_finding(model: MetricTable, refuse: MetricTable, threshold: float) -> str:
    """Put the baseline beside the accuracy."""
    ours, lazy = model.estimate("accuracy", 0), refuse.estimate("accuracy", 0)
    if ours.value is None or lazy.value is None:
        return f"Accuracy is undefined here: {safe(ours.reason or 'no labelled row', limit=200)}."
    diff = ours.value - lazy.value
    verdict = "better" if diff > 0 else "worse" if diff < 0 else "no better"
    by = f" by {points(abs(diff))}" if diff else ""
    return (
        f"At a threshold of {percent(threshold)} the decisions agree with the label for "
        f"**{estimate_text(ours)}** applicants. Refusing everyone would agree for **{estimate_text(lazy)}**: "
        f"the model is {verdict}{by}."
    )
