"""The accuracy in words, beside giving everyone the same answer."""

from __future__ import annotations

from rai_dash.core.texts import mark, tr
from rai_dash.metrics.baseline import Beside
from rai_dash.ui.text import estimate_text, percent, points, safe

#: A p-value below this is called more than chance.
ALPHA = 0.05
#: By whether the same answer is the approval.
_SAME = {
    False: mark("Refusing everyone would agree for **{same}**."),
    True: mark("Approving everyone would agree for **{same}**."),
}
#: By whether the model is right more often, and what the test says of that.
_VERDICTS = {
    (True, True): mark("The model is better by {points}, more than chance would give."),
    (True, False): mark("The model is better by {points} on these rows, which may be chance."),
    (True, None): mark("The model is better by {points}; rows carry weights, so chance is not tested."),
    (False, True): mark("The model is worse by {points}, more than chance would give."),
    (False, False): mark("The model is worse by {points} on these rows, which may be chance."),
    (False, None): mark("The model is worse by {points}; rows carry weights, so chance is not tested."),
}


def accuracy_finding(found: Beside, threshold: float) -> str:
    """Put the accuracy beside that of the better of refusing and of approving everyone, no louder than the test."""
    difference = found.difference
    if difference is None:
        return tr(
            "Accuracy is undefined here: {reason}.",
            reason=safe(found.model.reason or tr("no labelled row"), limit=200),
        )
    ours = tr(
        "At a threshold of {threshold} the decisions agree with the label for **{ours}** applicants.",
        threshold=percent(threshold),
        ours=estimate_text(found.model),
    )
    same = tr(_SAME[found.approves], same=estimate_text(found.same))
    if not difference:
        return f"{ours} {same} {tr('The model is no better.')}"
    verdict = _VERDICTS[difference > 0, is_more_than_chance(found)]
    return f"{ours} {same} {tr(verdict, points=points(abs(difference)))}"


def is_more_than_chance(found: Beside) -> bool | None:
    """Whether the test shows that the model and the same answer for everyone differ; None = not tested."""
    return None if found.p_value is None else found.p_value < ALPHA


def is_hardly_better(found: Beside) -> bool:
    """Whether the accuracy is no reason to use the model: hardly above one answer for everyone, or maybe by chance."""
    difference = found.difference
    return difference is None or difference <= 0.01 or is_more_than_chance(found) is False
