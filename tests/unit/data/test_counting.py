from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from rai_dash.core.cells import NO_SCORE
from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex


def table(seed, n, groups=4):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "group": rng.integers(0, groups, n).astype(np.int32),
            "label": rng.choice([0, 1, 2], n, p=[0.5, 0.4, 0.1]).astype(np.int8),
            "score": np.where(rng.random(n) < 0.05, np.nan, np.round(rng.random(n), 4)),
            "weight": rng.gamma(2.0, size=n),
        }
    )
    frame.loc[:2, "score"] = [np.inf, 0.0, 1.0]
    return frame


def counted(frame, *, groups=4, weighted=False):
    index = GroupIndex("column", tuple("abcdefgh"[:groups]), frame["group"].to_numpy())
    weight = frame["weight"].to_numpy() if weighted else None
    return count(frame["label"].to_numpy(), frame["score"].to_numpy(), index, weight=weight)


def test_every_row_lands_in_its_group_label_and_cell():
    frame = table(1, 500)

    counts = counted(frame)

    expected = np.zeros((4, 3, 1002), int)
    for group, label, score, _ in frame.itertuples(index=False):
        cell = NO_SCORE if not np.isfinite(score) else max(k for k in range(1001) if k / 1000 <= score)
        expected[group, label, cell] += 1
    assert np.array_equal(counts.counts, expected)
    assert counts.n.sum() == 500


def test_weights_and_their_squares_are_summed_beside_the_counts():
    frame = table(2, 300)

    counts = counted(frame, weighted=True)

    by_pair = frame.assign(sq=frame["weight"] ** 2).groupby(["group", "label"])
    assert counts.weighted.sum(axis=2).ravel() == pytest.approx(by_pair["weight"].sum().to_numpy(), rel=1e-12)
    assert counts.weighted_sq.sum(axis=2).ravel() == pytest.approx(by_pair["sq"].sum().to_numpy(), rel=1e-12)
    assert np.array_equal(counts.counts, counted(frame).counts)


def test_more_rows_than_one_block_are_counted_once_each():
    n = (1 << 18) + 10
    rng = np.random.default_rng(3)
    label, score = rng.integers(0, 3, n).astype(np.int8), rng.random(n)

    counts = count(label, score, None)

    assert np.array_equal(counts.counts.sum(axis=2)[0], np.bincount(label))
    assert counts.groups == ("everyone",)
    assert counts.column == ""


def test_a_group_without_rows_is_kept():
    counts = counted(table(4, 50, groups=2), groups=3)

    assert counts.groups == ("a", "b", "c")
    assert counts.n[2] == 0


def test_a_blank_weight_counts_as_1():
    frame = table(5, 20)
    frame.loc[3, "weight"] = np.nan

    counts = counted(frame, weighted=True)

    assert counts.weighted.sum() == pytest.approx(frame["weight"].fillna(1.0).sum())


@pytest.mark.parametrize("wrong", [-1.0, np.inf])
def test_a_weight_that_is_none_is_refused_with_its_row(wrong):
    frame = table(6, 20)
    frame.loc[7, "weight"] = wrong

    with pytest.raises(InvalidRoles, match="row 8"):
        counted(frame, weighted=True)


@pytest.mark.parametrize("wrong", [-0.001, 1.0000001, 650.0])
def test_a_score_off_the_scale_is_refused_with_its_row(wrong):
    frame = table(7, 20)
    frame.loc[7, "score"] = wrong

    with pytest.raises(InvalidChoice, match=r"row 8.*State the scale"):
        counted(frame)


def test_columns_of_different_length_are_refused():
    with pytest.raises(InvalidChoice, match=r"outcome 2, scores 3"):
        count(np.zeros(2, np.int8), np.zeros(3), None)
    with pytest.raises(InvalidChoice, match="groups 1"):
        count(np.zeros(2, np.int8), np.zeros(2), GroupIndex("a", ("x",), np.zeros(1, np.int32)))
    with pytest.raises(InvalidChoice, match="weight 5"):
        count(np.zeros(2, np.int8), np.zeros(2), None, weight=np.zeros(5))


def test_no_rows_at_all_give_empty_counts():
    counts = count(np.array([], np.int8), np.array([]), None)

    assert counts.n.tolist() == [0]
    assert counts.score_sums().values.sum() == 0
    assert np.isnan(counts.figures().auc).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_figures_equal_scikit_learn(weighted):
    frame = table(8, 2000)

    counts = counted(frame, weighted=weighted)

    sums, figures = counts.score_sums().values, counts.figures()
    for g in range(4):
        own = frame[(frame["group"] == g) & (frame["label"] < 2) & np.isfinite(frame["score"])]
        weight = own["weight"] if weighted else np.ones(len(own))
        auc = roc_auc_score(own["label"], own["score"], sample_weight=weight)
        brier = brier_score_loss(own["label"], own["score"], sample_weight=weight)
        assert figures.auc[g] == pytest.approx(auc, abs=1e-12)
        assert sums[g, :2, 2].sum() / weight.sum() == pytest.approx(brier, abs=1e-12)
        assert sums[g, :2, 0].sum() == pytest.approx((own["score"] * weight).sum(), rel=1e-12)


def test_unknown_labels_add_to_scores_but_not_to_errors():
    counts = count(np.array([2, 2], np.int8), np.array([0.25, 0.5]), None)

    assert counts.score_sums().values[0, 2].tolist() == [0.75, 0.3125, 0.0, 0.0]
