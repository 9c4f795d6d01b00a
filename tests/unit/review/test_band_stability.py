from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.data.counting import count
from rai_dash.data.review_counting import review_cube
from rai_dash.review import _samples
from rai_dash.review._routed import SHARES
from rai_dash.review._samples import draw_samples
from rai_dash.review.cloud import Cloud, optimum_cloud
from rai_dash.review.constraints import Constraint
from rai_dash.review.gaps import GAPS
from rai_dash.review.grid import band_grid
from rai_dash.review.people import POST_SHARES
from rai_dash.review.settings import BandCosts, Reviewer
from rai_dash.review.stability import BandRows, Number, band_spreads
from tests.oracles.band_rows import brute
from tests.unit.review.band_worlds import GENDER, world

EDGES = (0.0, 0.1, 0.35, 0.4, 0.5, 0.55, 0.8, 1.0)
BAND, OTHER = ReviewBand(0.35, 0.5, 0.8), ReviewBand(None, 0.5, 0.55)
PRICES = {"fp_fixed": 3.0, "fn_fixed": 1.0, "review": 0.25}
AMOUNTS = PRICES | {"fp_per_amount": 0.5, "fn_per_amount": 0.125}
NAMES = (*SHARES, *POST_SHARES, "cost")
REPLICATES = 20


def ends(band):
    return band.lo, band.threshold, band.hi


def value(figures, number):
    if number.metric in GAPS:
        found = figures["gaps"][number.metric]
    else:
        of = figures["groups"][number.groups[0]] if number.groups else figures
        found = of[number.metric]["value"] if isinstance(of[number.metric], dict) else of[number.metric]
    return math.nan if found is None else found


def rows_of_cells(cells, edges):
    """Write a drawn cube (groups, 3, 3, k + 2) as rows for the oracle: one in each cell, as often as it was drawn."""
    scores = [-0.5, *edges, math.nan]
    return [
        {
            "score": scores[c],
            "label": y,
            "decision": d,
            "group": GENDER[g],
            "weight": float(cells[g, y, d, c]),
        }
        for g, y, d, c in np.argwhere(cells > 0)
    ]


def expected_limits(values):
    """Percentiles by numpy's own linear rule over the defined ones, and how many are not."""
    defined = [v for v in values if not math.isnan(v)]
    if not defined:
        return None, None, len(values)
    return *np.percentile(defined, [2.5, 97.5]), len(values) - len(defined)


def agrees(spread, values):
    low, high, dropped = expected_limits(values)
    if spread.value is None or low is None:
        assert (spread.low, spread.high) == (None, None)
    else:
        assert (spread.low, spread.high) == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))
    assert spread.dropped == dropped


@pytest.fixture(scope="module")
def applications():
    return world(150, seed=4)


@pytest.fixture(scope="module")
def found(applications):
    """Return what two bands' numbers come to, and the oracle's figures of every sample."""
    numbers = [
        *map(Number, NAMES),
        *(Number(gap, "gender") for gap in GAPS),
        Number("fpr_auto", "gender", ("d",)),  # so few that some samples do not define it
    ]
    settings = PRICES | {"deference": 0.25, "h1": 0.8}
    cubes = {"gender": applications.cubes(EDGES)["gender"].on([0.35, 0.5, 0.55, 0.8])}
    spreads = band_spreads(
        cubes,
        [BAND, OTHER],
        numbers=numbers,
        reviewer=Reviewer(h1=0.8, deference=0.25),
        costs=BandCosts(**PRICES),
        min_n=0,
        replicates=REPLICATES,
        seed=9,
    )
    drawn = draw_samples(cubes["gender"], None, replicates=REPLICATES, seed=9, needs_rows=False)
    samples = [rows_of_cells(drawn.rows[..., i], (0.35, 0.5, 0.55, 0.8)) for i in range(REPLICATES)]
    figures = [
        [brute(rows, ends(band), settings | {"min_n": 0}) for rows in samples] for band in (BAND, OTHER)
    ]
    return spreads, figures, numbers, brute(applications.rows(), ends(BAND), settings | {"min_n": 0})


def test_limits_are_numpys_percentiles_of_the_numbers_of_every_sample(found):
    spreads, figures, numbers, seen = found
    for number in numbers:
        if number.metric.endswith("_gap"):
            continue
        spread = spreads.values[0][number]
        expected = value(seen, number)
        assert spread.value == (None if math.isnan(expected) else pytest.approx(expected, abs=1e-12))
        agrees(spread, [value(sample, number) for sample in figures[0]])


