"""Two models on the same rows against fairlearn, scipy, and a bootstrap of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate
from scipy.stats import binomtest, kstest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, precision_score, recall_score

from rai_dash.metrics.paired import paired_difference
from rai_dash.metrics.paired_draws import pair_draws
from rai_dash.metrics.paired_table import PairRows, paired_by_group
from rai_dash.report.models_work import CompareOptions, compare_models
from tests.unit.report.models_world import case_of, data, people

OF_FAIRLEARN = {
    "selection_rate": selection_rate,
    "accuracy": accuracy_score,
    "balanced_accuracy": balanced_accuracy_score,
    "recall": recall_score,
    "fpr": false_positive_rate,
    "precision": precision_score,
    "f1": f1_score,
}


@pytest.fixture(scope="module")
def frame():
    return people(3_000, unknown=0.0)


def test_group_metrics_of_both_models_and_their_differences_equal_fairlearns(frame):
    found = compare_models(case_of(data(frame)), "living", ["a", "b"], CompareOptions(thresholds={"b": 0.45}))
    good = (frame["paid"] == "1").astype(int)
    frames = [
        MetricFrame(
            metrics=OF_FAIRLEARN, y_true=good, y_pred=(frame[m] >= t).astype(int), sensitive_features=frame["g"]
        )
        for m, t in (("a", 0.5), ("b", 0.45))
    ]  # fmt: skip
    pair = found.pairs[0].by_group["g"]
    for g, group in enumerate(pair.groups):
        by_name = {m.metric: m for m in pair.metrics[g]}
        for name in OF_FAIRLEARN:
            was, now = (f.by_group.loc[group, name] for f in frames)
            assert by_name[name].a.value == pytest.approx(was, abs=1e-12)
            assert by_name[name].b.value == pytest.approx(now, abs=1e-12)
            assert by_name[name].difference == pytest.approx(now - was, abs=1e-12)
            table = found.candidate("b").by_group["g"]
            assert table.estimate(name, table.groups.index(group)).value == pytest.approx(now, abs=1e-12)


def test_gaps_of_each_model_equal_fairlearns_difference(frame):
    found = compare_models(case_of(data(frame)), "living", ["a", "b"])
    good = (frame["paid"] == "1").astype(int)
    for key in ("a", "b"):
        expected = MetricFrame(
            metrics=recall_score,
            y_true=good,
            y_pred=(frame[key] >= 0.5).astype(int),
            sensitive_features=frame["g"],
        ).difference()
        assert found.candidate(key).gaps["g"]["recall"].difference == pytest.approx(expected, abs=1e-12)


def tables():
    rng = np.random.default_rng(3)
    for _ in range(40):
        n = int(rng.integers(1, 400))
        a = rng.random(n) < rng.random()
        yield a, a ^ (rng.random(n) < rng.random() * 0.4)


def test_the_exact_test_equals_scipys_binomial_test():
    for a, b in tables():
        found = paired_difference(a, b)
        expected = binomtest(found.only_a, found.discordant).pvalue if found.discordant else 1.0
        assert found.p_value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("metric", ["balanced_accuracy", "precision", "f1"])
def test_drawn_differences_have_the_law_of_drawing_rows_again(frame, metric):
    """4,000 samples of rows against 4,000 draws of counts, in one group of two: Kolmogorov and Smirnov see one law."""
    codes = (frame["g"] == "women").to_numpy().astype(int)
    rows = PairRows(
        outcome=(frame["paid"] == "1").to_numpy().astype(np.int8), a=frame["a"].to_numpy(), b=frame["b"].to_numpy(),
        thresholds=(0.5, 0.5),
    )  # fmt: skip
    drawn = pair_draws(rows.cells(codes, ("men", "women"), "g"), seed=1).difference(metric, 1).drawn
    good, a, b = rows.outcome == 1, rows.a >= 0.5, rows.b >= 0.5
    rng, changes = np.random.default_rng(2), np.empty(4_000)
    for k in range(changes.size):
        at = rng.integers(0, codes.size, codes.size)
        at = at[codes[at] == 1]
        y = good[at]
        changes[k] = number(metric, y, b[at]) - number(metric, y, a[at])
    assert kstest(drawn, changes).pvalue > 0.001
    assert np.std(drawn) == pytest.approx(np.std(changes), rel=0.06)


def number(metric, y, d):
    tp, fp, fn, tn = (y & d).sum(), (~y & d).sum(), (y & ~d).sum(), (~y & ~d).sum()
    if metric == "precision":
        return tp / (tp + fp)
    if metric == "f1":
        return 2 * tp / (2 * tp + fp + fn)
    return (tp / (tp + fn) + tn / (tn + fp)) / 2


def test_a_group_alone_and_among_others_has_the_same_rates(frame):
    codes, names = pd.factorize(frame["g"])
    rows = PairRows(
        outcome=(frame["paid"] == "1").to_numpy().astype(np.int8), a=frame["a"].to_numpy(), b=frame["b"].to_numpy(),
        thresholds=(0.5, 0.5),
    )  # fmt: skip
    found = paired_by_group(rows, codes, rows.cells(codes, tuple(names), "g"), metrics=("recall",))
    for g, name in enumerate(names):
        part = (frame["g"] == name) & (frame["paid"] == "1")
        expected = paired_difference(
            (frame["a"] >= 0.5)[part].to_numpy(), (frame["b"] >= 0.5)[part].to_numpy()
        )
        assert found[g][0].p_value == expected.p_value
        assert (found[g][0].low, found[g][0].high) == (expected.low, expected.high)
