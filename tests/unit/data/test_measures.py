"""Measures of pairs against scipy, scikit-learn and counting by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, entropy, spearmanr
from sklearn.metrics import mutual_info_score

from rai_dash.data import associations as kinds
from rai_dash.data.associations import AssociationMatrix, associations, closest_columns
from rai_dash.data.blocks import blocks, grouped
from rai_dash.data.pair_columns import cut_codes
from rai_dash.data.pairs import BLANK, OTHER, PLAIN_V, boxes, density, measures, mosaic


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(11)
    n = 400
    x = rng.normal(size=n).round(1)
    return pd.DataFrame(
        {
            "x": np.where(rng.random(n) < 0.1, np.nan, x),
            "y": np.where(rng.random(n) < 0.2, np.nan, np.exp(x) + rng.normal(size=n).round(1)),
            "few": rng.integers(0, 5, n) + (x > 0),
            "area": pd.Series(np.where(x > 0.5, "s", rng.choice(["n", "w"], n)), dtype="str").mask(
                rng.random(n) < 0.1
            ),
            "flat": np.full(n, 0.1),
        }
    )


def labels(series):
    """Bin by hand, as the rule for tables says."""
    if series.dtype == "str" or series.nunique() <= 20:
        return series.astype("object").fillna("blank").astype(str).to_numpy()
    edges = sorted(set(series.dropna().quantile([q / 10 for q in range(1, 10)])))
    return np.array(["blank" if math.isnan(v) else str(sum(v >= e for e in edges)) for v in series])


def test_spearman_is_that_of_scipy_over_rows_with_both(frame):
    found = associations(frame, ["x", "y"], kinds.SPEARMAN)

    both = frame[["x", "y"]].dropna()
    assert found.value[0, 1] == pytest.approx(spearmanr(both["x"], both["y"]).statistic, abs=1e-12)
    assert found.n[0, 1] == len(both)


@pytest.mark.parametrize("pair", list(itertools.combinations(["x", "y", "few", "area"], 2)))
def test_table_measures_bin_numbers_and_keep_blanks(frame, pair):
    a, b = (labels(frame[c]) for c in pair)
    table = pd.crosstab(a, b).to_numpy()
    n, (r, k) = table.sum(), table.shape
    phi2 = max(0, chi2_contingency(table, correction=False).statistic / n - (r - 1) * (k - 1) / (n - 1))
    v = math.sqrt(phi2 / min(r - (r - 1) ** 2 / (n - 1) - 1, k - (k - 1) ** 2 / (n - 1) - 1))
    shared = mutual_info_score(a, b) / math.sqrt(entropy(table.sum(0)) * entropy(table.sum(1)))

    cramer, mutual = (associations(frame, pair, kind) for kind in (kinds.CRAMER, kinds.MUTUAL))

    assert cramer.value[0, 1] == pytest.approx(v, abs=1e-12)
    assert mutual.value[0, 1] == pytest.approx(shared, abs=1e-12)
    assert mutual.n[0, 1] == len(frame)


def test_each_cell_knows_its_measure_and_its_bins(frame):
    found = associations(frame, ["x", "area", "few"], kinds.CRAMER)

    assert found.measure[0][1] == "Cramér's V, 10 bins × 3 values"
    assert found.measure[1][0] == "Cramér's V, 3 values × 10 bins"
    assert found.measure[1][2] == "Cramér's V"


@pytest.mark.parametrize("kind", kinds.MEASURES)
def test_a_constant_column_is_undefined_by_every_measure(frame, kind):
    found = associations(frame, ["flat", "x", "area"], kind)

    # A blank is a category of tables, so a constant column stays constant only without blanks.
    assert np.isnan(found.value[0]).all()


def test_pearson_spearman_and_the_ratio_leave_pairs_of_other_kinds_undefined(frame):
    assert np.isnan(associations(frame, ["x", "area"], kinds.PEARSON).value[0, 1])
    assert np.isnan(associations(frame, ["x", "area"], kinds.SPEARMAN).value[0, 1])
    assert np.isnan(associations(frame, ["x", "y"], kinds.ETA).value[0, 1])
    assert (
        associations(frame, ["x", "area"], kinds.ETA).value[0, 1]
        == associations(frame, ["x", "area"]).value[0, 1]
    )


def test_an_unknown_measure_is_refused_with_those_there_are(frame):
    with pytest.raises(ValueError, match="Choose one of by kind, Pearson"):
        associations(frame, ["x"], "alphabetical Spearman")


def test_a_value_that_fills_the_lowest_deciles_makes_no_empty_bin():
    codes, n_bins, cut = cut_codes(np.r_[np.zeros(60), np.arange(1.0, 41)])

    assert cut
    assert sorted(set(codes)) == list(range(n_bins))


def test_both_forms_of_v_are_told_apart_for_a_pair():
    frame = pd.DataFrame({"a": list("mmmmffff") * 25, "b": list("yyynyynn") * 25})
    found = {m.measure: m.value for m in measures(frame.astype("str"), "a", "b")}

    table = pd.crosstab(frame["a"], frame["b"]).to_numpy()
    wanted = math.sqrt(chi2_contingency(table, correction=False).statistic / 200)
    assert found[PLAIN_V] == pytest.approx(wanted, abs=1e-12)
    assert found[kinds.CRAMER] < found[PLAIN_V]


def matrix(values, names):
    k = len(names)
    return AssociationMatrix(
        tuple(names), np.array(values, dtype=float), (("m",) * k,) * k, np.ones((k, k), dtype=np.int64)
    )


def test_blocks_join_at_the_limit_by_absolute_value_and_through_others():
    nan = math.nan
    found = matrix(
        [[1, 0.1, -0.8, nan], [0.1, 1, 0.79, nan], [-0.8, 0.79, 1, nan], [nan, nan, nan, nan]], "abcd"
    )

    assert blocks(found) == (("a", "c"),)
    assert blocks(found, at=0.79) == (("a", "b", "c"),)


def test_grouping_puts_columns_that_go_together_side_by_side():
    found = matrix([[1, 0, 0.9, 0], [0, 1, 0, 0.9], [0.9, 0, 1, 0], [0, 0.9, 0, 1]], "abcd")

    order = "".join(grouped(found))

    assert abs(order.index("a") - order.index("c")) == 1
    assert abs(order.index("b") - order.index("d")) == 1
    assert grouped(matrix([[1]], "a")) == ("a",)


def test_the_closest_columns_keep_the_named_ones_and_the_order_of_the_file(frame):
    assert closest_columns(frame, ["flat", "few", "y", "x"], ["y"], 2) == ("y", "x")


def test_a_density_counts_every_row_with_both_once(frame):
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    found = density(x, y)

    both = np.isfinite(x) & np.isfinite(y)
    clipped = [np.clip(v[both], e[0], e[-1]) for v, e in ((x, found.x), (y, found.y))]
    assert found.counts.sum() == both.sum()
    assert found.counts == pytest.approx(np.histogram2d(*clipped, bins=[found.x, found.y])[0])
    assert density(np.array([np.nan]), np.array([1.0])) is None


def test_boxes_hold_the_quantiles_of_each_category(frame):
    found = boxes(frame["area"], frame["x"].to_numpy())

    for name, quantiles, n in zip(found.names, found.quantiles, found.n, strict=True):
        values = frame.loc[frame["area"] == name, "x"].dropna()
        assert n == len(values)
        assert quantiles == pytest.approx(values.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).to_numpy())


def test_a_mosaic_folds_rare_categories_and_counts_blanks():
    many = pd.Series([f"c{i}" for i in range(20)] + ["c0"] * 5, dtype="str")
    other = pd.Series(["y"] * 24 + [None], dtype="str")

    found = mosaic(many, other)

    assert len(found.rows) == 12
    assert found.rows[-1] == OTHER
    assert found.columns == ("y", BLANK)
    assert found.counts.sum() == 25
    assert found.counts[found.rows.index("c0")].tolist() == [5, 1]
