from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import ks_2samp

from rai_dash.core.cells import EDGES
from rai_dash.core.types import Roles
from rai_dash.data import column_sides
from rai_dash.data.column_drift import ColumnDrift
from rai_dash.data.counting import count
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.drift import data_drift
from rai_dash.data.portfolio.drift import CountedSide
from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
from rai_dash.metrics.score_shift import Scored, score_shift, score_shift_of_counts
from rai_dash.report.drift_json import compare_datasets
from tests.engines.frames import frame_on

ROLES = Roles(target="paid", favourable=("yes",), weight="w", score="score", split="part", split_train=("a",))


def table(n: int, seed: int, move: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    area = rng.choice(["n", "s ", "w"], n, p=[0.5, 0.3, 0.2])
    area[:3] = "new" if move else "old"
    return pd.DataFrame(
        {
            "row": np.arange(n),
            "paid": pd.Series(rng.choice(["yes", "no"], n), dtype="str").mask(rng.random(n) < 0.1),
            "w": np.where(rng.random(n) < 0.1, np.nan, rng.random(n)),
            "part": pd.Series(rng.choice(["a", "b"], n), dtype="str"),
            "score": np.where(rng.random(n) < 0.1, np.nan, np.round(np.clip(rng.beta(2, 2, n) + move / 8, 0, 1), 3)),
            "x": np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n) + move),
            "spike": np.where(rng.random(n) < 0.5 + move / 5, 0.0, rng.lognormal(3, 1, n)),
            "tied": rng.integers(0, 9, n) + int(move > 0),
            "area": pd.Series(area, dtype="str").mask(rng.random(n) < 0.05 + move / 10),
            "name": pd.Series([f"p{i}" for i in rng.permutation(n)], dtype="str").mask(rng.random(n) < 0.2),
            "none": np.full(n, np.nan),
            "kind": pd.Series(rng.integers(0, 4, n).astype(str), dtype="str") if move else rng.integers(0, 4, n),
        }
    )  # fmt: skip


def portfolio_of(frame: pd.DataFrame, roles: Roles):
    opened = open_portfolio(
        frame_on("duckdb", pa.Table.from_pandas(frame, preserve_index=False)), name="table"
    )
    return dataset_of(opened, roles)


@pytest.fixture(scope="module")
def frames():
    return table(1000, 1, 0.0), table(700, 2, 0.4)


@pytest.fixture(scope="module")
def in_memory(frames):
    return [dataset_from_frame(f, ROLES) for f in frames]


@pytest.fixture(scope="module")
def counted(frames):
    return [portfolio_of(f, ROLES) for f in frames]


def same(found: ColumnDrift, expected: ColumnDrift) -> None:
    for field in fields(ColumnDrift):
        a, b = getattr(found, field.name), getattr(expected, field.name)
        if field.name == "test":
            assert (a.method, a.reason, a.merged) == (b.method, b.reason, b.merged)
            np.testing.assert_allclose([a.statistic, a.p_value], [b.statistic, b.p_value], rtol=1e-12)
        elif isinstance(b, np.ndarray):
            np.testing.assert_array_equal(a, b)
        elif isinstance(b, float):
            assert a == pytest.approx(b, rel=1e-12, nan_ok=True)
        else:
            assert a == b, (found.name, field.name)


@pytest.mark.parametrize("which", ["both", "then", "now"])
def test_the_drift_of_every_column_is_that_of_the_rows_in_memory(in_memory, counted, which):
    first = counted[0] if which != "now" else in_memory[0]
    second = counted[1] if which != "then" else in_memory[1]

    found, expected = data_drift(first, second), data_drift(*in_memory)

    assert [c.name for c in found.columns] == [c.name for c in expected.columns]
    assert "row" not in {c.name for c in found.columns}
    for a, b in zip(found.columns, expected.columns, strict=True):
        same(a, b)
    assert (found.rows_then, found.rows_now) == (1000, 700)
    assert found.prior is not None
    assert expected.prior is not None
    numbers = [[p.then.value, p.now.value, p.low, p.high, p.p_value] for p in (found.prior, expected.prior)]
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=1e-12)


def test_numbers_with_too_many_values_are_tested_in_cells_and_say_so(in_memory, counted, monkeypatch):
    monkeypatch.setattr(CountedSide, "values", lambda _: None)

    found = data_drift(*counted).column("x")

    expected = data_drift(*in_memory).column("x")
    exact = ks_2samp(*(d.frame["x"].dropna() for d in in_memory), method="asymp")
    assert found.test.method.startswith("KS over ")
    assert found.test.statistic == pytest.approx(exact.statistic, abs=2 / column_sides._CELLS)
    assert found.test.statistic <= exact.statistic
    assert found.test.p_value >= expected.test.p_value
    np.testing.assert_array_equal(found.then, expected.then)


def test_scores_by_thousandths_are_those_of_the_rows_where_scores_lie_on_them(in_memory):
    sides = [Scored(score=d.frame["score"].to_numpy(), outcome=d.outcome, weight=None) for d in in_memory]
    counts = [count(s.outcome, s.score, None) for s in sides]

    found, expected = score_shift_of_counts(counts[0], counts[1]), score_shift(sides[0], sides[1])

    assert found.drift.test.statistic == pytest.approx(expected.drift.test.statistic, rel=1e-12)
    assert found.drift.mean_now == pytest.approx(np.nanmean(sides[1].score), rel=1e-12)
    assert found.of("auc") == expected.of("auc")
    assert (found.drift.blank_then, found.drift.blank_now) == (
        expected.drift.blank_then,
        expected.drift.blank_now,
    )
    ends = np.unique(
        np.quantile(sides[0].score[np.isfinite(sides[0].score)], np.arange(1, 10) / 10, method="lower")
    )
    for side, cells in zip(sides, (found.drift.then, found.drift.now), strict=True):
        known = side.score[np.isfinite(side.score)]
        by_hand = np.histogram(known, [-np.inf, *ends, np.inf])[0]
        np.testing.assert_array_equal(cells[:-1], by_hand)
    assert np.isin(ends, EDGES).all()


def test_the_json_of_two_portfolios_says_what_it_rests_on(in_memory, counted):
    found = compare_datasets(*counted, classifier=False).content
    expected = compare_datasets(*in_memory, classifier=False).content

    assert found["rows"] == expected["rows"] == {"then": 1000, "now": 700}
    assert found["rests_on"]["then"]["rows_counted"] == 1000
    assert "rests_on" not in expected
    assert found["columns"]["area"] == expected["columns"]["area"]
    assert found["prior_shift"]["now"]["value"] == pytest.approx(
        expected["prior_shift"]["now"]["value"], rel=1e-12
    )
    for when in ("then", "now"):
        for metric in ("auc", "selection_rate", "base_rate"):
            a, b = (one["scores"][when][metric]["value"] for one in (found, expected))
            assert a == pytest.approx(b, rel=1e-9), (when, metric)
