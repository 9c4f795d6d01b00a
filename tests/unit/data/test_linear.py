"""Correlations of many columns at once against numpy, and where sums would lose their digits."""

from __future__ import annotations

import numpy as np
import pytest

from rai_dash.data import linear
from rai_dash.data.linear import correlations
from rai_dash.data.pair_columns import cut_codes


@pytest.fixture
def columns():
    rng = np.random.default_rng(8)
    n = 900
    x = rng.normal(size=n)
    holes = rng.random((3, n)) < [[0.1], [0.4], [0.0]]
    found = [1e9 + x, x * 1e-7 + rng.normal(size=n) * 1e-7, rng.integers(0, 3, n).astype(float)]
    return [np.where(h, np.nan, c) for h, c in zip(holes, found, strict=True)]


@pytest.mark.parametrize("piece", [7, 1 << 15])
def test_pairs_are_those_of_numpy_over_rows_with_both(columns, piece, monkeypatch):
    monkeypatch.setattr(linear, "_PIECE", piece)

    value, n = correlations(columns)

    for i, a in enumerate(columns):
        for j, b in enumerate(columns):
            both = np.isfinite(a) & np.isfinite(b)
            # Centred first: as it stands, a column around 1e9 costs numpy and pandas half of the digits.
            x, y = a[both] - a[both].mean(), b[both] - b[both].mean()
            assert n[i, j] == both.sum()
            assert value[i, j] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-10)


def test_rows_of_a_pair_that_leave_a_column_almost_flat_keep_their_digits():
    rng = np.random.default_rng(1)
    small = rng.normal(size=60)
    x = np.r_[1e6 * rng.normal(size=200), 3e5 + 1e-3 * small]
    y = np.r_[np.full(200, np.nan), small + 0.1 * rng.normal(size=60)]

    value, n = correlations([x, y])

    assert n[0, 1] == 60
    assert value[0, 1] == pytest.approx(np.corrcoef(x[200:], y[200:])[0, 1], abs=1e-9)


def test_a_column_that_is_constant_where_both_are_known_is_undefined():
    x = np.r_[np.arange(50.0), np.full(50, 0.1)]
    y = np.r_[np.full(50, np.nan), np.arange(50.0)]

    value, _ = correlations([x, y, np.full(100, 0.1), np.full(100, np.nan)])

    assert np.isnan(value[0, 1])
    assert np.isnan(value[2:]).all()


@pytest.mark.parametrize("common", [0.0, 25.5, 99.0])
def test_a_value_that_most_rows_have_is_a_bin_and_the_others_keep_their_deciles(common):
    others = np.arange(100.0)[np.arange(100.0) != common]
    values = np.r_[np.full(300, common), others]

    codes, labels, cut = cut_codes(values)

    assert cut
    assert sorted(set(codes)) == list(range(labels))
    own = codes == codes[0]
    assert set(values[own]) == {common}
    edges = np.quantile(others, np.arange(1, 10) / 10)
    deciles = np.searchsorted(edges, others, side="right")
    below = others < common
    # Rows on the same side of the value are together where their deciles are the same.
    for side in (below, ~below):
        ours, theirs = codes[300:][side], deciles[side]
        assert len(set(zip(ours, theirs, strict=True))) == len(set(ours)) == len(set(theirs))


def test_half_of_the_rows_are_not_most_of_them():
    values = np.r_[np.zeros(100), np.arange(1.0, 101.0)]

    codes, labels, _ = cut_codes(values)

    edges = np.unique(np.quantile(values, np.arange(1, 10) / 10))
    assert codes.tolist() == np.searchsorted(edges[edges > 0], values, side="right").tolist()
    assert labels == codes.max() + 1
