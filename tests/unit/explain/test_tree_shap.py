from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from rai_dash.explain import tree_shap
from rai_dash.explain._base import Reference
from rai_dash.explain.routing import attribute

# shap holds leaf values as float32, so it can be asked for 1e-6 and not for 1e-9.
FORESTS = [
    RandomForestClassifier(8, max_depth=5, random_state=0),
    ExtraTreesClassifier(8, max_depth=5, random_state=0),
    DecisionTreeClassifier(max_depth=5, random_state=0),
]
BOOSTED = [
    GradientBoostingClassifier(n_estimators=10, random_state=0),
    HistGradientBoostingClassifier(max_iter=10, random_state=0),
]


def name_of(model):
    return type(model).__name__


@pytest.fixture(scope="module")
def numbers(loans):
    frame, label = loans
    return frame[["age", "income", "debt"]], label


def boosted_by_xgboost(frame, label, **parameters):
    import xgboost

    model = xgboost.XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1, **parameters)
    return model.fit(frame, label).get_booster()


@pytest.mark.parametrize("model", FORESTS, ids=name_of)
def test_a_forest_is_explained_in_probability_as_brute_force_says(model, numbers, wrap, explain, oracle):
    frame, label = numbers
    subject = wrap(model.fit(frame, label), frame)

    found = explain(subject, frame.iloc[:1], frame.iloc[20:40])

    base, phi = oracle(subject, frame.iloc[:1], frame.iloc[20:40], "probability")
    assert found.space == "probability"
    assert found.base[0] == pytest.approx(base, abs=1e-6)
    assert found.values[0] == pytest.approx(phi, abs=1e-6)


@pytest.mark.parametrize("model", BOOSTED, ids=name_of)
def test_boosting_is_explained_in_log_odds_as_brute_force_says(model, numbers, wrap, explain, oracle):
    frame, label = numbers
    subject = wrap(model.fit(frame, label), frame)

    found = explain(subject, frame.iloc[:1], frame.iloc[20:40])

    base, phi = oracle(subject, frame.iloc[:1], frame.iloc[20:40], "log-odds")
    assert found.space == "log-odds"
    assert found.base[0] == pytest.approx(base, abs=1e-6)
    assert found.values[0] == pytest.approx(phi, abs=1e-6)


def test_xgboost_with_blanks_is_explained_as_brute_force_says(numbers, wrap, explain, oracle):
    frame, label = numbers
    frame = frame.mask(np.random.default_rng(0).random(frame.shape) < 0.2)
    subject = wrap(boosted_by_xgboost(frame, label), frame)

    found = explain(subject, frame.iloc[:3], frame.iloc[20:40])

    for i in range(3):
        base, phi = oracle(subject, frame.iloc[i : i + 1], frame.iloc[20:40], "log-odds")
        assert found.base[i] == pytest.approx(base, abs=1e-5)
        assert found.values[i] == pytest.approx(phi, abs=1e-5)
    assert found.methods[0] == "shap TreeExplainer, interventional, against 20 reference rows"


def test_values_exactly_at_a_float32_threshold_take_the_branch_that_the_model_takes(wrap, explain, oracle):
    grid = np.repeat([0.1, 0.2, 0.3, 0.7], 25)
    frame = pd.DataFrame({"a": grid, "b": np.tile(grid[::-4], 4)})
    label = ((frame["a"] >= 0.2) ^ (frame["b"] >= 0.3)).astype(int)
    subject = wrap(boosted_by_xgboost(frame, label), frame)

    found = explain(subject, frame.iloc[::25], frame)

    for i in range(4):
        _, phi = oracle(subject, frame.iloc[25 * i : 25 * i + 1], frame, "log-odds")
        assert found.values[i] == pytest.approx(phi, abs=1e-5)


def test_scaled_whole_numbers_next_to_a_threshold_take_the_branch_that_the_model_takes(wrap, explain, oracle):
    # A threshold half-way between two whole numbers is the number between them, up to rounding. shap's
    # own float32 thresholds send some of these rows the other way: 0.003 to 0.2 off, and it still adds up.
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"age": rng.integers(18, 60, 300), "years": rng.integers(0, 40, 300)})
    label = (frame["age"] * 2 + frame["years"] + rng.normal(0, 12, 300) > 95).astype(int)
    model = make_pipeline(StandardScaler(), RandomForestClassifier(20, max_depth=8, random_state=1))
    subject = wrap(model.fit(frame, label), frame)

    found = explain(subject, frame.iloc[:20], frame.iloc[20:60])

    for i in range(20):
        _, phi = oracle(subject, frame.iloc[i : i + 1], frame.iloc[20:60], "probability")
        assert found.values[i] == pytest.approx(phi, abs=1e-6)
    assert "TreeExplainer" in found.methods[0]


def test_a_forest_with_blanks_is_explained_as_brute_force_says(numbers, wrap, explain, oracle):
    frame, label = numbers
    frame = frame.mask(np.random.default_rng(0).random(frame.shape) < 0.2)
    subject = wrap(RandomForestClassifier(8, max_depth=5, random_state=0).fit(frame, label), frame)

    found = explain(subject, frame.iloc[:3], frame.iloc[20:40])

    for i in range(3):
        _, phi = oracle(subject, frame.iloc[i : i + 1], frame.iloc[20:40], "probability")
        assert found.values[i] == pytest.approx(phi, abs=1e-6)


