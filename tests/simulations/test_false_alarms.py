"""40 groups, and no disparity or one: how often is it claimed, and how often found?

The groups are those of fairness.md section 5, and what is judged is what a page would say: `gap_verdict` on a table
of metrics, and Benjamini's and Hochberg's q-values over the metrics of a column.
"""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.metrics.compared import COMPARED, q_values
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.stats.tests import Verdict
from tests.simulations.worlds import (
    N_GROUPS,
    SHARES,
    at_least,
    at_most,
    draw,
    law,
    share_table,
    table_of,
    upper_bound,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROWS = [2_000, 5_000, 32_000]
RATE = 0.35
LOWER = 0.10
#: What the product promises, per column and metric.
MOST_ALARMS = 0.06
#: Finds of one group 10 points lower in fairness.md section 5, column "both", and those that are asked for.
FOUND = {2_000: 0.47, 5_000: 0.95, 32_000: 1.00}


def is_alarm(found):
    """Whether a page would say that a group differs."""
    return bool(found.starred) or found.verdict == Verdict.SHOWN


def drawn_shares(rng, rows, shift=0.0):
    """Approved and all applicants of 40 groups at one rate, the first group some points lower."""
    sizes = rng.multinomial(rows, SHARES)
    rates = np.full(N_GROUPS, RATE)
    rates[0] -= shift
    return rng.binomial(sizes, rates), sizes


@pytest.mark.parametrize("rows", ROWS)
def test_without_disparity_at_most_6_percent_of_data_sets_raise_an_alarm(rows):
    rng, runs = np.random.default_rng(rows), 2000

    alarms = sum(
        is_alarm(gap_verdict(share_table(*drawn_shares(rng, rows)), "selection_rate")) for _ in range(runs)
    )

    # Shown, not only not contradicted: 6 % lies above the upper 95 % limit of Clopper and Pearson.
    assert upper_bound(alarms, runs) <= MOST_ALARMS, f"{alarms} alarms in {runs}"
    # Nor is silence bought by never speaking.
    assert alarms / runs > 0.02


@pytest.mark.parametrize("rows", ROWS)
def test_no_metric_alarms_too_often_and_the_metrics_of_a_column_together_neither(rows):
    rng, runs = np.random.default_rng(rows + 1), 400
    chance = law(base=0.6, recall=0.7, fpr=0.35)
    alarms = dict.fromkeys(COMPARED, 0)
    any_q = 0

    for _ in range(runs):
        table = table_of(draw(rng, rows, chance), COMPARED)
        found = {metric: gap_verdict(table, metric) for metric in COMPARED}
        for metric in COMPARED:
            alarms[metric] += is_alarm(found[metric])
        q = q_values({metric: found[metric].p_value for metric in COMPARED})
        any_q += min(q.values()) < 0.05

    # More alarms than these happen once in 1,000 where the chance of one is 6 %.
    assert max(alarms.values()) <= at_most(MOST_ALARMS, runs), alarms
    # All metrics are without disparity, so any finding is a false one; together they are held to the same level.
    assert any_q <= at_most(MOST_ALARMS, runs)


def test_of_the_findings_over_metrics_few_are_false_where_some_are_true():
    # Group 0 has fewer good applicants; errors among the good and among the bad are the same everywhere, so
    # recall, fpr and fnr are without disparity and the other metrics are not.
    rng, runs = np.random.default_rng(8), 400
    base = np.full(N_GROUPS, 0.6)
    base[0] = 0.4
    chance = law(base=base, recall=0.8, fpr=0.3)
    level, false_shares, finds = 0.05, [], 0

    for _ in range(runs):
        table = table_of(draw(rng, 5_000, chance), COMPARED)
        q = q_values({metric: gap_verdict(table, metric).p_value for metric in COMPARED})
        claimed = {metric for metric, value in q.items() if value < level}
        false_shares.append(len(claimed & {"recall", "fpr", "fnr"}) / max(len(claimed), 1))
        finds += "base_rate" in claimed

    error = np.std(false_shares) / np.sqrt(runs)
    assert np.mean(false_shares) <= MOST_ALARMS + 3 * error
    assert finds >= 0.99 * runs


def max_min_finds(rng, hits, sizes, *, draws=400):
    """Whether a calibrated max - min gap finds something: 5 % level, its null simulated for these very sizes."""
    kept = sizes >= 30
    k, n = hits[kept], sizes[kept]
    rates = rng.binomial(n, k.sum() / n.sum(), size=(draws, n.size)) / n
    gaps = rates.max(axis=1) - rates.min(axis=1)
    return np.ptp(k / n) > np.quantile(gaps, 0.95)


@pytest.mark.parametrize("rows", ROWS)
def test_one_group_10_points_lower_is_found_as_often_as_in_the_reference(rows):
    rng, runs = np.random.default_rng(rows + 2), 400
    ours = named = theirs = 0

    for _ in range(runs):
        hits, sizes = drawn_shares(rng, rows, LOWER)
        found = gap_verdict(share_table(hits, sizes), "selection_rate")
        ours += is_alarm(found)
        named += "g0" in found.starred
        theirs += max_min_finds(rng, hits, sizes)

    # Fewer finds than these happen once in 1,000 where the chance of one is that of the reference; where that is
    # 100 %, one data set in 200 may be missed.
    assert ours >= at_least(min(FOUND[rows], 0.995), runs), (ours, named, theirs)
    # It is the right group that is named: naming only others is a false alarm.
    assert ours - named <= at_most(MOST_ALARMS, runs), (ours, named)
    # The headline of the peers, held to the same level of false alarms, is nearly blind.
    assert theirs < 0.35 * ours, (ours, theirs)


@pytest.mark.parametrize("rows", ROWS)
def test_the_four_fifths_headline_would_alarm_in_nearly_every_data_set_without_disparity(rows):
    rng, runs = np.random.default_rng(rows + 3), 200

    ratios = [
        disparity(share_table(*drawn_shares(rng, rows)), "selection_rate").ratio or 0.0 for _ in range(runs)
    ]

    assert np.mean(np.array(ratios) < 0.8) >= 0.99


@pytest.mark.parametrize(
    ("sizes", "rate", "tolerance"),
    [
        ((500, 500), 0.35, 0.05),
        ((2_000, 2_000), 0.35, 0.05),
        ((300, 3_000), 0.20, 0.05),
        ((5_000, 5_000), 0.80, 0.03),
        ((400, 400), 0.10, 0.05),
        ((1_000, 1_000), 0.50, 0.10),
    ],
)
def test_a_difference_as_large_as_the_tolerance_is_rarely_called_equivalent(sizes, rate, tolerance):
    rng, runs = np.random.default_rng(9), 1500
    claims = 0

    for _ in range(runs):
        hits = rng.binomial(sizes, (rate - tolerance, rate))
        found = gap_verdict(share_table(hits, sizes), "selection_rate", tolerance=tolerance)
        claims += found.verdict == Verdict.EQUIVALENT

    # More claims than these happen once in 1,000 where the chance of one is 5 %.
    assert claims <= at_most(0.05, runs), claims


def test_40_groups_of_which_one_lies_at_the_tolerance_are_rarely_called_equivalent():
    rng, runs = np.random.default_rng(10), 400
    claims = finds = 0
    sizes = np.full(N_GROUPS, 4_000)
    rates = np.full(N_GROUPS, RATE)

    for _ in range(runs):
        calm = share_table(rng.binomial(sizes, rates), sizes)
        finds += gap_verdict(calm, "selection_rate").verdict == Verdict.EQUIVALENT
        rates[0] = RATE - 0.05
        hits = rng.binomial(sizes, rates)
        rates[0] = RATE
        claims += gap_verdict(share_table(hits, sizes), "selection_rate").verdict == Verdict.EQUIVALENT

    assert claims <= at_most(0.05, runs), claims
    # And without any difference so many rows do settle it.
    assert finds >= 0.99 * runs
