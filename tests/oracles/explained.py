"""Pieces of four published files with small models of every kind, each beside the answers of its own library."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from rai_dash.explain._base import Subject
from rai_dash.models import lightgbm_format, onnx_format, xgboost_format
from rai_dash.models.skops_format import wrap
from tests.unit.models.onnx_files import converted, pipeline

TRAINING = 500
#: Of each file: its path, its outcome, four numbers, and four columns that hold words or codes.
FILES = {
    "census": (
        "census-loan/census.csv.gz",
        "loan",
        ("age", "capital-gain", "capital-loss", "hours-per-week"),
        ("education", "marital-status", "occupation", "gender"),
    ),
    "german": (
        "german-credit/german_credit_decoded.csv.gz",
        "credit_risk",
        ("duration_in_month", "credit_amount", "age_in_years", "present_residence_since"),
        ("status_of_existing_checking_account", "credit_history", "purpose", "sex"),
    ),
    "boston": (
        "boston-mortgage/loanapp.csv.gz",
        "approve",
        ("appinc", "obrat", "loanprc", "price"),
        ("black", "unit", "mortg", "cons"),
    ),
    "taiwan": (
        "taiwan-default/credit_card_clients.csv.gz",
        "default payment",
        ("LIMIT_BAL", "AGE", "BILL_AMT1", "PAY_AMT1"),
        ("SEX", "EDUCATION", "MARRIAGE", "PAY_0"),
    ),
}
#: Kinds of models: trees on numbers, the same with blanks, trees with categories (and blanks) of their own, others.
NUMERIC = ("xgboost", "lightgbm", "random forest", "gradient boosting", "histogram boosting")
BLANKS = tuple(f"{kind}, blanks" for kind in NUMERIC if kind != "gradient boosting")
NATIVE = tuple(f"{kind}, categories" for kind in ("xgboost", "lightgbm", "histogram boosting"))
PIPELINES = ("one-hot forest", "linear", "network", "onnx")


@dataclass(frozen=True)
class Fitted:
    """A model as its library holds it and as the product has loaded it.

    ``answers`` gives what the library itself says of table rows, float64: log-odds, of a forest probabilities.
    """

    own: Any
    subject: Subject
    frame: pd.DataFrame
    answers: Callable[[pd.DataFrame], np.ndarray]


@dataclass
class Piece:
    """One file: shuffled, no blanks, numbers in units that float32 cannot hold, codes as words."""

    name: str
    clean: pd.DataFrame
    label: np.ndarray
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    _models: dict[tuple[str, int, int], Fitted] = field(default_factory=dict)

    @cached_property
    def blanks(self) -> pd.DataFrame:
        """Return the table with one value in twenty left out."""
        return self.clean.mask(np.random.default_rng(1).random(self.clean.shape) < 0.05)

    def model(self, kind: str, trees: int = 40, depth: int = 4) -> Fitted:
        """Return a model trained on the first rows, the same for every test."""
        key = (kind, trees, depth)
        if key not in self._models:
            name, _, how = kind.partition(", ")
            frame = self.blanks if how else self.clean
            frame = frame if how == "categories" or kind in PIPELINES else frame[list(self.numbers)]
            self._models[key] = TRAINERS[name](self, frame, trees, depth)
        return self._models[key]

    def coded(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return words as categories, in the order of the training rows' alphabet."""
        words = [c for c in self.words if c in frame]
        known = {c: sorted(self.clean[c].iloc[:TRAINING].unique()) for c in words}
        of = {c: frame[c].where(frame[c].isin(known[c])) for c in words}
        return frame.assign(**{c: pd.Categorical(of[c], categories=known[c]) for c in words})


def read_piece(name: str, shared: Path) -> Piece:
    """Read a file."""
    path, target, numbers, words = FILES[name]
    # "none" is a value of the German data, not a blank.
    frame = pd.read_csv(shared / "data" / path, keep_default_na=False, na_values=[""])
    frame = frame.sample(frac=1.0, random_state=0).dropna(subset=[*numbers, *words]).reset_index(drop=True)
    parts = {c: frame[c] / 7 for c in numbers} | {c: frame[c].astype(str).str.strip() for c in words}
    label = (frame[target] == frame[target].mode()[0]).astype(np.int64).to_numpy()
    return Piece(name, pd.DataFrame(parts), label, numbers, words)


def mixed_means(
    answers: Callable[[pd.DataFrame], np.ndarray], row: pd.DataFrame, background: pd.DataFrame
) -> dict[frozenset[int], float]:
    """Return the worth of every coalition of columns: the mean answer where they are the row's, all in one call."""
    d, m = row.shape[1], len(background)
    coalitions = [frozenset(s) for k in range(d + 1) for s in combinations(range(d), k)]
    inside = np.array([[j in s for j in range(d)] for s in coalitions]).repeat(m, axis=0)
    both = pd.concat([row, background], ignore_index=True)
    other = np.tile(np.arange(1, m + 1), len(coalitions))
    table = {c: both[c].array.take(np.where(inside[:, j], 0, other)) for j, c in enumerate(both)}
    means = answers(pd.DataFrame(table)).reshape(-1, m).mean(axis=1)
    return dict(zip(coalitions, means.tolist(), strict=True))


