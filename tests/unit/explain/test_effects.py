"""Partial dependence, individual lines and accumulated local effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.inspection import partial_dependence

from rai_dash.core.errors import InvalidChoice
from rai_dash.explain.drivers._grid import grid_of
from rai_dash.explain.drivers.curves import lines, local_effects

LEVELS = {"w": -0.1, "x": 0.0, "y": 0.2, "z": 0.5}


def _table(n=400, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    return pd.DataFrame(
        {"a": a, "b": rng.integers(0, 9, n), "c": rng.choice(list(LEVELS), n), "d": a + rng.normal(size=n)}
    )


def _linear(frame):
    return (0.3 * frame["a"] - 0.1 * frame["b"] + frame["c"].map(LEVELS) + 0.2 * frame["d"]).to_numpy(float)


def _crossed(frame):
    return 1 / (1 + np.exp(-(frame["a"] * frame["d"] + 0.2 * frame["b"]).to_numpy(float)))


class Regressor(RegressorMixin, BaseEstimator):
    def fit(self, *_):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def predict(self, frame):
        return _crossed(frame)


def test_lines_equal_those_of_sklearn():
    frame = _table().drop(columns="c").astype(float)
    ours = lines(_crossed, frame, "a", points=12)

    theirs = partial_dependence(
        Regressor(), frame, ["a"], kind="both", custom_values={"a": ours.grid.values}, method="brute"
    )

    assert ours.lines == pytest.approx(theirs["individual"][0], abs=1e-12)
    assert ours.mean.value == pytest.approx(theirs["average"][0], abs=1e-12)
    assert ours.centred == pytest.approx(ours.lines - ours.lines[:, [0]], abs=1e-15)


def test_both_curves_of_a_linear_model_have_its_slope_without_doubt():
    frame = _table()
    pdp, ale = lines(_linear, frame, "a"), local_effects(_linear, frame, "a")

    for found in (pdp.change, ale.change):
        assert found.value == pytest.approx(0.3 * (pdp.grid.values - pdp.grid.values[0]), abs=1e-12)
        assert found.high - found.low == pytest.approx(np.zeros(len(found.value)), abs=1e-9)
    assert (pdp.mean.high > pdp.mean.low).all()


def test_local_effects_follow_the_formula_row_by_row():
    frame = _table(300)
    found = local_effects(_crossed, frame, "a", points=10)
    z, x = found.grid.values, frame["a"].to_numpy()

    steps, sizes = [], []
    for k in range(1, len(z)):
        rows = frame[(x > z[k - 1]) & (x <= z[k]) | ((k == 1) & (x == z[0]))]
        steps.append((_crossed(rows.assign(a=z[k])) - _crossed(rows.assign(a=z[k - 1]))).mean())
        sizes.append(len(rows))
    curve = np.concatenate([[0.0], np.cumsum(steps)])
    middle = (curve[1:] + curve[:-1]) / 2

    assert sum(sizes) == 300
    assert found.change.value == pytest.approx(curve, abs=1e-12)
    assert found.effect.value == pytest.approx(curve - np.average(middle, weights=sizes), abs=1e-12)


def test_the_interval_of_local_effects_is_that_of_sums_of_means():
    frame = _table(300)
    found = local_effects(_crossed, frame, "a", points=4)
    z, x = found.grid.values, frame["a"].to_numpy()
    variance = 0.0
    for k in range(1, len(z)):
        rows = frame[(x > z[k - 1]) & (x <= z[k]) | ((k == 1) & (x == z[0]))]
        jump = _crossed(rows.assign(a=z[k])) - _crossed(rows.assign(a=z[k - 1]))
        variance += jump.var(ddof=1) / len(rows)

    half = (found.change.high - found.change.low) / 2

    assert half[0] == 0
    assert half[-1] == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-6)


def test_categories_of_an_additive_model_get_their_own_differences():
    frame = _table()
    pdp, ale = lines(_linear, frame, "c"), local_effects(_linear, frame, "c")
    true = np.array([LEVELS[name] for name in pdp.grid.labels])

    assert pdp.grid.labels == tuple(LEVELS)
    assert pdp.change.value == pytest.approx(true - true[0], abs=1e-12)
    assert ale.change.value == pytest.approx(true - true[0], abs=1e-12)
    assert ale.effect.value @ ale.grid.counts == pytest.approx(0, abs=1e-9)
    assert sorted(ale.path) == [0, 1, 2, 3]


def test_categories_are_accumulated_along_their_similarity_and_both_neighbours_count():
    rng = np.random.default_rng(4)
    kind = rng.choice(["p", "q", "r"], 200)
    # In the other column r lies between p and q.
    frame = pd.DataFrame(
        {"k": kind, "v": pd.Series(kind).map({"p": 0.0, "q": 4.0, "r": 2.0}) + rng.normal(size=200)}
    )

    def score(table):
        return (table["k"].map({"p": 1.0, "q": 2.0, "r": 5.0}) * table["v"]).to_numpy(float)

    found = local_effects(score, frame, "k")

    def step(one, two):
        rows = frame[frame["k"].isin([one, two])]
        return (score(rows.assign(k=two)) - score(rows.assign(k=one))).mean()

    assert found.path == (0, 2, 1)
    curve = [0.0, step("p", "r") + step("r", "q"), step("p", "r")]
    assert found.change.value == pytest.approx(curve, abs=1e-12)


def test_categories_keep_the_models_order_and_blanks_are_left_out():
    frame = pd.DataFrame({"k": ["b", None, "a", "new", "b"]})
    grid = grid_of(frame, "k", categories=["b", "a"])

    assert grid.labels == ("b", "a", "new")
    assert grid.counts.tolist() == [2, 1, 1]
    assert grid.left_out == 1


def test_whole_numbers_stay_whole_and_quantiles_are_observed():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.integers(0, 10**6, 500), "b": rng.integers(0, 5, 500)})
    kinds = set()

    def score(table):
        kinds.add(table["a"].dtype.kind)
        return table["a"].to_numpy(float) / 10**6

    found = lines(score, frame, "a", points=20)

    assert kinds == {"i"}
    assert set(found.grid.values) <= set(frame["a"])
    expected = np.quantile(frame["a"], np.linspace(0, 1, 21), method="inverted_cdf")
    assert found.grid.values.tolist() == expected.tolist()
    assert found.grid.counts.sum() == 500
    assert lines(score, frame, "b").grid.values.tolist() == [0, 1, 2, 3, 4]


def test_a_number_that_many_rows_share_does_not_use_up_the_quantiles():
    rng = np.random.default_rng(0)
    gains = rng.integers(1, 9999, 400)
    frame = pd.DataFrame({"gain": np.concatenate([np.zeros(3600, np.int64), gains])})
    grid = grid_of(frame, "gain", points=10)

    expected = np.quantile(gains, np.linspace(0, 1, 11), method="inverted_cdf")
    assert grid.values.tolist() == [0, *expected]
    assert grid.counts[0] == 3600


def test_linked_columns_move_along():
    frame = _table()
    frame["twice"] = 2 * frame["b"]

    def score(table):
        return (0.1 * table["b"] + 0.05 * table["twice"]).to_numpy(float)

    assert np.diff(lines(score, frame, "b").mean.value) == pytest.approx(0.1)
    assert np.diff(lines(score, frame, "b", linked=["twice"]).mean.value) == pytest.approx(0.2)
    assert np.diff(local_effects(score, frame, "b", linked=["twice"]).effect.value) == pytest.approx(0.2)


def test_drawn_rows_are_said_and_the_same_each_time():
    frame = _table()
    one, two = (lines(_crossed, frame, "a", most_rows=50, seed=1) for _ in range(2))

    assert (len(one.rows), one.of) == (50, 400)
    assert one.lines.tolist() == two.lines.tolist()


def test_a_column_of_one_value_has_one_point():
    frame = _table().assign(b=3)

    assert lines(_crossed, frame, "b").change.value.tolist() == [0]
    assert local_effects(_crossed, frame, "b").effect.value.tolist() == [0]


@pytest.mark.parametrize(("column", "linked"), [("none", ()), ("a", ("a",)), ("a", ("none",)), ("empty", ())])
def test_choices_that_do_not_fit_are_refused(column, linked):
    with pytest.raises(InvalidChoice):
        lines(_crossed, _table(20).assign(empty=np.nan), column, linked=linked)
