"""Intervals of real data against scipy, formulas written a second time, and a bootstrap of rows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from rai_dash.metrics.against import Other, compare
from rai_dash.metrics.table import metric_table
from tests.oracles import formulas
from tests.oracles.compare import COMPARED, EXACT, assert_close, counted, effective, everyone_but, parts_of

SHARES = (
    "selection_rate", "base_rate", "accuracy", "recall", "fnr", "fpr", "tnr", "precision", "fdr", "npv", "for_rate",
)  # fmt: skip


@pytest.mark.parametrize("cut", ["tie", "none"])
def test_limits_of_shares_equal_scipys_wilson_interval(real, cut):
    for columns in [(), *real.divisions]:
        counts = real.counts(columns)
        table = metric_table(counts, real.thresholds[cut], bootstrap=0)
        for i, group, part in parts_of(real, columns, counts.groups, real.thresholds[cut]):
            for name in SHARES:
                k, n = counted(name, part)
                found = table.estimate(name, i)
                if n == 0:
                    assert found.low is found.high is None
                    continue
                low, high = formulas.wilson_of_scipy(int(k), int(n))
                assert_close(found.low, low, EXACT, real.name, columns, group, name)
                assert_close(found.high, high, EXACT, real.name, columns, group, name)


def test_limits_of_weighted_shares_rest_on_kishs_effective_size(real):
    threshold = real.thresholds["tie"]
    for columns in [(), *real.divisions]:
        counts = real.counts(columns, weighted=True)
        table = metric_table(counts, threshold, bootstrap=0)
        for i, group, part in parts_of(real, columns, counts.groups, threshold):
            for name in ("selection_rate", "recall", "precision", "fpr"):
                if not part.defined(name):
                    continue
                low, high = formulas.wilson(*effective(name, part))
                found = table.estimate(name, i)
                assert_close(found.low, low, 1e-8, real.name, columns, group, name)
                assert_close(found.high, high, 1e-8, real.name, columns, group, name)


def assert_compared(found, ours, other, *where):
    """Check difference and ratio of two shares (numerator, denominator) with both intervals."""
    (k1, n1), (k2, n2) = ours, other
    if n1 == 0 or n2 == 0:
        assert found["difference"] is found["ratio"] is found["low"] is found["ratio_low"] is None, where
        assert found["reason"], where
        return
    p1, p2 = k1 / n1, k2 / n2
    assert_close(found["difference"], p1 - p2, EXACT, *where)
    assert_close(found["other"], p2, EXACT, *where)
    for end, expected in zip(("low", "high"), formulas.newcombe(p1, n1, p2, n2), strict=True):
        assert_close(found[end], expected, 1e-8, *where)
    if p2 == 0:
        assert found["ratio"] is None, where
    else:
        assert_close(found["ratio"], p1 / p2, EXACT * max(1.0, p1 / p2), *where)
    limits = formulas.katz(p1, n1, p2, n2)
    if limits is None:
        assert found["ratio_low"] is found["ratio_high"] is None, where
    else:
        for end, expected in zip(("ratio_low", "ratio_high"), limits, strict=True):
            assert_close(found[end], expected, 1e-9 * max(1.0, expected), *where)


@pytest.mark.parametrize("cut", ["grid", "none"])
def test_a_group_against_the_rest_and_a_reference_equals_two_counts(real, cut):
    content = real.content(cut)
    for columns in real.divisions:
        name = " × ".join(columns)
        groups = real.counts(columns).groups
        parts = [part for _, _, part in parts_of(real, columns, groups, real.thresholds[cut])]
        reference = real.spec.pairs[name][0] if name in real.spec.pairs else None
        for metric in COMPARED:
            found = content["against"][name][metric]
            for i, group in enumerate(groups):
                where, ours = (real.name, name, metric, group), counted(metric, parts[i])
                rest = counted(metric, everyone_but(parts, i))
                assert_compared(found["rest"][group], ours, rest, *where, "rest")
                if reference is not None and group != reference:
                    other = counted(metric, parts[groups.index(reference)])
                    assert_compared(found["reference"][group], ours, other, *where, "reference")
                overall = found["overall"][group]
                everyone = counted(metric, everyone_but(parts, -1))
                if ours[1] and everyone[1]:
                    difference = ours[0] / ours[1] - everyone[0] / everyone[1]
                    assert_close(overall["difference"], difference, EXACT, *where, "overall")


def test_weighted_comparisons_rest_on_kishs_size_on_both_sides(real):
    threshold, columns = real.thresholds["between"], real.divisions[0]
    counts = real.counts(columns, weighted=True)
    table = metric_table(counts, threshold, bootstrap=0)
    parts = [part for *_, part in parts_of(real, columns, counts.groups, threshold)]

    for metric in ("selection_rate", "recall", "precision", "fpr"):
        for i, found in enumerate(compare(table, metric, Other.REST)):
            if not (parts[i].defined(metric) and everyone_but(parts, i).defined(metric)):
                continue
            pair = (*effective(metric, parts[i]), *effective(metric, everyone_but(parts, i)))
            low, high = formulas.newcombe(*pair)
            assert_close(found.difference, pair[0] - pair[2], 1e-9, real.name, metric, found.group)
            assert_close(found.low, low, 1e-8, real.name, metric, found.group)
            assert_close(found.high, high, 1e-8, real.name, metric, found.group)


@pytest.mark.parametrize("cut", ["grid", "between"])
def test_the_interval_of_a_gap_is_that_of_its_pair_widened_for_all_pairs(real, cut):
    content = real.content(cut, min_n=30)
    compared = 0
    for columns in real.divisions:
        name = " × ".join(columns)
        groups = real.counts(columns).groups
        found_parts = parts_of(real, columns, groups, real.thresholds[cut])
        parts = {group: part for _, group, part in found_parts}
        for metric in COMPARED:
            found = content["disparities"][name][metric]
            shares = {
                group: counted(metric, part)
                for group, part in parts.items()
                if part.label.size >= 30 and counted(metric, part)[1]
            }
            if len(shares) < 2:
                assert found["low"] is found["ratio_low"] is None
                continue
            level = 1 - 0.05 / (len(shares) * (len(shares) - 1) / 2)
            rate = {group: k / n for group, (k, n) in shares.items()}
            top, bottom = (pick(rate, key=rate.__getitem__) for pick in (max, min))
            if sum(r in {rate[top], rate[bottom]} for r in rate.values()) > 2:
                continue  # Several pairs attain the gap.
            pair = (rate[top], shares[top][1], rate[bottom], shares[bottom][1])
            low, high = formulas.newcombe(*pair, level)
            assert_close(found["low"], low, 1e-7, real.name, name, metric)
            assert_close(found["high"], high, 1e-7, real.name, name, metric)
            limits = formulas.katz(*pair[2:], *pair[:2], level)
            if limits is not None:
                assert_close(found["ratio_low"], limits[0], 1e-9, real.name, name, metric)
                assert_close(found["ratio_high"], limits[1], 1e-9 * limits[1], real.name, name, metric)
            compared += 1
    assert compared > 5


@pytest.mark.parametrize(
    ("metric", "formula"), [("f1", f1_score), ("balanced_accuracy", balanced_accuracy_score)]
)
def test_the_bootstrap_of_counts_has_the_limits_of_a_bootstrap_of_rows(real, metric, formula):
    threshold, rng = real.thresholds["tie"], np.random.default_rng(3)
    y, d = real.sample.label, (real.sample.score >= threshold).astype(int)
    draws = rng.integers(0, y.size, (400, y.size))
    values = np.array([_fast(metric, y[at], d[at]) for at in draws])
    assert_close(_fast(metric, y, d), formula(y, d), EXACT, metric)

    table = metric_table(real.sample.counts(), threshold, bootstrap=2000, metrics=[metric])

    found, spread = table.estimate(metric, 0), values.std()
    # The 2.5 % point of 400 draws is known to about 0.14 standard deviations.
    assert found.low == pytest.approx(np.quantile(values, 0.025), abs=0.6 * spread)
    assert found.high == pytest.approx(np.quantile(values, 0.975), abs=0.6 * spread)
    assert (found.high - found.low) / spread == pytest.approx(3.92, rel=0.12)


def _fast(metric, y, d):
    tp, fp, fn, tn = (y & d).sum(), (~y & 1 & d).sum(), (y & (1 - d)).sum(), ((1 - y) & (1 - d)).sum()
    if metric == "f1":
        return 2 * tp / (2 * tp + fp + fn)
    return (tp / (tp + fn) + tn / (tn + fp)) / 2


def test_weighted_composites_have_no_interval_rather_than_a_wrong_one(real):
    counts = real.counts(real.divisions[0], weighted=True)

    table = metric_table(counts, real.thresholds["tie"], bootstrap=50, metrics=["f1", "balanced_accuracy"])

    for estimates in table.values.values():
        assert np.isnan(estimates.low).all()
        assert np.isnan(estimates.high).all()
        assert not np.isnan(estimates.value).all()
