from __future__ import annotations

import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.gate import broken

CONTENT = {
    "overall": {"n": 10, "recall": {"value": 0.5}, "precision": {"value": None}},
    "disparities": {
        "gender": {
            "recall": {"difference": 0.12, "ratio": 0.7, "verdict": "disparity shown"},
            "fpr": {"difference": 0.2, "ratio": None, "verdict": "not enough data"},
        },
        "gender × age < 30": {
            "recall": {"difference": 0.3, "ratio": 0.5, "verdict": "not enough data"},
        },
    },
}


@pytest.mark.parametrize(
    ("rule", "is_broken"),
    [
        ("recall < 0.6", True),
        ("recall < 0.4", False),
        ("recall<=0.5", True),
        ("recall > 0.5", False),
        ("recall gap by gender > 0.05", True),
        ("recall gap by gender > 0.2", False),
        ("recall ratio by gender < 0.8", True),
        ("recall gap by gender > 0.05 with evidence", True),
        ("fpr gap by gender > 0.05 with evidence", False),
        ("fpr gap by gender > 0.05", True),
        ("recall gap by gender >= 0.12", True),
        ("recall gap by gender > 0.12", False),
        ("  recall   gap  by gender>.05  ", True),
        ("recall gap by gender × age < 30 > 0.2", True),
        ("recall gap by gender × age < 30 > 0.2 with evidence", False),
    ],
)
def test_a_limit_is_compared_with_the_audit(rule, is_broken):
    assert (broken(rule, CONTENT) is not None) == is_broken


@pytest.mark.parametrize(
    "rule", ["precision < 0.1", "fpr ratio by gender < 0.8", "fpr ratio by gender < 0.8 with evidence"]
)
def test_a_limit_on_an_undefined_number_fails(rule):
    assert "undefined" in broken(rule, CONTENT)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("recall", "cannot be read"),
        ("recall is bad", "cannot be read"),
        ("recall < 0.1.2", "not a number"),
        ("beauty < 0.5", "Choose from"),
        ("n < 5", "Choose from"),
        ("recall gap by age > 0.1", "gender"),
        ("auc gap by gender > 0.1", "Choose from: recall, fpr"),
        ("recall < 0.6 with evidence", "between groups"),
        ("recall < -0.1", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_with_what_does(rule, words):
    with pytest.raises(InvalidChoice, match=words):
        broken(rule, CONTENT)
