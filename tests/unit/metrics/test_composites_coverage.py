"""From how many rows on the bootstrap intervals of composites may be shown: their coverage, simulated."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.metrics._base import LEAST_OF_A_CLASS
from rai_dash.stats.bootstrap import percentile_interval

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NAMES = {
    "balanced_accuracy": lambda tp, fn, fp, tn: (tp / (tp + fn) + tn / (fp + tn)) / 2,
    "f1": lambda tp, fn, fp, _: 2 * tp / np.maximum(2 * tp + fn + fp, 1),
    "cost 1:1": lambda tp, fn, fp, tn: (fn + fp) / (tp + fn + fp + tn),
    "cost 1:5": lambda tp, fn, fp, tn: (fn + 5 * fp) / (tp + fn + fp + tn),
    "cost 1:20": lambda tp, fn, fp, tn: (fn + 20 * fp) / (tp + fn + fp + tn),
}


def coverage(favourable, unfavourable, recall, fpr, *, runs=3000, replicates=800):
    """Simulate the share of percentile intervals that contain the true number, by composite."""
    rng, n, block = np.random.default_rng(17), favourable + unfavourable, 500
    rates = (favourable * recall, favourable * (1 - recall), unfavourable * fpr, unfavourable * (1 - fpr))
    hits = dict.fromkeys(NAMES, 0)
    for _ in range(runs // block):
        tp, fp = rng.binomial(favourable, recall, block), rng.binomial(unfavourable, fpr, block)
        cells = np.stack([tp, favourable - tp, fp, unfavourable - fp], axis=1)
        draws = rng.multinomial(n, cells / n, size=(replicates, block))
        for name, formula in NAMES.items():
            low, high, _ = percentile_interval(formula(*(draws[..., i] for i in range(4))))
            true = formula(*rates)
            # Sums of the same numbers in another order differ by rounding.
            hits[name] += np.count_nonzero((low <= true + 1e-9) & (true - 1e-9 <= high))
    return {name: hit / runs for name, hit in hits.items()}


@pytest.mark.parametrize("rarer", [LEAST_OF_A_CLASS, 124, 139, 163])
@pytest.mark.parametrize("rate", [0.05, 0.06, 0.07, 0.5])
@pytest.mark.parametrize("times", [1, 10])
def test_from_the_stated_count_on_the_intervals_cover_91_percent(rarer, rate, times):
    for recall, fpr in ((rate, rate), (1 - rate, rate), (rate, 0.5)):
        for name, covered in coverage(rarer, times * rarer, recall, fpr).items():
            assert covered >= 0.91, (name, recall, fpr)


def test_with_a_quarter_of_it_they_do_not():
    assert min(coverage(LEAST_OF_A_CLASS // 4, LEAST_OF_A_CLASS // 4, 0.95, 0.05).values()) < 0.85
