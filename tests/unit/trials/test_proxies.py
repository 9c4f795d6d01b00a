"""Proxies of a sensitive column: AUCs, intervals and folds against scikit-learn, DeLong's and brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import comb, expit, logit
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.types import Estimate, Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.stats.auc import auc
from rai_dash.stats.blocks import blocks_of_rows
from rai_dash.trials.proxies import make_folds, proxies, proxy_features
from rai_dash.trials.proxy_auc import told_apart
from rai_dash.trials.proxy_ops import PRIOR, table_scores
from rai_dash.trials.proxy_result import Carrier, Proxies
from rai_dash.ui import proxy_words


def scores_of(n, n_groups, *, seed=0, ties=False):
    rng = np.random.default_rng(seed)
    codes = rng.choice(n_groups, n).astype(np.int32)
    raw = rng.random((n, n_groups)) + 0.4 * np.eye(n_groups)[codes]
    score = raw / raw.sum(axis=1, keepdims=True)
    if ties:
        score = np.round(score, 1)
    if n_groups == 2:
        score[:, 0] = 1.0 - score[:, 1]
    return score, codes


@pytest.mark.parametrize("ties", [False, True])
def test_two_groups_have_the_auc_and_interval_of_delong(ties):
    score, codes = scores_of(300, 2, ties=ties)
    told = told_apart(score, codes)

    flat = np.zeros(300, dtype=np.int32)
    expected = auc(blocks_of_rows(score[:, 1], codes.astype(np.int8), group=flat, n_groups=1))

    assert told.auc.value == pytest.approx(roc_auc_score(codes, score[:, 1]), abs=1e-12)
    assert (told.auc.low, told.auc.high) == pytest.approx((expected.low[0], expected.high[0]), abs=1e-9)
    assert told.by_group == (told.auc, told.auc)


def test_of_more_groups_it_is_the_plain_mean_of_each_against_the_rest():
    score, codes = scores_of(400, 4)
    told = told_apart(score, codes)

    each = [roc_auc_score(codes == g, score[:, g]) for g in range(4)]
    assert [e.value for e in told.by_group] == pytest.approx(each, abs=1e-12)
    assert told.auc.value == pytest.approx(
        roc_auc_score(codes, score, multi_class="ovr", average="macro"), abs=1e-12
    )


def test_the_interval_of_the_mean_is_as_wide_as_the_spread_over_fresh_samples():
    width, values = [], []
    for seed in range(200):
        told = told_apart(*scores_of(240, 3, seed=seed))
        width.append((logit(told.auc.high) - logit(told.auc.low)) / (2 * norm.ppf(0.975)))
        values.append(logit(told.auc.value))

    # The standard deviation of 200 draws is known to about 5 %.
    assert np.mean(width) == pytest.approx(np.std(values), rel=0.15)


def test_a_cross_validation_widens_the_error_by_nadeau_and_bengio():
    score, codes = scores_of(300, 3)
    plain, folded = told_apart(score, codes), told_apart(score, codes, folds=5)

    # Five folds: 1 test row to 4 training rows, over five runs.
    for narrow, wide in zip((plain.auc, *plain.by_group), (folded.auc, *folded.by_group), strict=True):
        assert wide.value == narrow.value
        ratio = (logit(wide.high) - logit(wide.value)) / (logit(narrow.high) - logit(narrow.value))
        assert ratio == pytest.approx(np.sqrt((1 / 5 + 1 / 4) / (1 / 5)), abs=1e-9)


def test_the_p_value_is_one_sided_and_belongs_to_the_interval():
    told = told_apart(*scores_of(120, 2, seed=3), folds=5)
    error = (logit(told.auc.high) - logit(told.auc.value)) / norm.ppf(0.975)

    assert told.p_value == pytest.approx(norm.sf(logit(told.auc.value) / error), rel=1e-6)


def test_groups_told_apart_without_a_miss_have_no_interval_but_the_chance_of_that_order():
    codes = np.repeat(np.array([0, 1], dtype=np.int32), (30, 40))
    right = told_apart(np.eye(2)[codes], codes, folds=5)
    wrong = told_apart(np.eye(2)[1 - codes], codes, folds=5)
    flat = told_apart(np.full((70, 2), 0.5), codes, folds=5)

    assert right.auc == Estimate(1.0)
    assert right.p_value == pytest.approx(1 / comb(70, 30, exact=True), rel=1e-9)
    assert (wrong.auc, wrong.p_value) == (Estimate(0.0), 1.0)
    assert (flat.auc.value, flat.p_value) == (0.5, 1.0)


def test_one_column_alone_is_scored_by_the_shares_in_the_other_folds():
    rng = np.random.default_rng(2)
    levels, codes, fold = (rng.integers(0, k, 90).astype(np.int32) for k in (4, 3, 5))

    found = table_scores(levels, codes, fold, 3)

    for i in range(90):
        others = fold != fold[i]
        same = others & (levels == levels[i])
        for g in range(3):
            base = (codes[others] == g).mean()
            expected = ((codes[same] == g).sum() + PRIOR * base) / (same.sum() + PRIOR)
            assert found[i, g] == pytest.approx(expected, abs=1e-12)


def test_folds_are_stratified_and_depend_on_the_seed_alone():
    codes = np.repeat(np.array([0, 1, 2], dtype=np.int32), (30, 50, 120))
    fold = make_folds(codes, folds=5, seed=1)

    table = np.array([np.bincount(fold[codes == g], minlength=5) for g in range(3)])
    assert table.tolist() == [[6] * 5, [10] * 5, [24] * 5]
    assert np.array_equal(fold, make_folds(codes, folds=5, seed=1))
    assert not np.array_equal(fold, make_folds(codes, folds=5, seed=2))


def test_rows_of_one_id_stay_in_one_fold_and_rows_without_id_are_people_of_their_own():
    codes = np.tile(np.array([0, 1], dtype=np.int32), 100)
    ids = pd.Series([f"p{i // 4}" for i in range(160)] + [None] * 40)
    fold = make_folds(codes, folds=5, seed=0, ids=ids)

    assert len(set(zip(ids[:160], fold[:160], strict=True))) == 40
    assert np.unique(fold[160:]).size > 1


def small_dataset(**roles):
    n = 100
    frame = pd.DataFrame(
        {c: np.arange(n) % k for c, k in zip("yidgwsabc", (2, 99, 5, 2, 3, 7, 4, 6, 3), strict=True)}
    )
    frame["one"], frame["many"] = "x", [f"v{i % 2}" for i in range(n)]
    return dataset_from_frame(frame, Roles(target="y", favourable=("1",), sensitive=("g",), **roles))


def test_a_column_is_never_guessed_from_itself_nor_from_target_id_score_weight_or_split():
    dataset = small_dataset(id="i", weight="w", score="s", split="d")

    assert proxy_features(dataset, "g", list("yidgwsabca")) == ("a", "b", "c")
    assert proxy_features(dataset, "g") == ("a", "b", "c", "one", "many")


@pytest.mark.parametrize(
    ("column", "given", "code"),
    [
        ("one", {}, "too_few_groups"),
        ("g", {"features": ["g"]}, "no_features"),
        ("g", {"folds": 1}, "folds_out_of_range"),
        ("g", {"rows": 10}, "too_few_rows"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(column, given, code):
    with pytest.raises(InvalidChoice) as refused:
        proxies(small_dataset(), column, **given)

    assert refused.value.code == code


def test_more_groups_than_can_be_told_apart_are_refused():
    frame = pd.DataFrame({"g": [f"v{i % 21}" for i in range(21 * 30)], "a": np.arange(630.0)})

    with pytest.raises(InvalidChoice, match="21 groups"):
        proxies(dataset_from_frame(frame, Roles(sensitive=("g",))), "g")


def test_an_unknown_column_is_named():
    with pytest.raises(MissingColumn, match="nope"):
        proxies(small_dataset(), "g", features=["a", "nope"])


def found_with(estimate, **changes):
    one = Carrier(name="relation[ship]", share=0.41, auc=Estimate(0.8, 0.79, 0.81), adjusted_p=0.001)
    two = Carrier(name="marital", share=float("nan"), auc=Estimate(0.5, 0.49, 0.51), adjusted_p=1.0)
    base = Proxies(
        column="sex", groups=("f", "m"), sizes=(50, 60), small=(), auc=estimate, by_group=(estimate, estimate),
        carriers=(one, two), recipe="", rows=110, of_rows=110, explained=110, folds=5, seed=0, copies=0, by_id=False,
    )  # fmt: skip
    return replace(base, **changes)


@pytest.mark.parametrize(
    ("estimate", "shown", "words"),
    [
        (
            Estimate(0.93, 0.92, 0.94),
            True,
            "with AUC 0.93 (0.92 to 0.94): leaving sex out does not blind a model",
        ),
        (Estimate(0.55, 0.52, 0.58), True, "a weak trace is left"),
        (Estimate(0.52, 0.49, 0.55), False, "cannot be told from the other columns"),
        (Estimate(0.52, 0.35, 0.71), False, "An AUC of up to 0.71 is not ruled out"),
        (Estimate(0.45, 0.41, 0.49), False, "does not prove that no other model could"),
        (Estimate(1.0), True, "with AUC 1.00: leaving"),
        (Estimate(0.999, 0.997, 0.9996), True, "AUC over 0.99 (over 0.99 to over 0.99)"),
    ],
)
def test_the_words_claim_no_more_than_the_interval(estimate, shown, words):
    found = found_with(estimate)

    assert found.is_shown is shown
    assert words in proxy_words.finding(found)
    assert ("Mostly through" in proxy_words.finding(found)) is shown


def test_json_has_no_nan_and_words_escape_names():
    found = found_with(Estimate(0.93, 0.92, 0.94), small=("x",), copies=3, by_id=True)
    listed = found.to_json()["carriers"]

    assert [(c["name"], c["share"], c["shown"]) for c in listed] == [
        ("relation[ship]", 0.41, True),
        ("marital", None, False),
    ]
    assert "**relation\\[ship\\]** (41 %)" in proxy_words.finding(found)
    remarks = " ".join(proxy_words.remarks(found, is_feature=True))
    assert "so undefined: x" in remarks
    assert "too narrow" in remarks
    assert "3 rows repeat" in remarks
    assert "The model itself reads sex" in remarks


def test_the_table_writes_no_p_value_as_zero_and_names_undefined_groups():
    tiny = Carrier(name="a", share=1.0, auc=Estimate(0.9, 0.8, 0.95), adjusted_p=1e-40)
    found = found_with(Estimate(0.9, 0.8, 0.95), carriers=(tiny,), small=("x",))

    table, groups = proxy_words.proxy_frame(found), proxy_words.group_frame(found)
    assert table["columns"].tolist() == ["all together", "a"]
    assert table["adjusted p"].tolist() == ["", "under 0.0001"]
    assert groups["group"].tolist() == ["f", "m", "x"]
    assert groups["auc"].isna().tolist() == [False, False, True]
    assert groups["undefined because"].tolist() == ["", "", "fewer than 30 rows"]


def test_the_best_group_is_named_only_among_three_or_more_and_only_when_shown():
    low, high = Estimate(0.52, 0.45, 0.6), Estimate(0.8, 0.75, 0.84)
    three = {"groups": ("f", "m", "x"), "sizes": (40, 40, 40)}

    assert "**m**" in proxy_words.best_group(found_with(high, **three, by_group=(low, high, low)))
    assert not proxy_words.best_group(found_with(high, **three, by_group=(low, low, low)))
    assert not proxy_words.best_group(found_with(high))


def test_the_logit_interval_is_symmetric_around_the_estimate_on_its_scale():
    told = told_apart(*scores_of(200, 2, seed=5))

    middle = (logit(told.auc.low) + logit(told.auc.high)) / 2
    assert expit(middle) == pytest.approx(told.auc.value, abs=1e-12)
