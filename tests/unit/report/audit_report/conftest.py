"""A small audit with names that try to be markup, for the tests of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rai_dash.audit import Audit, audit
from rai_dash.core.types import ReviewBand, Roles, TargetKind
from rai_dash.data.dataset import Dataset
from rai_dash.data.read import read_dataset
from rai_dash.report.profile_json import profile_dataset

HOSTILE = "<script>alert(1)</script>"
COLUMN = "sex <b>&amp;"


@dataclass(frozen=True)
class World:
    """An audit, the profile of its data, and the rows and scores that both are made of."""

    audit: Audit
    profile: dict[str, Any]
    frame: pd.DataFrame
    score: np.ndarray


def dataset_of(frame: pd.DataFrame, **roles: object) -> Dataset:
    given = Roles(target="y", favourable=("1",), sensitive=(COLUMN,), **roles)
    return read_dataset(frame.to_csv(index=False).encode(), roles=given)


@pytest.fixture(scope="package")
def world() -> World:
    rng = np.random.default_rng(5)
    n = 400
    group = rng.choice([HOSTILE, "men", "few"], n, p=[0.48, 0.5, 0.02])
    score = np.round(np.clip(rng.normal(0.5, 0.2, n) + np.where(group == "men", 0.2, 0.0), 0, 1), 4)
    # Nobody of the few has the favourable outcome, so that some of their shares are undefined.
    y = ((rng.random(n) < score) & (group != "few")).astype(int)
    frame = pd.DataFrame({"y": y, COLUMN: group, "income": np.round(rng.normal(3000, 500, n))})
    dataset = dataset_of(frame, target_kind=TargetKind.DECISION)
    found = audit(dataset, score, band=ReviewBand(0.3, 0.5, 0.7))
    return World(found, dict(profile_dataset(dataset).content), frame, score)
