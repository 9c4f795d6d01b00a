"""Decisions and explanations under noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from rai_dash.core.errors import Cancelled, InvalidChoice, MissingColumn
from rai_dash.explain import _asking
from rai_dash.explain import noise as module
from rai_dash.explain._asking import Watch
from rai_dash.explain._noise import _uniform, row_keys
from rai_dash.explain.noise import flips, noise_of
from rai_dash.explain.stability import explanation_stability
from rai_dash.stats.clusters import clustered_rate


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    n = 400
    return pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "whole": rng.integers(20, 60, n),
            "gain": np.where(rng.random(n) < 0.8, 0, rng.integers(100, 900, n)),
            "kind": rng.choice(["x", "y", "z"], n, p=[0.6, 0.3, 0.1]),
        }
    )


def _score(frame):
    kind = frame["kind"].map({"x": 0.0, "y": 0.5, "z": -0.5}).to_numpy(float)
    return 1 / (1 + np.exp(-(frame["a"] + 0.05 * (frame["whole"] - 40)).to_numpy(float) - kind))


def test_noise_is_what_it_says(rows):
    noise, keys = noise_of(rows), row_keys(rows)
    shaken = [noise.shaken(rows, keys, eps=0.1, draw=draw) for draw in range(30)]
    apart = np.concatenate([(one["a"] - rows["a"]).to_numpy() for one in shaken]) / (
        0.1 * rows["a"].std(ddof=0)
    )
    inside = apart[np.tile(rows["a"].abs() < 1.5, 30)]  # clipping does not reach there
    kinds = pd.concat([one["kind"] for one in shaken])
    drawn = np.mean([(one["kind"] != rows["kind"]).mean() for one in shaken])
    share = rows["kind"].value_counts(normalize=True)

    assert kstest(inside, "norm").pvalue > 0.001
    assert drawn == pytest.approx(0.1 * (1 - (share**2).sum()), abs=0.01)
    assert kinds.value_counts(normalize=True)["z"] == pytest.approx(share["z"], abs=0.01)
    for one in shaken:
        assert one.dtypes.tolist() == rows.dtypes.tolist()
        assert one["a"].between(rows["a"].min(), rows["a"].max()).all()
        assert ((one["gain"] == 0) | (rows["gain"] != 0)).all()
    assert (shaken[0]["whole"] != rows["whole"]).any()


def test_noise_belongs_to_the_row_wherever_it_stands(rows):
    order = np.random.default_rng(1).permutation(len(rows))
    noise, other = noise_of(rows), noise_of(rows.iloc[order])
    straight = flips(_score, rows, noise, eps=0.1, threshold=0.5, draws=8)
    turned = flips(_score, rows.iloc[order, ::-1], other, eps=0.1, threshold=0.5, draws=8)
    few = flips(_score, rows.iloc[:50], noise, eps=0.1, threshold=0.5, draws=8)

    assert straight.flip.sum() > 0
    assert turned.flip.tolist() == straight.flip[order].tolist()
    assert turned.shift.tolist() == straight.shift[order].tolist()
    assert few.shift.tolist() == straight.shift[:50].tolist()


def test_ids_take_the_place_of_the_content(rows):
    same = pd.concat([rows.iloc[:1]] * 40, ignore_index=True)
    alike = flips(_score, same, noise_of(rows), eps=0.1, threshold=0.5, draws=3)
    apart = flips(_score, same, noise_of(rows), eps=0.1, threshold=0.5, draws=3, ids=range(40))

    assert len(set(alike.shift)) == 1
    assert len(set(apart.shift)) == 40


def test_random_numbers_are_even_and_unrelated(rows):
    keys = np.arange(20_000, dtype=np.uint64)
    one, two = _uniform(keys, 1), _uniform(keys, 2)

    assert kstest(one, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.03
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.03
    assert 0 < one.min() < one.max() < 1


def test_figures_equal_counting_by_hand(rows):
    noise, codes = noise_of(rows), (np.arange(400) % 2).astype(np.int32)
    found = flips(
        _score, rows, noise, eps=0.1, threshold=0.6, draws=20, codes=codes, groups=["a", "b", "none"]
    )
    plain, keys = _score(rows), row_keys(rows)
    change, flipped = [], []
    for draw in range(20):
        after = _score(noise.shaken(rows, keys, eps=0.1, draw=draw))
        change.append([abs(x - y) for x, y in zip(after, plain, strict=True)])
        flipped.append([(x >= 0.6) != (y >= 0.6) for x, y in zip(after, plain, strict=True)])
    rate = np.array(flipped).mean(axis=0)

    assert found.flip == pytest.approx(rate)
    assert found.rate.value == pytest.approx(np.mean(flipped))
    assert (found.rate.numerator, found.rate.denominator) == (np.sum(flipped), 8000)
    assert found.mean_shift.value == pytest.approx(np.mean(change))
    assert found.p95_shift == sorted(np.ravel(change))[int(np.ceil(0.95 * 8000)) - 1]
    assert found.fragile.numerator == sum(r > 0.1 for r in rate)
    assert found.near.value == pytest.approx(rate[np.abs(plain - 0.6) < 0.1].mean())
    assert found.groups[1].rate.value == pytest.approx(rate[1::2].mean())
    assert (found.groups[2].n, found.groups[2].rate.value, found.groups[2].small) == (0, None, True)


def test_no_noise_changes_nothing(rows):
    found = flips(_score, rows, noise_of(rows.iloc[:9]), eps=0, threshold=0.5, draws=2)

    assert (found.rate.value, found.mean_shift.value, found.p95_shift, found.fragile.value) == (0, 0, 0, 0)
    assert found.rate.high > 0  # 400 rows do not prove that there are none


def test_a_value_beyond_training_is_not_pulled_back_and_blanks_stay():
    training = pd.DataFrame(
        {"a": [1.0, 2.0, 3.0], "k": ["x", "y", "y"], "big": [2**60, 2**60 + 1, 2**60 + 2]}
    )
    row = pd.DataFrame({"a": [99.0, np.nan], "k": ["new", None], "big": [2**60 + 1, 2**60 + 1]})
    shaken = noise_of(training).shaken(row, row_keys(row), eps=0.01, draw=0)

    assert shaken["a"][0] == pytest.approx(99, abs=0.1)
    assert np.isnan(shaken["a"][1])
    assert shaken["k"].isna().tolist() == [False, True]
    assert shaken["big"].dtype == np.int64


def test_fixed_columns_stay(rows):
    shaken = noise_of(rows, fixed=["a", "kind"]).shaken(rows, row_keys(rows), eps=0.5, draw=0)

    assert shaken["a"].equals(rows["a"])
    assert shaken["kind"].equals(rows["kind"])
    assert not shaken["whole"].equals(rows["whole"])
    with pytest.raises(MissingColumn):
        noise_of(rows, fixed=["none"])


def test_the_interval_counts_rows_and_not_draws():
    flip = np.repeat([0.0, 1.0], [90, 10])  # each row flips always or never: the draws add nothing
    alone = clustered_rate(flip, 1)

    for draws in (10, 1000):
        found = clustered_rate(flip, draws)
        assert (found.low, found.high) == pytest.approx((alone.low, alone.high), abs=0.002)
    even = clustered_rate(np.full(100, 0.1), 50)
    assert even.high - even.low < (alone.high - alone.low) / 5
    assert clustered_rate(np.empty(0), 5).value is None


def test_the_size_of_calls_does_not_matter_and_it_can_be_stopped(rows, monkeypatch):
    noise = noise_of(rows)
    whole = flips(_score, rows, noise, eps=0.1, threshold=0.5, draws=3)
    for bound in (150, 900):
        monkeypatch.setattr(_asking, "CALL_ROWS", bound)
        monkeypatch.setattr(module, "CALL_ROWS", bound)
        found = flips(_score, rows, noise, eps=0.1, threshold=0.5, draws=3)
        assert found.shift.tolist() == whole.shift.tolist()
    told = []
    watch = Watch(on_progress=lambda *step: told.append(step), cancelled=lambda: len(told) > 1)
    with pytest.raises(Cancelled):
        flips(_score, rows, noise, eps=0.1, threshold=0.5, draws=5, watch=watch)


def test_explanations_are_compared_by_their_largest_columns(rows):
    def attribute(frame):
        return np.column_stack(
            [frame["a"], (frame["whole"] - 40) / 10, np.full(len(frame), 0.4), 0 * frame["a"]]
        )

    noise, keys = noise_of(rows), row_keys(rows)
    found = explanation_stability(attribute, rows, noise, eps=0.2, k=2, draws=3)
    same = explanation_stability(attribute, rows, noise, eps=0, k=2, draws=1)

    def top(frame):
        return [sorted(range(4), key=lambda j: -abs(v[j]))[:2] for v in attribute(frame)]

    overlap, equal, first = [], [], []
    for draw in range(3):
        for one, two in zip(top(rows), top(noise.shaken(rows, keys, eps=0.2, draw=draw)), strict=True):
            overlap.append(len(set(one) & set(two)) / 2)
            equal.append(set(one) == set(two))
            first.append(one[0] == two[0])
    assert 0 < np.mean(equal) < 1
    assert found.overlap.value == pytest.approx(np.mean(overlap))
    assert found.same_set.value == pytest.approx(np.mean(equal))
    assert found.same_first.value == pytest.approx(np.mean(first))
    assert same.overlap.value == same.same_set.value == 1


@pytest.mark.parametrize("options", [{"eps": 1.5}, {"eps": -0.1}, {"eps": 0.1, "draws": 0}])
def test_choices_that_do_not_fit_are_refused(rows, options):
    with pytest.raises(InvalidChoice):
        flips(_score, rows, noise_of(rows), threshold=0.5, **options)


@pytest.fixture(scope="module")
def graded():
    rng = np.random.default_rng(3)
    years = rng.choice([9, 13, 16], 600, p=[0.5, 0.3, 0.2])
    low = rng.integers(0, 200, 600)
    return pd.DataFrame(
        {
            "degree": pd.Series(years).map({9: "school", 13: "college", 16: "doctor"}),
            "years": years,
            "low": low,
            "high": low * 10,
            "alone": rng.normal(size=600),
        }
    )


def test_columns_of_which_one_says_the_other_are_shaken_together(graded):
    linked = [("degree", "years"), ("low", "high")]
    noise, keys = noise_of(graded, linked=linked), row_keys(graded)
    shaken = [noise.shaken(graded, keys, eps=0.2, draw=draw) for draw in range(20)]
    apart = noise_of(graded).shaken(graded, keys, eps=0.2, draw=0)
    share = graded["degree"].value_counts(normalize=True)

    for one in shaken:
        assert one.columns.tolist() == graded.columns.tolist()
        assert one.dtypes.tolist() == graded.dtypes.tolist()
        assert (one["degree"].map({"school": 9, "college": 13, "doctor": 16}) == one["years"]).all()
        assert (one["high"] == 10 * one["low"]).all()
        assert set(one["low"]) <= set(graded["low"])
    assert (apart["degree"].map({"school": 9, "college": 13, "doctor": 16}) != apart["years"]).any()
    # A set with a category is drawn anew with the chance that a category has.
    drawn = np.mean([(one["degree"] != graded["degree"]).mean() for one in shaken])
    assert drawn == pytest.approx(0.2 * (1 - (share**2).sum()), abs=0.015)
    # One of numbers moves as its leader would alone, to a value that was seen.
    moved = np.concatenate(
        [(one["low"] - graded["low"]).to_numpy()[graded["low"].between(60, 140)] for one in shaken]
    )
    assert moved.std() == pytest.approx(0.2 * graded["low"].std(ddof=0), rel=0.05)


def test_linked_noise_belongs_to_the_row_and_hangs_on_no_order(graded):
    linked = [("degree", "years"), ("low", "high")]
    order = np.random.default_rng(1).permutation(len(graded))
    turned = graded.iloc[order, ::-1]

    one = noise_of(graded, linked=linked).shaken(graded, row_keys(graded), eps=0.3, draw=2)
    other = noise_of(turned, linked=[set_[::-1] for set_ in linked]).shaken(
        turned, row_keys(turned), eps=0.3, draw=2
    )

    pd.testing.assert_frame_equal(other[graded.columns].sort_index(), one)


def test_a_blank_or_a_fixed_column_keeps_its_whole_set_and_nonsense_is_refused(graded):
    blank = graded.assign(years=graded["years"].astype(float))
    blank.loc[:299, "years"] = np.nan
    linked = [("degree", "years")]

    kept = noise_of(blank, linked=linked).shaken(blank, row_keys(blank), eps=1.0, draw=0)
    fixed = noise_of(graded, fixed=["years"], linked=linked).shaken(graded, row_keys(graded), eps=1.0, draw=0)

    assert kept["degree"][:300].tolist() == blank["degree"][:300].tolist()
    assert kept["degree"][300:].tolist() != blank["degree"][300:].tolist()
    assert fixed["degree"].tolist() == graded["degree"].tolist()
    with pytest.raises(MissingColumn, match="'shoes' to move with others"):
        noise_of(graded, linked=[("degree", "shoes")])
    with pytest.raises(InvalidChoice, match="named twice"):
        noise_of(graded, linked=[("degree", "years"), ("years", "low")])
