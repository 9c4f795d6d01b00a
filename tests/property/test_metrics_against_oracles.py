"""Equal to fairlearn and scikit-learn where all four denominators are positive, undefined elsewhere."""

from __future__ import annotations

from functools import partial

import fairlearn.metrics as fairlearn
import numpy as np
import pytest
from hypothesis import assume, given, settings
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, precision_score, roc_auc_score

from rai_dash.metrics.table import metric_table
from tests.property.tables import cuts, tables

ORACLES = {
    "selection_rate": fairlearn.selection_rate,
    "recall": fairlearn.true_positive_rate,
    "fnr": fairlearn.false_negative_rate,
    "fpr": fairlearn.false_positive_rate,
    "tnr": fairlearn.true_negative_rate,
    "accuracy": accuracy_score,
    "precision": partial(precision_score, zero_division=0),
    "npv": partial(precision_score, zero_division=0, pos_label=0),
    "f1": partial(f1_score, zero_division=0),
}
#: The four denominators, and the metrics that are undefined where one of them is 0.
NEEDS = {
    "favourable": ("recall", "fnr"),
    "unfavourable": ("fpr", "tnr"),
    "approved": ("precision", "fdr"),
    "refused": ("npv", "for_rate"),
}


@pytest.mark.parametrize("weighted", [False, True])
@settings(max_examples=50)
@given(table=tables(labels=(0, 1), with_gaps=False, weighted=False), threshold=cuts)
def test_rates_equal_fairlearn_where_defined_and_are_undefined_elsewhere(weighted, table, threshold):
    assume(table.label.size >= 2)  # fairlearn cannot take a single row
    n = table.label.size
    weight = np.random.default_rng(n).gamma(2.0, size=n) if weighted else None
    if weighted:
        table = type(table)(table.label, table.score, table.group, weight)
    decision = (table.score >= threshold).astype(int)
    frame = fairlearn.MetricFrame(
        metrics=ORACLES,
        y_true=table.label,
        y_pred=decision,
        sensitive_features=table.group,
        sample_params={name: {"sample_weight": weight} for name in ORACLES} if weighted else None,
    )

    found = metric_table(table.counts(), threshold, bootstrap=0)

    for g in range(4):
        label, approved = table.label[table.group == g], decision[table.group == g]
        sizes = dict(
            zip(NEEDS, (label.sum(), (1 - label).sum(), approved.sum(), (1 - approved).sum()), strict=True)
        )
        for need, size in sizes.items():
            for name in NEEDS[need]:
                assert found.estimate(name, g).is_defined == bool(size)
        if all(sizes.values()):
            for name in ORACLES:
                expected = frame.by_group.loc[g, name]
                assert found.estimate(name, g).value == pytest.approx(
                    expected, abs=1e-9 if weighted else 1e-12
                )


@given(table=tables(labels=(0, 1), with_gaps=False, weighted=False))
def test_auc_and_brier_equal_scikit_learn(table):
    found = metric_table(table.counts(), 0.5, bootstrap=0)

    for g in range(4):
        label, score = table.label[table.group == g], table.score[table.group == g]
        has_both = 0 < label.sum() < label.size
        assert found.estimate("auc", g).is_defined == has_both
        if has_both:
            assert found.estimate("auc", g).value == pytest.approx(roc_auc_score(label, score), abs=1e-12)
            expected = brier_score_loss(label, score)
            assert found.estimate("brier", g).value == pytest.approx(expected, abs=1e-12)
