from __future__ import annotations

import json

import numpy as np
import pytest

from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics._base import LEAST_OF_A_CLASS, METRICS
from rai_dash.metrics.table import Costs, metric_table

#: DESIGN.md section 4, without `n`.
NAMES = {
    "base_rate", "selection_rate", "accuracy", "balanced_accuracy", "precision", "recall", "fpr", "fnr",
    "tnr", "fdr", "for_rate", "npv", "f1", "auc", "brier", "mean_score", "calibration_intercept",
    "calibration_slope", "expected_cost",
}  # fmt: skip


def counts_of(cells, **more):
    """Counts with tp, fp, fn, tn per group; scores .8 and .2."""
    label, score, codes, names = [], [], [], tuple(cells)
    for g, (tp, fp, fn, tn) in enumerate(cells.values()):
        label += [1] * tp + [0] * fp + [1] * fn + [0] * tn
        score += [0.8] * (tp + fp) + [0.2] * (fn + tn)
        codes += [g] * (tp + fp + fn + tn)
    index = GroupIndex("sex", names, np.array(codes, np.int32))
    return count(np.array(label, np.int8), np.array(score), index, **more)


#: EXPECTED.json of the story, step "6 collected 8000", own test.
STORY = {"Male": (14, 119, 4, 863), "Female": (0, 12, 0, 588)}


def test_the_registry_has_exactly_the_metrics_of_the_design():
    assert set(METRICS) == NAMES
    assert all(METRICS[name].name == name for name in METRICS)


def test_every_metric_says_what_it_means_in_one_line():
    for entry in METRICS.values():
        assert entry.meaning.endswith(".")
        assert "\n" not in entry.meaning
        assert entry.label
        assert entry.direction in {"higher", "lower", "neutral"}


def test_rates_of_the_story_equal_the_published_figures():
    table = metric_table(counts_of(STORY), 0.5)

    found = {name: round(table.estimate(name, 0).value, 4) for name in ("accuracy", "precision", "recall")}
    assert found == {"accuracy": 0.877, "precision": 0.1053, "recall": 0.7778}
    assert round(table.estimate("accuracy", 1).value, 4) == 0.98
    assert table.estimate("precision", 1).value == 0.0


def test_all_rates_by_hand():
    table = metric_table(counts_of({"a": (6, 2, 4, 8)}), 0.5)

    expected = {
        "base_rate": (10, 20), "selection_rate": (8, 20), "accuracy": (14, 20), "precision": (6, 8),
        "recall": (6, 10), "fpr": (2, 10), "fnr": (4, 10), "tnr": (8, 10), "fdr": (2, 8),
        "for_rate": (4, 12), "npv": (8, 12), "f1": (12, 18),
    }  # fmt: skip
    for name, (numerator, denominator) in expected.items():
        found = table.estimate(name, 0)
        assert (found.numerator, found.denominator) == (numerator, denominator), name
        assert found.value == numerator / denominator, name
        assert name == "f1" or found.low < found.value < found.high, name
    assert table.estimate("balanced_accuracy", 0).value == pytest.approx(0.7)
    assert table.positives.tolist() == [10]
    assert table.predicted_positives.tolist() == [8]


ONE_CLASS = {"auc", "balanced_accuracy", "calibration_intercept", "calibration_slope"}


@pytest.mark.parametrize(
    ("cells", "undefined"),
    [
        ((0, 12, 0, 588), {"recall", "fnr"} | ONE_CLASS),
        ((5, 0, 3, 0), {"fpr", "tnr"} | ONE_CLASS),
        ((0, 0, 4, 6), {"precision", "fdr", "calibration_slope"}),
        ((3, 4, 0, 0), {"for_rate", "npv", "calibration_slope"}),
        ((0, 0, 0, 6), {"precision", "fdr", "recall", "fnr", "f1"} | ONE_CLASS),
        ((0, 0, 0, 0), NAMES),
    ],
)  # fmt: skip
def test_a_denominator_of_0_is_undefined_with_a_reason_and_nothing_else_is(cells, undefined):
    table = metric_table(counts_of({"a": cells, "b": (5, 5, 5, 5)}), 0.5, bootstrap=50)

    found = {name for name in METRICS if not table.estimate(name, 0).is_defined}
    assert found == undefined | {"expected_cost"}
    for name in found:
        one = table.estimate(name, 0)
        assert one.reason
        assert one.low is one.high is None
    assert all(table.estimate(name, 0).reason is None for name in NAMES - found)


