"""The log of batches in a real store: what a breach leads to, the series, late outcomes, rows that are kept."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice, InvalidRecord, NotAllowed
from rai_dash.core.settings import get_settings
from rai_dash.core.types import ReviewBand
from rai_dash.govern.desk import Desk
from rai_dash.govern.monitor.breaches import slice_of
from rai_dash.govern.monitor.counting import batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.lines import Held
from rai_dash.govern.monitor.log import MonitorLog
from rai_dash.govern.monitor.parts import count_parts
from rai_dash.govern.monitor.subject import SIGNED
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.problems import ProblemDesk, Source, Status
from tests.policies import PEOPLE, bring_into_force, store_in
from tests.unit.govern.desk_story import Clock
from tests.unit.govern.monitor_story import applications, judged, make_policy, portfolio_of, table

ANA = PEOPLE[0]
NAME = "small-loans"


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Stores with the policy in force, one that suspends and one that does not; made once, copied for each test."""
    found = {}
    for suspends in (False, True):
        found[suspends] = tmp_path_factory.mktemp(f"suspends_{suspends}")
        with store_in(found[suspends]) as store:
            bring_into_force(store, make_policy(suspend_on_breach=suspends))
    return found


@pytest.fixture
def store(request, places, tmp_path):
    place = tmp_path / "store"
    shutil.copytree(places[getattr(request, "param", False)], place)
    with store_in(place) as opened:
        yield opened


@pytest.fixture
def empty(tmp_path):
    with store_in(tmp_path) as opened:
        yield opened


suspending = pytest.mark.parametrize("store", [True], indirect=True)


def in_force(store):
    return Desk(store, ANA).policy(NAME, 1)


def record(log, policy, frame, label="", **more):
    batch = batch_of(policy, table(frame))
    counts = count_batch(policy, batch)
    report = judge_batch(policy, counts, rows=batch, label=label)
    return log.record(policy, counts, report, batch=batch, label=label, **more)


def broken(seed=41, n=600):
    return applications(n, seed, shift=0.2)


def kinds(store):
    return [record.kind for record in store.records()]


@suspending
def test_a_batch_that_holds_is_one_entry_and_nothing_else(store):
    policy = in_force(store)
    before = len(kinds(store))

    run = record(MonitorLog(store, ANA), policy, applications(900, 40), "June", period="2026-06")

    assert kinds(store)[before:] == ["monitor.run"]
    assert (run.verdict, run.suspended, run.problems) == (Held.HOLDS, False, ())
    assert (run.label, run.rows, run.period, run.who, run.kept_rows) == ("June", 900, "2026-06", "Ana", None)
    assert run.line("review_rate").n == 900
    assert store.verify() == []


@suspending
def test_a_breach_opens_problems_and_suspends_without_anybody(store):
    policy = in_force(store)

    run = record(MonitorLog(store, None), policy, broken(), "July")

    status = Desk(store, ANA).find(f"{NAME}@active")
    report = judged(policy, broken())
    assert (run.verdict, run.suspended, run.who) == (Held.BREACH, True, None)
    assert status.suspended == report.verdict.sentence
    last = Desk(store, ANA).standing(NAME).events[-1]
    assert (last.kind, last.who) == ("policy.suspend", "The monitor")
    problems = ProblemDesk(store, ANA).problems()
    assert [p.id for p in problems] == list(run.problems)
    wrong = [x for x in report.lines if x.counts and x.family == "groups" and x.name == "auto_error_rate"]
    wrong.sort(key=lambda x: -abs(x.batch.value - x.signed.value))
    expected = ["everyone", *(f"{x.column}/{x.group}" for x in wrong[:3])]
    assert len(wrong) > 0
    assert [p.cause for p in problems] == [f"monitor/{NAME}/{whom}" for whom in expected]
    everyone, *groups = problems
    signed = policy.monitoring.error
    assert (everyone.slice.terms, everyone.tolerance) == ((), signed.high)
    frame = applications(1_500, 1)
    is_wrong = (frame["score"] >= 0.5) != (frame["outcome"] == "repaid")
    assert signed.value == pytest.approx(is_wrong.mean(), abs=1e-12)
    assert all(len(p.slice.terms) == 1 and p.tolerance is None for p in groups)
    assert {p.source for p in problems} == {Source.MONITOR}
    assert all(p.scope.policy_id == NAME and run.batch_sha256 in p.scope.data for p in problems)
    assert store.verify() == []


