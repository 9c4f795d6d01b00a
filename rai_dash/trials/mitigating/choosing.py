"""Decisions that know the group: a threshold for each, and fairlearn's ThresholdOptimizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import UnsupportedModel
from rai_dash.core.texts import tr
from rai_dash.core.types import UNKNOWN
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics._base import DEFAULT_MIN_N
from rai_dash.metrics.group_thresholds import GroupThresholds, Levelled, group_thresholds
from rai_dash.metrics.table import metric_table
from rai_dash.trials.mitigating.results import Goal

FloatArray = NDArray[np.float64]
#: One cut a group can make one rate equal, not two: for equalized odds it is recall.
LEVELLED: Final[dict[Goal, Levelled]] = {
    Goal.EQUALIZED_ODDS: "recall",
    Goal.DEMOGRAPHIC_PARITY: "selection_rate",
    Goal.EQUAL_OPPORTUNITY: "recall",
}
_CONSTRAINTS: Final = {
    Goal.EQUALIZED_ODDS: "equalized_odds",
    Goal.DEMOGRAPHIC_PARITY: "demographic_parity",
    Goal.EQUAL_OPPORTUNITY: "true_positive_rate_parity",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """Rows with their outcome (int8), base score (float64), group and weight, all (n,)."""

    outcome: NDArray[np.int8]
    score: FloatArray
    index: GroupIndex
    weight: FloatArray | None = None


def cuts_by_group(chosen_on: Scored, goal: Goal, threshold: float) -> GroupThresholds:
    """Choose a cut for each group that brings its rate to that of everyone at the threshold.

    Raises
    ------
    UnsupportedModel
        When that rate is undefined, so that there is nothing to bring the groups to.
    """
    metric = LEVELLED[goal]
    rows = chosen_on
    counts = count(rows.outcome, rows.score, rows.index, weight=rows.weight)
    everyone = metric_table(counts.total(), threshold, bootstrap=0, metrics=(metric,)).estimate(metric, 0)
    if everyone.value is None:
        msg = tr(
            "The rate that the groups would be brought to is undefined on the rows it is chosen on "
            "({reason}). Use more test rows.",
            reason=everyone.reason,
        )
        raise UnsupportedModel(msg, code="no_target")
    return group_thresholds(counts, metric, target=everyone.value, common=threshold)


def optimised_draws(
    chosen_on: Scored, reported: Scored, goal: Goal, threshold: float, *, seeds: range
) -> tuple[FloatArray, tuple[str, ...]]:
    """Fit the ThresholdOptimizer on one half and decide on the other under several seeds.

    Parameters
    ----------
    chosen_on, reported : Scored
        The two halves; fairlearn takes no weights.
    goal : Goal
        The constraint.
    threshold : float
        What groups keep that are too small or have one outcome only, which fairlearn refuses.
    seeds : range
        Random states of the predictions.

    Returns
    -------
    draws : float64 (seeds, n)
        Decisions on the rows reported on; NaN without a score.
    kept : tuple of str
        Groups that keep the common threshold.

    Raises
    ------
    UnsupportedModel
        When fewer than two groups are left.
    """
    from fairlearn.postprocessing import ThresholdOptimizer

    usable = (chosen_on.outcome != UNKNOWN) & np.isfinite(chosen_on.score)
    code, label = chosen_on.index.codes[usable], chosen_on.outcome[usable].astype(np.int64)
    table = np.bincount(code * 2 + label, minlength=2 * chosen_on.index.n_groups).reshape(-1, 2)
    is_fit = (table.min(axis=1) > 0) & (table.sum(axis=1) >= DEFAULT_MIN_N)
    if is_fit.sum() < 2:
        msg = tr(
            "Fewer than two groups have {default_min_n} rows and both outcomes among the rows that the "
            "rule is chosen on. Use more test rows, or groups that are larger.",
            default_min_n=DEFAULT_MIN_N,
        )
        raise UnsupportedModel(msg, code="too_few_rows")
    rows = is_fit[code]
    optimiser = ThresholdOptimizer(
        estimator=_scores_as_model(),
        constraints=_CONSTRAINTS[goal],
        prefit=True,
        predict_method="predict_proba",
    )
    optimiser.fit(chosen_on.score[usable][rows, None], label[rows], sensitive_features=code[rows])
    draws = np.tile(decide(reported.score, threshold), (len(seeds), 1))
    # A group that fairlearn has not seen would be refused as a whole.
    ask = is_fit[reported.index.codes] & np.isfinite(reported.score)
    for i, seed in enumerate(seeds):
        draws[i, ask] = optimiser.predict(
            reported.score[ask, None], sensitive_features=reported.index.codes[ask], random_state=seed
        )
    kept = tuple(g for g, fits in zip(chosen_on.index.groups, is_fit, strict=True) if not fits)
    return draws, kept


def decide(score: FloatArray, cut: FloatArray | float) -> FloatArray:
    """Approve (1) from a cut on, refuse (0) below; NaN without a score."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(score), (score >= cut).astype(np.float64), np.nan)


def _scores_as_model() -> Any:
    """Return an estimator whose one column is the score already."""
    from sklearn.base import BaseEstimator, ClassifierMixin

    class Scores(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        """Hands the score on."""

        classes_ = np.array([0, 1])

        def fit(self, X: FloatArray, y: FloatArray) -> Scores:  # noqa: N803 - scikit-learn's names
            """Learn nothing."""
            del X, y
            return self

        def __sklearn_is_fitted__(self) -> bool:
            return True

        def predict_proba(self, X: FloatArray) -> FloatArray:  # noqa: N803
            """Return the probabilities of both classes."""
            score = np.asarray(X, dtype=np.float64)[:, 0]
            return np.column_stack((1.0 - score, score))

    return Scores()
