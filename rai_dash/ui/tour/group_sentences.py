"""The sentences of the tour about groups: in the data, in the training rows, in the decisions."""

from __future__ import annotations

from typing import Final

from rai_dash.core.target_words import wording
from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.types import Estimate
from rai_dash.metrics.disparity import Disparity, disparity
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.metrics.verdict import GapVerdict, gap_verdict
from rai_dash.stats.tests import Verdict
from rai_dash.trials.rebalancing.preview import preview
from rai_dash.ui import rebalance_cells, rebalancing
from rai_dash.ui.imbalance import Cross, look_of
from rai_dash.ui.rebalancing import Wanted
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent, points, safe

#: What the tests say of the difference that was just named.
_SETTLED: Final = {
    Verdict.SHOWN: mark("A difference between groups is shown: chance alone would hardly give it."),
    Verdict.EQUIVALENT: mark("All groups are shown to be within {tolerance} of one another."),
}
_OPEN: Final = mark("This sample does not settle the difference.")
_SHARE: Final = mark("**{some} of {all}** ({share})")


def imbalance(view: View) -> str:
    """Say how many favourable rows there are in the groups with the smallest and the largest share."""
    by = view.choices.by
    look = look_of(view, Cross(columns=(by,), binning=view.choices.binning, bins=view.choices.bins), None)
    ends = _ends(look.tested.rates, look.tested.gap, "base_rate")
    if ends is None:
        return tr(
            "Groups of {column} cannot be compared: {reason}.",
            column=safe(by), reason=safe(look.tested.gap.reason or tr("too few rows"), limit=200),
        )  # fmt: skip
    (low, few), (high, most) = ends
    named = tr(
        "By {column}, {most} rows of **{high}** are favourable and {few} of **{low}**.",
        column=safe(by), most=_of(most), high=safe(high), few=_of(few), low=safe(low),
    )  # fmt: skip
    return f"{named} {_settled(look.tested.verdict)}"


def rebalance(view: View) -> str:
    """Say which training rows would be copied, and how often."""
    chosen = view.choices
    wanted = Wanted(
        by=chosen.balance_by or None, up=chosen.up / 100, down=chosen.down / 100, seed=chosen.seed,
        test=chosen.balance_on, seeds=chosen.seeds, strategies=(), cells=(), column=None,
    )  # fmt: skip
    shown = preview(rebalance_cells.first_fold(view, wanted).cells, rebalancing.recipe_of(wanted))
    grown = [c for c in shown if c.facts.rows and c.target > c.facts.rows]
    if not grown:
        return tr("Topping up changes nothing here: all cells of the training rows are of one size.")
    most = max(grown, key=lambda c: c.target / c.facts.rows)
    return ntr(
        "Topping up turns the **{n}** training row “{cell}” into **{target}**: the same one again, and nobody new.",
        "Topping up turns the **{n}** training rows “{cell}” into **{target}**: the same {n} again, and nobody new.",
        most.facts.rows,
        n=count(most.facts.rows), cell=safe(most.facts.name), target=count(most.target),
    )  # fmt: skip


def groups(view: View) -> str:
    """Say who is approved of those who should be, in the groups with the smallest and the largest share."""
    judgement, by, metric = view.judgement, view.choices.by, "recall"
    table = metric_table(judgement.counts((by,)), view.choices.threshold, bootstrap=0, metrics=(metric,))
    gap = disparity(table, metric)
    good = wording(judgement.roles.target_kind).good
    ends = _ends(table, gap, metric)
    if ends is None:
        return tr(
            "The share approved of the {good} cannot be compared by {column}: {reason}.",
            good=good, column=safe(by), reason=safe(gap.reason or tr("too few rows"), limit=200),
        )  # fmt: skip
    (low, few), (high, most) = ends
    model = judgement.model
    source = safe(judgement.roles.score or "") if model is None else safe(model.title)
    named = tr(
        "“{model}” by {column}: of the {good}, {few} are approved in **{low}** and {most} in **{high}**.",
        model=source, column=safe(by), good=good, few=_of(few), low=safe(low), most=_of(most), high=safe(high),
    )  # fmt: skip
    return f"{named} {_settled(gap_verdict(table, metric, tolerance=view.choices.tolerance / 100))}"


def _ends(
    table: MetricTable, gap: Disparity, metric: str
) -> tuple[tuple[str, Estimate], tuple[str, Estimate]] | None:
    """Return the groups with the smallest and the largest share; None = there are no two to compare."""
    if gap.worst is None or gap.best is None or gap.difference is None:
        return None
    named = [(g, table.estimate(metric, table.groups.index(g))) for g in (gap.worst, gap.best)]
    low, high = sorted(named, key=lambda pair: pair[1].value or 0.0)
    return low, high


def _of(estimate: Estimate) -> str:
    return tr(
        _SHARE,
        some=count(estimate.numerator), all=count(estimate.denominator), share=percent(estimate.value),
    )  # fmt: skip


def _settled(verdict: GapVerdict | None) -> str:
    """Say what the tests say; without a verdict nothing is settled."""
    if verdict is None or verdict.verdict not in _SETTLED:
        return tr(_OPEN)
    return tr(_SETTLED[Verdict(verdict.verdict)], tolerance=points(verdict.tolerance))
