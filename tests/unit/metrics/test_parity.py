"""Named parity measures and comparisons with a reference, the rest and everyone, against fairlearn and by hand."""

from __future__ import annotations

from itertools import combinations

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_score

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.against import NOBODY_THERE, Other, compare
from rai_dash.metrics.compared import q_values
from rai_dash.metrics.parity import parities
from rai_dash.metrics.table import metric_table
from rai_dash.stats.intervals import katz, newcombe

CUT = 0.5


@pytest.fixture(scope="module")
def rows():
    """A made-up decision with four groups of different size and rate, seeded."""
    rng = np.random.default_rng(11)
    codes = rng.choice(4, 3_000, p=[0.5, 0.3, 0.15, 0.05]).astype(np.int32)
    label = (rng.random(3_000) < np.array([0.6, 0.5, 0.4, 0.55])[codes]).astype(np.int8)
    score = np.clip(rng.normal(0.45 + 0.15 * label - 0.03 * codes, 0.2), 0, 1)
    weight = rng.uniform(0.2, 3.0, 3_000)
    return label, score, GroupIndex("g", ("a", "b", "c", "d"), codes), weight


def table_of(rows, *, weighted=False):
    label, score, index, weight = rows
    counted = count(label, score, index, weight=weight if weighted else None)
    return metric_table(counted, CUT, bootstrap=0)


def found(rows, **more):
    return {p.name: p for p in parities(table_of(rows, **more))}


@pytest.mark.parametrize("weighted", [False, True])
def test_parity_differences_and_ratios_are_fairlearns(rows, weighted):
    label, score, index, weight = rows
    given = {"y_true": label, "y_pred": (score >= CUT).astype(int), "sensitive_features": index.codes}
    if weighted:
        given["sample_weight"] = weight
    ours = found(rows, weighted=weighted)

    expected = {
        "demographic_parity_difference": fairlearn.demographic_parity_difference(**given),
        "demographic_parity_ratio": fairlearn.demographic_parity_ratio(**given),
        "equal_opportunity_difference": fairlearn.equal_opportunity_difference(**given),
        "equalized_odds_max": fairlearn.equalized_odds_difference(**given),
        "equalized_odds_mean": fairlearn.equalized_odds_difference(**given, agg="mean"),
    }
    for name, value in expected.items():
        assert ours[name].value == pytest.approx(value, abs=1e-9), name


def test_predictive_parity_and_the_harm_side_are_gaps_of_their_rates(rows):
    label, score, index, _ = rows
    decision = (score >= CUT).astype(int)
    by_group = fairlearn.MetricFrame(
        metrics={
            "ppv": precision_score,
            "fnr": fairlearn.false_negative_rate,
            "for": lambda y, d: 1 - precision_score(1 - y, 1 - d),
        },
        y_true=label,
        y_pred=decision,
        sensitive_features=index.codes,
    ).difference()
    ours = found(rows)

    assert ours["predictive_parity_difference"].value == pytest.approx(by_group["ppv"], abs=1e-12)
    assert ours["refused_good_difference"].value == pytest.approx(by_group["fnr"], abs=1e-12)
    assert ours["false_omission_difference"].value == pytest.approx(by_group["for"], abs=1e-12)


def test_smoothed_differential_fairness_is_the_worst_pair_by_brute_force(rows):
    _, score, index, _ = rows
    k = pd.Series(score >= CUT).groupby(index.codes).sum()
    n = pd.Series(score).groupby(index.codes).size()
    q = (k + 0.5) / (n + 1)
    worst = max(
        combinations(range(4), 2),
        key=lambda p: max(abs(np.log(q[p[0]] / q[p[1]])), abs(np.log((1 - q[p[0]]) / (1 - q[p[1]])))),
    )
    value = max(abs(np.log(q[worst[0]] / q[worst[1]])), abs(np.log((1 - q[worst[0]]) / (1 - q[worst[1]]))))
    ours = found(rows)["smoothed_differential_fairness"]

    assert ours.value == pytest.approx(value, abs=1e-12)
    assert set(ours.groups) == {index.groups[i] for i in worst}


