"""skops files against the pipelines they were saved from."""

from __future__ import annotations

import numpy as np
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.models._skops.parts import check_parts
from rai_dash.models.skops_format import load, review
from rai_dash.models.unseen import find_unseen

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")
ONE_HOT = OneHotEncoder(handle_unknown="ignore", sparse_output=False)


def prepare(numbers=None, text=None):
    fill = make_pipeline(SimpleImputer(strategy="most_frequent"), text or ONE_HOT)
    return ColumnTransformer([("n", numbers or StandardScaler(), NUMBERS), ("t", fill, TEXT)])


def opened(model):
    content = skops.io.dumps(model)
    review(content)
    return load(content)


PIPELINES = {
    "logistic": make_pipeline(prepare(), LogisticRegression(max_iter=300)),
    "forest": make_pipeline(prepare(), RandomForestClassifier(8, random_state=0, n_jobs=2)),
    "boosting": make_pipeline(prepare(), GradientBoostingClassifier(n_estimators=8, random_state=0)),
    "histogram": make_pipeline(
        prepare(text=OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)),
        HistGradientBoostingClassifier(max_iter=8, random_state=0),
    ),
    "calibrated": make_pipeline(prepare(), CalibratedClassifierCV(LinearSVC(dual=False), cv=2)),
    "network": make_pipeline(prepare(), MLPClassifier((8,), tol=1.0, n_iter_no_change=2, random_state=0)),
    "logarithm": make_pipeline(
        prepare(numbers=make_pipeline(FunctionTransformer(np.log1p), StandardScaler())),
        LogisticRegression(max_iter=300),
    ),
}


@pytest.mark.parametrize("name", list(PIPELINES))
def test_pipelines_on_german_credit_score_bit_for_bit_whatever_the_order_of_columns(german, name):
    frame, target = german
    fitted = PIPELINES[name].fit(frame, target)
    model = opened(fitted)
    turned = frame[frame.columns[::-1]].assign(extra=0)
    direct = fitted.predict_proba(frame)[:, 1]
    assert np.array_equal(model.probability(turned), direct)
    assert model.info.classes == ("bad", "good")
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(1 / (1 + np.exp(-model.margin(turned))), direct, atol=1e-12)
    known = {f.name: set(f.categories) for f in model.info.features if f.kind == "category"}
    assert known == {c: set(frame[c]) for c in frame.columns if frame[c].dtype.kind not in "iuf"}


def test_native_categories_of_histogram_boosting_are_found_and_scored(toy):
    frame, target = toy
    typed = frame.assign(home=frame["home"].astype("category"))
    fitted = HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype").fit(typed, target)
    model = opened(fitted)
    assert np.array_equal(model.probability(frame), fitted.predict_proba(typed)[:, 1])
    assert model.info.features[1].categories == ("free", "own", "rent")


def test_categories_keep_the_type_they_had_in_training(toy):
    frame, target = toy
    encode = ColumnTransformer([("t", ONE_HOT, ["home", "code"])], remainder="passthrough")
    as_text = frame.assign(code=frame["code"].astype(str), home=" " + frame["home"])
    for trained, table in ((as_text, frame), (frame, frame.assign(code=frame["code"].astype(str)))):
        fitted = make_pipeline(encode, LogisticRegression()).fit(trained, target)
        assert np.array_equal(opened(fitted).probability(table), fitted.predict_proba(trained)[:, 1])


def test_the_inner_encoder_of_a_binning_says_nothing_about_the_column(toy):
    frame, target = toy
    bins = KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf")
    fitted = make_pipeline(ColumnTransformer([("b", bins, ["pay"])]), LogisticRegression()).fit(frame, target)
    model = opened(fitted)
    assert model.info.features[0].categories == ()
    assert np.array_equal(model.probability(frame), fitted.predict_proba(frame)[:, 1])


def test_a_value_never_seen_is_counted(german):
    frame, target = german
    model = opened(PIPELINES["logistic"].fit(frame, target))
    column = frame.select_dtypes(exclude="number").columns[0]
    changed = frame.copy()
    changed.loc[:6, column] = "never"
    (notice,) = find_unseen(changed, model.info.features).notices
    assert (notice.column, notice.rows) == (column, 7)
    assert np.isfinite(model.probability(changed)).all()


def test_a_pipeline_that_refuses_unknown_values_says_so_in_one_sentence(toy):
    frame, target = toy
    strict = ColumnTransformer([("t", OneHotEncoder(), ["home"])])
    model = opened(make_pipeline(strict, LogisticRegression()).fit(frame, target))
    with pytest.raises(InvalidChoice, match=r"cannot score this table.*castle"):
        model.probability(frame.assign(home="castle"))


def test_of_a_finished_search_the_best_model_is_kept(toy):
    frame, target = toy
    search = GridSearchCV(
        make_pipeline(prepare(), LogisticRegression()), {"logisticregression__C": [0.1, 1]}, cv=2
    )
    fitted = search.fit(frame, target)
    model = opened(fitted)
    assert "LogisticRegression" in model.info.family
    assert np.array_equal(model.probability(frame), fitted.predict_proba(frame)[:, 1])


def test_threads_cache_folders_and_printing_are_switched_off(toy, tmp_path):
    frame, target = toy
    noisy = make_pipeline(
        prepare(), RandomForestClassifier(3, n_jobs=2, verbose=1), memory=str(tmp_path), verbose=True
    )
    native = opened(noisy.fit(frame, target)).native
    assert native.memory is None
    assert not native.verbose
    assert (native[-1].n_jobs, native[-1].verbose, native[-1].estimators_[0].max_depth) == (1, 0, None)


def own_code(values):
    return values


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda f, y: LinearRegression().fit(f[["pay"]], y), "no_probabilities"),
        (lambda f, y: LogisticRegression().fit(f[["pay"]], y + (f["pay"] > 1)), "multiclass"),
        (lambda f, y: LinearSVC(dual=False).fit(f[["pay"]], y), "no_probabilities"),
        (
            lambda f, y: make_pipeline(FunctionTransformer(own_code), LogisticRegression()).fit(
                f[["pay"]], y
            ),
            "foreign_type",
        ),
    ],
)
def test_models_without_probabilities_or_two_classes_or_of_own_code_are_refused(toy, build, code):
    with pytest.raises(RefusedModel) as caught:
        opened(build(*toy))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "build", [DecisionTreeClassifier, RandomForestClassifier, GradientBoostingClassifier]
)
@pytest.mark.parametrize(("field", "value"), [("left_child", 0), ("right_child", 10**6), ("feature", 99)])
def test_a_tree_that_points_outside_or_back_is_refused_wherever_it_is_kept(toy, build, field, value):
    frame, target = toy
    settings = {} if build is DecisionTreeClassifier else {"n_estimators": 2}
    model = build(max_depth=2, **settings).fit(frame[["pay", "code"]], target)
    holder = model if build is DecisionTreeClassifier else np.ravel(model.estimators_)[-1]
    state = holder.tree_.__getstate__()
    state["nodes"][field][0] = value
    holder.tree_.__setstate__(state)
    with pytest.raises(RefusedModel, match="points outside itself"):
        check_parts(make_pipeline(model))


def test_a_damaged_tree_of_histogram_boosting_is_refused(toy):
    frame, target = toy
    model = HistGradientBoostingClassifier(max_iter=2).fit(frame[["pay", "code"]], target)
    model._predictors[1][0].nodes["feature_idx"][0] = 50
    with pytest.raises(RefusedModel, match="points outside itself"):
        check_parts(model)
