"""Sentences about what errors cost, no surer than the rows allow."""

from __future__ import annotations

from rai_dash.case import Exposure
from rai_dash.metrics._base import DEFAULT_MIN_N
from rai_dash.metrics.cheapest import CostCurve, Cut, Stability
from rai_dash.metrics.chosen import Goal
from rai_dash.metrics.table import Costs, MetricTable
from rai_dash.ui.text import NOTHING, count, estimate_text, number, percent, safe

#: Share of samples near the pick from which it counts as stable.
_STABLE = 0.8


def cost_text(cost: float | None) -> str:
    """Write a cost with about three figures."""
    if cost is None:
        return NOTHING
    size = abs(cost)
    return (
        count(round(cost))
        if size >= 1000
        else number(cost, digits=1 if size >= 100 else 2 if size >= 1 else 3)
    )


def cut_text(cut: Cut) -> str:
    """Write a threshold; None = nobody is approved."""
    return "approving nobody" if cut is None else percent(cut, digits=1)


def price_words(costs: Costs, *, by_amount: bool) -> str:
    """Say what the two errors cost."""
    if by_amount:
        lost, missed = percent(costs.cost_fp), percent(costs.cost_fn)
        return f"a wrong approval costs {lost} of the loan amount, a wrong refusal {missed}"
    return f"a wrong approval costs {count(costs.cost_fp)}, a wrong refusal {count(costs.cost_fn)}"


def rules_sentence(refuse: float | None, approve: float | None) -> str:
    """Say what deciding without a model costs."""
    return f"Refusing everyone would cost {cost_text(refuse)}, approving everyone {cost_text(approve)}."


def cheapest_finding(curve: CostCurve, *, threshold: float, now: float | None) -> str:
    """Say what the present threshold costs and where it would be cheapest, with what picking it there flatters.

    The ends of the curve are the rules without a model: approving everyone and approving nobody.
    """
    best = curve.cheapest
    if best is None or now is None:
        return f"Costs are undefined here: {safe(curve.reason or 'no labelled row', limit=200)}."
    text = (
        f"At the present threshold of {percent(threshold, digits=1)} errors cost **{cost_text(now)}** per "
        f"application. Cheapest on these rows is **{cut_text(best.threshold)}**, at **{cost_text(best.cost)}**."
    )
    found = curve.stability
    rules = rules_sentence(float(curve.cost[-1]), float(curve.cost[0]))
    if found is None or found.optimism <= 0:
        return f"{text} Picked on the rows it is reported on, that figure is too good. {rules}"
    elsewhere = best.cost + found.optimism
    text += (
        f" It was picked on the very rows it is reported on: elsewhere expect at least about "
        f"**{cost_text(elsewhere)}**. {rules}"
    )
    if min(curve.cost[0], curve.cost[-1]) <= elsewhere:
        text += " **At these costs the model is not shown to beat a rule that needs no model.**"
    return text


def stability_sentence(curve: CostCurve) -> str:
    """Say how much the pick would change with another sample, or why that is not known."""
    best, found = curve.cheapest, curve.stability
    if best is None:
        return ""
    if found is None:
        return f"How stable this pick is was not computed: {safe(curve.reason or 'no samples', limit=200)}."
    verdict = "The pick is stable" if found.near >= _STABLE else "These rows do not settle the pick"
    return (
        f"{verdict}: in {count(found.replicates)} samples drawn from these rows, the cheapest threshold lies between "
        f"{cut_text(found.low)} and {cut_text(found.high)} for 95 % of them, and within 2 points of this one for "
        f"{percent(found.near)}."
    )


def flat_sentence(curve: CostCurve) -> str:
    """Name the thresholds that cost just as much; empty where there is one cheapest only."""
    best = curve.cheapest
    if best is None or not (best.is_flat or best.elsewhere):
        return ""
    text = "Other thresholds further up cost just as much"
    if best.is_flat:
        end = "approving nobody" if best.flat_to is None else percent(best.flat_to, digits=1)
        text = f"Everything from {cut_text(best.threshold)} to {end} costs the same here"
        text += ", and so do some thresholds further up" if best.elsewhere else ""
    return f"{text}: the lowest is named, because it approves most people."


