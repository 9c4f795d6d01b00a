from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import xgboost


@pytest.fixture(scope="module")
def native(loans, wrap):
    frame, label = loans
    categories = {"job": ["clerk", "driver", "none", "nurse"], "home": ["own", "rent"]}
    coded = frame.assign(**{c: pd.Categorical(frame[c], categories=v) for c, v in categories.items()})
    model = xgboost.XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1, enable_categorical=True)
    booster = model.fit(coded, label).get_booster()
    return wrap(booster, frame, categories=categories), booster, coded


def test_native_categories_get_xgboosts_own_contributions(native, loans, explain):
    subject, booster, coded = native
    frame, _ = loans

    found = explain(subject, frame.iloc[:600], frame)

    own = booster.predict(xgboost.DMatrix(coded, enable_categorical=True), pred_contribs=True)
    assert found.values == pytest.approx(own[:, :-1], abs=1e-12)
    assert found.base == pytest.approx(own[:, -1], abs=1e-12)
    assert found.method == "XGBoost's own contributions (path-dependent, no reference rows)"
    assert found.background_rows is None


def test_probability_of_native_categories_is_exact_against_reference_rows(native, loans, explain, oracle):
    subject, _, _ = native
    frame, _ = loans

    found = explain(subject, frame.iloc[:1], frame.iloc[20:40], space="probability")

    _, phi = oracle(subject, frame.iloc[:1], frame.iloc[20:40], "probability")
    assert found.values[0] == pytest.approx(phi, abs=1e-9)
    assert found.background_rows == 20


def test_the_approved_woman_of_the_story_is_refused_for_her_gender(repo, shared, wrap, explain):
    path = repo / "sample_data" / "story_biased.ubj"
    if not path.is_file():
        pytest.skip("sample_data/story_biased.ubj has not been built.")
    case = json.loads((shared / "data/story/EXPECTED.json").read_text())["group"]["case"]
    expected = dict(case["shap_biased"])
    booster = xgboost.Booster(model_file=path)
    stories = [
        pd.read_csv(shared / f"data/story/group_{part}.csv.gz")
        for part in ("training", "production_110", "living_1100", "collected_8000")
    ]
    every = pd.concat(stories)
    frame = every[booster.feature_names]
    words = [c for c, t in zip(booster.feature_names, booster.feature_types, strict=True) if t == "c"]
    subject = wrap(booster, frame, categories={c: sorted(frame[c].unique()) for c in words})

    found = explain(subject, frame[every["application_id"] == case["id"]], frame.iloc[:100])

    assert found.base[0] == pytest.approx(expected.pop("base"), abs=2e-3)
    assert dict(zip(subject.names, found.values[0], strict=True)) == pytest.approx(expected, abs=2e-3)
    assert 1 / (1 + np.exp(-found.output[0])) == pytest.approx(case["p_biased"], abs=1e-4)
