from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.core.cells import EDGES, score_cells
from rai_dash.core.counts import add_counts
from rai_dash.core.types import ReviewBand
from rai_dash.metrics.table import metric_table
from rai_dash.review.band import MEANINGS, route
from tests.property.tables import Table, cuts, scores, tables


def scan(table: Table, keep) -> np.ndarray:
    """Add up the rows that a rule keeps, one by one, by group and label."""
    sums = np.zeros((2, 4, 3))
    for i, score in enumerate(table.score):
        if np.isfinite(score) and keep(score):
            weight = 1.0 if table.weight is None else table.weight[i]
            sums[:, table.group[i], table.label[i]] += (weight, weight**2)
    return sums


def figures(table: Table, threshold: float) -> list[dict[str, object]]:
    """Everything about every group."""
    found = metric_table(table.counts(), threshold, bootstrap=0)
    return [found.to_json(i) for i in range(4)]


def same(a, b) -> bool:
    """Equal in all words and to 1e-9 in all numbers: sums may be taken in another order."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, float) and isinstance(b, float):
        return bool(np.isclose(a, b, rtol=1e-9, atol=1e-9))
    return a == b


@given(st.lists(scores, min_size=1))
def test_a_cell_is_where_a_binary_search_in_the_edges_ends(values):
    values = np.array(values)

    assert np.array_equal(score_cells(values), np.searchsorted(EDGES, values, side="right") - 1)


@given(tables(), cuts)
def test_any_cut_equals_a_scan_of_the_rows(table, cut):
    counts = table.counts()

    assert np.array_equal(np.stack(counts.at_or_above(cut)), scan(table, lambda s: s >= cut))
    assert np.array_equal(np.stack(counts.below(cut)), scan(table, lambda s: s < cut))


@given(tables(), cuts, cuts)
def test_any_range_equals_a_scan_of_the_rows(table, a, b):
    low, high = min(a, b), max(a, b)

    found = np.stack(table.counts().between(low, high))

    assert np.array_equal(found, scan(table, lambda s: low <= s < high))


@given(tables(), cuts, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(table, cut, random):
    order = list(range(table.label.size))
    random.shuffle(order)
    shuffled = table.take(np.array(order, dtype=np.int64))

    assert np.array_equal(shuffled.counts().counts, table.counts().counts)
    assert all(map(same, figures(shuffled, cut), figures(table, cut)))


@given(tables(), cuts)
def test_the_names_of_groups_change_nothing(table, cut):
    renamed = Table(table.label, table.score, table.group, table.weight, ("z", "¿?", "", "a"))

    assert figures(renamed, cut) == figures(table, cut)


@given(tables(), st.integers(0, 40), cuts)
def test_splitting_into_files_changes_no_count(table, at, cut):
    at = min(at, table.label.size)
    positions = np.arange(table.label.size)

    parts = add_counts(table.take(positions[:at]).counts(), table.take(positions[at:]).counts())

    whole = table.counts()
    grid = np.floor(cut * 1000) / 1000
    assert np.array_equal(parts.counts, whole.counts)
    assert np.array_equal(np.stack(parts.at_or_above(grid)), np.stack(whole.at_or_above(grid)))
    assert np.allclose(parts.score_sums().values, whole.score_sums().values, rtol=1e-12, atol=1e-12)


@given(tables(), cuts)
def test_the_total_is_the_sum_of_the_groups(table, cut):
    counts = table.counts()

    assert np.array_equal(counts.total().at_or_above(cut)[0][0], counts.at_or_above(cut)[0].sum(axis=0))


@given(tables(max_rows=30), cuts)
def test_a_number_lies_within_its_limits_and_a_rate_within_0_and_1(table, cut):
    for group in figures(table, cut):
        for name, entry in group.items():
            if not isinstance(entry, dict):
                continue
            if entry["value"] is None:
                assert entry["low"] is entry["high"] is None, name
                assert entry["reason"], name
            elif entry["low"] is not None:
                assert entry["low"] - 1e-12 <= entry["value"] <= entry["high"] + 1e-12, name


@given(tables(), cuts, cuts, cuts)
def test_everyone_is_on_exactly_one_route_and_widening_sends_more_to_a_person(table, a, b, c):
    lo, threshold, hi = sorted((a, b, c))
    counts = table.counts()
    wide = route(counts, ReviewBand(lo, threshold, hi))
    narrow = route(counts, ReviewBand(threshold, threshold, hi))

    for figures_of, position in [(wide.overall, 0), *((wide.by_group, g) for g in range(4))]:
        sums = {name: values[position] for name, values in figures_of.sums.items()}
        assert sums["approve"] + sums["reject"] + sums["review"] == sums["everyone"]
        coverage, review = (figures_of.estimate(n, position).value for n in ("coverage", "review_rate"))
        assert (coverage is None) == (review is None)
        assert coverage is None or abs(coverage + review - 1.0) < 1e-12
    for g in range(4):
        for name, sign in (("review_rate", 1.0), ("error_per_application", -1.0)):
            after, before = (t.by_group.estimate(name, g).value for t in (wide, narrow))
            assert (after is None) == (before is None)
            assert after is None or sign * (after - before) >= -1e-12


@given(tables(), cuts)
def test_a_band_without_width_agrees_with_the_metrics_at_that_threshold(table, cut):
    counts = table.counts()
    band = route(counts, ReviewBand(cut, cut, cut)).by_group
    metrics = metric_table(counts, cut, bootstrap=0)

    pairs = {"precision_auto": "precision", "recall_auto": "recall", "fpr_auto": "fpr", "npv_auto": "npv"}
    for in_band, in_table in pairs.items():
        for g in range(4):
            assert band.estimate(in_band, g).value == metrics.estimate(in_table, g).value
    assert set(pairs) <= set(MEANINGS)
