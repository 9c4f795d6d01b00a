"""Something true or not of each row under two models: counts, shares, the test, weights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from rai_dash.core.errors import InvalidChoice
from rai_dash.metrics.paired import NO_ROWS, NO_WEIGHT, paired_counts, paired_difference
from rai_dash.stats.mcnemar import newcombe_paired


@pytest.fixture
def flags():
    rng = np.random.default_rng(2)
    a = rng.random(400) < 0.3
    return a, a ^ (rng.random(400) < 0.12)


def test_rows_are_counted_and_the_difference_is_second_less_first(flags):
    a, b = flags
    found = paired_difference(a, b)
    assert (found.both, found.only_a) == (int((a & b).sum()), int((a & ~b).sum()))
    assert (found.only_b, found.neither) == (int((~a & b).sum()), int((~a & ~b).sum()))
    assert found.difference == pytest.approx(b.mean() - a.mean())
    assert found.p_value == pytest.approx(binomtest(found.only_a, found.discordant).pvalue)
    assert (found.a.value, found.b.value) == pytest.approx((a.mean(), b.mean()))
    assert (found.b.numerator, found.b.denominator) == (b.sum(), 400)
    assert not found.is_approximate


def test_the_interval_at_another_level_lies_inside(flags):
    found = paired_difference(*flags)
    low, high = found.limits(0.90)
    assert found.low < low < found.difference < high < found.high
    assert (low, high) == newcombe_paired(found.both, found.only_a, found.only_b, found.neither, level=0.90)


def test_equal_weights_give_the_same_interval_and_call_it_approximate(flags):
    plain, found = paired_difference(*flags), paired_difference(*flags, np.full(400, 2.5))
    assert (found.difference, found.low, found.high) == pytest.approx(
        (plain.difference, plain.low, plain.high)
    )
    assert found.p_value == plain.p_value
    assert found.is_approximate


def test_uneven_weights_move_the_difference_and_widen_the_interval(flags):
    a, b = flags
    weight = np.where(np.arange(400) < 40, 10.0, 1.0)
    found, plain = paired_difference(a, b, weight), paired_difference(a, b)
    assert found.difference == pytest.approx((weight * (b.astype(float) - a)).sum() / weight.sum())
    assert found.high - found.low > plain.high - plain.low
    assert found.a.value == pytest.approx((weight * a).sum() / weight.sum())


def test_without_rows_or_weight_it_is_undefined_and_says_why():
    nobody = np.zeros(0, dtype=bool)
    found = paired_difference(nobody, nobody)
    assert (found.difference, found.p_value, found.reason) == (None, None, NO_ROWS)
    assert (found.limits(0.9), found.a.value, found.a.reason) == (None, None, NO_ROWS)
    both = np.array([True, False])
    assert paired_difference(both, both, np.zeros(2)).reason == NO_WEIGHT


def test_models_that_agree_on_every_row_differ_by_0_with_a_p_value_of_1():
    found = paired_counts(30, 0, 0, 70)
    assert (found.difference, found.p_value, found.discordant) == (0.0, 1.0, 0)
    assert found.low < 0 < found.high


@pytest.mark.parametrize(
    ("a", "b", "weight", "said"),
    [
        ([True], [True, False], None, "same rows"),
        ([0.2, 0.7], [True, False], None, "yes or no"),
        ([True], [True], [-1.0], "from 0 up"),
        ([True], [True], [np.nan], "from 0 up"),
        ([True, False], [True, False], [1.0], "2 weights"),
    ],
)
def test_what_is_no_paired_column_is_refused_in_a_sentence(a, b, weight, said):
    with pytest.raises(InvalidChoice, match=said):
        paired_difference(a, b, weight)


def test_the_json_has_the_counts_and_no_nan():
    found = paired_counts(0, 0, 0, 0).to_json()
    assert found["difference"] is None
    assert paired_counts(5, 1, 2, 9).to_json()["discordant"] == 3
