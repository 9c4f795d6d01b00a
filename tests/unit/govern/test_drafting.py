from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import numpy as np
import pandas as pd
import pytest
import rfc8785

from rai_dash.core.errors import InvalidChoice, InvalidRecord
from rai_dash.core.review_cube import edges_of
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Estimate, Notice, ReviewBand
from rai_dash.data.groups import group_index
from rai_dash.data.review_counting import review_cube
from rai_dash.govern.drafting import (
    NO_WORKLOAD,
    AlternativeFacts,
    DataFacts,
    GuaranteeFacts,
    HarmFacts,
    ModelFacts,
    draft_policy,
)
from rai_dash.govern.policy import check_complete, checked_policy, policy_schema
from rai_dash.govern.program import Program
from rai_dash.review.conditions import Condition, hold, training_facts
from rai_dash.review.evaluate import Evaluation, evaluate
from rai_dash.review.guarantee import fixed
from rai_dash.review.row_routes import route_rows
from rai_dash.review.settings import BandCosts, Reviewer, Workload

BAND = ReviewBand(0.3, 0.5, 0.7)
ROWS = pd.DataFrame(
    {
        "score": [0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 0.9, np.nan, 0.1],
        "label": np.array([0, 1, 1, 0, 1, 1, 0, 1, 1, 0], np.int8),
        "sex": list("fffffmmmmm"),
        "area": [*("north",) * 9, "south"],
    }
)
COSTS = BandCosts(fp_fixed=5.0, fn_fixed=1.0, review=0.3)
WORK = Workload(volume_per_day=90, minutes_per_review=20, minutes_per_day=300, reviewers=2)
DATA = DataFacts(
    name="loans.csv", sha256="a" * 64, rows=10, columns=4, role="test", rows_judged=10, favourable=("1",),
    target="label", target_kind="observed_outcome", sensitive=("sex", "area"),
)  # fmt: skip


def judged(rows: pd.DataFrame = ROWS, band: ReviewBand = BAND, **how: object) -> Evaluation:
    cubes = {
        column: review_cube(
            rows["label"].to_numpy(),
            rows["score"].to_numpy(),
            group_index(rows, column),
            edges=edges_of(band),
        )
        for column in ("sex", "area")
    }
    return evaluate(cubes, band, **({"min_n": 2} | how))


def draft(evaluation: Evaluation | None = None, **changes: object):
    facts = {
        "policy_id": "loans-qa",
        "title": "Small loans",
        "environment": "QA",
        "data": DATA,
        "model": ModelFacts(name="step 7", format="xgboost", sha256="b" * 64, favourable_class="1"),
        "evaluation": judged() if evaluation is None else evaluation,
        "now": datetime(2026, 11, 29, 14, 5, 6, tzinfo=UTC),
    }
    return draft_policy(**(facts | changes))


def test_figures_are_those_counted_by_hand():
    metrics = draft().metrics

    overall = metrics.overall
    assert (overall.n, overall.reject, overall.approve, overall.review, overall.no_score) == (10, 3, 3, 4, 1)
    wrong = overall.rates["auto_error_rate"]
    assert (wrong.numerator, wrong.denominator, wrong.value) == (2, 6, pytest.approx(1 / 3))
    # Wilson, z = 1.959964: worked out with the formula of any textbook.
    assert (wrong.low, wrong.high) == (pytest.approx(0.096771, abs=1e-5), pytest.approx(0.7000067, abs=1e-5))
    found = [(g.column, g.group, g.n, g.review, g.rates["auto_error_rate"].value) for g in metrics.groups]
    assert found == [
        ("sex", "f", 5, 3, 0.5),
        ("sex", "m", 5, 1, 0.25),
        ("area", "north", 9, 4, pytest.approx(0.4)),
        ("area", "south", 1, 0, 0.0),
    ]


def test_gaps_name_who_is_left_out():
    gaps = draft().gaps

    assert gaps["sex"].values["review_rate_gap"].value == pytest.approx(0.4)
    assert gaps["sex"].values["auto_error_gap"].value == pytest.approx(0.25)
    assert gaps["sex"].compared == ("f", "m")
    assert gaps["area"].excluded == {"south": "1 row, fewer than 2"}
    alone = gaps["area"].values["review_rate_gap"]
    assert (alone.value, bool(alone.reason)) == (None, True)


def test_a_group_without_the_number_is_named():
    rows = ROWS.assign(score=[*([0.5] * 5), 0.8, 0.9, 0.9, 0.1, 0.1])

    gap = draft(judged(rows)).gaps["sex"].values["auto_error_gap"]

    assert (gap.value, gap.left_out, bool(gap.reason)) == (None, ("f",), True)


