"""Every route through the loaders of real model files, against brute force."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import skops.io
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from rai_dash.explain._base import Subject
from rai_dash.explain.lime_local import explain_lime, prepare_lime
from rai_dash.models import skops_format, xgboost_format

WORDS, NUMBERS = ["job", "home"], ["age", "income", "debt"]


def pipeline(last):
    words = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    return make_pipeline(ColumnTransformer([("w", words, WORDS), ("n", numbers, NUMBERS)]), last)


def skops_file(model, frame, label):
    return skops_format.load(skops.io.dumps(model.fit(frame, np.where(label == 1, "repaid", "default"))))


def xgboost_file(frame, label):
    coded = frame.assign(**{c: frame[c].astype("category") for c in frame if frame[c].dtype == "str"})
    model = xgboost.XGBClassifier(n_estimators=15, max_depth=3, n_jobs=1, enable_categorical=True)
    return xgboost_format.load(bytes(model.fit(coded, label).get_booster().save_raw("ubj")))


FILES = {
    "linear": ("Linear model", lambda f, y: skops_file(pipeline(LogisticRegression()), f, y)),
    "network": (
        "Exact over the columns that differ",
        lambda f, y: skops_file(pipeline(MLPClassifier((4,), max_iter=400, tol=1e-2, random_state=0)), f, y),
    ),
    "one-hot forest": (
        "Exact tree kernel",
        lambda f, y: skops_file(pipeline(RandomForestClassifier(8, max_depth=5, random_state=0)), f, y),
    ),
    "forest": (
        "Exact tree kernel",
        lambda f, y: skops_file(RandomForestClassifier(8, random_state=0), f[["age", "debt"]], y),
    ),
    "histogram boosting": (
        "Exact tree kernel",
        lambda f, y: skops_file(HistGradientBoostingClassifier(max_iter=10), f[NUMBERS], y),
    ),
    "boosting in a pipeline": (
        "Exact tree kernel",
        lambda f, y: skops_file_01(
            make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=9)), f, y
        ),
    ),
    "xgboost": ("Exact tree kernel", lambda f, y: xgboost_file(f[NUMBERS], y)),
    "xgboost categories": ("Exact tree kernel", xgboost_file),
}

THROUGH_PRODUCTS = frozenset({"linear", "network"})


def skops_file_01(model, frame, label):
    return skops_format.load(skops.io.dumps(model.fit(frame[NUMBERS], label)))


@pytest.fixture(scope="module")
def table(loans):
    frame, label = loans
    hole = np.random.default_rng(1).random((len(frame), 2)) < 0.1
    return frame.assign(debt=frame["debt"].mask(hole[:, 0]), job=frame["job"].mask(hole[:, 1])), label


@pytest.mark.parametrize("name", FILES)
def test_every_route_holds_for_a_real_file_with_blanks(name, table, explain, oracle):
    method, load = FILES[name]
    frame, label = table
    subject = Subject(load(frame, label))
    rows, background = frame.iloc[:3], frame.iloc[20:32]

    found = explain(subject, rows, background)

    assert found.methods[0].startswith(method)
    assert found.adds_up
    if found.background_rows is not None:
        for i in range(3):
            base, phi = oracle(subject, rows.iloc[i : i + 1], background, found.space)
            assert found.base[i] == pytest.approx(base, abs=1e-5)
            assert found.values[i] == pytest.approx(phi, abs=1e-5)


@pytest.mark.parametrize("name", FILES)
def test_lime_goes_round_every_real_file_with_blanks(name, table):
    _, load = FILES[name]
    frame, label = table
    subject = Subject(load(frame, label))
    near = prepare_lime(frame[list(subject.names)], subject.native.info.features)
    blank = frame.index[frame["debt"].isna()][0]

    found = explain_lime(subject, near, frame.loc[[blank]], favourable_index=1, seeds=2, samples=300)

    alone = subject.output(frame.loc[[blank]], "probability")[0]
    # LIME asks about many rows at once, and a dense matrix product of many adds up in another order than of one.
    assert found.model_prediction == (
        pytest.approx(alone, rel=1e-13, abs=0) if name in THROUGH_PRODUCTS else alone
    )
    assert all(np.isfinite(v) for v in found.centred.values())
    assert found.rules["debt"].startswith("debt is missing (median")


def test_the_boston_case_that_ships_is_linear_in_its_original_columns(repo, explain):
    path = repo / "sample_data" / "boston_pipeline.skops"
    if not path.is_file():
        pytest.skip("sample_data/boston_pipeline.skops has not been built.")
    subject = Subject(skops_format.load(path.read_bytes()))
    frame = pd.read_csv(repo / "sample_data" / "loanapp.csv.gz")

    found = explain(subject, frame.iloc[:50], frame)

    assert found.methods[0] == f"Linear model in closed form, against {len(frame):,} reference rows"
    assert found.additivity_error.max() < 1e-9
