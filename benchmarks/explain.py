"""Exact attributions: ours against shap and XGBoost's own contributions, turn by turn on the same rows.

    .venv/bin/python benchmarks/explain.py [DATA_FOLDER]           census, a few minutes
    .venv/bin/python benchmarks/explain.py [DATA_FOLDER] --full    with 1,000,000 rows, a forest of 200 x 12, a first
                                                                   compilation, and shap on all rows

CPU seconds of all threads, which other work on the machine disturbs less than the clock. Each pair is measured equally
often, in turns; medians are printed. Without ``--full`` what shap needs for all rows is extrapolated from the rows that
it was given, and marked so. Read the ratios.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import shap
import xgboost
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from rai_dash.core.types import Feature, ModelInfo
from rai_dash.explain import coalitions
from rai_dash.explain._base import PROBABILITY, Reference, Subject
from rai_dash.explain.routing import silent
from rai_dash.explain.trees.kernel import TreeKernel
from rai_dash.explain.trees.readers import Reading, read_trees

T = TypeVar("T")
Floats = NDArray[np.float64]

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TRAINED, THEIRS, BACKGROUND, MILLION, REPEATS = 22_792, 300, 100, 1_000_000, 5
#: What the design asks for: how many times less CPU time than shap.
TREES_BUDGET, ANY_MODEL_BUDGET = 50, 5
WARM = """
import sys, time
from pathlib import Path
from rai_dash.explain.trees import kept
kept.FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else kept.FOLDER
start = time.process_time()
from rai_dash.explain.trees.kernel import warm
imported = time.process_time()
warm()
print(imported - start, time.process_time() - imported)
"""


def census(data: Path) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Read the census rows, 5 numbers and 7 words, shuffled: the first ``TRAINED`` are the training rows."""
    frame = pd.read_csv(data / "census-loan" / "census.csv.gz", index_col=0, skipinitialspace=True)
    frame = frame.sample(frac=1.0, random_state=0).reset_index(drop=True)
    return frame.drop(columns="loan"), (frame["loan"] == ">50K").to_numpy().astype(np.int64)


def coded(frame: pd.DataFrame) -> Floats:
    """Return words as codes, float64 (n, 12)."""
    numbers = frame.apply(lambda c: c if pd.api.types.is_numeric_dtype(c) else pd.factorize(c, sort=True)[0])
    return numbers.to_numpy(np.float64)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds of one run, and its result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def in_turns(ours: Callable[[], T], theirs: Callable[[], T], repeats: int) -> tuple[float, float, T, T]:
    """Run two works alternately; return the median CPU seconds of each, and the last results."""
    spent: list[tuple[float, float]] = []
    for _ in range(repeats):
        mine, our_result = timed(ours)
        other, their_result = timed(theirs)
        spent.append((mine, other))
    mine, other = np.median(spent, axis=0).tolist()
    return mine, other, our_result, their_result


def line(what: str, seconds: float, note: str = "") -> None:
    """Print one figure."""
    print(f"  {what:58s} {seconds:12.4f} s   {note}", flush=True)


def verdict(what: str, ratio: float, budget: float) -> None:
    """Print a ratio beside its budget."""
    print(
        f"  {what}: {ratio:,.1f} x   budget {budget} x   {'met' if ratio >= budget else 'MISSED'}", flush=True
    )


def memory(name: str) -> float:
    """Return a figure of this process's memory in MB: ``VmRSS`` now, ``VmHWM`` at most since ``forget_peak``."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(text.split()[1]) for text in lines if text.startswith(name)) / 1024


def forget_peak() -> None:
    """Start to count the most memory anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def start_up(*, compiles: bool) -> None:
    """Measure a new process that finds the compiled code, and one that has to compile it."""
    print("First use of the kernel in a new process: the app's worker does it before it is locked, unasked")
    with tempfile.TemporaryDirectory() as empty:
        kinds: dict[str, list[str]] = {"machine code found, kept by make install": []}
        if compiles:
            kinds["compiled anew, what make install does once"] = [empty]
        for when, more in kinds.items():
            command = [sys.executable, "-c", WARM, *more]
            run = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
            imported, warmed = map(float, run.stdout.split())
            line(when, warmed, f"and imports {imported:.2f}")