def test_differences_are_taken_within_each_sample(found):
    spreads, figures, numbers, _ = found
    review = Number("review_rate")
    assert (
        spreads.differences[1][review].value
        == spreads.values[1][review].value - spreads.values[0][review].value
    )
    for number in numbers:
        first, second = ([value(sample, number) for sample in of] for of in figures)
        spread = spreads.differences[1][number]
        agrees(spread, [b - a for a, b in zip(first, second, strict=True)])
    assert spreads.differences[0] == {}
    assert spreads.n_samples == REPLICATES


def test_a_sample_that_does_not_define_a_number_is_dropped_and_counted(found):
    assert found[0].values[0][Number("fpr_auto", "gender", ("d",))].dropped > 0


@pytest.mark.parametrize("name", [gap for gap in GAPS if gap.endswith("_gap")])
def test_limits_of_a_gap_are_what_the_largest_error_of_any_difference_stays_under(found, name):
    spreads, figures, _, seen = found
    number, share = Number(name, "gender"), GAPS[name][0]

    def by_group(sample):
        return {
            group: value(sample, Number(share, None, (group,)))
            for group in GENDER
            if not math.isnan(value(seen, Number(share, None, (group,))))
        }

    real, errors = by_group(seen), []
    for sample in figures[0]:
        off = [by_group(sample)[group] - real[group] for group in real]
        errors.append(math.nan if any(map(math.isnan, off)) else max(off) - min(off))
    defined = [e for e in errors if not math.isnan(e)]
    spread, wide = spreads.values[0][number], np.percentile(defined, 95)

    assert spread.value == pytest.approx(value(seen, number))
    assert spread.low == pytest.approx(max(0.0, spread.value - wide))
    assert spread.high == pytest.approx(min(1.0, spread.value + wide))
    assert spread.dropped == len(errors) - len(defined)


def test_drawing_cells_has_the_spread_of_drawing_rows(applications):
    spread = band_spreads(
        applications.cubes(EDGES), [BAND], numbers=[Number("auto_error_rate")], replicates=2000
    ).values[0][Number("auto_error_rate")]
    score, label = applications.score, applications.label
    known = np.isfinite(score) & (label < 2)
    decided = known & ((score < BAND.lo) | (score >= BAND.hi))
    wrong = decided & ((score >= BAND.hi) != (label == 1))
    taken = np.random.default_rng(5).integers(0, score.size, (2000, score.size))

    rates = wrong[taken].sum(axis=1) / decided[taken].sum(axis=1)

    assert (spread.low, spread.high) == pytest.approx(tuple(np.percentile(rates, [2.5, 97.5])), abs=0.015)


@pytest.fixture(scope="module")
def weighted():
    given = world(80, seed=6, weighted=True, recorded=True)
    rows = {
        name: BandRows(
            counts=count(given.label, given.score, index, weight=given.weight),
            amount=given.amount,
            decision=given.decision,
        )
        for name, index in given.indexes().items()
    }
    return given, rows


def test_weights_and_amounts_are_drawn_by_taking_rows_a_poisson_number_of_times(weighted):
    given, rows = weighted
    settings = AMOUNTS | {"use_recorded": True, "min_n": 0, "by_group": {"a": (0.5, 0.6)}}
    numbers = [
        *map(Number, NAMES),
        Number("post_approval_ratio", "gender"),
        Number("review_rate_ratio", "region"),
    ]
    spreads = band_spreads(
        given.cubes(EDGES),
        [BAND],
        numbers=numbers,
        reviewer=Reviewer(use_recorded=True, by_group={"a": (0.5, 0.6)}),
        costs=BandCosts(**AMOUNTS),
        min_n=0,
        rows=rows,
        replicates=15,
        seed=3,
    )
    rng = np.random.default_rng(3)
    times = [rng.poisson(1.0, given.score.size) for _ in range(15)]

    def sampled(column, taken):
        again = [
            row | {"weight": (1.0 if math.isnan(row["weight"]) else row["weight"]) * k}
            for row, k in zip(given.rows(column), taken, strict=True)
        ]
        return brute(again, ends(BAND), settings)

    by_gender, by_region = ([sampled(column, t) for t in times] for column in ("gender", "region"))
    for number in numbers:
        agrees(
            spreads.values[0][number],
            [value(f, number) for f in (by_region if number.column == "region" else by_gender)],
        )


def test_groups_are_compared_if_they_are_large_in_the_data_whatever_a_sample_holds(applications):
    least = int(np.bincount(applications.gender)[2])
    number = Number("review_rate_gap", "gender")

    def spread(min_n):
        spreads = band_spreads(
            applications.cubes(EDGES), [BAND], numbers=[number], min_n=min_n, replicates=50
        )
        return spreads.values[0][number]

    assert spread(least).dropped == 0
    assert spread(applications.score.size).value is None


