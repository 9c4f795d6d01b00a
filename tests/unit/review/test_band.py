from __future__ import annotations

import json

import numpy as np
import pytest

from rai_dash.core.types import ReviewBand
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.review.band import MEANINGS, route
from rai_dash.stats.intervals import wilson


def scan(label, score, weight, band):
    """Route the rows one by one and add up, as in review-band.md sections 3 and 4."""
    names = (
        "everyone",
        "approve",
        "reject",
        "review",
        "no_score",
        "labelled",
        "tp",
        "fp",
        "tn",
        "fn",
        "rp",
        "rn",
    )
    total = dict.fromkeys(names, 0.0)
    for y, s, w in zip(label, score, weight, strict=True):
        if not np.isfinite(s):
            where = "no_score"
        elif band.lo is not None and s < band.lo:
            where = "reject"
        elif band.hi is not None and s >= band.hi:
            where = "approve"
        else:
            where = "review"
        total["everyone"] += w
        total[where] += w
        if where == "no_score":
            total["review"] += w
        if y < 2:
            total["labelled"] += w
            cell = {"approve": ("fp", "tp"), "reject": ("tn", "fn")}.get(where, ("rn", "rp"))[y]
            total[cell] += w
    return total


def shares(t):
    def ratio(a, b):
        return None if b == 0 else a / b

    auto = t["tp"] + t["fp"] + t["tn"] + t["fn"]
    good, bad = t["tp"] + t["fn"] + t["rp"], t["fp"] + t["tn"] + t["rn"]
    return {
        "coverage": ratio(t["approve"] + t["reject"], t["everyone"]),
        "review_rate": ratio(t["review"], t["everyone"]),
        "auto_approve_rate": ratio(t["approve"], t["everyone"]),
        "auto_reject_rate": ratio(t["reject"], t["everyone"]),
        "auto_error_rate": ratio(t["fp"] + t["fn"], auto),
        "error_per_application": ratio(t["fp"] + t["fn"], t["labelled"]),
        "precision_auto": ratio(t["tp"], t["tp"] + t["fp"]),
        "npv_auto": ratio(t["tn"], t["tn"] + t["fn"]),
        "recall_auto": ratio(t["tp"], t["tp"] + t["fn"]),
        "fnr_auto": ratio(t["fn"], t["tp"] + t["fn"]),
        "fpr_auto": ratio(t["fp"], t["fp"] + t["tn"]),
        "good_auto_rejected": ratio(t["fn"], good),
        "bad_auto_approved": ratio(t["fp"], bad),
        "good_rate_in_band": ratio(t["rp"], t["rp"] + t["rn"]),
    }


@pytest.fixture
def rows():
    rng = np.random.default_rng(1)
    score = np.round(rng.random(600), 4)
    score[:20] = [np.nan, np.inf] * 10
    label = rng.choice([0, 1, 2], 600).astype(np.int8)
    return label, score, rng.integers(0, 3, 600).astype(np.int32), rng.gamma(2.0, size=600)


BANDS = [
    (0.3, 0.5, 0.7),
    (0.3003, 0.5, 0.7001),
    (0.5, 0.5, 0.5),
    (0.50005, 0.50005, 0.50005),
    (None, 0.5, 0.7),
    (0.3, 0.5, None),
    (None, 0.5, None),
    (0.0, 0.0, 0.0),
    (0.0, 0.5, 1.0),
]