def boosted(matrix: Floats, label: NDArray[np.int64], *, is_full: bool) -> None:
    """Explain all rows of 300 x 6 trees against all training rows, and as others do."""
    model = xgboost.XGBClassifier(n_estimators=300, max_depth=6, learning_rate=0.1, n_jobs=1)
    reading = read_trees(model.fit(matrix[:TRAINED], label[:TRAINED]))
    rows = reading.matrix(matrix)
    print(f"XGBoost 300 x 6, {rows.shape[0]:,} rows, {np.count_nonzero(reading.trees.feature < 0):,} leaves")
    build, kernel = timed(lambda: TreeKernel.interventional(reading.trees, rows[:TRAINED]))
    line(f"ours, build, background of {TRAINED:,} rows", build)
    for n in (1, 1_000):
        line(f"ours, {n:,} rows", np.median([timed(partial(kernel.values, rows[:n]))[0] for _ in range(5)]))
    against_shap(model, kernel, rows, reading, is_full=is_full)
    against_contributions(model, rows, reading)
    if is_full:
        many_rows(kernel, rows)


def against_shap(model: Any, kernel: TreeKernel, rows: Floats, reading: Reading, *, is_full: bool) -> None:
    """Compare all rows against the full background with shap on 100 background rows, which it gives the same values."""
    n = len(rows) if is_full else THEIRS
    background = rows[TRAINED : TRAINED + BACKGROUND]
    masker = shap.maskers.Independent(background, max_samples=BACKGROUND)
    explainer = shap.TreeExplainer(model, data=masker)
    seconds, theirs, values, expected = in_turns(
        lambda: kernel.values(rows),
        lambda: explainer.shap_values(rows[:n], check_additivity=False),
        1 if is_full else REPEATS,
    )
    apart = np.abs(TreeKernel.interventional(reading.trees, background).values(rows[:n]) - expected).max()
    off = np.abs(kernel.base + values.sum(axis=1) - kernel.margin(rows)).max()
    line(f"ours, {len(rows):,} rows, background of {TRAINED:,}", seconds, f"additivity error {off:.0e}")
    line(f"shap, {n:,} rows, background of {BACKGROUND}", theirs, f"from ours on the same {apart:.0e}")
    whole = theirs * len(rows) / n
    verdict("shap / ours, all rows" + ("" if is_full else ", extrapolated"), whole / seconds, TREES_BUDGET)


def against_contributions(model: Any, rows: Floats, reading: Reading) -> None:
    """Compare with XGBoost's path-dependent contributions."""
    kernel = TreeKernel.path_dependent(reading.trees)
    asked = xgboost.DMatrix(rows[:THEIRS])
    seconds, theirs, values, expected = in_turns(
        lambda: kernel.values(rows),
        lambda: model.get_booster().predict(asked, pred_contribs=True),
        REPEATS,
    )
    apart = np.abs(values[:THEIRS] - expected[:, :-1]).max()
    line(f"ours, path-dependent, {len(rows):,} rows", seconds)
    line(f"pred_contribs, {THEIRS} rows", theirs, f"largest difference {apart:.0e}")
    print(f"  pred_contribs / ours, all rows, extrapolated: {theirs * len(rows) / THEIRS / seconds:,.0f} x")


