"""Tables that are counted where they lie: processor time, clock and memory by rows, beside pandas, fairlearn, XGBoost.

    python benchmarks/scale.py                              1,000,000 and 10,000,000 rows, some minutes
    python benchmarks/scale.py --rows 1 10 50 --all         in millions, as the budgets are meant: 4 GB of disk, an hour
    python benchmarks/scale.py --only counts score          some measures
    python benchmarks/scale.py --folder DIR                 keep the tables there, and use those that are there

Every figure is of a process of its own with all that it starts: processor seconds, and the peak of resident memory,
sampled every 30 ms. Unless said otherwise both are without importing and opening. Other work on the machine disturbs
the clock and hardly processor seconds. Read the ratios.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from _scale import process
from _scale.printing import for_a_billion, growth, line, middle, said, verdict
from _scale.process import Figures, commanded, measured
from _scale.tables import FEW, MILLION, background_of, model_of, table_of
from _scale.work import MEASURES

SCORING, EXPLAINING = (200, 6), (500, 8)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the tables lie, of how many rows each is, and how often a count is repeated."""

    folder: Path
    sizes: tuple[int, ...]
    repeats: int

    @property
    def median(self) -> str:
        """What a repeated figure is."""
        return f"median of {self.repeats}"

    def table(self, rows: int) -> Path:
        """Return the table of so many rows."""
        return table_of(self.folder, rows)

    @property
    def largest(self) -> int:
        """Rows of the largest table."""
        return self.sizes[-1]

    @property
    def ten_or_less(self) -> int:
        """The largest size up to ten million: budgets of single figures are meant for it."""
        return max((s for s in self.sizes if s <= 10 * MILLION), default=self.sizes[0])


def counts(bench: Bench) -> None:
    """Count where the rows lie, beside pandas."""
    found = {rows: beside_pandas(bench, rows) for rows in (FEW, *bench.sizes)}
    few = found[FEW]
    ten, fifty = found.get(10 * MILLION), found.get(50 * MILLION)
    if ten is not None:
        verdict("10,000,000 rows", ten.cpu, 0.6, "cpu s")
        verdict("10,000,000 rows", ten.wall, 1.0, "s")
        verdict("10,000,000 rows, memory over base", ten.over, 300, "MB")
    if ten is not None and fifty is not None:
        verdict("50,000,000 rows, memory over that of 10,000,000", fifty.peak / ten.peak, 1.1, "x")
    growth("processor time", bench.sizes, [found[s].cpu for s in bench.sizes], few.cpu)
    growth("the clock", bench.sizes, [found[s].wall for s in bench.sizes], few.wall)
    for_a_billion("counts", (found[bench.largest].cpu - few.cpu) / bench.largest)


def beside_pandas(bench: Bench, rows: int) -> Figures:
    """Count a table some times, in turns with pandas where that has room for it."""
    table = bench.table(rows)
    if rows == FEW or rows > 10 * MILLION:
        alone = middle([measured("counts_ours", table) for _ in range(bench.repeats)])
        line("counts, ours", rows, alone, bench.median)
        return alone
    turns = [(measured("counts_ours", table), measured("counts_pandas", table)) for _ in range(bench.repeats)]
    ours, theirs = (middle(runs) for runs in zip(*turns, strict=True))
    line("counts, ours", rows, ours, bench.median)
    line("counts, pandas", rows, theirs, bench.median)
    said(f"all counts equal: {'yes' if ours.result['digest'] == theirs.result['digest'] else 'NO'}")
    what = f"{rows:,} rows, pandas / ours: memory over base {theirs.over / ours.over:.1f} x, processor time"
    if rows == 10 * MILLION:
        verdict(what, theirs.cpu / ours.cpu, 4, "x", least=True)
    else:
        said(f"{what} {theirs.cpu / ours.cpu:.1f} x")
    return ours


def fairlearn(bench: Bench) -> None:
    """Compute the same rates with fairlearn, from reading on."""
    rows = min(bench.sizes)
    ours, theirs = (measured(name, bench.table(rows)) for name in ("counts_ours", "rates_fairlearn"))
    line("every cut, ours", rows, ours)
    line("one cut, fairlearn", rows, theirs, "four metrics")
    mine = ours.result["rates"]
    apart = max(np.abs(np.subtract(mine[g], rates)).max() for g, rates in theirs.result["rates"].items())
    verdict("fairlearn / ours, processor time, reading included", theirs.cpu / ours.cpu, 50, "x", least=True)
    verdict(f"largest difference of {4 * len(theirs.result['rates'])} rates", float(apart), 1e-12)


def threshold(bench: Bench) -> None:
    """Move a threshold on counts of few and of many rows."""
    sizes = list(dict.fromkeys((FEW, min(bench.sizes), bench.largest)))
    found = measured("threshold_moves", *(bench.table(rows) for rows in sizes)).result
    seconds = dict(zip(sizes, found["seconds"], strict=True))
    for rows, value in seconds.items():
        said(
            f"{rows:11,d} rows: {value * 1e6:6.0f} µs a move, {found['metrics']} rates of {found['groups']} groups"
        )
    verdict("slowest", max(seconds.values()) * 1e3, 5, "ms")
    verdict("largest over smallest table", seconds[sizes[-1]] / seconds[sizes[0]], 1.1, "x")


def by_size(bench: Bench, name: str, measure: str) -> dict[int, Figures]:
    """Measure something at every size, once."""
    found = {}
    for rows in (FEW, *bench.sizes):
        found[rows] = measured(measure, bench.table(rows))
        line(name, rows, found[rows])
    growth("processor time", bench.sizes, [found[s].cpu for s in bench.sizes], found[FEW].cpu)
    for_a_billion(name, (found[bench.largest].cpu - found[FEW].cpu) / bench.largest)
    return found


