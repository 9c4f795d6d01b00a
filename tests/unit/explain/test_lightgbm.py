"""LightGBM models through the routes: its own contributions for categories, shap against people for numbers."""

from __future__ import annotations

import lightgbm
import numpy as np
import pandas as pd
import pytest
import shap

from rai_dash.explain._base import Subject
from rai_dash.models import lightgbm_format

CATEGORIES = {"job": ["clerk", "driver", "none", "nurse"], "home": ["own", "rent"]}
QUIET = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 7, "seed": 1}


def trained(frame, label, **params):
    data = lightgbm.Dataset(frame, label)
    return lightgbm.train(QUIET | params, data, num_boost_round=15)


def subject_of(booster):
    return Subject(lightgbm_format.load(booster.model_to_string().encode()))


@pytest.fixture(scope="module")
def coded(loans):
    frame, _ = loans
    return frame.assign(**{c: pd.Categorical(frame[c], categories=v) for c, v in CATEGORIES.items()})


def test_native_categories_get_lightgbms_own_contributions(loans, coded, explain):
    frame, label = loans
    booster = trained(coded, label)

    found = explain(subject_of(booster), frame.iloc[:600], frame)

    own = booster.predict(coded, pred_contrib=True)
    assert found.values == pytest.approx(own[:600, :-1], abs=1e-12)
    assert found.base == pytest.approx(own[:600, -1], abs=1e-12)
    assert found.methods[0] == "LightGBM's own contributions (path-dependent, no reference rows)"
    assert found.background_rows is None


def test_another_steepness_of_the_sigmoid_is_in_the_log_odds(loans, coded, explain):
    frame, label = loans
    booster = trained(coded, label, sigmoid=2.5)

    found = explain(subject_of(booster), frame.iloc[:50], frame)

    p = booster.predict(coded.iloc[:50])
    assert found.base + found.values.sum(axis=1) == pytest.approx(np.log(p / (1 - p)), abs=1e-9)


def test_numbers_only_are_explained_against_the_reference_rows_as_shap_does(loans, explain):
    frame, label = loans
    numbers = frame.select_dtypes("number").fillna(0.0)
    booster = trained(numbers, label)
    background = numbers.iloc[100:200]

    found = explain(subject_of(booster), numbers.iloc[:20], background)

    oracle = shap.TreeExplainer(booster, background.to_numpy(dtype=np.float64))
    expected = oracle.shap_values(numbers.iloc[:20].to_numpy(dtype=np.float64), check_additivity=False)
    assert found.values == pytest.approx(np.asarray(expected), abs=1e-6)
    assert found.background_rows == 100
