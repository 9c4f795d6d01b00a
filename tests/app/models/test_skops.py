from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice, MissingColumn, RefusedModel
from rai_dash.models._skops.review import review
from rai_dash.models.client import load_model


def _prepare(frame, encoder):
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    text = ["job", "home"]
    numbers = [c for c in frame if c not in text]
    return ColumnTransformer(
        [("n", make_pipeline(SimpleImputer(), StandardScaler()), numbers), ("t", encoder, text)]
    )


def _pipelines():
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, StackingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

    one_hot, ordinal = OneHotEncoder(handle_unknown="ignore", sparse_output=False), OrdinalEncoder()
    forest = RandomForestClassifier(10, random_state=0)
    return {
        "logistic": (one_hot, LogisticRegression()),
        "boosting": (ordinal, HistGradientBoostingClassifier(max_iter=10)),
        "forest": (one_hot, forest),
        "network": (one_hot, MLPClassifier((5,), max_iter=30, random_state=0)),
        "calibrated": (one_hot, CalibratedClassifierCV(LogisticRegression(), cv=3)),
        "stacked": (one_hot, StackingClassifier([("f", forest), ("l", LogisticRegression())], cv=3)),
    }


@pytest.fixture(scope="module")
def fitted(loans):
    import warnings

    from sklearn.pipeline import make_pipeline

    frame, label = loans
    out = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (encoder, estimator) in _pipelines().items():
            out[name] = make_pipeline(_prepare(frame, encoder), estimator).fit(frame, label)
    return out


@pytest.mark.parametrize("name", ["logistic", "boosting", "forest", "network", "calibrated", "stacked"])
def test_scores_equal_scikit_learn_bit_for_bit(name, fitted, loans):
    import skops.io

    frame, _ = loans
    expected = fitted[name].predict_proba(frame)

    with load_model(skops.io.dumps(fitted[name]), favourable=["good"]) as model:
        score = model.score(frame[frame.columns[::-1]]).scores

    assert model.model_class == "good"
    assert np.array_equal(score, expected[:, 1])


def test_labels_decide_which_class_is_favourable(fitted, loans):
    import skops.io

    content = skops.io.dumps(fitted["logistic"])
    with pytest.raises(InvalidChoice, match="`bad` and `good`"):
        load_model(content)
    with load_model(content, model_class="bad") as model:
        score = model.score(loans[0]).scores

    assert np.allclose(score, fitted["logistic"].predict_proba(loans[0])[:, 0], rtol=0, atol=1e-15)


def test_names_are_given_to_a_model_that_was_trained_without_any(loans):
    import skops.io
    from sklearn.linear_model import LogisticRegression

    frame = loans[0][["age", "grade"]]
    fitted = LogisticRegression().fit(frame.to_numpy(), loans[1])
    content, direct = skops.io.dumps(fitted), fitted.predict_proba(frame.to_numpy())[:, 1]

    with load_model(content, favourable=["good"]) as model:
        assert [n.code for n in model.info.warnings] == ["no_feature_names"]
        assert np.array_equal(model.score(frame.set_axis(["f0", "f1"], axis=1)).scores, direct)
        with pytest.raises(MissingColumn, match="`f0`"):
            model.score(frame)
    with load_model(content, favourable=["good"], feature_names=["age", "grade"]) as model:
        model.close()  # a process that starts again is told the names
        assert np.array_equal(model.score(frame).scores, direct)


def test_a_missing_column_is_named(fitted, loans):
    import skops.io

    with (
        load_model(skops.io.dumps(fitted["logistic"]), favourable=["good"]) as model,
        pytest.raises(MissingColumn, match="`job`"),
    ):
        model.score(loans[0].drop(columns="job"))


def test_a_regressor_and_three_classes_are_refused(loans):
    import skops.io
    from sklearn.linear_model import LinearRegression, LogisticRegression

    frame = loans[0][["age", "grade"]]
    with pytest.raises(RefusedModel, match="no probabilities"):
        load_model(skops.io.dumps(LinearRegression().fit(frame, frame["age"])))
    with pytest.raises(RefusedModel, match="3 classes"):
        load_model(skops.io.dumps(LogisticRegression().fit(frame, frame["grade"])))


def test_a_type_outside_our_list_is_refused_by_name(fitted):
    import skops.io

    content = skops.io.dumps(fitted["logistic"])
    archive = zipfile.ZipFile(io.BytesIO(content))
    schema = archive.read("schema.json").replace(
        b"sklearn.linear_model._logistic", b"acme.features.age_bands_x"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as changed:
        for name in archive.namelist():
            changed.writestr(name, schema if name == "schema.json" else archive.read(name))

    with pytest.raises(RefusedModel, match="acme"):
        review(out.getvalue())


@pytest.mark.parametrize("loader", ["MethodNode", "PartialNode", "OperatorFuncNode"])
def test_nodes_that_would_run_something_are_refused(loader):
    node = {"__class__": "partial", "__module__": "functools", "__loader__": loader}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("schema.json", json.dumps(node))

    with pytest.raises(RefusedModel, match="functools"):
        review(out.getvalue())


def test_a_function_that_opens_something_is_refused(loans):
    import os

    import skops.io
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    frame = loans[0][["age"]]
    harmless = make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()).fit(frame, loans[1])
    review(skops.io.dumps(harmless))
    harmless.steps[0][1].func = os.system

    with pytest.raises(RefusedModel):
        review(skops.io.dumps(harmless))


def test_boston_scores_equal_the_pipeline_itself(repo):
    import pandas as pd
    import skops.io

    path = repo / "sample_data" / "boston_pipeline.skops"
    frame = pd.read_csv(repo / "sample_data" / "loanapp.csv.gz")
    pipeline = skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))

    with load_model(path) as model:
        score = model.score(frame).scores

    assert np.array_equal(score, pipeline.predict_proba(frame[pipeline.feature_names_in_])[:, 1])
