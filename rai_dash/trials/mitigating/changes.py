"""What a method changes, with intervals for two sets of decisions on the same people."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import plain
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.metrics.disparity import eligible_groups
from rai_dash.stats.bootstrap import draw_counts, percentile_interval
from rai_dash.stats.intervals import effective_size, z_value
from rai_dash.trials.mitigating.judging import Bench
from rai_dash.trials.mitigating.results import GOAL_METRICS, Change, Goal, Judged

FloatArray = NDArray[np.float64]
#: Labels and side of the decision table that a rate is counted on.
_LABELS = {"recall": (1,), "fpr": (0,), "selection_rate": (0, 1, 2)}
REPLICATES = 2_000
#: Two-sided level of the intervals: five methods are tried, and together they are wrong in 5 % of cases at most.
LEVEL = 1.0 - 0.05 / 5.0


def change(bench: Bench, before: FloatArray, after: FloatArray, judged: tuple[Judged, Judged]) -> Change:
    """Compare two sets of decisions on the reporting rows.

    Parameters
    ----------
    bench : Bench
        The rows.
    before, after : float64 (n,)
        Decisions 0 and 1; rows without one of them are left out of the comparison.
    judged : tuple of Judged
        Before and after, as judged on ``bench``.

    Returns
    -------
    Change
        There is no interval of the gap with weights (a draw of counts is then no draw of rows), nor where no
        decision changes (no draw could differ).
    """
    found = Change(**_accuracy(bench, before, after), gap=None, gap_low=None, gap_high=None)
    was, now = (j.gap.value for j in judged)
    if was is None or now is None:
        return found
    found = replace(found, gap=now - was)
    is_changed = bool((np.isfinite(before) & np.isfinite(after) & (before != after)).any())
    if bench.weight is not None or not is_changed:
        return found
    low, high, dropped = percentile_interval(_gap_changes(bench, before, after, judged[0]), level=LEVEL)
    return replace(found, gap_low=plain(float(low)), gap_high=plain(float(high)), dropped=int(dropped))


class _Accuracy(TypedDict):
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None


def _accuracy(bench: Bench, before: FloatArray, after: FloatArray) -> _Accuracy:
    """Compare the shares of right decisions over the rows with an outcome and both decisions."""
    rows = np.isfinite(before) & np.isfinite(after) & (bench.outcome != UNKNOWN)
    good = bench.outcome[rows] == FAVOURABLE
    was, now = ((d[rows] == 1) == good for d in (before, after))
    weight = np.ones(int(rows.sum())) if bench.weight is None else bench.weight[rows]
    total, squares = float(weight.sum()), float((weight**2).sum())
    if total <= 0:
        return {"accuracy": None, "accuracy_low": None, "accuracy_high": None}
    n = float(effective_size(total, squares))
    better, worse = (float(weight[part].sum()) / total * n for part in (now & ~was, was & ~now))
    low, high = paired_interval(better, worse, n, level=LEVEL)
    return {"accuracy": (better - worse) / n, "accuracy_low": low, "accuracy_high": high}


def paired_interval(better: float, worse: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of the difference of two shares of the same n rows.

    Parameters
    ----------
    better, worse : float
        Rows that are right only after, and only before.
    n : float
        Rows; may be an effective size.
    level : float
        Two-sided confidence level.

    References
    ----------
    Agresti, A. and Min, Y. (2005). Simple improved confidence intervals for comparing matched proportions.
    Statistics in Medicine 24, 729-740: Wald's interval with one half added to each of the four cells.
    """
    b, c, size = better + 0.5, worse + 0.5, n + 2.0
    difference = (b - c) / size
    half = z_value(level) * np.sqrt((b + c) / size - difference**2) / np.sqrt(size)
    return max(-1.0, float(difference - half)), min(1.0, float(difference + half))


def _gap_changes(bench: Bench, before: FloatArray, after: FloatArray, judged: Judged) -> FloatArray:
    """Draw the reporting rows anew and compare the gaps; float64 (replicates,), NaN = undefined."""
    rows = np.isfinite(before) & np.isfinite(after)
    groups = bench.index.n_groups
    code = bench.index.codes[rows].astype(np.int64) * 3 + bench.outcome[rows]
    code = (code * 2 + before[rows].astype(np.int64)) * 2 + after[rows].astype(np.int64)
    cells = np.bincount(code, minlength=groups * 12).reshape(groups, 3, 2, 2)
    draws = draw_counts(cells.astype(np.int64), replicates=REPLICATES, seed=bench.seed).astype(np.float64)
    was, now = draws.sum(axis=4), draws.sum(axis=3)
    return _gaps(now, judged, bench.goal) - _gaps(was, judged, bench.goal)


def _gaps(draws: FloatArray, judged: Judged, goal: Goal) -> FloatArray:
    """Compute the gap of the goal in every replicate, from counts (replicates, groups, 3, 2)."""
    out = np.full(len(draws), -np.inf)
    for name in GOAL_METRICS[goal]:
        eligible, _ = eligible_groups(judged.by_group, name)
        part = draws[:, eligible][:, :, _LABELS[name]].sum(axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = part[..., 1] / part.sum(axis=-1)
        # NaN in any group makes the replicate undefined.
        out = np.maximum(out, rate.max(axis=1) - rate.min(axis=1))
    return out
