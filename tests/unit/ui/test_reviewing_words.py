from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rai_dash.case import Exposure
from rai_dash.charts._band_plane import written
from rai_dash.core.types import Estimate, ReviewBand
from rai_dash.data.counting import count
from rai_dash.data.groups import GroupIndex
from rai_dash.data.review_counting import cube_of_counts
from rai_dash.review.band import route
from rai_dash.review.capacity import capacity
from rai_dash.review.cost import theory_band
from rai_dash.review.evaluate import evaluate
from rai_dash.review.settings import BandCosts, Reviewer, Workload
from rai_dash.ui.reviewing.groups import wider
from rai_dash.ui.reviewing.stakeholder import year_sentence
from rai_dash.ui.reviewing.trust import score_beside
from rai_dash.ui.reviewing.words import (
    alone_sentence,
    band_text,
    money,
    money_sentence,
    of_thousand,
    people_sentence,
    rests_on,
    routes_sentence,
    score_text,
    spread_of_review,
    theory_sentence,
    widening_sentence,
)

BAND = ReviewBand(0.3, 0.5, 0.7)


def _routes(band, score):
    y = (np.arange(len(score)) % 2).astype(np.int8)
    return route(count(y, np.asarray(score), None), band).overall


def _judged(band, score, y, codes, names=("w*men", "men"), **settings):
    index = GroupIndex("sex", names, np.asarray(codes, np.int32))
    counts = count(np.asarray(y, np.int8), np.asarray(score, float), index)
    return evaluate({"sex": cube_of_counts(counts)}, band, **settings)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=6).filter(lambda parts: sum(parts) > 1e-6))
def test_parts_of_1000_add_up_and_none_is_off_by_a_whole(parts):
    found = of_thousand(parts)

    assert sum(found) == 1000
    assert all(abs(n - 1000 * part / sum(parts)) < 1 + 1e-6 for n, part in zip(found, parts, strict=True))


def test_the_three_routes_are_said_of_1000():
    text = routes_sentence(_routes(BAND, [0.1, 0.2, 0.3, 0.5, 0.69, 0.7, 0.9, np.nan]))

    assert text.startswith("Of 1,000 applications")
    assert re.findall(r"\*\*(\d+)\*\*", text) == ["250", "250", "500"]
    assert text.endswith("1 of the 8 here has no score and always goes to a person.")


def test_no_application_is_no_figure():
    assert routes_sentence(_routes(BAND, [])) == "There are no applications to route."


@pytest.mark.parametrize("is_weighted", [False, True])
def test_it_is_said_how_many_rows_are_behind_it(is_weighted):
    assert ("weighted" in rests_on(_routes(BAND, [0.1, 0.2]), is_weighted=is_weighted)) == is_weighted


def test_where_the_machine_never_decides_alone_its_error_is_not_known():
    band = ReviewBand(None, 0.5, None)

    assert "not known" in alone_sentence(_routes(band, [0.1, 0.9]), exposure=Exposure.HELD_OUT)
    assert band_text(band) == "nobody declined alone, nobody approved alone"


@pytest.mark.parametrize("exposure", Exposure)
def test_rows_of_the_training_are_said_to_flatter(exposure):
    text = alone_sentence(_routes(BAND, [0.1, 0.9]), exposure=exposure)

    assert "0 of 2** whose outcome is known" in text
    assert ("trained on these rows" in text) == (exposure in {Exposure.IN_SAMPLE, Exposure.UNKNOWN})


@given(st.integers(0, 10**6))
def test_an_end_is_written_with_every_decimal_that_was_typed(millionths):
    assert float(score_text(millionths / 1e6).removesuffix(" %")) == pytest.approx(millionths / 1e4, abs=1e-9)


def test_ends_are_written_short_where_they_are_short():
    assert band_text(ReviewBand(0.3, 0.5, 0.705)) == "declined below 30 %, approved from 70.5 %"
    assert band_text(ReviewBand(0.20024794, 0.5, 0.7), digits=1) == "declined below 20 %, approved from 70 %"


