from __future__ import annotations

import numpy as np

from rai_dash.data.counting import count
from rai_dash.metrics.baseline import always_approve, always_refuse

#: EXPECTED.json of the story: 18 of 1,600 approved in the own test fold, so refusing scores 98.9 %.
LABEL = np.repeat([1, 0, 2], [18, 1582, 5]).astype(np.int8)
SCORE = np.append(np.linspace(0, 1, 1604), np.nan)


def test_always_refuse_scores_98_9_percent_in_the_story():
    found = always_refuse(count(LABEL, SCORE, None))

    accuracy = found.estimate("accuracy", 0)
    assert round(accuracy.value, 4) == 0.9888
    assert accuracy.low < accuracy.value < accuracy.high
    assert found.estimate("recall", 0).value == 0.0
    assert found.estimate("precision", 0).value is None
    assert found.estimate("selection_rate", 0).value == 0.0


def test_always_approve_is_right_as_often_as_the_base_rate():
    found = always_approve(count(LABEL, SCORE, None))

    assert found.estimate("accuracy", 0).value == found.estimate("base_rate", 0).value == 18 / 1600
    assert found.estimate("fpr", 0).value == 1.0
    assert found.predicted_positives.tolist() == [1604]


def test_only_metrics_of_decisions_are_given_unless_asked_for():
    counts = count(LABEL, SCORE, None)

    assert "auc" not in always_refuse(counts).values
    assert list(always_approve(counts, metrics=["f1"]).values) == ["f1"]
