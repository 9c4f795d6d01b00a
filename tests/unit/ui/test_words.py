from __future__ import annotations

import re

import numpy as np
import pytest

from rai_dash.core.types import TargetKind
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.baseline import always_refuse
from rai_dash.metrics.compared import COMPARED
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.table import metric_table
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.ui.group_words import chance_note, excluded_note, gap_finding, metric_subtitle
from rai_dash.ui.words import accuracy_finding, wording

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
    return gap_finding(table, gap, verdict, "recall", WORDS), chance_note(verdict, gap), excluded_note(gap)


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
    assert "tiny" in _said((20, 80), small=5)[2]


@pytest.mark.parametrize("kind", TargetKind)
@pytest.mark.parametrize("metric", [*COMPARED, "tnr", "npv", "for_rate"])
def test_no_sentence_calls_anybody_fair_or_unfair(kind, metric):
    text = metric_subtitle(metric, wording(kind)) + wording(kind).caution

    assert "fair" not in text.casefold()


def test_a_past_decision_is_never_called_an_outcome():
    words = wording(TargetKind.DECISION)

    assert "in the past" in metric_subtitle("recall", words)
    assert "refused applicants have no outcome" in words.caution


def test_the_accuracy_stands_beside_refusing_everyone():
    y = np.repeat([1, 0], [20, 80]).astype(np.int8)
    counts = count(y, np.where(np.arange(100) < 10, 0.9, 0.1), None)
    table = metric_table(counts, 0.5, bootstrap=0)
    lazy = always_refuse(counts)

    text = accuracy_finding(table, lazy, 0.5)

    assert "90" in text
    assert "80" in text
    assert "better by" in text
