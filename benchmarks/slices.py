"""The finder of error slices against its budgets: 20,000 rows in 3 seconds, 1,000,000 in 30, 15 columns each.

    python benchmarks/slices.py           20,000 rows, and 1,000 draws of a naive scan for comparison
    python benchmarks/slices.py --full    1,000,000 rows as well

Seconds are processor time of this process. The naive scan counts slices one by one with boolean masks.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from rai_dash.data.slices import slice_words
from rai_dash.trials.slices.axes import axes_of
from rai_dash.trials.slices.finder import DRAWS, find_slices
from rai_dash.trials.slices.scan import Scan

#: Seconds by rows.
BUDGETS = {20_000: 3.0, 1_000_000: 30.0}
_MASKS = 1_000


def table(rows: int) -> pd.DataFrame:
    """Draw 7 columns of numbers and 8 of categories."""
    rng = np.random.default_rng(0)
    numbers = {f"n{i}": rng.normal(size=rows) for i in range(7)}
    return pd.DataFrame(numbers | {f"c{i}": rng.integers(0, 3 + 2 * i, rows).astype(str) for i in range(8)})


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def find(frame: pd.DataFrame, base: float) -> None:
    """Find a planted slice, and say how long that took."""
    there = (frame["n0"].between(0.2, 0.7) & (frame["c0"] == "1")).to_numpy()
    errors = np.random.default_rng(1).random(len(frame)) < np.where(there, base + 0.15, base)
    found = []
    took = seconds(lambda: found.append(find_slices(frame, errors, list(frame), seed=1)))
    answer, budget = found[0], BUDGETS[len(frame)]
    named = "; ".join(slice_words(one.slice) for one in answer.found)
    print(
        f"  {len(frame):,} rows, {base:.0%} wrong: {took:.1f} s of {budget:.0f} s; {answer.looked_at:,} slices, "
        f"{answer.draws} draws over {answer.searched:,} rows. Named: {named}"
    )


def naive(frame: pd.DataFrame) -> None:
    """Count some slices by masks, and say what all draws of all slices would take so."""
    scan = Scan(axes_of(frame, list(frame), min_rows=40), min_rows=40, max_rows=len(frame) // 2)
    errors = np.random.default_rng(1).random(len(frame)) < 0.1
    some = np.linspace(0, scan.size - 1, _MASKS).astype(int)
    took = seconds(lambda: [int(errors[scan.rows_of(int(i))].sum()) for i in some]) / _MASKS
    whole = took * scan.size * (DRAWS + 1)
    print(
        f"  one mask takes {took * 1e6:.0f} µs: {scan.size:,} slices × {DRAWS + 1} counts, {whole / 3600:.1f} hours"
    )


def main() -> None:
    """Print every figure beside its budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--full", action="store_true", help="1,000,000 rows as well")
    full = parser.parse_args().full
    for rows in BUDGETS if full else [20_000]:
        frame = table(rows)
        for base in (0.1, 0.4):
            find(frame, base)
    naive(table(20_000))


if __name__ == "__main__":
    main()
