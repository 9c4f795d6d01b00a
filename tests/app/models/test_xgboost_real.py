"""XGBoost on published tables: every kind of trees, in both forms of the file, bit for bit through the real doors."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost

from rai_dash.data.read import read_dataset
from rai_dash.models.client import load_model

TABLES = {
    "census": ("census-loan/census.csv.gz", "loan", ">50K"),
    "german": ("german-credit/german_credit_decoded.csv.gz", "credit_risk", "good"),
    "taiwan": ("taiwan-default/credit_card_clients.csv.gz", None, None),
}
KINDS: dict[str, dict[str, Any]] = {
    "boosting": {"n_estimators": 25, "max_depth": 4},
    "dart": {"n_estimators": 10, "booster": "dart", "rate_drop": 0.3, "seed": 1},
    "forest": {"n_estimators": 1, "num_parallel_tree": 15, "subsample": 0.7, "learning_rate": 1.0, "seed": 1},
    "raw log-odds": {"n_estimators": 8, "objective": "binary:logitraw"},
    "stopped early": {"n_estimators": 200, "early_stopping_rounds": 2, "max_depth": 3},
}


@pytest.fixture(scope="module", params=TABLES)
def published(request, shared):
    """A table as the door for tables reads it, with its outcome, and the same with category columns."""
    path, target, good = TABLES[request.param]
    raw = gzip.decompress((shared / "data" / path).read_bytes())
    frame = read_dataset(raw).frame.head(3_000)
    target = target or str(frame.columns[-1])
    y = (frame[target].astype("str") == (good or "0")).astype(int)
    features = frame.drop(columns=target)
    words = [c for c in features if not pd.api.types.is_numeric_dtype(features[c])]
    return features, features.astype(dict.fromkeys(words, "category")), y


@pytest.mark.parametrize(("kind", "form"), [("boosting", "json"), *((kind, "ubj") for kind in KINDS)])
def test_a_model_scores_bit_for_bit_as_its_library(published, kind, form):
    features, coded, y = published
    model = xgboost.XGBClassifier(enable_categorical=True, n_jobs=1, **KINDS[kind])
    more = {"eval_set": [(coded.tail(500), y.tail(500))], "verbose": False} if kind == "stopped early" else {}
    model.fit(coded, y, **more)
    content = bytes(model.get_booster().save_raw(form))

    with load_model(content) as loaded:
        found = loaded.score(features.iloc[:, ::-1]).scores

    own = model.get_booster().predict(xgboost.DMatrix(coded, enable_categorical=True)).astype(np.float64)
    if kind == "raw log-odds":
        assert found == pytest.approx(1 / (1 + np.exp(-own)), abs=1e-15)
        return
    wrapped = model.predict_proba(coded)[:, 1].astype(np.float64)
    # Of weighted trees the library's two ways to predict differ in the last bits of a float32.
    assert np.array_equal(found, own if kind == "dart" else wrapped)
    assert found == pytest.approx(wrapped, abs=5e-7)
