"""LightGBM files against LightGBM itself."""

from __future__ import annotations

import json
import re
import sys

import lightgbm
import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import InvalidChoice, MissingColumn, RefusedModel
from rai_dash.models.lightgbm_format import load, review
from rai_dash.models.sniff import accepted_format
from rai_dash.models.unseen import find_unseen

SETTINGS = {"n_estimators": 20, "num_leaves": 8, "min_child_samples": 5, "n_jobs": 1, "verbose": -1}


def as_categories(frame, names):
    return frame.assign(**{name: pd.Categorical(frame[name]) for name in names})


def saved(model):
    return getattr(model, "booster_", model).model_to_string().encode()


def opened(content):
    review(content)
    return load(content)


def fit(frame, target, **params):
    return lightgbm.LGBMClassifier(**{**SETTINGS, **params}).fit(frame, target)


def trained(rows, label, rounds=5, **params):
    settings = {"objective": "binary", "num_threads": 1, "verbose": -1, "min_data_in_leaf": 5, **params}
    return lightgbm.train(settings, lightgbm.Dataset(rows, label), rounds)


@pytest.fixture(scope="module")
def classifier(toy):
    return fit(as_categories(toy[0], ["home", "code"]), toy[1])


@pytest.fixture(scope="module")
def plain():
    """A table of numbers only, with blanks."""
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(300, 3))
    label = (rows[:, 0] + rng.normal(size=300) > 0).astype(int)
    rows[rng.random(rows.shape) < 0.1] = np.nan
    return rows, label


def test_categories_with_blanks_score_as_lightgbm_does_bit_for_bit_in_any_order_of_columns(german):
    frame, target = german
    text = list(frame.columns[frame.dtypes == "str"])
    typed = as_categories(frame, text)
    classifier = fit(typed, target == "good", cat_smooth=1, min_data_per_group=5)
    model = opened(saved(classifier))
    table = frame[frame.columns[::-1]].assign(extra=1)
    assert any(" " in c for f in model.info.features for c in f.categories)
    assert [f.name for f in model.info.features if f.kind == "category"] == text
    assert np.array_equal(model.probability(table), classifier.predict_proba(typed)[:, 1])
    assert np.array_equal(model.probability(table.tail(1)), classifier.predict_proba(typed.tail(1))[:, 1])


def test_text_that_starts_with_a_blank_scores_as_lightgbm_does(shared):
    frame = pd.read_csv(shared / "data" / "census-loan" / "census.csv.gz", index_col=0).head(4000)
    rows = as_categories(frame.drop(columns="loan"), [])
    typed = as_categories(rows, list(rows.columns[rows.dtypes == "str"]))
    classifier = fit(typed, frame["loan"] == " >50K")
    model = opened(saved(classifier))
    assert "Private" in model.info.features[1].categories
    assert np.array_equal(model.probability(rows), classifier.predict_proba(typed)[:, 1])
    assert find_unseen(rows, model.info.features).notices == ()


def test_numbers_with_blanks_score_as_lightgbm_does(shared):
    frame = pd.read_csv(shared / "data" / "boston-mortgage" / "loanapp.csv.gz")
    rows = frame.drop(columns=["approve", "action", "reject"])
    classifier = fit(rows, frame["approve"])
    model = opened(saved(classifier))
    assert rows.isna().any(axis=None)
    assert np.array_equal(model.probability(rows), classifier.predict_proba(rows)[:, 1])


def test_categories_written_in_numbers_and_read_as_text_are_found_by_label(toy, classifier):
    direct = classifier.predict_proba(as_categories(toy[0], ["home", "code"]))[:, 1]
    model = opened(saved(classifier))
    assert model.info.features[2].categories == ("2", "7", "10")
    for kind in ("str", float, int):
        assert np.array_equal(model.probability(toy[0].astype({"code": kind})), direct)


def test_text_categories_that_look_like_numbers_are_found_in_a_table_of_numbers(toy):
    frame = toy[0].astype({"code": str})
    typed = as_categories(frame, ["home", "code"])
    classifier = fit(typed, toy[1])
    model = opened(saved(classifier))
    assert model.info.features[2].categories == ("10", "2", "7")
    assert np.array_equal(model.probability(toy[0]), classifier.predict_proba(typed)[:, 1])


def test_a_category_never_seen_is_counted_and_scores_as_a_blank_does(toy, classifier):
    model = opened(saved(classifier))
    table = toy[0].copy()
    table.loc[:4, "home"] = "castle"
    blank = as_categories(toy[0], ["home", "code"])
    blank.loc[:4, "home"] = np.nan
    assert np.array_equal(model.probability(table), classifier.predict_proba(blank)[:, 1])
    (notice,) = find_unseen(table, model.info.features).notices
    assert (notice.code, notice.column, notice.rows) == ("unseen_category", "home", 5)