def theory_sentence(theory: float | None, found: Stability | None) -> str:
    """Name the threshold for a score that is a true probability, and what it means when the data disagree."""
    if theory is None:
        return "Neither error costs anything, so every threshold is as good as another."
    text = f"For a score that is a true probability, these costs make **{percent(theory, digits=1)}** the cheapest."
    if found is not None and not _covers(found, theory):
        text += " That lies outside the span above: the score does not mean what it says (see calibration)."
    return text


def _covers(found: Stability, threshold: float) -> bool:
    low = 1.001 if found.low is None else found.low
    high = 1.001 if found.high is None else found.high
    return low <= threshold <= high


def cost_remarks(*, n_amount_missing: int, unscored: float) -> list[str]:
    """Say how blanks are counted."""
    said = []
    if n_amount_missing:
        said.append(f"{count(n_amount_missing)} labelled applications have no amount and count as 0.")
    if unscored:
        said.append(
            f"{count(unscored)} labelled applications have no score: a person decides them, assumed wrong one time "
            "in ten, at any threshold."
        )
    return said


GOALS = {
    Goal.COST: "lowest cost of errors",
    Goal.BALANCED_ACCURACY: "highest balanced accuracy",
    Goal.F1: "highest F1",
    Goal.RECALL: "recall of at least …",
    Goal.APPROVALS: "at most … approved",
}


def chosen_sentence(cut: Cut, *, rows: int, other_rows: int, rarer: int) -> str:
    """Say what was chosen, on how many rows and of the rarer outcome, and on which rows it is reported."""
    what = "approve nobody" if cut is None else f"a threshold of {percent(cut, digits=1)}"
    text = (
        f"Chosen on one half ({count(rows)} rows): **{what}**. Believe the figures of the other half "
        f"({count(other_rows)} rows), which had no say in it."
    )
    if rarer < DEFAULT_MIN_N:
        text += f" The first half holds only {count(rarer)} of the rarer outcome: other rows would choose another."
    return text


def level_sentence(goal: Goal, level: float, reported: MetricTable) -> str:
    """Say whether a level that was asked for holds on the other half."""
    if goal not in {Goal.RECALL, Goal.APPROVALS}:
        return ""
    at_least = goal is Goal.RECALL
    found = reported.estimate("recall" if at_least else "selection_rate", 0)
    asked = (
        f"{'recall of at least' if at_least else 'at most'} {percent(level)}{'' if at_least else ' approved'}"
    )
    if found.value is None or found.low is None or found.high is None:
        return f"Asked for was {asked}; on the other half it is undefined."
    sure = found.low >= level if at_least else found.high <= level
    broken = found.high < level if at_least else found.low > level
    verdict = "it holds" if sure else "it fails" if broken else "these rows do not settle it"
    return f"Asked for was {asked}: on the other half it is {estimate_text(found)}, so {verdict}."


def half_caution(exposure: Exposure, *, has_split: bool) -> str:
    """Say what the two halves are honest about, and what not."""
    if has_split:
        return (
            "Only held-out rows are cut in two. Training rows are never used for this: the model has seen them, so "
            "its scores there are too good and a threshold picked on them would be wrong for others."
        )
    if exposure in {Exposure.IN_SAMPLE, Exposure.UNKNOWN}:
        return (
            "The model may have been trained on these rows. Then both halves flatter it: this is honest about the "
            "threshold, not about the model."
        )
    return ""


PICKED_HERE = (
    "You are looking at the rows this threshold is picked on: the figures flatter it, and the gaps between groups on "
    "the Fairness page cannot be trusted fully either. Way out: choose it on one half and believe the other (below). A "
    "threshold that was fixed beforehand, on other rows, is not concerned."
)
