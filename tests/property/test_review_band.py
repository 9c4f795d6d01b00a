from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rai_dash.core.cells import EDGES
from rai_dash.core.counts import EVERYONE
from rai_dash.core.review_cube import add_cubes, edges_of
from rai_dash.core.types import ReviewBand
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.data.review_counting import review_cube
from rai_dash.review._routed import SHARES, routed
from rai_dash.review.band import route
from rai_dash.review.cost import costs
from rai_dash.review.evaluate import evaluate
from rai_dash.review.gaps import GAPS, gap_values
from rai_dash.review.people import POST_SHARES, after_review
from rai_dash.review.settings import BandCosts, Reviewer, Workload
from tests.oracles.band_rows import GAPS as ORACLE_GAPS
from tests.oracles.band_rows import POST, RATES, brute
from tests.property.tables import Table, cuts, tables

PRICES = {f.name for f in fields(BandCosts)}
WORK = {"volume_per_day": 150.0, "minutes_per_review": 25.0, "minutes_per_day": 300.0, "reviewers": 3.0}
on_grid = st.integers(0, 1000).map(lambda k: k / 1000.0)
probabilities = st.sampled_from([0.0, 0.5, 0.8, 0.9, 1.0])


@dataclass(frozen=True)
class Applications:
    """Rows with everything a band can be judged by; eighths and whole amounts add up without rounding."""

    table: Table
    amount: np.ndarray | None
    decision: np.ndarray | None

    def cube(self, edges=EDGES, names=None):
        table = self.table
        return review_cube(
            table.label,
            table.score,
            GroupIndex("column", names or table.names, table.group),
            weight=table.weight,
            amount=self.amount,
            decision=self.decision,
            edges=edges,
        )

    def take(self, positions) -> Applications:
        parts = {
            name: None if values is None else values[positions]
            for name, values in (("amount", self.amount), ("decision", self.decision))
        }
        return Applications(table=self.table.take(positions), **parts)

    def rows(self) -> list[dict[str, Any]]:
        table, found = self.table, []
        for i in range(table.label.size):
            row = {
                "score": table.score[i],
                "label": table.label[i],
                "group": table.names[table.group[i]],
                "weight": None if table.weight is None else table.weight[i],
                "decision": None if self.decision is None else self.decision[i],
            }
            found.append(row if self.amount is None else row | {"amount": self.amount[i]})
        return found


@st.composite
def applications(draw, *, max_rows=25):
    table = draw(tables(max_rows=max_rows))
    n = table.label.size

    def column(values):
        return draw(st.lists(values, min_size=n, max_size=n))

    weight = table.weight
    if weight is not None and n and draw(st.booleans()):
        weight = weight.copy()
        weight[0] = np.nan
    amounts = st.one_of(st.integers(0, 90).map(float), st.just(np.nan))
    return Applications(
        table=replace(table, weight=weight),
        amount=np.array(column(amounts)) if draw(st.booleans()) else None,
        decision=np.array(column(st.sampled_from([0, 1, 2])), np.int8) if draw(st.booleans()) else None,
    )


@st.composite
def bands(draw, cut=cuts):
    lo, t, hi = sorted(draw(st.tuples(cut, cut, cut)))
    open_lo, open_hi, plain = (draw(st.integers(0, 4)) == 0 for _ in range(3))
    if plain:
        return ReviewBand(t, t, t)
    return ReviewBand(None if open_lo else lo, t, None if open_hi else hi)


@st.composite
def assumptions(draw):
    """Settings as the oracle takes them."""
    out = {
        "h1": draw(probabilities),
        "h0": draw(probabilities),
        "deference": draw(st.sampled_from([0.0, 0.25, 1.0])),
        "use_recorded": draw(st.booleans()),
        "by_group": draw(st.sampled_from([{}, {"a": (0.6, 1.0)}, {"b": (1.0, 0.0), "d": (0.0, 0.7)}])),
        "min_n": draw(st.sampled_from([0, 1, 5, 30])),
    }
    return out | {name: draw(st.sampled_from([0.0, 0.5, 3.0])) for name in sorted(PRICES)}


