"""Single values that made XGBoost crash or hang when it loaded or asked the model; found by mutation."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import xgboost

from rai_dash.core.errors import RefusedModel
from rai_dash.models.xgboost_format import load, review


@pytest.fixture(scope="module")
def document():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 4))
    data = xgboost.DMatrix(rows, label=rows[:, 0] + rng.normal(size=300) > 0)
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1, "max_depth": 3}, data, 3)
    return json.loads(booster.save_raw("json"))


def _tree(document, place=1):
    return document["learner"]["gradient_booster"]["model"]["trees"][place]


def _root_with_parent(document):
    _tree(document)["parents"][0] = 2


def _negative_parent(document):
    _tree(document)["parents"][-1] = -1


def _foster_parent(document):
    _tree(document)["parents"][-1] = 0


def _wide_leaves(document):
    _tree(document)["tree_param"]["size_leaf_vector"] = "99999999"


def _negative_leaves(document):
    _tree(document)["tree_param"]["size_leaf_vector"] = "-5"


def _number_twice(document):
    _tree(document, 2)["id"] = 0


def _negative_targets(document):
    document["learner"]["learner_model_param"]["num_target"] = "-5"


def _negative_classes(document):
    document["learner"]["learner_model_param"]["num_class"] = "-1"


def _start_is_no_number(document):
    document["learner"]["learner_model_param"]["base_score"] = "[nan]"


MUTATIONS = [
    _root_with_parent,
    _negative_parent,
    _foster_parent,
    _wide_leaves,
    _negative_leaves,
    _number_twice,
    _negative_targets,
    _negative_classes,
    _start_is_no_number,
]


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda f: f.__name__.strip("_"))
def test_a_value_that_crashes_xgboost_is_refused_by_the_review(document, mutate):
    damaged = copy.deepcopy(document)
    mutate(damaged)
    with pytest.raises(RefusedModel) as caught:
        review(json.dumps(damaged).encode())
    assert caught.value.code == "damaged_model"


def test_the_same_document_unchanged_is_accepted(document):
    content = json.dumps(document).encode()
    review(content)
    assert load(content).info.family == "XGBoost, 3 trees"


def test_a_start_outside_0_to_1_is_refused_when_xgboost_settles_its_settings(document):
    damaged = copy.deepcopy(document)
    damaged["learner"]["learner_model_param"]["base_score"] = "[-5E0]"
    content = json.dumps(damaged).encode()
    review(content)
    with pytest.raises(RefusedModel):
        load(content)


@pytest.mark.parametrize(
    "params", [{"tree_method": "exact", "gamma": 3}, {"booster": "dart", "rate_drop": 0.3}], ids=str
)
def test_pruned_trees_and_dart_keep_links_that_hold(params):
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(300, 4))
    data = xgboost.DMatrix(rows, label=rows[:, 0] + rng.normal(size=300) > 0)
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1, **params}, data, 10)
    for form in ("json", "ubj"):
        review(bytes(booster.save_raw(form)))
