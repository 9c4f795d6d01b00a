"""Path-dependent values against the libraries' own contributions."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost
from sklearn.ensemble import RandomForestClassifier

from rai_dash.core.errors import UnsupportedModel
from rai_dash.explain._base import PATH_DEPENDENT, Reference
from rai_dash.explain.routing import attribute
from tests.unit.explain.tree_models import CATEGORIES, NUMBERS, lightgbm_of, with_categories, xgboost_of


@pytest.fixture(scope="module")
def numbers(loans):
    frame, label = loans
    return frame[NUMBERS], label


@pytest.fixture(scope="module")
def coded(loans):
    return with_categories(loans[0])


def path_values(subject, rows, background):
    return attribute(subject, rows, Reference(frame=background), perturbation=PATH_DEPENDENT)[0]


def test_path_dependent_values_are_xgboosts_own_contributions(loans, coded, wrap):
    frame, label = loans
    booster = xgboost_of(coded, label)

    found = path_values(wrap(booster, frame, categories=CATEGORIES), frame, frame)

    own = booster.predict(xgboost.DMatrix(coded, enable_categorical=True), pred_contribs=True)
    size = np.abs(own).sum(axis=1, keepdims=True)
    assert (np.abs(np.column_stack([found.values, found.base]) - own) <= 1e-6 * size).all()
    assert (
        found.methods[0]
        == "Exact tree kernel, path-dependent (branches weighted by hessian, no reference rows)"
    )
    assert found.background_rows is None


def test_path_dependent_values_are_lightgbms_own_contributions(loans, coded):
    frame, label = loans
    booster, subject = lightgbm_of(coded, label, min_data_per_group=5)

    found = path_values(subject, frame, frame)

    own = booster.predict(coded, pred_contrib=True)
    assert np.column_stack([found.values, found.base]) == pytest.approx(own, abs=1e-6)
    assert "weighted by training rows" in found.methods[0]


def test_path_dependent_values_of_a_forest_are_those_of_shap(numbers, wrap):
    import shap

    frame, label = numbers
    model = RandomForestClassifier(5, max_depth=5, random_state=0).fit(frame, label)

    found = path_values(wrap(model, frame), frame.iloc[:20], frame)

    expected = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent").shap_values(
        frame.iloc[:20]
    )
    assert found.values == pytest.approx(expected[..., 1], abs=1e-6)


def test_path_dependent_values_of_another_model_are_refused_in_words(numbers, wrap_formula):
    frame, _ = numbers
    subject = wrap_formula(lambda f: f["age"].to_numpy() / 100, frame)

    with pytest.raises(UnsupportedModel, match="exist for tree ensembles only"):
        path_values(subject, frame.iloc[:1], frame)