def _xgboost(piece: Piece, frame: pd.DataFrame, trees: int, depth: int) -> Fitted:
    model = xgboost.XGBClassifier(
        n_estimators=trees, max_depth=depth, n_jobs=1, enable_categorical=True, max_cat_to_onehot=3
    )
    booster = model.fit(piece.coded(frame[:TRAINING]), piece.label[:TRAINING]).get_booster()
    subject = Subject(xgboost_format.load(bytes(booster.save_raw("ubj"))))
    return Fitted(booster, subject, frame, lambda rows: float64_margin(booster, dmatrix(piece.coded(rows))))


def dmatrix(frame: pd.DataFrame) -> xgboost.DMatrix:
    """Return rows as XGBoost takes them."""
    return xgboost.DMatrix(frame, enable_categorical=True, nthread=1)


def float64_margin(booster: xgboost.Booster, rows: xgboost.DMatrix) -> np.ndarray:
    """Sum the leaves that XGBoost itself says rows reach in float64; its own sum is float32."""
    dump = booster.trees_to_dataframe()
    of = dump[dump["Feature"] == "Leaf"].set_index(["Tree", "Node"])["Gain"].to_dict()
    reached = booster.predict(rows, pred_leaf=True).astype(int).reshape(rows.num_row(), -1)
    table = np.zeros((reached.shape[1], reached.max() + 1))
    for (tree, node), value in of.items():
        if node < table.shape[1]:
            table[tree, node] = np.float32(value)
    start = json.loads(booster.save_config())["learner"]["learner_model_param"]["base_score"]
    p = float(start.strip("[]"))
    return np.log(p / (1 - p)) + table[np.arange(reached.shape[1]), reached].sum(axis=1)


def _lightgbm(piece: Piece, frame: pd.DataFrame, trees: int, depth: int) -> Fitted:
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_per_group": 5, "seed": 0}
    settings |= {"max_depth": depth, "num_leaves": 2**depth, "min_data_in_leaf": 5}
    data = lightgbm.Dataset(piece.coded(frame[:TRAINING]), piece.label[:TRAINING])
    booster = lightgbm.train(settings, data, trees)
    subject = Subject(lightgbm_format.load(booster.model_to_string().encode()))
    return Fitted(booster, subject, frame, lambda rows: booster.predict(piece.coded(rows), raw_score=True))


def _forest(piece: Piece, frame: pd.DataFrame, trees: int, depth: int) -> Fitted:
    model = RandomForestClassifier(trees, max_depth=depth, random_state=0)
    return _scikit(model.fit(frame[:TRAINING], piece.label[:TRAINING]), frame)


def _gradient(piece: Piece, frame: pd.DataFrame, trees: int, depth: int) -> Fitted:
    model = GradientBoostingClassifier(n_estimators=trees, max_depth=depth, random_state=0)
    return _scikit(model.fit(frame[:TRAINING], piece.label[:TRAINING]), frame)


def _histogram(piece: Piece, frame: pd.DataFrame, trees: int, depth: int) -> Fitted:
    model = HistGradientBoostingClassifier(
        max_iter=trees, max_depth=depth, categorical_features="from_dtype", random_state=0
    )
    return _scikit(model.fit(piece.coded(frame[:TRAINING]), piece.label[:TRAINING]), frame, piece.coded)


def _scikit(
    model: Any, frame: pd.DataFrame, prepare: Callable[[pd.DataFrame], pd.DataFrame] = pd.DataFrame
) -> Fitted:
    def answers(rows: pd.DataFrame) -> np.ndarray:
        if hasattr(model, "decision_function"):
            return model.decision_function(prepare(rows))
        return model.predict_proba(prepare(rows))[:, 1]

    return Fitted(model, Subject(wrap(model, b"")), frame, answers)


def _pipeline(last: Callable[[int, int], Any]) -> Callable[[Piece, pd.DataFrame, int, int], Fitted]:
    def train(piece: Piece, frame: pd.DataFrame, trees: int, depth: int) -> Fitted:
        model = pipeline(frame, piece.words, last(trees, depth))
        return _scikit(model.fit(frame[:TRAINING], piece.label[:TRAINING]), frame)

    return train


def _onnx(piece: Piece, frame: pd.DataFrame, trees: int, depth: int) -> Fitted:
    """Convert the network; what it answers is compared with the network itself, in float64."""
    network = piece.model("network", trees, depth)
    loaded = onnx_format.load(converted(network.own, frame, piece.words))
    loaded.rename(list(frame.columns))  # converters change `capital-gain`
    return Fitted(network.own, Subject(loaded), frame, network.answers)


TRAINERS = {
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "random forest": _forest,
    "gradient boosting": _gradient,
    "histogram boosting": _histogram,
    "one-hot forest": _pipeline(
        lambda trees, depth: RandomForestClassifier(trees, max_depth=depth, random_state=0)
    ),
    "linear": _pipeline(lambda *_: LogisticRegression(max_iter=500)),
    "network": _pipeline(lambda *_: MLPClassifier((6,), max_iter=200, tol=1e-2, random_state=0)),
    "onnx": _onnx,
}
