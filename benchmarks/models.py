"""Two models compared on the same rows: our counts against a bootstrap of rows, paired in one run.

    python benchmarks/models.py           30,000 rows, half a minute
    python benchmarks/models.py --full    300,000 rows: a few minutes

Seconds are processor time of this process, which other work on the machine disturbs little. Read the ratios all the
same.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from rai_dash.metrics._base import Costs
from rai_dash.metrics.paired_table import PairRows, paired_by_group, paired_metrics

N_GROUPS = 10
#: Samples of the row bootstrap that are timed; ours draws 4,000, so the ratio is scaled to as many.
ROW_SAMPLES, OURS = 40, 4_000


def make_rows(n: int) -> tuple[PairRows, NDArray[np.int64]]:
    """Draw rows with two scores and ten groups."""
    rng = np.random.default_rng(0)
    outcome = (rng.random(n) < 0.6).astype(np.int8)
    a = np.clip(0.3 * outcome + rng.normal(0.35, 0.2, n), 0, 1)
    b = np.clip(a + rng.normal(0, 0.1, n), 0, 1)
    return PairRows(outcome=outcome, a=a, b=b, thresholds=(0.5, 0.5)), rng.integers(0, N_GROUPS, n)


def row_bootstrap(rows: PairRows, samples: int) -> NDArray[np.float64]:
    """Draw rows again and compare balanced accuracy, as one would without counts."""
    rng = np.random.default_rng(1)
    good, a, b = rows.outcome == 1, rows.a >= 0.5, rows.b >= 0.5
    found = np.empty(samples)
    for k in range(samples):
        at = rng.integers(0, good.size, good.size)
        y = good[at]
        found[k] = _balanced(y, b[at]) - _balanced(y, a[at])
    return found


def _balanced(good: NDArray[np.bool_], approved: NDArray[np.bool_]) -> float:
    return float(approved[good].mean() + (~approved)[~good].mean()) / 2.0


def main() -> None:
    """Print the paired figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    n = 300_000 if parser.parse_args().full else 30_000
    rows, codes = make_rows(n)
    start = time.process_time()
    found = {m.metric: m for m in paired_metrics(rows, rows.cells(), costs=Costs(cost_fp=5, cost_fn=1))}
    ours = time.process_time() - start
    start = time.process_time()
    paired_by_group(rows, codes, rows.cells(codes, [f"g{i}" for i in range(N_GROUPS)], "g"))
    grouped = time.process_time() - start
    start = time.process_time()
    drawn = row_bootstrap(rows, ROW_SAMPLES)
    by_rows = (time.process_time() - start) * OURS / ROW_SAMPLES
    print(f"{n:,} rows: all numbers with intervals and tests   {ours:.2f} s")
    print(f"the same in {N_GROUPS} groups                            {grouped:.2f} s")
    print(
        f"one number by {OURS:,} samples of rows             {by_rows:.2f} s, {by_rows / ours:,.0f} times as much"
    )
    half = (found["balanced_accuracy"].high or 0.0) - (found["balanced_accuracy"].low or 0.0)
    print(f"width of its interval: {half:.5f}, by rows about {3.92 * drawn.std():.5f}")


if __name__ == "__main__":
    main()