def test_a_blank_takes_the_code_of_a_category_without_text(toy):
    frame = toy[0].assign(home=toy[0]["home"].where(toy[0]["home"] != "own", ""))
    typed = as_categories(frame, ["home"])
    classifier = fit(typed, toy[1])
    model = opened(saved(classifier))
    table = frame.assign(home=frame["home"].replace("", None))
    direct = classifier.predict_proba(typed)[:, 1]
    as_missing = typed.assign(home=typed["home"].cat.set_categories(["free", "rent"]))
    assert not np.array_equal(direct, classifier.predict_proba(as_missing)[:, 1])
    assert np.array_equal(model.probability(table), direct)


@pytest.mark.parametrize(
    "params",
    [
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5, "sigmoid": 2.0},
        {"boosting": "dart", "drop_rate": 0.5},
        {"boosting": "goss"},
        {"objective": "cross_entropy"},
        {"sigmoid": 0.7},
        {"monotone_constraints": [1, 0, -1]},
        {"min_data_in_leaf": 1000},
        {"max_depth": 1},
    ],
    ids=str,
)
def test_every_kind_of_boosting_gives_lightgbms_probability_and_its_log_odds(plain, params):
    booster = trained(*plain, **params)
    model = opened(saved(booster))
    model.rename(["a", "b", "c"])
    table = pd.DataFrame(plain[0], columns=["a", "b", "c"])
    direct = booster.predict(plain[0])
    assert np.array_equal(model.probability(table), direct)
    np.testing.assert_allclose(1 / (1 + np.exp(-model.margin(table))), direct, rtol=1e-12)


def test_whole_numbers_named_categories_pass_as_they_are(toy):
    rows = np.column_stack([toy[0]["pay"], toy[0]["code"]])
    data = lightgbm.Dataset(rows, toy[1], categorical_feature=[1], feature_name=["pay", "code"])
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 10)
    model = opened(saved(booster))
    table = toy[0].copy()
    table.loc[:3, "code"] = 5
    unseen = rows.copy()
    unseen[:4, 1] = np.nan
    assert (model.info.features[1].kind, model.info.features[1].categories) == ("category", ("2", "7", "10"))
    assert np.array_equal(model.probability(toy[0]), booster.predict(rows))
    assert np.array_equal(model.probability(table), booster.predict(unseen))
    assert [n.rows for n in find_unseen(table, model.info.features).notices] == [4]
    with pytest.raises(InvalidChoice, match="numbers in `code`"):
        model.probability(toy[0].astype({"code": "str"}))


def test_categories_with_an_order_and_a_constant_one_get_their_own_lists(toy):
    frame = toy[0].assign(
        grade=pd.Categorical(np.where(toy[1] == 1, "low", "high"), categories=["low", "high"], ordered=True),
        land=pd.Categorical(["here"] * len(toy[0])),
        pay=toy[0]["pay"] * 100,
    )
    typed = as_categories(frame, ["home"])[["grade", "pay", "land", "home"]]
    classifier = fit(typed, toy[1])
    model = opened(saved(classifier))
    assert [f.categories for f in model.info.features] == [
        ("low", "high"), (), ("here",), ("free", "own", "rent")
    ]  # fmt: skip
    table = typed.astype({"grade": "str", "land": "str", "home": "str"})
    assert np.array_equal(model.probability(table), classifier.predict_proba(typed)[:, 1])


def test_lists_that_fit_several_columns_are_refused_and_not_guessed(toy):
    frame = toy[0].assign(n=np.arange(300) % 2, m=np.arange(300) % 3 % 2)
    frame["grade"] = pd.Categorical(np.where(frame["n"] == 1, "a", "b"), ordered=True)
    content = saved(fit(frame[["n", "grade", "m"]], toy[1]))
    with pytest.raises(RefusedModel, match="cannot be told") as caught:
        opened(content)
    assert caught.value.code == "unclear_categories"


@pytest.mark.parametrize("values", [["a", " a", "b"], ["1.0", "1", "2"]])
def test_two_categories_that_read_the_same_are_refused(toy, values):
    frame = toy[0].assign(home=pd.Categorical(np.resize(values, 300)))
    with pytest.raises(RefusedModel, match="read the same") as caught:
        opened(saved(fit(frame, toy[1])))
    assert caught.value.code == "look_alike_categories"


def test_a_file_without_names_says_so_and_takes_given_ones(plain):
    booster = trained(*plain)
    model = opened(saved(booster))
    assert model.info.feature_names == ("Column_0", "Column_1", "Column_2")
    assert [n.code for n in model.info.warnings] == ["no_feature_names"]
    with pytest.raises(InvalidChoice, match="3 columns"):
        model.rename(["pay"])
    with pytest.raises(InvalidChoice):
        model.rename(["pay", "pay", "age"])
    model.rename(["pay", "age", "debt"])
    table = pd.DataFrame(plain[0], columns=["pay", "age", "debt"])[["debt", "pay", "age"]]
    assert model.info.warnings == ()
    assert np.array_equal(model.probability(table), booster.predict(plain[0]))


