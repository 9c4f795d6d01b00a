"""XGBoost files against XGBoost itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xgboost

from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.models._xgboost.labels import with_plain_names, write_labels
from rai_dash.models.unseen import find_unseen
from rai_dash.models.xgboost_format import load, review


def as_categories(frame):
    return frame.assign(home=pd.Categorical(frame["home"]), code=pd.Categorical(frame["code"]))


def saved(model, kind="ubj"):
    return bytes(model.get_booster().save_raw(kind))


def fit(toy, **params):
    frame, target = toy
    settings = {"n_estimators": 20, "max_depth": 3, "enable_categorical": True, "n_jobs": 1, **params}
    return xgboost.XGBClassifier(**settings).fit(as_categories(frame), target)


def opened(content):
    review(content)
    return load(content)


def test_the_story_model_scores_as_xgboost_does_bit_for_bit_from_both_forms(story_ubj, living):
    booster = xgboost.Booster()
    booster.load_model(bytearray(story_ubj))
    model = opened(story_ubj)
    frame = living[list(model.info.feature_names)].copy()
    for feature in model.info.features:
        if feature.kind == "category":
            frame[feature.name] = pd.Categorical(frame[feature.name], categories=list(feature.categories))
    direct = booster.predict(xgboost.DMatrix(frame, enable_categorical=True)).astype(np.float64)
    as_json = opened(bytes(booster.save_raw("json")))
    assert np.array_equal(model.probability(living), direct)
    assert np.array_equal(as_json.probability(living), direct)
    assert as_json.info.features == model.info.features


@pytest.mark.parametrize("params", [{}, {"booster": "dart", "rate_drop": 0.3}, {"num_parallel_tree": 2}])
@pytest.mark.parametrize("kind", ["ubj", "json"])
def test_columns_in_another_order_and_as_plain_text_give_the_same_scores(toy, params, kind):
    classifier = fit(toy, **params)
    model = opened(saved(classifier, kind))
    table = toy[0][["code", "home", "pay"]].assign(extra=1, code=toy[0]["code"].astype(str))
    # The classifier predicts in place, which for dart rounds otherwise than the booster on a DMatrix does.
    data = xgboost.DMatrix(as_categories(toy[0]), enable_categorical=True)
    direct = classifier.get_booster().predict(data).astype(np.float64)
    assert np.array_equal(model.probability(table), direct)
    np.testing.assert_allclose(1 / (1 + np.exp(-model.margin(table))), direct, atol=1e-6)


def test_raw_log_odds_become_probabilities(toy):
    classifier = fit(toy, objective="binary:logitraw")
    model = opened(saved(classifier))
    raw = classifier.get_booster().predict(xgboost.DMatrix(as_categories(toy[0]), enable_categorical=True))
    assert np.array_equal(model.margin(toy[0]), raw.astype(np.float64))
    np.testing.assert_allclose(
        model.probability(toy[0]), 1 / (1 + np.exp(-raw.astype(np.float64))), rtol=1e-14
    )


def test_after_early_stopping_the_best_trees_are_used_and_that_is_said(toy):
    frame, target = as_categories(toy[0]), toy[1]
    classifier = xgboost.XGBClassifier(
        n_estimators=200, max_depth=4, enable_categorical=True, early_stopping_rounds=3, n_jobs=1
    )
    classifier.fit(frame[:150], target[:150], eval_set=[(frame[150:], target[150:])], verbose=False)
    model = opened(saved(classifier))
    direct = classifier.predict_proba(frame)[:, 1].astype(np.float64)
    assert np.array_equal(model.probability(toy[0]), direct)
    assert [n.code for n in model.info.warnings] == ["early_stopped"]


def test_a_category_never_seen_counts_as_missing_and_is_counted(toy):
    classifier = fit(toy)
    model = opened(saved(classifier))
    table = toy[0].copy()
    table.loc[:4, "home"] = "castle"
    frame = as_categories(toy[0])
    frame.loc[:4, "home"] = np.nan
    assert np.array_equal(model.probability(table), classifier.predict_proba(frame)[:, 1].astype(np.float64))
    (notice,) = find_unseen(table, model.info.features).notices
    assert (notice.code, notice.column, notice.rows) == ("unseen_category", "home", 5)


def test_a_file_without_names_takes_given_ones_and_only_as_many_as_it_has(toy):
    frame, target = toy
    classifier = xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(
        frame[["pay", "code"]].to_numpy(), target
    )
    model = opened(saved(classifier))
    assert model.info.feature_names == ("f0", "f1")
    with pytest.raises(InvalidChoice, match="2 columns"):
        model.rename(["pay"])
    model.rename(["pay", "code"])
    direct = classifier.predict_proba(frame[["pay", "code"]].to_numpy())[:, 1].astype(np.float64)
    assert np.array_equal(model.probability(frame), direct)
    assert model.info.warnings == ()


def test_a_file_with_names_keeps_them(toy):
    model = opened(saved(fit(toy)))
    with pytest.raises(InvalidChoice, match="do not fit"):
        model.rename(["a", "b", "c"])


def test_category_names_that_xgboost_cuts_off_are_refused_and_ours_survive(toy):
    frame, target = toy[0].assign(home=toy[0]["home"].replace({"own": "Köln"})), toy[1]
    prepared = as_categories(frame)
    classifier = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True, n_jobs=1).fit(
        prepared, target
    )
    with pytest.raises(RefusedModel, match="cuts off"):
        opened(saved(classifier))
    plain, labels = with_plain_names(prepared)
    again = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True, n_jobs=1).fit(plain, target)
    write_labels(again.get_booster(), labels)
    model = opened(saved(again))
    assert model.info.features[1].categories == ("Köln", "free", "rent")
    assert np.array_equal(model.probability(frame), again.predict_proba(plain)[:, 1].astype(np.float64))


@pytest.mark.parametrize(
    ("objective", "n_classes", "said"),
    [
        ("multi:softprob", 3, "more than two classes"),
        ("reg:squarederror", 2, "no probabilities"),
        ("binary:hinge", 2, "no probabilities"),
    ],
)
def test_what_is_no_model_of_two_classes_is_refused_with_the_way_out(toy, objective, n_classes, said):
    params = {"objective": objective, "nthread": 1} | ({"num_class": 3} if n_classes == 3 else {})
    label = np.arange(300) % n_classes
    booster = xgboost.train(params, xgboost.DMatrix(toy[0][["pay"]], label=label), num_boost_round=2)
    with pytest.raises(RefusedModel, match=said):
        review(bytes(booster.save_raw("ubj")))
