"""What a skops model knows of its columns, and what is said of a model that is not quite one."""

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
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, TargetEncoder

from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.models.skops_format import load
from rai_dash.models.unseen import find_unseen
from tests.unit.models.skops_families import one_thread

__all__ = ["one_thread"]

RNG = np.random.default_rng(5)
N = 240
TABLE = pd.DataFrame(
    {
        "pay": RNG.normal(size=N).round(3),
        "home": RNG.choice(["rent", "own", "free"], N),
        "code": RNG.choice([10, 2, 7], N),
        "member": RNG.choice([True, False], N),
    }
)
TABLE.loc[::11, "home"] = None
TABLE.loc[::13, "pay"] = np.nan
LABEL = ((TABLE["pay"].fillna(0) + (TABLE["home"] == "own") - (TABLE["code"] == 7)) > 0.3).astype(int)
WORDS = ["home", "code", "member"]
ENCODERS = {
    "one-hot": OneHotEncoder(handle_unknown="ignore"),
    "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    "target": TargetEncoder(cv=2),
}


def opened(model):
    return load(skops.io.dumps(model))


def prepared(encoder, columns=WORDS):
    return ColumnTransformer(
        [("t", encoder, columns), ("n", SimpleImputer(), [c for c in TABLE if c not in columns])]
    )


def typed(frame, columns=WORDS):
    return frame.astype(dict.fromkeys(columns, "category"))


def native():
    """Models that take pandas categories themselves."""
    quiet = {"verbose": -1, "n_jobs": 1}
    return {
        "histogram": HistGradientBoostingClassifier(max_iter=4, categorical_features="from_dtype"),
        "LightGBM": lightgbm.LGBMClassifier(n_estimators=6, min_data_per_group=1, cat_smooth=1, **quiet),
        "XGBoost": xgboost.XGBClassifier(n_estimators=6, max_depth=3, enable_categorical=True, n_jobs=1),
    }


@pytest.mark.parametrize("name", ["histogram", "LightGBM", "XGBoost"])
def test_pandas_categories_are_found_in_the_order_of_training_and_scored_bit_for_bit(name):
    # Ordered by hand, so that the order of the table as read or of the alphabet is another one.
    rows = TABLE.assign(
        home=pd.Categorical(TABLE["home"], ["rent", "free", "own"], ordered=name == "histogram")
    )
    rows["code"] = rows["code"].astype("category")
    rows = rows.drop(columns="member")
    fitted = native()[name].fit(rows, LABEL)
    model = opened(fitted)

    assert np.array_equal(model.probability(TABLE), fitted.predict_proba(rows)[:, 1])
    part = TABLE[TABLE["home"] == "own"].head(9)
    assert np.array_equal(model.probability(part), fitted.predict_proba(rows.loc[part.index])[:, 1])
    assert np.array_equal(
        model.probability(TABLE.assign(code=TABLE["code"].astype("str"))), model.probability(TABLE)
    )
    assert {f.name: set(f.categories) for f in model.info.features} == {
        "pay": set(),
        "home": {"rent", "free", "own"},
        "code": {"2", "7", "10"},
    }


@pytest.mark.parametrize("name", ["one-hot", "ordinal", "target", "histogram", "LightGBM", "XGBoost"])
def test_values_never_seen_are_counted_for_every_encoder(name):
    if name in ENCODERS:
        fitted = make_pipeline(prepared(ENCODERS[name]), LogisticRegression()).fit(TABLE, LABEL)
    else:
        fitted = native()[name].fit(typed(TABLE, ["home", "code"]), LABEL)
    model = opened(fitted)
    changed = TABLE.assign(code=TABLE["code"].where(TABLE.index >= 5, 99))
    changed.loc[3:9, "home"] = "castle"

    found = {n.column: n.rows for n in find_unseen(changed, model.info.features).notices}

    assert found == {"home": 7, "code": 5}
    assert np.isfinite(model.probability(changed)).all()
    assert find_unseen(TABLE, model.info.features).notices == ()


@pytest.mark.parametrize("name", list(ENCODERS))
@pytest.mark.parametrize("dress", ["str", "object", "category"])
def test_numbers_and_flags_as_text_in_training_are_found_in_a_table_of_numbers(name, dress):
    as_text = TABLE.assign(**{c: TABLE[c].astype("str").astype(dress) for c in ("code", "member")})
    fitted = make_pipeline(prepared(ENCODERS[name]), LogisticRegression()).fit(as_text, LABEL)
    model = opened(fitted)

    assert np.array_equal(model.probability(TABLE), fitted.predict_proba(as_text)[:, 1])
    assert np.array_equal(model.probability(as_text), fitted.predict_proba(as_text)[:, 1])
    assert find_unseen(TABLE, model.info.features).notices == ()


def numbers():
    return np.column_stack([TABLE["pay"].fillna(0), TABLE["code"], TABLE["member"]]).astype(np.float64)


def test_a_model_trained_without_names_takes_f0_f1_or_the_names_given():
    forest = RandomForestClassifier(4, max_depth=4, random_state=0).fit(numbers(), LABEL)
    direct = forest.predict_proba(numbers())[:, 1]
    model = opened(forest)
    assert model.info.feature_names == ("f0", "f1", "f2")
    assert [n.code for n in model.info.warnings] == ["no_feature_names"]
    assert np.array_equal(model.probability(pd.DataFrame(numbers(), columns=["f0", "f1", "f2"])), direct)

    model.rename(["pay", "code", "member"])

    assert model.info.feature_names == ("pay", "code", "member")
    assert model.info.warnings == ()
    assert np.array_equal(model.probability(TABLE.assign(pay=TABLE["pay"].fillna(0))), direct)
    for wrong in (["a", "b"], ["a", "a", "b"]):
        with pytest.raises(InvalidChoice, match="do not fit"):
            model.rename(wrong)


