"""The life of a case: filled, taken, decided blind, revealed, decided; and what nobody may see before."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter

import numpy as np
import pytest

from rai_dash.core.errors import InvalidChoice, InvalidRecord, NotAllowed
from rai_dash.govern.desk import Desk
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.queue.bodies import Decision
from rai_dash.govern.queue.desk import LEASE
from rai_dash.govern.queue.views import BlindCase, Revealed
from rai_dash.govern.rollout import takes_part
from tests.unit.govern.desk_story import CAST, LOANS, REASON
from tests.unit.govern.queue_story import ANA, QueueStory, batch, policy_in_force, reader, rows_kept

pytestmark = pytest.mark.usefixtures("quick_disk", "keeping")


@pytest.fixture
def story(store) -> QueueStory:
    return QueueStory(store)


def by_hand(story: QueueStory):
    """Routes by the published rule, in plain Python."""
    return ["r" if s < 0.35 else "v" if s < 0.7 else "a" for s in story.score]


def test_everybody_in_the_band_is_in_the_queue_and_a_share_of_the_others(story):
    rows = story.at(ANA).rows(story.id)
    routes = by_hand(story)
    there = dict(zip(rows.row.tolist(), story.filled.fill.routes, strict=True))
    assert {row for row, route in enumerate(routes) if route == "v"} == {
        r for r, x in there.items() if x == "v"
    }
    assert all(routes[row] == route for row, route in there.items())
    assert story.filled.fill.batch_routes == tuple(Counter(routes)[x] for x in "rva")
    audited = [row for row, route in there.items() if route != "v"]
    assert 0 < len(audited) < routes.count("r") + routes.count("a")


def test_the_share_that_is_audited_is_the_one_asked_for(store):
    rows_kept_all = QueueStory(store, n=2000, audit=1.0, second=1.0)
    assert len(rows_kept_all.filled.cases) == 2000
    assert all(case.two_reads for case in rows_kept_all.filled.cases)
    dataset, score = batch(3000, seed=8)
    some = rows_kept_all.at(ANA).fill(LOANS, dataset, score, audit_share=0.1, second_share=0.25)
    automatic = sum(1 for s in score if not 0.35 <= s < 0.7)
    audited = sum(case.is_audit for case in some.cases)
    # Four standard deviations of the lot.
    assert abs(audited - 0.1 * automatic) < 4 * np.sqrt(0.09 * automatic)
    twice = sum(case.two_reads for case in some.cases)
    assert abs(twice - 0.25 * len(some.cases)) < 4 * np.sqrt(0.1875 * len(some.cases))


def test_the_number_of_a_case_tells_nothing_about_its_route_or_row(store):
    story = QueueStory(store, n=3000, audit=0.5)
    rows = story.at(ANA).rows(story.id)
    place = np.arange(rows.row.size)
    is_audit = np.array([route != "v" for route in story.filled.fill.routes])
    # Correlations of independent orders: within four standard errors of nothing.
    for other in (rows.row, rows.score, is_audit):
        assert abs(np.corrcoef(place, other)[0, 1]) < 4 / np.sqrt(rows.row.size)


def test_a_case_shows_nothing_but_the_application_before_it_is_decided(story):
    seen = story.at("Bea").next_case(story.id)
    assert isinstance(seen, BlindCase)
    assert {f.name for f in dataclasses.fields(seen)} == {
        "queue",
        "case",
        "values",
        "withheld",
        "codes",
        "taken_at",
        "until",
    }
    assert set(seen.values) == {"number", "income", "purpose"}
    assert seen.withheld == ("gender",)
    row = story.dataset.frame.set_index("number").loc[seen.values["number"]]
    assert (seen.values["income"], seen.values["purpose"]) == (str(row["income"]), row["purpose"])


def test_the_model_is_shown_after_the_blind_decision_is_in_the_store(story):
    seen = story.at("Bea").next_case(story.id)
    shown = story.at("Bea").decide_blind(story.id, seen.case, "approve")
    assert isinstance(shown, Revealed)
    at = story.at(ANA).rows(story.id).row[seen.case]
    assert (shown.row, shown.score) == (at, story.score[at])
    names = {"r": ("reject", "below_lo"), "v": ("review", "in_band"), "a": ("approve", "at_or_above_hi")}
    assert (shown.route, shown.reason) == names[by_hand(story)[at]]
    assert shown.side is bool(story.score[at] >= 0.5)
    last = story.store.records()[-1]
    assert (last.kind, last.content["decision"]) == ("queue.blind", "approve")


def test_the_chain_holds_no_value_of_an_applicant(story):
    story.decide("Bea", "refuse")
    told = json.dumps(
        [record.content for record in story.store.records() if record.kind.startswith("queue.")]
    )
    assert "L-5-" not in told
    assert "calc" not in told
    for value in story.dataset.frame["income"].astype(str):
        assert f'"{value}"' not in told
    assert story.store.verify() == []


def test_two_people_who_take_at_once_get_two_cases(story):
    taken = [story.at(name).next_case(story.id).case for name in ("Bea", "Cem", "Dan", "Eva")]
    assert len(set(taken)) == 4
    assert story.at("Bea").next_case(story.id).case == taken[0]


def test_a_case_that_nobody_decides_in_time_goes_to_somebody_else(story):
    kept = story.at("Bea").next_case(story.id)
    story.clock.on(minutes=29)
    with_cem = {story.decide("Cem", seconds=0, pause=0) for _ in range(len(story.filled.cases) + 5)}
    assert kept.case not in with_cem
    story.clock.at = kept.until
    assert kept.case in story.work_off("Cem")
    with pytest.raises(InvalidChoice, match="not with you"):
        story.at("Bea").decide_blind(story.id, kept.case, "approve")


def test_a_case_that_is_given_back_is_free_at_once(story):
    kept = story.at("Bea").next_case(story.id)
    story.at("Bea").release(story.id, kept.case)
    assert kept.case in story.work_off("Cem")


def test_what_was_decided_blind_waits_for_its_reader(story):
    first = story.at("Bea").next_case(story.id)
    story.at("Bea").decide_blind(story.id, first.case, "approve")
    story.clock.on(minutes=5)
    again = story.at("Bea").next_case(story.id)
    assert isinstance(again, Revealed)
    assert (again.case, again.own.decision) == (first.case, Decision.APPROVE)
    with pytest.raises(InvalidChoice, match="already"):
        story.at("Bea").decide_blind(story.id, first.case, "refuse", codes=["other"])
    with pytest.raises(InvalidChoice, match="stays recorded"):
        story.at("Bea").release(story.id, first.case)


def test_a_blind_decision_is_kept_when_its_reader_never_comes_back(story):
    first = story.at("Bea").next_case(story.id)
    story.at("Bea").decide_blind(story.id, first.case, "approve")
    story.clock.on(seconds=LEASE.total_seconds())
    assert first.case in story.work_off("Cem", "refuse")
    case = story.now().cases[first.case]
    left = [r for r in case.reads if r.final is None]
    assert [r.blind.decision for r in left] == [Decision.APPROVE]
    # Who has said something about it cannot be its second reader.
    assert first.case not in story.work_off("Bea")


def test_nobody_reads_a_case_twice(story):
    mine = story.work_off("Bea")
    assert len(mine) == len(set(mine)) == len(story.filled.cases)
    waiting = [c.number for c in story.now().cases if c.due == 2]
    assert waiting == [c.number for c in story.now().cases if c.two_reads]
    assert story.at("Bea").next_case(story.id) is None
    assert story.at("  bea ").next_case(story.id) is None
    assert sorted(story.work_off("Cem")) == waiting


def test_two_who_agree_settle_a_case_and_two_who_do_not_need_a_third(store):
    story = QueueStory(store, second=1.0, n=12)
    story.work_off("Bea", "approve")
    number = story.decide("Cem", "approve")
    other = story.decide("Cem", "refuse")
    cases = story.now().cases
    assert (cases[number].due, cases[number].decision) == (None, Decision.APPROVE)
    assert (cases[other].due, cases[other].decision, cases[other].is_escalated) == (3, None, True)
    assert story.at("Bea").next_case(story.id) is None
    assert story.at("Dan").next_case(story.id) is not None
    story.decide("Dan", "refuse")
    for _ in range(len(cases)):
        story.decide("Dan", "refuse")
    settled = story.now().cases[other]
    assert (settled.decision, len(settled.finals)) == (Decision.REFUSE, 3)


def test_the_third_decides_blind_and_then_sees_both_without_names(store):
    story = QueueStory(store, second=1.0, n=12)
    story.work_off("Bea", "approve")
    conflict = story.decide("Cem", "refuse")
    desk = story.at("Dan")
    for _ in range(len(story.filled.cases) * 2):
        seen = desk.next_case(story.id)
        if seen.case == conflict:
            break
        desk.decide_blind(story.id, seen.case, "approve")
        # A second read: nothing of the first reader's.
        desk.decide(story.id, seen.case, codes=["other"])
    assert isinstance(seen, BlindCase)
    shown = desk.decide_blind(story.id, conflict, "cannot_say")
    assert [said.decision for said in shown.others] == [Decision.APPROVE, Decision.REFUSE]
    assert {said.name for said in shown.others} == {None}
    done = desk.decide(story.id, conflict, "approve", codes=["other"])
    assert (done.settled, done.changed) == (Decision.APPROVE, True)
    assert {said.name for said in done.others} == {"Bea", "Cem"}


def test_the_second_reader_is_told_nothing_of_the_first_before_their_own_final_decision(store):
    story = QueueStory(store, second=1.0, n=12)
    story.work_off("Bea", "approve")
    desk = story.at("Cem")
    seen = desk.next_case(story.id)
    shown = desk.decide_blind(story.id, seen.case, "refuse", codes=["other"])
    assert shown.others == ()
    with pytest.raises(NotAllowed):
        desk.queue(story.id)
    assert all(read.reader in {r.reader for c in desk.own(story.id).cases for r in c.reads}
               for c in desk.own(story.id).cases for read in c.reads)  # fmt: skip
    assert sum(len(c.reads) for c in desk.own(story.id).cases) == 1
    done = desk.decide(story.id, seen.case)
    assert [(said.decision, said.name) for said in done.others] == [(Decision.APPROVE, None)]


def test_who_cannot_say_calls_for_a_second_person(store):
    story = QueueStory(store, second=0.0, n=12)
    number = story.decide("Bea", "cannot_say")
    assert story.now().cases[number].due == 2
    story.work_off("Cem", "approve")
    assert story.now().cases[number].due == 3
    story.work_off("Dan", "cannot_say")
    assert story.now().cases[number].decision is Decision.CANNOT_SAY


def test_a_refusal_and_a_decision_against_the_model_take_a_reason(story):
    desk = story.at("Bea")
    seen = desk.next_case(story.id)
    with pytest.raises(InvalidRecord, match="takes a reason"):
        desk.decide_blind(story.id, seen.case, "refuse")
    with pytest.raises(InvalidRecord, match="no reason of this queue"):
        desk.decide_blind(story.id, seen.case, "refuse", codes=["made_up"])
    shown = desk.decide_blind(story.id, seen.case, "approve")
    against = "refuse" if shown.side else "approve"
    with pytest.raises(InvalidRecord, match="takes a reason"):
        desk.decide(story.id, seen.case, against)
    done = desk.decide(story.id, seen.case, against, codes=["model_misses"])
    assert done.override
    read = story.now().cases[seen.case].finals[0]
    assert (read.override, read.changed, read.final.codes) == (True, against == "refuse", ("model_misses",))


def test_the_final_decision_comes_after_the_blind_one(story):
    seen = story.at("Bea").next_case(story.id)
    with pytest.raises(InvalidChoice, match="blind first"):
        story.at("Bea").decide(story.id, seen.case, "approve")
    with pytest.raises(InvalidChoice, match="not with you"):
        story.at("Cem").decide_blind(story.id, seen.case, "approve")


def test_seconds_are_those_since_the_case_was_taken(story):
    number = story.decide("Bea", "approve", seconds=95)
    read = story.now().cases[number].finals[0]
    assert (read.blind.seconds, read.final.seconds) == (95, 10)
    seen = story.at("Bea").next_case(story.id)
    story.clock.on(seconds=30)
    story.at("Bea").decide_blind(story.id, seen.case, "approve", seconds=900)
    assert story.now().cases[seen.case].reads[0].blind.seconds <= 31


def test_a_note_is_sealed_and_can_be_erased(store):
    story = QueueStory(store, second=1.0, n=12)
    desk = story.at("Bea")
    seen = desk.next_case(story.id)
    desk.decide_blind(story.id, seen.case, "approve", note="Ms Müller called")
    assert "Müller" not in json.dumps([r.body for r in store.records()])
    ref = story.now().cases[seen.case].reads[0].blind.note.sealed
    assert store.texts([ref])[ref] == "Ms Müller called"
    store.erase([ref], reason="gdpr-17", actor="local")
    assert desk.next_case(story.id).own.note == "(erased)"


def test_who_may_not_see_rows_counts_without_a_value_of_an_application(story):
    blind = reader("Ada", AppRole.ANALYST, sees_rows=False)

    outcomes, rows = story.at(blind).facts(story.id)

    seen, whole = story.at(ANA).facts(story.id)
    assert outcomes.tolist() == seen.tolist()
    assert rows.frame.columns.tolist() == []
    assert np.isnan(rows.score).all()
    assert {name: index.codes.tolist() for name, index in rows.groups.items()} == {
        name: index.codes.tolist() for name, index in whole.groups.items()
    }
    assert whole.frame.shape[1] == 5


def test_who_may_not_see_rows_decides_nothing(story):
    with pytest.raises(NotAllowed):
        story.at(reader("Bea", sees_rows=False)).next_case(story.id)
    with pytest.raises(NotAllowed):
        story.at(reader("Vera", AppRole.VIEWER)).next_case(story.id)
    with pytest.raises(NotAllowed):
        story.at(reader("Bea")).accept(story.id, [0], reason="These are well founded.")
    dataset, score = batch(seed=9)
    with pytest.raises(NotAllowed):
        story.at("Bea").fill(LOANS, dataset, score)


def test_a_batch_is_filled_once(story):
    with pytest.raises(InvalidChoice, match="already"):
        story.at(ANA).fill(LOANS, story.dataset, story.score)


def test_without_kept_rows_the_setting_is_named(store, monkeypatch):
    story = QueueStory(store)
    rows_kept(monkeypatch, keep_batch_rows="false")
    dataset, score = batch(seed=9)
    with pytest.raises(InvalidChoice, match="RAI_DASH_KEEP_BATCH_ROWS"):
        story.at(ANA).fill(LOANS, dataset, score)


def test_only_the_signed_model_and_the_active_version_fill_a_queue(story):
    dataset, score = batch(seed=9)
    with pytest.raises(InvalidChoice, match="another model"):
        story.at(ANA).fill(LOANS, dataset, score, model="c" * 64)
    policy_in_force(story.store, story.clock, band={"lo": 0.2, "threshold": 0.5, "hi": 0.7})
    with pytest.raises(InvalidChoice, match="active version"):
        story.at(ANA).fill(f"{LOANS}@1", dataset, score, model="b" * 64)
    assert story.at(ANA).fill(f"{LOANS}@2", dataset, score, model="b" * 64).fill.version == 2


def test_rows_have_an_end_and_decisions_have_none(story):
    number = story.decide("Bea")
    story.clock.at = story.filled.fill.expires_at
    with pytest.raises(InvalidChoice, match="were deleted"):
        story.at("Cem").next_case(story.id)
    assert story.now().cases[number].finals[0].final is not None
    dataset, score = batch(seed=9)
    policy_in_force(story.store, story.clock, title="Consumer loans again")
    story.at(ANA).fill(LOANS, dataset, score)
    kinds = Counter(row.kind for row in artifacts_in(story.store))
    assert kinds["queue_rows"] == 1


def artifacts_in(store):
    from rai_dash.govern.artifacts import artifacts

    with store.reading() as connection:
        return list(connection.execute(artifacts().select()))


def test_the_same_application_is_drawn_in_every_batch_and_the_key_is_made_once(store):
    story = QueueStory(store, n=300, audit=0.3, second=0.3)
    dataset, score = batch(300)
    again = dataset.frame.sample(frac=1, random_state=1)
    from rai_dash.data.dataset import dataset_from_frame

    shuffled = dataset_from_frame(again, dataset.roles, name="again.csv")
    second = story.at(ANA).fill(LOANS, shuffled, score[again.index], audit_share=0.3, second_share=0.3)
    first = story.filled
    marks = [{q.mark(c.number): c.two_reads for c in q.cases} for q in (first, second)]
    assert marks[0] == marks[1]
    assert sum(record.kind == "queue.key" for record in store.records()) == 1


def test_settled_cases_are_accepted_with_a_reason_and_once(story):
    number = story.decide("Bea")
    while story.now().cases[number].due is not None:
        number = story.decide("Bea")
    with pytest.raises(InvalidRecord):
        story.at(ANA).accept(story.id, [number], reason="ok")
    open_case = next(c.number for c in story.now().cases if c.due == 1)
    with pytest.raises(InvalidChoice, match="not settled"):
        story.at(ANA).accept(story.id, [open_case], reason="These are well founded.")
    story.at(ANA).accept(story.id, [number], reason="These are well founded.")
    with pytest.raises(InvalidChoice, match="before"):
        story.at(ANA).accept(story.id, [number], reason="These are well founded.")


def test_a_list_counts_without_telling(store):
    story = QueueStory(store, second=1.0, n=12)
    n = len(story.filled.cases)
    line = story.at("Bea").lines()[0]
    assert (line.label, line.cases, line.settled, line.for_me) == ("October", n, 0, n)
    story.work_off("Bea")
    assert story.at("Bea").lines()[0].for_me == 0
    assert story.at("Cem").lines()[0].for_me == n
    story.decide("Cem", "refuse")
    line = story.at("Dan").lines()[0]
    assert (line.settled, line.waiting, line.escalated, line.for_me) == (0, n, 1, n)


def test_who_was_erased_could_be_anybody_so_the_case_is_said_to_be_blocked(store):
    story = QueueStory(store, second=1.0, n=12)
    number = story.decide("Bea")
    ref = story.now().cases[number].reads[0].reader
    store.erase([ref], reason="gdpr-17", actor="local")
    assert number not in story.work_off("Cem")
    assert story.at("Dan").lines()[0].blocked == 1


def test_a_second_book_of_another_process_sees_the_same(story):
    story.decide("Bea")
    from rai_dash.govern.queue.book import QueueBook

    assert QueueBook(story.store).queue(story.id) == story.now()


def test_outcomes_that_come_later_are_found_by_the_id(story):
    frame = story.dataset.frame[["number"]].copy()
    frame["repaid"] = np.where(np.arange(len(frame)) % 2 == 0, "yes", "no")
    from rai_dash.data.dataset import dataset_from_frame

    later = dataset_from_frame(frame, story.dataset.roles.with_(sensitive=()), name="later.csv")
    story.at(ANA).add_outcomes(story.id, later)
    outcomes, rows = story.at(ANA).facts(story.id)
    assert outcomes.tolist() == [1 if row % 2 == 0 else 0 for row in rows.row]


def test_while_a_policy_is_suspended_everybody_is_in_the_queue(store):
    story = QueueStory(store, n=12)
    Desk(store, CAST["operator"], clock=story.clock).suspend(LOANS, 1, reason=REASON)
    dataset, score = batch(seed=9)
    queue = story.at(ANA).fill(LOANS, dataset, score, audit_share=0.5)
    assert len(queue.cases) == dataset.n_rows
    assert {queue.reason(case.number) for case in queue.cases} == {"policy_not_in_force"}


def test_a_version_on_a_share_answers_for_its_applications_and_the_other_for_the_rest(store):
    story = QueueStory(store, n=12)
    policy_in_force(
        store, story.clock, stage="share", share=0.4, band={"lo": 0.2, "threshold": 0.5, "hi": 0.8}
    )
    dataset, score = batch(seed=9)
    old = story.at(ANA).fill(f"{LOANS}@1", dataset, score, audit_share=1.0)
    new = story.at(ANA).fill(f"{LOANS}@2", dataset, score, audit_share=1.0)
    takes = {i for i, key in enumerate(dataset.frame["number"]) if takes_part(LOANS, key, 0.4)}
    assert 0 < len(takes) < dataset.n_rows
    rows = {q.fill.version: set(story.at(ANA).rows(q.id).row.tolist()) for q in (old, new)}
    assert rows == {1: set(range(dataset.n_rows)) - takes, 2: takes}
    assert (sum(old.fill.batch_routes), sum(new.fill.batch_routes)) == (
        dataset.n_rows - len(takes),
        len(takes),
    )


def test_a_name_that_changes_at_the_sign_in_is_still_the_same_reader(story):
    def signed_in(name: str) -> Person:
        return Person(
            name=name,
            subject="7",
            issuer="https://id.bank",
            source="oidc",
            role=AppRole.EXPERT,
            sees_rows=True,
        )

    seen = story.at(signed_in("Bea Old")).next_case(story.id)
    story.at(signed_in("Bea New")).decide_blind(story.id, seen.case, "approve")
    story.at(signed_in("Bea Newest")).decide(story.id, seen.case, codes=["other"])
    assert len(story.now().cases[seen.case].finals) == 1
    assert seen.case != story.at(signed_in("Bea New")).next_case(story.id).case
