from __future__ import annotations

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
    assert found.methods[0] == "XGBoost's own contributions (path-dependent, no reference rows)"
    assert found.background_rows is None


def test_probability_of_native_categories_is_exact_against_reference_rows(native, loans, explain, oracle):
    subject, _, _ = native
    frame, _ = loans

    found = explain(subject, frame.iloc[:1], frame.iloc[20:40], space="probability")

    _, phi = oracle(subject, frame.iloc[:1], frame.iloc[20:40], "probability")
    assert found.values[0] == pytest.approx(phi, abs=1e-9)
    assert found.background_rows == 20
