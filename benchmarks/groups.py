"""Counts against row scans: fairlearn's MetricFrame and ours, paired in one run on the same columns.

    python benchmarks/groups.py           100,000 rows, half a minute
    python benchmarks/groups.py --full    1,000,000 rows, as the budgets are meant: a few minutes

Seconds are processor time of this process, which other work on the machine disturbs little. Read the ratios all the
same.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce
from typing import TypeVar

import fairlearn.metrics as fairlearn
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, precision_score, roc_auc_score

from rai_dash.core.counts import GroupCounts, add_counts
from rai_dash.core.types import ReviewBand
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics._base import metric_input, ratio
from rai_dash.metrics._confusion import Confusion
from rai_dash.metrics.table import METRICS, MetricTable, metric_table
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.review.band import route
from rai_dash.stats.bootstrap import percentile_interval

T = TypeVar("T")
FloatArray = NDArray[np.float64]

N_GROUPS = 40
THRESHOLD = 0.5
REPLICATES = 1000
#: The same eight metrics in fairlearn's words and as numerator and denominator of a confusion table.
PAIRED = {
    "selection_rate": fairlearn.selection_rate,
    "recall": fairlearn.true_positive_rate,
    "fnr": fairlearn.false_negative_rate,
    "fpr": fairlearn.false_positive_rate,
    "tnr": fairlearn.true_negative_rate,
    "accuracy": accuracy_score,
    "precision": partial(precision_score, zero_division=0),
    "npv": partial(precision_score, zero_division=0, pos_label=0),
}
SHARES: dict[str, Callable[[Confusion], FloatArray]] = {
    "selection_rate": lambda c: ratio(c.selected, c.scored),
    "recall": lambda c: ratio(c.tp, c.tp + c.fn),
    "fnr": lambda c: ratio(c.fn, c.tp + c.fn),
    "fpr": lambda c: ratio(c.fp, c.fp + c.tn),
    "tnr": lambda c: ratio(c.tn, c.fp + c.tn),
    "accuracy": lambda c: ratio(c.tp + c.tn, c.judged),
    "precision": lambda c: ratio(c.tp, c.tp + c.fp),
    "npv": lambda c: ratio(c.tn, c.fn + c.tn),
}
RATES = [name for name in METRICS if METRICS[name].family == "rate"]
TESTED = ("selection_rate", "recall", "precision", "fpr", "accuracy")


@dataclass(frozen=True, slots=True)
class Rows:
    """Typed columns of a table."""

    label: NDArray[np.int8]
    score: FloatArray
    index: GroupIndex

    def counted(self) -> GroupCounts:
        """Count them."""
        return count(self.label, self.score, self.index)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure beside its budget."""

    what: str
    figure: float
    unit: str
    budget: float
    is_least: bool = False

    def __str__(self) -> str:
        """Return the line of the table."""
        is_met = self.figure >= self.budget if self.is_least else self.figure <= self.budget
        sign = ">=" if self.is_least else "<="
        digits = 0 if self.unit == "x" else 2
        figure = f"{self.figure:12,.{digits}f} {self.unit:2s}"
        return f"  {self.what:52s} {figure}   {sign} {self.budget:9,.0f}   {'met' if is_met else 'MISSED'}"


def timed(work: Callable[[], T], *, repeats: int) -> tuple[float, T]:
    """Return the median processor seconds of some runs, and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return float(np.median(seconds)), result


def rows(n: int, *, seed: int = 7) -> Rows:
    """Make typed columns: 40 groups of unequal size, scores without ties, outcomes that follow them."""
    rng = np.random.default_rng(seed)
    codes = rng.choice(N_GROUPS, n, p=np.arange(1, N_GROUPS + 1) / (N_GROUPS * (N_GROUPS + 1) / 2))
    score = rng.beta(2.0, 2.0, n)
    label = (rng.random(n) < score).astype(np.int8)
    return Rows(
        label, score, GroupIndex("group", tuple(f"g{i}" for i in range(N_GROUPS)), codes.astype(np.int32))
    )


def frame_of(given: Rows, replicates: int | None = None) -> fairlearn.MetricFrame:
    """Compute fairlearn's metrics, from columns to numbers."""
    frame = fairlearn.MetricFrame(
        metrics=PAIRED,
        y_true=given.label,
        y_pred=(given.score >= THRESHOLD).astype(np.int8),
        sensitive_features=given.index.codes,
        n_boot=replicates,
        ci_quantiles=None if replicates is None else [0.025, 0.975],
        random_state=None if replicates is None else 1,
    )
    _ = frame.by_group  # computed on access in some versions
    return frame


def ours(given: Rows) -> MetricTable:
    """Compute the same from the same columns, with intervals."""
    return metric_table(given.counted(), THRESHOLD, metrics=PAIRED, bootstrap=0)