def associations(bench: Bench) -> None:
    """Associate ten columns of numbers and four of categories."""
    found = by_size(bench, "associations, 10 + 4", "associations_ours")
    if (most := found.get(50 * MILLION)) is not None:
        verdict("50,000,000 rows", most.wall, 30, "s")
        verdict("50,000,000 rows, memory in all", most.peak, 600, "MB")


def profile(bench: Bench) -> None:
    """Describe every column."""
    by_size(bench, "profile, 15 columns", "profile_ours")


def opening(bench: Bench) -> None:
    """Open a folder up to the first findings."""
    rows = bench.ten_or_less
    found = measured("opening_ours", bench.table(rows))
    line("opening", rows, found)
    opened, start, data = (found.result[name] for name in ("opened", "start", "data"))
    said(
        f"table and sample {opened:.1f} s; Start says what it noticed at {start:.1f} s, Data at {data:.1f} s"
    )
    verdict(f"{rows:,} rows, to the first finding, on Start", start, 10, "s")
    verdict(f"{rows:,} rows, to the first finding of all rows, on Data", data, 10, "s")


def score(bench: Bench) -> None:
    """Score every row by a job, beside the booster alone."""
    model, rows = model_of(bench.folder, *SCORING), bench.ten_or_less
    out = bench.folder / "scores"
    found = {}
    for size in (FEW, rows):
        shutil.rmtree(out, ignore_errors=True)
        found[size] = commanded("score", bench.table(size), "--model", model, "--out", f"{out}/", "--quiet")
        line("score, from the start", size, found[size])
    shutil.rmtree(out)
    raw = measured("predict_raw", bench.table(rows), model)
    line("read and predict only", rows, raw)
    verdict(f"{rows:,} rows, {SCORING[0]} trees of depth {SCORING[1]}", found[rows].wall, 30, "s")
    verdict(f"{rows:,} rows, memory in all", found[rows].peak, 500, "MB")
    said(
        f"job / read and predict only: {found[rows].cpu / raw.cpu:.2f} x processor time, "
        f"{found[rows].wall / raw.wall:.2f} x clock"
    )
    for_a_billion("scores", (found[rows].cpu - found[FEW].cpu) / rows)


def explain(bench: Bench) -> None:
    """Explain every row against all rows of a background by a job, beside the kernel alone."""
    model, background = model_of(bench.folder, *EXPLAINING), background_of(bench.folder)
    out, sizes = bench.folder / "explanations", (MILLION // 5, MILLION)
    found = {}
    for rows in sizes:
        shutil.rmtree(out, ignore_errors=True)
        asked = ("--model", model, "--background", background, "--out", f"{out}/", "--quiet")
        found[rows] = commanded("explain", bench.table(rows), *asked)
        line("explain, from the start", rows, found[rows])
    shutil.rmtree(out)
    alone = measured("shap_kernel", bench.table(MILLION), model, background)
    built = alone.result["build"]
    line("kernel alone", MILLION, alone, f"its tables took {built:.1f} cpu s before")
    said(f"{EXPLAINING[0]} trees of depth {EXPLAINING[1]}, background of {MILLION // 5:,} rows")
    said(
        f"kernel alone {MILLION / alone.cpu:,.0f} rows a core-second, the job {MILLION / found[MILLION].cpu:,.0f}"
    )
    each = (found[sizes[1]].cpu - found[sizes[0]].cpu) / (sizes[1] - sizes[0])
    verdict(
        "kernel / job, processor time of each further row", alone.cpu / MILLION / each, 0.9, "x", least=True
    )
    own = (alone.cpu + alone.result["own"]) / MILLION / each
    said(f"with the model's own answers, which the job holds every row against: {own:.2f} x")
    whole = (alone.cpu + built) / found[MILLION].cpu
    verdict("kernel with its tables / job from its start", whole, 0.9, "x", least=True)
    verdict(
        "memory of 1,000,000 rows over that of 200,000", found[sizes[1]].peak / found[sizes[0]].peak, 1.1, "x"
    )
    for_a_billion("explanations", each)


#: Measures by name; the last ones are left out unless they are asked for.
GROUPS: Final[dict[str, Callable[[Bench], None]]] = {
    f.__name__: f for f in (counts, threshold, associations, profile, opening, score, fairlearn, explain)
}
SLOW: Final = ("fairlearn", "explain")


def main() -> None:
    """Print the figures."""
    if sys.argv[1:2] == ["--measure"]:
        process.run(MEASURES[sys.argv[2]], [Path(path) for path in sys.argv[3:]])
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", nargs="+", type=int, default=[1, 10], help="in millions")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=[])
    parser.add_argument("--all", action="store_true", help=f"also {', '.join(SLOW)}")
    parser.add_argument("--folder", type=Path, help="where the tables lie; else they are made anew")
    parser.add_argument("--repeats", type=int, default=5, help="of counts, in turns with pandas")
    given = parser.parse_args()
    names = given.only or [name for name in GROUPS if given.all or name not in SLOW]
    print(f"{len(os.sched_getaffinity(0))} processors, load {os.getloadavg()[0]:.1f} at the start")
    with tempfile.TemporaryDirectory() as made:
        bench = Bench(
            given.folder or Path(made), tuple(sorted(m * MILLION for m in given.rows)), given.repeats
        )
        for name in names:
            print(f"{name}: {(GROUPS[name].__doc__ or '').partition(chr(10))[0]}", flush=True)
            GROUPS[name](bench)


if __name__ == "__main__":
    main()
