from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from rai_dash.stats.auc import auc
from rai_dash.stats.blocks import blocks_of_cells, blocks_of_rows


def rows(seed, n, *, groups=5, decimals=None):
    rng = np.random.default_rng(seed)
    score = rng.random(n)
    label = (rng.random(n) < score**1.5).astype(np.int8)
    if decimals is not None:
        score = np.round(score, decimals)
    return score, label, rng.integers(0, groups, n).astype(np.int32)


def brute_force(score, label, weight=None):
    """DeLong from the kernel of all pairs."""
    weight = np.ones(score.size) if weight is None else weight
    good, bad, wg, wb = score[label == 1], score[label == 0], weight[label == 1], weight[label == 0]
    kernel = (good[:, None] > bad) + 0.5 * (good[:, None] == bad)
    on_good, on_bad = np.average(kernel, axis=1, weights=wb), np.average(kernel, axis=0, weights=wg)
    area = np.average(on_good, weights=wg)

    def variance(values, w):
        size = w.sum() ** 2 / (w**2).sum()
        return np.average((values - area) ** 2, weights=w) * size / (size - 1) / size

    error = math.sqrt(variance(on_good, wg) + variance(on_bad, wb)) / (area * (1 - area))
    centre = math.log(area / (1 - area))
    return area, expit(centre - 1.959963984540054 * error), expit(centre + 1.959963984540054 * error)


@pytest.mark.parametrize("decimals", [None, 2, 1])
def test_auc_equals_scikit_learn_with_and_without_ties(decimals):
    score, label, group = rows(1, 3000, decimals=decimals)

    found = auc(blocks_of_rows(score, label, group=group, n_groups=5))

    expected = [roc_auc_score(label[group == g], score[group == g]) for g in range(5)]
    assert found.auc == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("decimals", [None, 1])
@pytest.mark.parametrize("weighted", [False, True])
def test_interval_equals_delong_over_all_pairs(decimals, weighted):
    score, label, group = rows(2, 400, groups=2, decimals=decimals)
    weight = np.random.default_rng(3).gamma(2.0, size=400) if weighted else None

    found = auc(blocks_of_rows(score, label, group=group, n_groups=2, weight=weight))

    for g in range(2):
        own = group == g
        expected = brute_force(score[own], label[own], None if weight is None else weight[own])
        assert (found.auc[g], found.low[g], found.high[g]) == pytest.approx(expected, rel=1e-12)


def test_a_weight_of_two_counts_as_two_rows_in_the_value():
    score, label, group = rows(4, 200, groups=1, decimals=1)

    weighted = auc(blocks_of_rows(score, label, group=group, n_groups=1, weight=np.full(200, 2.0)))
    plain = auc(blocks_of_rows(score, label, group=group, n_groups=1))

    assert weighted.auc[0] == pytest.approx(plain.auc[0], rel=1e-14)
    assert weighted.low[0] == pytest.approx(plain.low[0], rel=1e-12)


def test_auc_is_undefined_where_a_class_is_empty_or_the_group_is():
    score, label = np.array([0.1, 0.9, 0.4]), np.array([1, 1, 0], np.int8)

    found = auc(blocks_of_rows(score, label, group=np.array([0, 0, 1], np.int32), n_groups=3))

    assert np.isnan(found.auc).all()
    assert found.favourable.tolist() == [2, 0, 0]


def test_a_perfect_order_is_exactly_1_without_interval():
    score = np.array([0.1, 0.2, 0.30000001, 0.7, 0.8, 0.9])
    label = np.array([0, 0, 0, 1, 1, 1], np.int8)

    found = auc(blocks_of_rows(score, label, group=np.zeros(6, np.int32), n_groups=1))

    assert found.auc[0] == 1.0
    assert np.isnan([found.low[0], found.high[0]]).all()


def test_one_row_in_a_class_gives_a_value_without_interval():
    score, label = np.array([0.5, 0.2, 0.7]), np.array([1, 0, 0], np.int8)

    found = auc(blocks_of_rows(score, label, group=np.zeros(3, np.int32), n_groups=1))

    assert found.auc[0] == 0.5
    assert np.isnan(found.low[0])


def test_rows_without_label_or_score_take_no_part():
    score, label, group = rows(5, 300)
    more_score, more_label = np.array([0.3, np.nan, np.inf]), np.array([2, 1, 0], np.int8)

    plain = auc(blocks_of_rows(score, label, group=group, n_groups=5))
    more = auc(
        blocks_of_rows(
            np.append(score, more_score),
            np.append(label, more_label),
            group=np.append(group, [0, 1, 2]).astype(np.int32),
            n_groups=5,
        )
    )

    assert np.array_equal(plain.auc, more.auc)


def test_nobody_at_all_leaves_every_group_undefined():
    nothing = blocks_of_rows(np.array([]), np.array([], np.int8), group=np.array([], np.int32), n_groups=2)

    assert np.isnan(auc(nothing).auc).all()


def test_negative_zero_is_tied_with_zero():
    score, label = np.array([-0.0, 0.0]), np.array([0, 1], np.int8)

    assert auc(blocks_of_rows(score, label, group=np.zeros(2, np.int32), n_groups=1)).auc[0] == 0.5


def test_more_groups_than_16_bits_can_name_are_kept_apart():
    n_groups = 2**16 + 2
    score = np.array([0.2, 0.4, 0.4, 0.2])
    label = np.array([0, 1, 0, 1], np.int8)
    group = np.array([1, 1, n_groups - 1, n_groups - 1], np.int32)

    found = auc(blocks_of_rows(score, label, group=group, n_groups=n_groups))

    assert (found.auc[1], found.auc[-1]) == (1.0, 0.0)
    assert np.isfinite(found.auc).sum() == 2


def test_cells_are_blocks_and_the_rows_lie_within_the_bound():
    score, label, group = rows(6, 2000, groups=3)
    cell = np.minimum((score * 20).astype(int), 19)
    sums = np.zeros((3, 2, 20))
    np.add.at(sums, (group, label, cell), 1.0)

    coarse = auc(blocks_of_cells(np.arange(20) / 20, sums, sums))
    exact = auc(blocks_of_rows(score, label, group=group, n_groups=3))

    assert (np.abs(coarse.auc - exact.auc) <= coarse.tied_half).all()
    assert coarse.auc[0] == pytest.approx(roc_auc_score(label[group == 0], cell[group == 0]), abs=1e-14)
