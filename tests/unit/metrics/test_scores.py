from __future__ import annotations

import numpy as np
import pytest

from rai_dash.data.counting import count
from rai_dash.metrics.table import metric_table


@pytest.mark.parametrize("weighted", [False, True])
def test_mean_score_and_brier_have_the_interval_of_a_mean_over_rows(weighted):
    rng = np.random.default_rng(1)
    score, label = rng.random(400), rng.integers(0, 3, 400).astype(np.int8)
    weight = rng.gamma(2.0, size=400) if weighted else np.ones(400)

    table = metric_table(count(label, score, None, weight=weight if weighted else None), 0.5)

    known = label < 2
    for name, values, w in (
        ("mean_score", score, weight),
        ("brier", (score - label)[known] ** 2, weight[known]),
    ):
        mean = np.average(values, weights=w)
        half = 1.959963984540054 * np.sqrt(
            np.average((values - mean) ** 2, weights=w) * (w**2).sum() / w.sum() ** 2
        )
        found = table.estimate(name, 0)
        assert (found.value, found.low, found.high) == pytest.approx(
            (mean, mean - half, mean + half), rel=1e-9
        )


def test_brier_is_undefined_without_labels_where_mean_score_is_not():
    table = metric_table(count(np.array([2, 2], np.int8), np.array([0.2, 0.4]), None), 0.5)

    assert table.estimate("mean_score", 0).value == pytest.approx(0.3)
    assert table.estimate("brier", 0).value is None
