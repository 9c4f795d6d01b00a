"""The named parity measures of the field, from the gaps of one table: `fairness.md` section 3.

None of them settles whether a model is fair: each says which rates differ, and by how much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.estimates import plain
from rai_dash.core.texts import tr
from rai_dash.metrics._base import DEFAULT_BOOTSTRAP, MetricTable, metric_input, ratio
from rai_dash.metrics._confusion import Confusion
from rai_dash.metrics.disparity import disparity, eligible_groups
from rai_dash.stats.bootstrap import errors_of_gap

FloatArray = NDArray[np.float64]

#: Added to both outcomes of a group before its log-odds are compared (Foulds et al., smoothed differential fairness).
CONCENTRATION = 1.0
#: Rows of each outcome that every compared group must have for an interval of equalized odds; with as many it covered
#: 91 % or more in our simulation of 2 to 12 groups and rates from 0.05 to 0.95.
LEAST_OF_AN_OUTCOME: Final = 30
#: Metrics that a table needs for `parities`.
NEEDED: Final = ("selection_rate", "recall", "fpr", "fnr", "precision", "for_rate")
#: One plain line a measure.
MEANINGS: Final = {
    "demographic_parity_difference": "largest less smallest share approved",
    "demographic_parity_ratio": "smallest over largest share approved: the adverse impact ratio (0.8: a convention)",
    "equal_opportunity_difference": "largest less smallest share of good applicants who are approved",
    "equalized_odds_max": "the larger of the gaps in recall and in the false positive rate",
    "equalized_odds_mean": "the mean of the gaps in recall and in the false positive rate",
    "predictive_parity_difference": "largest less smallest share of the approved who are good",
    "refused_good_difference": "largest less smallest share of good applicants who are refused",
    "false_omission_difference": "largest less smallest share of the refused who are good",
    "smoothed_differential_fairness": "how far the odds of approval lie apart, in logs, smoothed for small groups",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """One named measure; None = undefined, with the reason.

    Parameters
    ----------
    name : str
        Stable name, as in the field.
    value : float or None
        The number.
    groups : tuple of str
        The pair that attains it, where it is attained by one.
    reason : str or None
        Why it is undefined.
    low, high : float or None
        95 % interval of equalized odds, where counts to draw from were given; the gaps of single rates have theirs in
        `rai_dash.metrics.disparity`.
    interval_reason : str or None
        Why there is none although it was asked for.
    """

    name: str
    value: float | None
    groups: tuple[str, ...] = ()
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    interval_reason: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None. Interval keys are there only where an interval was asked for."""
        out: dict[str, object] = {"value": self.value, "groups": list(self.groups), "reason": self.reason}
        if self.low is not None or self.interval_reason is not None:
            out |= {"low": self.low, "high": self.high, "interval_reason": self.interval_reason}
        return out


def _gap(table: MetricTable, metric: str, name: str) -> Parity:
    found = disparity(table, metric)
    pair = (found.worst, found.best)
    groups = tuple(g for g in pair if g is not None) if found.difference is not None else ()
    return Parity(name=name, value=found.difference, groups=groups, reason=found.reason)


def _ratio(table: MetricTable, metric: str, name: str) -> Parity:
    found = disparity(table, metric)
    pair = (found.worst, found.best)
    groups = tuple(g for g in pair if g is not None) if found.ratio is not None else ()
    return Parity(name=name, value=found.ratio, groups=groups, reason=found.ratio_reason)


@dataclass(frozen=True, slots=True)
class _Widths:
    """How far the larger and the mean of the two gaps may lie from what was seen, or why that is not known."""

    larger: float = math.nan
    mean: float = math.nan
    reason: str | None = None


def _widths(table: MetricTable, at: tuple[GroupCounts, float], bootstrap: int, seed: int) -> _Widths:
    """Draw the counts and take the 95 % quantile of the error of each gap."""
    given = metric_input(*at, bootstrap=bootstrap, seed=seed)
    draws = given.draws()
    if draws is None:
        return _Widths(reason=tr("an interval needs draws of counts without weights"))
    eligible = [eligible_groups(table, metric)[0] for metric in ("recall", "fpr")]
    for places, (_, rows) in zip(eligible, _rates(given.sums), strict=True):
        thin = min(places, key=lambda i, rows=rows: rows[i])  # type: ignore[misc]
        if rows[thin] < LEAST_OF_AN_OUTCOME:
            return _Widths(
                reason=tr(
                    "`{groups}` has {rows} applicants of one outcome, fewer than {least_of_an_outcome}",
                    groups=table.groups[thin],
                    rows=f"{rows[thin]:,.0f}",
                    least_of_an_outcome=LEAST_OF_AN_OUTCOME,
                )
            )
    first, second = (
        errors_of_gap(seen[places], drawn[:, places])
        for places, (seen, _), (drawn, _) in zip(eligible, _rates(given.sums), _rates(draws), strict=True)
    )
    larger, mean = (
        float(np.nanquantile(e, 0.95)) for e in (np.maximum(first, second), (first + second) / 2.0)
    )
    if mean == 0.0:
        return _Widths(reason=tr("every resample of the rows gives the same number"))
    return _Widths(larger=larger, mean=mean)


