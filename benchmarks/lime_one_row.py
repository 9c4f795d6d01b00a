"""LIME of one applicant, 5 seeds x 5,000 samples: ours against the lime package, in one run.

Both explain the same census applicant through the same pipeline; CPU seconds of all threads. The package
is given its best settings (no feature selection, one set-up for all seeds).

    .venv/bin/python benchmarks/lime_one_row.py [DATA_FOLDER]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from lime.lime_tabular import LimeTabularExplainer
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from rai_dash.core.types import Feature, ModelInfo
from rai_dash.explain._base import Subject
from rai_dash.explain.lime_local import explain_lime, prepare_lime

SEEDS, SAMPLES, REPEATS = 5, 5_000, 7
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def census(data: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Read the census rows: 12 columns, 7 of them words."""
    frame = pd.read_csv(data / "census-loan" / "census.csv.gz", index_col=0, skipinitialspace=True)
    return frame.drop(columns="loan"), (frame["loan"] == ">50K").to_numpy().astype(int)


def subject_of(model: object, frame: pd.DataFrame, words: list[str]) -> Subject:
    """Wrap a fitted pipeline as a loaded model."""
    features = tuple(Feature(c, "category" if c in words else "number") for c in frame.columns)
    info = ModelInfo(format="skops", family="", fingerprint="", features=features)
    return Subject(SimpleNamespace(info=info, probability=lambda rows: model.predict_proba(rows)[:, 1]))


def main(data: Path) -> None:
    """Print CPU seconds and their ratio for two models."""
    frame, label = census(data)
    words = [c for c in frame.columns if not pd.api.types.is_numeric_dtype(frame[c])]
    numbers = [c for c in frame.columns if c not in words]
    categories = {c: sorted(frame[c].unique()) for c in words}
    coded = frame.assign(**{c: pd.Categorical(frame[c], categories=v).codes for c, v in categories.items()})
    matrix = coded.to_numpy(dtype=float)
    for last in (LogisticRegression(max_iter=300), MLPClassifier((32,), max_iter=8, random_state=0)):
        prepare = ColumnTransformer([("n", StandardScaler(), numbers), ("c", OneHotEncoder(), words)])
        subject = subject_of(make_pipeline(prepare, last).fit(frame, label), frame, words)

        def predict(samples: np.ndarray, subject: Subject = subject) -> np.ndarray:
            table = pd.DataFrame(samples, columns=frame.columns)
            for c in words:
                table[c] = np.array(categories[c])[table[c].astype(int)]
            p = subject.output(table, "probability")
            return np.column_stack([1 - p, p])

        near = prepare_lime(frame, subject.native.info.features)
        theirs = LimeTabularExplainer(
            matrix,
            feature_names=list(frame.columns),
            categorical_features=[frame.columns.get_loc(c) for c in words],
            feature_selection="none",
        )
        ratios, ours = [], []
        for i in range(REPEATS):
            begin = time.process_time()
            explain_lime(subject, near, frame.iloc[[i]], favourable_index=1, seeds=SEEDS, samples=SAMPLES)
            middle = time.process_time()
            for _ in range(SEEDS):
                theirs.explain_instance(matrix[i], predict, num_features=12, num_samples=SAMPLES)
            ours.append(middle - begin)
            ratios.append((time.process_time() - middle) / ours[-1])
        name = type(last).__name__
        figures = f"ours {np.median(ours):.3f} CPU s, lime / ours {np.median(ratios):.2f}"
        print(f"{name}: {figures} (medians of {REPEATS})")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