def test_who_waits_longer_is_named_with_both_shares_and_escaped():
    score = [0.5] * 30 + [0.9] * 30 + [0.5] * 10 + [0.9] * 50
    judged = _judged(BAND, score, [1] * 120, [0] * 60 + [1] * 60)

    text = spread_of_review(judged, "sex")

    told, _, chance = text.partition(" Chance alone would give about ")
    assert told == (
        "**w\\*men** are sent to a person more often than **men**: 50.0 % against 16.7 %, a gap of 33.3 points "
        "between 60 and 60 applications."
    )
    # Half of the differences of two shares of 60 people at 40 of 120 are below 0.674 standard errors, 5.8 points.
    assert chance in {"5 points.", "6.7 points."}


def test_a_difference_that_chance_may_give_is_not_told_as_one():
    # 10 of 60 and 14 of 60: Fisher's exact test gives p = 0.49.
    score = [0.5] * 10 + [0.9] * 50 + [0.5] * 14 + [0.9] * 46
    judged = _judged(BAND, score, [1] * 120, [0] * 60 + [1] * 60)

    assert spread_of_review(judged, "sex").endswith("that these groups differ is not shown.")


def test_a_gap_that_widens_within_chance_is_said_to_be_no_more():
    # Wrongly declined alone: nobody of either group; with the wider band 2 of 60 and nobody of 60.
    score = [0.74] * 2 + [0.9] * 58 + [0.9] * 60
    narrow, wide = ReviewBand(0.3, 0.5, 0.7), ReviewBand(0.75, 0.8, 0.9)
    now, then = (_judged(band, score, [1] * 120, [0] * 60 + [1] * 60) for band in (narrow, wide))

    assert "Chance alone may give" not in widening_sentence(now, now, "sex")
    text = widening_sentence(then, now, "sex")
    assert "narrows the gap between groups from 3.3 points to 0 points" in text
    assert text.endswith("Chance alone may give gaps like these.")


def test_a_group_of_few_waits_for_nobody():
    judged = _judged(BAND, [0.5] * 29 + [0.9] * 60, [1] * 89, [0] * 29 + [1] * 60)

    assert spread_of_review(judged, "sex") == ""


def test_groups_that_wait_alike_are_said_to():
    judged = _judged(BAND, [0.5, 0.9] * 60, [1] * 120, [0] * 60 + [1] * 60)

    assert "equally often" in spread_of_review(judged, "sex")


@pytest.mark.parametrize(
    ("women", "men", "said"),
    [
        # A lower end of 0.25 instead of 0.3 helps those with 0.28, not those with 0.1.
        (0.28, 0.1, "**w\\*men** would be wrongly declined less often, **men** would not"),
        (0.28, 0.28, "every group would be wrongly declined less often"),
        (0.1, 0.1, "no group would be wrongly declined less often"),
    ],
)
def test_whom_a_wider_band_helps_is_said(women, men, said):
    assert said in _widened(women, men)


def test_a_wider_band_that_helps_one_group_only_widens_the_gap():
    assert _widened(0.28, 0.1).endswith("it widens the gap between groups from 0 points to 50 points.")
    assert _widened(0.28, 0.28).endswith("it leaves the gap between groups as it is.")


def _widened(women, men):
    score = [women] * 30 + [0.9] * 30 + [men] * 30 + [0.9] * 30
    now, then = (_judged(band, score, [1] * 120, [0] * 60 + [1] * 60) for band in (BAND, wider(BAND)))
    return widening_sentence(now, then, "sex")


def test_a_band_that_cannot_be_wider_says_nothing():
    band = ReviewBand(None, 0.5, None)
    judged = _judged(band, [0.5] * 120, [1] * 120, [0] * 60 + [1] * 60)

    assert wider(band) == band
    assert widening_sentence(judged, judged, "sex") == ""


@pytest.mark.parametrize(
    ("band", "ends"),
    [
        (BAND, (0.25, 0.75)),
        (ReviewBand(0.05, 0.5, 0.95), (0.0, 1.0)),
        (ReviewBand(0.03, 0.5, 0.99), (None, None)),
        (ReviewBand(0.5, 0.5, 0.5), (0.45, 0.55)),
    ],
)
def test_a_wider_band_opens_where_there_is_no_room(band, ends):
    assert (wider(band).lo, wider(band).hi) == ends


