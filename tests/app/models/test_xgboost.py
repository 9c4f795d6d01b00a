from __future__ import annotations

import json
import pickle  # noqa: TID251 - to build what must be refused

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice, MissingColumn, RaiError, RefusedModel
from rai_dash.models._xgboost.review import review
from rai_dash.models._xgboost.ubjson import read_ubjson
from rai_dash.models.client import load_model


@pytest.mark.parametrize("kind", ["ubj", "json"])
def test_scores_equal_the_library_bit_for_bit_in_any_order_of_columns(kind, saved, booster, loans):
    frame = loans[0]

    with load_model(saved[kind]) as model:
        score = model.score(frame[frame.columns[::-1]]).scores

    assert np.array_equal(score, booster[1])
    assert model.info.features[2].categories == ("clerk", "cook", "driver")


def test_the_other_class_gives_the_complement(saved, booster, loans):
    with load_model(saved["ubj"], model_class="0") as model:
        score = model.score(loans[0]).scores

    assert np.array_equal(score, 1.0 - booster[1])


def test_a_missing_column_is_named_with_the_closest_one(saved, loans):
    with (
        load_model(saved["ubj"]) as model,
        pytest.raises(MissingColumn, match=r"`income`.*Closest names here: `incomes`"),
    ):
        model.score(loans[0].rename(columns={"income": "incomes"}))


def test_a_category_never_seen_is_counted_and_scored_as_missing(saved, booster, loans):
    import xgboost

    frame = loans[0].head(9).copy()
    frame.loc[[1, 4], "job"] = "pilot"
    typed = loans[0].astype({"job": "category", "home": "category"}).head(9)
    typed.loc[[1, 4], "job"] = np.nan
    data = xgboost.DMatrix(typed, enable_categorical=True)

    with load_model(saved["ubj"]) as model:
        found = model.score(frame)

    assert [(n.code, n.column, n.rows) for n in found.notices] == [("unseen_category", "job", 2)]
    assert np.array_equal(found.scores, booster[0].get_booster().predict(data).astype(np.float64))


def test_text_where_the_model_takes_numbers_is_refused_by_name(saved, loans):
    frame = loans[0].assign(age="old")

    with load_model(saved["ubj"]) as model, pytest.raises(InvalidChoice, match="numbers in `age`"):
        model.score(frame)


def test_the_ubjson_reader_equals_the_json_of_the_same_model(saved):
    ours, theirs = read_ubjson(saved["ubj"]), json.loads(saved["json"])

    assert ours["learner"]["feature_names"] == theirs["learner"]["feature_names"]
    first = [m["learner"]["gradient_booster"]["model"]["trees"][0] for m in (ours, theirs)]
    for name in ("left_children", "right_children", "split_indices", "categories"):
        assert list(first[0][name]) == first[1][name]


def _damaged(saved, change):
    model = json.loads(saved["json"])
    change(model["learner"])
    return json.dumps(model).encode()


def _tree(learner):
    return learner["gradient_booster"]["model"]["trees"][0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: _tree(m)["left_children"].__setitem__(0, 9999), "outside the tree"),
        (lambda m: _tree(m)["left_children"].__setitem__(1, 0), "outside the tree"),
        (lambda m: _tree(m)["split_indices"].__setitem__(0, 500), "does not have"),
        (lambda m: _tree(m)["split_conditions"].pop(), "declares"),
        (lambda m: _tree(m)["categories_sizes"].append(10**6), "category table"),
        (lambda m: m["objective"].__setitem__("name", "reg:squarederror"), "no probabilities"),
        (lambda m: m["objective"].__setitem__("name", "multi:softprob"), "two classes"),
        (lambda m: m["gradient_booster"].__setitem__("name", "gblinear"), "only trees are read here"),
        (lambda m: m.pop("learner_model_param"), "missing"),
    ],
)
def test_a_file_that_would_harm_the_library_is_refused_before_it_sees_it(saved, change, words):
    with pytest.raises(RefusedModel, match=words):
        review(_damaged(saved, change))


@pytest.mark.parametrize("cut", [1, 10, 100, 1000, -1])
def test_a_truncated_file_is_refused(saved, cut):
    for content in saved.values():
        with pytest.raises(RefusedModel):
            review(content[:cut])


def test_random_damage_never_reaches_the_caller_as_anything_but_a_refusal(saved, loans):
    rng = np.random.default_rng(0)
    for _ in range(12):
        content = bytearray(saved["ubj"])
        for place in rng.integers(0, len(content), 3):
            content[place] = rng.integers(0, 256)
        try:
            with load_model(bytes(content)) as model:
                score = model.score(loans[0].head(5)).scores
        except RaiError:
            continue
        assert np.isfinite(score).all()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps({"a": 1}, protocol=4), "pickle"),
        (b"\x1f\x8b\x08\x00rest", "compressed"),
        (b"tree\nversion=v4\n", "LightGBM"),
        (b"PK\x03\x04" + b"x" * 50, "zip archive"),
        (b"", "empty"),
        (b"a,b\n1,2\n", "not a model file"),
        (b"<html>", "web page"),
    ],
)
def test_what_is_no_model_is_named_as_what_it_is(content, words):
    with pytest.raises(RefusedModel, match=words):
        load_model(content)
