from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_expit, logit

from rai_dash.stats.blocks import blocks_of_rows
from rai_dash.stats.calibration import recalibrate


def rows(seed, n, *, a=0.3, b=0.7):
    rng = np.random.default_rng(seed)
    score = rng.beta(2.0, 3.0, n)
    return score, (rng.random(n) < expit(a + b * logit(score))).astype(np.int8)


def fit(score, label, weight=None):
    group = np.zeros(score.size, np.int32)
    return recalibrate(blocks_of_rows(score, label, group=group, n_groups=1, weight=weight))


def loss(beta, score, label, weight):
    eta = beta[0] + beta[1] * logit(np.clip(score, 1e-6, 1 - 1e-6))
    return -(weight * np.where(label == 1, log_expit(eta), log_expit(-eta))).sum()


def by_optimiser(score, label, weight=None):
    weight = np.ones(score.size) if weight is None else weight
    slope = minimize(loss, [0.0, 1.0], (score, label, weight), method="Nelder-Mead", tol=1e-12).x[1]
    return minimize_scalar(lambda a: loss((a, 1.0), score, label, weight), tol=1e-14).x, slope


@pytest.mark.parametrize("n", [60, 3000])
@pytest.mark.parametrize("weighted", [False, True])
def test_estimates_equal_those_of_a_general_optimiser(n, weighted):
    score, label = rows(1, n)
    weight = np.random.default_rng(2).gamma(2.0, size=n) if weighted else None

    found = fit(score, label, weight)

    intercept, slope = by_optimiser(score, label, weight)
    assert found.intercept[0] == pytest.approx(intercept, abs=1e-6)
    assert found.slope[0] == pytest.approx(slope, abs=1e-5)


def test_scores_of_0_and_1_are_clipped():
    score, label = rows(3, 200)
    score[:3], label[:3] = [0.0, 1.0, 0.0], [1, 0, 0]

    found = fit(score, label)

    intercept, slope = by_optimiser(score, label)
    assert (found.intercept[0], found.slope[0]) == pytest.approx((intercept, slope), abs=1e-5)


def test_right_probabilities_have_intercept_0_and_slope_1_within_the_limits():
    score, label = rows(4, 20_000, a=0.0, b=1.0)

    found = fit(score, label)

    assert found.intercept_low[0] < 0 < found.intercept_high[0]
    assert found.slope_low[0] < 1 < found.slope_high[0]
    assert found.slope_high[0] - found.slope_low[0] < 0.1


def test_limits_cover_the_truth_in_about_95_of_100_samples():
    covered = np.zeros(2)
    samples = 200
    for seed in range(samples):
        score, label = rows(100 + seed, 400, a=0.0, b=1.0)
        found = fit(score, label)
        covered += (
            found.intercept_low[0] < 0 < found.intercept_high[0],
            found.slope_low[0] < 1 < found.slope_high[0],
        )

    # 200 draws of 0.95 have a standard deviation of 1.5 points; four of them below.
    assert (covered / samples > 0.89).all()


def test_limits_hold_for_repeated_rows_with_halved_weights():
    score, label = rows(5, 500)

    doubled = fit(np.repeat(score, 2), np.repeat(label, 2), np.full(1000, 0.5))

    # Each row appears twice at half the weight: same estimate, and half the variance of the sandwich.
    plain = fit(score, label)
    assert doubled.slope[0] == pytest.approx(plain.slope[0], abs=1e-9)
    assert (doubled.slope_high - doubled.slope)[0] == pytest.approx(
        (plain.slope_high - plain.slope)[0] / np.sqrt(2), rel=1e-6
    )


def test_one_class_leaves_both_undefined():
    found = fit(np.array([0.2, 0.6]), np.array([1, 1], np.int8))

    assert np.isnan([found.intercept[0], found.slope[0], found.slope_low[0]]).all()


@pytest.mark.parametrize(
    ("score", "label"),
    [
        ([0.4, 0.4, 0.4, 0.4], [0, 1, 0, 1]),  # all equal
        ([0.1, 0.2, 0.7, 0.8], [0, 0, 1, 1]),  # separated
        ([0.1, 0.2, 0.7, 0.8], [1, 1, 0, 0]),  # separated the wrong way round
        ([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1]),  # separated but for a tie
    ],
)
def test_the_slope_is_undefined_where_no_finite_one_fits_best(score, label):
    found = fit(np.array(score), np.array(label, np.int8))

    assert np.isnan([found.slope[0], found.slope_low[0], found.slope_high[0]]).all()
    assert np.isfinite(found.intercept[0])


def test_an_almost_separated_group_still_has_its_steep_slope():
    score = np.array([0.1, 0.2, 0.45, 0.55, 0.8, 0.9])
    label = np.array([0, 0, 1, 0, 1, 1], np.int8)

    found = fit(score, label)

    assert found.slope[0] == pytest.approx(by_optimiser(score, label)[1], abs=1e-4)


def test_rough_start_that_separates_does_not_spoil_the_fit():
    # 1,001 blocks are joined in threes for the rough fit, which here separates the classes.
    score = np.linspace(0.2, 0.8, 1002)
    label = (score > 0.5).astype(np.int8)
    label[[500, 501]] = [1, 0]

    found = fit(score, label)

    assert np.isfinite(found.slope[0])
    assert found.slope[0] > 100


def test_groups_do_not_disturb_each_other():
    first, second = rows(6, 300), rows(7, 200)
    group = np.repeat([0, 2], [300, 200]).astype(np.int32)
    both = blocks_of_rows(
        np.append(first[0], second[0]), np.append(first[1], second[1]), group=group, n_groups=3
    )

    found = recalibrate(both)

    assert found.slope[[0, 2]] == pytest.approx([fit(*first).slope[0], fit(*second).slope[0]], abs=1e-9)
    assert np.isnan(found.slope[1])


def test_nobody_at_all_leaves_it_undefined():
    assert np.isnan(fit(np.array([]), np.array([], np.int8)).intercept).all()
