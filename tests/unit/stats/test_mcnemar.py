"""The exact test of McNemar against scipy's binomial test, and Newcombe's paired interval against published ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from rai_dash.stats.mcnemar import mcnemar_exact, newcombe_paired


@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 9), (6, 6), (25, 2), (120, 161)])
def test_the_p_value_is_that_of_a_fair_coin_on_the_rows_that_differ(first, second):
    assert mcnemar_exact(first, second) == pytest.approx(binomtest(first, first + second).pvalue, rel=1e-12)


def test_without_a_row_that_differs_nothing_speaks_for_a_difference():
    assert mcnemar_exact(0, 0) == 1.0


@pytest.mark.parametrize(
    ("cells", "low", "high", "digits"),
    [
        # Altman et al. (2000), Statistics with confidence, p. 52: stress tests of 41 patients.
        ((14, 0, 5, 22), 0.011, 0.226, 3),
        # Newcombe (1998b), table IV, method 10: tables 36, 12, 2, 0 and 20, 12, 2, 16.
        ((36, 2, 12, 0), 0.0569, 0.3404, 4),
        ((20, 2, 12, 16), 0.0562, 0.3292, 4),
        # Fagerland, Lydersen and Laake (2014): airway hyper-responsiveness of 21 children.
        ((1, 7, 1, 12), -0.507, -0.026, 3),
    ],
)
def test_intervals_equal_the_published_ones(cells, low, high, digits):
    found = newcombe_paired(*cells)
    assert [round(float(end), digits) for end in found] == [low, high]


def test_the_interval_covers_95_percent_by_exact_enumeration():
    """Every table of 30 rows, weighted by its multinomial chance."""
    from scipy.stats import multinomial

    n, chance = 30, (0.45, 0.08, 0.17, 0.30)
    tables = np.array(
        [
            (a, b, c, n - a - b - c)
            for a in range(n + 1)
            for b in range(n + 1 - a)
            for c in range(n + 1 - a - b)
        ]
    )
    low, high = newcombe_paired(*tables.T)
    inside = (low <= chance[2] - chance[1]) & (chance[2] - chance[1] <= high)
    assert 0.94 <= multinomial(n, chance).pmf(tables)[inside].sum() <= 0.98


def test_models_that_agree_leave_an_interval_around_0_and_none_without_rows():
    low, high = newcombe_paired(40, 0, 0, 60)
    assert low == pytest.approx(-high)
    assert 0 < high < 0.05
    assert np.isnan(newcombe_paired(0, 0, 0, 0)).all()


def test_the_interval_turns_round_with_the_models():
    low, high = newcombe_paired(20, 3, 11, 50)
    assert newcombe_paired(20, 11, 3, 50) == (pytest.approx(-high), pytest.approx(-low))