@suspending
def test_a_second_breach_is_seen_at_the_same_problems_and_suspends_no_more(store):
    policy = in_force(store)
    log = MonitorLog(store, ANA)
    first = record(log, policy, broken(), "July")

    second = record(log, policy, broken(42), "August")

    assert set(first.problems) & set(second.problems)
    causes = [p.cause for p in ProblemDesk(store, ANA).problems()]
    assert len(causes) == len(set(causes))
    assert (second.suspended, kinds(store).count("policy.suspend")) == (False, 1)


def test_a_problem_that_was_closed_as_none_stays_closed(store):
    policy = in_force(store)
    log, desk = MonitorLog(store, ANA), ProblemDesk(store, ANA)
    first = record(log, policy, broken(), "July")
    desk.status(first.problems[0], Status.NOT_A_PROBLEM, reason="It was a campaign for students in July.")

    record(log, policy, broken(42), "August")

    assert desk.problem(first.problems[0]).status is Status.NOT_A_PROBLEM


def test_without_the_policys_word_nothing_is_suspended(store):
    policy = in_force(store)

    run = record(MonitorLog(store, ANA), policy, broken(), "July")

    assert (run.verdict, run.suspended) == (Held.BREACH, False)
    assert run.problems
    assert Desk(store, ANA).find(f"{NAME}@active").suspended is None


def test_a_draft_is_looked_at_and_nothing_follows(empty):
    policy = make_policy(suspend_on_breach=True)
    Desk(empty, ANA).draft(policy)
    stored = Desk(empty, ANA).policy(NAME, 1)

    run = record(MonitorLog(empty, ANA), stored, broken(), "July")

    assert (run.verdict, run.suspended, run.problems) == (Held.BREACH, False, ())


def test_outcomes_that_come_late_take_the_place_of_the_first_run(store):
    policy = in_force(store)
    log, frame = MonitorLog(store, ANA), applications(500, 43)
    record(log, policy, frame.drop(columns="outcome"), "June")
    record(log, policy, applications(400, 44), "July")

    late = record(log, policy, frame, "June")

    assert [run.label for run in log.runs(NAME)] == ["June", "July", "June"]
    assert [(run.label, run.outcomes, run.seq) for run in log.series(NAME)] == [
        ("June", 500, late.seq), ("July", 400, log.runs(NAME)[1].seq)
    ]  # fmt: skip
    assert log.runs(NAME)[0].key == late.key


def test_a_series_goes_by_its_periods_where_all_have_one(store):
    policy = in_force(store)
    log = MonitorLog(store, ANA)
    for seed, period in ((45, "2026-08"), (46, "2026-06"), (47, "2026-07")):
        record(log, policy, applications(100, seed), f"batch {seed}", period=period)

    assert [run.period for run in log.series(NAME)] == ["2026-06", "2026-07", "2026-08"]


def test_the_total_is_the_batch_of_all_rows(store):
    policy = in_force(store)
    log = MonitorLog(store, ANA)
    assert log.total(NAME) is None
    whole = applications(900, 48)
    record(log, policy, whole.iloc[:300].drop(columns="outcome"), "a")
    record(log, policy, whole.iloc[300:], "b")
    record(log, policy, whole.iloc[:300], "a")

    total = log.total(NAME)

    once = judged(policy, whole)
    assert (total.rows, total.batches) == (900, 2)
    assert [(x.key, x.state, x.batch.numerator) for x in total.lines if x.family != "calibration"] == [
        (x.key, x.state, x.batch.numerator) for x in once.lines if x.family != "calibration"
    ]


