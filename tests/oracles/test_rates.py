"""Counts and rates of real data against scikit-learn, fairlearn and AIF360."""

from __future__ import annotations

from functools import partial

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from rai_dash.core.counts import EVERYONE
from rai_dash.data.counting import count
from rai_dash.data.groups import group_index
from rai_dash.metrics.baseline import always_approve, always_refuse
from rai_dash.metrics.table import Costs, metric_table
from tests.oracles.compare import EVERY_METRIC, EXACT, WEIGHTED, assert_close, parts_of
from tests.oracles.pairs import RATES, pair_metric

ORACLES = {
    "selection_rate": fairlearn.selection_rate,
    "base_rate": lambda y_true, _, sample_weight=None: np.average(y_true, weights=sample_weight),
    "recall": fairlearn.true_positive_rate,
    "fnr": fairlearn.false_negative_rate,
    "fpr": fairlearn.false_positive_rate,
    "tnr": fairlearn.true_negative_rate,
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "precision": sk.precision_score,
    "npv": partial(sk.precision_score, pos_label=0),
    "f1": sk.f1_score,
}
CUTS = ("tie", "grid", "between", "all", "none")


def shares(tn, fp, fn, tp):
    """(numerator, denominator) of each share from the cells of scikit-learn's table."""
    n = tn + fp + fn + tp
    return {
        "recall": (tp, tp + fn),
        "fnr": (fn, tp + fn),
        "fpr": (fp, fp + tn),
        "tnr": (tn, fp + tn),
        "precision": (tp, tp + fp),
        "fdr": (fp, tp + fp),
        "npv": (tn, tn + fn),
        "for_rate": (fn, tn + fn),
        "accuracy": (tp + tn, n),
        "selection_rate": (tp + fp, n),
        "base_rate": (tp + fn, n),
        "f1": (2 * tp, 2 * tp + fp + fn),
    }


def sections(content):
    """Every group of an audit's JSON by its division; everyone is ()."""
    return {(): {EVERYONE: content["overall"]}} | {
        tuple(name.split(" × ")): groups for name, groups in (content["groups"] | content["crosses"]).items()
    }


@pytest.mark.parametrize("cut", CUTS)
def test_every_cell_equals_scikit_learns_confusion_matrix(real, cut):
    threshold = real.thresholds[cut]

    for columns in [(), *real.divisions]:
        counts = real.counts(columns)
        table = metric_table(counts, threshold, bootstrap=0)
        for i, _, part in parts_of(real, columns, counts.groups, threshold):
            assert table.n[i] == part.label.size
            assert table.positives[i] == part.label.sum()
            assert table.predicted_positives[i] == part.decision.sum()
            if part.label.size == 0:
                continue
            cells = sk.confusion_matrix(part.label, part.decision, labels=[0, 1]).ravel()
            for name, expected in shares(*cells).items():
                found = table.estimate(name, i)
                assert (found.numerator, found.denominator) == expected, (columns, i, name)


@pytest.mark.parametrize(("cut", "weighted"), [("tie", False), ("between", True)])
def test_rates_equal_fairlearn_where_all_four_denominators_are_positive(real, cut, weighted):
    real = real.sample
    threshold, tolerance = real.thresholds[cut], WEIGHTED if weighted else EXACT

    compared = 0
    for columns, groups in sections(real.content(cut, weighted=weighted)).items():
        if weighted and len(columns) > 1:
            continue  # fairlearn takes its time.
        names = real.groups(columns) if columns else pd.Series(EVERYONE, index=real.plain.index)
        whole = {g for _, g, part in parts_of(real, columns, tuple(groups), threshold) if part.has_all}
        rows = names.isin(whole).to_numpy()
        frame = fairlearn.MetricFrame(
            metrics=ORACLES,
            y_true=real.label[rows],
            y_pred=(real.score[rows] >= threshold).astype(int),
            sensitive_features=names[rows],
            sample_params={m: {"sample_weight": real.weight[rows]} for m in ORACLES} if weighted else None,
        )
        assert set(frame.by_group.index) == whole
        for group, expected in frame.by_group.iterrows():
            for name in ORACLES:
                found = groups[group][name]["value"]
                assert_close(found, expected[name], tolerance, real.name, columns, group, name)
            for name, other in (("fdr", "precision"), ("for_rate", "npv")):
                found = groups[group][name]["value"]
                assert_close(found, 1.0 - expected[other], tolerance, real.name, columns, group, name)
            compared += 1
    assert compared > 5


