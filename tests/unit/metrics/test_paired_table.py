"""All compared numbers of two models against numpy over the rows, and the verdicts by hand."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_rel
from sklearn import metrics as sk

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Estimate
from rai_dash.metrics._base import Costs
from rai_dash.metrics._paired_cells import paired_rate
from rai_dash.metrics.paired_draws import LEAST_DISCORDANT, NOTHING_DIFFERS, WEIGHTED, pair_draws
from rai_dash.metrics.paired_flips import flips
from rai_dash.metrics.paired_table import PAIRED, PairRows, paired_by_group, paired_metrics
from rai_dash.metrics.paired_verdict import PairedMetric, PairVerdict, judged

COSTS = Costs(cost_fp=5, cost_fn=1)


def make_rows(n=2000, *, noise=0.25, thresholds=(0.5, 0.4), weight=False, seed=0):
    rng = np.random.default_rng(seed)
    outcome = rng.choice(np.array([0, 1, 2], dtype=np.int8), n, p=[0.35, 0.55, 0.10])
    truth = np.where(outcome == 2, rng.integers(0, 2, n), outcome)
    a = np.clip(0.5 + 0.2 * (truth - 0.5) + rng.normal(0, 0.2, n), 0, 1)
    b = np.clip(a + 0.1 * (truth - 0.5) + rng.normal(0, noise, n), 0, 1)
    a[:7] = np.nan
    b[5:15] = np.nan
    return PairRows(
        outcome=outcome, a=a, b=b, thresholds=thresholds, weight=rng.uniform(0.5, 2.0, n) if weight else None
    )


def by_name(rows, **how):
    return {m.metric: m for m in paired_metrics(rows, rows.cells(), costs=COSTS, **how)}


@pytest.fixture(scope="module")
def rows():
    return make_rows()


@pytest.fixture(scope="module")
def found(rows):
    return by_name(rows)


def decided(rows, *, labelled=True):
    keep = np.isfinite(rows.a) & np.isfinite(rows.b) & ((rows.outcome < 2) if labelled else True)
    return (
        keep,
        rows.outcome[keep] == 1,
        rows.a[keep] >= rows.thresholds[0],
        rows.b[keep] >= rows.thresholds[1],
    )


def test_every_number_equals_sklearns_on_the_rows_that_both_decide(rows, found):
    keep, y, a, b = decided(rows)
    _, _, all_a, all_b = decided(rows, labelled=False)
    expected = {
        "selection_rate": (all_a.mean(), all_b.mean()),
        "accuracy": (sk.accuracy_score(y, a), sk.accuracy_score(y, b)),
        "balanced_accuracy": (sk.balanced_accuracy_score(y, a), sk.balanced_accuracy_score(y, b)),
        "recall": (sk.recall_score(y, a), sk.recall_score(y, b)),
        "fnr": (1 - sk.recall_score(y, a), 1 - sk.recall_score(y, b)),
        "fpr": (a[~y].mean(), b[~y].mean()),
        "precision": (sk.precision_score(y, a), sk.precision_score(y, b)),
        "f1": (sk.f1_score(y, a), sk.f1_score(y, b)),
        "auc": (sk.roc_auc_score(y, rows.a[keep]), sk.roc_auc_score(y, rows.b[keep])),
        "brier": (sk.brier_score_loss(y, rows.a[keep]), sk.brier_score_loss(y, rows.b[keep])),
        "expected_cost": tuple((5 * (d & ~y) + (~d & y)).mean() for d in (a, b)),
    }
    assert set(expected) == set(PAIRED) == set(found)
    for name, (was, now) in expected.items():
        assert (found[name].a.value, found[name].b.value) == pytest.approx((was, now), abs=1e-12), name
        assert found[name].difference == pytest.approx(now - was, abs=1e-12), name


def test_rates_of_the_same_rows_are_tested_on_the_rows_that_differ(rows, found):
    _, y, a, b = decided(rows)
    for name, wrong in (("accuracy", np.ones_like(y)), ("recall", y), ("fpr", ~y)):
        only_a, only_b = int((a & ~b & wrong).sum()), int((~a & b & wrong).sum())
        if name == "accuracy":
            right_a, right_b = a == y, b == y
            only_a, only_b = int((right_a & ~right_b).sum()), int((~right_a & right_b).sum())
        assert found[name].discordant == only_a + only_b
        assert found[name].p_value == pytest.approx(binomtest(only_a, only_a + only_b).pvalue)


def test_brier_scores_are_compared_by_students_paired_test(rows, found):
    keep, y, _, _ = decided(rows)
    errors = [(s[keep] - y) ** 2 for s in (rows.b, rows.a)]
    expected = ttest_rel(*errors)
    assert found["brier"].p_value == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval(0.95)
    assert (found["brier"].low, found["brier"].high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("metric", ["balanced_accuracy", "precision", "f1", "expected_cost"])
def test_drawn_intervals_are_those_of_drawing_rows_again(rows, found, metric):
    _, y, a, b = decided(rows)

    def number(y, d):
        tp, fp, fn, tn = (y & d).sum(), (~y & d).sum(), (y & ~d).sum(), (~y & ~d).sum()
        return {
            "balanced_accuracy": (tp / (tp + fn) + tn / (tn + fp)) / 2,
            "precision": tp / (tp + fp),
            "f1": 2 * tp / (2 * tp + fp + fn),
            "expected_cost": (5 * fp + fn) / (tp + fp + fn + tn),
        }[metric]

    rng, changes = np.random.default_rng(1), []
    for _ in range(3000):
        at = rng.integers(0, y.size, y.size)
        changes.append(number(y[at], b[at]) - number(y[at], a[at]))
    # Ends of an interval from 3,000 draws are known to about 5 % of the standard deviation each; 4 of these errors.
    tolerance = 4 * np.std(changes) * np.hypot(0.049, 0.042)
    low, high = np.quantile(changes, [0.025, 0.975])
    assert found[metric].low == pytest.approx(low, abs=tolerance)
    assert found[metric].high == pytest.approx(high, abs=tolerance)


def test_groups_add_up_to_everyone_and_equal_their_own_comparison(rows):
    codes = np.arange(rows.outcome.size) % 3
    cells = rows.cells(codes, ("x", "y", "z"), "column")
    assert cells.n.sum() == rows.outcome.size
    assert (cells.total().rows == rows.cells().rows).all()
    groups = paired_by_group(rows, codes, cells, metrics=("recall", "auc", "precision"))
    for g in range(3):
        alone = {m.metric: m for m in paired_metrics(rows.take(codes == g), rows.take(codes == g).cells())}
        for one in groups[g]:
            assert one.difference == pytest.approx(alone[one.metric].difference, abs=1e-12)


def test_flips_are_counted_by_direction_group_and_known_outcome(rows):
    keep, _, a, b = decided(rows, labelled=False)
    outcome, codes = rows.outcome, np.arange(rows.outcome.size) % 2
    found = flips(rows.cells(codes, ("x", "y"), "c"), min_n=30)
    for g, one in enumerate(found):
        inside = codes[keep] == g
        up, down = inside & ~a & b, inside & a & ~b
        assert (one.approved.rows, one.declined.rows) == (up.sum(), down.sum())
        y = outcome[keep]
        assert (one.approved.right, one.approved.wrong, one.approved.unknown) == tuple(
            (y[up] == label).sum() for label in (1, 0, 2)
        )
        assert (one.declined.right, one.declined.wrong, one.declined.unknown) == tuple(
            (y[down] == label).sum() for label in (0, 1, 2)
        )
        assert one.decided == inside.sum()
        assert one.changed.value == pytest.approx((up | down).sum() / inside.sum())
        assert (one.changed.numerator, one.changed.denominator) == ((up | down).sum(), inside.sum())
        assert one.rows == (codes == g).sum()


def test_weights_count_in_the_difference_and_leave_no_drawn_interval():
    rows = make_rows(weight=True)
    keep, y, a, b = decided(rows)
    w = rows.weight[keep]
    found = by_name(rows)
    assert found["recall"].difference == pytest.approx((w[y] * (b[y] * 1.0 - a[y])).sum() / w[y].sum())
    assert found["recall"].is_approximate
    assert found["precision"].difference == pytest.approx(
        w[y & b].sum() / w[b].sum() - w[y & a].sum() / w[a].sum()
    )
    assert (found["precision"].low, found["precision"].reason) == (None, WEIGHTED)
    (verdicts,) = judged([tuple(found.values())], tolerance=0.05)
    assert {m.metric: m.verdict for m in verdicts}["precision"] is PairVerdict.UNTESTED


def test_a_handful_of_rows_that_differ_gives_no_drawn_interval():
    rows = make_rows(noise=0.0, thresholds=(0.5, 0.5))
    few = PairRows(
        outcome=rows.outcome,
        a=rows.a,
        b=np.where(np.arange(2000) < 60, rows.b, rows.a),
        thresholds=(0.5, 0.5),
    )
    draws = pair_draws(few.cells())
    found = draws.difference("precision", 0)
    assert 0 < found.discordant < LEAST_DISCORDANT
    assert (found.limits(), found.p_value) == (None, None)
    assert "fewer than" in found.reason


def test_a_model_against_itself_differs_by_0_in_everything(rows):
    same = PairRows(outcome=rows.outcome, a=rows.a, b=rows.a, thresholds=(0.5, 0.5))
    found = by_name(same)
    assert {m.difference for m in found.values()} == {0.0}
    assert {m.p_value for m in found.values()} == {1.0}
    assert found["f1"].reason == NOTHING_DIFFERS
    (verdicts,) = judged([tuple(found.values())], tolerance=0.05)
    assert {str(m.verdict) for m in verdicts} == {"equivalent within tolerance", "no difference shown"}


def test_a_number_that_does_not_follow_from_decisions_is_not_drawn(rows):
    with pytest.raises(InvalidChoice, match="does not follow from decisions"):
        pair_draws(rows.cells()).difference("auc", 0)


def test_the_same_seed_gives_the_same_draws_and_groups_may_stand_in_any_order(rows):
    codes = np.arange(rows.outcome.size) % 2
    one = pair_draws(rows.cells(codes, ("x", "y"), "c"), seed=5).difference("f1", 0)
    two = pair_draws(rows.cells(1 - codes, ("y", "x"), "c"), seed=5).difference("f1", 1)
    assert one.limits() == two.limits()


def test_a_rate_of_fixed_rows_leaves_out_rows_that_one_model_has_no_score_for(rows):
    keep, *_ = decided(rows, labelled=False)
    assert paired_rate(rows.cells(), "selection_rate", 0).n == keep.sum()


@pytest.mark.parametrize(("thresholds", "b"), [((0.5, 1.2), 3), ((0.5, 0.5), 2)])
def test_rows_that_cannot_be_compared_are_refused(thresholds, b):
    with pytest.raises(InvalidChoice):
        PairRows(outcome=np.zeros(3, np.int8), a=np.zeros(3), b=np.zeros(b), thresholds=thresholds)


def one_metric(metric="recall", difference=0.10, half=0.05, p=1e-6, n=500, **more):
    inner = half * NormalDist().inv_cdf(0.95) / NormalDist().inv_cdf(0.975)
    content = {
        "low": difference - half,
        "high": difference + half,
        "inner": (difference - inner, difference + inner),
    }
    known = {
        "metric": metric,
        "a": Estimate(0.5),
        "b": Estimate(0.6),
        "difference": difference,
        "p_value": p,
        "n": n,
    }
    return PairedMetric(**known | content | {"discordant": 40, "method": "mcnemar"} | more)


UNDEFINED = PairedMetric(
    metric="f1", a=Estimate(None), b=Estimate(None), difference=None, n=90, method="draws"
)


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        (one_metric(), "better shown"),
        (one_metric("fpr"), "worse shown"),
        (one_metric("brier", -0.02, 0.01), "better shown"),
        (one_metric("selection_rate"), "higher shown"),
        (one_metric("selection_rate", -0.1), "lower shown"),
        (one_metric(difference=0.01, half=0.02, p=0.3), "equivalent within tolerance"),
        (one_metric(difference=0.02, half=0.01), "better shown, within the tolerance"),
        (one_metric(difference=0.01, half=0.09, p=0.6), "no difference shown: 40 decisions differ"),
        (one_metric(n=29), "too few"),
        (one_metric(p=None, low=None, high=None, inner=None, reason="rests on few"), "too few"),
        (one_metric(p=None, reason=WEIGHTED), "not tested"),
        (UNDEFINED, "undefined"),
    ],
)  # fmt: skip
def test_the_verdict_is_the_first_that_applies(metric, words):
    ((found,),) = judged([(metric,)], tolerance=0.05)
    assert found.words == words


def test_all_candidates_and_numbers_are_counted_but_for_mirrors():
    """Holm by hand: three hypotheses, since the false negative rate says what recall says."""
    first = (one_metric("recall", p=0.02), one_metric("fnr", -0.10, p=0.02), one_metric("fpr", p=0.04))
    second = (one_metric("recall", p=0.01),)
    found = judged([first, second], tolerance=0.05)
    assert [m.adjusted for m in found[0]] == pytest.approx([0.04, 0.04, 0.04])
    assert found[1][0].adjusted == pytest.approx(0.03)


def test_a_mirror_that_stands_alone_is_tested_itself():
    ((found,),) = judged([(one_metric("fnr", -0.10, p=0.001),)], tolerance=0.05)
    assert (found.adjusted, found.words) == (0.001, "better shown")


def test_two_hypotheses_are_two():
    found = judged([(one_metric("recall", p=0.03), one_metric("fpr", p=0.04))], tolerance=0.05)
    assert [m.adjusted for m in found[0]] == pytest.approx([0.06, 0.06])
    assert {str(m.verdict) for m in found[0]} == {"no difference shown"}