@pytest.mark.parametrize("ends", BANDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_every_count_and_share_equals_a_scan_of_the_rows(rows, ends, weighted):
    label, score, group, weight = rows
    weight = weight if weighted else np.ones(600)
    band = ReviewBand(*ends)

    table = route(
        count(label, score, GroupIndex("g", ("a", "b", "c"), group), weight=weight if weighted else None),
        band,
    )

    for figures, position, own in [(table.overall, 0, np.full(600, fill_value=True))] + [
        (table.by_group, g, group == g) for g in range(3)
    ]:
        expected = scan(label[own], score[own], weight[own], band)
        found = {name: values[position] for name, values in figures.sums.items()}
        found["rp"], found["rn"] = found.pop("favourable_in_review"), found.pop("unfavourable_in_review")
        assert found == pytest.approx(expected, rel=1e-12)
        for name, value in shares(expected).items():
            share = figures.estimate(name, position).value
            assert share == (None if value is None else pytest.approx(value, rel=1e-12)), name


def test_the_four_numbers_of_a_small_example_by_hand():
    label = np.array([0, 1, 1, 0, 1, 0], np.int8)
    score = np.array([0.1, 0.2, 0.5, 0.6, 0.9, 0.95])

    overall = route(count(label, score, None), ReviewBand(0.3, 0.5, 0.7)).overall

    assert [overall.sums[name][0] for name in ("tp", "fp", "tn", "fn", "review")] == [1, 1, 1, 1, 2]
    error = overall.estimate("auto_error_rate")
    assert (error.value, error.numerator, error.denominator) == (0.5, 2, 4)
    assert (error.low, error.high) == pytest.approx(tuple(map(float, wilson(2, 4))))


def test_a_band_without_width_is_the_plain_classifier():
    label, score = np.array([1, 0, 1], np.int8), np.array([0.5, 0.49999, np.nan])

    overall = route(count(label, score, None), ReviewBand(0.5, 0.5, 0.5)).overall

    assert [overall.sums[name][0] for name in ("approve", "reject", "review", "no_score")] == [1, 1, 1, 1]


def test_a_cut_of_0_declines_nobody_and_is_not_an_open_end():
    score = np.array([0.0, 0.5])

    overall = route(count(np.ones(2, np.int8), score, None), ReviewBand(0.0, 0.0, 0.0)).overall

    assert (overall.sums["reject"][0], overall.sums["approve"][0]) == (0, 2)


def test_open_ends_send_everyone_to_a_person():
    overall = route(
        count(np.array([1, 0], np.int8), np.array([0.0, 1.0]), None), ReviewBand(None, 0.5, None)
    ).overall

    assert overall.estimate("review_rate").value == 1.0
    assert overall.estimate("auto_error_rate").value is None
    assert "automatically" in overall.estimate("auto_error_rate").reason


def test_no_rows_are_counts_of_0_and_undefined_shares():
    table = route(count(np.array([], np.int8), np.array([]), None), ReviewBand(0.3, 0.5, 0.7))

    assert table.overall.n.tolist() == [0]
    assert all(values[0] == 0 for values in table.overall.sums.values())
    assert all(table.overall.estimate(name).value is None for name in MEANINGS)


def test_copies_equal_weights_of_2():
    label, score = np.array([1, 0, 1], np.int8), np.array([0.9, 0.2, 0.1])
    band = ReviewBand(0.3, 0.5, 0.7)

    copies = route(count(np.tile(label, 2), np.tile(score, 2), None), band).overall
    weights = route(count(label, score, None, weight=np.full(3, 2.0)), band).overall

    for name in MEANINGS:
        assert copies.estimate(name).value == weights.estimate(name).value
    assert (copies.n[0], weights.n[0]) == (6, 3)


def test_json_has_the_keys_of_the_design_and_no_nan(rows):
    label, score, group, _ = rows
    counts = count(label, score, GroupIndex("g", ("a", "b", "c"), group))

    out = json.loads(json.dumps(route(counts, ReviewBand(None, 0.5, 1.0)).to_json(), allow_nan=False))

    assert (out["lo"], out["threshold"], out["hi"]) == (None, 0.5, 1.0)
    assert list(out["groups"]) == ["a", "b", "c"]
    assert set(MEANINGS) <= set(out["overall"])
    assert out["overall"]["n"] == 600
    assert out["groups"]["a"]["npv_auto"]["value"] is None


def test_every_share_says_what_it_means_in_one_line():
    assert all(text.endswith(".") and "\n" not in text for text in MEANINGS.values())
