from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.review.pareto import pareto_front


def front(points):
    """Compare every point with every other, as the definition says."""

    def dominated(p):
        return any(
            all(b <= a for a, b in zip(p, q, strict=True)) and any(b < a for a, b in zip(p, q, strict=True))
            for q in defined
        )

    defined = [p for p in points if not any(map(math.isnan, p))]
    return [not any(map(math.isnan, p)) and not dominated(p) for p in points]


key = st.one_of(st.integers(0, 4).map(float), st.just(math.nan), st.just(math.inf))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5).flatmap(lambda k: st.lists(st.tuples(*[key] * k), min_size=1, max_size=25)))
def test_the_front_is_what_comparing_every_pair_gives(points):
    assert pareto_front(points).tolist() == front(points)


@pytest.mark.parametrize("n_keys", [1, 2, 3, 4])
def test_many_points_without_ties_give_the_same_front_as_every_pair(n_keys):
    points = np.random.default_rng(3).random((600, n_keys))
    at_most = (points[None] <= points[:, None]).all(axis=2)
    below = (points[None] < points[:, None]).any(axis=2)

    assert pareto_front(points).tolist() == (~(at_most & below).any(axis=1)).tolist()


def test_all_copies_of_a_point_are_kept():
    assert pareto_front([[1, 2, 3], [1, 2, 3], [2, 2, 3]]).tolist() == [True, True, False]


def test_a_point_without_one_key_is_left_out_and_beats_nobody():
    assert pareto_front([[0, math.nan], [5, 5]]).tolist() == [False, True]


def test_no_points_have_no_front():
    assert pareto_front(np.empty((0, 3))).tolist() == []


def test_where_every_point_trades_one_key_for_another_all_are_kept():
    a = np.random.default_rng(1).random((5_000, 2))

    assert pareto_front(np.column_stack([a, 2 - a.sum(axis=1)])).sum() > 4_990
