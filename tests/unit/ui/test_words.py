from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.stats import binomtest

from rai_dash.core.target_words import wording
from rai_dash.core.types import TargetKind
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.baseline import beside_one_answer
from rai_dash.metrics.compared import COMPARED
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.table import metric_table
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.ui.group_words import chance_note, excluded_note, gap_finding, group_name, metric_subtitle
from rai_dash.ui.words import accuracy_finding, is_hardly_better

WORDS = wording(TargetKind.OBSERVED)


def _counts(approved, *, n=100, small=0):
    """Two groups of n good applicants with so many approved each, and some of a third."""
    score = np.concatenate([np.repeat([0.9, 0.1], [k, n - k]) for k in approved] + [np.full(small, 0.9)])
    codes = np.concatenate([np.repeat([0, 1], n), np.full(small, 2)]).astype(np.int32)
    groups = GroupIndex("g", ("a*b", "m", "tiny"), codes)
    return count(np.ones(score.size, dtype=np.int8), score, groups)


def _said(approved, **sizes):
    table = metric_table(_counts(approved, **sizes), 0.5, bootstrap=0)
    gap, verdict = disparity(table, "recall"), gap_verdict(table, "recall")
    return (
        gap_finding(table, gap, verdict, "recall", WORDS),
        chance_note(verdict, gap),
        excluded_note(table, gap),
    )


@pytest.mark.parametrize("group", ["1", "yes", "[25, 35)", "[-inf, 25)", "1 × 0"])
def test_a_group_that_is_only_a_code_is_named_with_its_column(group):
    table = metric_table(count_of_two(group), 0.5, bootstrap=0)
    gap, verdict = disparity(table, "recall"), gap_verdict(table, "recall")

    said = gap_finding(table, gap, verdict, "recall", WORDS).replace("\\", "")

    assert f"**black = {group}**" in said
    assert "**Male**" in said


def count_of_two(group):
    """Count two groups of 100 good applicants: 20 of the first are approved, 80 of the second."""
    score = np.repeat([0.9, 0.1, 0.9, 0.1], [20, 80, 80, 20])
    groups = GroupIndex("black", (group, "Male"), np.repeat([0, 1], 100).astype(np.int32))
    return count(np.ones(200, dtype=np.int8), score, groups)


def test_a_clear_gap_is_said_with_the_group_and_everybody_else():
    finding, chance, _ = _said((20, 80))

    assert finding.startswith("**Disparity shown.**")
    assert "20 of 100" in finding
    assert "80 %" in finding
    assert "60 points lower" in finding
    assert "**a\\*b**" in finding  # a name from the file, escaped
    assert "60 points" in chance


def test_with_more_groups_each_one_that_is_shown_is_named_with_its_side():
    finding, _, _ = _said((5, 95), small=100)

    # 100 more, all approved: the first is far below the others, the other two above.
    assert "also shown for" in finding.casefold()
    assert "**tiny** (higher)" in finding
    assert "allowing for having picked them" in finding


def test_a_gap_that_may_be_chance_is_not_called_one():
    finding, chance, _ = _said((48, 52))

    assert finding.startswith("**Not enough data.**")
    assert "does not settle" in finding
    assert re.search(r"about [\d,\u202f\u00a0 ]+ rows a group would be needed", finding)
    assert "by chance" in chance


def test_equal_groups_of_many_are_said_to_be_equivalent():
    finding, _, _ = _said((10_000, 10_000), n=20_000)

    assert finding.startswith("**Equivalent within 5 points.**")


def test_low_rates_within_the_tolerance_are_not_called_alike_where_one_is_a_fraction_of_the_other():
    finding, _, _ = _said((2, 98), n=4_000)

    assert finding.startswith("**Equivalent within 5 points.**")
    assert re.search(
        r"the lowest rate is only 2(\.0)?.% of the highest, and that is more than chance", finding
    )


def test_a_small_difference_of_large_groups_is_said_to_be_less_than_the_tolerance():
    finding, _, _ = _said((50_000, 51_000), n=100_000)

    assert finding.startswith("**Equivalent within 5 points.**")
    assert finding.endswith("it is less than your tolerance.")


def test_groups_that_cannot_be_compared_are_said_to_be_so():
    finding, chance, _ = _said((5, 6), n=10)

    assert "cannot be compared" in finding
    assert chance == ""


def test_who_is_left_out_is_named_with_the_reason():
    assert _said((20, 80), small=5)[2] == "Left out, with fewer than 30 rows: tiny (5)."


@pytest.mark.parametrize("kind", TargetKind)
@pytest.mark.parametrize("metric", [*COMPARED, "tnr", "npv", "for_rate"])
def test_no_sentence_calls_anybody_fair_or_unfair(kind, metric):
    text = metric_subtitle(metric, wording(kind)) + wording(kind).caution

    assert "fair" not in text.casefold()


def test_a_past_decision_is_never_called_an_outcome():
    words = wording(TargetKind.DECISION)

    assert "in the past" in metric_subtitle("recall", words)
    assert "refused applicants have no outcome" in words.caution


def _accuracy(favourable, approved_good, approved_bad, *, n=100):
    """Say what the accuracy is where so many of the good and so many of the bad are approved."""
    y = np.repeat([1, 0], [favourable, n - favourable]).astype(np.int8)
    score = np.full(n, 0.1)
    score[:approved_good] = 0.9
    score[favourable : favourable + approved_bad] = 0.9
    found = beside_one_answer(count(y, score, None), 0.5)
    return accuracy_finding(found, 0.5), found


def test_the_accuracy_stands_beside_refusing_everyone_where_most_are_bad():
    text, found = _accuracy(20, 10, 0)

    assert "90 of 100" in text
    assert "Refusing everyone would agree for **80 %" in text
    assert "better by 10 points, more than chance would give" in text
    assert found.p_value == pytest.approx(binomtest(10, 10).pvalue)
    assert not is_hardly_better(found)


def test_the_accuracy_stands_beside_approving_everyone_where_most_are_good():
    # All 80 good and 10 of the 20 bad are approved: approving all is right about 80, the model about 90.
    text, found = _accuracy(80, 80, 10)

    assert "Approving everyone would agree for **80 %" in text
    assert "Refusing" not in text
    assert "better by 10 points, more than chance would give" in text
    assert found.p_value == pytest.approx(binomtest(10, 10).pvalue)


def test_a_lead_that_may_be_chance_is_not_called_one():
    # The model is right about 5 whom refusing gets wrong, and wrong about 1 whom refusing gets right.
    text, found = _accuracy(20, 5, 1)

    assert found.p_value == pytest.approx(binomtest(5, 6).pvalue)
    assert "better by 4 points on these rows, which may be chance" in text
    assert is_hardly_better(found)


def test_a_model_that_is_worse_than_one_answer_for_everyone_is_called_worse():
    text, found = _accuracy(20, 0, 20)

    assert "worse by 20 points, more than chance would give" in text
    assert is_hardly_better(found)


def test_a_model_that_gives_everyone_the_same_answer_is_no_better():
    text, found = _accuracy(20, 0, 0)

    assert text.endswith("The model is no better.")
    assert found.p_value == 1.0


def test_only_the_codes_of_a_cross_get_their_column():
    assert group_name("gender × age", "Male × [35, 50)") == "Male × age = [35, 50)"
    assert group_name("black × hispan", "1 × 0") == "black = 1 × hispan = 0"
    assert group_name("gender", "Female") == "Female"
    assert group_name("gender", "女") == "女"
    assert group_name("", "1") == "1"
