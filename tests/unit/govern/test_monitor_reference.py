"""What is frozen at signing: against numpy, and what must never stand in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.govern._changed_monitoring import monitoring_changes
from rai_dash.govern.monitor.reference import MOST_CATEGORIES, reference_of, score_cells
from rai_dash.govern.policy import checked_policy
from tests.unit.govern.monitor_story import ROLES, make_policy, signed_data


@pytest.fixture(scope="module")
def policy():
    return make_policy()


def test_numbers_are_kept_as_deciles_and_counts(policy):
    amounts = signed_data().frame["amount"]
    known = np.sort(amounts.dropna())
    found = policy.monitoring.column("amount")

    assert found.edges == tuple(np.quantile(known, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]).tolist())
    ends = [0, *(int((known < edge).sum()) for edge in found.edges), known.size]
    assert found.counts == tuple(np.diff(ends).tolist())
    assert (found.n, found.blank, found.is_feature) == (1_500, int(amounts.isna().sum()), True)


def test_categories_are_kept_the_most_frequent_first(policy):
    purposes = signed_data().frame["purpose"].value_counts()
    found = policy.monitoring.column("purpose")

    assert dict(zip(found.categories, found.counts, strict=True)) == purposes.to_dict()
    assert list(found.counts) == sorted(found.counts, reverse=True)
    assert policy.monitoring.column("sex").is_feature is False


def test_scores_approvals_and_outcomes_are_those_of_the_rows(policy):
    frame, monitoring = signed_data().frame, policy.monitoring
    score = frame["score"].to_numpy()

    assert monitoring.score.edges == tuple(np.unique(np.quantile(score, np.arange(1, 10) / 10)).tolist())
    # Three decimals: each score is the edge of its cell.
    assert (
        score_cells(monitoring.score).tolist()
        == np.bincount((score * 1000).round().astype(int), minlength=1001).tolist()
    )
    everyone = monitoring.approval[0]
    assert (everyone.column, everyone.rate.numerator) == ("", (score >= 0.5).sum())
    women = next(r for r in monitoring.approval if r.group == "f")
    ends = binomtest(int(women.rate.numerator), women.n).proportion_ci(0.95, method="wilson")
    assert women.n == (frame["sex"] == "f").sum()
    assert (women.rate.low, women.rate.high) == (pytest.approx(ends.low), pytest.approx(ends.high))
    assert monitoring.base_rate.numerator == (frame["outcome"] == "repaid").sum()
    assert monitoring.outcomes == {"lost": "unfavourable", "repaid": "favourable"}
    assert monitoring.calibration.brier.value == pytest.approx(
        ((score - (frame["outcome"] == "repaid")) ** 2).mean()
    )


def test_only_judged_rows_count():
    data = signed_data()
    judged = np.arange(1_500) < 400

    found = reference_of(
        data, data.frame["score"].to_numpy(), judged=judged, features=("amount",), threshold=0.5
    )

    assert found.column("amount").n == 400
    assert found.approval[0].n == 400


def test_nothing_that_names_a_person_is_kept():
    data = signed_data()
    n = data.n_rows
    words = (
        "the applicant explained at length why the money is needed now and how it will be paid back in time"
    )
    frame = data.frame.assign(
        mail=[f"p{i}@example.org" for i in range(n)],
        note=[f"{words} {i}" for i in range(n)],
        token=[f"T{i:05d}" for i in range(n)],
        w=1.0,
        part="test",
        number=np.arange(n),
        contract=np.random.default_rng(0).permutation(np.arange(7_000, 7_000 + 3 * n))[:n],
        area=[f"area {i % 300}" for i in range(n)],
    )
    roles = ROLES.with_(weight="w", split="part", split_train=("train",))
    features = (
        "amount",
        "mail",
        "note",
        "token",
        "id",
        "outcome",
        "score",
        "w",
        "part",
        "area",
        "number",
        "contract",
    )

    found = reference_of(
        dataset_from_frame(frame, roles), frame["score"].to_numpy(), judged=np.ones(n, dtype=bool), features=features,
        threshold=0.5,
    )  # fmt: skip

    assert [c.name for c in found.columns] == ["amount", "area", "sex", "age"]
    assert found.not_watched == {
        "mail": "it holds e-mail addresses",
        "note": "it holds free text",
        "number": "it numbers the rows",
        "contract": "nearly every value is met once",
        "token": "nearly every value is met once",
        "id": "it names the row",
        "outcome": "it is the outcome",
        "score": "it is the score",
        "w": "it is the weight of a row",
        "part": "it marks the training rows",
    }
    area = found.column("area")
    assert len(area.categories) == MOST_CATEGORIES
    assert sum(area.counts) + area.other == n
    assert "p1@example.org" not in found.model_dump_json()


def test_numbers_without_stated_edges_keep_the_edges_of_their_groups():
    data = signed_data()
    roles = Roles(target="outcome", favourable=("repaid",), sensitive=("amount",), score="score")

    found = reference_of(
        data.with_roles(roles), data.frame["score"].to_numpy(), judged=np.ones(data.n_rows, dtype=bool), features=(),
        threshold=0.5,
    )  # fmt: skip

    assert found.bins == {
        "amount": tuple(np.quantile(data.frame["amount"].dropna(), [0.25, 0.5, 0.75]).tolist())
    }
    assert len([r for r in found.approval if r.column == "amount"]) == 5


def test_columns_of_blanks_and_of_one_value_are_kept_as_they_are():
    frame = pd.DataFrame({"empty": [np.nan] * 40, "one": [7] * 40, "y": ["a", "b"] * 20})
    data = dataset_from_frame(frame, Roles(target="y", favourable=("a",)))

    found = reference_of(
        data, np.full(40, np.nan), judged=np.ones(40, dtype=bool), features=("empty", "one"), threshold=0.5
    )

    empty, one = found.columns
    assert (empty.blank, empty.edges, empty.counts) == (40, (), (0,))
    assert (one.edges, one.counts) == ((7.0,), (0, 40))
    assert found.score.missing == 40
    assert found.calibration.slope.value is None
    assert found.calibration.slope.reason
    assert found.approval[0].rate.reason == "no applicant with a score in this group"


def test_a_policy_with_it_is_read_back_and_one_without_it_still_is(policy):
    content = policy.content()

    assert checked_policy(content) == policy
    assert checked_policy(content | {"monitoring": None}).monitoring is None
    del content["monitoring"]
    assert checked_policy(content).monitoring is None


def test_sums_that_differ_in_the_last_digits_are_no_change_and_other_counts_are(policy):
    brier = policy.monitoring.calibration.brier
    value = policy.monitoring.calibration.model_copy(
        update={"brier": brier.model_copy(update={"value": brier.value * (1 + 1e-13)})}
    )
    near = policy.monitoring.model_copy(update={"calibration": value})
    far = policy.monitoring.model_copy(update={"base_rate": policy.monitoring.calibration.brier})

    assert list(monitoring_changes(policy, policy.model_copy(update={"monitoring": near}))) == []
    assert [c.where for c in monitoring_changes(policy, policy.model_copy(update={"monitoring": far}))] == [
        "monitoring"
    ]