def test_batches_of_a_version_with_another_band_do_not_enter_its_total(store):
    policy = in_force(store)
    log = MonitorLog(store, ANA)
    record(log, policy, applications(200, 49), "a")
    Desk(store, ANA).draft(make_policy(band=ReviewBand(0.3, 0.5, 0.7)))
    later = Desk(store, ANA).policy(NAME, 2)
    record(log, later, applications(150, 50), "b")

    assert (log.total(NAME).rows, log.total(NAME).version) == (150, 2)
    assert log.total(NAME, 1).rows == 200


def test_one_table_under_two_labels_is_refused(store):
    policy = in_force(store)
    log = MonitorLog(store, ANA)
    record(log, policy, applications(100, 51), "June")

    with pytest.raises(InvalidChoice, match="as “June”: under another label its rows would count twice"):
        record(log, policy, applications(100, 51), "July")
    assert record(log, policy, applications(100, 51), "June").label == "June"


def test_report_and_counts_come_back(store):
    policy = in_force(store)
    log, frame = MonitorLog(store, ANA), broken()

    run = record(log, policy, frame, "July")

    batch = batch_of(policy, table(frame))
    report = judge_batch(policy, count_batch(policy, batch), rows=batch, label="July", subject=SIGNED)
    assert log.report_of(run) == json.loads(json.dumps(report.to_json()))
    assert log.counts_of(run).n == len(frame)


@suspending
def test_the_record_speaks_of_the_version_as_it_stands_when_it_is_written(store):
    """Judged as a draft that nobody has signed, and written down once it is in force."""
    policy = in_force(store)
    log, frame = MonitorLog(store, ANA), broken()
    batch = batch_of(policy, table(frame))
    counts = count_batch(policy, batch)
    report = judge_batch(policy, counts, rows=batch)
    assert report.verdict.sentence.startswith("Version 1, which is not in force, would no longer hold: ")

    run = log.record(policy, counts, report, batch=batch, label="July")

    kept = log.report_of(run)
    assert kept["policy"]["signed"] is True
    assert kept["verdict"]["sentence"].startswith("The signed policy no longer holds: ")
    assert Desk(store, ANA).find("small-loans@1").suspended == kept["verdict"]["sentence"]
    assert kept["lines"] == json.loads(json.dumps(report.to_json()["lines"]))
    assert log.total(NAME).verdict.sentence == kept["verdict"]["sentence"]


def test_a_draft_in_the_store_is_told_of_as_one(store):
    policy = in_force(store)
    draft = Desk(store, ANA).draft(policy.model_copy(update={"version": 2, "title": "Anew"}))
    second = Desk(store, ANA).policy(NAME, draft.version)
    log = MonitorLog(store, ANA)

    run = record(log, second, broken(), "July")

    kept = log.report_of(run)
    assert (run.suspended, run.problems, kept["policy"]["signed"]) == (False, (), False)
    assert kept["verdict"]["sentence"].startswith("Version 2, which is not in force, would no longer hold: ")
    assert log.total(NAME, 2).verdict.sentence == kept["verdict"]["sentence"]


def test_nobody_below_an_analyst_records(store):
    policy = in_force(store)
    expert = Person(name="Eva", subject="Eva", role=AppRole.EXPERT)

    before = len(kinds(store))
    with pytest.raises(NotAllowed, match="Recording a batch"):
        record(MonitorLog(store, expert), policy, broken(), "July")
    assert len(kinds(store)) == before


def test_a_policy_that_is_not_the_stores_is_refused(store):
    in_force(store)
    other = make_policy(band=ReviewBand(0.3, 0.5, 0.7))

    with pytest.raises(InvalidChoice, match="small-loans@1 in this store is not the policy"):
        record(MonitorLog(store, ANA), other, broken(), "July")


