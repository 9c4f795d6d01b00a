"""A batch against a policy: every line against numbers from rows, the verdict, and its words."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, ks_2samp

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.govern._policy_monitoring import MonitorLimits
from rai_dash.govern.drafting import ModelFacts, ScoreFacts
from rai_dash.govern.monitor.counting import batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch, limits_of
from rai_dash.govern.monitor.lines import Family, Held
from rai_dash.govern.monitor.states import State
from rai_dash.govern.monitor.subject import SIGNED, TODAY, not_in_force
from tests.unit.govern.monitor_story import (
    ROLES,
    applications,
    counted,
    judged,
    make_policy,
    signed_data,
    table,
)
from tests.unit.govern.test_monitor_states import by_the_rule, psi_by_loops


@pytest.fixture(scope="module")
def policy():
    return make_policy()


@pytest.fixture(scope="module")
def moved():
    """Scores have risen by a tenth, and a quarter of a known purpose is new."""
    frame = applications(700, 21, shift=0.1, purposes=("car", "home", "other", "boat"))
    frame.loc[:99, "outcome"] = None
    return frame


@pytest.fixture(scope="module")
def report(policy, moved):
    return judged(policy, moved, label="June")


def wrong(frame: pd.DataFrame) -> tuple[int, int]:
    """Wrong automatic decisions, and all of them with an outcome."""
    known = frame[frame["outcome"].notna()]
    yes, no = known["score"] >= 0.7, known["score"] < 0.35
    return int((yes & (known["outcome"] == "lost")).sum() + (no & (known["outcome"] == "repaid")).sum()), int(
        (yes | no).sum()
    )


def expected_shares(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    score, n = frame["score"], len(frame)
    known = frame[frame["outcome"].notna()]
    auto = known[(known["score"] >= 0.7) | (known["score"] < 0.35)]
    good, bad = auto[auto["outcome"] == "repaid"], auto[auto["outcome"] == "lost"]
    return {
        "review_rate": (int(((score >= 0.35) & (score < 0.7)).sum()), n),
        "auto_approve_rate": (int((score >= 0.7).sum()), n),
        "auto_reject_rate": (int((score < 0.35).sum()), n),
        "selection_rate": (int((score >= 0.5).sum()), n),
        "auto_error_rate": wrong(frame),
        "fnr_auto": (int((good["score"] < 0.35).sum()), len(good)),
        "fpr_auto": (int((bad["score"] >= 0.7).sum()), len(bad)),
        "base_rate": (int((known["outcome"] == "repaid").sum()), len(known)),
    }


def test_the_figures_of_everyone_are_those_of_the_rows_and_their_states_those_of_the_rule(report, moved):
    signed, batch = expected_shares(signed_data().frame), expected_shares(moved)
    for name, (k, n) in batch.items():
        line = report.line(name)
        k0, n0 = signed[name]
        ends = binomtest(k0, n0).proportion_ci(0.95, method="wilson")
        tolerance = max(0.01, (ends.high - ends.low) / 2)
        assert (line.signed.numerator, line.signed.denominator) == (k0, n0), name
        assert (line.batch.numerator, line.batch.denominator) == (k, n), name
        assert line.tolerance == pytest.approx(tolerance, rel=1e-9), name
        assert line.state == by_the_rule(k, n, k0 / n0, tolerance), name
    assert [line.name for line in report.of(Family.ROUTES) if line.counts] == [
        "auto_approve_rate",
        "auto_reject_rate",
    ]


def test_the_figures_of_groups_are_those_of_their_rows(report, moved):
    parts = {("sex", "f"): moved["sex"] == "f", ("sex", "(missing)"): moved["sex"].isna()}
    parts["age", "[30, 50)"] = moved["age"].between(30, 49)
    for (column, group), rows in parts.items():
        for name, (k, n) in expected_shares(moved[rows]).items():
            if name in {"fnr_auto", "fpr_auto", "base_rate"}:
                continue
            line = report.line(name, column, group)
            assert (line.batch.numerator, line.batch.denominator) == (k, n)
            assert line.family is Family.GROUPS
    small = report.line("review_rate", "sex", "(missing)")
    assert small.too_few
    assert small.rows_needed >= 30


def test_gaps_are_those_between_the_groups_that_are_large_enough(report, moved):
    rates = {group: expected_shares(moved[moved["sex"] == group])["selection_rate"] for group in ("f", "m")}
    gap = abs(np.subtract(*[k / n for k, n in rates.values()]))
    line = report.line("selection_rate_gap", "sex")

    assert line.batch.value == pytest.approx(gap)
    assert line.signed.value == pytest.approx(
        abs(
            np.subtract(
                *[
                    k / n
                    for k, n in (
                        expected_shares(f)["selection_rate"] for _, f in signed_data().frame.groupby("sex")
                    )
                ]
            )
        )
    )
    assert line.batch.low <= line.batch.value <= line.batch.high


def test_only_a_gap_that_grows_is_held_against_a_policy():
    signed = signed_data(3_000)
    frame = signed.frame.copy()
    frame.loc[frame["sex"] == "f", "score"] = frame["score"].clip(upper=0.45)
    apart = make_policy(dataset_from_frame(frame, ROLES))
    batch = applications(2_000, 31)
    grown = batch.assign(score=batch["score"].where(batch["sex"] != "f", batch["score"].clip(upper=0.45)))

    assert judged(apart, batch).line("selection_rate_gap", "sex").state is State.OK
    line = judged(make_policy(signed), grown).line("selection_rate_gap", "sex")
    assert (line.state, line.counts) == (State.BREACH, True)


def test_drift_is_that_of_the_written_index(report, moved):
    signed = signed_data().frame

    assert report.line("psi").batch.value == pytest.approx(
        psi_by_loops(signed["score"], moved["score"]), abs=1e-12
    )
    amounts = [f["amount"].dropna().tolist() for f in (signed, moved)]
    assert report.line("psi", "amount").batch.value == pytest.approx(psi_by_loops(*amounts), abs=1e-12)
    names = ["car", "home", "other"]
    p, q = ([max((f["purpose"] == n).mean(), 1e-4) for n in names] for f in (signed, moved))
    p, q = [*p, 1e-4], [*q, (moved["purpose"] == "boat").mean()]
    by_hand = sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))
    line = report.line("psi", "purpose")
    assert line.batch.value == pytest.approx(by_hand, abs=1e-12)
    assert (line.state, line.counts) == (State.BREACH, True)


def test_new_gone_and_blank_are_shares_of_rows(report, policy, moved):
    boats = int((moved["purpose"] == "boat").sum())
    new = report.line("new_categories", "purpose")
    assert (new.batch.numerator, new.batch.denominator, new.items) == (boats, 700, (("boat", boats),))
    assert (new.signed.value, new.state, new.counts) == (0.0, State.BREACH, True)

    gone = judged(policy, applications(700, 22, purposes=("car", "home"))).line("gone_categories", "purpose")
    known = (signed_data().frame["purpose"] == "other").sum()
    assert (gone.items, gone.signed.numerator, gone.batch.value) == ((("other", known),), known, 0.0)
    assert (gone.state, gone.counts) == (State.BREACH, True)

    blank = judged(policy, applications(700, 23).assign(amount=np.nan)).line("blank_rate", "amount")
    assert (blank.batch.value, blank.state, blank.counts) == (1.0, State.BREACH, True)
    k, n = int(moved["amount"].isna().sum()), int(signed_data().frame["amount"].isna().sum())
    line = report.line("blank_rate", "amount")
    assert (line.batch.numerator, line.batch.denominator) == (k, 700)
    assert line.state == by_the_rule(k, 700, n / 1_500, line.tolerance)


def test_ks_needs_the_rows_of_both_sides_and_says_which_are_missing(policy, moved, report):
    signed, batch = signed_data(), batch_of(policy, table(moved))
    counts = count_batch(policy, batch)

    def line(**more):
        return judge_batch(policy, counts, **more).line("ks", "amount")

    exact = line(rows=batch, reference=signed)
    amounts = [f["amount"].dropna() for f in (signed.frame, moved)]
    assert exact.batch.value == pytest.approx(ks_2samp(*amounts).statistic, abs=1e-15)
    assert (exact.source, exact.state) == ("rows", State.NO_LIMIT)
    assert (report.line("ks", "amount").state, line().reason) == (
        State.NO_ROWS,
        "the rows of the batch are not at hand",
    )
    assert line(rows=batch).reason == "the signed rows are not at hand"
    assert line(rows=batch, reference=table(moved)).reason == "the data given are not those that were signed"
    score = report.line("ks")
    assert score.source == "cells"
    assert score.batch.value == pytest.approx(
        ks_2samp(signed.frame["score"], moved["score"]).statistic, abs=1e-12
    )


def test_a_signed_limit_of_ks_is_judged(moved):
    found = judged(make_policy(limits=MonitorLimits(ks=0.05)), moved).line("ks")

    assert (found.state, found.breach, found.counts) == (State.BREACH, 0.05, True)
    assert judged(make_policy(limits=MonitorLimits(ks=0.9)), moved).line("ks").state is State.OK


def test_signed_tolerances_are_the_ones_that_count(moved):
    limits = MonitorLimits(tolerances={"auto_approve_rate": 0.5}, psi_watch=0.5, psi_breach=0.6)
    found = judged(make_policy(limits=limits), moved)

    assert (found.line("auto_approve_rate").tolerance, found.line("auto_approve_rate").state) == (
        0.5,
        State.OK,
    )
    assert found.line("psi").state is State.OK
    # A group may move as far as everyone.
    assert found.line("auto_approve_rate", "sex", "f").tolerance == 0.5


def test_calibration_and_brier_are_those_of_the_rows(report, moved):
    known = moved[moved["outcome"].notna()]
    brier = ((known["score"] - (known["outcome"] == "repaid")) ** 2).mean()

    assert report.line("brier").batch.value == pytest.approx(brier)
    intercept = report.line("calibration_intercept")
    # The score promises a tenth too much.
    assert intercept.batch.high < 0
    assert intercept.source == "rows"


def test_the_scores_of_a_column_vouch_for_no_model(report):
    line = report.line("model")

    assert (line.state, line.reason) == (
        State.NO_DATA,
        "the scores come from a column, so which model gave them cannot be checked",
    )


@pytest.mark.parametrize(
    ("signed", "models", "columns", "state"),
    [
        ("b" * 64, ("b" * 64,), (), State.OK),
        ("b" * 64, ("c" * 64,), (), State.BREACH),
        ("b" * 64, ("b" * 64, "c" * 64), (), State.BREACH),
        ("b" * 64, (), ("score",), State.NO_DATA),
        (None, ("c" * 64,), (), State.WATCH),
    ],
)
def test_another_model_is_said_first(moved, signed, models, columns, state):
    facts = {} if signed is None else {
        "model": ModelFacts(name="step 7", format="xgboost", sha256=signed), "score": ScoreFacts()
    }  # fmt: skip
    policy = make_policy(**facts)
    counts = count_batch(policy, batch_of(policy, table(moved), score_column="score"))
    found = judge_batch(policy, replace(counts, models=models, score_columns=columns), subject=SIGNED)

    assert found.lines[0].name == "model"
    assert found.lines[0].state is state
    if state is State.BREACH:
        assert found.verdict.state is Held.BREACH
        assert found.verdict.sentence.startswith(
            "The signed policy no longer holds: another model gave the scores than that of the policy; "
        )


def test_a_batch_without_outcomes_says_that_errors_were_not_checked(policy):
    found = judged(policy, applications(1_500, 24).drop(columns="outcome"))

    for name in ("auto_error_rate", "fnr_auto", "base_rate", "brier", "calibration_slope"):
        assert (found.line(name).state, found.line(name).reason) == (State.NO_DATA, "no outcome is known yet")
    assert found.verdict.state is Held.HOLDS
    assert found.verdict.sentence.endswith("No outcome is known yet, so errors could not be checked.")


def test_a_column_that_is_missing_or_holds_text_is_told(policy):
    frame = applications(1_500, 25)
    without = judged(policy, frame.drop(columns=["amount", "sex"]))

    assert [line.key for line in without.lines if line.name == "column"] == [
        ("column", "amount", ""), ("column", "sex", "")
    ]  # fmt: skip
    assert without.line("groups", "sex").state is State.NO_DATA
    assert without.verdict.state is Held.WATCH
    assert "amount: the batch has no such column (and 1 more column)" in without.verdict.sentence

    text = judged(policy, frame.assign(amount="much"))
    assert text.line("column", "amount").counts
    assert text.verdict.sentence == (
        "The signed policy no longer holds: amount: it holds text where the policy knows numbers."
    )


def test_the_words_name_routes_approvals_errors_and_outcomes_first(policy):
    frame = applications(700, 26)
    bad = frame.assign(score=0.5 + frame["score"] / 6, outcome="lost")
    found = judged(policy, bad).verdict

    shares = {k: f"{round(100 * a / b)} %" for k, (a, b) in expected_shares(signed_data().frame).items()}
    # Nothing is decided automatically, so no decision is wrong.
    assert found.reasons[:3] == (
        f"100 % go to a person, {shares['review_rate']} was signed",
        f"100 % are approved at the model’s own line, {shares['selection_rate']} was signed",
        f"0 % of the known outcomes are favourable, {shares['base_rate']} was signed",
    )
    assert found.sentence == f"The signed policy no longer holds: {'; '.join(found.reasons)}."


def test_a_policy_that_still_holds_is_said_to(policy):
    found = judged(policy, applications(1_500, 27)).verdict

    assert found.state is Held.HOLDS
    assert found.sentence.startswith("The signed policy holds: ")
    assert found.counted == 0


SUBJECTS = (
    (SIGNED, "The signed policy no longer holds: ", "The signed policy holds: ", "signed"),
    (TODAY, "Today’s band would no longer hold: ", "Today’s band would hold: ", "measured"),
    (
        not_in_force(3, is_signed=True), "Version 3, which is not in force, no longer holds: ",
        "Version 3, which is not in force, holds: ", "signed",
    ),
    (
        not_in_force(3, is_signed=False), "Version 3, which is not in force, would no longer hold: ",
        "Version 3, which is not in force, would hold: ", "measured",
    ),
    (
        None, "Version 1, which is not in force, would no longer hold: ",
        "Version 1, which is not in force, would hold: ", "measured",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("subject", "breaks", "holds", "past"), SUBJECTS)
def test_the_sentence_speaks_of_what_is_judged(policy, subject, breaks, holds, past):
    frame = applications(1_500, 27)
    bad = judged(policy, frame.assign(score=0.5 + frame["score"] / 6, outcome="lost"), subject=subject)
    good = judged(policy, frame, subject=subject)

    assert bad.verdict.sentence.startswith(breaks)
    assert bad.verdict.sentence.count(f"was {past}") == len(bad.verdict.reasons) == 4
    assert good.verdict.sentence.startswith(holds)
    other = "measured" if past == "signed" else "signed"
    assert other not in (bad.verdict.sentence + good.verdict.sentence).replace("The signed policy", "")
    is_signed = subject is not None and subject.is_signed
    assert (bad.signed, bad.to_json()["policy"]["signed"]) == (is_signed, is_signed)


def test_a_draft_with_too_few_rows_has_nothing_against_it(policy):
    found = judged(policy, applications(40, 32), subject=not_in_force(3, is_signed=False)).verdict

    assert found.sentence.startswith("Nothing speaks against version 3, which is not in force, but ")


def test_too_few_rows_settle_nothing(policy):
    found = judged(policy, applications(40, 32)).verdict

    assert found.state is Held.UNSURE
    assert found.sentence.startswith("Nothing speaks against the signed policy, but ")
    assert f"{found.too_few} of {found.judged} lines have too few rows to tell" in found.sentence


def test_a_batch_without_rows_settles_nothing(policy):
    found = judged(policy, applications(40, 28).iloc[:0])

    assert found.verdict.state is Held.UNSURE
    assert found.verdict.sentence == "There is nothing to judge: the batch has no rows."
    assert {line.state for line in found.lines} == {State.NO_DATA, State.NO_ROWS}


def test_a_lone_breach_among_many_lines_may_be_chance_and_stays_visible(policy):
    frame = applications(1_500, 27)
    few = frame.index[frame["sex"].isna()]
    frame.loc[few, "score"] = 0.9
    line = judged(policy, frame).line("auto_approve_rate", "sex", "(missing)")
    assert (line.state, line.within_chance) == (State.BREACH, False)

    frame.loc[few[: len(few) // 2], "score"] = 0.1
    found = judged(policy, frame)
    line = found.line("review_rate", "sex", "(missing)")
    assert line.state is State.BREACH
    weak = [x for x in found.lines if x.within_chance]
    for x in weak:
        assert x.state is State.BREACH
        assert x.p_adjusted > 0.05
        assert x.reason.startswith("it may be chance among ")
    assert len(weak) == found.verdict.within_chance


def test_limits_are_known_before_any_batch(policy):
    lines = {line.key: line for line in limits_of(policy)}

    review = lines["review_rate", "", ""]
    assert review.limits == (
        pytest.approx(review.signed.value - review.tolerance), pytest.approx(review.signed.value + review.tolerance)
    )  # fmt: skip
    assert lines["psi", "amount", ""].limits == (None, 0.25)
    assert {line.state for line in lines.values()} == {State.NO_DATA, State.NO_ROWS}
    assert ("review_rate", "age", "[50, inf)") in lines


def test_counts_for_another_policy_are_refused(policy, moved):
    other = make_policy(band=ReviewBand(0.3, 0.5, 0.7))

    with pytest.raises(InvalidChoice, match="counted for another policy"):
        judge_batch(other, counted(policy, moved))


def test_a_report_is_plain_json_and_the_same_twice(policy, moved):
    texts = [json.dumps(judged(policy, moved).to_json(), allow_nan=False) for _ in range(2)]

    assert texts[0] == texts[1]


def test_weighted_shares_have_the_interval_of_their_effective_rows():
    data = signed_data()
    frame = data.frame.assign(w=1.0 + (data.frame["age"] % 3))
    policy = make_policy(dataset_from_frame(frame, ROLES.with_(weight="w")))
    batch = applications(400, 29, shift=0.2)
    w = 1.0 + (batch["age"] % 4)
    line = judged(policy, batch.assign(w=w)).line("auto_approve_rate")

    share = (w * (batch["score"] >= 0.7)).sum() / w.sum()
    size = w.sum() ** 2 / (w**2).sum()
    assert line.batch.value == pytest.approx(share)
    z = 1.959963984540054
    centre = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z * math.sqrt(share * (1 - share) / size + z**2 / (4 * size**2)) / (1 + z**2 / size)
    assert (line.batch.low, line.batch.high) == (pytest.approx(centre - half), pytest.approx(centre + half))
    assert line.counts


def test_a_column_of_one_value_says_that_its_index_cannot_move():
    data = signed_data()
    policy = make_policy(dataset_from_frame(data.frame.assign(amount=5.0), ROLES))
    line = judged(policy, applications(500, 30).assign(amount=5.0)).line("psi", "amount")

    assert (line.batch.value, line.reason) == (0.0, "all values lie in one cell, so this index cannot move")
