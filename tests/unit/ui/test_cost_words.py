from __future__ import annotations

import numpy as np
import pytest

from rai_dash.case import Exposure
from rai_dash.data.counting import count
from rai_dash.metrics.cheapest import Stability, cost_curve, theory
from rai_dash.metrics.chosen import Goal
from rai_dash.metrics.stakes import Stakes, draw_stakes
from rai_dash.metrics.table import Costs, metric_table
from rai_dash.ui.cost_words import (
    cheapest_finding,
    chosen_sentence,
    cost_remarks,
    cost_text,
    cut_text,
    flat_sentence,
    half_caution,
    level_sentence,
    price_words,
    stability_sentence,
    theory_sentence,
)

EQUAL = Costs(cost_fp=1, cost_fn=1)


def curve_of(label, score, costs=EQUAL, *, drawn=True):
    stakes = Stakes(counts=count(np.asarray(label, np.int8), np.asarray(score, float), None))
    return cost_curve(stakes, costs, draws=draw_stakes(stakes, seed=0) if drawn else None)


def noise(n=400):
    rng = np.random.default_rng(0)
    return curve_of(rng.integers(0, 2, n), rng.random(n))


def sure(n=200):
    label = np.tile([0, 1], n // 2)
    return curve_of(label, np.where(label == 1, 0.9, 0.1))


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        (None, "–"),
        (0.01374, "0.014"),
        (1.234, "1.23"),
        (-1.234, "−1.23"),
        (725.04, "725.0"),
        (1051.4, "1,051"),
    ],
)
def test_a_cost_is_written_with_about_three_figures(cost, text):
    assert cost_text(cost) == text


def test_no_threshold_is_approving_nobody():
    assert (cut_text(None), cut_text(0.123)) == ("approving nobody", "12.3 %")


def test_the_finding_names_what_elsewhere_will_cost_and_that_the_model_is_not_shown_to_help():
    curve = noise()

    text = cheapest_finding(curve, threshold=0.5, now=float(curve.cost[500]))

    assert f"errors cost **{cost_text(curve.cost[500])}**" in text
    assert f"**{cost_text(curve.cheapest.cost + curve.stability.optimism)}**" in text
    assert "Refusing everyone would cost" in text
    assert "not shown to beat a rule that needs no model" in text


def test_a_model_that_tells_them_apart_is_not_told_off():
    curve = sure()

    text = cheapest_finding(curve, threshold=0.5, now=0.0)

    assert "not shown to beat" not in text
    assert "Refusing everyone would cost 0.500, approving everyone 0.500." in text


def test_without_samples_the_figure_is_still_called_too_good():
    curve = curve_of([0, 1], [0.2, 0.8], drawn=False)

    assert "that figure is too good" in cheapest_finding(curve, threshold=0.5, now=0.0)


def test_without_labels_the_reason_is_said():
    curve = curve_of([2], [0.2])

    assert "undefined" in cheapest_finding(curve, threshold=0.5, now=None)
    assert stability_sentence(curve) == flat_sentence(curve) == ""


def test_an_unstable_pick_is_not_called_stable():
    assert stability_sentence(noise()).startswith("These rows do not settle the pick")
    assert stability_sentence(sure()).startswith("The pick is stable")


def test_equally_cheap_thresholds_are_named():
    assert "from 10.1 % to 90.0 % costs the same" in flat_sentence(sure())
    assert flat_sentence(curve_of([0, 1, 0], [0.499, 0.5, 0.501], Costs(cost_fp=1, cost_fn=3))) == ""
    assert "some thresholds further up" in flat_sentence(curve_of([0, 1, 0, 1], [0.1, 0.3, 0.6, 0.9]))
    nobody = flat_sentence(curve_of([0, 0], [0.2, 0.4]))
    assert "to approving nobody costs the same" in nobody


def stability(low, high):
    return Stability(low=low, high=high, near=1.0, optimism=0.0, regret=0.0, replicates=9, source="counts")


def test_theory_outside_the_span_says_the_score_does_not_mean_what_it_says():
    costs = Costs(cost_fp=4, cost_fn=1)

    assert "does not mean what it says" in theory_sentence(theory(costs), stability(0.2, 0.5))
    inside = theory_sentence(theory(costs), stability(0.7, None))
    assert "**80.0 %**" in inside
    assert "does not mean" not in inside
    assert "every threshold is as good" in theory_sentence(theory(Costs(cost_fp=0, cost_fn=0)), None)


def test_prices_and_blanks_are_said():
    assert price_words(Costs(cost_fp=0.6, cost_fn=0.1), by_amount=True).startswith(
        "a wrong approval costs 60 %"
    )
    assert (
        price_words(Costs(cost_fp=5, cost_fn=1), by_amount=False)
        == "a wrong approval costs 5, a wrong refusal 1"
    )
    assert cost_remarks(n_amount_missing=0, unscored=0.0) == []
    assert "25 labelled applications" in cost_remarks(n_amount_missing=25, unscored=3.0)[0]


# --- the other half ---


def reported(approved, n=1000):
    """Report on n good applicants, of whom some are approved."""
    score = np.repeat([0.9, 0.1], [approved, n - approved])
    return metric_table(count(np.ones(n, np.int8), score, None), 0.5, metrics=["recall", "selection_rate"])


@pytest.mark.parametrize(
    ("goal", "approved", "verdict"),
    [
        (Goal.RECALL, 900, "so it holds"),
        (Goal.RECALL, 810, "do not settle it"),
        (Goal.RECALL, 790, "do not settle it"),
        (Goal.RECALL, 700, "so it fails"),
        (Goal.APPROVALS, 700, "so it holds"),
        (Goal.APPROVALS, 790, "do not settle it"),
        (Goal.APPROVALS, 900, "so it fails"),
    ],
)
def test_a_level_holds_only_where_the_interval_is_on_its_side(goal, approved, verdict):
    assert verdict in level_sentence(goal, 0.8, reported(approved))


def test_a_goal_without_a_level_needs_no_sentence():
    assert level_sentence(Goal.F1, 0.8, reported(500)) == ""


def test_a_level_that_cannot_be_checked_is_undefined():
    nobody_good = metric_table(count(np.zeros(9, np.int8), np.ones(9), None), 0.5, metrics=["recall"])

    assert "undefined" in level_sentence(Goal.RECALL, 0.8, nobody_good)


def test_the_choice_is_said_with_both_halves():
    text = chosen_sentence(0.315, rows=800, other_rows=799, rarer=30)

    assert "**a threshold of 31.5 %**" in text
    assert "800 rows" in text
    assert "799 rows" in text
    assert "rarer" not in text
    nobody = chosen_sentence(None, rows=800, other_rows=799, rarer=9)
    assert "**approve nobody**" in nobody
    assert "only 9 of the rarer outcome" in nobody


def test_what_the_halves_are_honest_about_follows_what_is_known_of_training():
    assert "Training rows are never used" in half_caution(Exposure.HELD_OUT, has_split=True)
    assert "not about the model" in half_caution(Exposure.UNKNOWN, has_split=False)
    assert half_caution(Exposure.OTHER_DATA, has_split=False) == ""
