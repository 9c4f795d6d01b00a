"""Random applications with everything that can go wrong in them, as rows for the oracle and as cubes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rai_dash.data.groups import GroupIndex
from rai_dash.data.review_counting import review_cube

#: "d" is too small to be compared, "c" knows one outcome only.
GENDER, REGION = ("a", "b", "c", "d"), ("north", "south")


@dataclass(frozen=True)
class World:
    """Columns of some applications."""

    score: np.ndarray
    label: np.ndarray
    gender: np.ndarray
    region: np.ndarray
    weight: np.ndarray | None
    amount: np.ndarray | None
    decision: np.ndarray | None

    def columns(self) -> dict[str, Any]:
        return {
            "outcome": self.label,
            "scores": self.score,
            "weight": self.weight,
            "amount": self.amount,
            "decision": self.decision,
        }

    def indexes(self) -> dict[str, GroupIndex]:
        return {
            "gender": GroupIndex("gender", GENDER, self.gender),
            "region": GroupIndex("region", REGION, self.region),
        }

    def cubes(self, edges) -> dict[str, Any]:
        return {
            name: review_cube(**self.columns(), index=index, edges=np.array(edges, np.float64))
            for name, index in self.indexes().items()
        }

    def rows(self, column: str = "gender") -> list[dict[str, Any]]:
        names, codes = {"gender": (GENDER, self.gender), "region": (REGION, self.region)}[column]
        optional = {"weight": self.weight, "amount": self.amount, "decision": self.decision}
        return [
            {"score": self.score[i], "label": self.label[i], "group": names[codes[i]]}
            | {name: values[i] for name, values in optional.items() if values is not None}
            for i in range(self.score.size)
        ]


def world(n: int, *, seed: int, weighted: bool = False, recorded: bool = False) -> World:
    """Draw applications; ``weighted`` adds weights and amounts, some of them blank, ``recorded`` decisions."""
    rng = np.random.default_rng(seed)
    score = np.round(rng.beta(2.0, 2.0, n), 2)
    label = (rng.random(n) < score).astype(np.int8)
    gender = rng.choice(4, n, p=[0.4, 0.35, 0.2, 0.05]).astype(np.int32)
    label[gender == 2] = 1
    label[rng.random(n) < 0.1] = 2
    score[rng.random(n) < 0.05] = np.nan
    score[: n // 50] = np.inf
    weight = np.where(rng.random(n) < 0.1, np.nan, rng.gamma(2.0, size=n))
    amount = np.where(rng.random(n) < 0.1, np.nan, rng.integers(1, 90, n))
    return World(
        score=score,
        label=label,
        gender=gender,
        region=rng.integers(0, 2, n).astype(np.int32),
        weight=weight if weighted else None,
        amount=amount if weighted else None,
        decision=rng.integers(0, 3, n).astype(np.int8) if recorded else None,
    )
