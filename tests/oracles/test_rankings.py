"""AUC, Brier, mean score, calibration and curves of real data against scikit-learn, scipy and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, precision_score, roc_auc_score, roc_curve

from rai_dash.core.counts import GroupCounts
from rai_dash.metrics.curves import calibration_curve, precision_recall, roc, score_histogram
from rai_dash.metrics.table import metric_table
from tests.oracles.compare import EXACT, WEIGHTED, assert_close, parts_of

SCORED = ("auc", "brier", "mean_score", "calibration_intercept", "calibration_slope")


def tables(real, *, weighted=False):
    """Each division with its table and the rows of each group that has both outcomes."""
    for columns in [(), *real.divisions]:
        counts = real.counts(columns, weighted=weighted)
        table = metric_table(counts, 0.5, bootstrap=0, metrics=SCORED)
        parts = list(parts_of(real, columns, counts.groups, 0.5))
        yield columns, table, [(i, g, part) for i, g, part in parts if 0 < part.label.sum() < part.label.size]


@pytest.mark.parametrize("weighted", [False, True])
def test_auc_brier_and_mean_score_equal_scikit_learn(real, weighted):
    tolerance = WEIGHTED if weighted else EXACT

    for columns, table, parts in tables(real, weighted=weighted):
        assert parts
        for i, group, part in parts:
            weight = part.weight if weighted else None
            expected = {
                "auc": roc_auc_score(part.label, part.score, sample_weight=weight),
                "brier": brier_score_loss(part.label, part.score, sample_weight=weight),
                "mean_score": np.average(part.score, weights=weight),
            }
            for name, value in expected.items():
                found = table.estimate(name, i).value
                assert_close(found, value, tolerance, real.name, columns, group, name)


def pairs_won(part):
    """1, 1/2 or 0 for every pair of a favourable and an unfavourable score, (favourable, unfavourable)."""
    good, bad = part.score[part.label == 1], part.score[part.label == 0]
    return (good[:, None] > bad) + 0.5 * (good[:, None] == bad)


def delong(won):
    """AUC with DeLong's interval on the logit scale, from the matrix of all pairs."""
    area = won.mean()
    variance = won.mean(axis=1).var(ddof=1) / won.shape[0] + won.mean(axis=0).var(ddof=1) / won.shape[1]
    half = norm.ppf(0.975) * np.sqrt(variance) / (area * (1 - area))
    return area, expit(logit(area) - half), expit(logit(area) + half)


def test_the_interval_of_auc_equals_delongs_over_all_pairs(real):
    compared = 0
    for columns, table, parts in tables(real.sample):
        for i, group, part in parts:
            won, found = pairs_won(part), table.estimate("auc", i)
            if min(won.shape) < 2 or won.mean() in {0.0, 1.0}:
                assert found.low is found.high is None, (columns, group)
                continue
            for ours, theirs in zip((found.value, found.low, found.high), delong(won), strict=True):
                assert_close(ours, theirs, 1e-11, real.name, columns, group)
            compared += 1
    assert compared > 10


def test_auc_from_cells_lies_within_its_stated_bound_of_scikit_learns(real):
    for columns, _, parts in tables(real):
        counts = real.counts(columns)
        bare = GroupCounts(column=counts.column, groups=counts.groups, counts=counts.counts)
        cells = metric_table(bare, 0.5, bootstrap=0, metrics=["auc", "brier", "mean_score"]).values
        for i, group, part in parts:
            exact = {
                "auc": roc_auc_score(part.label, part.score),
                "brier": brier_score_loss(part.label, part.score),
                "mean_score": part.score.mean(),
            }
            for name, value in exact.items():
                bound = cells[name].bound[i]
                assert abs(cells[name].value[i] - value) <= bound + EXACT, (columns, group, name)
                assert cells[name].to_json(i)["from"] == "cells"
                assert bound < 0.05 or part.label.size < 500


def line(part, weight, *, free):
    """Calibration line of some rows by scikit-learn (slope) or a root search (intercept), and its sandwich error."""
    x, y = logit(np.clip(part.score, 1e-6, 1 - 1e-6)), part.label
    if free == 1:
        beta = np.array([brentq(lambda a: (weight * (y - expit(a + x))).sum(), -60, 60, xtol=1e-13), 1.0])
        design = np.ones((x.size, 1))
    else:
        model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-9, max_iter=500)
        model.fit(x[:, None], y, sample_weight=weight / weight.mean())
        beta = np.array([model.intercept_[0], model.coef_[0, 0]])
        design = np.column_stack((np.ones(x.size), x))
    p = expit(beta[0] + beta[1] * x)
    bread = np.linalg.inv(design.T @ (design * (weight * p * (1 - p))[:, None]))
    meat = design.T @ (design * ((weight * (y - p)) ** 2)[:, None])
    return beta[free - 1], np.sqrt((bread @ meat @ bread)[-1, -1])


