"""Cells, terms, counts and the bar of chance, against scans of the rows and naive loops."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, hypergeom, norm

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.data.slices import Slice, rows_of_slice
from rai_dash.trials.slices import search
from rai_dash.trials.slices.axes import CELLS, MOST_CATEGORIES, axes_of, cell_edges
from rai_dash.trials.slices.excess import Excess
from rai_dash.trials.slices.scan import Scan
from rai_dash.trials.slices.search import Search, chance_p
from rai_dash.trials.slices.sums import Errors

N, LEAST = 400, 20


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    spike = np.where(rng.random(N) < 0.7, 0.0, rng.lognormal(5, 1, N).round())
    return pd.DataFrame({
        "x": np.where(rng.random(N) < 0.1, np.nan, rng.normal(size=N)),
        "spike": spike,
        "few": rng.integers(0, 5, N),
        "flag": rng.integers(0, 2, N),
        "text": rng.choice(["a", "b", "c c", "1"], N, p=[0.5, 0.3, 0.15, 0.05]),
        "holes": np.where(rng.random(N) < 0.3, None, rng.choice(["p", "q"], N)),
        "constant": "same",
    })  # fmt: skip


@pytest.fixture(scope="module")
def errors() -> np.ndarray:
    return (np.random.default_rng(5).random(N) < 0.2).astype(float)


@pytest.fixture(scope="module")
def scan(frame) -> Scan:
    return Scan(axes_of(frame, list(frame), min_rows=LEAST), min_rows=LEAST, max_rows=N // 2)


def test_the_cells_of_a_term_are_the_rows_that_its_sentence_means(frame):
    for axis in axes_of(frame, list(frame), min_rows=LEAST):
        for term, cells in zip(axis.terms, axis.member, strict=True):
            by_cell = cells.astype(bool)[axis.codes]
            assert (by_cell == rows_of_slice(Slice(terms=(term,)), frame)).all(), term


def test_a_constant_column_gives_no_slice_and_rare_categories_go_together(frame):
    axes = {axis.column: axis for axis in axes_of(frame, list(frame), min_rows=40)}

    assert "constant" not in axes
    assert axes["text"].categories == ("a", "b", "c c")
    assert axes["text"].has_others
    assert {t.kind for t in axes["flag"].terms} == {"is"}
    assert {t.kind for t in axes["holes"].terms} >= {"is", "blank"}


def test_numbers_are_cut_into_about_equal_cells_and_a_frequent_value_gets_its_own(frame):
    x = frame["x"].to_numpy()
    sizes = np.histogram(
        x[~np.isnan(x)], [-np.inf, *cell_edges(x, np.unique(x[~np.isnan(x)]), CELLS), np.inf]
    )[0]
    spike = frame["spike"].to_numpy()
    edges = cell_edges(spike, np.unique(spike), CELLS)

    assert len(sizes) == CELLS
    assert sizes.max() - sizes.min() <= 2
    assert 0 < edges[0] <= spike[spike > 0].min()
    assert len(edges) >= CELLS - 1


def test_edges_are_as_short_as_they_can_be_written():
    values = np.repeat([-7.25, -7.2, 0.0, 114.0, 1848.0, 1.23456789, 1.23456], 10)

    edges = cell_edges(values, np.unique(values), CELLS)

    assert edges.tolist() == [-7.2, 0.0, 1.0, 1.234567, 100.0, 1000.0]


def test_every_range_of_two_cells_and_more_shares_half_of_its_union_with_a_term():
    values = np.arange(1600, dtype=float)
    axis = axes_of(pd.DataFrame({"x": values}), ["x"], min_rows=10)[0]
    terms = axis.member.astype(bool)

    for first, last in combinations(range(CELLS + 1), 2):
        wanted = np.zeros(axis.cells, dtype=bool)
        wanted[first:last] = True
        overlap = ((terms & wanted).sum(1) / (terms | wanted).sum(1)).max()
        assert overlap >= 0.5, (first, last)


def test_many_categories_are_cut_to_the_most_frequent():
    frame = pd.DataFrame({"c": [str(i) for i in range(30) for _ in range(30 + i)]})
    axis = axes_of(frame, ["c"], min_rows=10)[0]

    assert set(axis.categories) == {str(i) for i in range(30 - MOST_CATEGORIES, 30)}
    assert axis.has_others


def test_a_category_called_like_the_group_of_blanks_is_not_named():
    frame = pd.DataFrame({"c": [*["(missing)"] * 50, *["a"] * 50, *[None] * 50]})
    axis = axes_of(frame, ["c"], min_rows=10)[0]

    assert axis.categories == ("a",)
    for term, cells in zip(axis.terms, axis.member, strict=True):
        assert (cells.astype(bool)[axis.codes] == rows_of_slice(Slice(terms=(term,)), frame)).all()


def test_the_more_columns_the_fewer_cells_each():
    rng = np.random.default_rng(1)
    many = pd.DataFrame(
        {f"n{i}": rng.random(500) for i in range(45)} | {"c": rng.integers(0, 9, 500).astype(str)}
    )
    axes = axes_of(many, list(many), min_rows=5)

    assert {axis.cells for axis in axes if axis.is_numeric} == {CELLS // 4 + 1}
    assert len(axes[-1].categories) == MOST_CATEGORIES // 4


def test_unknown_and_too_many_columns_are_refused(frame):
    with pytest.raises(MissingColumn):
        axes_of(frame, ["nothing"], min_rows=5)
    wide = pd.DataFrame(np.zeros((3, 81)), columns=[f"c{i}" for i in range(81)])
    with pytest.raises(InvalidChoice, match="At most 80 columns"):
        axes_of(wide, list(wide), min_rows=1)


def test_every_candidate_is_counted_as_a_scan_of_the_rows_counts_it(frame, errors, scan):
    weight = np.random.default_rng(6).uniform(0.5, 3, N)
    n, wrong, sums = scan.n, scan.counts(errors > 0), scan.counts(np.ones(N, dtype=bool), weight * errors)

    assert scan.size > 500
    for i in range(scan.size):
        rows = rows_of_slice(Slice(terms=scan.terms(i)), frame)
        assert (rows == scan.rows_of(i)).all()
        assert n[i] == rows.sum()
        assert wrong[i] == errors[rows].sum()
        assert sums[i] == pytest.approx((weight * errors)[rows].sum())


def test_the_candidates_are_all_terms_and_all_pairs_of_the_right_size(frame, scan):
    rows = [
        (axis.column, term, rows_of_slice(Slice(terms=(term,)), frame))
        for axis in scan.axes
        for term in axis.terms
    ]
    wanted = {(t,) for _, t, r in rows if LEAST <= r.sum() <= N // 2}
    for (c1, t1, r1), (c2, t2, r2) in combinations(rows, 2):
        both = (r1 & r2).sum()
        if c1 != c2 and LEAST <= both <= N // 2 and both < min(r1.sum(), r2.sum()):
            wanted.add((t1, t2))

    assert {scan.terms(i) for i in range(scan.size)} == wanted


@pytest.mark.parametrize(("k", "n"), [(40, 150), (12, 30), (5, 8), (90, 300), (30, 31)])
def test_the_excess_is_the_root_of_the_likelihood_ratio_with_half_an_error_less(k, n):
    rows, wrong = 1000, 100
    x = k - 0.5
    table = [[x, n - x], [wrong - x, rows - wrong - n + x]]
    deviance = chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic

    assert Excess(rows, wrong).root(k, n) == pytest.approx(np.sqrt(deviance))


@pytest.mark.parametrize("n", [30, 100, 600, 3000])
@pytest.mark.parametrize("share", [0.03, 0.1, 0.4])
def test_its_normal_tail_is_the_exact_one_for_small_and_large_slices_alike(n, share):
    """A z-score is off by a factor of 10,000 for 6 errors in 30 rows at 3 %, and would name them first."""
    rows, wrong = 20_000, int(20_000 * share)
    law = hypergeom(rows, wrong, n)
    for p in (1e-3, 1e-5, 1e-6):
        k = int(law.isf(p)) + 1
        exact, ours = law.sf(k - 1), norm.sf(float(Excess(rows, wrong).root(k, n)))
        assert 0.75 < ours / exact < 1.8, (k, exact, ours)


def test_no_more_errors_than_the_size_explains_is_no_excess():
    excess = Excess(100, 20)

    assert excess.root([0, 2, 4], [20, 20, 20]).tolist() == [0.0, 0.0, 0.0]
    assert excess.root(20, 20) > excess.root(19, 20) > 0


def _naive(scan: Scan, errors: np.ndarray, draws: int, seed: int) -> list[float]:
    """Deal the errors out again and again and scan all rows of all slices."""
    rng = np.random.default_rng(seed)
    masks = [scan.rows_of(i) for i in range(scan.size)]
    largest = []
    for _ in range(draws):
        dealt = np.zeros(errors.size)
        dealt[rng.permutation(errors.size)[: int(errors.sum())]] = 1.0
        largest.append(max(_root(dealt, mask) for mask in masks))
    return largest


def _root(errors: np.ndarray, mask: np.ndarray) -> float:
    x, n, total, rows = errors[mask].sum() - 0.5, mask.sum(), errors.sum(), errors.size
    if x * rows <= total * n:
        return 0.0
    table = np.array([[x, n - x], [total - x, rows - total - n + x]]).clip(0)
    expected = np.outer([n, rows - n], [total, rows - total]) / rows
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(table > 0, table * np.log(table / expected), 0.0)
    return float(np.sqrt(2 * terms.sum()))


def test_the_bar_of_chance_is_that_of_a_naive_loop_over_draws_and_slices(frame, errors):
    scan = Scan(axes_of(frame, ["few", "text", "holes"], min_rows=LEAST), min_rows=LEAST)
    whole = Search(scan=scan, errors=Errors(value=errors))

    ours = whole.by_chance(draws=40, seed=3)
    excess, n = whole.excess()
    naive = np.array(_naive(scan, errors, 40, 3))

    assert ours == pytest.approx(naive)
    assert (n == scan.n).all()
    seen = np.array([_root(errors, scan.rows_of(i)) for i in range(scan.size)])
    assert excess == pytest.approx(seen)
    by_loop = [(1 + sum(largest >= x - 1e-9 for largest in naive)) / 41 for x in seen]
    assert chance_p(excess - 1e-9, ours) == pytest.approx(by_loop)


@pytest.mark.parametrize("columns", [["flag"], ["few", "text"], ["x", "spike", "few", "text", "holes"]])
def test_measuring_only_what_can_be_the_largest_leaves_no_draw_different(frame, errors, columns, monkeypatch):
    scan = Scan(axes_of(frame, columns, min_rows=LEAST), min_rows=LEAST)
    whole = Search(scan=scan, errors=Errors(value=errors))

    quick = whole.by_chance(draws=300, seed=1)
    monkeypatch.setattr(search, "_FIRST", 300)

    assert (quick == whole.by_chance(draws=300, seed=1)).all()


def test_the_fewest_errors_that_reach_an_excess_are_those_of_a_search_one_by_one():
    excess = Excess(500, 60)
    for n in (1, 20, 77, 250, 480):
        k = np.arange(min(n, 60) + 1)
        for bar in (0.0, 1.0, 3.5, 20.0):
            reaches = np.flatnonzero(excess.root(k, n) >= bar)
            assert excess.least(n, bar) == (reaches[0] if reaches.size else k.size)


def test_losses_and_weights_are_compared_by_the_variance_of_dealing_them_out(frame):
    rng = np.random.default_rng(8)
    loss, weight = rng.lognormal(size=N), rng.uniform(0.2, 4, N)
    scan = Scan(axes_of(frame, ["few", "text"], min_rows=LEAST), min_rows=LEAST)
    excess, _ = Search(scan=scan, errors=Errors(value=loss, weight=weight)).excess()
    dealt = np.array([rng.permutation(loss) for _ in range(4000)])
    for i in range(0, scan.size, 7):
        rows = scan.rows_of(i)
        apart = (dealt * weight) @ rows - (dealt @ weight) / weight.sum() * weight[rows].sum()
        seen = (loss * weight)[rows].sum() - (loss * weight).sum() / weight.sum() * weight[rows].sum()
        assert excess[i] == pytest.approx(max(seen, 0.0) / apart.std(), rel=0.06, abs=1e-9)


def test_without_differences_in_weight_z_of_errors_is_that_of_the_hypergeometric_law(frame, errors):
    scan = Scan(axes_of(frame, ["few", "text"], min_rows=LEAST), min_rows=LEAST)
    excess, _ = Search(scan=scan, errors=Errors(value=errors, weight=np.full(N, 2.0))).excess()

    law = hypergeom(N, int(errors.sum()), scan.n)
    z = (scan.counts(errors > 0) - law.mean()) / law.std()
    assert excess == pytest.approx(np.maximum(z, 0.0))


def test_drawn_losses_are_added_up_as_a_loop_adds_them(frame):
    rng = np.random.default_rng(9)
    scan = Scan(axes_of(frame, ["x", "text"], min_rows=LEAST), min_rows=LEAST)
    places = np.array([rng.permutation(N)[:50] for _ in range(3)])
    amounts = rng.random(places.shape)

    table = np.zeros((3, scan.size))
    for draws, part, sums in scan.drawn(places, amounts):
        table[draws, part] = sums
    for i in range(0, scan.size, 5):
        rows = scan.rows_of(i)
        assert table[:, i] == pytest.approx(
            [(a * rows[p]).sum() for p, a in zip(places, amounts, strict=True)]
        )
