"""Shares of rows at a threshold: fairness.md section 1.1."""

from __future__ import annotations

from rai_dash.core.texts import mark
from rai_dash.metrics._base import (
    METRICS,
    NO_FAVOURABLE,
    NO_JUDGED,
    NO_LABELLED,
    NO_SCORED,
    NO_UNFAVOURABLE,
    NOBODY_APPROVED,
    NOBODY_REFUSED,
    Count,
    Direction,
    Metric,
    rate,
)


def _add(
    name: str,
    label: str,
    meaning: str,
    direction: Direction,
    parts: tuple[Count, Count, str],
) -> None:
    """Register one share: numerator, denominator, and what to say where the denominator is 0."""
    entry = Metric(
        name=name,
        label=label,
        meaning=meaning,
        direction=direction,
        family="rate",
        compute=rate(*parts),
    )
    METRICS.add(name, entry, home=__name__)


_add(
    "selection_rate",
    "Approval rate",
    mark("Of those with a score, the share the model approves."),
    "higher",
    (lambda c: c.selected, lambda c: c.scored, NO_SCORED),
)
_add(
    "precision",
    "Precision",
    mark("Of those approved, the share whose outcome is favourable."),
    "higher",
    (lambda c: c.tp, lambda c: c.tp + c.fp, NOBODY_APPROVED),
)
_add(
    "recall",
    "Recall",
    mark("Of those with a favourable outcome, the share the model approves."),
    "higher",
    (lambda c: c.tp, lambda c: c.tp + c.fn, NO_FAVOURABLE),
)
_add(
    "fpr",
    "False positive rate",
    mark("Of those with an unfavourable outcome, the share the model approves."),
    "lower",
    (lambda c: c.fp, lambda c: c.fp + c.tn, NO_UNFAVOURABLE),
)
_add(
    "fnr",
    "False negative rate",
    mark("Of those with a favourable outcome, the share the model refuses."),
    "lower",
    (lambda c: c.fn, lambda c: c.tp + c.fn, NO_FAVOURABLE),
)
_add(
    "tnr",
    "True negative rate",
    mark("Of those with an unfavourable outcome, the share the model refuses."),
    "higher",
    (lambda c: c.tn, lambda c: c.fp + c.tn, NO_UNFAVOURABLE),
)
_add(
    "fdr",
    "False discovery rate",
    mark("Of those approved, the share whose outcome is unfavourable."),
    "lower",
    (lambda c: c.fp, lambda c: c.tp + c.fp, NOBODY_APPROVED),
)
_add(
    "for_rate",
    "False omission rate",
    mark("Of those refused, the share whose outcome is favourable."),
    "lower",
    (lambda c: c.fn, lambda c: c.fn + c.tn, NOBODY_REFUSED),
)
_add(
    "npv",
    "Negative predictive value",
    mark("Of those refused, the share whose outcome is unfavourable."),
    "higher",
    (lambda c: c.tn, lambda c: c.fn + c.tn, NOBODY_REFUSED),
)
_add(
    "accuracy",
    "Accuracy",
    mark("The share of decisions that agree with the outcome."),
    "higher",
    (lambda c: c.tp + c.tn, lambda c: c.judged, NO_JUDGED),
)
_add(
    "base_rate",
    "Base rate",
    mark("The share with a favourable outcome, whatever the model says."),
    "neutral",
    (lambda c: c.favourable, lambda c: c.labelled, NO_LABELLED),
)