def test_people_are_counted_with_a_busy_day_and_what_stays_undone():
    load = Workload(volume_per_day=1000, minutes_per_review=20, minutes_per_day=360, reviewers=8, days=20)

    text = people_sentence(capacity(0.18, load), load)

    # 180 reviews x 20 minutes are 10 days of a reviewer; 8 do 144 a day, so 36 are left of each of 20 days.
    assert "**180 reviews**, **10 reviewers**, 12 on a busy day" in text
    assert "After 20 days **720 applications** would be waiting" in text
    assert "busy for 125 % of their time" in text


@pytest.mark.parametrize(
    ("rate", "said"), [(None, "not known"), (0.0, "**0 reviews**"), (0.001, "less than one")]
)
def test_few_or_no_reviews_are_said_in_words(rate, said):
    load = Workload(volume_per_day=100, minutes_per_review=20, minutes_per_day=360)

    assert said in people_sentence(capacity(rate, load), load)


def test_money_is_set_beside_the_threshold_alone():
    prices = BandCosts(fp_fixed=5, fn_fixed=1, review=0.25)
    score, y, codes = [0.6] * 10 + [0.9] * 90, [0] * 10 + [1] * 90, [0] * 100
    now, alone = (
        _judged(band, score, y, codes, ("all",), costs=prices).overall
        for band in (BAND, ReviewBand(0.5, 0.5, 0.5))
    )

    # Alone: 10 wrong approvals at 5. With the band: 10 reviews at .25, one in ten of them wrong.
    assert money_sentence(now, alone).startswith("An application costs **0.075** on average")
    assert "0.425 less than the threshold alone without any review (0.5" in money_sentence(now, alone)
    assert "what the threshold costs without any review" in money_sentence(alone, alone)


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (0.0, "0"),
        (4e-7, "0"),
        (0.000234, "0.00023"),
        (0.0754, "0.075"),
        (-0.5, "−0.500"),
        (0.9996, "1.00"),
        (3.5, "3.50"),
        (323.479, "323.48"),
        (999.996, "1,000"),
        (7_520_109.8, "7,520,110"),
    ],
)
def test_amounts_have_as_many_decimals_as_matter_in_sentences_as_in_charts(x, said):
    assert money(x) == said
    assert written(x, "amount") == said


def test_weighted_applications_without_a_score_are_said_as_a_share():
    weight = np.array([0.5, 1.0, 1.0, 1.0])
    counts = count(np.ones(4, np.int8), np.array([np.nan, 0.9, 0.9, 0.1]), None, weight=weight)

    assert "14 % here have no score" in routes_sentence(route(counts, BAND).overall)


def test_without_outcomes_no_cost_is_known():
    judged = _judged(BAND, [0.6] * 40, [2] * 40, [0] * 40, ("all",), costs=BandCosts(fp_fixed=5)).overall

    assert "not known" in money_sentence(judged, judged)


def test_the_theory_is_set_beside_the_band_that_is_far_from_it():
    theory = theory_band(BandCosts(fp_fixed=5, fn_fixed=1, review=0.25), Reviewer())

    assert "far from that" in theory_sentence(theory, None, BAND)
    assert "far" not in theory_sentence(theory, None, ReviewBand(theory.lo, 0.8, theory.hi))
    assert theory_sentence(None, "no *prices*", BAND).endswith("no \\*prices\\*")
    never = theory_band(BandCosts(fp_fixed=1, fn_fixed=1, review=5), Reviewer())
    assert "never pays" in theory_sentence(never, None, BAND)


@pytest.mark.parametrize(
    ("mean", "said"),
    [
        (0.49, "The mean score is 49 %; what happened is 53 % (46 % to 60 %), which leaves room for that."),
        (0.30, "**23 points less hopeful** than what happened"),
        (0.70, "**17 points more hopeful** than what happened"),
    ],
)
def test_a_score_is_called_off_only_outside_the_interval_of_what_happened(mean, said):
    # 105 of 198; Wilson's interval by hand is 46.1 % to 59.9 %.
    assert said in score_beside(mean, Estimate(0.53, 0.461, 0.599, 105, 198))


@pytest.mark.parametrize(
    ("year", "said"), [(3375.4, "saves about **3,400**"), (-3349.0, "costs about **3,300** more")]
)
def test_a_year_is_told_to_two_digits(year, said):
    assert said in year_sentence(year, 100)
