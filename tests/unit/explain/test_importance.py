"""Importance of columns: attributions, shuffling, cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap, t
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import permutation_importance as sklearn_importance
from sklearn.metrics import roc_auc_score

from rai_dash.core.errors import Cancelled, InvalidChoice
from rai_dash.explain import _asking
from rai_dash.explain._asking import Watch
from rai_dash.explain.drivers import importance as module
from rai_dash.explain.drivers._losses import auc
from rai_dash.explain.drivers.importance import permutation_importance, shap_importance
from rai_dash.metrics._base import Costs

COSTS = Costs(cost_fp=5.0, cost_fn=1.0)


def _score(frame):
    return 1 / (1 + np.exp(-(frame["a"] + 0.5 * frame["b"]).to_numpy(float)))


@pytest.fixture(scope="module")
def applications():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"a": rng.normal(size=240), "b": rng.integers(0, 4, 240), "c": rng.choice(["x", "y"], 240)}
    )
    outcome = (rng.random(240) < _score(frame)).astype(np.int8)
    outcome[:20] = 2
    return frame, outcome


class Fitted(ClassifierMixin, BaseEstimator):
    def fit(self, *_):
        return self

    def predict_proba(self, frame):
        p = _score(frame)
        return np.column_stack([1 - p, p])

    @property
    def classes_(self):
        return np.array([0, 1])


@pytest.mark.parametrize(
    ("measure", "scoring"), [("auc", "roc_auc"), ("brier", "neg_brier_score"), ("log_loss", "neg_log_loss")]
)
def test_drops_equal_those_of_sklearn_for_the_same_shuffles(applications, monkeypatch, measure, scoring):
    frame, outcome = applications
    known = outcome != 2
    theirs = sklearn_importance(
        Fitted(), frame[known], outcome[known], scoring=scoring, n_repeats=3, random_state=5
    )
    seed = np.random.RandomState(5).randint(np.iinfo(np.int32).max + 1)
    state, order, orders = np.random.RandomState(seed), np.arange(known.sum()), [np.arange(known.sum())]
    for _ in range(3):
        state.shuffle(order)
        orders.append(orders[-1][order])  # theirs shuffles what is shuffled already
    monkeypatch.setattr(module, "_orders", lambda *_: np.stack(orders[1:]))

    ours = permutation_importance(_score, frame, outcome, repeats=3)[measure]

    assert ours.value == pytest.approx(theirs.importances_mean, abs=1e-12)
    assert ours.repeat_sd == pytest.approx(theirs.importances.std(axis=1, ddof=1), abs=1e-12)
    assert (ours.rows, ours.of, ours.repeats) == (220, 220, 3)


def test_the_cost_of_shuffling_is_counted_by_hand(applications, monkeypatch):
    frame, outcome = applications
    rows = np.flatnonzero(outcome != 2)
    order = np.random.default_rng(1).permutation(len(rows))
    monkeypatch.setattr(module, "_orders", lambda *_: order[None])

    ours = permutation_importance(_score, frame, outcome, repeats=1, threshold=0.7, costs=COSTS)["cost"]

    table = frame.iloc[rows].reset_index(drop=True)
    shuffled = table.assign(b=table["b"].to_numpy()[order])
    cost = 0.0
    for sign, scores in ((1, _score(shuffled)), (-1, _score(table))):
        for p, y in zip(scores, outcome[rows], strict=True):
            cost += sign * (5.0 if p >= 0.7 and y == 0 else 1.0 if p < 0.7 and y == 1 else 0.0)
    assert ours.value[1] == pytest.approx(cost / len(rows), abs=1e-12)
    assert np.isnan(ours.repeat_sd).all()


def test_influences_of_the_auc_are_its_derivatives(applications):
    frame, outcome = applications
    known = outcome != 2
    score, good = np.round(_score(frame)[known], 1), outcome[known] == 1
    found = auc(score, good)
    assert found.value == pytest.approx(roc_auc_score(good, score), abs=1e-12)

    n, h = len(score), 1e-6
    for i in (0, 7, 100):
        weight = np.ones(n)
        weight[i] += h * n
        moved = roc_auc_score(good, score, sample_weight=weight)
        assert found.influence[i] == pytest.approx((moved - found.value) / h, abs=1e-3)


def test_an_unused_column_has_no_importance_and_no_doubt(applications):
    frame, outcome = applications

    for found in permutation_importance(_score, frame, outcome, threshold=0.5, costs=COSTS).values():
        assert (found.value[2], found.low[2], found.high[2]) == pytest.approx((0, 0, 0), abs=1e-12)
        assert found.low[0] < found.value[0] < found.high[0]


def test_linked_columns_are_shuffled_together():
    rng = np.random.default_rng(0)
    a = rng.normal(size=300)
    frame = pd.DataFrame({"a": a, "c": rng.normal(size=300), "b": a})
    outcome = (a > 0).astype(np.int8)

    def score(table):
        # Right only where both columns agree, so that a shuffle of one of them shows.
        assert seen(table)
        return (table["a"] > 0).to_numpy(float)

    def seen(table):
        return bool((table["a"] == table["b"]).all())

    found = permutation_importance(score, frame, outcome, blocks=[("b", "a")])["auc"]

    assert found.players == (("b", "a"), ("c",))
    assert found.names[0] == "b + a"
    assert found.value[0] == pytest.approx(0.5, abs=0.1)


def test_calls_are_bounded_and_the_order_of_answers_does_not_depend_on_it(applications, monkeypatch):
    frame, outcome = applications
    whole = permutation_importance(_score, frame, outcome)["brier"]
    sizes = []

    def counted(table):
        sizes.append(len(table))
        return _score(table)

    for bound in (100, 500):
        sizes.clear()
        monkeypatch.setattr(_asking, "CALL_ROWS", bound)
        parts = permutation_importance(counted, frame, outcome)["brier"]
        assert max(sizes) <= bound
        assert parts.value.tolist() == whole.value.tolist()


def test_it_can_be_watched_and_stopped(applications):
    told = []
    watch = Watch(on_progress=lambda *step: told.append(step), cancelled=lambda: len(told) > 0)

    with pytest.raises(Cancelled):
        permutation_importance(_score, *applications, watch=watch)
    assert told[0][:2] == (0, 3 * 5 * 220)


def test_one_class_has_no_auc_but_a_brier_score(applications):
    frame, _ = applications
    found = permutation_importance(_score, frame, np.ones(len(frame), np.int8))

    assert np.isnan(found["auc"].value).all()
    assert "same outcome" in found["auc"].reason
    assert found["brier"].reason is None
    assert found["brier"].value[0] != 0


def test_no_known_outcome_is_said(applications):
    frame, _ = applications
    found = permutation_importance(_score, frame, np.full(len(frame), 2, np.int8))["brier"]

    assert np.isnan(found.value).all()
    assert "known outcome" in found.reason


def test_attributions_are_averaged_with_students_interval():
    values = np.random.default_rng(0).normal(size=(50, 3))
    found = shap_importance(values, ["a", "b", "c"])

    size = np.abs(values[:, 1])
    low, high = t.interval(0.95, 49, size.mean(), size.std(ddof=1) / np.sqrt(50))
    assert (found.value[1], found.low[1], found.high[1]) == pytest.approx((size.mean(), low, high))
    resampled = bootstrap((size,), np.mean, rng=np.random.default_rng(0), n_resamples=999).confidence_interval
    assert (found.low[1], found.high[1]) == pytest.approx(tuple(resampled), abs=0.05)


def test_a_block_adds_up_before_the_absolute_value_is_taken():
    values = np.array([[1.0, 9.0, -1.0], [2.0, 9.0, -2.0]])
    found = shap_importance(values, ["a", "c", "b"], blocks=[("a", "b")])

    assert found.players == (("a", "b"), ("c",))
    assert found.value.tolist() == [0.0, 9.0]
    assert found.order.tolist() == [1, 0]


@pytest.mark.parametrize("blocks", [[("a", "b"), ("b", "c")], [("a", "none")]])
def test_blocks_that_do_not_fit_are_refused(blocks):
    with pytest.raises(InvalidChoice):
        shap_importance(np.ones((2, 3)), ["a", "b", "c"], blocks=blocks)
