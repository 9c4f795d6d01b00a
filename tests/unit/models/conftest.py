from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def loans():
    """Made-up applications: numbers with blanks, text categories, seeded."""
    rng = np.random.default_rng(3)
    n = 500
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "income": np.where(rng.random(n) < 0.1, np.nan, np.round(rng.lognormal(10, 0.5, n), 2)),
            "job": rng.choice(["clerk", "driver", "cook"], n),
            "home": rng.choice(["own", "rent"], n),
            "grade": rng.choice([1, 2, 3], n),
        }
    )
    label = ((frame["age"] > 40) ^ (rng.random(n) < 0.2)) & (frame["job"] != "driver")
    return frame, np.where(label, "good", "bad")


@pytest.fixture(scope="session")
def booster(loans):
    """An XGBoost model with native categories, and its own predictions."""
    import xgboost

    frame, label = loans
    typed = frame.astype({"job": "category", "home": "category"})
    model = xgboost.XGBClassifier(n_estimators=20, max_depth=3, enable_categorical=True, n_jobs=1)
    model.fit(typed, (label == "good").astype(int))
    return model, model.predict_proba(typed)[:, 1].astype(np.float64)


@pytest.fixture(scope="session")
def saved(booster, tmp_path_factory):
    """The same model as UBJSON and as JSON."""
    folder = tmp_path_factory.mktemp("xgb")
    out = {}
    for kind in ("ubj", "json"):
        path = folder / f"model.{kind}"
        booster[0].save_model(path)
        out[kind] = path.read_bytes()
    return out


@pytest.fixture(scope="session")
def story_ubj(repo):
    return (repo / "sample_data" / "story_biased.ubj").read_bytes()


@pytest.fixture(scope="session")
def living(repo):
    return pd.read_csv(repo / "sample_data" / "story_living_1100.csv.gz")


@pytest.fixture(scope="session")
def german(shared):
    frame = pd.read_csv(
        shared / "data" / "german-credit" / "german_credit_decoded.csv.gz", keep_default_na=False
    )
    return frame.drop(columns="credit_risk"), frame["credit_risk"]


@pytest.fixture(scope="session")
def toy():
    """300 rows: a number, a category, a category written in numbers; and a target of 0 and 1."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "pay": rng.normal(size=300).round(3),
            "home": rng.choice(["own", "rent", "free"], 300),
            "code": rng.choice([2, 10, 7], 300),
        }
    )
    target = ((frame["pay"] + (frame["home"] == "own") - (frame["code"] == 7)) > 0.3).astype(int)
    return frame, target
