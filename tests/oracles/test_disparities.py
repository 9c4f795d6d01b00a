"""Gaps and named parity measures of real data against fairlearn, AIF360 and pandas."""

from __future__ import annotations

from functools import partial

import fairlearn.metrics as fairlearn
import numpy as np
import pandas as pd
import pytest

from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.metrics.disparity import disparity
from rai_dash.metrics.parity import parities
from rai_dash.metrics.table import metric_table
from tests.oracles.compare import COMPARED, EXACT, assert_close, counted, everyone_but, parts_of
from tests.oracles.pairs import pair_metric, smoothed_differential_fairness, two_groups


@pytest.mark.parametrize("min_n", [1, 30])
@pytest.mark.parametrize("cut", ["tie", "none"])
def test_gaps_are_those_of_the_groups_that_are_large_enough_and_defined(real, cut, min_n):
    content = real.content(cut, min_n=min_n)
    for columns in real.divisions:
        name, groups = " × ".join(columns), real.counts(columns).groups
        parts = list(parts_of(real, columns, groups, real.thresholds[cut]))
        for metric in COMPARED:
            found = content["disparities"][name][metric]
            rate, small, undefined = {}, set(), set()
            for _, group, part in parts:
                k, n = counted(metric, part)
                if part.label.size < min_n:
                    small.add(group)
                elif n == 0:
                    undefined.add(group)
                else:
                    rate[group] = k / n
            excluded = {e["group"]: e["reason"] for e in found["excluded"]}
            assert set(excluded) == small | undefined, (name, metric)
            assert all(f"fewer than {min_n}" in excluded[group] for group in small)
            if len(rate) < 2:
                assert found["difference"] is found["ratio"] is None
                assert found["reason"], (name, metric)
                assert found["ratio_reason"], (name, metric)
                continue
            low, high = min(rate.values()), max(rate.values())
            assert_close(found["difference"], high - low, EXACT, real.name, name, metric)
            if high > 0:
                assert_close(found["ratio"], low / high, EXACT, real.name, name, metric)
                best, worst = (min, max) if metric in {"fpr", "fnr"} else (max, min)
                if high > low:
                    assert rate[found["best"]] == best(rate.values())
                    assert rate[found["worst"]] == worst(rate.values())
            else:
                assert found["ratio"] is None
                assert found["ratio_reason"], (name, metric)


NAMED = {
    "demographic_parity_difference": fairlearn.demographic_parity_difference,
    "demographic_parity_ratio": fairlearn.demographic_parity_ratio,
    "equal_opportunity_difference": fairlearn.equal_opportunity_difference,
    "equalized_odds_max": partial(fairlearn.equalized_odds_difference, agg="worst_case"),
    "equalized_odds_mean": partial(fairlearn.equalized_odds_difference, agg="mean"),
}


def test_named_measures_equal_fairlearns(real):
    real = real.sample
    threshold, content = real.thresholds["tie"], real.content("tie")

    compared = 0
    for columns in real.divisions:
        name = " × ".join(columns)
        parts = [part for *_, part in parts_of(real, columns, real.counts(columns).groups, threshold)]
        if not all(part.has_all for part in parts):
            continue  # fairlearn makes 0 of what does not exist.
        found = content["parities"][name]
        for measure, oracle in NAMED.items():
            expected = oracle(
                real.label,
                (real.score >= threshold).astype(int),
                sensitive_features=real.groups(columns).to_numpy(object),
            )
            assert_close(found[measure]["value"], expected, EXACT, real.name, name, measure)
            compared += 1
    assert compared >= 5


def test_odds_are_undefined_with_a_reason_where_a_gap_is(real):
    found = real.content("tie")["parities"]
    for columns in real.divisions:
        name = " × ".join(columns)
        parts = [p for *_, p in parts_of(real, columns, real.counts(columns).groups, real.thresholds["tie"])]
        gaps = []
        for metric in ("recall", "fpr"):
            shares = [counted(metric, part) for part in parts]
            rates = [k / n for k, n in shares if n]
            gaps.append(max(rates) - min(rates) if len(rates) > 1 else None)
        odds = found[name]["equalized_odds_max"], found[name]["equalized_odds_mean"]
        if None in gaps:
            assert all(o["value"] is None and o["reason"] for o in odds)
        else:
            assert_close(odds[0]["value"], max(gaps), EXACT, name)
            assert_close(odds[1]["value"], sum(gaps) / 2, EXACT, name)


