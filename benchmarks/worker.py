"""Scoring through the separate process against the library in this process, in one run.

The same rows, the same models, alternately; the figures are medians of wall time and the median of the
paired ratios. Budget: at most 1.5 times at 5,000 rows, 1.2 times at 100,000.

    .venv/bin/python benchmarks/worker.py [DATA_FOLDER]
"""

from __future__ import annotations

import os

# As in the separate process, and before numpy is imported: one thread on either side.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import skops.io
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from rai_dash.models.client import Model, load_model

SIZES = {1: 60, 5_000: 20, 100_000: 7}
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
Predict = Callable[[pd.DataFrame], np.ndarray]


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def models(frame: pd.DataFrame, label: np.ndarray) -> dict[str, tuple[bytes, Predict]]:
    """Train three models; return each as its file and as the library's own predict."""
    words = [c for c in frame.columns if not pd.api.types.is_numeric_dtype(frame[c])]
    numbers = [c for c in frame.columns if c not in words]
    out: dict[str, tuple[bytes, Predict]] = {}
    linear = ColumnTransformer([("n", StandardScaler(), numbers), ("c", OneHotEncoder(), words)])
    ordinal = ColumnTransformer([("n", "passthrough", numbers), ("c", OrdinalEncoder(), words)])
    pipelines = {
        "logistic pipeline": make_pipeline(linear, LogisticRegression(max_iter=300)),
        "HistGB, 100 trees": make_pipeline(ordinal, HistGradientBoostingClassifier(random_state=0)),
    }
    for name, pipeline in pipelines.items():
        fitted = pipeline.fit(frame, label)
        out[name] = skops.io.dumps(fitted), lambda rows, fitted=fitted: fitted.predict_proba(rows)[:, 1]
    typed = frame.astype(dict.fromkeys(words, "category"))
    booster = xgboost.XGBClassifier(
        n_estimators=200, max_depth=4, learning_rate=0.1, enable_categorical=True, n_jobs=1
    ).fit(typed, label)
    kinds = typed.dtypes.to_dict()

    def predict(rows: pd.DataFrame) -> np.ndarray:
        return booster.predict_proba(rows.astype(kinds))[:, 1].astype(np.float64)

    out["XGBoost, 200 trees"] = bytes(booster.get_booster().save_raw("ubj")), predict
    return out


def compare(model: Model, predict: Predict, rows: pd.DataFrame, repeats: int) -> tuple[float, float, float]:
    """Return median seconds here and in the worker, and the median ratio of the pairs."""
    if not np.array_equal(model.score(rows).scores, predict(rows)):
        sys.exit("The worker's scores differ from the library's.")
    pairs = np.array(
        [(seconds(lambda: predict(rows)), seconds(lambda: model.score(rows))) for _ in range(repeats)]
    )
    here, there = np.median(pairs, axis=0)
    return float(here), float(there), float(np.median(pairs[:, 1] / pairs[:, 0]))


def main(data: Path) -> None:
    """Print milliseconds and ratios for three models and three sizes."""
    frame = pd.read_csv(data / "census-loan" / "census.csv.gz", index_col=0, skipinitialspace=True)
    label = (frame.pop("loan") == ">50K").to_numpy().astype(int)
    print(f"{'':20}{'rows':>9}{'in-process ms':>15}{'worker ms':>12}{'ratio':>8}")
    for name, (content, predict) in models(frame, label).items():
        with load_model(content, model_class="1") as model:
            for n, repeats in SIZES.items():
                rows = frame.sample(n, replace=True, random_state=0).reset_index(drop=True)
                here, there, ratio = compare(model, predict, rows, repeats)
                print(f"{name:20}{n:>9,}{here * 1e3:>15.1f}{there * 1e3:>12.1f}{ratio:>8.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
