"""What is frozen at signing of a table that is counted where it lies: that of all its rows in memory."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from rai_dash.core.types import Direction, Roles, ScoreScale
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.labels import labels
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.data.portfolio.questions import Scale
from rai_dash.data.portfolio.whole import ScoreColumn, Whole
from rai_dash.data.scores import scores_of_column
from rai_dash.govern.monitor.reference import reference_of
from tests.engines.frames import frame_on

N = 3_000
FEATURES = ("amount", "age", "purpose")
PLAIN = Roles(
    target="paid", favourable=("yes",), sensitive=("area", "age"), score="risk", bins={"age": (30.0, 50.0)}
)
LOWER = PLAIN.with_(scale=ScoreScale(low=0.0, high=2.0, direction=Direction.LOWER), bins={})
SPLIT = PLAIN.with_(split="part", split_train=("train",), weight="w")


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(5)
    area = pd.Series(rng.choice(["b", "a ", "1"], N), dtype="str").mask(rng.random(N) < 0.05)
    part = pd.Series(rng.choice(["train", "test"], N), dtype="str")
    # A group and a category that no judged row has where the split counts.
    area[(part == "train") & (rng.random(N) < 0.1)] = "only in training"
    return pd.DataFrame(
        {
            "paid": pd.Series(rng.choice(["yes", "no"], N), dtype="str").mask(rng.random(N) < 0.1),
            "area": area,
            "age": np.where(rng.random(N) < 0.05, np.nan, rng.integers(18, 80, N)),
            "amount": np.where(rng.random(N) < 0.1, np.nan, rng.lognormal(8, 1, N)),
            "purpose": pd.Series(rng.choice(["car", "boat", "house"], N, p=[0.7, 0.2, 0.1]), dtype="str"),
            "risk": np.where(rng.random(N) < 0.1, np.nan, np.round(rng.random(N), rng.integers(1, 7))),
            "w": rng.random(N) * 3,
            "part": part,
        }
    )


@pytest.mark.parametrize("roles", [PLAIN, LOWER, SPLIT], ids=["plain", "lower", "split"])
def test_it_is_that_of_all_rows_in_memory(frame, roles, monkeypatch):
    monkeypatch.setenv("RAI_DASH_SAMPLE_ROWS", "1000")
    table = pa.Table.from_pandas(frame, preserve_index=False)
    portfolio = open_portfolio(frame_on("duckdb", table), name="table")
    sampled, memory = dataset_of(portfolio, roles), dataset_from_frame(frame, roles)
    judged = np.ones(N, bool) if roles.split is None else (labels(frame["part"]) == "test").to_numpy()
    whole = Whole(portfolio=portfolio, roles=sampled.roles, score=ScoreColumn("risk", Scale.of(roles.scale)))

    wanted = reference_of(
        memory, scores_of_column(memory), judged=judged, features=FEATURES, threshold=0.5003
    ).model_dump(exclude={"calibration"})
    found = reference_of(
        sampled, np.full(sampled.n_rows, np.nan), judged=np.ones(sampled.n_rows, bool), features=FEATURES,
        threshold=0.5003, whole=whole,
    )  # fmt: skip
    calibration, exact = found.calibration, found.model_dump(exclude={"calibration"})

    assert sampled.n_rows < N
    assert exact.pop("columns") == wanted.pop("columns")
    assert exact.pop("score") == wanted.pop("score")
    for side in (exact, wanted):
        side["rates"] = [
            (r["rate"]["value"], r["rate"]["low"], r["rate"]["high"], r["rate"]["numerator"])
            for r in (*({"rate": side.pop(name)} for name in ("base_rate", "error")), *side["approval"])
        ]
        side["approval"] = [(a["column"], a["group"], a["n"]) for a in side["approval"]]
    np.testing.assert_allclose(exact.pop("rates"), wanted.pop("rates"), rtol=1e-12)
    assert exact == wanted
    score, known = scores_of_column(memory), memory.outcome != 2
    at = judged & known & np.isfinite(score)
    weight = memory.weight[at] if roles.weight else np.ones(int(at.sum()))
    assert calibration.brier.value == pytest.approx(
        np.average((score[at] - memory.outcome[at]) ** 2, weights=weight), rel=1e-12
    )