def test_what_comes_after_the_person_and_its_cost_are_those_worked_out_by_hand():
    policy = draft(judged(costs=COSTS, workload=WORK))

    after, cost = policy.people_after, policy.cost
    assert after.expected_tp == pytest.approx(2 + 3 * 0.9)
    assert after.expected_fn == pytest.approx(1 + 3 * 0.1)
    assert after.expected_fp == pytest.approx(1 + 0.1)
    assert after.expected_tn == pytest.approx(2 + 0.9)
    assert (after.reviews_per_day, after.reviewers_needed) == (pytest.approx(36), 3)
    assert (after.capacity_per_day, after.backlog_after_days) == (pytest.approx(30), pytest.approx(120))
    assert after.reason is None
    assert policy.metrics.overall.rates["post_approval_rate"].value == pytest.approx(5.8 / 10)
    assert (cost.error_cost, cost.review_cost) == (pytest.approx(1.3 + 5.5), pytest.approx(4 * 0.3))
    assert (cost.total, cost.per_application, cost.reason) == (pytest.approx(8), pytest.approx(0.8), None)
    assert cost.theory.threshold == pytest.approx(5 / 6)
    assert (cost.theory.lo, cost.theory.hi) == (pytest.approx(0.8 / 1.4), pytest.approx(4.2 / 4.6))
    assert policy.settings.model_dump(mode="json") == {
        "costs": {"fp_fixed": 5, "fp_per_amount": 0, "fn_fixed": 1, "fn_per_amount": 0, "review": 0.3},
        "reviewer": {
            "h1": 0.9, "h0": 0.9, "deference": 0, "by_group": {}, "column": None, "use_recorded": False,
        },
        "workload": {
            "volume_per_day": 90, "minutes_per_review": 20, "minutes_per_day": 300, "reviewers": 2, "days": 20,
        },
        "min_n": 2,
        "limits": [],
    }  # fmt: skip


def test_what_was_not_said_is_null_with_the_reason():
    policy = draft()

    assert policy.cost is None
    assert (policy.people_after.reviews_per_day, policy.people_after.reason) == (None, NO_WORKLOAD)
    assert policy.guarantee is None


def test_one_free_error_leaves_no_cheapest_band():
    theory = draft(judged(costs=BandCosts(fn_fixed=1.0))).cost.theory

    assert (theory.lo, theory.threshold, theory.hi) == (None, None, None)
    assert "needs a cost above 0" in theory.reason


def test_without_outcomes_nothing_is_made_up():
    unknown = ROWS.assign(label=np.full(10, 2, np.int8))

    policy = draft(judged(unknown, costs=COSTS))

    for name in ("auto_error_rate", "post_approval_rate", "post_fnr"):
        found = policy.metrics.overall.rates[name]
        assert (found.value, bool(found.reason)) == (None, True)
    assert (policy.cost.per_application, bool(policy.cost.reason)) == (None, True)
    assert policy.metrics.overall.rates["review_rate"].value == 0.4


def test_reviewers_described_by_other_groups_say_nothing_about_these():
    by_sex = Reviewer(by_group={"f": (0.8, 0.7)}, column="sex")

    policy = draft(judged(reviewer=by_sex))

    post = {g.group: g.rates["post_approval_rate"] for g in policy.metrics.groups}
    assert post["f"].value is not None
    assert (post["north"].value, "another column" in post["north"].reason) == (None, True)
    assert policy.settings.reviewer.by_group == {"f": (0.8, 0.7)}


def test_what_is_drafted_fits_the_schema_and_comes_back_from_json():
    policy = draft(judged(costs=COSTS, workload=WORK), limits=["review at most 8 %"])

    written = json.loads(rfc8785.dumps(policy.content()))

    jsonschema.validate(written, policy_schema())
    assert checked_policy(written) == policy
    assert (policy.version, policy.parent_hash, policy.code) == (1, None, Program.here())
    assert policy.settings.limits == ("review at most 8 %",)


@pytest.mark.parametrize("kind", [np.float64, np.float32, int])
def test_numbers_of_numpy_are_written_as_numbers(kind):
    band = ReviewBand(kind(0), kind(1) / 2, kind(1))

    written = json.loads(rfc8785.dumps(draft(judged(band=band)).content()))

    assert written["band"] == {"lo": 0, "threshold": 0.5, "hi": 1}


