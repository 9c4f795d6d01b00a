"""Exact tree explanations on the real files: shap with a true background, the libraries' own, and mixed rows."""

from __future__ import annotations

import lightgbm
import numpy as np
import pandas as pd
import pytest
import shap
import xgboost
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)

from rai_dash.explain import coalitions
from rai_dash.explain._base import PATH_DEPENDENT, Reference, Subject
from rai_dash.explain.routing import attribute, silent
from rai_dash.models import lightgbm_format, xgboost_format
from rai_dash.models.skops_format import wrap

# Models are trained here: a busy machine may need longer than the others' limit.
pytestmark = pytest.mark.timeout(400)

FILES = {
    "census": ("census-loan/census.csv.gz", "loan"),
    "german": ("german-credit/german_credit_decoded.csv.gz", "credit_risk"),
    "boston": ("boston-mortgage/loanapp.csv.gz", "approve"),
    "taiwan": ("taiwan-default/credit_card_clients.csv.gz", "default payment"),
}
ROWS, BACKGROUND, TRAINING = 40, 100, 1_500


@pytest.fixture(scope="module", params=FILES)
def file(request, shared):
    """A shuffled piece of a file: features with words as they are, one value in twenty blank, and a label."""
    path, target = FILES[request.param]
    frame = pd.read_csv(shared / "data" / path).sample(frac=1.0, random_state=0).head(TRAINING)
    label = (frame[target] == frame[target].mode()[0]).astype(int).to_numpy()
    features = frame.drop(columns=target).iloc[:, -14:].reset_index(drop=True)
    features.columns = [f"c{j}" for j in range(features.shape[1])]
    features = features.mask(np.random.default_rng(1).random(features.shape) < 0.05)
    return features, label


def numbers_of(features):
    return features.select_dtypes("number").astype(np.float64)


def with_categories(features):
    words = features.select_dtypes(exclude="number").columns
    return features.assign(**{c: features[c].astype("category") for c in words})


def found_by_kernel(subject, rows, background):
    found = attribute(subject, rows, Reference(frame=background))[0]
    assert (
        found.methods[0] == f"Exact tree kernel, interventional, against {len(background):,} reference rows"
    )
    assert found.adds_up
    return found


def assert_same(values, expected, *, within=1e-6):
    """Compare relative to the size of a row's values."""
    size = np.maximum(1.0, np.abs(expected).sum(axis=1, keepdims=True))
    assert (np.abs(values - expected) / size).max() <= within


def by_shap(model, rows, background):
    masker = shap.maskers.Independent(background, max_samples=len(background))
    values = shap.TreeExplainer(model, data=masker).shap_values(rows, check_additivity=False)
    return values[..., 1] if np.ndim(values) == 3 else values


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(20, max_depth=7, random_state=0),
        GradientBoostingClassifier(n_estimators=30, random_state=0),
        HistGradientBoostingClassifier(max_iter=12, random_state=0),
    ],
    ids=lambda m: type(m).__name__,
)
def test_scikit_learn_is_as_shap_with_all_the_reference_rows(model, file):
    features, label = file
    # Whole numbers: shap holds thresholds as float32 and misroutes others next to them.
    frame = numbers_of(features).round().fillna(-1.0)
    subject = Subject(wrap(model.fit(frame, label), b""))
    rows, background = frame.iloc[:ROWS], frame.iloc[ROWS : ROWS + BACKGROUND]

    found = found_by_kernel(subject, rows, background)

    assert_same(found.values, by_shap(model, rows.to_numpy(), background.to_numpy()))


def xgboost_subject(frame, label):
    model = xgboost.XGBClassifier(
        n_estimators=40, max_depth=6, n_jobs=1, enable_categorical=True, max_cat_to_onehot=3
    )
    booster = model.fit(frame, label).get_booster()
    return booster, Subject(xgboost_format.load(bytes(booster.save_raw("ubj"))))


def test_xgboost_with_blanks_is_as_shap_with_all_the_reference_rows(file):
    features, label = file
    frame = numbers_of(features).round()
    booster, subject = xgboost_subject(frame, label)
    rows, background = frame.iloc[:ROWS], frame.iloc[ROWS : ROWS + BACKGROUND]

    found = found_by_kernel(subject, rows, background)

    assert_same(found.values, by_shap(booster, rows.to_numpy(), background.to_numpy()))


def test_xgboost_with_native_categories_is_as_mixed_rows_and_its_own_contributions(file):
    features, label = file
    coded = with_categories(features)
    booster, subject = xgboost_subject(coded, label)
    background = features.iloc[ROWS : ROWS + 4]

    found = found_by_kernel(subject, features.iloc[:3], background)

    # Sums of XGBoost are float32, so mixed rows are good to about 1e-6 of the margin's size.
    mixed = coalitions.build(subject, Reference(frame=background), "log-odds")(features.iloc[:3], silent)
    assert mixed.exact.all()
    assert_same(found.values, mixed.values)
    paths = attribute(subject, features, Reference(frame=features), perturbation=PATH_DEPENDENT)[0]
    own = booster.predict(xgboost.DMatrix(coded, enable_categorical=True), pred_contribs=True)
    assert_same(np.column_stack([paths.values, paths.base]), own)
    assert paths.adds_up


def test_lightgbm_with_categories_is_as_mixed_rows_and_its_own_contributions(file):
    features, label = file
    coded = with_categories(features)
    params = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_per_group": 5, "seed": 0}
    booster = lightgbm.train(params, lightgbm.Dataset(coded, label), num_boost_round=40)
    subject = Subject(lightgbm_format.load(booster.model_to_string().encode()))
    background = features.iloc[ROWS : ROWS + 4]

    found = found_by_kernel(subject, features.iloc[:3], background)

    mixed = coalitions.build(subject, Reference(frame=background), "log-odds")(features.iloc[:3], silent)
    assert mixed.exact.all()
    assert_same(found.values, mixed.values)
    paths = attribute(subject, features, Reference(frame=features), perturbation=PATH_DEPENDENT)[0]
    assert_same(np.column_stack([paths.values, paths.base]), booster.predict(coded, pred_contrib=True))
    assert paths.adds_up


def test_histogram_boosting_with_categories_is_as_mixed_rows(file):
    features, label = file
    coded = with_categories(features)
    model = HistGradientBoostingClassifier(max_iter=12, categorical_features="from_dtype", max_bins=255)
    subject = Subject(wrap(model.fit(coded, label), b""))
    background = features.iloc[ROWS : ROWS + 4]

    found = found_by_kernel(subject, features.iloc[:3], background)

    mixed = coalitions.build(subject, Reference(frame=background), "log-odds")(features.iloc[:3], silent)
    assert_same(found.values, mixed.values)
    assert found_by_kernel(subject, features, features).adds_up