@pytest.mark.parametrize("period", ["", "a\nb", "x" * 41, "= 1"])
def test_a_period_is_no_free_text(store, period):
    policy = in_force(store)

    with pytest.raises(InvalidRecord, match="period"):
        record(MonitorLog(store, ANA), policy, broken(), "July", period=period)
    assert "monitor.run" not in kinds(store)
    assert not ProblemDesk(store, ANA).problems()


@suspending
def test_no_name_of_an_applicant_and_no_label_stands_in_the_chain(store):
    policy = in_force(store)
    frame = broken()
    frame.loc[0, "purpose"] = "Zoë Applicantword"

    run = record(MonitorLog(store, ANA), policy, frame, "Labelword of July")

    chain = json.dumps([record.body for record in store.records()])
    kept = json.dumps(
        [MonitorLog(store, ANA).report_of(run), MonitorLog(store, ANA).counts_of(run).to_json()]
    )
    assert "Applicantword" not in chain + kept
    assert "(rare)" in kept
    assert "Labelword" not in chain
    assert run.line("new_categories", "purpose").k == 1


def test_a_batch_is_found_by_its_key_when_its_label_was_erased(store):
    policy = in_force(store)
    log = MonitorLog(store, ANA)
    run = record(log, policy, applications(100, 52), "June")
    body = json.loads(store.records(kinds={"monitor.run"})[0].body)
    store.erase([body["label"]["sealed"]], reason="gdpr-17", actor="local")

    found = log.series(NAME)[0]

    assert (found.label, found.key) == ("(erased)", run.key)


def test_rows_are_kept_only_where_the_operator_said_so_and_for_so_long(store, monkeypatch):
    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "true")
    monkeypatch.setenv("RAI_DASH_BATCH_DAYS", "10")
    get_settings.cache_clear()
    clock = Clock()
    clock.on(days=400)
    sees = Person(name="Ana", subject="Ana", role=AppRole.OPERATOR, sees_rows=True)
    log = MonitorLog(store, sees, clock)
    policy = in_force(store)
    frame = applications(50, 53).assign(score_=1.5)

    run = record(log, policy, frame, "June")
    kept, score = log.rows_of(run)

    assert kept.drop(columns="amount").equals(table(frame).frame.drop(columns="amount"))
    assert np.array_equal(score, frame["score"])
    with pytest.raises(NotAllowed):
        MonitorLog(store, ANA, clock).rows_of(run)
    clock.at = run.at + timedelta(days=10, seconds=1)
    assert log.rows_of(run) is None
    monkeypatch.undo()
    get_settings.cache_clear()


def test_what_is_told_of_one_group_is_a_problem_of_that_group():
    policy = make_policy()
    frame = applications(2_500, 54)
    frame.loc[frame["sex"].isna(), "score"] = 0.9
    lines = [x for x in judged(policy, frame).lines if x.counts and x.family == "groups"]

    assert {x.group for x in lines} == {"(missing)"}
    assert [t.kind for t in slice_of(lines).terms] == ["blank"]
    assert slice_of([lines[0], judged(policy, frame).line("review_rate")]).terms == ()


def test_of_a_batch_that_was_counted_where_it_lies_no_rows_are_kept_and_nothing_is_tried_on_them(
    store, monkeypatch
):
    """Its rows are not here, and what a sample of them says is not written down as the batch."""
    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "true")
    get_settings.cache_clear()
    tried, policy, frame = [], in_force(store), broken()
    log = MonitorLog(store, ANA, on_record=lambda *given: tried.append(given))
    facts, counts = count_parts(policy, portfolio_of([frame.iloc[:200], frame.iloc[200:]]))
    report = judge_batch(policy, counts, notices=facts.notices, label="November")

    run = log.record(policy, counts, report, batch=facts, label="November")

    assert (run.rows, run.batch_sha256, run.kept_rows) == (600, facts.sha256, None)
    assert tried == []
    assert log.counts_of(run).n == 600
    assert run.problems  # what counts say leads to what it always leads to
    get_settings.cache_clear()
