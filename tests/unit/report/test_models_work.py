"""Candidates on the same rows: figures, pairs, thresholds, rows seen in training, what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.case import DataRole, Exposure
from rai_dash.core.errors import InvalidChoice
from rai_dash.metrics._base import Costs
from rai_dash.metrics.table import metric_table
from rai_dash.report.models_overlap import NOT_KNOWN, NOT_THERE
from rai_dash.report.models_work import CompareOptions, compare_models, flipped_rows
from tests.unit.report.models_world import ROLES, case_of, data, people


@pytest.fixture(scope="module")
def frame():
    return people()


@pytest.fixture(scope="module")
def found(frame):
    case = case_of(data(frame), models="abc")
    options = CompareOptions(thresholds={"b": 0.45}, costs=Costs(cost_fp=5, cost_fn=1))
    return compare_models(case, "living", ["a", "b", "c"], options)


def test_each_model_has_the_figures_of_the_other_pages_at_its_own_threshold(found):
    for key, threshold in (("a", 0.5), ("b", 0.45), ("c", 0.5)):
        one = found.candidate(key)
        assert one.threshold == threshold
        expected = metric_table(one.judgement.counts(), threshold, bootstrap=0)
        for name in ("recall", "fpr", "auc", "brier"):
            assert one.everyone.estimate(name, 0).value == expected.estimate(name, 0).value
    assert found.current.key == "a"


def test_pairs_are_against_the_first_model_by_numpy_over_the_rows(found, frame):
    pair = next(p for p in found.pairs if p.candidate == "b")
    good = (frame["paid"] == "1").to_numpy()
    known = frame["paid"].notna().to_numpy()
    a, b = (frame["a"] >= 0.5).to_numpy(), (frame["b"] >= 0.45).to_numpy()
    assert pair.metric("recall").difference == pytest.approx(b[good].mean() - a[good].mean())
    assert pair.metric("fpr").difference == pytest.approx(b[known & ~good].mean() - a[known & ~good].mean())
    assert pair.metric("selection_rate").difference == pytest.approx(b.mean() - a.mean())
    cost = [(5 * (d & ~good & known) + (~d & good)).sum() / known.sum() for d in (a, b)]
    assert pair.metric("expected_cost").difference == pytest.approx(cost[1] - cost[0])
    assert pair.flips.n == (a != b).sum()
    assert pair.flips.right == (known & (a != b) & (b == good)).sum()


def test_groups_are_those_of_the_data_and_flips_add_up(found, frame):
    pair = found.pairs[0]
    groups = pair.by_group["g"]
    assert groups.groups == ("men", "women")
    assert [f.rows for f in groups.flips] == [(frame["g"] == g).sum() for g in groups.groups]
    assert sum(f.n for f in groups.flips) == pair.flips.n
    women = (frame["g"] == "women") & (frame["paid"] == "1")
    recall = next(m for m in groups.metrics[1] if m.metric == "recall")
    assert recall.n == women.sum()
    assert recall.difference == pytest.approx(
        (frame["b"][women] >= 0.45).mean() - (frame["a"][women] >= 0.5).mean()
    )


def test_the_false_negative_rate_of_a_group_is_told_as_recall_is(found):
    for group in found.pairs[0].by_group["g"].metrics:
        by_name = {m.metric: m for m in group}
        assert by_name["fnr"].verdict == by_name["recall"].verdict
        assert by_name["fnr"].adjusted == pytest.approx(by_name["recall"].adjusted)
        assert by_name["fnr"].difference == pytest.approx(-by_name["recall"].difference)


def test_a_model_that_gives_the_same_scores_changes_nothing(found):
    pair = next(p for p in found.pairs if p.candidate == "c")
    assert pair.flips.n == 0
    assert {m.difference for m in pair.metrics} == {0.0}
    assert not any(m.is_shown for m in pair.metrics)


def test_more_candidates_make_the_test_stricter(frame):
    case = case_of(data(frame), models="abc")
    alone = compare_models(case, "living", ["a", "b"]).pairs[0].metric("fpr")
    among = compare_models(case, "living", ["a", "b", "c"]).pairs[0].metric("fpr")
    assert alone.p_value == among.p_value
    assert among.adjusted > alone.adjusted > alone.p_value


def test_it_is_computed_once_for_the_same_content_and_options(frame):
    case = case_of(data(frame))
    first = compare_models(case, "living", ["a", "b"], CompareOptions(tolerance=0.02))
    assert compare_models(case, "living", ["a", "b"], CompareOptions(tolerance=0.02)) is first
    assert compare_models(case, "living", ["a", "b"]) is not first
    assert [m.model.asked for m in case.models] == [1, 1]


def test_rows_that_were_changed_are_listed_with_both_scores_the_farthest_apart_first(found, frame):
    pair = found.pairs[0]
    rows = flipped_rows(found, pair)
    assert len(rows) == pair.flips.n
    apart = [abs(r.candidate - r.current) for r in rows]
    assert apart == sorted(apart, reverse=True)
    one = rows[0]
    assert (one.current, one.candidate) == (frame["a"][one.row], frame["b"][one.row])
    assert one.to == ("approved" if frame["b"][one.row] >= 0.45 else "declined")


def test_rows_that_a_model_was_trained_on_are_counted_and_can_be_left_out(frame):
    """Of 40 training rows 30 are in the test set, 10 of them under another id, and 10 are new."""
    training = frame.iloc[:30].copy()
    training.loc[:9, "id"] = [f"other{i}" for i in range(10)]
    fresh = people(10, seed=9, first=10_000)
    training = pd.concat([training, fresh], ignore_index=True)
    case = case_of(
        data(frame), data(training, "training", role=DataRole.TRAINING), trained_on={"b": "training"}
    )
    found = compare_models(case, "living", ["a", "b"])
    assert (found.candidate("b").n_seen, found.candidate("b").seen.same_id) == (30, 20)
    assert (found.candidate("a").n_seen, found.candidate("a").seen.reason) == (None, NOT_KNOWN)
    assert found.candidate("b").exposure is Exposure.OTHER_DATA
    without = compare_models(case, "living", ["a", "b"], CompareOptions(without_seen=True))
    assert (without.n, without.left_out) == (len(frame) - 30, 30)
    assert not without.rows[:30].any()
    kept = frame.iloc[30:]
    assert without.pairs[0].metric("selection_rate").difference == pytest.approx(
        (kept["b"] >= 0.5).mean() - (kept["a"] >= 0.5).mean()
    )


def test_only_the_rows_that_the_split_marks_count_as_trained_on(frame):
    training = frame.iloc[:100].assign(part=["train"] * 60 + ["test"] * 40)
    roles = ROLES.with_(split="part", split_train=("train",))
    case = case_of(
        data(frame),
        data(training, "training", role=DataRole.TRAINING, roles=roles),
        trained_on={"b": "training"},
    )
    assert compare_models(case, "living", ["a", "b"]).candidate("b").n_seen == 60


def test_a_model_trained_on_the_very_rows_has_seen_them_all_and_none_are_left_without(frame):
    case = case_of(data(frame), trained_on={"a": "living"})
    found = compare_models(case, "living", ["a", "b"])
    assert found.current.n_seen == len(frame)
    assert found.current.exposure is Exposure.IN_SAMPLE
    with pytest.raises(InvalidChoice, match="No row is left"):
        compare_models(case, "living", ["a", "b"], CompareOptions(without_seen=True))


def test_training_data_that_are_not_in_the_case_are_named_as_not_there(frame):
    found = compare_models(case_of(data(frame), trained_on={"a": "gone"}), "living", ["a", "b"])
    assert found.current.seen.reason == NOT_THERE


def test_held_out_rows_alone_are_compared_where_the_data_mark_the_others(frame):
    roles = ROLES.with_(split="part", split_train=("train",))
    marked = frame.assign(part=np.where(np.arange(len(frame)) < 900, "train", "test"))
    found = compare_models(case_of(data(marked, roles=roles)), "living", ["a", "b"])
    assert (found.n, found.current.exposure) == (600, Exposure.HELD_OUT)
    assert found.pairs[0].n == 600


def test_rows_that_one_model_has_no_score_for_enter_no_difference(frame):
    holes = frame.copy()
    holes.loc[:99, "b"] = np.nan
    pair = compare_models(case_of(data(holes)), "living", ["a", "b"]).pairs[0]
    assert (pair.n, pair.decided) == (1_500, 1_400)
    assert pair.metric("selection_rate").n == 1_400


@pytest.mark.parametrize(
    ("keys", "said"),
    [(["a"], "2 to 8 models"), (["a", "a"], "2 to 8 models"), (["a", "zzz"], "no model `zzz`")],
)
def test_what_is_no_comparison_is_refused(frame, keys, said):
    with pytest.raises(InvalidChoice, match=said):
        compare_models(case_of(data(frame)), "living", keys)


@pytest.mark.parametrize("options", [{"threshold": 1.5}, {"thresholds": {"a": -0.1}}, {"tolerance": 0.0}])
def test_options_that_are_none_are_refused(options):
    with pytest.raises(InvalidChoice, match="lies between"):
        CompareOptions(**options)


def test_a_moved_threshold_ranks_no_row_again_and_other_rows_are_ranked(frame, monkeypatch):
    from rai_dash.metrics import paired_table

    asked = []
    real = paired_table.paired_auc
    monkeypatch.setattr(paired_table, "paired_auc", lambda *args: asked.append(args[0].size) or real(*args))
    case = case_of(data(frame), models="ab")
    first = compare_models(case, "living", ["a", "b"], CompareOptions())
    n = len(asked)
    assert n == 1 + len(first.pairs[0].by_group["g"].groups)

    moved = compare_models(case, "living", ["a", "b"], CompareOptions(thresholds={"b": 0.41}))
    assert len(asked) == n
    assert moved.pairs[0].metric("auc") == first.pairs[0].metric("auc")
    assert moved.pairs[0].metric("recall").difference != first.pairs[0].metric("recall").difference

    fewer = case.with_data(data(frame.iloc[: len(frame) // 2]))
    compare_models(fewer, "living", ["a", "b"], CompareOptions())
    assert len(asked) > n
