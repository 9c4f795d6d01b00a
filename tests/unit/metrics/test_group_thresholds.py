from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.group_thresholds import group_thresholds

GROUPS = ("a", "b", "c", "few", "nobody")


@pytest.fixture(scope="module")
def rows():
    """Scores on and off the grid, some missing, some outcomes unknown, one small and one empty group."""
    rng = np.random.default_rng(5)
    codes = np.concatenate((rng.choice(3, 900, p=[0.6, 0.3, 0.1]), np.full(20, 3))).astype(np.int32)
    outcome = rng.choice(3, codes.size, p=[0.4, 0.5, 0.1]).astype(np.int8)
    score = np.clip(rng.normal(0.4 + 0.1 * (outcome == 1) + 0.05 * codes, 0.2), 0, 1)
    score[::7] = np.round(score[::7], 3)
    score[::50] = np.nan
    return outcome, score, GroupIndex("g", GROUPS, codes), rng.uniform(0.2, 3.0, codes.size)


def rates(metric, rows, group, weight):
    """Scan the rows: the rate of one group at each of the 1,001 decimals."""
    outcome, score, index, _ = rows
    labels = {"recall": [1], "fpr": [0], "selection_rate": [0, 1, 2]}[metric]
    take = (index.codes == group) & np.isin(outcome, labels) & np.isfinite(score)
    return np.array([weight[take & (score >= j / 1000)].sum() / weight[take].sum() for j in range(1001)])


@pytest.mark.parametrize("target", [0.0, 0.31, 0.65, 1.0])
@pytest.mark.parametrize("metric", ["recall", "fpr", "selection_rate"])
def test_each_cut_is_the_largest_edge_that_still_reaches_the_target(rows, metric, target):
    outcome, score, index, _ = rows

    found = group_thresholds(count(outcome, score, index), metric, target=target, common=0.5)

    for group in range(3):
        reached = np.flatnonzero(rates(metric, rows, group, np.ones(score.size)) >= target)
        assert found.cuts[group] == reached[-1] / 1000


def test_weights_count(rows):
    outcome, score, index, weight = rows

    counts = count(outcome, score, index, weight=weight)
    found = group_thresholds(counts, "recall", target=0.64, common=0.5)

    for group in range(3):
        assert found.cuts[group] == np.flatnonzero(rates("recall", rows, group, weight) >= 0.64)[-1] / 1000
    assert found.cuts[:3].tolist() != (
        group_thresholds(count(outcome, score, index), "recall", target=0.64, common=0.5).cuts[:3].tolist()
    )


def test_small_and_empty_groups_keep_the_common_cut_and_are_named(rows):
    outcome, score, index, _ = rows
    counts = count(np.where(index.codes == 2, np.int8(0), outcome), score, index)

    found = group_thresholds(counts, "recall", target=0.7, common=0.47)

    assert found.cuts[2:].tolist() == [0.47, 0.47, 0.47]
    assert dict(found.kept) == {
        "c": "no favourable applicant in this group",
        "few": "20 rows, fewer than 30",
        "nobody": "0 rows, fewer than 30",
    }


@pytest.mark.parametrize(("metric", "target"), [("accuracy", 0.5), ("recall", float("nan")), ("recall", 1.1)])
def test_what_cannot_be_levelled_is_refused_in_words(rows, metric, target):
    outcome, score, index, _ = rows

    with pytest.raises(InvalidChoice, match=r"Choose|Give"):
        group_thresholds(count(outcome, score, index), metric, target=target, common=0.5)