def _rates(c: Confusion) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """Return recall and false positive rate, each with its denominator."""
    good, bad = c.tp + c.fn, c.fp + c.tn
    return (ratio(c.tp, good), good), (ratio(c.fp, bad), bad)


def _with_interval(one: Parity, width: float, reason: str | None) -> Parity:
    """Put the interval around a gap, which is never below 0 nor above 1."""
    if one.value is None:
        return one
    if math.isnan(width):
        return replace(one, interval_reason=reason)
    return replace(one, low=max(0.0, one.value - width), high=min(1.0, one.value + width))


def _odds(table: MetricTable) -> tuple[Parity, Parity]:
    """Return the larger and the mean of the gaps in recall and in the false positive rate."""
    gaps = [_gap(table, metric, "equalized_odds") for metric in ("recall", "fpr")]
    missing = next((g for g in gaps if g.value is None), None)
    if missing is not None:
        return tuple(  # type: ignore[return-value]
            Parity(name=name, value=None, reason=missing.reason)
            for name in ("equalized_odds_max", "equalized_odds_mean")
        )
    values = [g.value for g in gaps if g.value is not None]
    larger = max(gaps, key=lambda g: g.value or 0.0)
    return (
        Parity(name="equalized_odds_max", value=max(values), groups=larger.groups),
        Parity(name="equalized_odds_mean", value=math.fsum(values) / 2.0),
    )


def smoothed_differential_fairness(table: MetricTable) -> Parity:
    """Return the smoothed empirical differential fairness of the selection rate.

    Notes
    -----
    ``q = (k + a/2) / (n + a)`` with ``a = 1``; the largest over pairs of ``max(|ln q_i - ln q_j|,
    |ln(1-q_i) - ln(1-q_j)|)`` (Foulds, Islam, Keya and Pan 2020). 0 = the same odds everywhere.
    """
    name = "smoothed_differential_fairness"
    values = table.values["selection_rate"]
    eligible, _ = eligible_groups(table, "selection_rate")
    if len(eligible) < 2:
        return Parity(name=name, value=None, reason=tr("fewer than two groups can be compared"))
    q = {
        i: (float(values.numerator[i]) + CONCENTRATION / 2) / (float(values.denominator[i]) + CONCENTRATION)
        for i in eligible
    }

    def apart(pair: tuple[int, int]) -> float:
        a, b = (q[i] for i in pair)
        return max(abs(math.log(a / b)), abs(math.log((1 - a) / (1 - b))))

    pair = max(combinations(eligible, 2), key=apart)
    low, high = sorted(pair, key=lambda i: q[i])
    return Parity(name=name, value=plain(apart(pair)), groups=(table.groups[low], table.groups[high]))


def parities(
    table: MetricTable,
    *,
    at: tuple[GroupCounts, float] | None = None,
    bootstrap: int = DEFAULT_BOOTSTRAP,
    seed: int = 0,
) -> tuple[Parity, ...]:
    """Compute the named parity measures of one sensitive column or cross.

    Parameters
    ----------
    table : MetricTable
        With the metrics of ``NEEDED``.
    at : tuple of GroupCounts and float, optional
        Counts and threshold that the table was computed from: equalized odds get their 95 % intervals from draws of
        these counts. None = no intervals, for a slider in motion.
    bootstrap, seed : int
        Replicates and seed, as of the table: the same give the same draws.

    Returns
    -------
    tuple of Parity
        ``demographic_parity_difference``, ``demographic_parity_ratio`` (the adverse impact ratio against the most
        selected group), ``equal_opportunity_difference``, ``equalized_odds_max``, ``equalized_odds_mean``,
        ``predictive_parity_difference``, ``refused_good_difference`` (of `fnr`), ``false_omission_difference``
        and ``smoothed_differential_fairness``.

    Notes
    -----
    The interval of equalized odds is the number plus and minus the 95 % quantile, over replicates, of the largest error
    of any difference of two groups (see `rai_dash.stats.bootstrap.errors_of_gap`): of the larger error of the two
    rates, or of the mean of both. Under no disparity it contains 0 as often as it should; a percentile interval never
    does.
    """
    larger, mean = _odds(table)
    if at is not None and larger.value is not None:
        widths = _widths(table, at, bootstrap, seed)
        larger = _with_interval(larger, widths.larger, widths.reason)
        mean = _with_interval(mean, widths.mean, widths.reason)
    return (
        _gap(table, "selection_rate", "demographic_parity_difference"),
        _ratio(table, "selection_rate", "demographic_parity_ratio"),
        _gap(table, "recall", "equal_opportunity_difference"),
        larger,
        mean,
        _gap(table, "precision", "predictive_parity_difference"),
        _gap(table, "fnr", "refused_good_difference"),
        _gap(table, "for_rate", "false_omission_difference"),
        smoothed_differential_fairness(table),
    )