def test_names_of_a_model_that_has_some_stay():
    model = opened(make_pipeline(prepared(ENCODERS["one-hot"]), LogisticRegression()).fit(TABLE, LABEL))
    model.rename(list(TABLE.columns))
    with pytest.raises(InvalidChoice, match="do not fit"):
        model.rename(["a", "b", "c", "d"])


def test_encoders_of_a_model_trained_without_names_keep_their_categories():
    rows = TABLE.to_numpy(dtype=object)
    encode = ColumnTransformer([("t", ENCODERS["one-hot"], [1, 2, 3]), ("n", SimpleImputer(), [0])])
    # A second preparation behind the first one sees other columns, and says nothing about these.
    second = ColumnTransformer(
        [("b", OneHotEncoder(handle_unknown="ignore"), [0, 1])], remainder="passthrough"
    )
    fitted = make_pipeline(encode, second, LogisticRegression()).fit(rows, LABEL)
    model = opened(fitted)
    model.rename(list(TABLE.columns))

    assert {f.name: set(f.categories) for f in model.info.features} == {
        "pay": set(),
        "home": {"free", "own", "rent"},
        "code": {"2", "7", "10"},
        "member": {"True", "False"},
    }
    assert np.array_equal(model.probability(TABLE), fitted.predict_proba(rows)[:, 1])


@pytest.mark.parametrize(
    "label", [LABEL, LABEL == 1, LABEL.map({0: "no", 1: "yes"}), LABEL.map({0: 1.0, 1: 2.0})]
)
def test_class_labels_of_any_kind_survive(label):
    model = opened(LogisticRegression().fit(TABLE[["code"]], label))
    known = {"no": ("no", "yes"), False: ("False", "True"), 1.0: ("1", "2")}
    assert model.info.classes == known.get(label.min() if label.dtype != np.int64 else None, ("0", "1"))


def test_a_threshold_of_the_models_own_is_said_to_be_unused_wherever_it_stands():
    inner = make_pipeline(prepared(ENCODERS["one-hot"]), LogisticRegression())
    alone = FixedThresholdClassifier(inner, threshold=0.2).fit(TABLE, LABEL)
    behind = make_pipeline(
        prepared(ENCODERS["one-hot"]), FixedThresholdClassifier(LogisticRegression(), threshold=0.2)
    ).fit(TABLE, LABEL)
    searched = GridSearchCV(behind, {"fixedthresholdclassifier__threshold": [0.1, 0.3]}, cv=2).fit(
        TABLE, LABEL
    )
    for fitted in (alone, behind, searched):
        model = opened(fitted)
        assert [n.code for n in model.info.warnings] == ["own_threshold"]
        assert np.array_equal(model.probability(TABLE), fitted.predict_proba(TABLE)[:, 1])


def test_another_version_of_scikit_learn_is_named():
    content = skops.io.dumps(LogisticRegression().fit(TABLE[["code"]], LABEL))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            if name == "schema.json":
                schema = json.loads(raw)
                schema["content"]["content"]["_sklearn_version"]["content"] = '"1.7.2"'
                raw = json.dumps(schema).encode()
            new.writestr(name, raw)
    (notice,) = load(out.getvalue()).info.warnings
    assert notice.code == "other_version"
    assert "scikit-learn 1.7.2 and opened with" in notice.message


def broken(change):
    model = LogisticRegression().fit(TABLE[["code", "member"]], LABEL)
    change(model)
    return model


def no_numbers(model):
    model.coef_[:] = np.nan


def other_shape(model):
    model.coef_ = model.coef_[:, :1]


def lost(model):
    del model.coef_


def doubled(model):
    model.feature_names_in_[:] = "code"


def broken_pipeline(steps):
    model = make_pipeline(SimpleImputer(), LogisticRegression()).fit(TABLE[["code"]], LABEL)
    model.steps = steps
    return model


def untrained_search():
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2, refit=False)
    return search.fit(TABLE[["code"]], LABEL)


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda: broken(no_numbers), "no_number"),
        (lambda: broken(other_shape), "damaged_model"),
        (lambda: broken(lost), "damaged_model"),
        (lambda: broken(doubled), "damaged_model"),
        (lambda: broken_pipeline(list), "damaged_model"),
        (LogisticRegression, "not_fitted"),
        (untrained_search, "not_fitted"),
        (lambda: OneHotEncoder().fit(TABLE[["code"]]), "no_probabilities"),
        (lambda: CalibratedClassifierCV(LogisticRegression(), cv=2), "not_fitted"),
    ],
)
def test_a_model_that_cannot_answer_is_refused_when_it_is_loaded(build, code):
    with pytest.raises(RefusedModel) as caught:
        opened(build())
    assert caught.value.code == code


def test_a_step_with_a_range_of_its_own_does_not_speak_against_a_model():
    rows = TABLE[["code"]].astype(float)
    fitted = make_pipeline(FunctionTransformer(np.log), LogisticRegression()).fit(rows, LABEL)
    assert np.array_equal(opened(fitted).probability(rows), fitted.predict_proba(rows)[:, 1])


def test_a_loaded_model_trains_again_with_the_names_it_was_given():
    model = opened(RandomForestClassifier(3, max_depth=3, random_state=0).fit(numbers(), LABEL))
    model.rename(["pay", "code", "member"])
    rows = model.matrix(TABLE.assign(pay=TABLE["pay"].fillna(0)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = model.native.fit(rows, LABEL)
    assert list(again.feature_names_in_) == ["pay", "code", "member"]
