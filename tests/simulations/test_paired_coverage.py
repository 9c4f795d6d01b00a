"""How often the intervals of paired differences hold the truth, and how often a difference is shown that is none."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.metrics._base import Costs
from rai_dash.metrics._paired_cells import JointCells, paired_rate
from rai_dash.metrics.paired_draws import pair_draws
from rai_dash.metrics.paired_table import PairRows, paired_metrics
from rai_dash.metrics.paired_verdict import judged

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

COSTS = Costs(cost_fp=5, cost_fn=1)
DRAWN = ("balanced_accuracy", "f1", "precision", "expected_cost")
RUNS = 1_000
#: Favourable and unfavourable rows, recall and false positive rate of the first model, and the shares of its declined
#: and approved that the second turns round, among the favourable and among the unfavourable.
WORLDS = {
    "few differ, no difference": (300, 300, 0.7, 0.2, 0.15, 0.064, 0.05, 0.2),
    "few of many differ": (5_000, 5_000, 0.7, 0.2, 0.01, 0.0043, 0.004, 0.016),
    "one way only": (200, 200, 0.7, 0.2, 0.4, 0.0, 0.1, 0.1),
    "few are favourable": (200, 800, 0.5, 0.2, 0.15, 0.12, 0.05, 0.2),
    "a clear difference": (400, 400, 0.6, 0.3, 0.4, 0.05, 0.05, 0.3),
}


def chances(favourable, unfavourable, recall, fpr, *turned):
    """Chance of each joint cell, float64 (27,)."""
    up1, down1, up0, down0 = turned
    p = np.zeros((3, 3, 3))
    total = favourable + unfavourable
    for label, n, rate, up, down in (
        (FAVOURABLE, favourable, recall, up1, down1),
        (UNFAVOURABLE, unfavourable, fpr, up0, down0),
    ):
        p[label, 0, 0], p[label, 0, 1] = rate * (1 - down) * n / total, rate * down * n / total
        p[label, 1, 1], p[label, 1, 0] = (1 - rate) * (1 - up) * n / total, (1 - rate) * up * n / total
    return p.ravel()


def cells_of(rows):
    return JointCells(column="", groups=("everyone",), rows=np.asarray(rows, np.int64)[None])


@pytest.mark.parametrize("world", WORLDS)
def test_drawn_intervals_hold_the_truth_in_92_percent_or_more(world):
    """Whenever an interval is given at all: with fewer rows that differ there is none."""
    spec = WORLDS[world]
    p, n, rng = chances(*spec), spec[0] + spec[1], np.random.default_rng(5)
    large = pair_draws(cells_of(np.rint(p * 1e9)), costs=COSTS, replicates=1)
    truth = {m: large.difference(m, 0).difference for m in DRAWN}
    held, given = dict.fromkeys(DRAWN, 0), dict.fromkeys(DRAWN, 0)
    for run in range(RUNS):
        draws = pair_draws(cells_of(rng.multinomial(n, p)), costs=COSTS, replicates=1_000, seed=run)
        for m in DRAWN:
            ends = draws.difference(m, 0).limits()
            if ends is not None:
                given[m] += 1
                held[m] += ends[0] - 1e-12 <= truth[m] <= ends[1] + 1e-12
    for m in DRAWN:
        if given[m] >= 150:
            # The error of simulating: 2.6 standard errors below.
            assert held[m] / given[m] >= 0.92 - 2.6 * np.sqrt(0.92 * 0.08 / given[m]), (m, given[m])


@pytest.mark.parametrize("world", WORLDS)
def test_intervals_of_rates_hold_the_truth_in_94_percent_or_more(world):
    spec = WORLDS[world]
    p, n, rng = chances(*spec), spec[0] + spec[1], np.random.default_rng(6)
    large = cells_of(np.rint(p * 1e9))
    for name in ("accuracy", "recall", "fpr"):
        true = paired_rate(large, name, 0).difference
        found = [paired_rate(cells_of(rng.multinomial(n, p)), name, 0) for _ in range(RUNS)]
        held = np.mean([f.low <= true <= f.high for f in found])
        assert held >= 0.94 - 2.6 * np.sqrt(0.94 * 0.06 / RUNS), (name, held)


def test_models_that_are_equally_good_are_told_apart_in_5_percent_at_most():
    """Two noisy copies of one score, 400 times 800 applications: Holm over all numbers keeps its word."""
    rng, shown = np.random.default_rng(9), 0
    runs = 400
    for run in range(runs):
        outcome = (rng.random(800) < 0.5).astype(np.int8)
        signal = 0.3 * outcome + rng.normal(0.35, 0.15, 800)
        a, b = (np.clip(signal + rng.normal(0, 0.1, 800), 0, 1) for _ in range(2))
        rows = PairRows(outcome=outcome, a=a, b=b, thresholds=(0.5, 0.5))
        (found,) = judged([paired_metrics(rows, rows.cells(), costs=COSTS, seed=run)], tolerance=0.05)
        shown += any(m.is_shown for m in found)
    assert shown / runs <= 0.05 + 2.0 * np.sqrt(0.05 * 0.95 / runs)
