"""Do the rows that a page asks for find the difference they are asked for?"""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.metrics.verdict import gap_verdict
from rai_dash.stats.tests import Verdict
from tests.simulations.worlds import at_least, law, share_table, table_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: The formula aims at 80 % for the test of two shares. The verdict also asks Fisher's exact test, which costs up to
#: four points in small samples: summed over all outcomes, 76 to 79 % are left at the rates below.
POWER = 0.76
RUNS = 2000
FEWEST = at_least(POWER, RUNS)


def promised(rate, pilot, tolerance):
    """Ask a pilot study without any difference how many rows the group that needs most must have."""
    sizes = np.array(pilot)
    found = gap_verdict(share_table(np.rint(sizes * rate), sizes), "selection_rate", tolerance=tolerance)
    assert found.verdict == Verdict.NOT_ENOUGH
    return found.rows_needed


def finds(rates, sizes, tolerance):
    """In how many data sets of these sizes a disparity is shown."""
    rng = np.random.default_rng(11)
    return sum(
        gap_verdict(
            share_table(rng.binomial(sizes, rates), sizes), "selection_rate", tolerance=tolerance
        ).verdict
        == Verdict.SHOWN
        for _ in range(RUNS)
    )


@pytest.mark.parametrize("rate", [0.10, 0.20, 0.35, 0.50, 0.70, 0.90])
@pytest.mark.parametrize("tolerance", [0.05, 0.10])
def test_two_equal_groups_of_the_rows_asked_for_show_the_difference(rate, tolerance):
    needed = promised(rate, (30, 30), tolerance)
    lower = rate - tolerance

    found = finds((lower, rate), np.array([needed, needed]), tolerance)

    assert found >= FEWEST, (needed, found)
    # Nor are far more rows asked for than it takes.
    assert found <= 0.93 * RUNS, (needed, found)


@pytest.mark.parametrize("times", [3, 9])
def test_two_unequal_groups_show_it_when_the_larger_has_the_rows_asked_for(times):
    needed = promised(0.35, (60, 60 * times), 0.05)

    found = finds((0.30, 0.35), np.array([needed // times, needed]), 0.05)

    assert found >= FEWEST, (needed, found)


def test_among_five_groups_the_share_of_the_level_is_paid_for():
    needed = promised(0.35, (60,) * 5, 0.05)
    rates = np.full(5, 0.35)
    rates[0] = 0.30

    found = finds(rates, np.full(5, needed), 0.05)

    assert needed > promised(0.35, (60, 240), 0.05) // 4
    assert found >= FEWEST, (needed, found)


def test_rows_that_are_in_no_denominator_are_asked_for_as_well():
    # Half of the applicants are good; recall is about these only.
    rng, tolerance = np.random.default_rng(12), 0.10
    pilot = np.tile([30, 0, 18, 12], (2, 1))
    asked = gap_verdict(table_of(pilot, ["recall"]), "recall", tolerance=tolerance)
    chance = law(base=0.5, recall=[0.30, 0.40], fpr=0.0)
    shown = 0

    for _ in range(RUNS):
        cells = rng.multinomial(asked.rows_needed, chance)
        shown += (
            gap_verdict(table_of(cells, ["recall"]), "recall", tolerance=tolerance).verdict == Verdict.SHOWN
        )

    assert shown >= FEWEST, (asked.rows_needed, shown)
