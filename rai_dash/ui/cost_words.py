"""Sentences about what errors cost, no surer than the rows allow."""

from __future__ import annotations

from rai_dash.case import Exposure
from rai_dash.core.texts import mark, tr
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
    return tr("approving nobody") if cut is None else percent(cut, digits=1)


def price_words(costs: Costs, *, by_amount: bool) -> str:
    """Say what the two errors cost."""
    if by_amount:
        lost, missed = percent(costs.cost_fp), percent(costs.cost_fn)
        return tr(
            "a wrong approval costs {lost} of the loan amount, a wrong refusal {missed}",
            lost=lost,
            missed=missed,
        )
    return tr(
        "a wrong approval costs {cost_fp}, a wrong refusal {cost_fn}",
        cost_fp=count(costs.cost_fp),
        cost_fn=count(costs.cost_fn),
    )


def rules_sentence(refuse: float | None, approve: float | None) -> str:
    """Say what deciding without a model costs."""
    return tr(
        "Refusing everyone would cost {cost}, approving everyone {cost_text_approve}.",
        cost=cost_text(refuse),
        cost_text_approve=cost_text(approve),
    )


def cheapest_finding(curve: CostCurve, *, threshold: float, now: float | None) -> str:
    """Say what the present threshold costs and where it would be cheapest, with what picking it there flatters.

    The ends of the curve are the rules without a model: approving everyone and approving nobody.
    """
    best = curve.cheapest
    if best is None or now is None:
        return tr(
            "Costs are undefined here: {reason}.",
            reason=safe(curve.reason or tr("no labelled row"), limit=200),
        )
    text = tr(
        "At the present threshold of {threshold} errors cost **{cost}** per application. Cheapest on "
        "these rows is **{cut}**, at **{cost_text_cost}**.",
        threshold=percent(threshold, digits=1),
        cost=cost_text(now),
        cut=cut_text(best.threshold),
        cost_text_cost=cost_text(best.cost),
    )
    found = curve.stability
    rules = rules_sentence(float(curve.cost[-1]), float(curve.cost[0]))
    if found is None or found.optimism <= 0:
        return tr(
            "{text} Picked on the rows it is reported on, that figure is too good. {rules}",
            text=text,
            rules=rules,
        )
    elsewhere = best.cost + found.optimism
    text += tr(
        " It was picked on the very rows it is reported on: elsewhere expect at least about **{cost}**. "
        "{rules}",
        cost=cost_text(elsewhere),
        rules=rules,
    )
    if min(curve.cost[0], curve.cost[-1]) <= elsewhere:
        text += tr(" **At these costs the model is not shown to beat a rule that needs no model.**")
    return text


def stability_sentence(curve: CostCurve) -> str:
    """Say how much the pick would change with another sample, or why that is not known."""
    best, found = curve.cheapest, curve.stability
    if best is None:
        return ""
    if found is None:
        return tr(
            "How stable this pick is was not computed: {reason}.",
            reason=safe(curve.reason or tr("no samples"), limit=200),
        )
    verdict = tr("The pick is stable") if found.near >= _STABLE else tr("These rows do not settle the pick")
    return tr(
        "{verdict}: in {replicates} samples drawn from these rows, the cheapest threshold lies between "
        "{cut} and {cut_text_high} for 95 % of them, and within 2 points of this one for {near}.",
        verdict=verdict,
        replicates=count(found.replicates),
        cut=cut_text(found.low),
        cut_text_high=cut_text(found.high),
        near=percent(found.near),
    )


def flat_sentence(curve: CostCurve) -> str:
    """Name the thresholds that cost just as much; empty where there is one cheapest only."""
    best = curve.cheapest
    if best is None or not (best.is_flat or best.elsewhere):
        return ""
    text = tr("Other thresholds further up cost just as much")
    if best.is_flat:
        end = tr("approving nobody") if best.flat_to is None else percent(best.flat_to, digits=1)
        text = tr("Everything from {cut} to {end} costs the same here", cut=cut_text(best.threshold), end=end)
        text += tr(", and so do some thresholds further up") if best.elsewhere else ""
    return tr("{text}: the lowest is named, because it approves most people.", text=text)