def ours(settings: dict[str, Any]) -> tuple[Reviewer, BandCosts]:
    prices = {k: v for k, v in settings.items() if k in PRICES}
    assumed = {k: v for k, v in settings.items() if k not in PRICES and k not in {"min_n", *WORK, "days"}}
    return Reviewer(**assumed), BandCosts(**prices)


def judged(cube, band, settings, workload=None) -> dict[str, Any]:
    reviewer, prices = ours(settings)
    return evaluate(
        {"column": cube},
        band,
        reviewer=reviewer,
        costs=prices,
        workload=workload,
        min_n=settings["min_n"],
    ).to_json()


def close(found, expected) -> bool:
    """Both undefined, or equal but for the order in which doubles were added."""
    if expected is None or found is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def check(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare the JSON of one group, or of everyone, with the oracle."""
    for name, value in found["counts"].items():
        assert close(value, expected[name]), name
    assert set(found["rates"]) == set(RATES)
    for name, rate in found["rates"].items():
        for part, value in expected[name].items():
            assert close(rate[part], value), (name, part, rate[part], value)
    after = found["after_review"]
    for name in POST:
        assert close(after[name], expected[name]), (name, after[name], expected[name])
    for cell in ("TP", "FN", "FP", "TN"):
        assert close(after[f"expected_{cell}"], expected[f"{cell}'"]), cell
    for name in ("error_cost", "review_cost", "total", "cost", "per_application", "n_amount_missing"):
        assert close(found["cost"][name], expected[name]), name


def without_amount_prices(given: Applications, settings: dict[str, Any]) -> dict[str, Any]:
    """Costs by amount are refused where there are no amounts."""
    return settings if given.amount is not None else settings | {"fp_per_amount": 0.0, "fn_per_amount": 0.0}


def same(a, b) -> bool:
    """Equal in all words and to 1e-9 in all numbers."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return close(a, b) if isinstance(a, float) and isinstance(b, float) else a == b


@given(applications(max_rows=40), bands(), assumptions())
@settings(max_examples=60)
def test_every_number_of_any_band_equals_brute_force_over_the_rows(given_rows, band, assumed):
    assumed = without_amount_prices(given_rows, assumed)

    found = judged(given_rows.cube(edges_of(band)), band, assumed, Workload(**WORK))

    expected = brute(given_rows.rows(), (band.lo, band.threshold, band.hi), assumed | WORK)
    check(found, expected)
    groups, table = found["groups"]["column"], found["gaps"]["column"]
    for name, group in groups.items():
        if name in expected["groups"]:
            check(group, expected["groups"][name])
        else:
            assert group["counts"]["n"] == 0
    assert list(groups) == sorted(groups)
    for name in ORACLE_GAPS:
        assert close(table[name], expected["gaps"][name]), name
    assert set(GAPS) == set(ORACLE_GAPS)
    if assumed["min_n"] > 0:  # the oracle does not know of groups without rows
        assert table["eligible"] == expected["eligible"]
        assert [g for g in table["excluded"] if groups[g]["counts"]["n"]] == expected["excluded"]
    for name, value in (expected["capacity"] or {}).items():
        assert close(found["capacity"][name], value), name


@given(applications(), bands(on_grid), assumptions())
@settings(max_examples=20)
def test_a_band_on_the_grid_is_as_exact_as_one_counted_for_itself(given_rows, band, assumed):
    assumed = without_amount_prices(given_rows, assumed)

    assert same(
        judged(given_rows.cube(), band, assumed), judged(given_rows.cube(edges_of(band)), band, assumed)
    )


@given(applications(), bands(), st.randoms(use_true_random=False), assumptions())
@settings(max_examples=20)
def test_the_order_of_rows_changes_nothing(given_rows, band, random, assumed):
    assumed = without_amount_prices(given_rows, assumed)
    order = list(range(given_rows.table.label.size))
    random.shuffle(order)
    shuffled = given_rows.take(np.array(order, np.int64))

    edges = edges_of(band)
    assert same(judged(shuffled.cube(edges), band, assumed), judged(given_rows.cube(edges), band, assumed))


@given(applications(), bands(), assumptions())
@settings(max_examples=20)
def test_copies_are_weights_of_2_in_every_rate(given_rows, band, assumed):
    assumed = without_amount_prices(given_rows, assumed) | {"min_n": 0}
    weight = given_rows.table.weight
    unit = np.ones(given_rows.table.label.size) if weight is None else np.where(np.isnan(weight), 1.0, weight)
    heavy = replace(given_rows, table=replace(given_rows.table, weight=2.0 * unit))
    twice = given_rows.take(np.tile(np.arange(unit.size), 2))

    copies, weights = (judged(a.cube(edges_of(band)), band, assumed) for a in (twice, heavy))

    for name in RATES:
        assert close(copies["rates"][name]["value"], weights["rates"][name]["value"])
    assert all(close(copies["after_review"][name], weights["after_review"][name]) for name in POST)
    assert close(copies["cost"]["total"], weights["cost"]["total"])
    assert all(close(copies["gaps"]["column"][n], weights["gaps"]["column"][n]) for n in GAPS)


@given(applications(), bands())
@settings(max_examples=20)
def test_the_names_of_groups_change_no_number(given_rows, band):
    edges = edges_of(band)
    plain = evaluate({"column": given_rows.cube(edges)}, band, min_n=1).to_json()
    renamed = evaluate(
        {"column": given_rows.cube(edges, names=("z", "¿?", "", "a"))}, band, min_n=1
    ).to_json()

    renaming = {"a": "z", "b": "¿?", "c": "", "d": "a"}
    assert all(plain["gaps"]["column"][name] == renamed["gaps"]["column"][name] for name in GAPS)
    for old, new in renaming.items():
        assert plain["groups"]["column"][old] == renamed["groups"]["column"][new]


@given(applications(), st.lists(cuts, min_size=5, max_size=5).map(sorted))
@settings(max_examples=25)
def test_widening_never_reviews_fewer_nor_adds_errors_and_every_row_has_one_route(given_rows, five):
    cube = given_rows.cube(np.unique(five))
    lowest, lo, t, hi, highest = five
    narrow, wide = ReviewBand(lo, t, hi), ReviewBand(lowest, t, highest)

    found = [evaluate({"column": cube}, b).overall.routes for b in (narrow, wide, ReviewBand(None, t, None))]

    for a, b in (found[:2], found[1:]):
        for name, sign in (("review_rate", 1.0), ("error_per_application", -1.0)):
            before, after = (f.estimate(name).value for f in (a, b))
            assert (before is None) == (after is None)
            assert before is None or sign * (after - before) >= -1e-12
    for figures in found:
        coverage, review = (figures.estimate(name).value for name in ("coverage", "review_rate"))
        assert coverage is None or abs(coverage + review - 1.0) < 1e-12
        sums = figures.sums
        assert close(float((sums["approve"] + sums["reject"] + sums["review"])[0]), sums["everyone"][0])


@given(applications(), st.integers(0, 40), st.lists(cuts, min_size=1, max_size=6, unique=True).map(sorted))
@settings(max_examples=25)
def test_cubes_of_two_files_add_up_to_the_cube_of_both(given_rows, at, edges):
    at, edges = min(at, given_rows.table.label.size), np.array(edges)
    positions = np.arange(given_rows.table.label.size)
    first, second = given_rows.take(positions[:at]), given_rows.take(positions[at:])

    both, whole = add_cubes(first.cube(edges), second.cube(edges)), given_rows.cube(edges)

    for name in ("rows", "mass", "squares", "amount_missing"):
        assert np.array_equal(getattr(both, name), getattr(whole, name)), name
    assert (both.amount is None) == (whole.amount is None)
    assert both.amount is None or np.array_equal(both.amount, whole.amount)
    assert both.groups == whole.groups


@given(applications(), st.lists(cuts, min_size=2, max_size=6, unique=True).map(sorted), st.data())
@settings(max_examples=25)
def test_fewer_edges_are_the_cube_counted_with_fewer_edges(given_rows, edges, data):
    fewer = np.array(sorted(data.draw(st.sets(st.sampled_from(edges), min_size=1))))

    merged, counted = given_rows.cube(np.array(edges)).on(fewer), given_rows.cube(fewer)

    for name in ("rows", "mass", "squares"):
        assert np.array_equal(getattr(merged, name), getattr(counted, name)), name
    assert merged.amount is None or np.array_equal(merged.amount, counted.amount)
    total = counted.total()
    assert np.array_equal(total.mass[0], counted.mass.sum(axis=0))
    assert total.groups == (EVERYONE,)


@given(applications(), st.lists(on_grid, min_size=4, max_size=4).map(sorted), assumptions())
@settings(max_examples=12)
def test_a_plane_of_bands_holds_the_numbers_of_each_band(given_rows, four, assumed):
    assumed = without_amount_prices(given_rows, assumed)
    reviewer, prices = ours(assumed)
    cube = given_rows.cube(np.unique(four))
    los = [None, four[0], four[1]]
    his = [four[2], four[3], None]
    t = four[1]
    at = [cube.positions(ReviewBand(lo, t, hi)) for lo, hi in zip(los, his, strict=True)]
    lo_at, hi_at = np.array([[p[0]] for p in at]), np.array([[p[2] for p in at]])

    sums, squares = routed(cube, lo_at, hi_at)
    after = after_review(cube, lo_at, at[0][1], hi_at, reviewer)
    paid = costs(cube, after, sums, prices)
    planes = {name: share.value(sums) for name, share in SHARES.items()}
    planes |= {name: share.value(after) for name, share in POST_SHARES.items()}
    planes["cost"] = paid.per_application
    eligible = cube.n >= assumed["min_n"]

    for i, lo in enumerate(los):
        for j, hi in enumerate(his):
            one = evaluate(
                {"column": cube},
                ReviewBand(lo, t, hi),
                reviewer=reviewer,
                costs=prices,
                min_n=assumed["min_n"],
            )
            for name, values in planes.items():
                spread = np.broadcast_to(values, (4, 3, 3))[:, i, j]
                assert np.allclose(spread, one.by_group["column"].values(name), equal_nan=True), name
            for name, (of, kind) in GAPS.items():
                gap = np.broadcast_to(gap_values(planes[of], eligible, kind), (3, 3))[i, j]
                expected = one.gaps["column"].values[name]
                assert close(None if np.isnan(gap) else float(gap), expected), name
            everyone = np.broadcast_to(SHARES["review_rate"].value(sums.over_groups()), (1, 3, 3))[0, i, j]
            assert close(
                None if np.isnan(everyone) else everyone, one.overall.routes.estimate("review_rate").value
            )
    assert np.all(np.broadcast_to(squares.review, (4, 3, 3)) >= 0)


@given(applications(), bands())
@settings(max_examples=20)
def test_the_route_table_and_the_evaluation_say_the_same(given_rows, band):
    table = given_rows.table
    counts = count(
        table.label, table.score, GroupIndex("column", table.names, table.group), weight=table.weight
    )

    routes, found = route(counts, band), evaluate({"column": given_rows.cube(edges_of(band))}, band)

    for name in RATES:
        for a, b in ((routes.overall, found.overall), (routes.by_group, found.by_group["column"])):
            theirs, own = a.estimates[name], b.routes.estimates[name]
            for part in ("value", "low", "high", "numerator", "denominator", "size"):
                assert np.allclose(getattr(theirs, part), getattr(own, part), equal_nan=True), (name, part)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20), st.integers(0, 1000))
@settings(max_examples=50)
def test_a_float32_score_is_widened_before_it_is_compared(thousandths, at):
    score = np.array(thousandths, np.float32) / np.float32(1000)
    cut = at / 1000.0
    band = ReviewBand(cut, cut, cut)

    cube = review_cube(np.ones(score.size, np.int8), score, None)

    approved = sum(float(s) >= cut for s in score)
    assert evaluate({"": cube}, band).overall.routes.sums["approve"][0] == approved
