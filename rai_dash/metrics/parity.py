"""The named parity measures of the field, from the gaps of one table: `fairness.md` section 3.

None of them settles whether a model is fair: each says which rates differ, and by how much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from rai_dash.core.estimates import plain
from rai_dash.metrics._base import MetricTable
from rai_dash.metrics.disparity import disparity, eligible_groups

#: Added to both outcomes of a group before its log-odds are compared (Foulds et al., smoothed differential fairness).
CONCENTRATION = 1.0
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
    """

    name: str
    value: float | None
    groups: tuple[str, ...] = ()
    reason: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {"value": self.value, "groups": list(self.groups), "reason": self.reason}


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
        return Parity(name=name, value=None, reason="fewer than two groups can be compared")
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


def parities(table: MetricTable) -> tuple[Parity, ...]:
    """Compute the named parity measures of one sensitive column or cross.

    Parameters
    ----------
    table : MetricTable
        With the metrics of ``NEEDED``.

    Returns
    -------
    tuple of Parity
        ``demographic_parity_difference``, ``demographic_parity_ratio`` (the adverse impact ratio against the most
        selected group), ``equal_opportunity_difference``, ``equalized_odds_max``, ``equalized_odds_mean``,
        ``predictive_parity_difference``, ``refused_good_difference`` (of `fnr`), ``false_omission_difference``
        and ``smoothed_differential_fairness``.
    """
    return (
        _gap(table, "selection_rate", "demographic_parity_difference"),
        _ratio(table, "selection_rate", "demographic_parity_ratio"),
        _gap(table, "recall", "equal_opportunity_difference"),
        *_odds(table),
        _gap(table, "precision", "predictive_parity_difference"),
        _gap(table, "fnr", "refused_good_difference"),
        _gap(table, "for_rate", "false_omission_difference"),
        smoothed_differential_fairness(table),
    )
