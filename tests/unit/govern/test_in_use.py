"""What the records say about the use of a policy, and the answers that rest on it; every count is of the test's own."""

from __future__ import annotations

import pytest

from rai_dash.govern.desk import Desk
from rai_dash.govern.in_use import in_use
from rai_dash.govern.monitor.counting import batch_of, count_batch
from rai_dash.govern.monitor.judging import judge_batch
from rai_dash.govern.monitor.lines import Held
from rai_dash.govern.monitor.log import MonitorLog
from rai_dash.govern.monitor.subject import SIGNED
from rai_dash.govern.problems import ProblemDesk, ProblemScope
from rai_dash.govern.questions import AnswerState, Facts, InUse, answers
from tests.policies import PEOPLE, bring_into_force, store_in
from tests.unit.govern.monitor_story import applications, make_policy, table
from tests.unit.govern.queue_story import QueueStory, rows_kept

NAME = "small-loans"
WATCHED = {"P2", "R3"}


def record(store, policy, frame, label):
    batch = batch_of(policy, table(frame))
    counts = count_batch(policy, batch)
    report = judge_batch(policy, counts, rows=batch, label=label, subject=SIGNED)
    return MonitorLog(store, None).record(policy, counts, report, batch=batch, label=label)


def told(store, use, version=1):
    desk = Desk(store, PEOPLE[0])
    facts = Facts(
        standing=desk.standing(NAME), version=version, policy=desk.policy(NAME, version), use=use, n_records=9
    )
    return {a.question.code: a for a in answers(facts)}


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """A policy with a batch that holds, then one that breaks its limits."""
    with store_in(tmp_path_factory.mktemp("used")) as store:
        bring_into_force(store, make_policy())
        policy = Desk(store, PEOPLE[0]).policy(NAME, 1)
        before = in_use(store, policy)
        held = record(store, policy, applications(2000, 31), "secret label of October")
        between = in_use(store, policy)
        broken = record(store, policy, applications(2000, 32, shift=0.2), "November")
        yield store, policy, before, between, held, broken


def test_before_any_batch_the_answers_say_that_nothing_is_known_from_use(used):
    store, _, before, *_ = used

    assert before == InUse()
    found = told(store, before)
    assert {code for code in found if "No batch has been recorded yet" in found[code].words} == WATCHED
    assert {found[code].state for code in WATCHED} == {AnswerState.PARTLY}
    assert "No review queue has been filled yet" in found["P1"].words
    assert "No problem has been recorded yet" in found["R6"].words


def test_a_batch_on_enough_rows_answers_what_is_known_during_use(used):
    store, _, _, between, held, _ = used

    assert (between.batches, between.applications, between.outcomes) == (1, 2000, 2000)
    assert between.newest is held.verdict
    assert between.group_figures == sum(
        line.family in {"groups", "gaps"} and line.state in {"ok", "watch", "breach"} for line in held.lines
    )
    found = told(store, between)
    assert (
        "1 batch with 2,000 applications, 2,000 of them with an outcome, has been held against it"
        in found["R3"].words
    )
    assert (held.seq, store.get(held.seq).hash) in {(e.seq, e.hash) for e in found["P2"].evidence}


def test_a_breach_is_an_answer_and_says_what_it_is(used):
    store, policy, _, _, _, broken = used

    use = in_use(store, policy)

    assert (use.batches, use.applications, use.newest) == (2, 4000, Held.BREACH)
    assert use.groups_outside == sum(
        line.family in {"groups", "gaps"} and line.state == "breach" and line.counts for line in broken.lines
    )
    assert use.groups_outside > 0
    assert (use.problems, use.problems_open) == (len(broken.problems), len(broken.problems))
    found = told(store, use)
    assert "the newest one breaks the limits that were signed" in found["R3"].words
    assert f"{len(broken.problems)} problems are on record" in found["R6"].words


def test_figures_on_too_few_rows_do_not_answer(tmp_path):
    with store_in(tmp_path) as store:
        bring_into_force(store, make_policy())
        policy = Desk(store, PEOPLE[0]).policy(NAME, 1)
        record(store, policy, applications(60, 33), "October")

        use = in_use(store, policy)

        assert use.groups_settled < use.group_figures
        found = told(store, use)
        assert found["P2"].state is AnswerState.PARTLY
        assert "on too few rows" in found["P2"].words


def test_whole_answers_need_every_group_figure_settled_and_an_approval(used):
    store, *_ = used
    whole = InUse(
        batches=1, applications=9000, outcomes=9000, newest=Held.HOLDS, group_figures=8, groups_settled=8
    )  # fmt: skip
    one_open = InUse(
        batches=1, applications=9000, outcomes=9000, newest=Held.HOLDS, group_figures=8, groups_settled=7
    )  # fmt: skip
    unsure = InUse(batches=1, applications=40, newest=Held.UNSURE)

    assert {told(store, whole)[code].state for code in WATCHED} == {AnswerState.ANSWERED}
    assert told(store, one_open)["P2"].state is AnswerState.PARTLY
    assert {told(store, unsure)[code].state for code in WATCHED} == {AnswerState.PARTLY}
    assert "none of them with an outcome" in told(store, unsure)["R3"].words


def test_batches_of_another_version_say_nothing_about_this_one(used):
    store, policy, *_ = used

    other = in_use(store, policy.numbered(2, "f" * 64))

    assert (other.batches, other.newest, other.monitored) == (0, None, ())


def test_problems_of_other_data_and_policies_do_not_count(tmp_path):
    from rai_dash.data.slices import parse_slice

    with store_in(tmp_path) as store:
        bring_into_force(store, make_policy())
        policy = Desk(store, PEOPLE[0]).policy(NAME, 1)
        desk = ProblemDesk(store, None)
        own = desk.open("Ours", parse_slice("age < 25"), scope=ProblemScope(policy_id=NAME))
        desk.open("Theirs", parse_slice("age < 30"), scope=ProblemScope(policy_id="other-loans"))
        desk.status(own.id, "not a problem", reason="It was looked at with two colleagues and is by design.")

        use = in_use(store, policy)

        assert (use.problems, use.problems_open) == (1, 0)


def test_what_people_settled_in_the_queue_is_counted(tmp_path, monkeypatch):
    rows_kept(monkeypatch)
    with store_in(tmp_path) as store:
        story = QueueStory(store, n=20, audit=0.4, second=0.0)
        policy = Desk(store, PEOPLE[0]).policy("consumer-loans", 1)
        story.decide("Bea")
        story.decide("Bea", "refuse")
        n = len(story.now().cases)

        use = in_use(store, policy, clock=story.clock)

        assert (use.cases, use.settled, use.read_twice) == (n, 2, 0)
        assert [e.seq for e in use.decided] == [story.now().seq]


def test_no_answer_repeats_the_label_of_a_batch(used):
    store, policy, *_ = used

    words = " ".join(
        a.words + " ".join(e.words for e in a.evidence) for a in told(store, in_use(store, policy)).values()
    )

    assert "secret label" not in words
    assert "November" not in words


def test_kept_rows_of_batches_are_told_as_set():
    kept, not_kept = (
        next(a.words for a in answers(Facts(batch_days=days)) if a.question.code == "P7") for days in (90, 0)
    )

    assert "Rows of recorded batches and of review queues are kept for 90 days." in kept
    assert "Rows of batches are not kept, only counts." in not_kept
