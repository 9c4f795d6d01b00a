"""Associations of every pair of columns: dython's matrix, phik's, and ours, on the same mixed table.

    python benchmarks/associations.py           100,000 rows x 30 columns, a minute
    python benchmarks/associations.py --full    1,000,000 rows x 30 columns

Seconds are processor time of this process. Read the ratios. Columns of the census, drawn with replacement and half of
the numbers jittered, where the folder of published data is beside the checkout (or RAI_DASH_TEST_SHARED names it);
else made ones.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from dython.nominal import associations as dython_associations
from phik import phik_matrix

from rai_dash.data.associations import BY_KIND, MEASURES, PHI_K, associations

T = TypeVar("T")

COLUMNS = 30
_SHARED = Path(os.environ.get("RAI_DASH_TEST_SHARED", Path(__file__).resolve().parents[2] / "shared"))
_CENSUS = _SHARED / "data" / "census-loan" / "census.csv.gz"


def timed(work: Callable[[], T]) -> tuple[float, float, T]:
    """Return processor seconds, wall seconds and the result of one run."""
    start, wall = time.process_time(), time.perf_counter()
    result = work()
    return time.process_time() - start, time.perf_counter() - wall, result


def peak_mb() -> float:
    """Return the largest memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(n: int) -> pd.DataFrame:
    """Make a table of 30 mixed columns; half of the numbers have as many values as rows."""
    rng = np.random.default_rng(5)
    source = _census() if _CENSUS.is_file() else _made(rng)
    parts: dict[str, pd.Series] = {}
    while len(parts) < COLUMNS:
        drawn = source.iloc[rng.integers(0, len(source), n)].reset_index(drop=True)
        for i, name in enumerate(source):
            column = drawn[name]
            if column.dtype.kind in "if" and i % 2:
                column = column + rng.normal(0, 0.01 * column.std(), n)
            parts[f"{name} {len(parts)}"] = column
            if len(parts) == COLUMNS:
                break
    return pd.DataFrame(parts)


def _census() -> pd.DataFrame:
    print(f"columns of {_CENSUS.name}")
    frame = pd.read_csv(_CENSUS, index_col=0, skipinitialspace=True)
    return frame.astype({c: "str" for c in frame if frame[c].dtype.kind not in "if"})


def _made(rng: np.random.Generator) -> pd.DataFrame:
    print("made columns: there is no published data beside the checkout")
    n, base = 30_000, rng.normal(size=30_000)
    numbers = {f"number {i}": (base * i / 6 + rng.normal(size=n)).round(i % 3) for i in range(6)}
    labels = {
        f"label {i}": pd.Series(rng.integers(0, 3 + 5 * i, n) + (base > 0), dtype="str") for i in range(8)
    }
    return pd.DataFrame(numbers | labels)


def ours(frame: pd.DataFrame) -> dict[str, float]:
    """Measure every matrix of ours; returns processor seconds."""
    associations(frame.head(1000), list(frame), PHI_K)  # imports, once a process
    seconds = {}
    for measure in MEASURES:
        before = peak_mb()
        cpu, wall, found = timed(lambda measure=measure: associations(frame, list(frame), measure))
        seconds[measure] = cpu
        pairs = int(np.isfinite(found.value[np.tril_indices(COLUMNS, -1)]).sum())
        print(
            f"  {measure:20s} {cpu:10.2f} s cpu {wall:8.2f} s wall   {pairs} pairs   "
            f"peak {peak_mb():,.0f} MB, {max(0.0, peak_mb() - before):,.0f} more than before"
        )
    return seconds


def dython(frame: pd.DataFrame) -> float:
    """Measure dython's matrix of the same kinds, and check that the answers agree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cpu, wall, theirs = timed(
            lambda: dython_associations(
                frame,
                nom_nom_assoc="cramer",
                num_num_assoc="pearson",
                compute_only=True,
                multiprocessing=False,
            )
        )
    apart = np.abs(theirs["corr"].to_numpy(np.float64) - associations(frame, list(frame), BY_KIND).value)
    # dython corrects tables of two by two after Yates.
    two = np.array([frame[c].nunique() == 2 for c in frame])
    print(
        f"  dython               {cpu:10.2f} s cpu {wall:8.2f} s wall   largest difference "
        f"{np.nanmax(apart[~np.outer(two, two)]):.0e}   peak {peak_mb():,.0f} MB"
    )
    return cpu


def phik(frame: pd.DataFrame) -> float:
    """Measure phik's matrix, on its own bins."""
    numbers = [c for c in frame if frame[c].dtype.kind in "if"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cpu, wall, _ = timed(lambda: phik_matrix(frame, interval_cols=numbers, verbose=False, njobs=1))
    print(
        f"  phik                 {cpu:10.2f} s cpu {wall:8.2f} s wall   ten bins of equal width   "
        f"peak {peak_mb():,.0f} MB"
    )
    return cpu


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--full", action="store_true", help="1,000,000 rows")
    args = parser.parse_args()
    n = 1_000_000 if args.full else 100_000
    frame = table(n)
    print(f"{n:,} rows x {COLUMNS} columns, table {frame.memory_usage(deep=True).sum() / 1e6:,.0f} MB")
    print(f"  before               peak {peak_mb():,.0f} MB")
    seconds = ours(frame)
    for measure, work in ((BY_KIND, dython), (PHI_K, phik)):
        print(f"  {work(frame) / seconds[measure]:.1f} x ours ({measure})")


if __name__ == "__main__":
    main()