@pytest.mark.parametrize("cut", CUTS)
def test_a_number_is_undefined_with_its_reason_exactly_where_a_denominator_is_0(real, cut):
    threshold = real.thresholds[cut]

    undefined = 0
    for columns, groups in sections(real.content(cut)).items():
        table = metric_table(real.counts(columns), threshold, bootstrap=0)
        for i, group, part in parts_of(real, columns, tuple(groups), threshold):
            for name in EVERY_METRIC:
                estimate, entry = table.estimate(name, i), groups[group][name]
                where = (columns, group, name)
                assert estimate.is_defined == part.defined(name), where
                assert estimate.value == entry["value"], where
                assert ("reason" in entry) == (entry["value"] is None), where
                if entry["value"] is None:
                    undefined += 1
                    assert estimate.reason, where
                    assert entry["reason"] == estimate.reason, where
                    assert entry["low"] is entry["high"] is None, where
    assert undefined > 0 or cut in {"tie", "between", "grid"}


def test_undefined_numbers_occur_in_the_real_data(real):
    found = sections(real.content("none"))

    reasons = {
        entry["reason"]
        for groups in found.values()
        for numbers in groups.values()
        for entry in numbers.values()
        if isinstance(entry, dict) and "reason" in entry
    }
    assert "nobody with a known outcome is approved" in reasons


@pytest.mark.parametrize("weighted", [False, True])
def test_both_groups_of_a_pair_equal_aif360(real, weighted):
    threshold, tolerance = real.thresholds["grid"], WEIGHTED if weighted else EXACT
    groups_of = sections(real.content("grid", weighted=weighted))

    for column, pair in real.spec.pairs.items():
        oracle = pair_metric(real, column, pair, threshold, weighted=weighted)
        for group, privileged in zip(pair, (True, False), strict=True):
            for name, method in RATES.items():
                expected = getattr(oracle, method)(privileged=privileged)
                found = groups_of[(column,)][group][name]["value"]
                assert_close(found, expected, tolerance, real.name, column, group, name)


@pytest.mark.parametrize("decide", [0, 1])
def test_deciding_without_a_model_equals_constant_decisions(real, decide):
    columns = real.divisions[0]
    counts = real.counts(columns)

    table = (always_refuse, always_approve)[decide](counts)

    for i, _, part in parts_of(real, columns, counts.groups, 0.5):
        cells = sk.confusion_matrix(part.label, np.full(part.label.size, decide), labels=[0, 1]).ravel()
        for name, (numerator, denominator) in shares(*cells).items():
            found = table.estimate(name, i).value
            if denominator:
                assert_close(found, numerator / denominator, EXACT, columns, name)
            else:
                assert found is None


def test_the_cost_of_errors_equals_a_sum_over_the_rows(real):
    threshold, columns = real.thresholds["between"], real.divisions[-1]
    counts = real.counts(columns)

    table = metric_table(counts, threshold, costs=Costs(cost_fp=7.5, cost_fn=2.0), bootstrap=0)

    for i, group, part in parts_of(real, columns, counts.groups, threshold):
        found = table.estimate("expected_cost", i).value
        if part.label.size == 0:
            assert found is None
            continue
        wrong = np.where(part.decision == part.label, 0.0, np.where(part.label == 0, 7.5, 2.0))
        assert_close(found, wrong.mean(), EXACT, real.name, group)


def test_rows_without_outcome_or_score_count_where_the_contract_says(real):
    rng = np.random.default_rng(11)
    outcome, score = real.dataset.outcome.copy(), real.score.copy()
    outcome[rng.random(score.size) < 0.15] = 2
    score[rng.random(score.size) < 0.1] = np.nan
    score[rng.random(score.size) < 0.02] = np.inf
    columns, cut = real.divisions[0], real.thresholds["tie"]
    index = group_index(real.dataset.frame, *columns, bins=real.spec.roles.bins.get(*columns))

    table = metric_table(count(outcome, score, index), cut, bootstrap=0)

    for i, group in enumerate(table.groups):
        here = (real.groups(columns) == group).to_numpy()
        scored, known = here & np.isfinite(score), here & (outcome < 2)
        judged = scored & known
        expected = {
            "selection_rate": (score[scored] >= cut).mean(),
            "mean_score": score[scored].mean(),
            "base_rate": outcome[known].mean(),
            "recall": sk.recall_score(outcome[judged], score[judged] >= cut),
            "accuracy": sk.accuracy_score(outcome[judged], score[judged] >= cut),
            "brier": sk.brier_score_loss(outcome[judged], score[judged]),
            "auc": sk.roc_auc_score(outcome[judged], score[judged]),
        }
        assert table.n[i] == here.sum()
        for name, value in expected.items():
            assert_close(table.estimate(name, i).value, value, EXACT, real.name, group, name)
