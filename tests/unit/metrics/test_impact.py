"""Impact ratios of Local Law 144, against a scan of the rows with pandas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.impact import impact_ratios


@pytest.fixture(scope="module", params=[0, 1, 2], ids=["fine", "coarse", "half blank"])
def rows(request):
    rng = np.random.default_rng(request.param)
    n = 1_001
    codes = rng.choice(4, n, p=[0.5, 0.3, 0.1, 0.1]).astype(np.int32)
    score = np.clip(rng.normal(0.5 - 0.05 * codes, 0.2), 0, 1)
    if request.param == 1:
        score = np.round(score, 1)  # many people sit on the median itself
    if request.param == 2:
        score[rng.random(n) < 0.5] = np.nan
    index = GroupIndex("sex", ("F", "M", "X", "(missing)"), codes)
    return rng.integers(0, 2, n).astype(np.int8), score, index


def test_rates_and_ratios_equal_a_scan_and_the_unknown_are_counted_apart(rows):
    label, score, index = rows
    frame = pd.DataFrame({"g": np.array(index.groups)[index.codes], "s": score}).dropna()
    median = frame["s"].median()
    known = frame[frame["g"] != "(missing)"]
    selected = (known["s"] >= 0.6).groupby(known["g"]).mean()
    above = (known["s"] > median).groupby(known["g"]).mean()

    found = impact_ratios(count(label, score, index), 0.6)

    assert found.groups == ("F", "M", "X")
    assert found.median == median
    assert found.unknown == int((frame["g"] == "(missing)").sum())
    assert found.n.tolist() == known.groupby("g").size().tolist()
    assert found.selection_rate == pytest.approx(selected.to_numpy(), abs=1e-12)
    assert found.selection_ratio == pytest.approx((selected / selected.max()).to_numpy(), abs=1e-12)
    assert found.scoring_rate == pytest.approx(above.to_numpy(), abs=1e-12)
    assert found.scoring_ratio == pytest.approx((above / above.max()).to_numpy(), abs=1e-12)


def test_without_rows_the_median_is_told_to_come_from_a_cell_and_is_close(rows):
    label, score, index = rows
    counted = count(label, score, index)

    exact = impact_ratios(counted, 0.6)
    coarse = impact_ratios(replace(counted, rows=None), 0.6)

    assert (exact.source, coarse.source) == ("rows", "cells")
    assert coarse.median <= exact.median + 1e-12
    assert coarse.median == pytest.approx(exact.median, abs=0.005)
    assert coarse.selection_rate == pytest.approx(exact.selection_rate, abs=1e-12)


def test_where_nobody_is_selected_or_scored_there_is_no_ratio():
    index = GroupIndex("g", ("a", "b"), np.array([0, 0, 1, 1], np.int32))
    label = np.array([0, 1, 0, 1], np.int8)

    nobody = impact_ratios(count(label, np.array([0.1, 0.2, 0.1, 0.3]), index), 0.9).to_json()
    blank = impact_ratios(count(label, np.full(4, np.nan), index), 0.5).to_json()

    assert nobody["groups"]["a"]["selection_rate"] == 0.0
    assert nobody["groups"]["a"]["selection_impact_ratio"] is None
    assert blank["median_score"] is None
    assert blank["groups"]["b"] == {
        "n": 0,
        "selection_rate": None,
        "selection_impact_ratio": None,
        "scoring_rate": None,
        "scoring_impact_ratio": None,
    }


def test_a_median_of_one_has_nobody_above_it():
    index = GroupIndex("g", ("a", "b"), np.array([0, 0, 1, 1], np.int32))

    found = impact_ratios(count(np.ones(4, np.int8), np.array([1.0, 1.0, 1.0, 0.2]), index), 0.5)

    assert found.median == 1.0
    assert found.scoring_rate.tolist() == [0.0, 0.0]
