from __future__ import annotations

import numpy as np
import pytest

from rai_dash.data.review_counting import review_cube
from rai_dash.review._routed import SHARES, Routed, plane, routed, running


@pytest.fixture
def cube():
    """0.1 to 0.9 in tenths, one row each, favourable from 0.5 on; one more without score and one without label."""
    score = np.array([*(k / 10 for k in range(1, 10)), np.nan, 0.75])
    label = np.array([*(k >= 5 for k in range(1, 10)), 1, 2], np.int8)
    return review_cube(label, score, None, edges=np.array([0.3, 0.5, 0.7]))


def test_running_sums_start_at_an_open_end_and_leave_out_rows_without_score():
    cells = np.array([1.0, 2.0, 3.0, 99.0])  # two cuts

    assert running(cells).tolist() == [0.0, 1.0, 3.0, 6.0]
    assert running(cells, from_above=True).tolist() == [6.0, 5.0, 3.0, 0.0]


def test_positions_broadcast_to_the_plane():
    lo, hi = plane(np.array([[0], [1]]), np.array([1, 2, 3]))

    assert (lo.shape, hi.shape) == ((2, 1), (1, 3))
    assert [a.shape for a in plane(0, 1)] == [(), ()]


def test_one_band_by_hand(cube):
    sums, squares = routed(cube, 0, 2)  # 0.3 to 0.7

    assert squares is sums
    assert [x[0] for x in (sums.reject, sums.approve, sums.review, sums.no_score)] == [2, 4, 5, 1]
    assert [x[0] for x in (sums.tn, sums.fn, sums.tp, sums.fp)] == [2, 0, 3, 0]
    assert (sums.favourable_in_review[0], sums.unfavourable_in_review[0]) == (3, 2)
    assert (sums.everyone[0], sums.labelled[0], sums.auto_labelled[0]) == (11, 10, 5)
    assert SHARES["good_rate_in_band"].value(sums).tolist() == [0.6]


def test_open_ends_decide_nothing(cube):
    sums, _ = routed(cube, -1, cube.n_edges)

    assert (sums.auto[0], sums.review[0]) == (0, 11)
    assert np.isnan(SHARES["auto_error_rate"].value(sums)).all()


def test_a_grid_is_two_vectors_until_a_share_is_taken(cube):
    sums, _ = routed(cube, np.array([[-1], [0]]), np.array([[1, 2, 3]]))

    assert (sums.rejected.shape, sums.approved.shape, sums.scored.shape) == (
        (3, 1, 2, 1),
        (3, 1, 1, 3),
        (3, 1, 1, 1),
    )
    assert SHARES["review_rate"].value(sums)[0] * 11 == pytest.approx(np.array([[5, 7, 11], [3, 5, 9]]))
    assert sums.over_groups().everyone.tolist() == [[[11]]]


def test_a_share_of_nobody_is_undefined_even_where_weights_do_not_add_up_exactly():
    """A difference of large sums would leave 1e-12 of a row in a band that holds none."""
    rng = np.random.default_rng(0)
    score = np.concatenate([rng.random(4_000) * 0.4, 0.6 + rng.random(4_000) * 0.4])
    label = rng.integers(0, 2, 8_000).astype(np.int8)
    cube = review_cube(label, score, None, weight=rng.gamma(0.5, size=8_000) * 1e3)
    edges = np.arange(400, 601)

    sums, squares = routed(cube, edges[:, None], edges[None, :])

    assert not sums.review.any()
    assert not squares.review.any()
    assert np.isnan(SHARES["good_rate_in_band"].value(sums)).all()
    all_declined, _ = routed(cube, 1000, 1000)
    assert not all_declined.approve.any()
    assert np.isnan(SHARES["precision_auto"].value(all_declined)).all()


def test_sums_of_routes_are_the_sums_of_a_cube(cube):
    sums, _ = routed(cube, 0, 2)
    in_band = sums.below_hi - sums.rejected

    again = Routed.of_routes(
        rejected=sums.rejected, in_band=in_band, approved=sums.approved, unscored=sums.unscored
    )

    for share in SHARES.values():
        assert np.array_equal(share.value(sums), share.value(again))