def theory_sentence(theory: float | None, found: Stability | None) -> str:
    """Name the threshold for a score that is a true probability, and what it means when the data disagree."""
    if theory is None:
        return tr("Neither error costs anything, so every threshold is as good as another.")
    text = tr(
        "For a score that is a true probability, these costs make **{theory}** the cheapest.",
        theory=percent(theory, digits=1),
    )
    if found is not None and not _covers(found, theory):
        text += tr(
            " That lies outside the span above: the score does not mean what it says (see calibration)."
        )
    return text


def _covers(found: Stability, threshold: float) -> bool:
    low = 1.001 if found.low is None else found.low
    high = 1.001 if found.high is None else found.high
    return low <= threshold <= high


def cost_remarks(*, n_amount_missing: int, unscored: float) -> list[str]:
    """Say how blanks are counted."""
    said = []
    if n_amount_missing:
        said.append(
            tr(
                "{n_amount_missing} labelled applications have no amount and count as 0.",
                n_amount_missing=count(n_amount_missing),
            )
        )
    if unscored:
        said.append(
            tr(
                "{unscored} labelled applications have no score: a person decides them, assumed wrong one "
                "time in ten, at any threshold.",
                unscored=count(unscored),
            )
        )
    return said


GOALS = {
    Goal.COST: mark("lowest cost of errors"),
    Goal.BALANCED_ACCURACY: mark("highest balanced accuracy"),
    Goal.F1: mark("highest F1"),
    Goal.RECALL: mark("recall of at least …"),
    Goal.APPROVALS: mark("at most … approved"),
}


def chosen_sentence(cut: Cut, *, rows: int, other_rows: int, rarer: int) -> str:
    """Say what was chosen, on how many rows and of the rarer outcome, and on which rows it is reported."""
    what = tr("approve nobody") if cut is None else tr("a threshold of {cut}", cut=percent(cut, digits=1))
    text = tr(
        "Chosen on one half ({rows} rows): **{what}**. Believe the figures of the other half "
        "({other_rows} rows), which had no say in it.",
        rows=count(rows),
        what=what,
        other_rows=count(other_rows),
    )
    if rarer < DEFAULT_MIN_N:
        text += tr(
            " The first half holds only {rarer} of the rarer outcome: other rows would choose another.",
            rarer=count(rarer),
        )
    return text


def level_sentence(goal: Goal, level: float, reported: MetricTable) -> str:
    """Say whether a level that was asked for holds on the other half."""
    if goal not in {Goal.RECALL, Goal.APPROVALS}:
        return ""
    at_least = goal is Goal.RECALL
    found = reported.estimate("recall" if at_least else "selection_rate", 0)
    asked = (
        tr("recall of at least {level}", level=percent(level))
        if at_least
        else tr("at most {level} approved", level=percent(level))
    )
    if found.value is None or found.low is None or found.high is None:
        return tr("Asked for was {asked}; on the other half it is undefined.", asked=asked)
    sure = found.low >= level if at_least else found.high <= level
    broken = found.high < level if at_least else found.low > level
    verdict = tr("it holds") if sure else tr("it fails") if broken else tr("these rows do not settle it")
    return tr(
        "Asked for was {asked}: on the other half it is {found}, so {verdict}.",
        asked=asked,
        found=estimate_text(found),
        verdict=verdict,
    )


def half_caution(exposure: Exposure, *, has_split: bool) -> str:
    """Say what the two halves are honest about, and what not."""
    if has_split:
        return tr(
            "Only held-out rows are cut in two. Training rows are never used for this: the model has "
            "seen them, so its scores there are too good and a threshold picked on them would be wrong "
            "for others."
        )
    if exposure in {Exposure.IN_SAMPLE, Exposure.UNKNOWN}:
        return tr(
            "The model may have been trained on these rows. Then both halves flatter it: this is honest "
            "about the threshold, not about the model."
        )
    return ""


#: Where nobody has moved the threshold, and where somebody has: of one length, so that nothing moves below them.
STARTS_HERE = mark(
    "This is where the app starts: it is no choice made for these rows. To choose one, do it on one half of "
    "the rows ({where}) and believe the other, or take one that was fixed on other rows beforehand."
)
PICKED_HERE = mark(
    "Picked while looking at these rows, it flatters their figures and their gaps. Choose it on one half of "
    "the rows ({where}) and believe the other, unless it was fixed on other rows beforehand."
)
