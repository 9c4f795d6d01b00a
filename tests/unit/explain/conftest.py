from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Feature, ModelInfo
from rai_dash.explain._base import Reference, Subject
from rai_dash.explain.routing import attribute


@dataclass
class Native:
    """The smallest thing that answers like a loaded model."""

    info: ModelInfo
    native: Any
    categories: dict[str, list[str]]
    has_margin: bool = True

    def matrix(self, frame):
        frame = frame[list(self.info.feature_names)].copy()
        for name, values in self.categories.items():
            frame[name] = pd.Categorical(frame[name], categories=values)
        return frame

    def _booster(self, frame, *, margin):
        import xgboost

        data = xgboost.DMatrix(self.matrix(frame), enable_categorical=True)
        return self.native.predict(data, output_margin=margin).astype(np.float64)

    def probability(self, frame):
        if type(self.native).__name__ == "Booster":
            return self._booster(frame, margin=False)
        return self.native.predict_proba(self.matrix(frame))[:, 1]

    def margin(self, frame):
        if not self.has_margin:
            return None
        if type(self.native).__name__ == "Booster":
            return self._booster(frame, margin=True)
        if hasattr(self.native, "decision_function"):
            return self.native.decision_function(self.matrix(frame))
        p = self.probability(frame)
        with np.errstate(divide="ignore"):
            return np.log(p) - np.log1p(-p)


@dataclass
class Formula(Native):
    """A model that is a function of the table."""

    def probability(self, frame):
        return self.native(frame)


def subject_of(model, frame, *, categories=None, has_margin=True, kind=Native):
    """Wrap a fitted model for the columns of a table."""
    features = tuple(
        Feature(str(c), "number" if pd.api.types.is_numeric_dtype(frame[c]) else "category")
        for c in frame.columns
    )
    info = ModelInfo(format="test", family="test", fingerprint="", features=features)
    return Subject(kind(info, model, categories or {}, has_margin))


@pytest.fixture(scope="session")
def wrap():
    return subject_of


@pytest.fixture(scope="session")
def wrap_formula():
    def wrap_formula(function, frame, *, has_margin=False):
        return subject_of(function, frame, has_margin=has_margin, kind=Formula)

    return wrap_formula


@pytest.fixture(scope="session")
def explain():
    """Explain rows against reference rows; returns the attribution of the route that held."""

    def explain(subject, rows, background, *, space="log-odds", limit=None, seed=0):
        reference = Reference(frame=background, limit=limit, seed=seed)
        return attribute(subject, rows, reference, space=space)[0]

    return explain


@pytest.fixture(scope="session")
def loans():
    """Made-up applications: three numbers with blanks in one, two categories; seeded."""
    rng = np.random.default_rng(7)
    n = 400
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "income": np.round(rng.lognormal(10, 0.6, n), 1),
            "debt": np.where(rng.random(n) < 0.6, 0.0, np.round(rng.exponential(900, n), 1)),
            "job": rng.choice(["clerk", "driver", "nurse", "none"], n),
            "home": rng.choice(["own", "rent"], n),
        }
    )
    signal = 0.03 * frame["age"] + 0.5 * np.log(frame["income"]) - 0.001 * frame["debt"]
    signal += (frame["home"] == "own") * 0.8 - (frame["job"] == "none") * 1.2 * (frame["age"] < 40)
    label = (signal + rng.normal(0, 0.7, n) > signal.median()).astype(int).to_numpy()
    return frame, label


def brute_force(subject, row, background, space):
    """Shapley values straight from the definition: all coalitions of all columns, all reference rows."""
    from itertools import combinations
    from math import comb

    names = list(subject.names)
    d = len(names)

    def worth(members):
        mixed = background[names].copy().reset_index(drop=True)
        for name in members:
            mixed[name] = np.repeat(row[name].to_numpy(), len(mixed))
        return float(subject.output(mixed, space).mean())

    known = {frozenset(s): worth(s) for k in range(d + 1) for s in combinations(names, k)}
    phi = []
    for name in names:
        rest = [x for x in names if x != name]
        phi.append(
            sum(
                (known[frozenset(s) | {name}] - known[frozenset(s)]) / (d * comb(d - 1, k))
                for k in range(d)
                for s in combinations(rest, k)
            )
        )
    return known[frozenset()], np.array(phi)


@pytest.fixture(scope="session")
def oracle():
    return brute_force