def test_the_exported_policy_routes_as_the_page_without_the_data():
    frame = pd.DataFrame(
        {
            "zone": ["n", "s", None, "n", "e", "n"] * 4,
            "amount": [10.0, 90.0, 50.0, np.nan, 20.0, 30.0] * 4,
            "area": [1.0, 2.0, 3.0, 4.0, 5.0, 9.0] * 4,
        }
    )
    facts = training_facts(frame.head(5), ["zone", "amount", "area"])
    kinds = ("unseen", "out_of_range", "blank")
    frozen = [Condition(kind=kind).frozen(facts) for kind in kinds]
    frozen.append(Condition(kind="number", columns=("amount",), operator=">=", value=50.0, blank_too=False))
    later = frame.assign(zone=["w", *frame["zone"][1:]], amount=[*frame["amount"][:-1], 999.0])
    score = np.linspace(0, 1, len(later))

    policy = checked_policy(json.loads(rfc8785.dumps(draft(conditions=frozen).content())))

    ours = route_rows(score, policy.review_band, held=hold(policy.routed_conditions, later))
    page = route_rows(score, BAND, held=hold(frozen, later))
    assert ours.route_names.tolist() == page.route_names.tolist()
    assert ours.reason_names.tolist() == page.reason_names.tolist()
    assert len(set(page.reason_names)) > 5


def test_a_condition_that_does_not_know_the_training_rows_is_refused():
    with pytest.raises(InvalidChoice, match="does not know the training rows"):
        draft(conditions=[Condition(kind="unseen")])


def test_what_people_wrote_may_be_incomplete_in_a_draft():
    policy = draft(harm=HarmFacts(wrong_approval="   ", answerable=" Ada "), people_before="\n")

    assert (policy.harm.wrong_approval, policy.harm.answerable) == (None, "Ada")
    assert policy.people_before is None
    with pytest.raises(InvalidRecord, match="wrong approval"):
        check_complete(policy)


def test_warnings_remember_which_were_ticked():
    notices = [Notice("in_sample", "Trained on these rows?"), Notice("few", "Few rows.", "sex", 3)]

    found = draft(warnings=notices, ticked={"few"}).warnings_shown

    assert [(w.code, w.message, w.ticked) for w in found] == [
        ("in_sample", "Trained on these rows?", False),
        ("few", "Few rows.", True),
    ]


def test_a_guarantee_keeps_its_numbers_and_words():
    tested = fixed(3, 100, alpha=0.1, delta=0.05, band=BAND)

    found = draft(guarantee=GuaranteeFacts.of(tested, data_role="test", words="At most 10 %.")).guarantee

    assert (found.method, found.alpha, found.delta, found.k, found.n) == ("fixed", 0.1, 0.05, 3, 100)
    assert (found.holds, found.data_role, found.words) == (True, "test", "At most 10 %.")
    seen = GuaranteeFacts.of(tested, data_role="training", words="Nothing.", holds=False)
    assert draft(guarantee=seen).guarantee.holds is False


def test_alternatives_are_bands_judged_on_the_same_rows():
    wide = judged(band=ReviewBand(None, 0.5, 0.85), costs=COSTS)
    typed = AlternativeFacts(
        name="none", band=BAND, review_rate=Estimate.undefined("no rows"), auto_error_rate=Estimate(0.5)
    )

    first, second = draft(alternatives=[AlternativeFacts.of("Wide", wide), typed]).alternatives

    assert (first.name, first.band.lo, first.band.hi) == ("Wide", None, 0.85)
    assert (first.review_rate.value, first.review_rate.numerator) == (pytest.approx(0.8), 8)
    assert first.auto_error_rate.value == pytest.approx(0.5)
    assert first.cost == pytest.approx(wide.overall.cost.per_application[0])
    assert (second.review_rate.value, second.review_rate.reason, second.cost) == (None, "no rows", None)
    assert AlternativeFacts.of("Free", judged()).cost is None


@pytest.fixture
def settings_read_again():
    """Asked for before monkeypatch, so that its variables are gone when the settings are forgotten."""
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_the_environment_is_one_of_the_settings(settings_read_again, monkeypatch):
    del settings_read_again
    with pytest.raises(InvalidChoice, match=r"no environment `moon`. Choose from: QA, production\."):
        draft(environment="moon")

    monkeypatch.setenv("RAI_DASH_ENVIRONMENTS", '["moon"]')
    monkeypatch.setenv("RAI_DASH_VALID_MONTHS", "6")
    get_settings.cache_clear()
    assert draft(environment="moon").valid_months == 6
    assert draft(environment="moon", valid_months=3).valid_months == 3


def test_a_wrong_fact_is_named_in_a_sentence():
    with pytest.raises(InvalidRecord, match="`policy_id` is not accepted"):
        draft(policy_id="Small Loans")
    with pytest.raises(InvalidRecord, match=r"`created_at` is not accepted: .*timezone"):
        draft(now=datetime(2026, 11, 29))  # noqa: DTZ001
