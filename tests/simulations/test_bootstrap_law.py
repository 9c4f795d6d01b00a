"""One draw of counts has the law of one draw of rows, and of no other design: fairness.md section 6."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp

from rai_dash.metrics._base import metric_input
from rai_dash.stats.bootstrap import percentile_interval
from tests.simulations.worlds import N_GROUPS, SHARES, THRESHOLD, at_most, counts_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROWS, REPLICATES = 5_000, 1_500
#: The groups that are compared; the others are too small for a law of their own.
SHOWN = slice(0, 12)


def rows(rng):
    """Draw group and cell {tn, fp, fn, tp} of some rows."""
    group = rng.choice(N_GROUPS, ROWS, p=SHARES)
    return group, rng.choice(4, ROWS, p=[0.30, 0.10, 0.20, 0.40])


def cells_of(group, cell):
    return np.bincount(group * 4 + cell, minlength=N_GROUPS * 4).reshape(N_GROUPS, 4)


def figures(tn, fp, fn, tp):
    """Numbers a group: approved, recall, precision, F1 and balanced accuracy; (figures, replicates, groups)."""
    with np.errstate(invalid="ignore"):
        recall, tnr = tp / (tp + fn), tn / (tn + fp)
        return np.stack((tp + fp, recall, tp / (tp + fp), 2 * tp / (2 * tp + fp + fn), (recall + tnr) / 2))


def by_counts(group, cell):
    """Figures of the product's own replicates."""
    given = metric_input(counts_of(cells_of(group, cell)), THRESHOLD, bootstrap=REPLICATES, seed=3)
    drawn = given.draws()
    return figures(*(part[:, SHOWN] for part in (drawn.tn, drawn.fp, drawn.fn, drawn.tp)))


def by_rows(rng, group, cell, *, within=False):
    """Figures of replicates of the rows themselves; ``within`` keeps the size of every group."""
    drawn = np.empty((REPLICATES, N_GROUPS, 4))
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group, minlength=N_GROUPS)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    room = np.repeat(sizes, sizes)
    for i in range(REPLICATES):
        at = order[starts + (rng.random(ROWS) * room).astype(int)] if within else rng.integers(0, ROWS, ROWS)
        drawn[i] = cells_of(group[at], cell[at])
    return figures(*np.moveaxis(drawn[:, SHOWN], 2, 0))


def p_values(one, other):
    """p-values of two-sample Kolmogorov-Smirnov tests, one a figure and group."""
    return np.array(
        [
            [ks_2samp(a[np.isfinite(a)], b[np.isfinite(b)]).pvalue for a, b in zip(x.T, y.T, strict=True)]
            for x, y in zip(one, other, strict=True)
        ]
    )


def test_replicates_of_counts_are_distributed_as_replicates_of_rows():
    rng = np.random.default_rng(13)
    group, cell = rows(rng)
    counts, scanned = by_counts(group, cell), by_rows(rng, group, cell)

    p = p_values(counts, scanned)

    # Figures of a group go together, so that an event counts up to five times; fairness.md saw 8 % below .05.
    assert (p < 0.05).sum() <= 5 * at_most(0.05, p.shape[1])
    assert p.min() > 0.001 / p.size
    # A ratio of two standard deviations of so many replicates has this error; 4.5 of it for 60 ratios and heavy tails.
    error = REPLICATES**-0.5
    assert np.nanstd(counts, axis=1) / np.nanstd(scanned, axis=1) == pytest.approx(1.0, abs=4.5 * error)


def test_a_bootstrap_within_groups_is_told_apart():
    rng = np.random.default_rng(14)
    group, cell = rows(rng)

    p = p_values(by_counts(group, cell), by_rows(rng, group, cell, within=True))

    # The number of approved applicants varies less where the size of the group is kept.
    assert p[0].min() < 1e-4


def test_the_intervals_of_both_agree_within_the_noise_of_their_ends():
    rng = np.random.default_rng(15)
    group, cell = rows(rng)
    ends = [
        percentile_interval(np.moveaxis(x, 1, 0))[:2]
        for x in (by_counts(group, cell), by_rows(rng, group, cell))
    ]
    width = ends[1][1] - ends[1][0]

    for mine, theirs in zip(*ends, strict=True):
        assert (np.abs(mine - theirs) / width).max() < 0.12
