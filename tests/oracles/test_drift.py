"""Drift, copies and missing cells of the published tables, against formulas by hand, scipy and pandas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, false_discovery_control, fisher_exact, ks_2samp

from rai_dash.data import leaks
from rai_dash.data.column_facts import TableFacts
from rai_dash.data.comparable import compared_columns
from rai_dash.data.drift import data_drift
from rai_dash.data.duplicates import count_repeats, row_hashes
from rai_dash.data.findings import findings
from rai_dash.data.leaks import find_leaks
from rai_dash.data.shared_rows import shared_rows
from rai_dash.report.first_look import first_look


@pytest.fixture(scope="module")
def halves(real):
    """Rows with a high and with a low score, so that columns move, as data sets and as plain tables."""
    is_now = real.score + np.random.default_rng(0).normal(0, 0.3, real.score.size) > np.median(real.score)
    plain = [real.plain[side].reset_index(drop=True) for side in (~is_now, is_now)]
    ours = [
        replace(real.dataset, frame=real.dataset.frame[side].reset_index(drop=True), fingerprint=str(i))
        for i, side in enumerate((~is_now, is_now))
    ]
    return ours, plain, data_drift(*ours)


def psi_by_hand(then, now):
    """``sum (q - p) ln(q / p)`` over tenths of the first half or values, with blanks, shares at least 0.01 %."""
    if then.dtype.kind in "if":
        edges, times = np.unique(np.quantile(then.dropna(), np.arange(1, 10) / 10), return_counts=True)
        edges = np.unique([*edges, *np.nextafter(edges[times > 1], np.inf)])
        cells = [pd.Series(np.searchsorted(edges, s, side="right")).where(s.notna()) for s in (then, now)]
    else:
        cells = [then.str.strip(), now.str.strip()]
    shares = pd.concat([c.value_counts(dropna=False, normalize=True) for c in cells], axis=1).fillna(0)
    p, q = (np.maximum(shares.iloc[:, i].to_numpy(), 1e-4) for i in (0, 1))
    return ((q - p) * np.log(q / p)).sum()


def test_psi_is_the_formula_by_hand(halves):
    _, (then, now), found = halves

    for one in found.columns:
        if one.kind != "other":
            assert one.psi == pytest.approx(psi_by_hand(then[one.name], now[one.name]), rel=1e-9), one.name


def test_numbers_have_the_kolmogorov_smirnov_distance_of_scipy(halves):
    _, (then, now), found = halves

    numbers = [c for c in found.columns if c.test.method == "KS"]
    assert numbers
    for one in numbers:
        theirs = ks_2samp(then[one.name].dropna(), now[one.name].dropna(), method="asymp")
        assert one.test.statistic == pytest.approx(theirs.statistic, rel=1e-9), one.name
        assert one.test.p_value == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-300), one.name


def test_categories_have_the_chi_square_of_scipy_where_none_is_rare(halves):
    _, (then, now), found = halves

    for one in found.columns:
        if one.test.method == "chi-square" and not one.test.merged:
            counts = [s[one.name].str.strip().value_counts() for s in (then, now)]
            theirs = chi2_contingency(pd.concat(counts, axis=1).fillna(0), correction=False)
            assert one.test.statistic == pytest.approx(theirs.statistic), one.name
            assert one.test.p_value == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-300), one.name


def test_blanks_have_fishers_test_and_all_tests_are_one_family(halves):
    _, (then, now), found = halves

    for one in found.columns:
        blank = [int(s[one.name].isna().sum()) for s in (then, now)]
        assert [one.blank_then, one.blank_now] == blank
        if sum(blank):
            table = [[blank[0], len(then) - blank[0]], [blank[1], len(now) - blank[1]]]
            assert one.blank_p == pytest.approx(fisher_exact(table).pvalue, rel=1e-6, abs=1e-300)
    p = np.array([p for c in found.columns for p in (c.test.p_value, c.blank_p)])
    q = np.array([q for c in found.columns for q in (c.q_value, c.blank_q)])
    assert q[np.isfinite(p)] == pytest.approx(false_discovery_control(p[np.isfinite(p)]))


def test_copies_are_those_of_pandas(real, halves):
    columns = compared_columns(real.dataset, TableFacts(real.dataset.frame))
    names = [c.name for c in columns]
    plain = real.plain[names]
    assert count_repeats(row_hashes(columns, lambda c: c.hashes)) == int(plain.duplicated().sum())

    (first, second), (then, now), _ = halves
    shared = shared_rows(first, second)
    here, there = (frame[list(shared.compared)] for frame in (now, then))
    matched = here.merge(there.drop_duplicates(), how="left", indicator=True)
    assert shared.equal == int((matched["_merge"] == "both").sum())


def test_nothing_is_lost_by_looking_at_a_few_rows_first(real, monkeypatch):
    roles = real.dataset.roles.with_(ignored=())
    dataset = real.dataset.with_roles(roles)
    facts = TableFacts(dataset.frame)
    quick = (find_leaks(facts, dataset.outcome, target=roles.target), findings(dataset), first_look(dataset))

    monkeypatch.setattr(leaks, "_SCREENED", 10**9)
    monkeypatch.setattr("rai_dash.data._findings_rows.are_all_different", lambda _: False)

    assert (
        find_leaks(facts, dataset.outcome, target=roles.target),
        findings(dataset),
        first_look(dataset),
    ) == quick
