"""A case whose models read their scores from a column, for tests of comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from rai_dash.case import Case, CaseData, CaseModel, DataRole
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.models.client import Scored

ROLES = Roles(target="paid", favourable=("1",), sensitive=("g",), id="id", ignored=("a", "b", "c"))


@dataclass
class ScoreColumn:
    """A model whose scores are a column of the table."""

    column: str
    asked: int = 0

    @property
    def info(self):
        return SimpleNamespace(
            fingerprint=format(ord(self.column), "02x") * 32,
            format="test",
            family="column",
            feature_names=("x", "z"),
        )

    @property
    def model_class(self):
        return "1"

    def match(self, dataset):  # noqa: ARG002 - as a model is called
        return ()

    def score(self, frame, on_progress=None):  # noqa: ARG002 - as a model is called
        self.asked += 1
        return Scored(frame[self.column].to_numpy(float), (), np.zeros(len(frame), bool))


def people(n=1_500, *, seed=0, first=0, unknown=0.1):
    """Applicants in two groups with the scores of three models, the second better than the first."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.55
    frame = pd.DataFrame(
        {
            "id": [f"p{i}" for i in range(first, first + n)],
            "x": rng.normal(truth, 1.0).round(3),
            "z": rng.normal(size=n).round(3),
            "g": rng.choice(["women", "men"], n, p=[0.3, 0.7]),
            "paid": np.where(rng.random(n) < unknown, None, np.where(truth, "1", "0")),
        }
    )
    frame["a"] = np.clip(0.5 + 0.15 * (truth - 0.5) + rng.normal(0, 0.2, n), 0, 1).round(4)
    frame["b"] = np.clip(frame["a"] + 0.2 * (truth - 0.5) + rng.normal(0, 0.1, n), 0, 1).round(4)
    frame["c"] = frame["a"]
    return frame


def data(frame, key="living", *, role=DataRole.LIVING, roles=ROLES):
    return CaseData(key=key, title=f"The {key} set", role=role, dataset=dataset_from_frame(frame, roles))


def case_of(*sets, models="ab", trained_on=None):
    made = tuple(
        CaseModel(key=m, title=f"Model {m}", model=ScoreColumn(m), trained_on=(trained_on or {}).get(m))
        for m in models
    )
    return Case(id="c", title="c", data=sets, models=made, default_data=sets[0].key, default_model=models[0])
