"""The gap between groups in one metric: fairness.md sections 3 and 4.

A gap is a size, not a verdict: with many groups a large one arises by chance alone (see
`rai_dash.stats.tests`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import Estimates, plain
from rai_dash.core.texts import tr
from rai_dash.metrics._base import METRICS, MetricTable, few_rows
from rai_dash.stats.intervals import newcombe, ratio_interval

FloatArray = NDArray[np.float64]

TOO_FEW_GROUPS = "fewer than two groups can be compared"
NOBODY_APPROVED_ANYWHERE = "nobody is approved"
NARROW = "fewer than 5 people on one side do not count: the interval of the ratio is too narrow"
MAXIMUM_IS_ZERO = "the number is 0 in every group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disparity:
    """How far the eligible groups lie apart; None = undefined.

    Parameters
    ----------
    metric : str
        Name of the metric.
    difference, low, high : float or None
        Largest minus smallest value, with Newcombe's interval of that pair, widened because the pair was
        picked among all pairs. The interval exists for shares of rows only.
    ratio, ratio_low, ratio_high : float or None
        Smallest over largest value, with the interval of Katz, widened alike.
    ratio_caution : str or None
        Why the interval of the ratio is not to be relied on.
    worst, best : str or None
        Groups that attain the difference; by size of the number where no end is better.
    eligible : tuple of str
        Groups compared.
    excluded : tuple of (str, str)
        Groups left out, each with the reason.
    reason, ratio_reason : str or None
        Why difference and ratio are undefined.
    """

    metric: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None
    ratio_caution: str | None = None
    worst: str | None = None
    best: str | None = None
    eligible: tuple[str, ...] = ()
    excluded: tuple[tuple[str, str], ...] = ()
    reason: str | None = None
    ratio_reason: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "ratio": self.ratio,
            "ratio_low": self.ratio_low,
            "ratio_high": self.ratio_high,
            "ratio_caution": self.ratio_caution,
            "worst": self.worst,
            "best": self.best,
            "excluded": [{"group": group, "reason": reason} for group, reason in self.excluded],
            "reason": self.reason,
            "ratio_reason": self.ratio_reason,
        }


def disparity(table: MetricTable, metric: str, *, min_n: int | None = None) -> Disparity:
    """Compare the groups of a table in one metric.

    Parameters
    ----------
    table : MetricTable
        One sensitive column or cross.
    metric : str
        A metric of the table.
    min_n : int, optional
        Fewest rows of a group that is compared; None = as in the table.

    Returns
    -------
    Disparity
        Undefined with fewer than two groups that are large enough and have a defined value.
    """
    values = table.values[metric]
    eligible, excluded = eligible_groups(table, metric, min_n=min_n)
    names = tuple(table.groups[i] for i in eligible)
    if len(eligible) < 2:
        return Disparity(
            metric=metric,
            eligible=names,
            excluded=excluded,
            reason=TOO_FEW_GROUPS,
            ratio_reason=TOO_FEW_GROUPS,
        )
    lowest, highest = _extremes(values.value, values.size, eligible)
    level = 1.0 - 0.05 / (len(eligible) * (len(eligible) - 1) / 2.0)
    limits = _limits(values, lowest, highest, level, metric)
    ratio, ratio_reason = _ratio(values.value, lowest, highest, metric)
    is_low_better = METRICS[metric].direction == "lower"
    worst, best = (highest, lowest) if is_low_better else (lowest, highest)
    return Disparity(
        metric=metric,
        difference=plain(values.value[highest] - values.value[lowest]),
        ratio=ratio,
        worst=table.groups[worst],
        best=table.groups[best],
        eligible=names,
        excluded=excluded,
        ratio_reason=ratio_reason,
        **limits,  # type: ignore[arg-type]
    )


def eligible_groups(
    table: MetricTable, metric: str, *, min_n: int | None = None
) -> tuple[list[int], tuple[tuple[str, str], ...]]:
    """Split the groups into positions that are compared, and names left out with the reason."""
    return _eligible(table, table.values[metric], table.min_n if min_n is None else min_n)


def _eligible(
    table: MetricTable, values: Estimates, min_n: int
) -> tuple[list[int], tuple[tuple[str, str], ...]]:
    """Split the groups into those compared and those left out, with the reason."""
    eligible: list[int] = []
    excluded: list[tuple[str, str]] = []
    for i, group in enumerate(table.groups):
        if table.n[i] < min_n:
            excluded.append((group, few_rows(int(table.n[i]), min_n)))
        elif np.isnan(values.value[i]):
            excluded.append((group, values.reason[i] or "undefined"))
        else:
            eligible.append(i)
    return eligible, tuple(excluded)


def _extremes(value: FloatArray, size: FloatArray, eligible: list[int]) -> tuple[int, int]:
    """Return the positions of the smallest and the largest value, never the same one.

    Of several groups with the same value the one with the fewest rows is taken: the interval is then the widest of
    those pairs, and does not depend on the order or the names of the groups.
    """
    lowest = min(eligible, key=lambda i: (value[i], size[i]))
    highest = max((i for i in eligible if i != lowest), key=lambda i: (value[i], -size[i]))
    return lowest, highest


def _limits(
    values: Estimates, lowest: int, highest: int, level: float, metric: str
) -> dict[str, float | str | None]:
    """Return the limits of difference and ratio of two groups; none for what is no share of rows."""
    if METRICS[metric].family != "rate":
        return {}
    pair = (lowest, highest)
    k1, k2 = (values.value[i] * values.size[i] for i in pair)
    n1, n2 = (values.size[i] for i in pair)
    low, high = newcombe(k2, n2, k1, n1, level=level)
    ratio_low, ratio_high, is_narrow = ratio_interval(k1, n1, k2, n2, level=level)
    return {
        "low": plain(float(low)),
        "high": plain(float(high)),
        "ratio_low": plain(float(ratio_low)),
        "ratio_high": plain(float(ratio_high)),
        "ratio_caution": NARROW if bool(is_narrow) else None,
    }


def _ratio(value: FloatArray, lowest: int, highest: int, metric: str) -> tuple[float | None, str | None]:
    """Return the ratio of the smallest to the largest value, or the reason why there is none."""
    if value[lowest] < 0.0:
        return None, tr("the number can be negative")
    if value[highest] == 0.0:
        return None, NOBODY_APPROVED_ANYWHERE if metric == "selection_rate" else MAXIMUM_IS_ZERO
    return plain(value[lowest] / value[highest]), None
