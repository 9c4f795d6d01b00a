"""One number of a batch: the rules of review-band.md 14.1 against scipy, plain loops and hand numbers."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
import pytest
from scipy.stats import binomtest, ks_2samp

from rai_dash.govern.monitor.states import (
    State,
    ks,
    ks_of_cells,
    psi,
    psi_counts,
    psi_edges,
    psi_state,
    rate_state,
)


def by_the_rule(k: int, n: int, value: float, tolerance: float) -> str:
    """The rule as it is written, with scipy's interval."""
    if n == 0:
        return "no_data"
    ends = binomtest(k, n).proportion_ci(0.95, method="wilson")
    if ends.high < value - tolerance or ends.low > value + tolerance:
        return "breach"
    return "watch" if abs(k / n - value) > tolerance + 1e-12 else "ok"


def test_every_share_of_forty_rows_gets_the_state_of_the_written_rule():
    seen = set()
    for n in (0, 1, 7, 40):
        for k in range(n + 1):
            for value in (0.0, 0.18, 0.5, 1.0):
                for tolerance in (0.01, 0.1, 0.3):
                    state = rate_state(k, n, value, tolerance)
                    assert state == by_the_rule(k, n, value, tolerance), (k, n, value, tolerance)
                    seen.add(state)
    assert seen == {State.OK, State.WATCH, State.BREACH, State.NO_DATA}


@pytest.mark.parametrize(
    ("k", "n", "value", "tolerance", "state"),
    [
        # Wilson of 31 of 100 is 0.2276 to 0.4061: it begins above 0.20 and below 0.23.
        (31, 100, 0.18, 0.02, "breach"),
        (31, 100, 0.18, 0.05, "watch"),
        (31, 100, 0.18, 0.13, "ok"),
        # 3/10 - 0.2 is a double above 0.1: rounding is no watch.
        (3, 10, 0.2, 0.1, "ok"),
        (3, 10, 0.2, 0.1 - 1e-11, "watch"),
        (3, 10, 0.2, 0.1 - 1e-13, "ok"),
        (0, 0, 0.2, 0.1, "no_data"),
    ],
)
def test_a_share_gets_the_state_that_it_has_by_hand(k, n, value, tolerance, state):
    assert rate_state(k, n, value, tolerance) == state


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (0.0, "ok"),
        (0.0999999, "ok"),
        (0.1, "watch"),
        (0.2499999, "watch"),
        (0.25, "breach"),
        (math.nan, "no_data"),
    ],
)
def test_a_psi_is_watched_from_a_tenth_and_broken_from_a_quarter_on(value, state):
    assert psi_state(value) == state


def psi_by_loops(reference, x):
    """The index as it is written, with no array."""
    reference, x = ([v for v in side if math.isfinite(v)] for side in (reference, x))
    edges = sorted({float(np.quantile(reference, k / 10)) for k in range(1, 10)})
    total = 0.0
    for cell in range(len(edges) + 1):
        p, q = (
            max(sum(bisect_right(edges, v) == cell for v in side) / len(side), 1e-4)
            for side in (reference, x)
        )
        total += (q - p) * math.log(q / p)
    return total


@pytest.mark.parametrize("seed", range(6))
def test_the_psi_of_numbers_is_that_of_plain_loops(seed):
    rng = np.random.default_rng(seed)
    reference, x = rng.normal(size=237), rng.normal(0.3, 1.2, size=90)
    if seed % 2:
        # Ties on the edges, and a value that fills several tenths.
        reference, x = np.round(np.abs(reference), 1), np.round(np.abs(x), 1)
        reference[:100] = 0.0
    reference[3], x[5], x[6] = np.nan, np.inf, -np.inf

    assert psi(reference, x) == pytest.approx(psi_by_loops(reference, x), abs=1e-13)


def test_a_psi_by_hand():
    # Quantiles of 1..10 at k/10 are 1.9, 2.8, ..., 9.1: a value each; of two 5s one cell holds all.
    cell = (1.0 - 0.1) * math.log(1.0 / 0.1)
    rest = 9 * (1e-4 - 0.1) * math.log(1e-4 / 0.1)

    assert psi(range(1, 11), [5, 5]) == pytest.approx(cell + rest, abs=1e-13)


def test_a_value_on_an_edge_belongs_to_the_cell_that_starts_there():
    edges = psi_edges([0, 0, 0, 1, 1, 1, 1, 1, 1, 1])

    assert edges.tolist() == [0.0, pytest.approx(0.7), 1.0]
    assert psi_counts([-1, 0, 0.5, 1, 2, np.nan], edges).tolist() == [1, 2, 0, 2]


@pytest.mark.parametrize("sides", [([], [1.0]), ([1.0], []), ([np.nan], [1.0])])
def test_a_side_without_a_value_has_no_psi(sides):
    assert math.isnan(psi(*sides))


@pytest.mark.parametrize("seed", range(5))
def test_ks_is_that_of_scipy_with_ties_and_without_what_is_not_finite(seed):
    rng = np.random.default_rng(seed)
    x, y = np.round(rng.normal(size=80), seed), np.round(rng.normal(0.4, size=55), seed)

    found = ks(np.append(x, np.nan), np.append(y, [np.inf, -np.inf]))

    assert found.statistic == pytest.approx(ks_2samp(x, y).statistic, abs=1e-15)


def test_ks_of_cells_is_that_of_scores_on_the_grid_and_never_above_the_exact_one():
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 1001, 200), rng.integers(100, 1001, 150)
    cells = [np.bincount(side, minlength=1001) for side in (x, y)]
    exact = ks_2samp(x / 1000 + rng.random(200) / 1001, y / 1000 + rng.random(150) / 1001).statistic

    assert ks_of_cells(*cells) == pytest.approx(ks_2samp(x, y).statistic, abs=1e-15)
    assert ks_of_cells(*cells) <= exact + 1e-12
    assert math.isnan(ks_of_cells(np.zeros(1001, int), cells[1]))
