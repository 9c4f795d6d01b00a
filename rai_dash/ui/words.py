"""Sentences that follow what the target is: an outcome, a past decision, or a stand-in."""

from __future__ import annotations

from dataclasses import dataclass

from rai_dash.core.types import TargetKind
from rai_dash.metrics.table import MetricTable
from rai_dash.ui.text import estimate_text, percent, points, safe


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
