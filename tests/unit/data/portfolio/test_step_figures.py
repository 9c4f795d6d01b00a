from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.counting import count
from rai_dash.data.groups import group_index
from rai_dash.data.levels import split_levels
from rai_dash.data.portfolio import step_figures
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.opening import open_portfolio
from rai_dash.data.portfolio.questions import ScoreStep, Tally, Value
from rai_dash.data.portfolio.whole import ScoreColumn, Whole
from rai_dash.metrics.calibration import TOO_CLOSE
from rai_dash.metrics.table import metric_table

ROLES = Roles(target="y", favourable=("good",), unfavourable=("bad",), score="s")
FIGURES = ("auc", "calibration_intercept", "calibration_slope")


def made(n=40_000, *, spread=7.0, seed=3):
    """Scores that pile up beside 0 and 1, and promise too much there."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0, spread, n)
    good = rng.random(n) < expit(0.6 * x + 1.0)
    score = expit(x)
    score[:200], score[200:400] = 0.0, 1.0
    return pd.DataFrame(
        {
            "s": np.where(rng.random(n) < 0.01, np.nan, score),
            "y": pd.Series(np.where(good, "good", "bad"), dtype="str").mask(rng.random(n) < 0.02),
            "g": np.array(["a", "b", "c"])[rng.integers(0, 3, n)],
            "h": np.array(["u", "v"])[rng.integers(0, 2, n)],
            "w": rng.exponential(1.0, n).round(3),
        }
    )


def whole_of(frame, roles=ROLES):
    return Whole(portfolio=open_portfolio(pa.Table.from_pandas(frame)), roles=roles, score=ScoreColumn("s"))


def in_memory(frame, column=None, *, weighted=False):
    outcome = frame["y"].map({"good": 1, "bad": 0}).fillna(2).to_numpy(np.int8)
    index = None if column is None else group_index(frame, column)
    weight = frame["w"].to_numpy() if weighted else None
    return count(outcome, frame["s"].to_numpy(), index, weight=weight)


def assert_close(found, expected, within):
    # The interval of the AUC allows for what the steps blur, on either side.
    wider = {"auc_low": -found.auc_bound, "auc_high": found.auc_bound}
    for one in fields(expected):
        if (exact := getattr(expected, one.name)) is not None:
            there = exact + wider.get(one.name, 0.0)
            np.testing.assert_allclose(getattr(found, one.name), there, rtol=0, atol=within, err_msg=one.name)


def test_scores_that_share_a_step_widen_the_interval_and_leave_calibration_undefined():
    rng = np.random.default_rng(9)
    x = rng.normal(0.0, 1.0, 5_000)
    frame = pd.DataFrame({"s": 0.6 + 1e-9 * x, "y": np.where(rng.random(5_000) < expit(x), "good", "bad")})
    exact = in_memory(frame).figures()
    found = metric_table(whole_of(frame).counts(), 0.5).to_json(0)

    assert found["auc"]["low"] < exact.auc_low[0] < exact.auc[0] < exact.auc_high[0] < found["auc"]["high"]
    for name in ("calibration_slope", "calibration_intercept"):
        assert found[name]["value"] is None
    assert metric_table(whole_of(frame).counts(), 0.5).estimate("calibration_slope", 0).reason == TOO_CLOSE


@pytest.mark.parametrize("weight", [None, "w"])
def test_figures_and_limits_of_scores_beside_0_and_1_are_those_of_the_rows(weight):
    frame = made()
    counts = whole_of(frame, ROLES.with_(weight=weight)).counts(("g",))
    expected = in_memory(frame, "g", weighted=weight is not None)

    found, exact = counts.figures(), expected.figures()

    assert_close(found, exact, 1e-6)
    assert found.auc_bound.max() < 1e-4
    assert (np.abs(found.auc - exact.auc) <= found.auc_bound).all()
    # From thousandths, of which most of these scores fill two, the slope is another one.
    blurred = metric_table(type(expected)(column="g", groups=counts.groups, counts=counts.counts), 0.5)
    assert abs(blurred.estimate("calibration_slope", 0).value - exact.calibration_slope[0]) > 0.01


def test_the_metrics_say_that_they_come_from_cells_and_how_far_off_they_may_be():
    frame = made(4_000)
    found, exact = metric_table(whole_of(frame).counts(), 0.5), metric_table(in_memory(frame), 0.5)
    for name in FIGURES:
        mine, theirs = found.to_json(0)[name], exact.to_json(0)[name]
        assert (mine["from"], theirs["from"]) == ("cells", "rows")
        for key, sign in (("value", 0), ("low", -1), ("high", 1)):
            wider = sign * mine.get("bound", 0.0)
            assert mine[key] == pytest.approx(theirs[key] + wider, abs=1e-5)
    labelled = frame.dropna(subset=["s", "y"])
    auc = roc_auc_score(labelled["y"] == "good", labelled["s"])
    assert abs(found.to_json(0)["auc"]["value"] - auc) <= found.to_json(0)["auc"]["bound"] < 5e-3


def test_everyone_alone_and_each_level_keep_their_figures():
    frame = made(6_000)
    whole = whole_of(frame)

    assert_close(whole.counts().total().figures(), in_memory(frame).figures(), 1e-6)
    parts = split_levels(whole.counts(("h", "g")), group_index(frame, "h"), group_index(frame, "g"))
    for level, counts in parts:
        assert_close(counts.figures(), in_memory(frame[frame["h"] == level], "g").figures(), 1e-5)


def test_rounded_scores_have_the_figures_of_the_rows_to_the_last_digits():
    frame = made(5_000, spread=2.0)
    frame["s"] = frame["s"].round(2)

    figures = whole_of(frame).counts(("g",)).figures()
    assert_close(figures, in_memory(frame, "g").figures(), 1e-11)
    assert (figures.auc_bound == 0.0).all()


def test_without_a_score_or_an_outcome_nothing_is_said():
    frame = made(300)
    frame["s"] = np.nan
    figures = whole_of(frame).counts(("g",)).figures()

    assert np.isnan(figures.auc).all()
    assert np.isnan(figures.calibration_slope).all()
    roles = Roles(score="s")
    assert np.isnan(whole_of(made(300), roles).counts(("g",)).figures().auc).all()


@pytest.mark.parametrize("steps", [16, 4096])
def test_steps_grow_with_the_score_and_are_as_narrow_as_they_say(steps):
    rng = np.random.default_rng(0)
    near = np.concatenate([2.0 ** -rng.uniform(1.0, 34.0, 3_000), 2.0 ** -np.arange(1.0, 34.0), [0.0]])
    around = np.concatenate([near, np.nextafter(near, 1.0), np.nextafter(near, 0.0).clip(0.0)])
    values = np.unique(np.concatenate([around, 1.0 - around]))
    table = pa.table({"s": values, "at": np.arange(values.size)})
    answer = open_portfolio(table).tally(Tally(keys=(ScoreStep(column="s", steps=steps), Value(column="at"))))
    step = np.empty(values.size, np.int64)
    step[answer.values()["at"].to_numpy()] = answer.codes(0, -1)

    assert (np.diff(step) >= 0).all()
    assert (step[1] > step[0], step[-1] > step[-2]) == (True, True)
    heads = np.flatnonzero(np.diff(step, prepend=-1))
    width = np.maximum.reduceat(values, heads) - values[heads]
    end = np.minimum.reduceat(np.minimum(values, 1.0 - values), heads)
    inside = end >= 2.0**-31
    assert (width[inside] <= 2.0 * end[inside] / steps * (1 + 1e-9)).all()
    assert width[~inside].max() < 2.0**-31


def test_many_groups_are_counted_by_fewer_steps_and_what_is_refused_is_asked_again():
    asked = []

    def ask(steps):
        asked.append(steps)
        if steps > 64:
            msg = "too many"
            raise InvalidChoice(msg, code="too_many_values")
        return Answer(Tally(), pa.table({"n": [steps]}))

    assert step_figures.finest(ask, 1).n[0] == 64
    assert asked == [4096, 2048, 1024, 256, 64]
    asked.clear()
    assert step_figures.finest(ask, 5_000).n[0] == 16
    assert asked == [16]

    def refuse(steps):
        msg = "no such column"
        raise InvalidChoice(msg)

    with pytest.raises(InvalidChoice, match="no such column"):
        step_figures.finest(refuse, 1)
