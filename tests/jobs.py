"""Tables and models for the tests of jobs."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import xgboost

INPUTS = ["region", "income", "age", "owner"]
KNOWN = ["R1", "R2", "R3", "R4"]


def loans(n: int, seed: int = 0) -> pa.Table:
    """Make applications with blanks, NaN, infinities, text with blanks around it, and a category nobody trained on."""
    rng = np.random.default_rng(seed)
    region = rng.choice(
        ["R1", "R2", " R3", "R4 ", "R9", "", None], n, p=[0.3, 0.3, 0.2, 0.1, 0.04, 0.03, 0.03]
    )
    income = rng.lognormal(8, 0.5, n)
    income[rng.random(n) < 0.02] = np.nan
    income[rng.random(n) < 0.01] = np.inf
    age = pa.array(rng.integers(18, 80, n), mask=rng.random(n) < 0.02)
    return pa.table(
        {
            "id": pa.array(np.arange(n)),
            "region": pa.array(region, pa.string()),
            "income": pa.array(income),
            "age": age,
            "owner": pa.array(rng.random(n) < 0.5),
        }
    )


def plain(table: pa.Table) -> pd.DataFrame:
    """Write the inputs as the model was trained on them, by pandas alone."""
    frame = table.to_pandas()
    income = frame["income"].replace([np.inf, -np.inf], np.nan)
    region = frame["region"].str.strip()
    region = region.where(region.isin(KNOWN))
    owner = frame["owner"].map({True: "True", False: "False"})
    return pd.DataFrame(
        {
            "region": pd.Categorical(region, categories=KNOWN),
            "income": income,
            "age": frame["age"].astype("float64"),
            "owner": pd.Categorical(owner, categories=["False", "True"]),
        }
    )


@lru_cache(maxsize=4)
def trained(seed: int = 1, inputs: tuple[str, ...] = tuple(INPUTS)) -> bytes:
    """Train a small XGBoost model and return its file."""
    table = loans(2_000, seed=100 + seed)
    given = plain(table)
    known = np.nan_to_num(given["income"].to_numpy(), nan=2_000.0)
    good = known + 800 * (given["region"] == "R1") + np.random.default_rng(seed).normal(0, 900, 2_000) > 3_000
    model = xgboost.XGBClassifier(n_estimators=20, max_depth=3, enable_categorical=True, n_jobs=1)
    model.fit(given[list(inputs)], good.astype(int))
    return bytes(model.get_booster().save_raw("ubj"))


def expected(content: bytes, table: pa.Table) -> np.ndarray:
    """Score by the library alone."""
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(content))
    given = plain(table)[booster.feature_names]
    return booster.predict(xgboost.DMatrix(given, enable_categorical=True)).astype(np.float64)
