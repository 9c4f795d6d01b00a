"""A case with models that read their scores from a column, and problems without a store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd

from rai_dash.case import Case, CaseData, CaseModel, DataRole
from rai_dash.core.errors import MissingColumn
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.slices import parse_slice
from rai_dash.govern.problems import Basis, Problem, ProblemScope, Source, Status
from rai_dash.models.client import Scored

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@dataclass
class ColumnModel:
    """A model whose scores are a column of the table."""

    column: str
    asked: int = 0

    @property
    def info(self):
        return SimpleNamespace(fingerprint=self.column[0] * 64)

    @property
    def model_class(self):
        return "1"

    def match(self, dataset):
        if self.column not in dataset.columns:
            msg = f"There is no column `{self.column}`. Bring other data."
            raise MissingColumn(msg)
        return ()

    def score(self, frame, on_progress=None):  # noqa: ARG002 - as a model is called
        self.asked += 1
        return Scored(frame[self.column].to_numpy(float), (), np.zeros(len(frame), bool))


def data(frame, key="d", *, role=DataRole.LIVING, **roles):
    given = {"target": "paid", "favourable": ("1",)} | roles
    return CaseData(key=key, title=key, role=role, dataset=dataset_from_frame(frame, Roles(**given)))


def case_of(*sets, models=("a", "b"), trained_on=None):
    made = [
        CaseModel(key=m, title=m, model=ColumnModel(m), trained_on=(trained_on or {}).get(m)) for m in models
    ]
    return Case(
        id="c",
        title="c",
        data=sets,
        models=tuple(made),
        default_data=sets[0].key,
        default_model=models[0] if models else "",
    )


def problem(text, *, first="a", threshold=0.5, of=None, **more):
    fields = {
        "id": "p1", "title": "A problem", "slice": parse_slice(text), "slice_hash": text, "has_patterns": False,
        "source": Source.PERSON, "cause": None, "harm": 3, "harmed": "", "status": Status.OPEN, "until": None,
        "owner": None, "tolerance": None, "scope": ProblemScope(), "history": (), "results": (), "fixed_at": (),
        "basis": Basis(data=of, model=first and first * 64, model_class="1", threshold=threshold),
        "opened_at": NOON, "as_of": NOON,
    }  # fmt: skip
    return Problem(**fields | more)


def crowd(n=2_000, *, seed=0, mend=True, share=0.2, bad=0.4):
    """People of whom the young are decided wrongly by model a, and rightly by b where it mends them."""
    rng = np.random.default_rng(seed)
    young = rng.random(n) < share
    paid = rng.random(n) < 0.6
    slip = {
        "a": rng.random(n) < np.where(young, bad, 0.1),
        "b": rng.random(n) < np.where(young & (not mend), bad, 0.1),
    }
    frame = pd.DataFrame(
        {
            "age": np.where(young, 20, 40),
            "paid": paid.astype(int),
            "weight": rng.integers(1, 5, n).astype(float),
            "id": [f"n{i}" for i in range(n)],
        }
    )
    for name, wrong in slip.items():
        # A score on the side of the outcome, or on the other one; 0.5 itself is favourable.
        frame[name] = np.where(
            paid != wrong, rng.choice([0.5, 0.7, 0.9], n), rng.choice([0.1, 0.3, 0.4999], n)
        )
    return frame
