"""What chance alone does: p-values against scipy and drawn rows, and how breaches are adjusted."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import binomtest, chi2, fisher_exact, norm

from rai_dash.core.types import Estimate
from rai_dash.govern.monitor import chance
from rai_dash.govern.monitor.lines import Family, Line
from rai_dash.govern.monitor.states import State

NOTHING = Estimate.undefined("")


def share(k: int, n: int) -> Estimate:
    ends = binomtest(k, n).proportion_ci(0.95, method="wilson")
    return Estimate(k / n, ends.low, ends.high, float(k), float(n))


def line(family: Family, p: float, *, state: State = State.BREACH, name: str = "x") -> Line:
    return Line(name=name, family=family, signed=NOTHING, batch=NOTHING, state=state, p_value=p)


@pytest.mark.parametrize(
    ("signed", "batch"), [((7, 1600), (5, 110)), ((0, 40), (9, 30)), ((18, 100), (18, 100))]
)
def test_two_shares_are_compared_by_fishers_exact_test(signed, batch):
    exact = fisher_exact([[batch[0], batch[1] - batch[0]], [signed[0], signed[1] - signed[0]]]).pvalue

    assert chance.share_p(share(*signed), share(*batch), is_weighted=False) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(("k", "n"), [(0, 12), (3, 12), (6, 12), (12, 12), (500, 1000)])
def test_the_rows_behind_an_interval_are_found_again(k, n):
    assert chance.effective_rows(share(k, n)) == pytest.approx(n, rel=1e-9)


def test_rows_for_a_width_give_an_interval_of_that_width():
    # 50 of 200.
    ends = binomtest(50, 200).proportion_ci(0.95, method="wilson")

    assert chance.rows_for(0.25, (ends.high - ends.low) / 2) == pytest.approx(200, rel=1e-9)
    assert chance.rows_for(0.18, 0.6) == 0.0


def test_the_chance_of_a_psi_is_near_that_of_chi_square_where_cells_are_full():
    # PSI is about chi-square over m n / (m + n), with one degree less than cells.
    then, now = np.full(5, 2_000), np.array([420, 380, 440, 360, 400])

    p = chance.psi_p(then, now)

    size = (now / 2_000 - 0.2) @ np.log(now / 2_000 / 0.2)
    assert p == pytest.approx(chi2.sf(size * 10_000 * 2_000 / 12_000, 4), abs=0.05)
    assert chance.psi_p(then, now) == p


def test_a_simulated_chance_is_never_nought():
    assert chance.psi_p(np.array([500, 500]), np.array([10, 990])) == 1 / (chance.REPLICATES + 1)


def test_two_normal_numbers_are_compared_by_their_intervals():
    signed, batch = Estimate(1.0, 0.804, 1.196), Estimate(1.5, 1.304, 1.696)

    assert chance.difference_p(signed, batch) == pytest.approx(
        2 * norm.sf(0.5 / math.hypot(0.1, 0.1)), rel=1e-3
    )
    assert chance.difference_p(signed, Estimate(1.5)) == 1.0


def test_the_chance_that_a_gap_rises_is_that_of_drawn_rows():
    rng = np.random.default_rng(0)
    signed, batch = [(20, 100), (25, 100)], [(10, 50), (20, 50)]
    rise = 0.2 - 0.05
    share = np.array([30 / 150, 45 / 150])
    before, after = (
        np.ptp((rng.random((8_000, 2, n)) < share[:, None]).mean(axis=2), axis=1) for n in (100, 50)
    )

    assert chance.gap_p(signed, batch, rise) == pytest.approx((after - before >= rise).mean(), abs=0.02)


def holm_by_closure(p: list[float]) -> list[float]:
    """The closed test: each hypothesis with every set of others, each set by Bonferroni."""
    places = range(len(p))
    sets = [s for size in range(1, len(p) + 1) for s in combinations(places, size)]
    return [max(min(1.0, len(s) * min(p[j] for j in s)) for s in sets if i in s) for i in places]


def test_breaches_are_adjusted_by_holm_within_headlines_and_within_details():
    p = [0.001, 0.004, 0.02, 0.3]
    heads = [line(Family.ROUTES, x) for x in p] + [line(Family.ERROR, 0.001, state=State.OK)]
    details = [line(Family.COLUMNS, x) for x in (0.0002, 0.004, 0.02)]
    unjudged = line(Family.COLUMNS, 0.0, state=State.NO_LIMIT)

    found = chance.allow_for_chance([*heads, *details, unjudged])

    # What is no breach is looked at too, and says nothing: p = 1.
    for part, given in ((found[:4], [*p, 1.0]), (found[5:8], [0.0002, 0.004, 0.02])):
        expected = [min(1.0, 2 * p) for p in holm_by_closure(given)][: len(part)]
        assert [x.p_adjusted for x in part] == pytest.approx(expected)
        assert [x.within_chance for x in part] == [p > 0.05 for p in expected]
    assert [x.counts for x in found] == [True, True, False, False, False, True, True, True, False]
    assert found[2].reason == "it may be chance among 8 lines"
    assert found[4].p_adjusted is None
    assert found[8].p_adjusted is None


def test_no_line_at_all_is_adjusted_to_none():
    assert chance.allow_for_chance([]) == ()
