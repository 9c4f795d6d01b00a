"""Learning rate and penalty read off the trees, against what the models were trained with."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xgboost

from rai_dash.models._xgboost.params import ASSUMED_ETA, known_params
from rai_dash.models._xgboost.rate import shrinkage

DEFAULTS = {"objective": "binary:logistic", "nthread": 1, "max_depth": 4}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 5))
    label = rows[:, 0] - rows[:, 1] ** 2 + rng.normal(size=600) > 0
    return xgboost.DMatrix(rows, label=label)


def train(data, rounds=30, **params):
    return xgboost.train({**DEFAULTS, **params}, data, num_boost_round=rounds)


def trees_of(booster):
    gradient = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    return (gradient["gbtree"] if gradient["name"] == "dart" else gradient)["model"]["trees"]


@pytest.mark.parametrize(
    "params",
    [
        {"eta": 0.1},
        {"eta": 0.3, "max_depth": 1},
        {"eta": 0.037, "lambda": 5},
        {"eta": 0.2, "lambda": 0},
        {"eta": 0.05, "subsample": 0.7, "colsample_bytree": 0.5, "scale_pos_weight": 3},
        {"eta": 0.15, "gamma": 1, "min_child_weight": 5, "tree_method": "approx"},
        {"eta": 0.2, "grow_policy": "lossguide", "max_leaves": 8},
        {"eta": 0.25, "booster": "dart", "rate_drop": 0.3},
        {"eta": 0.5, "num_parallel_tree": 4, "subsample": 0.5},
    ],
    ids=str,
)
def test_learning_rate_and_penalty_are_those_of_training(data, params):
    found = shrinkage(trees_of(train(data, **params)), per_round=params.get("num_parallel_tree", 1))
    assert found is not None
    assert found.eta == pytest.approx(params["eta"], rel=1e-3)
    assert found.penalty == pytest.approx(params.get("lambda", 1), abs=5e-3)


@pytest.mark.parametrize(
    "params",
    [{"alpha": 2}, {"max_delta_step": 0.2}, {"monotone_constraints": "(1,1,1,1,1)"}, {"rounds": 1}],
    ids=str,
)
def test_there_is_no_answer_where_the_trees_do_not_agree_or_are_too_few(data, params):
    booster = train(data, eta=0.2, **params)
    found = shrinkage(trees_of(booster))
    assert found is None
    known = known_params(booster)
    assert known.params["eta"] == ASSUMED_ETA
    assert "does not show the learning rate" in known.recipe({})


def test_training_again_with_what_was_read_gives_the_same_model(data):
    first = train(data, rounds=40, eta=0.037, **{"lambda": 5, "max_depth": 3})
    loaded = xgboost.Booster()
    loaded.load_model(first.save_raw("ubj"))

    known = known_params(loaded)
    again = xgboost.train({**known.params, "nthread": 1}, data, num_boost_round=known.rounds)

    assert np.allclose(again.predict(data), first.predict(data), rtol=0, atol=1e-5)
    assert "learning rate 0.037 and penalty 5 read off its trees" in known.recipe({})


def test_a_forest_of_single_leaves_has_no_answer():
    rows = xgboost.DMatrix(np.zeros((50, 1)), label=np.arange(50) % 2)
    assert shrinkage(trees_of(train(rows, eta=0.1))) is None
