from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.errors import InvalidBand, InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.data.groups import GroupIndex
from rai_dash.data.review_counting import review_cube
from rai_dash.review.people import POST_SHARES, after_review, column_of_pairs
from rai_dash.review.settings import Reviewer

EDGES = np.array([0.3, 0.5, 0.7])
BAND = ReviewBand(0.3, 0.5, 0.7)


def expected(label, score, reviewer, *, band=BAND, **columns):
    """TP', FN', FP', TN' of everyone."""
    label, score = np.array(label, np.int8), np.array(score, np.float64)
    cube = review_cube(label, score, None, edges=EDGES, **columns)
    after = after_review(cube, *cube.positions(band), reviewer)
    return [float(x[0]) for x in (after.tp, after.fn, after.fp, after.tn)]


def test_outside_the_band_the_person_changes_nothing():
    assert expected([1, 1, 0, 0, 2], [0.9, 0.1, 0.7, 0.2, 0.9], Reviewer()) == [1, 1, 1, 1]


def test_inside_the_band_the_person_is_right_with_h1_and_h0():
    found = expected([1, 0], [0.3, 0.6], Reviewer(h1=0.8, h0=0.7))

    assert found == pytest.approx([0.8, 0.2, 0.3, 0.7])


@pytest.mark.parametrize(
    ("score", "approves"),
    [
        (0.3, 0.75 * 0.8),  # the model would decline
        (np.nextafter(0.5, 0), 0.75 * 0.8),
        (0.5, 0.25 + 0.75 * 0.8),  # the model would approve, from t on
        (np.nextafter(0.7, 0), 0.25 + 0.75 * 0.8),
        (np.nan, 0.8),  # no score to follow
        (-np.inf, 0.8),
    ],
)
def test_deference_follows_the_score_where_there_is_one(score, approves):
    found = expected([1], [score], Reviewer(h1=0.8, deference=0.25))

    assert found == pytest.approx([approves, 1 - approves, 0, 0])


def test_a_recorded_decision_is_certain_where_it_is_in_use_and_deference_does_not_touch_it():
    reviewer = Reviewer(h1=0.8, h0=0.6, deference=0.5, use_recorded=True)

    found = expected(
        [1, 1, 0, 0, 1], [0.4, 0.6, 0.4, np.nan, 0.6], reviewer, decision=np.array([1, 0, 1, 0, 2], np.int8)
    )

    # The last row has none: 0.5 + 0.5 x 0.8.
    assert found == pytest.approx([1 + 0.9, 1 + 0.1, 1, 1])


def test_a_recorded_decision_is_not_used_unless_it_is_said_nor_for_automatic_decisions():
    decision = np.array([0, 0], np.int8)

    assert expected([1, 1], [0.6, 0.9], Reviewer(h1=0.8), decision=decision) == pytest.approx(
        [1.8, 0.2, 0, 0]
    )
    assert expected([1, 1], [0.9, 0.1], Reviewer(use_recorded=True), decision=decision) == [1, 1, 0, 0]


def test_perfect_people_make_no_error_to_the_last_bit():
    rng = np.random.default_rng(0)
    label, score = rng.integers(0, 2, 500), 0.3 + rng.random(500) * 0.39
    weight = rng.gamma(1.0, size=500)

    found = expected(label, score, Reviewer(h1=1.0, h0=1.0), weight=weight)

    assert (found[1], found[2]) == (0.0, 0.0)


def test_full_deference_is_the_plain_classifier():
    rng = np.random.default_rng(1)
    label, score = rng.integers(0, 2, 300), rng.random(300)

    found = expected(label, score, Reviewer(deference=1.0))

    approved = score >= 0.5
    pairs = [
        (label == 1) & approved,
        (label == 1) & ~approved,
        (label == 0) & approved,
        (label == 0) & ~approved,
    ]
    assert found == pytest.approx([int(p.sum()) for p in pairs])


def test_amounts_of_expected_errors_carry_the_weights():
    label, score = np.array([1, 0, 1, 0], np.int8), np.array([0.4, 0.4, 0.1, 0.9])
    amount, weight = np.array([10.0, 20.0, 40.0, np.nan]), np.array([2.0, 3.0, 1.0, 5.0])
    cube = review_cube(label, score, None, edges=EDGES, amount=amount, weight=weight)

    after = after_review(cube, 0, 1, 2, Reviewer(h1=0.9, h0=0.75))

    assert after.fn_amount == pytest.approx([2 * 10 * 0.1 + 40])
    assert after.fp_amount == pytest.approx([3 * 20 * 0.25])


def test_shares_after_the_person_by_hand():
    cube = review_cube(np.array([1, 1, 0, 0], np.int8), np.array([0.9, 0.4, 0.4, 0.1]), None, edges=EDGES)
    after = after_review(cube, 0, 1, 2, Reviewer(h1=0.8, h0=0.6))  # TP' 1.8, FN' .2, FP' .4, TN' 1.6

    found = {name: float(share.value(after)[0]) for name, share in POST_SHARES.items()}

    assert found == pytest.approx(
        {
            "post_error_rate": 0.15,
            "post_precision": 1.8 / 2.2,
            "post_recall": 0.9,
            "post_fnr": 0.1,
            "post_fpr": 0.2,
            "post_approval_rate": 0.55,
        }
    )


def test_shares_of_nobody_are_undefined():
    only_good = review_cube(np.ones(2, np.int8), np.array([0.1, 0.2]), None, edges=EDGES)
    after = after_review(only_good, 0, 1, 2, Reviewer())

    assert np.isnan(POST_SHARES["post_fpr"].value(after))
    assert np.isnan(POST_SHARES["post_precision"].value(after))
    assert POST_SHARES["post_fnr"].value(after) == 1


def test_a_threshold_outside_the_band_is_refused_anywhere_in_a_plane():
    cube = review_cube(np.ones(1, np.int8), np.array([0.5]), None, edges=EDGES)

    with pytest.raises(InvalidBand, match="inside the review band"):
        after_review(cube, np.array([0, 2]), 1, np.array([2, 2]), Reviewer())
    with pytest.raises(ValueError, match="inside the review band"):
        after_review(cube, -1, 1, 0, Reviewer())


def by(column, groups):
    index = GroupIndex(column, groups, np.zeros(1, np.int32))
    return review_cube(np.ones(1, np.int8), np.array([0.5]), index, edges=EDGES)


def test_pairs_by_group_belong_to_the_one_column_that_has_them():
    cubes = {"sex": by("sex", ("f", "m")), "old": by("old", ("no", "yes")), "rich": by("rich", ("no", "yes"))}

    assert column_of_pairs(cubes, Reviewer()) is None
    assert column_of_pairs(cubes, Reviewer(by_group={"f": (1, 1)})) == "sex"
    assert column_of_pairs(cubes, Reviewer(by_group={"yes": (1, 1)}, column="rich")) == "rich"
    with pytest.raises(InvalidChoice, match="several columns"):
        column_of_pairs(cubes, Reviewer(by_group={"yes": (1, 1)}))
    with pytest.raises(InvalidChoice, match="no column among sex, old, rich"):
        column_of_pairs(cubes, Reviewer(by_group={"f": (1, 1), "x": (1, 1)}))