def test_without_the_rows_weighted_numbers_have_no_limits_and_say_why(weighted):
    given, _ = weighted
    spreads = band_spreads(given.cubes(EDGES), [BAND, OTHER], costs=BandCosts(**PRICES), min_n=5)

    spread = spreads.values[0][Number("auto_error_rate")]
    assert spread.value == pytest.approx(brute(given.rows(), ends(BAND))["auto_error_rate"]["value"])
    assert (spread.low, spread.high, spreads.n_samples) == (None, None, 0)
    assert "not in memory" in spread.reason
    assert "not in memory" in spreads.differences[1][Number("cost")].reason


def test_without_weights_only_the_cost_by_amount_needs_the_rows(applications, monkeypatch):
    amount = np.ones(applications.score.size)
    counts = count(applications.label, applications.score, applications.indexes()["gender"])
    cubes = {"gender": replace(applications, amount=amount).cubes(EDGES)["gender"]}
    asked = {"numbers": [Number("cost"), Number("review_rate")], "costs": BandCosts(fp_per_amount=1.0)}

    without = band_spreads(cubes, [BAND], **asked).values[0]
    behind = {"gender": BandRows(counts=counts, amount=amount)}
    having = band_spreads(cubes, [BAND], rows=behind, replicates=50, **asked).values[0]
    monkeypatch.setattr(_samples, "MOST_ROWS", 100)
    too_many = band_spreads(cubes, [BAND], rows=behind, **asked).values[0]

    assert without[Number("cost")].low is None
    assert without[Number("review_rate")].low < without[Number("review_rate")].high
    assert having[Number("cost")].low < having[Number("cost")].value < having[Number("cost")].high
    assert "150 rows take too long" in too_many[Number("cost")].reason
    assert too_many[Number("review_rate")].reason is None


def test_the_same_seed_gives_the_same_limits(applications):
    cubes = applications.cubes(EDGES)

    def spread(seed):
        return band_spreads(cubes, [BAND], numbers=[Number("review_rate")], seed=seed, replicates=200).values

    assert spread(1) == spread(1)
    assert spread(1) != spread(2)


