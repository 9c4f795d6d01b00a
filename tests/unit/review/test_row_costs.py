"""The cost of each row against hand numbers, and its mean against the engine that adds up counts."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.review_cube import edges_of
from rai_dash.core.types import ReviewBand
from rai_dash.data.groups import GroupIndex
from rai_dash.data.review_counting import review_cube
from rai_dash.review.evaluate import evaluate
from rai_dash.review.row_costs import Cases, row_costs
from rai_dash.review.settings import BandCosts, Reviewer

BAND = ReviewBand(0.3, 0.5, 0.7)


def test_each_row_by_hand():
    """Declined, seen by a person below and above the threshold, approved, without a score; good ones, then bad."""
    score = np.array([0.1, 0.4, 0.6, 0.9, np.nan] * 2)
    outcome = np.repeat(np.array([1, 0], np.int8), 5)
    prices = BandCosts(fp_fixed=5, fn_fixed=2, review=0.5)
    found = row_costs(Cases(outcome=outcome), score, BAND, Reviewer(h1=0.9, h0=0.8, deference=0.25), prices)
    # The person approves a good one with 0.75 x 0.9 below the threshold and 0.75 x 0.9 + 0.25 from it on.
    good = [2.0, 2 * (1 - 0.675) + 0.5, 2 * (1 - 0.925) + 0.5, 0.0, 2 * 0.1 + 0.5]
    bad = [0.0, 5 * 0.15 + 0.5, 5 * 0.4 + 0.5, 5.0, 5 * 0.2 + 0.5]
    assert found == pytest.approx([*good, *bad])


def test_amounts_and_recorded_decisions_by_hand():
    cases = Cases(
        outcome=np.array([1, 0, 0, 1], np.int8), amount=np.array([100.0, 200.0, np.nan, 50.0]),
        decision=np.array([0, 1, 1, 2], np.int8),
    )  # fmt: skip
    prices = BandCosts(fp_per_amount=0.6, fn_per_amount=0.1, fn_fixed=1, review=3)
    found = row_costs(
        cases, np.array([0.4, 0.6, 0.6, 0.6]), BAND, Reviewer(h1=0.9, use_recorded=True), prices
    )
    assert found == pytest.approx([1 + 10 + 3, 120 + 3, 0 + 3, 0.1 * (1 + 5) + 3])


@pytest.mark.parametrize(
    "reviewer",
    [
        Reviewer(h1=0.85, h0=0.7, deference=0.3),
        Reviewer(h1=0.85, h0=0.7, deference=0.3, use_recorded=True),
        Reviewer(h1=0.9, h0=0.9, by_group={"b": (0.6, 0.5)}),
    ],
)
@pytest.mark.parametrize("band", [BAND, ReviewBand(None, 0.5, 0.8), ReviewBand(0.5, 0.5, 0.5)])
def test_the_mean_is_what_the_counts_say(reviewer, band):
    rng = np.random.default_rng(4)
    n = 500
    outcome = rng.integers(0, 2, n).astype(np.int8)
    score = rng.random(n)
    score[rng.random(n) < 0.1] = np.nan
    amount, decision = rng.uniform(0, 900, n), rng.integers(0, 3, n).astype(np.int8)
    amount[:20] = np.nan
    index = GroupIndex(column="g", groups=("a", "b"), codes=rng.integers(0, 2, n).astype(np.int32))
    prices = BandCosts(fp_fixed=3, fp_per_amount=0.5, fn_fixed=1, fn_per_amount=0.1, review=7)
    cube = review_cube(outcome, score, index, amount=amount, decision=decision, edges=edges_of(band))
    engine = evaluate({"g": cube}, band, reviewer=reviewer, costs=prices).overall.values("cost")[0]
    groups = index if reviewer.by_group else None
    cases = Cases(outcome=outcome, amount=amount, decision=decision, groups=groups)
    assert row_costs(cases, score, band, reviewer, prices).mean() == pytest.approx(engine, rel=1e-12)


def test_a_cost_by_amount_needs_amounts():
    with pytest.raises(InvalidChoice, match="no amount column"):
        row_costs(
            Cases(outcome=np.zeros(1, np.int8)), np.array([0.5]), BAND, Reviewer(), BandCosts(fp_per_amount=1)
        )
