"""A production batch of many rows: seconds to count it for a policy, and to judge the counts.

    python benchmarks/monitor.py           1,000,000 rows
    python benchmarks/monitor.py 100000    another number

Reading the file and scoring it come before and are not in it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd

from rai_dash.core.review_cube import edges_of
from rai_dash.core.types import ReviewBand, Roles
from rai_dash.data.dataset import Dataset, dataset_from_frame
from rai_dash.data.groups import group_index
from rai_dash.data.review_counting import review_cube
from rai_dash.govern.drafting import DataFacts, ModelFacts, ScoreFacts, draft_policy
from rai_dash.govern.monitor.counting import batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.reference import reference_of
from rai_dash.govern.policy import Policy
from rai_dash.review.evaluate import evaluate

Found = TypeVar("Found")
BAND = ReviewBand(0.35, 0.5, 0.7)
NUMBERS, CATEGORIES = 8, 8
FEATURES = tuple([f"x{i}" for i in range(NUMBERS)] + [f"c{i}" for i in range(CATEGORIES)])
ROLES = Roles(
    target="y", favourable=("1",), sensitive=("c0", "c1", "x0"), bins={"x0": (-1.0, 0.0, 1.0)}, score="score"
)


def applications(n: int, seed: int) -> Dataset:
    """``n`` rows with 8 columns of numbers, 8 of categories, a score and an outcome."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(2.0, 2.0, n)
    names = np.array([f"value {i}" for i in range(12)], dtype=object)
    columns: dict[str, object] = {f"x{i}": rng.normal(size=n) for i in range(NUMBERS)}
    columns |= {f"c{i}": pd.Series(names[rng.integers(0, 12, n)], dtype="str") for i in range(CATEGORIES)}
    frame = pd.DataFrame(columns | {"score": truth, "y": (rng.random(n) < truth).astype(np.int64)})
    return dataset_from_frame(frame, ROLES, name="benchmark")


def policy_on(data: Dataset) -> Policy:
    """Draft a policy on some applications."""
    score = data.frame["score"].to_numpy()
    cubes = {
        c: review_cube(
            data.outcome, score, group_index(data.frame, c, bins=ROLES.bins.get(c)), edges=edges_of(BAND)
        )
        for c in ROLES.sensitive
    }
    return draft_policy(
        policy_id="benchmark", title="Benchmark", environment="QA",
        data=DataFacts(
            name=data.name, sha256=data.fingerprint, rows=data.n_rows, columns=len(data.columns), role="test",
            rows_judged=data.n_rows, favourable=("1",), target="y", target_kind="observed_outcome",
            sensitive=ROLES.sensitive,
        ),
        model=ModelFacts(name="score", format="score_column"),
        score=ScoreFacts(source="column", column="score"),
        evaluation=evaluate(cubes, BAND),
        monitoring=reference_of(
            data, score, judged=np.ones(data.n_rows, dtype=bool), features=FEATURES, threshold=BAND.threshold
        ),
        now=pd.Timestamp("2026-11-29", tz="UTC").to_pydatetime(),
    )  # fmt: skip


def timed(name: str, work: Callable[[], Found]) -> Found:
    """Do some work and print how long it took."""
    cpu, clock = time.process_time(), time.perf_counter()
    found = work()
    print(f"{name:20s} {time.process_time() - cpu:6.2f} s cpu  {time.perf_counter() - clock:6.2f} s")
    return found


def main() -> None:
    """Print seconds of this process's processor and of the clock."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    signed, fresh = applications(20_000, 1), applications(n, 2)
    policy = policy_on(signed)
    batch = batch_of(policy, fresh)
    print(f"{n:,} rows, {len(FEATURES)} watched columns, {len(ROLES.sensitive)} sensitive ones")
    counts = timed("count", lambda: count_batch(policy, batch))
    timed("judge", lambda: judge_batch(policy, counts))
    report = timed("judge with exact KS", lambda: judge_batch(policy, counts, rows=batch, reference=signed))
    print(report.verdict.sentence)


if __name__ == "__main__":
    main()
