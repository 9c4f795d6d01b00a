"""The tree kernel against shap with its whole background, and against the libraries' own contributions."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
import shap
import xgboost

from rai_dash.explain.trees.kernel import TreeKernel
from rai_dash.explain.trees.readers import read_trees

# Where nothing was compiled before, the first test does it.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(400, 5)).round(1)
    drawn[rng.random(drawn.shape) < 0.1] = np.nan
    return drawn


@pytest.fixture(scope="module", params=["xgboost", "lightgbm"])
def model(request, rows):
    label = (np.nan_to_num(rows) @ [1, -1, 0.5, 0, 0] + np.nan_to_num(rows[:, 0] * rows[:, 1]) > 0).astype(
        int
    )
    if request.param == "xgboost":
        return xgboost.XGBClassifier(n_estimators=12, max_depth=4, n_jobs=1).fit(rows, label)
    return lightgbm.LGBMClassifier(n_estimators=12, num_leaves=9, n_jobs=1, verbose=-1).fit(rows, label)


def test_values_are_those_of_shap_with_all_of_its_background(model, rows):
    # Left to itself, shap keeps 100 rows of a background and does not say so.
    background, explained = rows[:150], rows[200:230]
    masker = shap.maskers.Independent(background, max_samples=len(background))
    explainer = shap.TreeExplainer(model, data=masker)
    reading = read_trees(model)
    made = TreeKernel.interventional(reading.trees, reading.matrix(background))

    found = made.values(reading.matrix(explained))

    assert found == pytest.approx(explainer.shap_values(explained), abs=1e-6)
    assert made.base == pytest.approx(explainer.expected_value, abs=1e-6)


def test_values_by_cover_are_the_librarys_own(model, rows):
    reading = read_trees(model)
    made = TreeKernel.path_dependent(reading.trees)
    if isinstance(model, xgboost.XGBClassifier):
        own = model.get_booster().predict(xgboost.DMatrix(rows), pred_contribs=True)
    else:
        own = model.predict(rows, pred_contrib=True)

    # XGBoost sums in float32.
    assert made.values(reading.matrix(rows)) == pytest.approx(own[:, :-1], abs=5e-6)
    assert made.base == pytest.approx(own[0, -1], abs=5e-6)


def test_interactions_by_cover_are_those_of_xgboost(rows):
    label = (np.nan_to_num(rows[:, 0] * rows[:, 1]) > 0).astype(int)
    model = xgboost.XGBClassifier(n_estimators=8, max_depth=4, n_jobs=1).fit(rows, label)
    reading = read_trees(model)
    own = model.get_booster().predict(xgboost.DMatrix(rows[:20]), pred_interactions=True)

    found = TreeKernel.path_dependent(reading.trees).interactions(reading.matrix(rows[:20]))

    assert found == pytest.approx(own[:, :-1, :-1], abs=5e-6)
