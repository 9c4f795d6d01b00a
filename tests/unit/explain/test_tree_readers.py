"""Every reader against the library's own leaves, bit for bit, where a row is most easily sent astray."""

from __future__ import annotations

import lightgbm
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

from rai_dash.explain._base import RouteRefused
from rai_dash.explain.trees.readers import read_trees
from rai_dash.models.lightgbm_format import LightgbmTrees
from tests.unit.explain.tree_walk import leaves, margin

NUMBERS = ["tenths", "income", "debt"]
HUGE = 1e30


@pytest.fixture(scope="module")
def table():
    """Numbers that float32 cannot hold, exact and nearly exact zeros, blanks, and codes of 70 categories."""
    rng = np.random.default_rng(3)
    n = 300
    x = np.column_stack(
        [
            rng.integers(0, 30, n) / 10,
            rng.lognormal(3, 1, n),
            np.where(rng.random(n) < 0.4, 0.0, rng.normal(size=n)),
        ]
    )
    x[rng.random((n, 3)) < 0.1] = np.nan
    codes = rng.integers(0, 70, n).astype(float)
    odd = np.isin(codes % 7, (1, 2, 4))
    signal = np.nan_to_num(x) @ [0.8, 0.02, 0.7] + 1.5 * odd - np.isnan(x[:, 1])
    return x, codes, (signal + rng.normal(0, 0.5, n) > np.median(signal)).astype(int)


def edges(trees, x):
    """Rows at, just below and just above each threshold, in float64 and float32, with blanks and extremes."""
    rows = []
    for j in range(x.shape[1]):
        t = trees.threshold[(trees.feature == j) & np.isfinite(trees.threshold)][:12]
        narrow = t.astype(np.float32)
        near = [np.nextafter(narrow, np.float32(side)) for side in (-np.inf, np.inf)]
        close = [np.nextafter(t, side) for side in (-np.inf, np.inf)]
        fixed = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 2e-35, 0.1, 0.3, HUGE, -HUGE]
        for value in np.concatenate([t, narrow, *near, *close, fixed]).astype(np.float64):
            row = x[len(rows) % len(x)].copy()
            row[j] = value
            rows.append(row)
    return np.array(rows)


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


def light(x, y, rounds=6, *, categories=(), slope=1.0, **params):
    """Train with LightGBM, one thread, and load the text it writes."""
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 15, "seed": 0} | params
    settings |= {"min_data_in_leaf": 5, "min_data_per_group": 5, "cat_smooth": 1.0}
    trained = lightgbm.train(settings, lightgbm.Dataset(x, y, categorical_feature=list(categories)), rounds)
    return LightgbmTrees(lightgbm.Booster(model_str=trained.model_to_string()), slope, tuple(categories))


def lightgbm_leaves(reading, matrix):
    """Count leaves as LightGBM does: after the inner nodes of each tree."""
    found = leaves(reading.trees, matrix)
    ends = np.append(reading.trees.roots[1:], len(reading.trees.feature))
    inner = [(reading.trees.feature[a:b] >= 0).sum() for a, b in zip(reading.trees.roots, ends, strict=True)]
    return found - np.array(inner)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"zero_as_missing": True},
        {"use_missing": False},
        {"boosting": "dart", "drop_rate": 0.6},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
        {"objective": "cross_entropy"},
    ],
    ids=str,
)
@pytest.mark.parametrize("blanks", [True, False], ids=["blanks", "none in training"])
def test_lightgbm_reaches_its_own_leaves(params, blanks, table):
    x, _, y = table
    x = x if blanks else np.nan_to_num(x)
    model = light(x, y, slope=1 / 6 if params.get("boosting") == "rf" else 1.0, **params)
    reading = read_trees(model)
    rows = edges(reading.trees, x)

    found = lightgbm_leaves(reading, reading.matrix(rows))

    assert (found == model.booster.predict(rows, pred_leaf=True)).all()
    p = model.booster.predict(rows)
    assert margin(reading.trees, reading.matrix(rows)) == pytest.approx(np.log(p / (1 - p)), abs=1e-9)


def test_lightgbm_reaches_its_own_leaves_with_codes_that_it_never_saw(table):
    x, codes, y = table
    both = np.column_stack([x, codes])
    model = light(both, y, categories=[3])
    reading = read_trees(model)
    rows = edges(reading.trees, both)
    odd = [0, 1, 31, 32, 63, 64, 69, 70, 95, 96, 1000, 2**31, 1e12, np.nan, -1, -0.5, -7, 3.7]
    rows[:, 3] = np.resize(odd, len(rows))

    found = lightgbm_leaves(reading, reading.matrix(rows))

    assert (reading.trees.n_words > 1).any()
    assert (found == model.booster.predict(rows, pred_leaf=True)).all()


def test_a_lightgbm_classifier_codes_tables_in_its_own_order(table):
    x, codes, y = table
    frame = pd.DataFrame(x, columns=NUMBERS).assign(job=pd.Categorical([f"c{int(c):02d}" for c in codes]))
    model = lightgbm.LGBMClassifier(
        n_estimators=5, verbose=-1, n_jobs=1, min_child_samples=5, min_data_per_group=5
    )
    model.fit(frame, y)
    other = frame.assign(job=frame["job"].cat.reorder_categories(list(reversed(frame["job"].cat.categories))))
    reading = read_trees(model)

    p = model.predict_proba(frame)[:, 1]
    assert margin(reading.trees, reading.matrix(other)) == pytest.approx(np.log(p / (1 - p)), abs=1e-9)


def test_a_steeper_sigmoid_and_a_forest_are_in_the_log_odds(table):
    x, _, y = table
    for params in ({"sigmoid": 2.5}, {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}):
        model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1, **params).fit(x, y)
        reading = read_trees(model)

        p = model.predict_proba(x)[:, 1]
        assert margin(reading.trees, reading.matrix(x)) == pytest.approx(np.log(p / (1 - p)), abs=1e-9)


def test_formulas_in_leaves_are_refused(table):
    x, _, y = table

    with pytest.raises(RouteRefused, match="linear_tree"):
        read_trees(light(np.nan_to_num(x), y, linear_tree=True))
