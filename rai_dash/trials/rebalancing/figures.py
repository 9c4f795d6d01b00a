"""The figures of a comparison at one threshold: arithmetic on counts, no row is read and nothing is trained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rai_dash.core.counts import GroupCounts
from rai_dash.core.estimates import plain
from rai_dash.metrics._base import DEFAULT_MIN_N
from rai_dash.metrics.disparity import Disparity, disparity
from rai_dash.metrics.table import MetricTable, metric_table
from rai_dash.trials.rebalancing.results import Compared, Run, Scored, Variant
from rai_dash.trials.rebalancing.strategies import CORRECTED, JOINT, NONE, THRESHOLD

#: Figures of the scores, whatever the threshold.
OF_SCORES: Final = ("auc", "brier", "log_loss", "calibration_slope", "overstated")
#: Figures of the decisions.
OF_DECISIONS: Final = ("accuracy", "recall", "precision", "selection_rate", "fpr")
GAPS: Final = ("recall", "precision", "selection_rate", "fpr")
_SCORE_METRICS: Final = ("auc", "brier", "calibration_slope", "mean_score", "base_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One figure over the seeds: mean, smallest, largest; None = undefined under a seed."""

    mean: float | None
    low: float | None
    high: float | None

    def to_json(self) -> dict[str, float | None]:
        """Return plain values; undefined = None."""
        return asdict(self)


def spread(values: Sequence[float | None]) -> Spread:
    """Summarise a figure over the seeds; undefined as soon as one of them is."""
    known = [v for v in values if v is not None and math.isfinite(v)]
    if not known or len(known) < len(values):
        return Spread(mean=None, low=None, high=None)
    return Spread(mean=math.fsum(known) / len(known), low=min(known), high=max(known))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decided:
    """Decisions of one run: for everyone and by group."""

    everyone: MetricTable
    by_group: MetricTable | None

    def gap(self, metric: str) -> Disparity | None:
        """Return the gap between groups in a rate; None = groups are not compared."""
        return None if self.by_group is None else disparity(self.by_group, metric)


def decide(
    compared: Compared, variant: Variant, position: int, threshold: float, *, matched: bool
) -> Decided:
    """Cut the scores of one run.

    Parameters
    ----------
    compared, variant : Compared, Variant
        The comparison, and one of its strategies.
    position : int
        Of the seed.
    threshold : float
        Multiple of 0.001.
    matched : bool
        Whether the strategy approves the share that the recipe approves at the threshold, instead of having the
        threshold itself: to within a tenth of a point, and never a part of the rows with one score.

    Notes
    -----
    "Threshold only" is matched always: that is what it is.
    """
    scored = variant.runs[position].scored
    if matched or variant.strategy is THRESHOLD:
        cut = _cut_of_share(recipe_share(compared, position, threshold))
        return _decided(scored.ranked, scored.ranked_by_group, cut)
    return _decided(scored.everyone, scored.by_group, threshold)


def recipe_share(compared: Compared, position: int, threshold: float) -> float | None:
    """Return the share that the recipe approves at a threshold under one seed; None = undefined."""
    counts = compared.variant(JOINT.key).runs[position].scored.everyone
    table = metric_table(counts, threshold, bootstrap=0, metrics=("selection_rate",))
    return table.estimate("selection_rate", 0).value


def _cut_of_share(share: float | None) -> float:
    """Turn the share to approve into a cut of the ranks, on the grid."""
    wanted = 1.0 - (share or 0.0)
    return math.floor(wanted * 1000.0 + 1e-9) / 1000.0


def _decided(everyone: GroupCounts, by_group: GroupCounts | None, cut: float) -> Decided:
    def table(counts: GroupCounts) -> MetricTable:
        return metric_table(counts, cut, bootstrap=0, metrics=OF_DECISIONS)

    return Decided(everyone=table(everyone), by_group=None if by_group is None else table(by_group))