def test_by_default_everything_known_is_asked_for(applications):
    cubes = applications.cubes(EDGES)
    pairs = Reviewer(by_group={"a": (0.5, 0.5)})

    plain = band_spreads(cubes, [BAND], replicates=2).values[0]
    own = band_spreads(cubes, [BAND], replicates=2, reviewer=pairs).values[0]

    assert set(plain) == {*map(Number, NAMES), *(Number(g, c) for g in GAPS for c in ("gender", "region"))}
    assert set(plain) - set(own) == {
        Number(g, "region") for g in ("post_approval_ratio", "post_fnr_gap", "post_fpr_gap")
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"bands": []}, "One to 4"),
        ({"bands": [BAND] * 5}, "One to 4"),
        ({"bands": [ReviewBand(0.2, 0.5, 0.8)]}, "none of the 8"),
        ({"numbers": [Number("review_rate_gap")]}, "needs a sensitive column.*gender, region"),
        ({"numbers": [Number("review_rate", "gender", ("z",))]}, "no group `z`"),
        ({"numbers": [Number("happiness")]}, "no share `happiness`"),
        ({"cubes": {}}, "no counts"),
        (
            {"reviewer": Reviewer(by_group={"a": (0.5, 0.5)}), "numbers": [Number("post_fnr_gap", "region")]},
            "cross of both",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(applications, change, says):
    given = {"cubes": applications.cubes(EDGES), "bands": [BAND], "replicates": 2} | change

    with pytest.raises(InvalidChoice, match=says):
        band_spreads(**given)


def test_rows_of_other_data_are_refused(weighted):
    given, _ = weighted
    other = world(81, seed=6, weighted=True)
    counts = count(other.label, other.score, other.indexes()["gender"], weight=other.weight)

    with pytest.raises(InvalidChoice, match="not those"):
        band_spreads(given.cubes(EDGES), [BAND], rows={"gender": BandRows(counts=counts)}, replicates=2)


def test_json_is_plain_and_without_nan(found):
    out = json.loads(json.dumps(found[0].to_json(), allow_nan=False))

    assert out["replicates"] == REPLICATES
    assert out["bands"][0]["differences"] == []
    assert {"metric": "cost", "column": None, "groups": []}.items() <= out["bands"][1]["values"][20].items()


# --- the optimum ---

LOS, HIS, LIMITS = (None, 0.1, 0.35, 0.5), (0.5, 0.55, 0.8), [Constraint("review_rate", "<=", 0.4)]


def winner(rows, least):
    """Choose by the oracle, in the order of section 13."""
    judged = {(lo, hi): brute(rows, (lo, 0.5, hi), PRICES | {"min_n": 0}) for lo in LOS for hi in HIS}
    kept = {
        ends: f
        for ends, f in judged.items()
        if f["review_rate"]["value"] <= 0.4 + 1e-12
        and f["gaps"]["review_rate_gap"] is not None
        and f["gaps"]["review_rate_gap"] <= least + 1e-12
    }

    def rank(ends):
        lo, hi = ends[0] or 0.0, ends[1]
        return *(round(x, 12) for x in (kept[ends]["cost"], kept[ends]["review_rate"]["value"], hi - lo)), lo

    return min(kept, key=rank, default=None)


def test_the_cloud_counts_the_best_band_of_every_sample(applications):
    cubes, gap = applications.cubes(EDGES), Constraint("review_rate_gap", "<=", 0.25, "gender")
    grid = band_grid(cubes, LOS, 0.5, HIS, costs=BandCosts(**PRICES), min_n=0)

    cloud = optimum_cloud(grid, [*LIMITS, gap], replicates=8, seed=5)

    cuts = [0.1, 0.35, 0.5, 0.55, 0.8]
    drawn = draw_samples(cubes["gender"].on(cuts), None, replicates=8, seed=5, needs_rows=False)
    expected = Counter(winner(rows_of_cells(drawn.rows[..., i], cuts), 0.25) for i in range(8))
    assert cloud.n_none == expected.pop(None, 0)
    assert {(band.lo, band.hi): n for band, n in cloud.winners(99)} == expected
    best = winner(applications.rows(), 0.25)
    assert (LOS[cloud.optimum[0]], HIS[cloud.optimum[1]]) == best
    assert cloud.same == expected[best] / 8
    near = sum(
        n
        for (lo, hi), n in expected.items()
        if abs(LOS.index(lo) - LOS.index(best[0])) <= 1 and abs(HIS.index(hi) - HIS.index(best[1])) <= 1
    )
    assert cloud.within_one_step == near / 8


def test_with_weights_the_cloud_draws_rows_of_both_columns_together(weighted):
    given, rows = weighted
    limits = [
        Constraint("review_rate_gap", "<=", 0.3, "gender"),
        Constraint("auto_approve_gap", "<=", 0.3, "region"),
    ]
    grid = band_grid(given.cubes(EDGES), LOS, 0.5, HIS, costs=BandCosts(**AMOUNTS), min_n=5)

    cloud = optimum_cloud(grid, limits, rows=rows, replicates=8, seed=2)

    assert cloud.wins.sum() + cloud.n_none == 8
    with pytest.raises(InvalidChoice, match="not in memory"):
        optimum_cloud(grid, limits, replicates=8)


def test_where_one_band_is_by_far_the_best_it_wins_every_sample():
    label = np.repeat(np.array([0, 1], np.int8), 500)
    cubes = {"": review_cube(label, np.repeat([0.2, 0.9], 500), None, edges=np.array(EDGES))}
    grid = band_grid(
        cubes, [0.35, 0.5], 0.5, [0.5, 1.0], costs=BandCosts(fp_fixed=1.0, fn_fixed=1.0, review=0.1)
    )

    cloud = optimum_cloud(grid, replicates=20)

    assert (cloud.same, cloud.within_one_step, cloud.still_feasible) == (1.0, 1.0, 1.0)
    assert cloud.winners() == [(ReviewBand(0.5, 0.5, 0.5), 20)]
    assert cloud.ends() == ((0.5, 0.5), (0.5, 0.5))


def test_limits_that_nothing_keeps_leave_the_cloud_empty(applications):
    grid = band_grid(applications.cubes(EDGES), LOS, 0.5, HIS)

    cloud = optimum_cloud(grid, [Constraint("cost", ">=", 5.0)], replicates=3)

    assert (cloud.optimum, cloud.n_none, cloud.same, cloud.ends()) == (None, 3, None, None)
    assert json.loads(json.dumps(cloud.to_json(), allow_nan=False))["winners"] == []


def test_the_middle_of_the_winners_leaves_a_fortieth_on_either_side(applications):
    grid = band_grid(applications.cubes(EDGES), LOS, 0.5, HIS)
    wins = np.array([[2, 0, 0], [0, 60, 0], [0, 0, 37], [1, 0, 0]])

    cloud = Cloud(grid=grid, optimum=(1, 1), wins=wins, n_samples=100, n_none=0, n_still_feasible=80)

    assert cloud.ends() == ((0.1, 0.35), (0.5, 0.8))
    assert (cloud.same, cloud.within_one_step, cloud.still_feasible) == (0.6, 0.99, 0.8)
