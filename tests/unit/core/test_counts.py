from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.counts import GroupCounts, add_counts
from rai_dash.core.errors import InvalidChoice
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex

#: group, label, score, weight
ROWS = [
    ("a", 1, 0.9, 2.0),
    ("a", 0, 0.5, 1.0),
    ("a", 1, 0.3505, 3.0),
    ("b", 0, 0.3502, 0.5),
    ("b", 2, 0.3509, 1.0),
    ("b", 1, np.nan, 4.0),
    ("b", 0, 1.0, 1.0),
    ("b", 0, 0.0, 1.0),
]


def counted(rows=ROWS, *, groups=("a", "b"), weighted=False) -> GroupCounts:
    codes = np.array([groups.index(r[0]) for r in rows], dtype=np.int32)
    return count(
        np.array([r[1] for r in rows], dtype=np.int8),
        np.array([r[2] for r in rows]),
        GroupIndex("column", groups, codes),
        weight=np.array([r[3] for r in rows]) if weighted else None,
    )


def scan(keep, *, weighted=False):
    """Add the rows up one by one."""
    sums, squares = np.zeros((2, 3)), np.zeros((2, 3))
    for group, label, score, weight in ROWS:
        if np.isfinite(score) and keep(score):
            w = weight if weighted else 1.0
            sums["ab".index(group), label] += w
            squares["ab".index(group), label] += w**2
    return sums, squares


CUTS = [0.0, 0.35, 0.3502, 0.3505, 0.351, 0.5, 0.99999, 1.0]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("weighted", [False, True])
def test_a_cut_on_or_off_the_grid_equals_a_scan_of_the_rows(cut, weighted):
    counts = counted(weighted=weighted)

    for found, expected in zip(
        counts.at_or_above(cut), scan(lambda s: s >= cut, weighted=weighted), strict=True
    ):
        assert np.array_equal(found, expected)
    for found, expected in zip(counts.below(cut), scan(lambda s: s < cut, weighted=weighted), strict=True):
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("low", CUTS)
@pytest.mark.parametrize("high", CUTS)
def test_a_range_equals_a_scan_of_the_rows(low, high):
    if low > high:
        return

    sums, squares = counted(weighted=True).between(low, high)

    expected = scan(lambda s: low <= s < high, weighted=True)
    assert np.array_equal(sums, expected[0])
    assert np.array_equal(squares, expected[1])


def test_open_ends_take_every_row_with_a_score():
    assert np.array_equal(counted().between(None, None)[0], scan(lambda _: True)[0])


def test_no_cut_means_that_nothing_is_above_nor_below_it():
    for sums in (*counted().at_or_above(None), *counted().below(None)):
        assert sums.sum() == 0.0


def test_rows_without_a_score_are_counted_apart():
    sums, squares = counted(weighted=True).without_score()

    assert sums.tolist() == [[0, 0, 0], [0, 4, 0]]
    assert squares.tolist() == [[0, 0, 0], [0, 16, 0]]


def test_rows_are_counted_whatever_their_label_score_or_weight():
    assert counted(weighted=True).n.tolist() == [3, 5]
    assert counted(weighted=True).is_weighted
    assert not counted().is_weighted


def test_sums_and_squares_are_the_counts_where_there_are_no_weights():
    counts = counted()

    assert np.array_equal(counts.sums, counts.counts)
    assert np.array_equal(counts.squares, counts.counts)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_total_equals_counting_without_a_column(weighted):
    total = counted(weighted=weighted).total()
    direct = counted([("a", *row[1:]) for row in ROWS], groups=("a",), weighted=weighted)

    assert total.groups == ("everyone",)
    assert np.array_equal(total.sums, direct.sums)
    assert np.array_equal(total.at_or_above(0.3505)[0], direct.at_or_above(0.3505)[0])
    assert np.allclose(total.score_sums().values, direct.score_sums().values, rtol=1e-14)
    assert total.figures().auc == direct.figures().auc


def test_one_group_alone_keeps_its_counts_and_figures():
    counts = counted(weighted=True)
    alone = counts.group(1)

    assert alone.groups == ("b",)
    assert np.array_equal(alone.sums[0], counts.sums[1])
    assert np.array_equal(alone.squares[0], counts.squares[1])
    assert np.array_equal(alone.score_sums().values[0], counts.score_sums().values[1])
    assert np.array_equal(alone.figures().auc, counts.figures().auc[[1]], equal_nan=True)


def test_a_cut_between_edges_without_rows_is_refused_with_the_way_out():
    counts = counted().group(0)

    with pytest.raises(InvalidChoice, match=r"multiple of 0\.001"):
        counts.at_or_above(0.35051)


@pytest.mark.parametrize("cut", [-0.1, 1.1, np.nan, np.inf])
def test_a_cut_off_the_scale_is_refused(cut):
    with pytest.raises(InvalidChoice, match="from 0 to 1"):
        counted().at_or_above(cut)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("split", [0, 3, 5, 8])
def test_counts_of_parts_add_up_to_the_counts_of_the_whole(weighted, split):
    whole = counted(weighted=weighted)

    both = add_counts(counted(ROWS[:split], weighted=weighted), counted(ROWS[split:], weighted=weighted))

    assert np.array_equal(both.counts, whole.counts)
    assert np.array_equal(both.sums, whole.sums)
    assert np.array_equal(both.squares, whole.squares)
    assert np.allclose(both.score_sums().values, whole.score_sums().values, rtol=1e-14)
    assert both.figures is None
    assert both.rows is None


def test_added_counts_unite_groups_by_name_in_order_of_appearance():
    first = counted([ROWS[0]], groups=("a",))
    second = counted([ROWS[3], ROWS[1]], groups=("b", "a"), weighted=True)

    both = add_counts(first, second)

    assert both.groups == ("a", "b")
    assert both.n.tolist() == [2, 1]
    assert both.sums.sum(axis=(1, 2)).tolist() == [2.0, 0.5]


def test_adding_counts_whose_sums_are_lost_loses_them():
    stored = GroupCounts(column="column", groups=("a",), counts=counted().counts[:1])

    assert add_counts(stored, counted()).score_sums is None
    assert stored.total().score_sums is None
    assert stored.group(0).figures is None


def test_the_total_without_rows_has_no_figures_from_rows():
    assert add_counts(counted(), counted()).total().figures is None