def score_figures(scored: Scored) -> dict[str, float | None]:
    """Return AUC, Brier score, log loss, calibration slope and mean score over base rate; None = undefined."""
    table = metric_table(scored.everyone, 0.5, bootstrap=0, metrics=_SCORE_METRICS)
    found = {name: table.estimate(name, 0).value for name in _SCORE_METRICS}
    mean, base = found.pop("mean_score"), found.pop("base_rate")
    ratio = mean / base if mean is not None and base else None
    return found | {"log_loss": plain(scored.log_loss), "overstated": ratio}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """One strategy at one threshold.

    Parameters
    ----------
    variant : Variant
        The strategy and its runs.
    scores : mapping of str to Spread
        By name of `OF_SCORES`, over the seeds.
    corrected : mapping of str to Spread
        The same with prior-corrected scores; empty where the prior was not moved.
    decisions, matched : mapping of str to Spread
        By name of `OF_DECISIONS`, at the threshold and at the share that the recipe approves.
    gaps, matched_gaps : mapping of str to Spread
        Difference between groups by name of `GAPS`; empty where groups are not compared.
    runs, matched_runs : tuple of Decided
        Tables of each seed, with intervals.
    """

    variant: Variant
    scores: dict[str, Spread]
    corrected: dict[str, Spread]
    decisions: dict[str, Spread]
    matched: dict[str, Spread]
    gaps: dict[str, Spread]
    matched_gaps: dict[str, Spread]
    runs: tuple[Decided, ...]
    matched_runs: tuple[Decided, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; undefined = None."""
        parts = ("scores", "corrected", "decisions", "matched", "gaps", "matched_gaps")
        summary = {part: {k: v.to_json() for k, v in getattr(self, part).items()} for part in parts}
        runs = zip(self.variant.runs, self.runs, self.matched_runs, strict=True)
        return {
            "strategy": asdict(self.variant.strategy), "failed": self.variant.failed,
            "trained": self.variant.trained, **summary,
            "runs": [_run_json(run, at, level) for run, at, level in runs],
        }  # fmt: skip


def _run_json(run: Run, at: Decided, matched: Decided) -> dict[str, Any]:
    plain_parts = ("seed", "train_rows", "prior", "prior_after")
    return {name: getattr(run, name) for name in plain_parts} | {
        "cells": dict(run.cells),
        "scores": score_figures(run.scored),
        "corrected": None if run.corrected is None else score_figures(run.corrected),
        "at_threshold": _decided_json(at),
        "at_matched_share": _decided_json(matched),
    }


def _decided_json(decided: Decided) -> dict[str, Any]:
    table = decided.by_group
    groups = {} if table is None else {g: table.to_json(i) for i, g in enumerate(table.groups)}
    gaps = {name: found.to_json() for name in GAPS if (found := decided.gap(name)) is not None}
    return {"overall": decided.everyone.to_json(0), "groups": groups, "gaps": gaps}


def line(compared: Compared, variant: Variant, threshold: float) -> Line:
    """Read off the figures of one strategy; one that failed has none."""
    positions = range(len(variant.runs))
    at = tuple(decide(compared, variant, i, threshold, matched=False) for i in positions)
    level = tuple(decide(compared, variant, i, threshold, matched=True) for i in positions)
    corrected = [run.corrected for run in variant.runs if run.corrected is not None]
    return Line(
        variant=variant,
        scores=_spreads(OF_SCORES, [score_figures(run.scored) for run in variant.runs]),
        corrected=_spreads(OF_SCORES, [score_figures(c) for c in corrected]),
        decisions=_decision_spreads(at),
        matched=_decision_spreads(level),
        gaps=_gap_spreads(at),
        matched_gaps=_gap_spreads(level),
        runs=at,
        matched_runs=level,
    )


def _spreads(names: Sequence[str], found: Sequence[dict[str, float | None]]) -> dict[str, Spread]:
    return {name: spread([f[name] for f in found]) for name in names} if found else {}


def _decision_spreads(decided: Sequence[Decided]) -> dict[str, Spread]:
    found = [{n: d.everyone.estimate(n, 0).value for n in OF_DECISIONS} for d in decided]
    return _spreads(OF_DECISIONS, found)


def _gap_spreads(decided: Sequence[Decided]) -> dict[str, Spread]:
    gaps = [{n: g.difference for n in GAPS if (g := d.gap(n)) is not None} for d in decided]
    return _spreads(GAPS, gaps) if gaps and gaps[0] else {}


def lines(compared: Compared, threshold: float) -> tuple[Line, ...]:
    """Read off the figures of all strategies at one threshold, a multiple of 0.001."""
    return tuple(line(compared, variant, threshold) for variant in compared.variants)


def comparison_json(compared: Compared, threshold: float) -> dict[str, Any]:
    """Return the whole comparison at one threshold as plain values; undefined = None."""
    head = ("kind", "is_stand_in", "fold", "fold_is_drawn", "dropped", "twins", "train_rows", "test_rows")
    return {name: getattr(compared, name) for name in head} | {
        "recipe": compared.recipe.to_json(),
        "warnings": list(compared.cautions),
        "seeds": list(compared.seeds),
        "threshold": threshold,
        "strategies": [one.to_json() for one in lines(compared, threshold)],
    }


def is_shown_to_rank_better(compared: Compared, variant: Variant) -> bool:
    """Whether a strategy orders people better than the model as it is, by more than chance and under every seed.

    Under each seed the lower 95 % limit of its AUC lies above the AUC of the model as it is. That is strict: both are
    of the same people, so a paired test would find smaller differences. A correction leaves the order as it is.
    With fewer than 30 test rows of an outcome nothing is said: the interval of the AUC is not to be relied on.
    """
    base = compared.variant(NONE.key)
    if not variant.runs or variant.strategy in {NONE, THRESHOLD, CORRECTED}:
        return False
    if any(run.scored.everyone.counts[0, :2].sum(axis=1).min() < DEFAULT_MIN_N for run in variant.runs):
        return False
    return all(_auc_low(run) > _auc(was) for run, was in zip(variant.runs, base.runs, strict=True))


def _auc(run: Run) -> float:
    found = metric_table(run.scored.everyone, 0.5, bootstrap=0, metrics=("auc",)).estimate("auc", 0).value
    return math.inf if found is None else found


def _auc_low(run: Run) -> float:
    found = metric_table(run.scored.everyone, 0.5, bootstrap=0, metrics=("auc",)).estimate("auc", 0).low
    return -math.inf if found is None else found