def test_a_group_that_does_not_exist_is_shown_with_no_rows():
    table = metric_table(counts_of({"a": (0, 0, 0, 0), "b": (1, 1, 1, 1)}), 0.5)

    assert table.to_json(0)["n"] == 0


def test_rows_without_label_or_score_count_where_they_should():
    label = np.array([1, 0, 2, 2, 1, 0, 2], np.int8)
    score = np.array([0.9, 0.1, 0.8, 0.2, np.nan, np.inf, np.nan])

    table = metric_table(count(label, score, None), 0.5)

    parts = {
        name: (table.estimate(name, 0).numerator, table.estimate(name, 0).denominator) for name in METRICS
    }
    assert parts["base_rate"] == (2, 4)
    assert parts["selection_rate"] == (2, 4)
    assert parts["accuracy"] == (2, 2)
    assert parts["recall"] == (1, 1)
    assert parts["mean_score"] == (pytest.approx(2.0), 4)
    assert parts["brier"] == (pytest.approx(0.02), 2)
    assert table.n.tolist() == [7]


def test_a_threshold_is_at_or_above_and_exact_off_the_grid():
    counts = count(np.array([1, 1, 0], np.int8), np.array([0.3502, 0.3505, 0.3509]), None)

    selected = [metric_table(counts, t).predicted_positives[0] for t in (0.35, 0.3505, 0.35051, 0.351)]
    assert selected == [3, 2, 1, 0]


def test_weights_change_the_value_and_the_interval_but_not_n():
    label, score = np.array([1, 1, 0, 0], np.int8), np.array([0.9, 0.1, 0.9, 0.1])

    table = metric_table(count(label, score, None, weight=np.array([3.0, 1.0, 1.0, 2.0])), 0.5)

    assert table.n.tolist() == [4]
    assert table.estimate("recall", 0).value == 0.75
    assert table.values["recall"].size[0] == pytest.approx(16 / 10)
    assert table.estimate("f1", 0).value == pytest.approx(6 / 8)
    assert table.estimate("f1", 0).low is None


def test_weights_that_sum_to_0_are_a_denominator_of_0():
    table = metric_table(
        count(np.array([1, 0], np.int8), np.array([0.9, 0.1]), None, weight=np.zeros(2)), 0.5
    )

    assert table.n.tolist() == [2]
    assert not any(table.estimate(name, 0).is_defined for name in METRICS)


def test_weights_leave_no_residue_below_the_threshold():
    weight = np.array([0.1, 0.2, 0.3])

    table = metric_table(count(np.array([1, 1, 0], np.int8), np.full(3, 0.9), None, weight=weight), 0.5)

    assert not table.estimate("for_rate", 0).is_defined


def test_composites_have_the_percentile_interval_of_resampled_rows():
    tp, fp, fn, tn = 120, 50, 60, 170
    table = metric_table(counts_of({"a": (tp, fp, fn, tn)}), 0.5, bootstrap=4000, seed=1)
    rng = np.random.default_rng(2)
    draws = rng.multinomial(400, np.array([tp, fp, fn, tn]) / 400, size=20_000).T

    f1 = np.percentile(2 * draws[0] / (2 * draws[0] + draws[1] + draws[2]), [2.5, 97.5])
    balanced = np.percentile(
        (draws[0] / (draws[0] + draws[2]) + draws[3] / (draws[1] + draws[3])) / 2, [2.5, 97.5]
    )

    assert (table.estimate("f1", 0).low, table.estimate("f1", 0).high) == pytest.approx(f1, abs=0.006)
    found = table.estimate("balanced_accuracy", 0)
    assert (found.low, found.high) == pytest.approx(balanced, abs=0.006)


