from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom

from rai_dash.review.promise import fewest_rows, rows_needed


@pytest.mark.parametrize(
    ("alpha", "delta"),
    [(0.1, 0.05), (0.15, 0.05), (0.05, 0.025), (0.01, 0.001), (0.5, 0.25), (0.9, 0.09), (0.3, 0.49)],
)
def test_below_the_fewest_rows_not_even_no_error_could_pass(alpha, delta):
    n = fewest_rows(alpha, delta)
    right, allowed = 1 - Fraction(str(alpha)), Fraction(str(delta))

    assert right**n <= allowed < right ** (n - 1)


@pytest.mark.parametrize(
    ("error", "alpha", "delta"), [(0.0, 0.1, 0.05), (0.02, 0.1, 0.05), (0.07, 0.1, 0.05), (0.1, 0.15, 0.0125)]
)
def test_the_rows_needed_are_the_fewest_that_pass_four_times_in_five(error, alpha, delta):
    n = rows_needed(error, alpha=alpha, delta=delta)

    rows = np.arange(1, n + 1)
    most = binom.ppf(delta, rows, alpha)  # the smallest k with P(Bin <= k) >= delta
    most -= binom.cdf(most, rows, alpha) > delta
    passes = binom.cdf(most, rows, error) >= 0.80
    assert np.flatnonzero(passes).tolist() == [n - 1]


@pytest.mark.parametrize("error", [0.10, 0.2, 0.1 - 1e-7, float("nan")])
def test_no_number_of_rows_shows_what_is_not_so_or_is_hardly_so(error):
    assert rows_needed(error, alpha=0.10) is None
