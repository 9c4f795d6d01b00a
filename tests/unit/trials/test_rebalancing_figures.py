"""Correction, loss, matched share and spread against formulas by hand and scikit-learn."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import Roles
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.groups import group_index
from rai_dash.trials.rebalancing.correction import log_loss, prior_corrected, share_above
from rai_dash.trials.rebalancing.figures import (
    comparison_json,
    decide,
    is_shown_to_rank_better,
    line,
    lines,
    recipe_share,
    spread,
)
from rai_dash.trials.rebalancing.recipe import Recipe
from rai_dash.trials.rebalancing.results import Bench, Compared, Run, Variant
from rai_dash.trials.rebalancing.strategies import (
    JOINT,
    NONE,
    THRESHOLD,
    chosen_strategies,
    favourable_share,
)
from rai_dash.ui.rebalance_words import banner, overstates

ROLES = Roles(target="y", favourable=("1",), sensitive=("g",), features=("a",))
N = 600


@pytest.mark.parametrize(("before", "after"), [(0.1, 0.5), (0.5, 0.1), (0.0125, 0.5), (0.3, 0.3)])
def test_the_prior_correction_is_the_one_written_with_odds(before, after):
    score = np.random.default_rng(0).random(50)

    got = prior_corrected(score, before=before, after=after)

    for p, new in zip(score, got, strict=True):
        odds = p / (1 - p) * (before / (1 - before)) * ((1 - after) / after)
        assert new == pytest.approx(odds / (1 + odds), rel=1e-12)
    assert np.array_equal(np.argsort(got), np.argsort(score))


def test_the_correction_keeps_certainty_and_gives_bayes_rule_back():
    assert prior_corrected(np.array([0.0, 1.0]), before=0.1, after=0.5).tolist() == [0.0, 1.0]
    # Two normal classes: the posterior under one prior is turned into the posterior under another.
    x = np.linspace(-3, 3, 7)
    ratio = np.exp(2 * x)
    got = prior_corrected(0.5 * ratio / (0.5 * ratio + 0.5), before=0.05, after=0.5)
    assert got == pytest.approx(0.05 * ratio / (0.05 * ratio + 0.95), rel=1e-12)


def test_log_loss_is_that_of_scikit_learn_also_at_0_and_1_and_with_weights():
    rng = np.random.default_rng(1)
    y, p, w = rng.integers(0, 2, 80).astype(np.int8), rng.random(80), rng.random(80)
    p[:4] = [0.0, 1.0, 0.0, 1.0]

    assert log_loss(y, p, None) == pytest.approx(metrics.log_loss(y, p), rel=1e-12)
    assert log_loss(y, p, w) == pytest.approx(metrics.log_loss(y, p, sample_weight=w), rel=1e-12)
    assert math.isnan(log_loss(y, p, np.zeros(80)))


def test_ranks_approve_the_best_share_and_never_part_equal_scores():
    score = np.array([0.9, 0.2, 0.5, 0.5, np.nan, 0.1])

    place = share_above(score, None)

    assert place[[0, 1, 2, 3, 5]] == pytest.approx([0.8, 0.2, 0.4, 0.4, 0.0], abs=1e-12)
    assert np.isnan(place[4])
    weighted = share_above(np.array([0.9, 0.5]), np.array([3.0, 1.0]))
    assert weighted == pytest.approx([0.25, 0.0])
    assert np.isnan(share_above(np.array([0.9]), np.array([0.0]))).all()


def test_a_figure_that_is_undefined_under_one_seed_has_no_mean():
    assert spread([0.2, 0.4]).to_json() == {"mean": pytest.approx(0.3), "low": 0.2, "high": 0.4}
    assert spread([0.2, None]).mean is None
    assert spread([]).mean is None


@pytest.fixture(scope="module")
def made():
    """Two score columns on the same rows: as it is, and one that promises three times too much."""
    rng = np.random.default_rng(4)
    y, g = (rng.random(N) < 0.15).astype(int), rng.choice(["f", "m"], N)
    a = y + rng.normal(size=N)
    base = 1 / (1 + np.exp(-(a - 2)))
    other = 1 / (1 + np.exp(-(a + 0.3 * rng.normal(size=N))))
    dataset = dataset_from_frame(pd.DataFrame({"y": y, "g": g, "a": a}), ROLES)
    bench = Bench(dataset, np.arange(N), group_index(dataset.frame, "g"))

    def run(score, corrected=None):
        return Run(
            seed=0, scored=bench.judge(score), corrected=corrected, cells={}, train_rows=N, prior=0.15, prior_after=0.5
        )  # fmt: skip

    none = Variant(strategy=NONE, runs=(run(base),))
    joint = Variant(strategy=JOINT, runs=(run(other, bench.judge(other * 0.3)),))
    threshold = Variant(strategy=THRESHOLD, runs=none.runs)
    compared = Compared(
        variants=(none, threshold, joint), recipe=Recipe(by="g", up=1, down=1), seeds=(0,), kind="k",
        is_stand_in=False, fold="f", fold_is_drawn=True, dropped=0, twins=0, train_rows=N, test_rows=N,
    )  # fmt: skip
    return compared, y, g, base, other


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_threshold_only_approves_as_many_as_the_recipe_of_the_best_by_the_model_as_it_is(made, threshold):
    compared, y, g, base, other = made
    many = int((other >= threshold).sum())
    best = np.zeros(N, dtype=bool)
    best[np.argsort(-base, kind="stable")[:many]] = True

    decided = decide(compared, compared.variant("threshold"), 0, threshold, matched=False)

    assert recipe_share(compared, 0, threshold) == pytest.approx(many / N)
    for table, rows in (
        (decided.everyone, {"everyone": np.ones(N, bool)}),
        (decided.by_group, {k: g == k for k in "fm"}),
    ):
        for i, group in enumerate(table.groups):
            here = rows[group]
            assert table.estimate("selection_rate", i).numerator == (best & here).sum()
            assert table.estimate("recall", i).numerator == (best & here & (y == 1)).sum()
            assert table.estimate("fpr", i).numerator == (best & here & (y == 0)).sum()


def test_the_figures_of_a_line_are_those_of_scikit_learn(made):
    compared, y, g, base, other = made

    for key, score in (("none", base), ("joint", other)):
        got = line(compared, compared.variant(key), 0.5)
        assert got.scores["auc"].mean == pytest.approx(metrics.roc_auc_score(y, score), abs=1e-12)
        assert got.scores["brier"].mean == pytest.approx(metrics.brier_score_loss(y, score), abs=1e-12)
        assert got.scores["log_loss"].mean == pytest.approx(metrics.log_loss(y, score), abs=1e-12)
        assert got.scores["overstated"].mean == pytest.approx(score.mean() / y.mean(), rel=1e-12)
        assert got.decisions["recall"].mean == pytest.approx(metrics.recall_score(y, score >= 0.5), abs=1e-12)
        recalls = [metrics.recall_score(y[g == k], score[g == k] >= 0.5) for k in "fm"]
        assert got.gaps["recall"].mean == pytest.approx(abs(recalls[0] - recalls[1]), abs=1e-12)
    assert line(compared, compared.variant("joint"), 0.5).corrected["overstated"].mean == pytest.approx(
        (other * 0.3).mean() / y.mean(), rel=1e-12
    )
    assert line(compared, compared.variant("none"), 0.5).corrected == {}


def test_a_noisier_order_is_not_called_better_and_a_nearly_perfect_one_is(made):
    compared, y, _, _, _ = made
    dataset = dataset_from_frame(pd.DataFrame({"y": y, "g": "f", "a": 0}), ROLES)
    good = Bench(dataset, np.arange(N), None).judge(0.2 + 0.6 * y * (np.arange(N) % 20 > 0))
    run = Run(seed=0, scored=good, corrected=None, cells={}, train_rows=N, prior=0.1, prior_after=0.5)

    assert not is_shown_to_rank_better(compared, compared.variant("joint"))
    assert is_shown_to_rank_better(compared, Variant(strategy=JOINT, runs=(run,)))


def test_nothing_is_called_better_on_a_handful_of_rows_of_an_outcome(made):
    compared, _, _, _, _ = made
    y = np.r_[np.ones(29), np.zeros(N - 29)].astype(int)
    dataset = dataset_from_frame(pd.DataFrame({"y": y, "g": "f", "a": 0}), ROLES)
    bench = Bench(dataset, np.arange(N), None)
    good, poor = bench.judge(0.2 + 0.6 * y * (np.arange(N) % 20 > 0)), bench.judge(np.arange(N) / N)
    runs = [
        Run(seed=0, scored=s, corrected=None, cells={}, train_rows=N, prior=0.1, prior_after=0.5)
        for s in (poor, good)
    ]
    both = replace(
        compared, variants=(Variant(strategy=NONE, runs=(runs[0],)), Variant(strategy=JOINT, runs=(runs[1],)))
    )

    assert not is_shown_to_rank_better(both, both.variant("joint"))


def test_the_banner_says_by_how_much_scores_overstate_and_that_no_strategy_ranks_better(made):
    compared, y, _, base, other = made

    found = lines(compared, 0.5)
    words = banner(compared, found)

    assert overstates(found)
    assert f"Resampled scores overstate × {other.mean() / y.mean():.2f}" in words
    assert f"as it is × {base.mean() / y.mean():.2f}" in words
    assert "nothing is shown to beat choosing the threshold" in words


def test_the_banner_does_not_say_so_where_the_numbers_do_not(made):
    compared, y, _, _, _ = made
    good = 0.1 + 0.2 * y * (np.arange(N) % 20 > 0)
    dataset = dataset_from_frame(pd.DataFrame({"y": y, "g": "f", "a": 0}), ROLES)
    scored = Bench(dataset, np.arange(N), None).judge(good)
    run = Run(seed=0, scored=scored, corrected=None, cells={}, train_rows=N, prior=0.1, prior_after=0.5)
    better = replace(compared, variants=(compared.variant("none"), Variant(strategy=JOINT, runs=(run,))))

    found = lines(better, 0.5)
    words = banner(better, found)

    assert not overstates(found)
    assert "overstate" not in words
    assert "nothing is shown" not in words
    assert "Ranked better than the model as it is" in words


def test_the_json_has_no_number_that_is_none(made):
    text = json.dumps(comparison_json(made[0], 0.5), allow_nan=False)

    read = json.loads(text)
    assert [s["strategy"]["key"] for s in read["strategies"]] == ["none", "threshold", "joint"]
    assert set(read["strategies"][0]["runs"][0]["at_threshold"]["groups"]) == {"f", "m"}


def test_an_unknown_strategy_is_refused_and_the_base_is_always_there():
    recipe = Recipe(by=None, up=1, down=1)
    with pytest.raises(InvalidChoice, match="no strategy `up2`"):
        chosen_strategies(("up2",), recipe)

    assert [s.key for s in chosen_strategies(("up",), recipe)] == ["none", "up", "joint"]


def test_the_share_of_favourable_rows_counts_weights():
    assert favourable_share(np.array([1, 0, 0], dtype=np.int8), np.array([2.0, 1.0, 1.0])) == 0.5
