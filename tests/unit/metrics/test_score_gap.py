"""Standardised mean differences of scores, against numpy on the rows."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.score_gap import LEAST_ROWS, NO_SPREAD, NOBODY_ELSE, TOO_FEW, score_gaps

Z = 1.959963984540054


def counted(score, codes, *, groups=("a", "b", "c"), weight=None):
    label = np.random.default_rng(0).integers(0, 3, score.size).astype(np.int8)
    return count(label, score, GroupIndex("g", groups, np.asarray(codes, np.int32)), weight=weight)


def sample(seed=1, n=900, wider=0.08):
    rng = np.random.default_rng(seed)
    codes = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    return np.clip(rng.normal(0.5 + 0.04 * codes, 0.05 + wider * codes), 0, 1), codes


def test_it_is_the_difference_of_means_over_the_pooled_standard_deviation_of_the_rows():
    score, codes = sample()
    score[::13] = np.nan

    for i, one in enumerate(score_gaps(counted(score, codes))):
        mine, others = (score[at & np.isfinite(score)] for at in (codes == i, codes != i))
        squares = (mine.size - 1) * np.var(mine, ddof=1) + (others.size - 1) * np.var(others, ddof=1)
        sd = np.sqrt(squares / (mine.size + others.size - 2))
        assert one.n == mine.size
        assert (one.mean, one.rest_mean) == pytest.approx((mine.mean(), others.mean()), abs=1e-12)
        assert one.pooled_sd == pytest.approx(sd, rel=1e-9)
        assert one.smd == pytest.approx((mine.mean() - others.mean()) / sd, rel=1e-9)
        assert one.source == "rows"


@pytest.mark.parametrize(("wider", "of_delta"), [(0.08, {True}), (-0.02, {False})])
def test_the_interval_has_the_larger_of_the_normal_and_the_delta_variance(wider, of_delta):
    score, codes = sample(wider=wider)

    used = []
    for i, one in enumerate(score_gaps(counted(score, codes))):
        mine, others = score[codes == i], score[codes != i]
        n, m = mine.size, others.size
        normal = (n + m) / (n * m) + one.smd**2 / (2 * (n + m))
        # Delta method through the gradient of d in the two means and the two mean squares about them.
        pooled = one.pooled_sd**2
        delta = 0.0
        for part, sign in ((mine, 1), (others, -1)):
            away = part - part.mean()
            slopes = np.array([sign / np.sqrt(pooled), -one.smd / (2 * pooled) * part.size / (n + m)])
            law = np.array(
                [
                    [np.var(part, ddof=1), np.mean(away**3)],
                    [np.mean(away**3), np.mean(away**4) - np.mean(away**2) ** 2],
                ]
            )
            delta += slopes @ law @ slopes / part.size
        used.append(delta > normal)
        half = Z * np.sqrt(max(normal, delta))
        # Third and fourth moments are taken from cells, a thousandth wide.
        assert (one.low, one.high) == pytest.approx((one.smd - half, one.smd + half), rel=2e-3, abs=1e-4)
    assert set(used) == of_delta


def test_with_weights_means_and_spreads_are_weighted_and_sizes_are_kishs():
    score, codes = sample(2)
    weight = np.random.default_rng(3).uniform(0.2, 3.0, score.size)

    one = score_gaps(counted(score, codes, weight=weight))[1]

    sizes, means, variances = [], [], []
    for at in (codes == 1, codes != 1):
        w, s = weight[at], score[at]
        n = w.sum() ** 2 / (w**2).sum()
        sizes.append(n)
        means.append(np.average(s, weights=w))
        variances.append(np.average((s - means[-1]) ** 2, weights=w) * n / (n - 1))
    pooled = np.average(variances, weights=np.array(sizes) - 1)
    assert one.n == pytest.approx(sizes[0])
    assert one.smd == pytest.approx((means[0] - means[1]) / np.sqrt(pooled), rel=1e-9)
    assert one.is_approximate


def test_without_rows_it_comes_from_cells_and_says_so():
    score, codes = sample(4)
    counts = counted(score, codes)

    exact = score_gaps(counts)
    cells = score_gaps(replace(counts, rows=None, score_sums=None, figures=None))

    assert {one.source for one in cells} == {"cells"}
    for a, b in zip(exact, cells, strict=True):
        assert b.smd == pytest.approx(a.smd, abs=0.01)
        assert b.smd != a.smd


@pytest.mark.parametrize("value", [0.7, 0.1, 1.0, 1 / 3])
def test_scores_that_do_not_vary_are_undefined_not_infinitely_far_apart(value):
    for one in score_gaps(counted(np.full(999, value), np.arange(999) % 3)):
        assert (one.smd, one.low, one.pooled_sd, one.reason) == (None, None, None, NO_SPREAD)
        assert one.mean == pytest.approx(value)


def test_who_has_nobody_to_compare_with_is_told_so():
    empty = score_gaps(counted(np.linspace(0, 1, 100), np.zeros(100)))
    pair = score_gaps(counted(np.array([0.2, 0.4]), [0, 1], groups=("a", "b")))

    assert empty[0].reason == NOBODY_ELSE
    assert "no applicant with a score" in empty[1].reason
    assert empty[1].mean is None
    assert {one.reason for one in pair} == {TOO_FEW}


def test_fewer_than_20_rows_on_a_side_have_a_difference_without_an_interval():
    rng = np.random.default_rng(5)
    codes = np.r_[np.zeros(LEAST_ROWS - 1), np.ones(LEAST_ROWS), np.full(500, 2)]

    found = score_gaps(counted(rng.random(codes.size), codes))

    assert found[0].smd is not None
    assert (found[0].low, found[0].high) == (None, None)
    assert "fewer than 20" in found[0].interval_reason
    assert found[1].low < found[1].smd < found[1].high
    assert found[1].interval_reason is None


def test_the_json_has_plain_values_and_no_nan():
    rows = [one.to_json() for one in score_gaps(counted(*sample(), groups=("a", "b", "c", "nobody")))]

    content = json.loads(json.dumps(rows, allow_nan=False))

    assert [row["group"] for row in content] == ["a", "b", "c", "nobody"]
    assert content[3]["smd"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("law", "rest"), [((1, 1), (40, 40)), ((0.6, 6), (0.6, 6)), ((5, 2), (5, 5)), ((20, 30), (2, 5))]
)
@pytest.mark.parametrize(("n", "others"), [(20, 1000), (30, 60), (300, 300)])
def test_the_interval_covers_91_percent_also_where_the_spreads_differ(law, rest, n, others):
    rng = np.random.default_rng(8)
    means, variances = zip(
        *((a / (a + b), a * b / (a + b) ** 2 / (a + b + 1)) for a, b in (law, rest)), strict=True
    )
    pooled = ((n - 1) * variances[0] + (others - 1) * variances[1]) / (n + others - 2)
    true, codes = (means[0] - means[1]) / np.sqrt(pooled), np.r_[np.zeros(n), np.ones(others)]
    runs, covered = 1000, 0
    for _ in range(runs):
        score = np.r_[rng.beta(*law, n), rng.beta(*rest, others)]
        one = score_gaps(counted(score, codes, groups=("a", "b")))[0]
        covered += one.low <= true <= one.high

    # Two standard errors of 1,000 runs below 91 %.
    assert covered / runs >= 0.91 - 2 * np.sqrt(0.91 * 0.09 / runs)
