"""The audit sample: who is drawn, and whether the estimates find the truth that the whole population has."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, kstest
from sklearn.metrics import confusion_matrix

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.review.audit_sample import AuditSample, audit_figures, draw, lots, weighted_total
from rai_dash.review.exported import route_rows
from rai_dash.stats.intervals import wilson

BAND = ReviewBand(0.4, 0.5, 0.6)
KEY = bytes(range(16))


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(6)
    score = rng.random(6_000)
    score[:50] = np.nan
    outcome = (rng.random(6_000) < 0.1 + 0.8 * np.nan_to_num(score)).astype(np.int8)
    ids = pd.Series([f"A{i:06d}" for i in range(6_000)], name="id")
    return ids, route_rows(score, BAND), outcome


def test_only_automatic_decisions_are_drawn_and_about_as_many_as_asked(batch):
    ids, routes, _ = batch

    sample = draw(ids, routes, 0.05, key=KEY, rejected=0.2)

    review = routes.route_names == "review"
    assert not sample.drawn[review].any()
    assert np.array_equal(sample.seen, sample.drawn | review)
    for route, share in (("approve", 0.05), ("reject", 0.2)):
        own = routes.route_names == route
        assert binomtest(int(sample.drawn[own].sum()), int(own.sum()), share).pvalue > 0.001
        assert set(sample.weight[own & sample.drawn]) == {1 / share}
    assert set(sample.weight[review]) == {1.0}
    assert not sample.weight[~sample.seen].any()


def test_a_lot_is_the_keyed_hash_of_the_label_of_the_id():
    found = lots(pd.Series([7.0, 12345.0, 0.5]), KEY)

    for lot, label in zip(found, ("7", "12345", "0.5"), strict=True):
        digest = hashlib.blake2b(label.encode(), key=KEY, digest_size=8, person=b"rai-dash audit").digest()
        assert lot == (int.from_bytes(digest, "big") >> 11) / 2**53
    assert np.array_equal(found, lots(pd.Series(["7", "12345", "0.5"]), KEY))


def test_lots_are_uniform_and_do_not_follow_the_id(batch):
    found = lots(batch[0], KEY)

    assert kstest(found, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(found[1:], found[:-1])[0, 1]) < 4 / math.sqrt(found.size)
    assert abs(np.corrcoef(found, lots(batch[0], KEY[::-1]))[0, 1]) < 4 / math.sqrt(found.size)


def test_order_and_company_of_rows_do_not_change_who_is_drawn(batch):
    ids, routes, _ = batch
    whole = draw(ids, routes, 0.05, key=KEY).drawn
    part = np.random.default_rng(1).permutation(len(ids))[:2000]
    fewer = route_rows(np.where(routes.route_names[part] == "reject", 0.1, 0.9), BAND)

    found = draw(ids.iloc[part].reset_index(drop=True), fewer, 0.05, key=KEY).drawn

    automatic = routes.is_automatic[part]
    assert np.array_equal(found[automatic], whole[part][automatic])


def test_a_larger_share_draws_the_same_rows_and_more(batch):
    ids, routes, _ = batch
    few, many, everyone = (draw(ids, routes, share, key=KEY).drawn for share in (0.01, 0.1, 1.0))

    assert few.sum() < many.sum() < everyone.sum()
    assert not (few & ~many).any()
    assert np.array_equal(everyone, routes.is_automatic)


def truth(routes, outcome):
    auto = routes.is_automatic
    tn, fp, fn, tp = confusion_matrix(outcome[auto], routes.route_names[auto] == "approve").ravel()
    return tn, fp, fn, tp


def test_looking_at_everybody_gives_the_figures_of_sklearn(batch):
    ids, routes, outcome = batch
    tn, fp, fn, tp = truth(routes, outcome)

    found = audit_figures(routes, draw(ids, routes, 1.0, key=KEY), outcome)

    assert {k: v.value for k, v in found.totals.items()} == {"tn": tn, "fp": fp, "fn": fn, "tp": tp}
    rates = {
        "auto_error_rate": (fp + fn, tn + fp + fn + tp), "precision_auto": (tp, tp + fp), "npv_auto": (tn, tn + fn),
        "recall_auto": (tp, tp + fn), "fnr_auto": (fn, tp + fn), "fpr_auto": (fp, fp + tn),
    }  # fmt: skip
    assert set(found.rates) == set(rates)
    for name, (k, n) in rates.items():
        assert found.rates[name].value == pytest.approx(k / n), name
        assert (found.rates[name].numerator, found.rates[name].denominator) == (k, n)
    for name in ("precision_auto", "npv_auto"):
        limits = binomtest(int(rates[name][0]), int(rates[name][1])).proportion_ci(method="wilson")
        assert (found.rates[name].low, found.rates[name].high) == pytest.approx((limits.low, limits.high))


def test_intervals_across_routes_are_katz_and_newcombe_of_two_samples(batch):
    ids, routes, outcome = batch
    sample = draw(ids, routes, 0.05, key=KEY, rejected=0.2)
    found = audit_figures(routes, sample, outcome)

    declined, approved = (routes.route_names == name for name in ("reject", "approve"))
    m = [int((sample.drawn & own).sum()) for own in (declined, approved)]
    n = [int(own.sum()) for own in (declined, approved)]
    fn, tp = (int((sample.drawn & own & (outcome == 1)).sum()) for own in (declined, approved))
    log_ratio = math.log(((fn + 0.5) / (m[0] + 0.5)) / ((tp + 0.5) / (m[1] + 0.5)))
    error = math.sqrt(1 / (fn + 0.5) - 1 / (m[0] + 0.5) + 1 / (tp + 0.5) - 1 / (m[1] + 0.5))
    odds = [n[0] / n[1] * math.exp(log_ratio + side * 1.959963985 * error) for side in (-1, 1)]
    fnr, recall = found.rates["fnr_auto"], found.rates["recall_auto"]
    assert (fnr.low, fnr.high) == pytest.approx(tuple(o / (1 + o) for o in odds))
    assert (recall.value, recall.low, recall.high) == pytest.approx(
        (1 - fnr.value, 1 - fnr.high, 1 - fnr.low)
    )
    wrong = [(fn, *map(float, wilson(fn, m[0]))), (m[1] - tp, *map(float, wilson(m[1] - tp, m[1])))]
    shares = [(k / size, low, high) for (k, low, high), size in zip(wrong, m, strict=True)]
    total = sum(p * size for (p, _, _), size in zip(shares, n, strict=True))
    down = math.hypot(*((p - low) * size for (p, low, _), size in zip(shares, n, strict=True)))
    up = math.hypot(*((high - p) * size for (p, _, high), size in zip(shares, n, strict=True)))
    both = found.rates["auto_error_rate"]
    expected = (total / sum(n), (total - down) / sum(n), (total + up) / sum(n))
    assert (both.value, both.low, both.high) == pytest.approx(expected)


@pytest.mark.slow
@pytest.mark.parametrize(("share", "rejected"), [(0.05, 0.05), (0.05, 0.2), (0.02, 0.5), (0.2, 0.02)])
def test_intervals_cover_the_truth_about_as_often_as_they_say(share, rejected):
    n, repeats = 1500, 300
    score = np.repeat([0.1, 0.9], n)
    routes, ids = route_rows(score, BAND), pd.Series(np.arange(2 * n))
    chance = np.where(score > 0.5, 0.85, 0.1)
    truth = {
        "auto_error_rate": (0.1 + 0.15) / 2, "precision_auto": 0.85, "npv_auto": 0.9, "fnr_auto": 0.1 / 0.95,
        "recall_auto": 0.85 / 0.95, "fpr_auto": 0.15 / 1.05,
    }  # fmt: skip
    hits = dict.fromkeys(truth, 0)
    for i in range(repeats):
        rng = np.random.default_rng(i)
        outcome = (rng.random(2 * n) < chance).astype(np.int8)
        sample = draw(ids, routes, share, key=i.to_bytes(16, "big"), rejected=rejected)
        rates = audit_figures(routes, sample, outcome).rates
        for name, value in truth.items():
            hits[name] += rates[name].low <= value <= rates[name].high

    # At least 92 % (nominal 95): what is seen of so many repeats may lie a little below.
    least = binomtest(round(0.92 * repeats), repeats).proportion_ci(confidence_level=0.999).low * repeats
    assert min(hits.values()) >= least, hits


def test_a_route_that_nobody_is_on_is_known_without_a_sample(batch):
    ids, _, outcome = batch
    routes = route_rows(np.full(len(ids), 0.1), BAND)

    found = audit_figures(routes, draw(ids, routes, 0.05, key=KEY), outcome)

    fnr = found.rates["fnr_auto"]
    assert (fnr.value, fnr.low, fnr.high) == (1.0, 1.0, 1.0)
    assert found.rates["precision_auto"].value is None
    assert found.rates["auto_error_rate"].value == pytest.approx(1 - found.rates["npv_auto"].value)


def test_a_sample_finds_the_truth_where_the_naive_share_does_not(batch):
    ids, routes, outcome = batch
    _, _, fn, tp = truth(routes, outcome)
    errors, naive = [], []
    for i in range(25):
        sample = draw(ids, routes, 0.02, key=i.to_bytes(16, "big"), rejected=0.3)
        found = audit_figures(routes, sample, np.where(sample.drawn, outcome, 2).astype(np.int8))
        errors.append(found.rates["fnr_auto"].value - fn / (tp + fn))
        good = sample.drawn & (outcome == 1)
        naive.append((routes.route_names[good] == "reject").mean() - fn / (tp + fn))

    assert abs(np.mean(errors)) < 4 * np.std(errors) / math.sqrt(25) + 0.002
    assert abs(np.mean(naive)) > 0.3


def test_drawn_rows_without_an_outcome_count_as_the_others_of_their_route(batch):
    ids, routes, outcome = batch
    sample = draw(ids, routes, 0.3, key=KEY)
    late = outcome.copy()
    late[(routes.route_names == "reject") & (np.arange(outcome.size) % 10 > 0)] = 2

    found, whole = (audit_figures(routes, sample, y) for y in (late, outcome))

    assert found.judged < whole.judged == whole.drawn == found.drawn
    rejected = sample.drawn & (routes.route_names == "reject") & (late != 2)
    share = (late[rejected] == 1).mean()
    assert found.totals["fn"].value == pytest.approx(share * (routes.route_names == "reject").sum())
    assert found.totals["fn"].low < whole.totals["fn"].value < found.totals["fn"].high


def test_what_nobody_judged_is_undefined_and_says_so(batch):
    ids, routes, outcome = batch
    sample = draw(ids, routes, 0.05, key=KEY)

    found = audit_figures(
        routes, sample, np.where(routes.route_names == "reject", 2, outcome).astype(np.int8)
    )

    for estimate in (found.totals["fn"], found.rates["fnr_auto"], found.rates["npv_auto"]):
        assert estimate.value is None
        assert "drawn and judged" in estimate.reason
    assert found.rates["precision_auto"].value is not None
    nobody = route_rows(np.full(5, 0.5), BAND)
    empty = audit_figures(nobody, draw(ids[:5], nobody, 0.05, key=KEY), np.ones(5, np.int8))
    assert all(e.value is None for e in empty.rates.values())
    assert all(e.value == 0 for e in empty.totals.values())


def test_a_sum_is_the_horvitz_thompson_total(batch):
    ids, routes, outcome = batch
    amount = np.random.default_rng(3).gamma(2.0, 1000.0, outcome.size)
    lost = np.where((routes.route_names == "reject") & (outcome == 1), amount, 0.0)
    sample = draw(ids, routes, 0.1, key=KEY)

    found = weighted_total(lost, sample)

    scan = [
        (v / p, (1 - p) * (v / p) ** 2)
        for v, p, s in zip(lost, sample.probability, sample.seen, strict=True)
        if s
    ]
    total, variance = map(sum, zip(*scan, strict=True))
    assert found.value == pytest.approx(total)
    assert found.high - found.value == pytest.approx(1.959963985 * math.sqrt(variance))
    assert found.low < lost.sum() < found.high
    assert weighted_total(lost, draw(ids, routes, 1.0, key=KEY)).value == pytest.approx(lost.sum())


@pytest.mark.parametrize(
    ("ids", "key", "says"),
    [
        (["a", None], KEY, "`id` is blank in 1 rows"),
        (["a", "a"], KEY, "`a` occurs more than once"),
        (["a", "b"], b"short", "has 5 bytes"),
        (["a", "b"], bytes(65), "has 65 bytes"),
    ],
)
def test_ids_and_keys_that_cannot_work_are_refused(ids, key, says):
    with pytest.raises(InvalidChoice, match=says):
        lots(pd.Series(ids, name="id"), key)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5, math.nan])
def test_a_share_that_draws_nobody_or_too_many_is_refused(batch, share):
    with pytest.raises(InvalidChoice, match="audit share"):
        draw(batch[0], batch[1], 0.5, key=KEY, rejected=share)


def test_columns_of_different_batches_are_refused(batch):
    ids, routes, outcome = batch
    sample = AuditSample(drawn=np.zeros(3, bool), seen=np.ones(3, bool), probability=np.ones(3))

    with pytest.raises(InvalidChoice, match="different rows"):
        draw(ids[:5], routes, 0.5, key=KEY)
    with pytest.raises(InvalidChoice, match="different rows"):
        audit_figures(routes, sample, outcome)
    with pytest.raises(InvalidChoice, match="different rows"):
        weighted_total(np.ones(4), sample)
    with pytest.raises(InvalidChoice, match="have no value"):
        weighted_total(np.array([1, np.nan, 2]), sample)
