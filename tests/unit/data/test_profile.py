from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.profile import profile


@pytest.fixture
def found():
    rng = np.random.default_rng(0)
    n = 300
    frame = pd.DataFrame(
        {
            "amount": np.where(rng.random(n) < 0.1, np.nan, rng.gamma(2.0, size=n)),
            "code": rng.integers(1, 4, n),
            "area": rng.choice(["n", "s", None], n, p=[0.5, 0.3, 0.2]),
            "key": [f"K{i}" for i in range(n)],
            "note": [f"text {i % 250}" for i in range(n)],
            "day": ["2020-01-02", "2021-12-31", None] * (n // 3),
            "one": ["x"] * n,
            "none": [np.nan] * n,
            "number": np.arange(n),
        }
    )
    frame = dataset_from_frame(frame).frame
    return frame, {p.name: p for p in profile(frame, Roles(id="number"))}


def test_each_column_has_its_kind(found):
    kinds = {name: p.kind for name, p in found[1].items()}

    assert kinds == {
        "amount": "number", "code": "number", "area": "category", "key": "id", "note": "text",
        "day": "date", "one": "constant", "none": "empty", "number": "id",
    }  # fmt: skip


def test_numbers_agree_with_pandas(found):
    frame, profiles = found
    one, series = profiles["amount"], frame["amount"]

    assert (one.n, one.missing, one.distinct) == (len(series), series.isna().sum(), series.nunique())
    assert (one.low, one.high) == (series.min(), series.max())
    assert one.mean == pytest.approx(series.mean(), rel=1e-12)
    assert one.quantiles == pytest.approx(series.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).tolist())
    assert one.histogram.counts.sum() == series.notna().sum()
    assert (one.histogram.edges[0], one.histogram.edges[-1]) == (series.min(), series.max())


@pytest.mark.parametrize("name", ["code", "area"])
def test_the_most_frequent_values_agree_with_pandas(found, name):
    frame, profiles = found

    oracle = {str(k): int(v) for k, v in frame[name].value_counts().items()}
    assert dict(profiles[name].top) == oracle
    assert [n for _, n in profiles[name].top] == sorted(oracle.values(), reverse=True)
    assert profiles[name].histogram is None


def test_an_empty_column_has_nothing_to_show(found):
    one = found[1]["none"]

    assert (one.missing, one.distinct, one.low, one.mean, one.top, one.histogram) == (
        300,
        0,
        None,
        None,
        (),
        None,
    )


def test_a_table_without_rows_has_profiles_of_nothing():
    (one,) = profile(pd.DataFrame({"a": np.array([], dtype=np.float64)}), Roles())

    assert (one.kind, one.n) == ("empty", 0)