@pytest.mark.parametrize("weighted", [False, True])
def test_calibration_equals_scikit_learn_and_a_root_search(real, weighted):
    compared = 0
    for columns, table, parts in tables(real.sample, weighted=weighted):
        for i, group, part in parts:
            weight = part.weight if weighted else np.ones(part.label.size)
            for free, name in ((1, "calibration_intercept"), (2, "calibration_slope")):
                found, where = table.estimate(name, i), (real.name, columns, group, name)
                if not part.defined(name):
                    assert found.value is None, where
                    continue
                value, error = line(part, weight, free=free)
                tolerance = 1e-6 * max(1.0, abs(value))
                assert_close(found.value, value, tolerance, *where)
                assert_close(found.high, value + norm.ppf(0.975) * error, 10 * tolerance, *where)
                assert_close(found.low, value - norm.ppf(0.975) * error, 10 * tolerance, *where)
                compared += 1
    assert compared > 20


def test_the_limits_of_means_are_those_of_the_central_limit(real):
    for columns in [(), *real.divisions]:
        counts = real.counts(columns, weighted=True)
        table = metric_table(counts, 0.5, bootstrap=0, metrics=["mean_score", "brier"])
        for i, group, part in parts_of(real, columns, counts.groups, 0.5):
            if not part.label.size:
                continue
            w = part.weight
            size = w.sum() ** 2 / (w**2).sum()
            if size < 2:
                continue
            for name, values in (("mean_score", part.score), ("brier", (part.score - part.label) ** 2)):
                mean = np.average(values, weights=w)
                half = norm.ppf(0.975) * np.sqrt(np.average((values - mean) ** 2, weights=w) / size)
                found = table.estimate(name, i)
                # The spread comes from a difference of sums, so that half the digits are sure where it is 0.
                assert_close(found.low, max(0.0, mean - half), 1e-7, columns, group, name)
                assert_close(found.high, min(1.0, mean + half), 1e-7, columns, group, name)


def test_roc_and_precision_recall_equal_scikit_learn_at_every_edge(real):
    columns = real.divisions[0]
    counts = real.counts(columns)

    for i, group, part in parts_of(real, columns, counts.groups, 0.5):
        if not part.defined("auc"):
            continue
        ours, other = roc(counts.group(i)), precision_recall(counts.group(i))
        fpr, recall, cuts = roc_curve(part.label, part.score, drop_intermediate=False)
        # Their curve steps at each score: the cut that an edge stands for is the smallest score at or above it.
        at = np.searchsorted(-cuts, -ours.threshold[:-1], side="right") - 1
        assert ours.fpr[:-1] == pytest.approx(fpr[at], abs=EXACT), group
        assert ours.recall[:-1] == pytest.approx(recall[at], abs=EXACT), group
        for edge in range(0, 1001, 125):
            decision = part.score >= edge / 1000
            if decision.any():
                assert_close(other.precision[edge], precision_score(part.label, decision), EXACT, group, edge)
            else:
                assert np.isnan(other.precision[edge])


def test_bins_of_scores_equal_numpys(real):
    columns = real.divisions[-1]
    counts = real.counts(columns)
    edges = np.arange(11) / 10

    for i, group, part in parts_of(real, columns, counts.groups, 0.5):
        bars, curve = score_histogram(counts.group(i), bins=10), calibration_curve(counts.group(i), bins=10)
        place = np.minimum(np.searchsorted(edges, part.score, side="right") - 1, 9)
        good, all_ = (np.bincount(place, weights=w, minlength=10) for w in (part.label, np.ones(place.size)))
        assert bars.favourable.tolist() == good.tolist(), group
        assert bars.unfavourable.tolist() == (all_ - good).tolist(), group
        assert curve.rows.tolist() == all_.tolist(), group
        filled = all_ > 0
        assert curve.observed[filled] == pytest.approx(good[filled] / all_[filled], abs=EXACT), group
        assert np.isnan(curve.observed[~filled]).all()
