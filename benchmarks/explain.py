"""Exact tree attributions: ours against shap and XGBoost's own contributions, in one run on the same rows.

    .venv/bin/python benchmarks/explain.py [DATA_FOLDER]           census, a few minutes
    .venv/bin/python benchmarks/explain.py [DATA_FOLDER] --full    with 1,000,000 rows and a forest of 200 x 12

CPU seconds of all threads, which other work on the machine disturbs less than the clock. What the others need for all
rows is extrapolated from the rows they were given, and marked so. Read the ratios.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import shap
import xgboost
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from rai_dash.explain.trees.kernel import TreeKernel
from rai_dash.explain.trees.readers import Reading, read_trees

T = TypeVar("T")
Floats = NDArray[np.float64]

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TRAINED, THEIRS, SHAP_BACKGROUND, MILLION = 22_792, 300, 100, 1_000_000
WARM = """
import time
start = time.process_time()
from rai_dash.explain.trees.kernel import warm
imported = time.process_time()
warm()
print(imported - start, time.process_time() - imported)
"""


def census(data: Path) -> tuple[Floats, NDArray[np.int64]]:
    """Read the census rows, words as codes, shuffled: the first ``TRAINED`` are the training rows."""
    frame = pd.read_csv(data / "census-loan" / "census.csv.gz", index_col=0, skipinitialspace=True)
    label = (frame.pop("loan") == ">50K").to_numpy().astype(np.int64)
    coded = frame.apply(lambda c: c if pd.api.types.is_numeric_dtype(c) else pd.factorize(c, sort=True)[0])
    order = np.random.default_rng(0).permutation(len(label))
    return coded.to_numpy(np.float64)[order], label[order]


def timed(work: Callable[[], T], *, repeats: int = 1) -> tuple[float, T]:
    """Return the least CPU seconds of some runs, and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def line(what: str, seconds: float, note: str = "") -> None:
    """Print one figure."""
    print(f"  {what:58s} {seconds:12.4f} s   {note}")


def peak() -> str:
    """Return the most memory that this process held so far."""
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB"


def start_up() -> None:
    """Measure a new process that finds the compiled code."""
    for when in ("first start (compiles unless installed)", "warm start"):
        run = subprocess.run([sys.executable, "-c", WARM], capture_output=True, text=True, check=True)  # noqa: S603
        imported, warmed = map(float, run.stdout.split())
        line(when, imported + warmed, f"of it imports {imported:.2f}")


def ours(matrix: Floats, reading: Reading) -> tuple[Any, float]:
    """Measure the kernel against the whole training set; return it and the seconds for all rows."""
    background = matrix[:TRAINED]
    build, kernel = timed(lambda: TreeKernel.interventional(reading.trees, background), repeats=3)
    line(f"build, background of {TRAINED:,} rows", build)
    for n in (1, 1_000, len(matrix)):
        seconds, values = timed(lambda n=n: kernel.values(matrix[:n]), repeats=5)  # type: ignore[misc]
        line(f"values of {n:,} rows", seconds)
    off = np.abs(kernel.base + values.sum(axis=1) - kernel.margin(matrix)).max()
    print(f"  additivity error over all rows {off:.1e}")
    return kernel, seconds


def against_shap(model: Any, matrix: Floats, reading: Reading, seconds: float) -> None:
    """Compare with shap on a background of 100 rows, and check that the answers agree."""
    rows, background = matrix[:THEIRS], matrix[TRAINED : TRAINED + SHAP_BACKGROUND]
    masker = shap.maskers.Independent(background, max_samples=SHAP_BACKGROUND)
    explainer = shap.TreeExplainer(model, data=masker)
    theirs, expected = timed(lambda: explainer.shap_values(rows, check_additivity=False))
    apart = np.abs(TreeKernel.interventional(reading.trees, background).values(rows) - expected).max()
    whole = theirs * len(matrix) / THEIRS
    line(f"shap, background of {SHAP_BACKGROUND}, {THEIRS} rows", theirs, f"largest difference {apart:.0e}")
    line(f"  all rows, extrapolated; {whole / seconds:,.0f} x ours", whole)


def against_contributions(model: Any, matrix: Floats, reading: Reading) -> None:
    """Compare with XGBoost's path-dependent contributions."""
    build, kernel = timed(lambda: TreeKernel.path_dependent(reading.trees))
    seconds, values = timed(lambda: kernel.values(matrix), repeats=3)
    rows = xgboost.DMatrix(matrix[:THEIRS])
    theirs, expected = timed(lambda: model.get_booster().predict(rows, pred_contribs=True))
    whole = theirs * len(matrix) / THEIRS
    apart = np.abs(values[:THEIRS] - expected[:, :-1]).max()
    line("path-dependent, build", build)
    line("path-dependent, all rows", seconds)
    line(f"pred_contribs, {THEIRS} rows", theirs, f"largest difference {apart:.0e}")
    line(f"  all rows, extrapolated; {whole / seconds:,.0f} x ours", whole)


def many_rows(kernel: Any, matrix: Floats) -> None:
    """Explain a bootstrap of a million rows."""
    rng = np.random.default_rng(1)
    rows = matrix[rng.integers(0, len(matrix), MILLION)]
    rows[:, 0] += rng.normal(scale=0.5, size=MILLION)
    before = peak()
    start = time.perf_counter()
    seconds, _ = timed(lambda: kernel.values(rows))
    line(
        f"values of {MILLION:,} rows",
        seconds,
        f"clock {time.perf_counter() - start:.1f}; {peak()}, before: {before}",
    )


def forest(matrix: Floats, label: NDArray[np.int64]) -> None:
    """Explain a deep forest, whose tables would not fit in memory."""
    model = RandomForestClassifier(200, max_depth=12, random_state=0, n_jobs=2)
    reading = read_trees(model.fit(matrix[:TRAINED], label[:TRAINED]))
    rows = reading.matrix(matrix)
    seconds, kernel = timed(lambda: TreeKernel.interventional(reading.trees, rows[:TRAINED]))
    line("forest 200 x 12, prepare", seconds, peak())
    for what, n in (("first row, lists what was observed", 1), ("another row", 1), ("10,000 rows", 10_000)):
        seconds, _ = timed(lambda n=n: kernel.values(rows[:n]))  # type: ignore[misc]
        line(f"forest 200 x 12, {what}", seconds, peak())


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--full", action="store_true", help="also 1,000,000 rows and a forest of 200 x 12")
    args = parser.parse_args()
    matrix, label = census(args.data)
    start_up()
    model = xgboost.XGBClassifier(n_estimators=300, max_depth=6, learning_rate=0.1, n_jobs=2)
    reading = read_trees(model.fit(matrix[:TRAINED], label[:TRAINED]))
    rows = reading.matrix(matrix)
    print(f"XGBoost 300 x 6, {rows.shape[0]:,} rows, {np.count_nonzero(reading.trees.feature < 0):,} leaves")
    kernel, seconds = ours(rows, reading)
    against_shap(model, rows, reading, seconds)
    against_contributions(model, rows, reading)
    if args.full:
        many_rows(kernel, rows)
        forest(matrix, label)


if __name__ == "__main__":
    main()
