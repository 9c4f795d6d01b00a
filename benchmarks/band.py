"""Every review band at once against one band at a time: our counts and plain pandas, paired on the same columns.

    python benchmarks/band.py           10,000 and 100,000 rows, half a minute
    python benchmarks/band.py --full    10,000 and 1,000,000 rows, as the budgets are meant

Seconds are processor time of this process. pandas judges three bands; what it would take for the whole grid is that
times the number of bands, EXTRAPOLATED and never run.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from groups import Line, timed
from numpy.typing import NDArray

from rai_dash.core.review_cube import ReviewCube
from rai_dash.core.types import ReviewBand
from rai_dash.data.groups import GroupIndex
from rai_dash.data.review_counting import review_cube
from rai_dash.review._routed import SHARES
from rai_dash.review.cloud import optimum_cloud
from rai_dash.review.constraints import Constraint, parse_constraint
from rai_dash.review.evaluate import evaluate
from rai_dash.review.grid import Grid, band_grid
from rai_dash.review.optimise import Optimum, optimise
from rai_dash.review.pareto import pareto_front
from rai_dash.review.settings import BandCosts, Workload
from rai_dash.review.stability import band_spreads

FloatArray = NDArray[np.float64]

N_GROUPS, N_ENDS, THRESHOLD = 10, 200, 0.5
NAMES = tuple(f"g{i}" for i in range(N_GROUPS))
#: 200 low ends from 0 to .4975 and 200 high ends from .5 to .9975, on thousandths: 40,000 bands.
LOS = [int(2.5 * i) / 1000 for i in range(N_ENDS)]
HIS = [int(500 + 2.5 * i) / 1000 for i in range(N_ENDS)]
COSTS = BandCosts(fp_fixed=1.0, fn_fixed=1.0, review=0.2)
WORK = Workload(volume_per_day=150, minutes_per_review=25, minutes_per_day=300, reviewers=3)
SAID = ("review at most 25 %", "wrongly declined gap at most 8 points", "finally approved ratio at least 0.7")
BANDS = (ReviewBand(0.4, THRESHOLD, 0.6), ReviewBand(0.25, THRESHOLD, 0.75), ReviewBand(0.1, THRESHOLD, 0.9))


@dataclass(frozen=True, slots=True)
class Rows:
    """Typed columns of a table."""

    label: NDArray[np.int8]
    score: FloatArray
    index: GroupIndex

    def cube(self) -> ReviewCube:
        """Count them."""
        return review_cube(self.label, self.score, self.index)

    def frame(self) -> pd.DataFrame:
        """Return them as people have them."""
        return pd.DataFrame(
            {"label": self.label, "score": self.score, "group": np.array(NAMES)[self.index.codes]}
        )


def rows(n: int) -> Rows:
    """Make ten groups of unequal size with scores that outcomes follow."""
    rng = np.random.default_rng(7)
    codes = rng.choice(N_GROUPS, n, p=np.arange(5, N_GROUPS + 5) / 95).astype(np.int32)
    score = rng.beta(2.0, 2.0, n)
    label = (rng.random(n) < score).astype(np.int8)
    return Rows(label, score, GroupIndex("group", NAMES, codes))


def constraints() -> list[Constraint]:
    """Read the limits."""
    return [parse_constraint(said, columns={"group": NAMES}) for said in SAID]


def whole_grid(cube: ReviewCube, limits: list[Constraint]) -> tuple[Grid, Optimum]:
    """Compute all shares of all groups and of everyone for all bands, and the best band under limits."""
    grid = band_grid({"group": cube}, LOS, THRESHOLD, HIS, costs=COSTS)
    for name in SHARES:
        grid.group_planes(name)
        grid.plane(name)
    return grid, optimise(grid, limits, own=BANDS[0])


def with_pandas(frame: pd.DataFrame, band: ReviewBand) -> pd.DataFrame:
    """Judge one band as one would by hand: the 14 shares of each group."""
    table = frame.assign(
        approved=frame["score"] >= band.hi, declined=frame["score"] < band.lo, good=frame["label"] == 1
    )
    table["review"] = ~(table["approved"] | table["declined"])
    table["tp"], table["fp"] = table["approved"] & table["good"], table["approved"] & ~table["good"]
    table["fn"], table["tn"] = table["declined"] & table["good"], table["declined"] & ~table["good"]
    table["rp"] = table["review"] & table["good"]
    s = table.drop(columns=["label", "score"]).groupby("group").sum()
    n = table.groupby("group").size()
    auto, wrong = s["approved"] + s["declined"], s["fp"] + s["fn"]
    return pd.DataFrame(
        {
            "coverage": auto / n,
            "review_rate": s["review"] / n,
            "auto_approve_rate": s["approved"] / n,
            "auto_reject_rate": s["declined"] / n,
            "auto_error_rate": wrong / auto,
            "error_per_application": wrong / n,
            "precision_auto": s["tp"] / s["approved"],
            "npv_auto": s["tn"] / s["declined"],
            "recall_auto": s["tp"] / (s["tp"] + s["fn"]),
            "fnr_auto": s["fn"] / (s["tp"] + s["fn"]),
            "fpr_auto": s["fp"] / (s["fp"] + s["tn"]),
            "good_auto_rejected": s["fn"] / s["good"],
            "bad_auto_approved": s["fp"] / (n - s["good"]),
            "good_rate_in_band": s["rp"] / s["review"],
        }
    ).loc[list(NAMES)]


def paired(given: Rows, grid: Grid, seconds: float) -> None:
    """Print what pandas takes for some of the same bands, and how far its answers are apart."""
    frame, times, apart = given.frame(), [], 0.0
    for band in BANDS:
        slow, table = timed(lambda band=band: with_pandas(frame, band), repeats=1)
        place = grid.find(band)
        if place is None:
            msg = f"{band} is not on the grid."
            raise RuntimeError(msg)
        times.append(slow)
        for name in SHARES:
            ours = grid.group_planes(name)[:, place[0], place[1]]
            apart = max(apart, float(np.abs(table[name].to_numpy() - ours).max()))
    each, n_bands = float(np.median(times)), N_ENDS**2
    print(f"  pandas, a band           {each:12.4f} s   largest difference {apart:.0e}")
    print(f"  pandas, {n_bands:,} bands    {each * n_bands:12.0f} s   EXTRAPOLATED from {len(BANDS)} bands")
    print(
        f"  counts, {n_bands:,} bands    {seconds:12.4f} s   {each * n_bands / seconds:,.0f} x (extrapolated)"
    )


def measure(n: int) -> dict[str, float]:
    """Measure everything at one size, in milliseconds."""
    given, limits = rows(n), constraints()
    counting, cube = timed(given.cube, repeats=3)
    seconds, (grid, found) = timed(lambda: whole_grid(cube, limits), repeats=7)
    cubes, moved = {"group": cube}, iter(range(50, 450))
    looser = [Constraint("review_rate", "<=", 0.3), *limits[1:]]

    def move() -> object:
        lo = next(moved)
        band = ReviewBand(lo / 1000, THRESHOLD, (1000 - lo) / 1000)
        return evaluate(cubes, band, costs=COSTS, workload=WORK).to_json()

    keys = np.stack(
        [grid.plane(*key).ravel() for key in (("cost",), ("review_rate",), ("auto_error_gap",))], axis=1
    )
    work: dict[str, tuple[Callable[[], object], int]] = {
        "a limit changed, best band again": (lambda: optimise(grid, looser, own=BANDS[0]), 15),
        "a handle moved: one band, all figures, JSON": (move, 25),
        "1,000 bootstraps of one band, 34 numbers": (lambda: band_spreads(cubes, BANDS[:1], costs=COSTS), 7),
        "1,000 bootstraps of three bands, differences": (lambda: band_spreads(cubes, BANDS, costs=COSTS), 3),
        "Pareto front of cost, review and error gap": (lambda: pareto_front(keys), 3),
        "200 bootstraps of the best band": (lambda: optimum_cloud(grid, limits), 1),
    }
    print(
        f"{n:,} rows x {N_GROUPS} groups: {found.n_feasible:,} of {found.n_candidates:,} bands keep the limits"
    )
    paired(given, grid, seconds)
    taken = {"count the rows": counting, "whole grid, 14 shares x 11, limits, optimum": seconds}
    taken |= {what: timed(job, repeats=repeats)[0] for what, (job, repeats) in work.items()}
    return {what: 1e3 * found for what, found in taken.items()}


BUDGETS = {
    "whole grid, 14 shares x 11, limits, optimum": 150.0,
    "a limit changed, best band again": 100.0,
    "a handle moved: one band, all figures, JSON": 20.0,
    "1,000 bootstraps of one band, 34 numbers": 25.0,
}


def main() -> None:
    """Measure at two sizes and print every figure beside its budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--full", action="store_true", help="1,000,000 rows, as in DESIGN.md section 10")
    sizes = (10_000, 1_000_000 if parser.parse_args().full else 100_000)
    small, large = (measure(n) for n in sizes)
    print(f"milliseconds at {sizes[0]:,} and {sizes[1]:,} rows")
    for what, found in large.items():
        print(f"  {what:52s} {small[what]:12.2f} {found:12.2f}   {found / small[what]:6.2f} x")
    print(f"budgets, at {sizes[1]:,} rows")
    for what, budget in BUDGETS.items():
        print(Line(what, large[what], "ms", budget))


if __name__ == "__main__":
    main()
