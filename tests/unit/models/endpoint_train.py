"""Train a small model and write it for the real servers; run by the Python that has MLflow and MLServer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import joblib
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

folder = Path(sys.argv[1])
frame = pd.read_csv(folder / "loans.csv")
numbers, columns = ["income", "amount", "term"], ["income", "amount", "term", "purpose"]
encoded = make_column_transformer(
    (StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore"), ["purpose"])
)
label = (frame["income"] > 22_000).map({True: "good", False: "bad"})
model = make_pipeline(encoded, LogisticRegression()).fit(frame[columns], label)
plain = make_pipeline(StandardScaler(), LogisticRegression()).fit(
    frame[numbers].to_numpy(float), label == "good"
)
signature = infer_signature(frame[columns], model.predict_proba(frame[columns]))
mlflow.sklearn.save_model(
    model,
    str(folder / "model"),
    signature=signature,
    pyfunc_predict_fn="predict_proba",
    serialization_format="cloudpickle",
)
joblib.dump(plain, folder / "plain.joblib")
(folder / "truth.json").write_text(
    json.dumps(
        {
            "model": model.predict_proba(frame[columns])[:, 1].tolist(),
            "plain": plain.predict_proba(frame[numbers].to_numpy(float))[:, 1].tolist(),
        }
    )
)
