"""Readers of XGBoost and scikit-learn against their own leaves, bit for bit, where a row is most easily sent astray."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier
from threadpoolctl import threadpool_limits

from rai_dash.explain._base import RouteRefused
from rai_dash.explain.trees.readers import read_trees
from tests.unit.explain.reader_rows import NUMBERS, drawn_table, edges
from tests.unit.explain.tree_walk import leaves, margin


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Keep OpenMP to one thread: on a busy machine histogram boosting otherwise waits for itself, for seconds."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def table():
    return drawn_table()


@pytest.mark.parametrize(
    "model",
    [
        DecisionTreeClassifier(max_depth=5),
        ExtraTreeClassifier(max_depth=5, random_state=0),
        RandomForestClassifier(5, max_depth=6, random_state=0, class_weight="balanced"),
        ExtraTreesClassifier(5, max_depth=6, random_state=0),
    ],
    ids=lambda m: type(m).__name__,
)
def test_scikit_learns_forests_reach_their_own_leaves(model, table):
    x, _, y = table
    model.fit(x, np.where(y == 1, "repaid", "default"))
    reading = read_trees(model)
    rows = edges(reading.trees, x)

    found = leaves(reading.trees, reading.matrix(rows))

    assert (found == model.apply(rows).reshape(found.shape)).all()
    assert margin(reading.trees, reading.matrix(rows)) == pytest.approx(
        model.predict_proba(rows)[:, 1], abs=1e-12
    )
    assert reading.trees.space == "probability"


@pytest.mark.parametrize(
    "options", [{}, {"loss": "exponential"}, {"init": "zero"}, {"learning_rate": 0.5}], ids=str
)
def test_gradient_boosting_reaches_its_own_leaves_from_where_it_starts(options, table):
    x, _, y = table
    x = np.nan_to_num(x)  # it takes no blanks
    model = GradientBoostingClassifier(n_estimators=5, random_state=0, **options).fit(x, y)
    reading = read_trees(model)
    rows = edges(reading.trees, x)
    rows = rows[np.isfinite(rows).all(axis=1)]

    found = leaves(reading.trees, reading.matrix(rows))

    p = model.predict_proba(rows)[:, 1]
    assert (found == model.apply(rows)[:, :, 0]).all()
    assert margin(reading.trees, reading.matrix(rows)) == pytest.approx(np.log(p / (1 - p)), abs=1e-9)


def test_boosting_that_starts_from_a_model_is_not_a_sum_of_trees(table):
    x, _, y = table
    model = GradientBoostingClassifier(n_estimators=2, init=RandomForestClassifier(2)).fit(
        np.nan_to_num(x), y
    )

    with pytest.raises(RouteRefused, match="starts from another model"):
        read_trees(model)


def histogram_leaves(model, matrix):
    """Walk its trees with its own compiled predictor: the value of a leaf, made its number."""
    from sklearn.ensemble._hist_gradient_boosting.common import X_DTYPE

    known, places = model._bin_mapper.make_known_categories_bitsets()
    found = []
    for (predictor,) in model._predictors:
        own = predictor.nodes["value"].copy()
        predictor.nodes["value"] = np.arange(len(own))
        found.append(predictor.predict(matrix.astype(X_DTYPE), known, places, 1))
        predictor.nodes["value"] = own
    return np.column_stack(found).astype(np.int64)


def test_histogram_boosting_reaches_its_own_leaves_with_categories_never_seen(table):
    x, codes, y = table
    names = np.array([f"c{int(c) % 35:02d}" for c in codes])
    frame = pd.DataFrame(
        {"income": x[:, 1], "job": pd.Categorical(names), "debt": x[:, 2], "tenths": x[:, 0]}
    )
    frame.loc[::17, "job"] = np.nan
    model = HistGradientBoostingClassifier(
        max_iter=10, categorical_features="from_dtype", min_samples_leaf=5, max_depth=4
    ).fit(frame, y)
    reading = read_trees(model)
    assert reading.inputs.tolist() == [1, 0, 2, 3]
    rows = pd.concat([frame.assign(job=frame["job"].astype(object)), frame.assign(job="never seen")])
    thresholds = reading.trees.threshold[(reading.trees.feature == 1) & np.isfinite(reading.trees.threshold)]
    at = np.concatenate([np.nextafter(thresholds, side) for side in (-np.inf, np.inf)] + [thresholds])
    rows = rows.assign(income=np.resize(at, len(rows)))

    matrix = reading.matrix(rows)

    found = leaves(reading.trees, matrix)
    assert (found == histogram_leaves(model, matrix)).all()
    assert margin(reading.trees, matrix) == pytest.approx(model.decision_function(rows), abs=1e-12)
    assert (reading.trees.words_at >= 0).any()


def quiet(x, y, rounds=6, *, types=None, names=None, **params):
    """Train with XGBoost, one thread."""
    data = xgboost.DMatrix(x, y, feature_types=types, feature_names=names, enable_categorical=True)
    settings = {"objective": "binary:logistic", "nthread": 1, "max_depth": 4, "seed": 0} | params
    return xgboost.train(settings, data, rounds)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"base_score": 0.2},
        {"num_parallel_tree": 3, "subsample": 0.5},
        {"booster": "dart", "rate_drop": 0.6, "skip_drop": 0.0},
        {"objective": "binary:logitraw", "base_score": 0.2},
        {"tree_method": "exact"},
    ],
    ids=str,
)
def test_xgboost_reaches_its_own_leaves(params, table):
    x, _, y = table
    booster = quiet(x, y, **params)
    reading = read_trees(booster)
    rows = edges(reading.trees, x)
    data = xgboost.DMatrix(rows)

    found = leaves(reading.trees, reading.matrix(rows))

    assert (found == booster.predict(data, pred_leaf=True).reshape(found.shape)).all()
    assert margin(reading.trees, reading.matrix(rows)) == pytest.approx(
        booster.predict(data, output_margin=True), rel=1e-5, abs=1e-6
    )


@pytest.mark.parametrize("one_hot", [1, 100], ids=["sets", "one against the rest"])
def test_xgboost_reaches_its_own_leaves_with_codes_that_it_never_saw(one_hot, table):
    x, codes, y = table
    both = np.column_stack([x, codes])
    booster = quiet(both, y, types=["q", "q", "q", "c"], max_cat_to_onehot=one_hot, max_depth=6)
    reading = read_trees(booster)
    rows = edges(reading.trees, both)
    rows[:, 3] = np.resize([0, 1, 5, 63, 64, 69, 70, 127, 128, 1000, 2**24 - 1, np.nan, 3.7], len(rows))
    data = xgboost.DMatrix(rows, feature_types=["q", "q", "q", "c"], enable_categorical=True)

    found = leaves(reading.trees, reading.matrix(rows))

    assert (reading.trees.words_at >= 0).any()
    assert (found == booster.predict(data, pred_leaf=True)).all()


def test_xgboost_tables_are_coded_in_the_models_own_order_of_categories(table):
    x, codes, y = table
    job = pd.Categorical([f"c{int(c):02d}" for c in codes])
    frame = pd.DataFrame(x, columns=NUMBERS).assign(job=job)
    model = xgboost.XGBClassifier(n_estimators=8, max_depth=5, n_jobs=1, enable_categorical=True).fit(
        frame, y
    )
    other = frame.assign(job=frame["job"].cat.reorder_categories(list(reversed(frame["job"].cat.categories))))
    reading = read_trees(model)

    matrix = reading.matrix(other)

    own = model.get_booster().predict(xgboost.DMatrix(frame, enable_categorical=True), pred_leaf=True)
    assert matrix[:, 3].tolist() == job.codes.tolist()
    assert (leaves(reading.trees, matrix) == own).all()


def test_xgboost_uses_the_trees_up_to_the_best_round_and_the_blank_it_was_told(table):
    x, _, y = table
    x = np.where(np.isnan(x), -999.0, x)
    model = xgboost.XGBClassifier(
        n_estimators=40,
        n_jobs=1,
        learning_rate=0.9,
        early_stopping_rounds=2,
        missing=-999.0,
        eval_metric="logloss",
    )
    model.fit(x[:150], y[:150], eval_set=[(x[150:], y[150:])], verbose=False)
    reading = read_trees(model)

    assert len(reading.trees.roots) == model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    assert (leaves(reading.trees, reading.matrix(x)) == model.apply(x)).all()


def test_what_a_sparse_matrix_leaves_out_is_a_blank_to_xgboost(table):
    from scipy.sparse import csr_matrix

    x, _, y = table
    sparse = csr_matrix(np.nan_to_num(x))
    model = xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(sparse, y)
    reading = read_trees(model)

    assert (leaves(reading.trees, reading.matrix(sparse)) == model.apply(sparse)).all()


def test_a_linear_booster_has_no_trees(table):
    x, _, y = table

    with pytest.raises(RouteRefused, match="gblinear has no trees"):
        read_trees(quiet(np.nan_to_num(x), y, booster="gblinear", max_depth=None))
