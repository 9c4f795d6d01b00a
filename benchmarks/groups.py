"""Counts against row scans: fairlearn's MetricFrame and ours, paired in one run on the same columns.

    python benchmarks/groups.py           100,000 rows, seconds
    python benchmarks/groups.py --full    1,000,000 rows, half a minute or more

Read the ratios; seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import fairlearn.metrics as fairlearn
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, precision_score, roc_auc_score

from rai_dash.core.counts import GroupCounts
from rai_dash.core.types import ReviewBand
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.table import METRICS, MetricTable, metric_table
from rai_dash.review.band import route
from rai_dash.stats.tests import evidence

T = TypeVar("T")

N_GROUPS = 40
THRESHOLD = 0.5
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
RATES = [name for name in METRICS if METRICS[name].family == "rate"]


def timed(work: Callable[[], T], *, repeats: int) -> tuple[float, T]:
    """Return the median seconds of some runs, and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)), result


def rows(n: int) -> tuple[NDArray[np.int8], NDArray[np.float64], GroupIndex]:
    """Make typed columns: 40 groups of unequal size, scores without ties, outcomes that follow them."""
    rng = np.random.default_rng(7)
    codes = rng.choice(N_GROUPS, n, p=np.arange(1, N_GROUPS + 1) / (N_GROUPS * (N_GROUPS + 1) / 2))
    score = rng.beta(2.0, 2.0, n)
    label = (rng.random(n) < score).astype(np.int8)
    return label, score, GroupIndex("group", tuple(f"g{i}" for i in range(N_GROUPS)), codes.astype(np.int32))


def compare(n: int) -> GroupCounts:
    """Print the paired figures and return the counts."""
    label, score, index = rows(n)

    def theirs() -> fairlearn.MetricFrame:
        decision = (score >= THRESHOLD).astype(np.int8)
        frame = fairlearn.MetricFrame(
            metrics=PAIRED, y_true=label, y_pred=decision, sensitive_features=index.codes
        )
        _ = frame.by_group  # computed on access in some versions
        return frame

    def ours() -> MetricTable:
        return metric_table(count(label, score, index), THRESHOLD, metrics=PAIRED, bootstrap=0)

    ours()  # registry and imports, once a process
    our_seconds, table = timed(ours, repeats=7)
    their_seconds, frame = timed(theirs, repeats=1)
    worst = max(
        float(np.abs(frame.by_group[name].to_numpy(np.float64) - table.values[name].value).max())
        for name in PAIRED
    )
    print(f"{n:,} rows x {N_GROUPS} groups x {len(PAIRED)} metrics, from typed columns")
    print(f"  fairlearn MetricFrame    {their_seconds:10.3f} s")
    print(f"  counts, then metrics     {our_seconds:10.5f} s   {their_seconds / our_seconds:10,.0f} x")
    print(f"  largest difference       {worst:10.1e}")

    counts = count(label, score, index)
    boot_seconds, _ = timed(
        lambda: metric_table(counts, THRESHOLD, metrics=["f1", "balanced_accuracy"], bootstrap=1000),
        repeats=5,
    )
    ratio = their_seconds / (boot_seconds / 1000)
    print(f"  bootstrap, a replicate   {boot_seconds / 1000:10.7f} s   {ratio:10,.0f} x one MetricFrame")

    def their_auc() -> list[float]:
        return [roc_auc_score(label[index.codes == g], score[index.codes == g]) for g in range(N_GROUPS)]

    slow, expected = timed(their_auc, repeats=1)
    fast, figures = timed(lambda: count(label, score, index).figures(), repeats=3)
    print(f"  scikit-learn, {N_GROUPS} AUCs    {slow:10.3f} s")
    apart = float(np.abs(figures.auc - expected).max())
    print(f"  AUC, limits, calibration {fast:10.3f} s   (AUC differs by {apart:.0e})")
    return counts


def query(counts: GroupCounts) -> None:
    """Print what a slider step costs once the rows are counted."""
    rates = {name: metric_table(counts, THRESHOLD, metrics=RATES, bootstrap=0).values[name] for name in RATES}
    recall = rates["recall"]
    k, n = (np.rint(values).astype(np.int64) for values in (recall.numerator, recall.denominator))
    steps: dict[str, Callable[[], object]] = {
        "all rates with intervals": lambda: metric_table(counts, 0.437, metrics=RATES, bootstrap=0),
        "the same off the grid": lambda: metric_table(counts, 0.43721, metrics=RATES, bootstrap=0),
        "all metrics, 1,000 replicates": lambda: metric_table(counts, 0.437),
        "review band, all shares": lambda: route(counts, ReviewBand(0.3, 0.5, 0.7)),
        "tests and verdict, one metric": lambda: evidence(k, n, counts.n, tolerance=0.05, seed=1),
    }
    print(f"one step after counting, {counts.n_groups} groups; {counts.counts.nbytes / 1e6:.1f} MB of counts")
    for name, work in steps.items():
        work()
        seconds, _ = timed(work, repeats=15)
        print(f"  {name:30s} {seconds * 1e3:8.2f} ms")


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--full", action="store_true", help="1,000,000 rows, as in DESIGN.md section 10")
    query(compare(1_000_000 if parser.parse_args().full else 100_000))


if __name__ == "__main__":
    main()
