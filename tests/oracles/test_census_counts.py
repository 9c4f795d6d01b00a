"""Published data: our counts equal fairlearn's row by row metrics."""

from __future__ import annotations

from functools import partial

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, precision_score, roc_auc_score

from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.table import metric_table

ORACLES = {
    "selection_rate": fairlearn.selection_rate,
    "recall": fairlearn.true_positive_rate,
    "fnr": fairlearn.false_negative_rate,
    "fpr": fairlearn.false_positive_rate,
    "tnr": fairlearn.true_negative_rate,
    "accuracy": accuracy_score,
    "precision": partial(precision_score, zero_division=0),
}


@pytest.fixture(scope="module")
def census(shared):
    """Census rows with a made-up score from age and hours, gender x ethnicity."""
    frame = pd.read_csv(shared / "data" / "census-loan" / "census.csv.gz")
    label = (frame["loan"].str.strip() == ">50K").to_numpy(np.int8)
    score = ((frame["age"] - 17) / 73 * 0.5 + frame["hours-per-week"] / 99 * 0.5).to_numpy(np.float64)
    cells = (frame["gender"].str.strip() + " × " + frame["ethnicity"].str.strip()).astype("category")
    index = GroupIndex("gender × ethnicity", tuple(cells.cat.categories), cells.cat.codes.to_numpy(np.int32))
    return label, score, index


@pytest.mark.parametrize("threshold", [0.3, 0.35, 0.41237, 0.45])
def test_ten_groups_of_the_census_equal_fairlearn(census, threshold):
    label, score, index = census
    decision = (score >= threshold).astype(int)
    oracle = fairlearn.MetricFrame(
        metrics=ORACLES, y_true=label, y_pred=decision, sensitive_features=index.codes
    )

    table = metric_table(count(label, score, index), threshold, bootstrap=0)

    for name in ORACLES:
        assert table.values[name].value == pytest.approx(oracle.by_group[name].to_numpy(), abs=1e-12), name
        found = disparity(table, name, min_n=0)
        assert found.difference == pytest.approx(oracle.difference()[name], abs=1e-12), name
        if oracle.by_group[name].max() > 0:
            assert found.ratio == pytest.approx(oracle.ratio()[name], abs=1e-12), name


def test_overall_auc_of_the_census_equals_scikit_learn(census):
    label, score, index = census

    table = metric_table(count(label, score, index).total(), 0.5, metrics=["auc"])

    assert table.estimate("auc", 0).value == pytest.approx(roc_auc_score(label, score), abs=1e-12)


def test_precision_that_fairlearn_prints_as_0_is_undefined_where_nobody_is_approved(census):
    label, score, index = census
    approved = np.bincount(index.codes[score >= 0.6], minlength=index.n_groups)

    precision = metric_table(count(label, score, index), 0.6, metrics=["precision"]).values["precision"]

    assert (approved == 0).sum() == 4
    assert np.array_equal(np.isnan(precision.value), approved == 0)
