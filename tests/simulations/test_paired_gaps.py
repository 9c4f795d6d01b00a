"""How often the interval of a difference of gaps holds the truth, and how often one is shown that is none."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.metrics._paired_cells import JointCells
from rai_dash.metrics.paired_gaps import judged_gaps, paired_gap

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

RUNS = 300
#: Shares of each group under the first and the second model, rows of each group, and how alike the models decide.
WORLDS = {
    "two alike under both": ((0.5, 0.5), (0.5, 0.5), (400, 400), 0.5),
    "alike, then apart": ((0.5, 0.5), (0.5, 0.6), (400, 400), 0.8),
    "apart as before": ((0.5, 0.6), (0.5, 0.6), (400, 400), 0.2),
    "the other way round": ((0.5, 0.6), (0.6, 0.5), (400, 400), 0.5),
    "rare": ((0.02, 0.02), (0.02, 0.08), (1_200, 900), 0.5),
    "five alike under both": ((0.5,) * 5, (0.5,) * 5, (200,) * 5, 0.5),
    "five alike, then one apart": ((0.5,) * 5, (0.5, 0.5, 0.5, 0.5, 0.7), (200,) * 5, 0.8),
    "five, all moved": ((0.4, 0.5, 0.5, 0.5, 0.6), (0.5, 0.5, 0.5, 0.5, 0.7), (200,) * 5, 0.2),
    "of many sizes": ((0.5, 0.5, 0.6, 0.5, 0.6), (0.5, 0.5, 0.7, 0.5, 0.7), (1_000, 800, 300, 100, 60), 0.5),
}


def law(a, b, alike):
    """Chances of approved by both, by the first only, by the second only, by neither."""
    both = alike * min(a, b) + (1 - alike) * a * b
    return np.array([both, a - both, b - both, 1 - a - b + both])


def cells_of(tables):
    """Rows without a known outcome: the approval rate needs none."""
    rows = np.zeros((len(tables), 3, 3, 3), np.int64)
    rows[:, 2, 0, 0], rows[:, 2, 0, 1], rows[:, 2, 1, 0], rows[:, 2, 1, 1] = np.array(tables).T
    return JointCells(column="g", groups=tuple("abcde"[: len(tables)]), rows=rows.reshape(len(tables), 27))


@pytest.mark.parametrize("world", WORLDS)
def test_intervals_of_gaps_hold_the_truth_in_92_percent_or_more(world):
    first, second, sizes, alike = WORLDS[world]
    truth, rng = np.ptp(second) - np.ptp(first), np.random.default_rng(11)
    held = given = shown = 0
    for run in range(RUNS):
        tables = [rng.multinomial(n, law(a, b, alike)) for a, b, n in zip(first, second, sizes, strict=True)]
        one = judged_gaps([[paired_gap(cells_of(tables), "selection_rate", seed=run)]], tolerance=0.05)[0][0]
        if one.low is None:
            continue
        given += 1
        held += one.low <= truth <= one.high
        shown += one.is_shown
    assert given >= 30
    assert held >= 0.92 * given - 2 * np.sqrt(0.92 * 0.08 * given)
    if truth == 0:
        assert shown <= 0.05 * given + 2 * np.sqrt(0.05 * 0.95 * given)