def test_a_group_without_good_applicants_leaves_the_odds_to_the_others_and_one_group_alone_leaves_none():
    label = np.r_[np.ones(60), np.zeros(60), np.ones(30), np.zeros(30), np.zeros(50)].astype(np.int8)
    codes = np.r_[np.zeros(120), np.ones(60), np.full(50, 2)].astype(np.int32)
    score = np.linspace(0.2, 0.8, label.size)
    three = parities(
        metric_table(count(label, score, GroupIndex("g", ("a", "b", "c"), codes)), CUT, bootstrap=0)
    )
    two = parities(
        metric_table(
            count(label[codes != 1], score[codes != 1], GroupIndex("g", ("a", "c"), codes[codes != 1] // 2)),
            CUT,
            bootstrap=0,
        )
    )

    assert {p.name: p for p in three}["equalized_odds_max"].value is not None
    undefined = {p.name: p for p in two}["equalized_odds_max"]
    assert undefined.value is None
    assert undefined.reason


@pytest.mark.parametrize("metric", ["recall", "selection_rate", "precision"])
def test_each_group_against_the_rest_has_newcombes_and_katzs_intervals_of_the_two_counts(rows, metric):
    label, score, index, _ = rows
    decision = score >= CUT
    inside = {"recall": label == 1, "selection_rate": np.ones(label.size, dtype=bool), "precision": decision}[
        metric
    ]
    hit = {"recall": decision, "selection_rate": decision, "precision": label == 1}[metric]

    ours = compare(table_of(rows), metric, Other.REST)

    for i, one in enumerate(ours):
        mine, others = inside & (index.codes == i), inside & (index.codes != i)
        k1, n1, k2, n2 = (hit & mine).sum(), mine.sum(), (hit & others).sum(), others.sum()
        low, high = newcombe(k1, n1, k2, n2)
        ratio_low, ratio_high = katz(k1, n1, k2, n2)
        assert one.difference == pytest.approx(k1 / n1 - k2 / n2, abs=1e-12)
        assert (one.low, one.high) == pytest.approx((float(low), float(high)), abs=1e-12)
        assert one.ratio == pytest.approx((k1 / n1) / (k2 / n2), abs=1e-12)
        assert (one.ratio_low, one.ratio_high) == pytest.approx(
            (float(ratio_low), float(ratio_high)), abs=1e-12
        )


def test_against_everyone_there_is_a_difference_and_no_interval(rows):
    _, score, index, _ = rows
    selected = score >= CUT

    ours = compare(table_of(rows), "selection_rate", Other.OVERALL)

    assert [o.difference for o in ours] == pytest.approx(
        [selected[index.codes == i].mean() - selected.mean() for i in range(4)], abs=1e-12
    )
    assert {o.low for o in ours} == {None}


def test_against_a_named_reference_the_sign_is_kept_and_the_reference_has_nobody_to_compare_with(rows):
    table = table_of(rows)
    recall = table.values["recall"].value

    ours = compare(table, "recall", Other.REFERENCE, reference="b")

    assert ours[1].reason == NOBODY_THERE
    assert [o.difference for o in ours if o.group != "b"] == pytest.approx(
        [recall[i] - recall[1] for i in (0, 2, 3)], abs=1e-12
    )
    assert ours[0].difference > 0 > ours[2].difference


def test_with_weights_the_rest_has_the_weighted_share_and_kishs_effective_size(rows):
    _, score, index, weight = rows
    selected = score >= CUT

    one = compare(table_of(rows, weighted=True), "selection_rate", Other.REST)[2]

    mine, others = index.codes == 2, index.codes != 2
    p = [np.average(selected[m], weights=weight[m]) for m in (mine, others)]
    n = [weight[m].sum() ** 2 / (weight[m] ** 2).sum() for m in (mine, others)]
    low, high = newcombe(p[0] * n[0], n[0], p[1] * n[1], n[1])
    assert one.difference == pytest.approx(p[0] - p[1], abs=1e-12)
    assert (one.low, one.high) == pytest.approx((float(low), float(high)), abs=1e-9)


def test_two_shares_of_one_have_a_difference_with_an_interval_and_no_certainty_about_the_ratio():
    label, codes = np.ones(37, np.int8), np.r_[np.zeros(3), np.ones(34)].astype(np.int32)
    table = metric_table(count(label, np.full(37, 0.9), GroupIndex("g", ("a", "b"), codes)), CUT, bootstrap=0)

    one = compare(table, "precision", Other.REST)[0]

    assert (one.difference, one.ratio) == (0.0, 1.0)
    assert one.low < -0.3
    assert (one.ratio_low, one.ratio_high) == (None, None)


def test_q_values_are_the_step_up_procedure_by_hand_and_leave_out_what_was_not_tested():
    p = {"a": 0.01, "b": 0.04, "c": None, "d": 0.03, "e": 0.5}
    tested = sorted(v for v in p.values() if v is not None)
    by_hand = {
        v: min(tested[j] * len(tested) / (j + 1) for j in range(i, len(tested))) for i, v in enumerate(tested)
    }

    found = q_values(p)

    assert found["c"] is None
    assert {k: v for k, v in found.items() if v is not None} == pytest.approx(
        {k: by_hand[v] for k, v in p.items() if v is not None}
    )
    assert q_values({"a": None}) == {"a": None}


def test_what_is_not_there_is_named(rows):
    table = table_of(rows)

    with pytest.raises(InvalidChoice, match="no group of `g`"):
        compare(table, "recall", Other.REFERENCE, reference="z")
    with pytest.raises(InvalidChoice, match="no metric 'speed'"):
        compare(table, "speed")
    assert all(o.difference is None for o in compare(table, "f1", Other.REST))
    assert compare(table, "f1", Other.REFERENCE, reference="a")[1].difference is not None


def counts_of_rows(rows, *, weighted=False):
    label, score, index, weight = rows
    return count(label, score, index, weight=weight if weighted else None)


def odds(table, **more):
    return [p for p in parities(table, **more) if p.name.startswith("equalized_odds")]


def test_equalized_odds_have_the_interval_of_resampled_people(rows):
    label, score, index, _ = rows
    rng = np.random.default_rng(21)
    decision = score >= CUT

    def rates(at):
        d, y, g = decision[at], label[at], index.codes[at]
        return np.array([[d[(g == i) & (y == outcome)].mean() for i in range(4)] for outcome in (1, 0)])

    seen = rates(np.arange(label.size))
    errors = np.array(
        [np.ptp(rates(rng.integers(0, label.size, label.size)) - seen, axis=1) for _ in range(1500)]
    )
    widths = np.quantile(errors.max(axis=1), 0.95), np.quantile(errors.mean(axis=1), 0.95)

    found = odds(table_of(rows), at=(counts_of_rows(rows), CUT), bootstrap=1500, seed=3)

    for one, width in zip(found, widths, strict=True):
        assert one.high - one.value == pytest.approx(width, rel=0.1)
        assert one.low == pytest.approx(max(0.0, one.value - (one.high - one.value)), abs=1e-12)
        assert {"low", "high"} <= set(one.to_json())


def test_an_interval_of_equalized_odds_is_only_made_when_asked_for_and_says_the_same_twice(rows):
    table, counts = table_of(rows), counts_of_rows(rows)

    plain = odds(table)

    assert [(one.low, one.interval_reason) for one in plain] == [(None, None)] * 2
    assert set(plain[0].to_json()) == {"value", "groups", "reason"}
    assert odds(table, at=(counts, CUT)) == odds(table, at=(counts, CUT))
    assert [one.value for one in odds(table, at=(counts, CUT))] == [one.value for one in plain]


def test_weights_or_few_of_one_outcome_leave_equalized_odds_without_an_interval_and_with_a_reason(rows):
    weighted = odds(table_of(rows, weighted=True), at=(counts_of_rows(rows, weighted=True), CUT))
    label = np.r_[np.ones(29), np.zeros(40), np.ones(60), np.zeros(60)].astype(np.int8)
    codes = np.r_[np.zeros(69), np.ones(120)].astype(np.int32)
    counts = count(label, np.linspace(0.2, 0.8, 189), GroupIndex("g", ("a", "b"), codes))
    few = odds(metric_table(counts, CUT, bootstrap=0), at=(counts, CUT))

    for one in weighted:
        assert one.low is None
        assert "weights" in one.interval_reason
    for one in few:
        assert one.value is not None
        assert one.low is None
        assert "`a` has 29" in one.to_json()["interval_reason"]


@pytest.mark.slow
def test_without_any_disparity_the_interval_of_equalized_odds_contains_0_as_often_as_it_should():
    rng = np.random.default_rng(13)
    runs, contains = 300, np.zeros(2)
    label = np.tile(np.r_[np.ones(40), np.zeros(40)], 5).astype(np.int8)
    index = GroupIndex("g", tuple("abcde"), np.repeat(np.arange(5), 80).astype(np.int32))
    for seed in range(runs):
        score = np.where(rng.random(400) < 0.2 + 0.6 * label, 0.9, 0.1)
        counts = count(label, score, index)
        found = odds(metric_table(counts, CUT, bootstrap=0), at=(counts, CUT), bootstrap=500, seed=seed)
        contains += [one.low == 0.0 for one in found]

    assert (contains / runs >= 0.91 - 2 * np.sqrt(0.91 * 0.09 / runs)).all()
