"""Scores of two data sets against sklearn and scipy; and a pure prior shift, where only the threshold stops to fit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.metrics import roc_auc_score

from rai_dash.metrics.score_shift import Scored, score_shift


def draw(n, share, seed, noise=1.0):
    """Draw people whose score says what it does where 20 % are favourable."""
    rng = np.random.default_rng(seed)
    outcome = (rng.random(n) < share).astype(np.int8)
    x = rng.normal(2.0 * outcome, noise)
    # Bayes at a share of 20 %: log-odds of the prior, plus 2x - 2 for normals two apart.
    score = 1 / (1 + np.exp(-(np.log(0.2 / 0.8) + 2 * x - 2)))
    return Scored(score=score, outcome=outcome)


def test_the_figures_are_those_of_sklearn_and_scipy():
    then, now = draw(3_000, 0.2, 0), draw(2_000, 0.6, 1)

    found = score_shift(then, now, threshold=0.5)

    was, area = found.of("auc")
    assert was.value == pytest.approx(roc_auc_score(then.outcome, then.score))
    assert area.value == pytest.approx(roc_auc_score(now.outcome, now.score))
    assert found.drift.test.statistic == pytest.approx(ks_2samp(then.score, now.score).statistic)
    edges = np.quantile(then.score, np.arange(1, 10) / 10)
    p, q = (
        np.bincount(np.searchsorted(edges, s.score, side="right"), minlength=10) / s.score.size
        for s in (then, now)
    )
    assert found.drift.psi == pytest.approx(((q - p) * np.log(q / p)).sum())
    for side, mine in zip((then, now), found.of("for_rate"), strict=True):
        assert mine.value == pytest.approx(side.outcome[side.score < 0.5].mean())


def test_a_pure_prior_shift_leaves_the_ranking_and_moves_the_meaning_of_the_threshold():
    found = score_shift(draw(4_000, 0.2, 2), draw(4_000, 0.7, 3))

    assert found.still_ranks
    assert not found.ranks_worse
    assert found.means_what_it_says is False
    assert found.declined_moved
    # The declined of the same two groups: their share of favourable ones follows Bayes.
    then, now = (e.value for e in found.of("for_rate"))
    assert now / (1 - now) == pytest.approx(then / (1 - then) * (0.7 / 0.3) / (0.2 / 0.8), rel=0.2)


def test_the_same_source_moves_nothing():
    found = score_shift(draw(4_000, 0.2, 4), draw(4_000, 0.2, 5))

    assert found.means_what_it_says
    assert not found.declined_moved
    assert not found.drift.is_shown
    assert not found.ranks_worse


def test_noise_is_a_worse_ranking_and_not_called_a_moved_threshold_alone():
    found = score_shift(draw(3_000, 0.2, 6), draw(3_000, 0.2, 7, noise=3.0))

    assert found.ranks_worse
    assert found.ranking_p < 1e-6


def test_without_outcomes_or_scores_nothing_is_claimed():
    then = draw(500, 0.2, 8)
    unknown = Scored(score=then.score, outcome=np.full(500, 2, np.int8))
    none = Scored(score=np.full(500, np.nan), outcome=then.outcome)

    assert score_shift(then, unknown).means_what_it_says is None
    assert score_shift(then, unknown).ranking_p is None
    assert score_shift(then, none).drift.test.method == ""
    assert not score_shift(then, none).still_ranks


def test_weights_count_for_the_shares():
    now = draw(2_000, 0.5, 9)
    weight = np.where(now.outcome == 1, 3.0, 1.0)

    found = score_shift(draw(2_000, 0.2, 10), Scored(score=now.score, outcome=now.outcome, weight=weight))

    below = now.score < 0.5
    expected = np.average(now.outcome[below], weights=weight[below])
    assert found.of("for_rate")[1].value == pytest.approx(expected)
    assert found.of("auc")[1].value == pytest.approx(
        roc_auc_score(now.outcome, now.score, sample_weight=weight)
    )
