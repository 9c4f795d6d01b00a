"""Do the 95 % intervals cover? Exactly, by summing over all outcomes, wherever these can be listed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binom

from rai_dash.core.counts import GroupCounts
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.against import Other, compare
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.table import metric_table
from rai_dash.stats.auc import auc
from rai_dash.stats.blocks import blocks_of_rows
from rai_dash.stats.intervals import katz, newcombe, wilson
from tests.simulations.worlds import draw, law, lower_bound, share_table, table_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: What the product promises of a nominal 95 % interval on the grid (n >= 10, p >= .05).
PROMISED = 0.91
RATES = [(10, 0.05), (20, 0.05), (30, 0.05), (50, 0.05), (30, 0.20), (100, 0.20), (500, 0.20)]
#: The exact coverages of fairness.md 4.1, in the same order.
WILSON = [0.914, 0.925, 0.939, 0.962, 0.964, 0.941, 0.950]
PAIRS = [
    (20, 500, 0.05, 0.20),
    (20, 500, 0.20, 0.20),
    (50, 1000, 0.10, 0.30),
    (15, 15, 0.30, 0.30),
    (200, 2000, 0.60, 0.70),
]
AUCS = [(15, 60), (50, 200), (300, 1200)]


def covered(low, high, truth):
    """Which intervals contain the truth; an undefined one does not."""
    return (np.nan_to_num(low, nan=np.inf) <= truth) & (truth <= np.nan_to_num(high, nan=-np.inf))


def chances(n, p):
    return binom.pmf(np.arange(n + 1), n, p)


def outcomes(n1, n2, p1, p2):
    """All outcomes of two samples with their chance; what is rarer than 1e-12 in all is left out."""
    ways1, ways2 = chances(n1, p1), chances(n2, p2)
    k1, k2 = np.flatnonzero(ways1 > 1e-16), np.flatnonzero(ways2 > 1e-16)
    return k1[:, None], k2[None, :], ways1[k1, None] * ways2[None, k2]


@pytest.mark.parametrize(("n", "p", "expected"), [(*c, e) for c, e in zip(RATES, WILSON, strict=True)])
def test_the_interval_of_a_rate_covers_exactly_as_often_as_the_reference_says(n, p, expected):
    low, high = wilson(np.arange(n + 1), n)

    found = (chances(n, p) * covered(low, high, p)).sum()

    assert found == pytest.approx(expected, abs=0.0006)
    assert found >= PROMISED


@pytest.mark.parametrize("n", [10, 20, 30, 50, 100, 200, 500, 1000])
@pytest.mark.parametrize("p", [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95])
def test_the_interval_of_a_rate_covers_beyond_the_grid_of_the_reference(n, p):
    low, high = wilson(np.arange(n + 1), n)

    assert (chances(n, p) * covered(low, high, p)).sum() >= PROMISED


def test_the_interval_of_a_rate_covers_95_percent_on_the_average_over_rates():
    p = np.linspace(0.05, 0.95, 1801)
    for n in (10, 20, 30, 100, 500):
        low, high = wilson(np.arange(n + 1), n)
        inside = covered(low[:, None], high[:, None], p[None])
        by_rate = (binom.pmf(np.arange(n + 1)[:, None], n, p[None]) * inside).sum(axis=0)

        assert 0.945 <= by_rate.mean() <= 0.965


@pytest.mark.parametrize(("n", "p"), RATES)
def test_the_interval_that_a_table_of_metrics_shows_covers(n, p):
    # One group an outcome: 0 to n approved. The smallest groups are shown with their interval too.
    shown = share_table(np.arange(n + 1), np.full(n + 1, n)).values["selection_rate"]

    assert (chances(n, p) * covered(shown.low, shown.high, p)).sum() >= PROMISED


@pytest.mark.parametrize(("n1", "n2", "p1", "p2"), PAIRS)
def test_the_interval_of_a_difference_covers(n1, n2, p1, p2):
    k1, k2, weight = outcomes(n1, n2, p1, p2)
    low, high = newcombe(k1, n1, k2, n2)

    assert (weight * covered(low, high, p1 - p2)).sum() >= PROMISED


@pytest.mark.parametrize(("n1", "n2", "p1", "p2"), PAIRS)
def test_the_interval_of_a_ratio_covers(n1, n2, p1, p2):
    k1, k2, weight = outcomes(n1, n2, p1, p2)
    low, high = katz(k1, n1, k2, n2)

    assert (weight * covered(low, high, p1 / p2)).sum() >= PROMISED


@pytest.mark.parametrize(
    ("n1", "n2", "p1", "p2"), [(15, 15, 0.30, 0.30), (10, 40, 0.10, 0.30), (12, 30, 0.6, 0.7)]
)
@pytest.mark.parametrize("to", [Other.REST, Other.REFERENCE])
def test_what_a_comparison_of_two_groups_shows_covers(n1, n2, p1, p2, to):
    k1, k2, weight = outcomes(n1, n2, p1, p2)
    difference = ratio = 0.0
    for (i, j), chance in np.ndenumerate(weight):
        table = share_table([k1[i, 0], k2[0, j]], [n1, n2])
        reference = "g1" if to is Other.REFERENCE else None
        found = compare(table, "selection_rate", to, reference=reference)[0]
        difference += chance * (found.low <= p1 - p2 <= found.high)
        # Where both shares are 1 no ratio is claimed; it counts as missed.
        ratio += chance * (found.ratio_low is not None and found.ratio_low <= p1 / p2 <= found.ratio_high)

    assert difference >= PROMISED
    assert ratio >= PROMISED


def scored(rng, runs, favourable, unfavourable, shift):
    """Draw the scores of some runs, normal in the logit; one group a run."""
    size = favourable + unfavourable
    label = np.tile(np.repeat([1, 0], [favourable, unfavourable]), runs).astype(np.int8)
    score = expit(rng.normal(size=runs * size) + shift * label)
    return score, label, np.repeat(np.arange(runs, dtype=np.int32), size)


@pytest.mark.parametrize(("favourable", "unfavourable"), AUCS)
@pytest.mark.parametrize(("shift", "truth"), [(0.3583, 0.6), (0.9539, 0.75), (1.8124, 0.9)])
def test_the_interval_of_the_auc_covers(favourable, unfavourable, shift, truth):
    runs = 3000
    score, label, group = scored(np.random.default_rng(4), runs, favourable, unfavourable, shift)

    found = auc(blocks_of_rows(score, label, group=group, n_groups=runs))

    # The area under two normal curves of one width is Phi(shift / sqrt 2). Shown, not only not contradicted.
    assert lower_bound(covered(found.low, found.high, truth).sum(), runs) >= PROMISED
    assert found.auc.mean() == pytest.approx(truth, abs=0.003)


@pytest.mark.parametrize("from_rows", [True, False])
def test_the_interval_of_the_auc_that_a_table_shows_covers(from_rows):
    runs = 1000
    score, label, group = scored(np.random.default_rng(5), runs, 15, 60, 0.9539)
    counts = count(label, score, GroupIndex("run", tuple(map(str, range(runs))), group))
    given = counts if from_rows else GroupCounts(column="run", groups=counts.groups, counts=counts.counts)

    shown = metric_table(given, 0.5, bootstrap=0, metrics=["auc"]).values["auc"]

    assert shown.source == ("rows" if from_rows else "cells")
    assert lower_bound(covered(shown.low, shown.high, 0.75).sum(), runs) >= PROMISED


@pytest.mark.parametrize(("n", "p"), [(60, 0.1), (200, 0.3), (1000, 0.05)])
def test_the_interval_of_a_weighted_rate_covers_where_weights_say_nothing_about_the_outcome(n, p):
    # Kish's size is made for such weights; nothing is promised where they go with the outcome.
    rng, runs = np.random.default_rng(6), 4000
    weight = rng.lognormal(sigma=0.5, size=runs * n)
    score = np.where(rng.random(runs * n) < p, 0.8, 0.2)
    group = np.repeat(np.arange(runs, dtype=np.int32), n)
    total = [np.bincount(group, values) for values in (weight * (score > 0.5), weight, weight**2)]
    size = total[1] ** 2 / total[2]

    low, high = wilson(total[0] / total[1] * size, size)

    assert 0.7 < size.mean() / n < 0.9
    assert lower_bound(covered(low, high, p).sum(), runs) >= PROMISED


@pytest.mark.parametrize("rows", [2_000, 5_000, 32_000])
@pytest.mark.parametrize("metric", ["selection_rate", "recall"])
def test_the_interval_of_the_largest_gap_contains_0_where_there_is_no_disparity(rows, metric):
    rng, runs = np.random.default_rng(7), 400
    chance = law(base=0.6, recall=0.35, fpr=0.35)

    found = [disparity(table_of(draw(rng, rows, chance), [metric]), metric) for _ in range(runs)]

    assert lower_bound(sum(d.low <= 0 <= d.high for d in found), runs) >= 0.95
    # The gap itself is far from 0 in the same data sets.
    assert min(d.difference for d in found) > 0.05