def many_rows(kernel: TreeKernel, matrix: Floats) -> None:
    """Explain bootstraps of growing size: what is held beyond the rows and their values must not grow."""
    rng = np.random.default_rng(1)
    for n in (MILLION // 4, MILLION):
        rows = matrix[rng.integers(0, len(matrix), n)]
        rows[:, 0] += rng.normal(scale=0.5, size=n)
        before = memory("VmRSS")
        forget_peak()
        start = time.perf_counter()
        seconds, values = timed(partial(kernel.values, rows))
        clock, most = time.perf_counter() - start, memory("VmHWM")
        beyond = most - before - values.nbytes / 2**20
        line(
            f"ours, {n:,} rows",
            seconds,
            f"clock {clock:.1f} s; peak {most:,.0f} MB, of it not data {beyond:,.0f}",
        )


def forest(matrix: Floats, label: NDArray[np.int64]) -> None:
    """Explain a deep forest, whose tables would not fit in memory."""
    model = RandomForestClassifier(200, max_depth=12, random_state=0, n_jobs=2)
    reading = read_trees(model.fit(matrix[:TRAINED], label[:TRAINED]))
    rows = reading.matrix(matrix)
    forget_peak()
    seconds, kernel = timed(lambda: TreeKernel.interventional(reading.trees, rows[:TRAINED]))
    line("forest 200 x 12, prepare", seconds)
    for what, n in (("first row, lists what was observed", 1), ("another row", 1), ("10,000 rows", 10_000)):
        seconds, _ = timed(partial(kernel.values, rows[:n]))
        line(f"forest 200 x 12, {what}", seconds, f"peak {memory('VmHWM'):,.0f} MB")


def any_model(frame: pd.DataFrame, label: NDArray[np.int64]) -> None:
    """Explain one row of a pipeline with a network exactly, against shap's estimate from drawn coalitions."""
    words = [c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])]
    numbers = [c for c in frame if c not in words]
    prepare = ColumnTransformer(
        [("n", StandardScaler(), numbers), ("c", OneHotEncoder(handle_unknown="ignore"), words)]
    )
    model = make_pipeline(prepare, MLPClassifier((32,), tol=1.0, n_iter_no_change=8, random_state=0))
    model.fit(frame[:TRAINED], label[:TRAINED])
    features = tuple(Feature(c, "category" if c in words else "number") for c in frame)
    info = ModelInfo(format="skops", family="", fingerprint="", features=features)
    native: Any = SimpleNamespace(
        info=info, native=model, probability=lambda rows: model.predict_proba(rows)[:, 1]
    )
    background = frame[TRAINED : TRAINED + BACKGROUND]
    route = coalitions.build(Subject(native), Reference(frame=background), PROBABILITY)
    types = frame.dtypes.to_dict()

    def predict(rows: Any) -> Floats:
        table = pd.DataFrame(rows, columns=list(frame)).astype(types)
        return np.asarray(model.predict_proba(table)[:, 1])

    explainer = shap.KernelExplainer(predict, background)
    print(f"One-hot pipeline with a network, {frame.shape[1]} columns, one row, {BACKGROUND} background rows")
    ratios = []
    for i in range(REPEATS):
        row = frame.iloc[[i]]
        ours, found = timed(partial(route, row, silent))
        theirs, drawn = timed(partial(explainer.shap_values, row, silent=True))
        ratios.append(theirs / ours)
        apart = np.abs(np.ravel(drawn) - found.values[0]).max()
        line(f"row {i}: ours, exact; shap.KernelExplainer {theirs:.2f} s", ours, f"its error {apart:.0e}")
    verdict("shap.KernelExplainer / ours, median", float(np.median(ratios)), ANY_MODEL_BUDGET)


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--full", action="store_true", help="also what takes many minutes")
    args = parser.parse_args()
    frame, label = census(args.data)
    matrix = coded(frame)
    print(f"Load average {os.getloadavg()[0]:.1f}; CPU seconds of all threads")
    start_up(compiles=args.full)
    any_model(frame, label)
    boosted(matrix, label, is_full=args.full)
    if args.full:
        forest(matrix, label)


if __name__ == "__main__":
    main()