@pytest.mark.parametrize("cut", ["tie", "grid"])
def test_a_pair_equals_aif360_and_so_does_the_sign(real, cut):
    threshold, content = real.thresholds[cut], real.content(cut)
    for column, pair in real.spec.pairs.items():
        oracle = pair_metric(real, column, pair, threshold)
        against = content["against"][column]
        expected = {
            ("selection_rate", "difference"): oracle.statistical_parity_difference(),
            ("selection_rate", "ratio"): oracle.disparate_impact(),
            ("recall", "difference"): oracle.equal_opportunity_difference(),
            ("fpr", "difference"): oracle.false_positive_rate_difference(),
            ("fpr", "ratio"): oracle.false_positive_rate_ratio(),
            ("fnr", "difference"): oracle.false_negative_rate_difference(),
            ("accuracy", "difference"): -oracle.error_rate_difference(),
        }
        for (metric, number), value in expected.items():
            found = against[metric]["reference"][pair[1]][number]
            if np.isfinite(value):
                assert_close(found, value, EXACT * max(1.0, value), real.name, column, metric, number)
        rows = two_groups(real, column, pair)
        codes = (real.groups((column,)).to_numpy(object)[rows] == pair[1]).astype(np.int32)
        counts = count(real.dataset.outcome[rows], real.score[rows], GroupIndex(column, pair, codes))
        found = {p.name: p.value for p in parities(metric_table(counts, threshold, min_n=0, bootstrap=0))}
        assert_close(found["equalized_odds_max"], oracle.equalized_odds_difference(), EXACT, column)
        assert_close(found["equalized_odds_mean"], oracle.average_abs_odds_difference(), EXACT, column)


@pytest.mark.parametrize("cut", ["tie", "none"])
def test_smoothed_differential_fairness_equals_aif360(real, cut):
    for columns in real.divisions:
        found = real.content(cut)["parities"][" × ".join(columns)]["smoothed_differential_fairness"]
        expected = smoothed_differential_fairness(real, columns, real.thresholds[cut])
        assert_close(found["value"], expected, 1e-11, real.name, columns)
        assert len(found["groups"]) == 2


@pytest.mark.parametrize("cut", ["tie", "between"])
def test_impact_ratios_equal_a_group_by(real, cut):
    content = real.content(cut)
    for columns in real.divisions:
        found, group = content["impact_ratios"][" × ".join(columns)], real.groups(columns)
        frame = pd.DataFrame(
            {"selected": real.score >= real.thresholds[cut], "above": real.score > np.median(real.score)}
        )
        known = ~group.str.contains("(missing)", regex=False).to_numpy()
        rates = frame[known].groupby(group[known].to_numpy()).agg("mean")
        sizes = group[known].value_counts()
        ratios = rates / rates.max()
        assert found["unknown"] == (~known).sum()
        assert_close(found["median_score"], float(np.median(real.score)), 0.0, real.name)
        for name, entry in found["groups"].items():
            assert entry["n"] == sizes.get(name, 0)
            if name not in sizes:
                assert entry["selection_rate"] is entry["scoring_impact_ratio"] is None
                continue
            for number, expected in (
                ("selection_rate", rates.loc[name, "selected"]),
                ("selection_impact_ratio", ratios.loc[name, "selected"]),
                ("scoring_rate", rates.loc[name, "above"]),
                ("scoring_impact_ratio", ratios.loc[name, "above"]),
            ):
                assert_close(entry[number], expected, EXACT, real.name, columns, name, number)


def test_standardised_differences_of_scores_equal_numpys(real):
    for columns in real.divisions:
        found = real.content("tie")["score_gaps"][" × ".join(columns)]
        parts = list(parts_of(real, columns, tuple(found), 0.5))
        for i, group, part in parts:
            a, b = part.score, everyone_but([p for *_, p in parts], i).score
            if min(a.size, b.size) < 2:
                continue
            within = (a.size - 1) * a.var(ddof=1) + (b.size - 1) * b.var(ddof=1)
            expected = (a.mean() - b.mean()) / np.sqrt(within / (a.size + b.size - 2))
            assert_close(found[group]["smd"], expected, 1e-9, real.name, columns, group)


def test_a_gap_in_a_score_quality_equals_its_own_values(real):
    table = metric_table(real.counts(real.divisions[0]), 0.5, bootstrap=0)
    for metric in ("auc", "brier", "mean_score", "calibration_slope"):
        values = table.values[metric].value[table.n >= 30]
        found = disparity(table, metric)
        if np.isfinite(values).sum() < 2:
            assert found.difference is None
            continue
        assert_close(found.difference, np.nanmax(values) - np.nanmin(values), EXACT, metric)
        assert found.low is found.high is None