def our_bootstrap(counts: GroupCounts) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Draw all replicates, and compute all metrics, all groups and their percentile intervals from them."""
    draws = metric_input(counts, THRESHOLD, bootstrap=REPLICATES, seed=1).draws()
    if draws is None:
        msg = "These counts carry weights, and have no bootstrap."
        raise RuntimeError(msg)
    return {name: percentile_interval(share(draws))[:2] for name, share in SHARES.items()}


def compare(given: Rows, replicates: int) -> list[Line]:
    """Measure what fairlearn does as well, and check that the answers agree."""
    ours(given)  # registry and imports, once a process
    our_seconds, table = timed(lambda: ours(given), repeats=7)
    their_seconds, frame = timed(lambda: frame_of(given), repeats=1)
    apart = max(
        float(np.abs(frame.by_group[name].to_numpy(np.float64) - table.values[name].value).max())
        for name in PAIRED
    )
    counts = given.counted()
    our_boot, limits = timed(lambda: our_bootstrap(counts), repeats=5)
    with_boot, _ = timed(lambda: frame_of(given, replicates), repeats=1)
    their_boot = max(with_boot - their_seconds, 0.0) / replicates
    # A percentile interval of 1,000 draws is that of a rate: beside the Wilson interval of the same table.
    beside = max(
        float(np.nanmax(np.abs(limits[name][end] - getattr(table.values[name], side))))
        for name in PAIRED
        for end, side in enumerate(("low", "high"))
    )
    print(f"  fairlearn MetricFrame    {their_seconds:12.3f} s")
    print(f"  counts, then metrics     {our_seconds:12.6f} s   largest difference {apart:.0e}")
    print(f"  fairlearn, a replicate   {their_boot:12.3f} s   of {replicates}")
    print(
        f"  ours, a replicate        {our_boot / REPLICATES:12.7f} s   limits within {beside:.3f} of Wilson's"
    )
    return [
        Line(
            "counts and metrics against MetricFrame", their_seconds / our_seconds, "x", 1_000, is_least=True
        ),
        Line(
            "a bootstrap replicate against fairlearn's",
            their_boot / (our_boot / REPLICATES),
            "x",
            100_000,
            is_least=True,
        ),
    ]


def ranking(given: Rows) -> None:
    """Print what the figures cost that need the order of the rows, beside scikit-learn's AUC."""
    codes = given.index.codes

    def theirs() -> list[float]:
        return [roc_auc_score(given.label[codes == g], given.score[codes == g]) for g in range(N_GROUPS)]

    slow, expected = timed(theirs, repeats=1)
    fast, figures = timed(lambda: given.counted().figures(), repeats=3)
    apart = float(np.abs(figures.auc - expected).max())
    print(f"  scikit-learn, {N_GROUPS} AUCs    {slow:12.3f} s")
    print(f"  AUC, limits, calibration {fast:12.3f} s   largest difference {apart:.0e}")


def queries(counts: GroupCounts) -> list[Line]:
    """Measure what a slider step and its release cost once the rows are counted."""

    def verdicts(threshold: float) -> list[object]:
        table = metric_table(counts, threshold, bootstrap=0, metrics=TESTED)
        return [gap_verdict(table, name) for name in TESTED]

    steps: dict[str, tuple[Callable[[float], object], float, float]] = {
        "all rates with intervals, on the grid": (
            lambda t: metric_table(counts, t, metrics=RATES, bootstrap=0), 0.0, 5.0,
        ),
        "all rates with intervals, off the grid": (
            lambda t: metric_table(counts, t, metrics=RATES, bootstrap=0), 0.00037, 5.0,
        ),
        "tests and verdicts of five metrics": (verdicts, 0.0, 100.0),
        "all metrics with 1,000 replicates": (lambda t: metric_table(counts, t), 0.0, 50.0),
        "review band, all shares": (lambda t: route(counts, ReviewBand(t / 2, t, (1 + t) / 2)), 0.0, 5.0),
    }  # fmt: skip
    metric_table(counts, THRESHOLD)  # AUC and calibration are computed once
    lines = []
    for what, (work, shift, budget) in steps.items():
        # The slowest of nine thresholds over the whole range: none may be slow.
        slowest = max(timed(partial(work, cut / 10 + shift), repeats=5)[0] for cut in range(1, 10))
        lines.append(Line(f"{what}, slowest of 9 cuts", slowest * 1e3, "ms", budget))
    return lines


def size(counts: GroupCounts) -> int:
    """Return the bytes of everything that a sum of counts carries."""
    arrays = [counts.counts, counts.weighted, counts.weighted_sq]
    if counts.score_sums is not None:
        arrays.append(counts.score_sums().values)
    return sum(array.nbytes for array in arrays if array is not None)


def memory(n: int) -> list[Line]:
    """Measure the statistic itself, added up over ten files, without rows; at two sizes."""
    lines = []
    for total in (n, 10 * n):
        parts = (rows(total // 10, seed=seed).counted() for seed in range(10))
        merged = reduce(add_counts, parts)
        if merged.rows is not None or int(merged.counts.sum()) != total:
            msg = "The counts of ten files do not add up."
            raise RuntimeError(msg)
        lines.append(Line(f"counts of {total:,} rows in ten files", size(merged) / 1e6, "MB", 5.0))
    given = rows(n)
    weighted = count(given.label, given.score, given.index, weight=given.score + 0.5)
    lines.append(Line(f"counts of {n:,} weighted rows", size(weighted) / 1e6, "MB", 5.0))
    kept = given.counted().rows
    if kept is not None:
        columns = {name: getattr(kept, name).nbytes / n for name in ("score", "label", "group", "cell")}
        listed = ", ".join(f"{name} {per_row:.0f}" for name, per_row in columns.items())
        print(f"  while rows are in memory: {listed} bytes a row; all but the cells are columns of the case")
    return lines


def main() -> None:
    """Run the comparison and print every figure beside its budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--full", action="store_true", help="1,000,000 rows, as in DESIGN.md section 10")
    parser.add_argument(
        "--replicates", type=int, default=1, help="of fairlearn's bootstrap, half a minute each"
    )
    args = parser.parse_args()
    n = 1_000_000 if args.full else 100_000
    print(f"{n:,} rows x {N_GROUPS} groups x {len(PAIRED)} metrics, from typed columns")
    given = rows(n)
    lines = [*compare(given, args.replicates), *queries(given.counted()), *memory(n)]
    ranking(given)
    print("budgets" if args.full else "budgets, which are meant for 1,000,000 rows")
    for line in lines:
        print(line)


if __name__ == "__main__":
    main()
