from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.review_counting import review_cube
from rai_dash.review._routed import routed
from rai_dash.review.cost import costs, theory_band
from rai_dash.review.people import after_review
from rai_dash.review.settings import BandCosts, Reviewer

EDGES = np.array([0.3, 0.5, 0.7])


def paid(label, score, prices, *, reviewer=None, **columns):
    cube = review_cube(np.array(label, np.int8), np.array(score), None, edges=EDGES, **columns)
    sums, _ = routed(cube, 0, 2)
    return costs(cube, after_review(cube, 0, 1, 2, reviewer or Reviewer()), sums, prices)


def test_errors_and_reviews_by_hand():
    found = paid(
        [1, 0, 1, 0, 2, 1], [0.1, 0.9, 0.4, 0.6, 0.5, np.nan], BandCosts(fp_fixed=5, fn_fixed=1, review=0.5)
    )

    # 1 + 5 for the machine, .1 + .5 + .1 for the person; the unlabelled row costs nothing.
    assert found.error_cost == pytest.approx([6.7])
    assert found.review_cost == pytest.approx([1.5])
    assert found.total == pytest.approx([8.2])
    assert found.per_application == pytest.approx([8.2 / 5])


def test_amounts_and_weights_by_hand():
    prices = BandCosts(fp_fixed=1, fp_per_amount=0.5, fn_per_amount=0.1, review=2)

    found = paid(
        [1, 0, 0],
        [0.1, 0.9, 0.5],
        prices,
        amount=np.array([100.0, 40.0, np.nan]),
        weight=np.array([2.0, 1.0, 4.0]),
    )

    # 2 x 10, 1 + 20, and 4 x (1 + 0) x .1
    assert found.error_cost == pytest.approx([20 + 21 + 0.4])
    assert found.review_cost == pytest.approx([8.0])
    assert found.per_application == pytest.approx([(41.4 + 8) / 7])


def test_without_labels_there_is_no_cost_per_application():
    found = paid([2, 2], [0.1, 0.5], BandCosts(fp_fixed=1, fn_fixed=1, review=1))

    assert (found.total.tolist(), np.isnan(found.per_application).tolist()) == ([0.0], [True])


def test_costs_by_amount_without_amounts_are_refused():
    with pytest.raises(InvalidChoice, match="no amount column was counted"):
        paid([1], [0.1], BandCosts(fn_per_amount=0.1))
    assert paid([1], [0.1], BandCosts(fn_fixed=1)).total.tolist() == [1.0]


def test_amounts_that_no_cost_depends_on_change_nothing():
    prices = BandCosts(fp_fixed=3, fn_fixed=1)

    with_amounts = paid([1, 0], [0.1, 0.9], prices, amount=np.array([1e6, 1e6]))

    assert with_amounts.total.tolist() == [4.0]


SETTINGS = [
    pytest.param(F, N, c, h1, h0, id=f"{F}-{N}-{c}-{h1}-{h0}")
    for F, N, c in [(5.0, 1.0, 0.1), (1.0, 1.0, 0.05), (1.0, 4.0, 0.0), (2.0, 3.0, 0.9), (1.0, 1.0, 0.4)]
    for h1, h0 in [(0.9, 0.9), (1.0, 1.0), (0.7, 0.95), (0.5, 0.5)]
]


@pytest.mark.parametrize(("F", "N", "c", "h1", "h0"), SETTINGS)
def test_review_pays_exactly_inside_the_theory_band(F, N, c, h1, h0):  # noqa: N803 - the symbols of the formula
    band = theory_band(BandCosts(fp_fixed=F, fn_fixed=N, review=c), Reviewer(h1=h1, h0=h0))

    s = np.linspace(0, 1, 20_001)
    approve, refuse = (1 - s) * F, s * N
    review = c + (1 - h1) * s * N + (1 - h0) * (1 - s) * F
    pays = review < np.minimum(approve, refuse)
    near_an_end = np.minimum(abs(s - band.lo), abs(s - band.hi)) < 1e-9
    assert np.array_equal(pays[~near_an_end], ((s > band.lo) & (s < band.hi))[~near_an_end])
    assert band.is_empty == (not pays.any())
    away = abs(s - band.threshold) > 1e-9
    assert np.array_equal((approve < refuse)[away], (s > band.threshold)[away])
    if band.is_empty:
        assert band.lo == band.hi == band.threshold


def test_a_person_who_is_always_wrong_on_one_side_makes_the_band_empty():
    for h1, h0 in [(0.0, 1.0), (1.0, 0.0)]:
        band = theory_band(BandCosts(fp_fixed=1, fn_fixed=1), Reviewer(h1=h1, h0=h0))
        assert (band.lo, band.hi, band.is_empty) == (0.5, 0.5, True)


def test_costs_by_amount_are_taken_at_the_amount_given():
    prices = BandCosts(fp_fixed=1, fp_per_amount=0.5, fn_per_amount=0.1)

    assert theory_band(prices, Reviewer(), amount=20).threshold == pytest.approx(11 / 13)


@pytest.mark.parametrize("prices", [BandCosts(), BandCosts(fp_fixed=1), BandCosts(fn_fixed=1, review=1)])
def test_an_error_that_costs_nothing_has_no_theory_band(prices):
    with pytest.raises(InvalidChoice, match="above 0 for both errors"):
        theory_band(prices, Reviewer())
