"""Parts of a skops file that contradict each other: native code would read or write outside, so they are refused."""

from __future__ import annotations

import io
import json
import warnings
import zipfile

import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
import xgboost
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, SplineTransformer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from rai_dash.core.errors import RefusedModel
from rai_dash.models._skops.review import review
from rai_dash.models.skops_format import load
from tests.unit.models.skops_families import one_thread

__all__ = ["one_thread"]

RNG = np.random.default_rng(2)
ROWS = pd.DataFrame({"a": RNG.normal(size=120), "b": RNG.integers(0, 4, 120), "c": RNG.normal(size=120)})
LABEL = ((ROWS["a"] + ROWS["b"]) > 1.5).astype(int)


def fitted(*steps):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (make_pipeline(*steps) if len(steps) > 1 else steps[0]).fit(ROWS, LABEL)


def last(model):
    return model.steps[-1][1] if hasattr(model, "steps") else model


def saved(model, change=None):
    if change is not None:
        change(last(model))
    return skops.io.dumps(model)


def with_schema(content, change):
    """Write a file again with another schema."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            if name == "schema.json":
                schema = json.loads(raw)
                raw = json.dumps(change(schema) or schema).encode()
            new.writestr(name, raw)
    return out.getvalue()


def machine():
    return fitted(SVC(probability=True))


def put(name, value):
    return lambda part: setattr(part, name, value)


def shorten(name):
    return lambda part: setattr(part, name, np.ascontiguousarray(getattr(part, name)[..., :-1]))


@pytest.mark.parametrize(
    "change",
    [
        put("_n_support", np.array([10**6, 0], dtype=np.int32)),
        put("_n_support", np.array([-5, 200], dtype=np.int32)),
        put("_n_support", np.array([1], dtype=np.int32)),
        shorten("_dual_coef_"),
        shorten("support_vectors_"),
        shorten("support_"),
        put("_intercept_", np.zeros(0)),
        put("_probA", np.zeros(0)),
        put("kernel", "precomputed"),
    ],
)
def test_support_vectors_that_contradict_their_counts_are_refused(change):
    load(saved(machine()))
    with pytest.raises(RefusedModel, match="support vectors contradict"):
        load(saved(machine(), change))


def far_label(part):
    part._y = part._y + 10**6


def weighted(part):
    state = list(part._tree.__getstate__())
    distance = type(state[11]).__new__(type(state[11]))
    distance.__setstate__((3.0, np.ones(1), np.zeros((1, 1))))
    state[11] = distance
    part._tree.__setstate__(tuple(state))


def more_nodes(part):
    state = list(part._tree.__getstate__())
    state[6] += 50
    part._tree.__setstate__(tuple(state))


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        ({"algorithm": "brute"}, far_label),
        ({"algorithm": "brute"}, shorten("_fit_X")),
        ({"algorithm": "brute"}, put("effective_metric_", np.log)),
        ({"algorithm": "kd_tree"}, shorten("_fit_X")),
        ({"algorithm": "kd_tree"}, more_nodes),
        ({"algorithm": "ball_tree", "p": 3}, weighted),
    ],
)
def test_neighbours_that_contradict_their_rows_are_refused(settings, change):
    model = fitted(KNeighborsClassifier(**settings))
    load(saved(model))
    with pytest.raises(RefusedModel, match="damaged"):
        load(saved(model, change))


def fewer_columns(part):
    part.n_features_in_, part.feature_names_in_ = 1, part.feature_names_in_[:1]


def two_columns_of_trees(part):
    part.estimators_ = np.hstack([part.estimators_, part.estimators_])


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (DecisionTreeClassifier(max_depth=3), fewer_columns),
        (RandomForestClassifier(2, max_depth=3), fewer_columns),
        (GradientBoostingClassifier(n_estimators=2), fewer_columns),
        (GradientBoostingClassifier(n_estimators=2), two_columns_of_trees),
        (HistGradientBoostingClassifier(max_iter=2), fewer_columns),
        (HistGradientBoostingClassifier(max_iter=2), put("_in_fit", 1)),
    ],
)
def test_trees_for_other_columns_or_classes_are_refused(model, change):
    load(saved(fitted(model)))
    with pytest.raises(RefusedModel, match="damaged"):
        load(saved(fitted(model), change))


def test_a_damaged_tree_in_a_part_that_is_no_tree_is_refused():
    model = fitted(GradientBoostingClassifier(n_estimators=2))
    inner = model.estimators_[0, 0]
    state = inner.tree_.__getstate__()
    state["nodes"]["left_child"][0] = 0
    inner.tree_.__setstate__(state)
    other = fitted(LogisticRegression())
    other.tree_ = inner.tree_
    model.estimators_[0, 0] = other
    with pytest.raises(RefusedModel, match="points outside itself"):
        load(saved(model))


def no_categories(part):
    part._bin_mapper.is_categorical_ = np.zeros(3, dtype=np.uint8)


def short_thresholds(part):
    part._bin_mapper.bin_thresholds_ = part._bin_mapper.bin_thresholds_[:1]


def far_codes(part):
    part._bin_mapper.bin_thresholds_[0] = np.array([0.0, 4000.0])


def no_tables(part):
    for (tree,) in part._predictors:
        tree.raw_left_cat_bitsets = tree.raw_left_cat_bitsets[:0]


def narrow_preparation(part):
    part._preprocessor.transformers_ = part._preprocessor.transformers_[:1]


@pytest.mark.parametrize(
    "change", [no_categories, short_thresholds, far_codes, no_tables, narrow_preparation]
)
def test_categories_of_histogram_boosting_that_contradict_each_other_are_refused(change):
    model = HistGradientBoostingClassifier(max_iter=3, categorical_features=[False, True, False])
    load(saved(fitted(model)))
    with pytest.raises(RefusedModel, match="damaged"):
        load(saved(fitted(model), change))


def no_mapping(part):
    part._default_to_infrequent_mappings[0] = None


def not_grouped(part):
    part._infrequent_enabled = False


def far_mapping(part):
    part._default_to_infrequent_mappings[0] = part._default_to_infrequent_mappings[0] + 10**6


@pytest.mark.parametrize(
    ("settings", "change"),
    [
        ({}, put("_n_features_outs", [1, 1, 1])),
        ({"drop": "first"}, put("_drop_idx_after_grouping", np.array([10**4, 0, 0], dtype=object))),
        ({"min_frequency": 0.05}, far_mapping),
        ({"min_frequency": 0.05}, no_mapping),
        ({"min_frequency": 0.05}, not_grouped),
    ],
)
def test_an_encoder_whose_categories_have_no_columns_is_refused(settings, change):
    model = fitted(OneHotEncoder(handle_unknown="ignore", **settings), LogisticRegression())
    load(saved(model))
    change(model.steps[0][1])
    with pytest.raises(RefusedModel, match="categories of an encoder"):
        load(saved(model))


def test_a_spline_with_too_few_weights_is_refused():
    model = fitted(SplineTransformer(n_knots=4), LogisticRegression())
    load(saved(model))
    spline = model.steps[0][1].bsplines_[0]
    spline._c = spline._c[:2]
    with pytest.raises(RefusedModel, match="fewer weights"):
        load(saved(model))


def test_products_beyond_any_use_are_refused():
    model = fitted(PolynomialFeatures(2), LogisticRegression())
    model.steps[0][1]._max_degree = 40
    with pytest.raises(RefusedModel, match="degree 10"):
        load(saved(model))


def behind_the_reserve(source):
    state = source.get_state(legacy=False)
    state["state"]["pos"] = 10**6
    source.set_state(state)
    return source


def test_random_numbers_from_behind_their_reserve_are_refused():
    forest = fitted(RandomForestClassifier(2, max_depth=2))
    forest.random_state = behind_the_reserve(np.random.RandomState(1))
    with pytest.raises(RefusedModel, match="random numbers"):
        load(saved(forest))
    generator = np.random.Generator(np.random.Philox(1))
    generator.bit_generator.state = generator.bit_generator.state | {"buffer_pos": 10**5}
    forest.random_state = generator
    with pytest.raises(RefusedModel, match="random numbers"):
        load(saved(forest))
    forest.random_state = np.random.default_rng(1)
    load(saved(forest))


def test_a_sparse_matrix_that_points_outside_is_refused():
    model = fitted(LogisticRegression()).sparsify()
    load(saved(model))
    model.coef_.indices[-1] = 10**7
    with pytest.raises(RefusedModel, match="damaged"):
        load(saved(model))


def test_a_stack_that_asks_for_something_else_than_a_vote_is_refused():
    stack = fitted(StackingClassifier([("g", GaussianNB())], LogisticRegression(), cv=2))
    stack.stack_method_ = ["set_params"]
    with pytest.raises(RefusedModel, match="than a vote"):
        load(saved(stack))


def test_an_attribute_in_the_place_of_a_method_is_refused():
    model = fitted(LogisticRegression())
    model.predict_proba = np.exp
    with pytest.raises(RefusedModel, match="place of a method"):
        load(saved(model))


def node_of(schema, name):
    """Find the first node of a type."""
    waiting = [schema]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if found.get("__class__") == name:
                return found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    raise AssertionError(name)


@pytest.mark.parametrize("count", ["1000000000", "-1", "true", "1.5", "null"])
@pytest.mark.parametrize("place", ["node_count", "outputs", "max_depth"])
def test_a_tree_that_declares_another_size_is_refused_before_it_is_built(place, count):
    def change(schema):
        tree = node_of(schema, "Tree")
        held = tree["content"]["content"]
        node = tree["__reduce__"]["args"]["content"][2] if place == "outputs" else held[place]
        node["content"] = count

    with pytest.raises(RefusedModel, match="another size"):
        review(with_schema(saved(fitted(DecisionTreeClassifier(max_depth=3))), change))


def test_a_part_that_stands_for_another_is_loaded_as_it_was_reviewed():
    # The count of outputs takes the id of another number: by ids the library would build 10**9 outputs.
    def change(schema):
        args = node_of(schema, "Tree")["__reduce__"]["args"]["content"]
        schema["content"]["content"] = {
            "first": dict(args[0], content=str(10**9), __id__=77),
            **schema["content"]["content"],
        }
        kinds = schema["content"]["key_types"]["content"]
        kinds.append(dict(kinds[0]))
        args[2]["__id__"] = 77

    model = fitted(DecisionTreeClassifier(max_depth=3))
    found = load(with_schema(saved(model), change))
    assert np.array_equal(found.probability(ROWS), model.predict_proba(ROWS)[:, 1])


@pytest.mark.parametrize("depth", [1, 40])
def test_parts_that_refer_to_each_other_neither_circle_nor_unfold(depth):
    def change(schema):
        inner = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode", "content": []}
        again = inner | {"__id__": 1}
        node = inner | {"__id__": 1, "content": [again, again]}
        for place in range(2, depth + 1):
            again = inner | {"__id__": place}
            node = inner | {"__id__": place, "content": [node, again]}
        schema["content"]["content"]["further"] = node
        kinds = schema["content"]["key_types"]["content"]
        kinds.append(dict(kinds[0]))

    model = fitted(LogisticRegression())
    found = load(with_schema(saved(model), change))
    assert np.array_equal(found.probability(ROWS), model.predict_proba(ROWS)[:, 1])


def test_settings_of_lightgbm_that_switch_checks_off_or_name_files_are_dropped():
    settings = {"predict_disable_shape_check": True, "input_model": "x.txt", "bagging_seed": 4}
    model = fitted(lightgbm.LGBMClassifier(n_estimators=2, verbose=-1, n_jobs=4, **settings))
    native = load(saved(model)).native
    assert native._other_params == {"bagging_seed": 4, "verbose": -1}
    assert not {"predict_disable_shape_check", "input_model"} & set(native.get_params())
    assert native.n_jobs == 1
    assert np.array_equal(native.predict_proba(ROWS), model.predict_proba(ROWS))


@pytest.mark.parametrize(
    "change",
    [
        put("boosting_type", "gbdt predict_disable_shape_check=true"),
        put("_objective", "binary\tpredict_disable_shape_check=true"),
        put("_other_params", {"metric": ["auc", "auc predict_disable_shape_check=true"]}),
        put("_n_features", 2),
    ],
)
def test_settings_of_lightgbm_that_hold_more_than_one_value_are_refused(change):
    def build():
        return fitted(lightgbm.LGBMClassifier(n_estimators=2, verbose=-1, n_jobs=1))

    load(saved(build()))
    with pytest.raises(RefusedModel, match="LightGBM"):
        load(saved(build(), change))


def lose(field, *, value=None):
    def change(schema):
        held = node_of(schema, "Booster")["content"]["content"]
        held[field] = held[field] | ({} if value is None else {"content": value})
        if value is None:
            held[field] = {
                "__class__": "str",
                "__module__": "builtins",
                "__loader__": "JsonNode",
                "content": "null",
            }

    return change


def test_a_booster_that_is_missing_is_refused_before_the_library_asks_for_it():
    light = saved(fitted(lightgbm.LGBMClassifier(n_estimators=2, verbose=-1)))
    with pytest.raises(RefusedModel, match="LightGBM model is missing"):
        review(with_schema(light, lose("_handle")))
    with pytest.raises(RefusedModel, match="LightGBM"):
        review(with_schema(light, lose("_handle", value=json.dumps("tree\nversion=v4\n"))))
    extreme = saved(fitted(xgboost.XGBClassifier(n_estimators=2, max_depth=2)))
    with pytest.raises(RefusedModel, match="damaged"):
        review(with_schema(extreme, lose("handle")))
