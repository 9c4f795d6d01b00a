"""The exact tree route: every library against brute force and shap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from rai_dash.explain import _ensemble, tree_kernel
from rai_dash.explain._base import Reference
from rai_dash.explain.routing import attribute
from tests.unit.explain.tree_models import CATEGORIES, NUMBERS, lightgbm_of, with_categories, xgboost_of


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Keep OpenMP to one thread: on a busy machine histogram boosting otherwise waits for itself, for seconds."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def numbers(loans):
    frame, label = loans
    return frame[NUMBERS], label


@pytest.fixture(scope="module")
def coded(loans):
    return with_categories(loans[0])


def assert_brute_force(found, subject, rows, background, oracle, *, within):
    for i in range(len(rows)):
        base, phi = oracle(subject, rows.iloc[i : i + 1], background, found.space)
        assert found.base[i] == pytest.approx(base, abs=within)
        assert found.values[i] == pytest.approx(phi, abs=within)


# Tables of the kernel are float32, and so are the margins of XGBoost.
@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(6, max_depth=6, random_state=0),
        GradientBoostingClassifier(n_estimators=8, random_state=0),
        HistGradientBoostingClassifier(max_iter=4, max_leaf_nodes=8),
    ],
    ids=lambda v: type(v).__name__,
)
def test_scikit_learns_ensembles_are_explained_as_brute_force_says(model, numbers, wrap, explain, oracle):
    frame, label = numbers
    subject = wrap(model.fit(frame, label), frame)

    found = explain(subject, frame.iloc[:2], frame.iloc[20:40])

    assert found.space == ("probability" if type(model) is RandomForestClassifier else "log-odds")
    assert found.methods[0] == "Exact tree kernel, interventional, against 20 reference rows"
    assert_brute_force(found, subject, frame.iloc[:2], frame.iloc[20:40], oracle, within=1e-6)


def test_xgboost_with_native_categories_and_blanks_is_explained_as_brute_force_says(
    loans, wrap, explain, oracle, coded
):
    frame, label = loans
    hole = np.random.default_rng(0).random(frame.shape) < 0.15
    subject = wrap(xgboost_of(coded.mask(hole), label, max_cat_to_onehot=1), frame, categories=CATEGORIES)
    frame = frame.mask(hole)

    found = explain(subject, frame.iloc[:2], frame.iloc[20:40])

    assert_brute_force(found, subject, frame.iloc[:2], frame.iloc[20:40], oracle, within=1e-5)


def test_lightgbm_with_native_categories_is_explained_as_brute_force_says(loans, coded, explain, oracle):
    frame, label = loans
    _, subject = lightgbm_of(coded, label, min_data_per_group=5, sigmoid=2.5)

    found = explain(subject, frame.iloc[:2], frame.iloc[20:40])

    assert_brute_force(found, subject, frame.iloc[:2], frame.iloc[20:40], oracle, within=1e-6)


def test_histogram_boosting_of_a_table_with_words_is_explained_as_brute_force_says(
    loans, wrap, explain, oracle, coded
):
    frame, label = loans
    model = HistGradientBoostingClassifier(max_iter=4, max_leaf_nodes=8, categorical_features="from_dtype")
    subject = wrap(
        model.fit(coded[["age", "job", "home"]], label), frame[["age", "job", "home"]], categories=CATEGORIES
    )

    found = explain(subject, frame.iloc[:2], frame.iloc[20:40])

    assert "Exact tree kernel" in found.methods[0]
    assert_brute_force(found, subject, frame.iloc[:2], frame.iloc[20:40], oracle, within=1e-6)


@pytest.mark.parametrize("sparse", [True, False])
def test_one_hot_columns_move_together(sparse, loans, wrap, explain, oracle):
    frame, label = loans
    words = OneHotEncoder(sparse_output=sparse, handle_unknown="ignore")
    prepare = ColumnTransformer(
        [("c", words, ["home", "job"])], remainder="passthrough", sparse_threshold=1.0
    )
    model = make_pipeline(prepare, xgboost.XGBClassifier(n_estimators=8, max_depth=4, n_jobs=1))
    subject = wrap(model.fit(frame, label), frame)

    found = explain(subject, frame.iloc[:2], frame.iloc[20:40])

    assert "Exact tree kernel" in found.methods[0]
    assert_brute_force(found, subject, frame.iloc[:2], frame.iloc[20:40], oracle, within=1e-5)


def test_a_preparation_that_reorders_scales_and_drops_is_explained_in_original_columns(
    loans, wrap, explain, oracle
):
    frame, label = loans
    prepare = ColumnTransformer(
        [("c", OrdinalEncoder(), ["home", "job"]), ("n", StandardScaler(), ["debt", "age"])]
    )
    model = make_pipeline(prepare, RandomForestClassifier(6, max_depth=5, random_state=0)).fit(frame, label)
    subject = wrap(model, frame)

    found = explain(subject, frame.iloc[:2], frame.iloc[20:40])

    assert found.exact.all()
    assert found.values[:, 1].tolist() == [0.0, 0.0]  # income is dropped
    assert_brute_force(found, subject, frame.iloc[:2], frame.iloc[20:40], oracle, within=1e-6)


def test_values_exactly_at_a_float32_threshold_take_the_branch_that_the_model_takes(wrap, explain, oracle):
    grid = np.repeat([0.1, 0.2, 0.3, 0.7], 25)
    frame = pd.DataFrame({"a": grid, "b": np.tile(grid[::-4], 4)})
    label = ((frame["a"] >= 0.2) ^ (frame["b"] >= 0.3)).astype(int)
    subject = wrap(xgboost_of(frame, label), frame)

    found = explain(subject, frame.iloc[::25], frame)

    assert_brute_force(found, subject, frame.iloc[::25], frame, oracle, within=1e-5)


def test_all_the_reference_rows_are_used_where_shap_alone_would_keep_100(numbers, wrap, explain):
    import shap

    frame, label = numbers
    model = GradientBoostingClassifier(n_estimators=10, random_state=0).fit(frame, label)

    found = explain(wrap(model, frame), frame.iloc[:5], frame)

    as_float32 = frame.to_numpy().astype(np.float32).astype(np.float64)
    masker = shap.maskers.Independent(as_float32, max_samples=len(frame))
    expected = shap.TreeExplainer(model, data=masker).shap_values(as_float32[:5])
    assert found.background_rows == 400
    assert found.values == pytest.approx(expected, abs=1e-6)


def test_the_reference_rows_are_limited_on_request(numbers, wrap, explain):
    frame, label = numbers
    subject = wrap(GradientBoostingClassifier(n_estimators=10, random_state=0).fit(frame, label), frame)

    few, all_rows = (explain(subject, frame.iloc[:1], frame, limit=limit) for limit in (50, None))

    assert few.background_rows == 50
    # Rows are spread over the model's outputs: 50 of them have nearly the mean of all 400.
    assert few.base[0] == pytest.approx(all_rows.base[0], abs=0.02)


def test_too_deep_a_forest_is_explained_against_some_drawn_rows_and_says_so(
    numbers, wrap, explain, oracle, monkeypatch
):
    frame, label = numbers
    subject = wrap(RandomForestClassifier(5, random_state=0).fit(frame, label), frame)
    monkeypatch.setattr("rai_dash.explain.trees.kernel.KEPT_BYTES", 0)
    monkeypatch.setattr("rai_dash.explain.trees.kernel.MOST_OBSERVED", 0)
    monkeypatch.setattr("rai_dash.explain.tree_kernel.DEEP_ROWS", 30)

    found = explain(subject, frame.iloc[:2], frame, space="probability")

    assert found.background_rows == 30
    assert "against 30 reference rows drawn from 400, as its trees are too deep" in found.methods[0]
    drawn = Reference(frame=frame).sample(subject, "probability", 30, most=30)
    assert_brute_force(found, subject, frame.iloc[:2], drawn, oracle, within=1e-6)


def test_probability_of_boosted_trees_is_left_to_the_route_for_any_model(numbers, wrap, explain, oracle):
    frame, label = numbers
    subject = wrap(xgboost_of(frame, label), frame)

    found = explain(subject, frame.iloc[:1], frame.iloc[20:40], space="probability")

    assert found.methods[0].startswith("Exact over the columns that differ")
    assert_brute_force(found, subject, frame.iloc[:1], frame.iloc[20:40], oracle, within=1e-6)


def test_lines_boosted_by_xgboost_are_left_to_the_route_for_any_model(numbers, wrap, explain):
    frame, label = numbers
    data = xgboost.DMatrix(frame / 1_000, label)
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1, "booster": "gblinear"}, data, 5)

    found = explain(wrap(booster, frame), frame.iloc[:1] / 1_000, frame.iloc[20:30] / 1_000)

    assert found.methods[0].startswith("Exact over the columns that differ")


def test_rows_in_chunks_are_the_rows_at_once_and_progress_is_heard(numbers, wrap, explain, monkeypatch):
    frame, label = numbers
    subject = wrap(xgboost_of(frame, label), frame)
    whole = explain(subject, frame.iloc[:10], frame)
    monkeypatch.setattr(_ensemble, "CHUNK_ROWS", 4)
    heard = []

    route = tree_kernel.build(subject, Reference(frame=frame), "log-odds")
    parts = route(frame.iloc[:10], lambda *message: heard.append(message))

    assert parts.values == pytest.approx(whole.values, abs=1e-9)
    assert heard == [(4, 10, "rows explained"), (8, 10, "rows explained"), (10, 10, "rows explained")]


def test_a_model_that_answers_otherwise_than_its_trees_is_explained_another_way(numbers, wrap):
    frame, label = numbers
    subject = wrap(RandomForestClassifier(4, max_depth=3, random_state=0).fit(frame, label), frame)
    own = subject.native.probability
    # One reference row in four hundred is enough.
    subject.native.probability = lambda f: own(f) + 0.01 * (f["income"].to_numpy() == frame["income"].max())

    found, notices = attribute(subject, frame.iloc[:1], Reference(frame=frame))

    assert found.methods[0].startswith("Exact over the columns that differ")
    assert [n.code for n in notices] == ["route_refused"]
    assert "do not give the model's own answers" in notices[0].message
