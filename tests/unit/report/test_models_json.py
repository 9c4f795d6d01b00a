"""The JSON of a comparison: its keys, its limits for pipelines, and that it is the same twice."""

from __future__ import annotations

import json

import pytest

from rai_dash.gate import broken
from rai_dash.metrics._base import Costs
from rai_dash.report.models_json import SCHEMA, limits_of, models_report
from rai_dash.report.models_work import CompareOptions, compare_models
from tests.unit.report.models_world import case_of, data, people


@pytest.fixture(scope="module")
def report():
    found = compare_models(
        case_of(data(people())), "living", ["a", "b"], CompareOptions(costs=Costs(cost_fp=5, cost_fn=1))
    )
    return models_report(found)


def test_it_has_the_keys_of_the_contract(report):
    found = json.loads(report.to_json())
    assert found["schema"] == SCHEMA == "rai-dash/models/1"
    assert set(found) == {
        "schema", "data", "rows", "tolerance", "min_n", "costs", "columns", "current", "models", "pairs", "bands",
        "explanations",
    }  # fmt: skip
    assert set(found["models"]) == {"a", "b"}
    assert found["current"] == "a"
    pair = found["pairs"]["b"]
    assert set(pair) == {"current", "rows", "decided_by_both", "metrics", "flips", "groups", "gaps"}
    assert set(pair["gaps"]["g"]) == {"selection_rate", "recall", "fpr", "accuracy"}
    assert set(pair["groups"]["g"]) == set(pair["flips"]["groups"]["g"]) == {"men", "women"}
    assert set(pair["metrics"]["recall"]) == {
        "a", "b", "difference", "low", "high", "p_value", "adjusted_p", "n", "discordant", "method", "verdict",
        "within_tolerance", "approximate", "reason",
    }  # fmt: skip
    assert found["models"]["a"]["overall"]["recall"]["denominator"] > 0


def test_the_same_rows_and_models_give_the_same_text():
    texts = [
        models_report(compare_models(case_of(data(people())), "living", ["a", "b"])).to_json()
        for _ in range(2)
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("rule", "is_broken"),
    [
        ("recall_difference < 0", False),
        ("recall_difference < 0.9", True),
        ("fpr_difference > -0.5", True),
        ("worse_shown > 0", False),
        ("better_shown < 1", False),
        ("changed > 0.01", True),
        ("recall < 0.99", True),
        ("recall gap by g > 0.9", False),
        ("seen_rows > 0", True),
    ],
)
def test_limits_are_put_on_differences_flips_and_gaps(report, rule, is_broken):
    assert (broken(rule, limits_of(report, "b")) is not None) is is_broken