def test_a_composite_that_rests_on_few_has_no_interval_and_says_so():
    n = LEAST_OF_A_CLASS
    enough, few = (n - 20, 40, 20, n - 40), (n - 21, 40, 20, n - 40)
    table = metric_table(counts_of({"a": enough, "b": few}), 0.5, costs=Costs(cost_fp=5, cost_fn=1))

    for name in ("balanced_accuracy", "f1", "expected_cost"):
        first, second = (table.to_json(i)[name] for i in (0, 1))
        assert first["low"] < first["value"] < first["high"], name
        assert "interval_reason" not in first
        assert (second["low"], second["high"]) == (None, None), name
        assert second["value"] is not None
        assert str(n - 1) in second["interval_reason"]


def test_f1_does_not_ask_how_many_unfavourable_outcomes_there_are_and_the_others_do():
    table = metric_table(counts_of({"a": (300, 3, 100, 2)}), 0.5)

    assert table.to_json(0)["f1"]["low"] is not None
    assert "rests on 5 applicants" in table.to_json(0)["balanced_accuracy"]["interval_reason"]


def test_a_bootstrap_that_never_varies_is_no_certainty():
    table = metric_table(counts_of({"a": (200, 0, 0, 200)}), 0.5)

    found = table.to_json(0)["balanced_accuracy"]

    assert (found["value"], found["low"], found["high"]) == (1.0, None, None)
    assert "same number" in found["interval_reason"]


def test_undefined_replicates_are_counted():
    table = metric_table(counts_of({"a": (1, 3, 1, 5), "b": (5, 5, 5, 5)}), 0.5, bootstrap=300)

    assert table.to_json(0)["balanced_accuracy"]["dropped_replicates"] > 0


def test_no_bootstrap_means_no_interval_for_composites_only():
    table = metric_table(counts_of({"a": (6, 2, 4, 8)}), 0.5, bootstrap=0)

    assert table.estimate("f1", 0).low is None
    assert table.estimate("recall", 0).low is not None


def test_the_same_seed_says_the_same_twice():
    counts = counts_of({"a": (6, 2, 4, 8)})

    assert metric_table(counts, 0.5, seed=7).to_json(0) == metric_table(counts, 0.5, seed=7).to_json(0)


def test_small_groups_are_marked():
    table = metric_table(counts_of({"a": (6, 2, 4, 8), "b": (10, 10, 10, 10)}), 0.5, min_n=30)

    assert table.small.tolist() == [True, False]


def test_some_metrics_can_be_asked_for():
    table = metric_table(counts_of({"a": (6, 2, 4, 8)}), 0.5, metrics=["recall", "auc"])

    assert list(table.values) == ["recall", "auc"]


def test_an_unknown_metric_is_refused_with_the_names_that_exist():
    with pytest.raises(InvalidChoice, match=r"'tpr'.*recall"):
        metric_table(counts_of({"a": (1, 1, 1, 1)}), 0.5, metrics=["tpr"])


def test_json_has_the_keys_of_the_design_and_no_nan():
    table = metric_table(counts_of({"a": (0, 0, 0, 6), "b": (1, 1, 1, 1)}), 0.5)

    out = json.loads(json.dumps(table.to_json(0), allow_nan=False))

    assert {"n", "positives", "predicted_positives"} | NAMES == set(out)
    assert {"value", "low", "high", "numerator", "denominator"} <= set(out["recall"])
    assert out["recall"]["value"] is None
    assert out["auc"]["from"] == "rows"


def without_rows(counts):
    return GroupCounts(column=counts.column, groups=counts.groups, counts=counts.counts)


def test_figures_from_cells_lie_within_the_stated_bound_of_those_from_rows():
    rng = np.random.default_rng(4)
    score = rng.random(5000)
    counts = count((rng.random(5000) < score).astype(np.int8), score, None)

    rows, cells = metric_table(counts, 0.5), metric_table(without_rows(counts), 0.5)

    for name in ("auc", "brier", "mean_score"):
        json_rows, json_cells = rows.to_json(0)[name], cells.to_json(0)[name]
        assert (json_rows["from"], json_cells["from"]) == ("rows", "cells")
        assert abs(json_rows["value"] - json_cells["value"]) <= json_cells["bound"]
    for name in ("calibration_intercept", "calibration_slope"):
        assert cells.to_json(0)[name]["from"] == "cells"
        assert cells.estimate(name, 0).value == pytest.approx(rows.estimate(name, 0).value, abs=0.01)
