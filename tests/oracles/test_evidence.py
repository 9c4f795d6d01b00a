"""Tests and verdicts of real data against scipy and a second, slower writing of the formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rai_dash.metrics.table import metric_table
from rai_dash.metrics.verdict import gap_verdict
from rai_dash.stats.tests import fisher_against_rest, holm, max_z
from tests.oracles import formulas
from tests.oracles.compare import COMPARED, assert_close, counted, effective, parts_of

TOLERANCE = 0.05
DRAWS = 8000


def compared(real, columns, metric, cut):
    """Successes, trials and rows of the groups that are large enough, with their names."""
    groups = real.counts(columns).groups
    found = [
        (group, *counted(metric, part), part.label.size)
        for _, group, part in parts_of(real, columns, groups, real.thresholds[cut])
        if part.label.size >= 30 and counted(metric, part)[1]
    ]
    names = [group for group, *_ in found]
    return names, *(np.array(column, np.int64) for column in zip(*[row[1:] for row in found], strict=True))


def verdict(k, n, rows, *, p_value):
    """The verdict by the order of the contract, with the groups that are starred, and the rows needed."""
    adjusted = formulas.holm(formulas.fisher(k, n))
    starred = [j for j in range(k.size) if p_value < 0.05 and adjusted[j] < 0.05]
    inside = []
    for j in range(k.size):
        rest_k, rest_n = k.sum() - k[j], n.sum() - n[j]
        low, high = formulas.newcombe(k[j] / n[j], n[j], rest_k / rest_n, rest_n, 0.90)
        inside.append(low > -TOLERANCE and high < TOLERANCE)
    if all(inside):
        return "equivalent within tolerance", starred, None
    if starred:
        return "disparity shown", starred, None
    needed = [formulas.rows_needed(k, n, rows, j, delta=TOLERANCE) for j in range(k.size) if not inside[j]]
    return "not enough data", starred, max(needed)


@pytest.mark.parametrize("size", ["whole", "sample"])
def test_p_value_expected_gap_stars_rows_needed_and_verdict_follow_the_contract(real, size):
    real = real if size == "whole" else real.sample
    content = real.content("tie", min_n=30)
    settled = 0
    for columns in real.divisions[:: 1 if size == "whole" else 3]:
        name = " × ".join(columns)
        for metric in ("selection_rate", "recall", "precision", "base_rate"):
            found, where = content["disparities"][name][metric], (real.name, name, metric)
            names, k, n, rows = compared(real, columns, metric, "tie")
            p_value, gaps, _ = formulas.simulated(k, n, draws=DRAWS, seed=1)
            # Both sides are simulated: 2,000 draws there, 8,000 here; five standard errors.
            error = 5 * math.sqrt(max(p_value * (1 - p_value), 0.0005) * (1 / 2000 + 1 / DRAWS))
            assert found["p_value"] == pytest.approx(p_value, abs=error + 1 / 2001), where
            middle = 5 * 1.2533 * gaps.std() * math.sqrt(1 / 2000 + 1 / DRAWS)
            step = 1.0 / n.min()
            assert found["expected_by_chance"] == pytest.approx(np.median(gaps), abs=middle + step), where
            if abs(p_value - 0.05) > error:
                expected, starred, needed = verdict(k, n, rows, p_value=p_value)
                assert found["verdict"] == expected, where
                assert found["starred"] == [names[j] for j in starred], where
                assert found["rows_needed"] == needed, where
                settled += 1
    assert settled > 3


def test_exact_tests_and_holm_equal_scipy(real):
    for columns in real.divisions:
        for metric in COMPARED:
            _, k, n, _ = compared(real, columns, metric, "grid")
            expected = formulas.fisher(k, n)
            p = fisher_against_rest(k, n)
            assert p == pytest.approx(expected, rel=1e-7, abs=1e-12), (real.name, columns, metric)
            assert holm(p).tolist() == pytest.approx(formulas.holm(p.tolist()), abs=1e-15)


def test_the_statistic_is_a_pooled_z_against_the_rest(real):
    for columns in real.divisions:
        _, k, n, _ = compared(real, columns, "selection_rate", "tie")
        assert max_z(k, n, seed=0, replicates=1).z == pytest.approx(formulas.z_against_rest(k, n), abs=1e-10)


def test_q_values_are_benjamini_hochbergs_over_the_metrics(real):
    for by_metric in real.content("tie", min_n=30)["disparities"].values():
        tested = {m: found["p_value"] for m, found in by_metric.items() if found.get("p_value") is not None}
        expected = dict(zip(tested, formulas.benjamini_hochberg(list(tested.values())), strict=True))
        for metric, q in expected.items():
            assert_close(by_metric[metric]["q_value"], q, 1e-12, real.name, metric)


def test_a_weighted_verdict_rests_on_rounded_effective_sizes_and_says_so(real):
    columns = real.divisions[0]
    counts = real.counts(columns, weighted=True)
    table = metric_table(counts, real.thresholds["tie"], bootstrap=0)

    found = gap_verdict(table, "selection_rate")

    parts = [p for *_, p in parts_of(real, columns, counts.groups, real.thresholds["tie"])]
    shares = [effective("selection_rate", part) for part in parts if part.label.size >= 30]
    n = np.array([round(size) for _, size in shares])
    k = np.array([round(share * size) for share, size in shares])
    rows = np.array([part.label.size for part in parts if part.label.size >= 30])
    p_value, _, _ = formulas.simulated(k, n, draws=DRAWS, seed=2)
    assert found.is_approximate
    if abs(p_value - 0.05) > 0.02:
        expected, _, needed = verdict(k, n, rows, p_value=p_value)
        assert (found.verdict, found.rows_needed) == (expected, needed)
