"""Small boosters for the made-up applications of ``conftest.py``."""

from __future__ import annotations

import lightgbm
import pandas as pd
import xgboost

from rai_dash.explain._base import Subject
from rai_dash.models import lightgbm_format

CATEGORIES = {"job": ["clerk", "driver", "none", "nurse"], "home": ["own", "rent"]}
NUMBERS = ["age", "income", "debt"]


def with_categories(frame):
    return frame.assign(**{c: pd.Categorical(frame[c], categories=v) for c, v in CATEGORIES.items()})


def xgboost_of(frame, label, **parameters):
    model = xgboost.XGBClassifier(
        n_estimators=15, max_depth=4, n_jobs=1, enable_categorical=True, **parameters
    )
    return model.fit(frame, label).get_booster()


def lightgbm_of(frame, label, **parameters):
    settings = {
        "objective": "binary",
        "verbose": -1,
        "num_threads": 1,
        "num_leaves": 7,
        "seed": 1,
    } | parameters
    booster = lightgbm.train(settings, lightgbm.Dataset(frame, label), num_boost_round=10)
    return booster, Subject(lightgbm_format.load(booster.model_to_string().encode()))
