from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.explain.nearest import gower, nearest
from rai_dash.explain.what_if import ice

ROW = st.tuples(
    st.one_of(st.none(), st.integers(-5, 5)),
    st.one_of(st.none(), st.sampled_from("abc")),
    st.floats(-3, 3).map(lambda x: round(x, 1)),
)
TABLES = st.lists(ROW, min_size=2, max_size=12)


def table(rows):
    frame = pd.DataFrame(rows, columns=["n", "c", "x"])
    return frame.astype({"n": "float64", "c": "str", "x": "float64"})


@settings(max_examples=40)
@given(TABLES, st.sampled_from(["range", "spread"]), st.randoms(use_true_random=False))
def test_distances_lie_in_0_to_1_are_the_same_both_ways_and_follow_their_rows(rows, unit, random):
    frame = table(rows)
    order = list(range(len(frame)))
    random.shuffle(order)

    total, _ = gower(frame.iloc[[0]], frame, unit=unit)
    back = [gower(frame.iloc[[i]], frame, unit=unit)[0][0] for i in range(len(frame))]
    moved, _ = gower(frame.iloc[[0]], frame.iloc[order].reset_index(drop=True), unit=unit)

    assert total[0] == 0
    assert ((total >= 0) & (total <= 1)).all()
    assert total == pytest.approx(back, abs=1e-12)
    assert moved == pytest.approx(total[order], abs=1e-12)


@settings(max_examples=40)
@given(TABLES, st.integers(1, 5))
def test_nobody_left_out_is_nearer_and_every_difference_is_named(rows, k):
    frame = table(rows)
    found = nearest(frame.iloc[[0]], frame, np.arange(len(frame)) > 0, k=k)

    total, _ = gower(frame.iloc[[0]], frame)
    same = frame.iloc[1:].groupby(["n", "c", "x"], dropna=False).ngroups
    assert len(found) == min(k, same)
    assert found[0].distance == total[1:].min()
    for one in found:
        pairs = zip(frame.iloc[0].items(), frame.iloc[one.row].items(), strict=True)
        differs = {a for (a, v), (_, w) in pairs if not (v == w or (pd.isna(v) and pd.isna(w)))}
        assert set(one.differs) == differs
        assert (one.distance == 0) == (not differs)


@settings(max_examples=40)
@given(TABLES)
def test_a_line_runs_through_the_applicants_own_score_and_asks_observed_values_only(rows):
    frame = table(rows)

    def score(asked):
        return 1 / (1 + np.exp(-asked["x"].to_numpy() - asked["n"].fillna(0).to_numpy()))

    line = ice(score, frame.iloc[[0]], frame, "x")

    assert set(line.points) == set(frame["x"])
    assert line.scores[line.points.index(frame["x"].iloc[0])] == line.own_score
    assert (np.diff(line.scores) >= 0).all()