def test_names_that_lightgbm_wrote_otherwise_can_be_given_back(toy):
    frame = as_categories(toy[0], ["home"]).rename(columns={"home": "kind of home"})
    classifier = fit(frame, toy[1])
    model = opened(saved(classifier))
    assert model.info.feature_names == ("pay", "kind_of_home", "code")
    with pytest.raises(MissingColumn, match="kind_of_home"):
        model.probability(frame)
    model.rename(["pay", "kind of home", "code"])
    assert model.info.features[1].categories == ("free", "own", "rent")
    assert np.array_equal(model.probability(frame), classifier.predict_proba(frame)[:, 1])


@pytest.mark.parametrize("version", [b"v1", b"v5", b"4.7.0"])
def test_a_version_that_is_not_known_is_refused(classifier, version):
    with pytest.raises(RefusedModel, match=f"version `{version.decode()}`") as caught:
        review(saved(classifier).replace(b"version=v4", b"version=" + version))
    assert caught.value.code == "unsupported_model"


def test_a_file_as_version_2_wrote_it_scores_the_same(toy, classifier):
    content = saved(classifier)
    start, end = content.index(b"Tree=0"), content.index(b"end of trees")
    trees = re.sub(rb"(?m)^(?:leaf_weight|internal_weight|is_linear)=.*\n", b"", content[start:end])
    sizes = [len(block) for block in re.split(rb"(?m)^(?=Tree=)", trees)[1:]]
    head = content[:start].replace(b"version=v4", b"version=v2")
    head = re.sub(rb"(?m)^tree_sizes=.*$", b"tree_sizes=" + b" ".join(b"%d" % n for n in sizes), head)
    tail = (
        content[end:].replace(b"end of trees\n", b"").replace(b"feature_importances", b"feature importances")
    )
    model = opened(head + trees + tail)
    assert np.array_equal(model.probability(toy[0]), opened(content).probability(toy[0]))


def test_line_ends_and_marks_of_other_systems_change_nothing(toy, classifier):
    content = saved(classifier)
    for dressed in (content.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + content, content.rstrip(b"\n")):
        assert accepted_format(dressed) == "lightgbm"
        assert np.array_equal(opened(dressed).probability(toy[0]), opened(content).probability(toy[0]))


def test_text_in_a_column_of_numbers_is_refused_by_name(toy, classifier):
    model = opened(saved(classifier))
    with pytest.raises(InvalidChoice, match="numbers in `pay`"):
        model.probability(toy[0].assign(pay="much"))


def test_paths_and_addresses_among_the_parameters_never_reach_lightgbm(toy, classifier):
    content = saved(classifier)
    for name, value in {
        "data": "/etc/passwd",
        "machines": "192.0.2.1:80",
        "forcedsplits_filename": "/etc/passwd",
        "device_type": "cuda",
        "num_threads": "999999",
    }.items():
        content = re.sub(rb"(?m)^\[%s: .*\]$" % name.encode(), f"[{name}: {value}]".encode(), content)
    model = opened(content)
    assert model.native.booster.params == {}
    assert "passwd" not in model.native.booster.model_to_string()
    assert np.array_equal(model.probability(toy[0]), opened(saved(classifier)).probability(toy[0]))


def test_scoring_and_loading_print_nothing(toy, classifier, capfd):
    opened(saved(classifier)).probability(toy[0])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("params", "code", "said"),
    [
        ({"objective": "multiclass", "num_class": 3}, "multiclass", "more than two classes"),
        ({"objective": "multiclassova", "num_class": 2}, "multiclass", "more than two classes"),
        ({"objective": "regression"}, "no_probabilities", "`regression` and gives no probabilities"),
        ({"objective": "cross_entropy_lambda"}, "no_probabilities", "no probabilities"),
        ({"objective": "binary", "linear_tree": True}, "unsupported_model", "linear formula"),
    ],
    ids=str,
)
def test_what_is_no_plain_model_of_two_classes_is_refused_with_the_way_out(plain, params, code, said):
    label = np.arange(300) % params.get("num_class", 2)
    with pytest.raises(RefusedModel, match=said) as caught:
        review(saved(trained(np.nan_to_num(plain[0]), label, **params)))
    assert caught.value.code == code


def test_a_loss_of_ones_own_is_refused(plain):
    def squared(scores, data):
        return scores - data.get_label(), np.ones_like(scores)

    with pytest.raises(RefusedModel, match="a loss of its own") as caught:
        review(saved(trained(*plain, objective=squared)))
    assert caught.value.code == "no_probabilities"


def test_the_missing_system_library_is_named(monkeypatch, classifier):
    class Broken:
        def find_spec(self, name, *_):
            if name == "lightgbm":
                raise OSError

    monkeypatch.delitem(sys.modules, "lightgbm")
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(RefusedModel, match="libgomp1") as caught:
        load(saved(classifier))
    assert caught.value.code == "missing_library"


def test_the_stored_categories_are_those_of_the_file(classifier):
    content = saved(classifier)
    listed = json.loads(content.split(b"pandas_categorical:")[1])
    model = opened(content)
    assert [list(f.categories) for f in model.info.features if f.kind == "category"] == [
        [str(value) for value in values] for values in listed
    ]