def test_trees_that_shap_cannot_count_are_explained_another_way_with_the_reason(numbers, wrap, monkeypatch):
    monkeypatch.setattr(tree_shap, "MAX_NODES", 10)
    frame, label = numbers
    subject = wrap(RandomForestClassifier(8, max_depth=5, random_state=0).fit(frame, label), frame)

    found, notices = attribute(subject, frame.iloc[:1], Reference(frame=frame))

    assert found.methods[0].startswith("Exact over the columns that differ")
    assert [n.code for n in notices] == ["route_refused"]
    assert "larger than shap" in notices[0].message


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
    model = GradientBoostingClassifier(n_estimators=10, random_state=0).fit(frame, label)
    subject = wrap(model, frame)

    few, all_rows = (explain(subject, frame.iloc[:1], frame, limit=limit) for limit in (50, None))

    assert few.background_rows == 50
    # Rows are spread over the model's outputs: 50 of them have nearly the mean of all 400.
    assert few.base[0] == pytest.approx(all_rows.base[0], abs=0.02)


def test_a_preparation_that_keeps_one_column_a_column_is_explained_in_original_columns(
    loans, wrap, explain, oracle
):
    frame, label = loans
    prepare = ColumnTransformer(
        [("c", OrdinalEncoder(), ["home", "job"]), ("n", StandardScaler(), ["debt", "age", "income"])]
    )
    model = make_pipeline(prepare, RandomForestClassifier(8, max_depth=5, random_state=0)).fit(frame, label)
    subject = wrap(model, frame)

    found = explain(subject, frame.iloc[:1], frame.iloc[20:40])

    _, phi = oracle(subject, frame.iloc[:1], frame.iloc[20:40], "probability")
    assert "TreeExplainer" in found.methods[0]
    assert found.exact.all()
    assert found.values[0] == pytest.approx(phi, abs=1e-6)


def one_hot_boosting(frame, label):
    prepare = ColumnTransformer([("c", OneHotEncoder(), ["home", "job"])], remainder="passthrough")
    return make_pipeline(prepare, GradientBoostingClassifier(n_estimators=10, random_state=0)).fit(
        frame, label
    )


def test_a_pipeline_with_one_hot_blocks_takes_the_exact_route_by_columns(loans, wrap, explain, oracle):
    frame, label = loans
    subject = wrap(one_hot_boosting(frame, label), frame)

    found = explain(subject, frame.iloc[:1], frame.iloc[20:40])

    _, phi = oracle(subject, frame.iloc[:1], frame.iloc[20:40], "log-odds")
    assert found.methods[0].startswith("Exact over the columns that differ")
    assert found.values[0] == pytest.approx(phi, abs=1e-6)


def test_with_too_many_columns_one_hot_blocks_are_summed_and_called_an_approximation(
    loans, wrap, explain, oracle, monkeypatch
):
    monkeypatch.setattr(tree_shap, "FEW_COLUMNS", 4)
    frame, label = loans
    subject = wrap(one_hot_boosting(frame, label), frame)

    found = explain(subject, frame.iloc[:1], frame.iloc[20:60])

    _, phi = oracle(subject, frame.iloc[:1], frame.iloc[20:60], "log-odds")
    assert not found.exact.any()
    assert "approximates" in found.methods[0]
    assert found.values[0] == pytest.approx(phi, abs=0.1)
    assert found.additivity_error[0] < 1e-6


def test_probability_of_boosted_trees_is_left_to_the_exact_route(numbers, wrap, explain, oracle):
    frame, label = numbers
    subject = wrap(boosted_by_xgboost(frame, label), frame)

    found = explain(subject, frame.iloc[:1], frame.iloc[20:40], space="probability")

    _, phi = oracle(subject, frame.iloc[:1], frame.iloc[20:40], "probability")
    assert found.space == "probability"
    assert found.values[0] == pytest.approx(phi, abs=1e-6)


@pytest.mark.parametrize("parameters", [{"booster": "dart", "rate_drop": 0.5}, {"booster": "gblinear"}])
def test_other_xgboost_boosters_are_still_explained_exactly(parameters, numbers, wrap, explain, oracle):
    import xgboost

    frame, label = numbers
    data = xgboost.DMatrix(frame / 1_000, label)
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1, **parameters}, data, 10)
    scaled = frame / 1_000
    subject = wrap(booster, scaled)

    found = explain(subject, scaled.iloc[:1], scaled.iloc[20:40])

    _, phi = oracle(subject, scaled.iloc[:1], scaled.iloc[20:40], "log-odds")
    assert found.values[0] == pytest.approx(phi, abs=1e-5)


def test_histogram_boosting_with_categories_takes_the_exact_route(loans, wrap, explain):
    frame, label = loans
    frame = frame.assign(job=frame["job"].astype("category").cat.codes)[["age", "job"]]
    model = HistGradientBoostingClassifier(max_iter=10, categorical_features=[1], random_state=0).fit(
        frame, label
    )

    found = explain(wrap(model, frame), frame.iloc[:1], frame.iloc[20:40])

    assert found.methods[0].startswith("Exact over the columns that differ")
