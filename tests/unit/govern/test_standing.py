from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785

from rai_dash.core.errors import InvalidChoice, InvalidRecord, LedgerBroken
from rai_dash.govern._bodies import add_months, utc_time
from rai_dash.govern.events import Kind, body_of, content_hash, read_entry
from rai_dash.govern.ledger import next_record
from rai_dash.govern.standing import reminders, routing_mode, standing
from tests.unit.govern.desk_story import (
    CAST,
    DOMAIN,
    LOANS,
    REASON,
    RISK,
    START,
    WHY,
    MemoryStore,
    Story,
    banded,
    make_policy,
)


@pytest.fixture
def story():
    return Story(MemoryStore())


def texts(story):
    return {ref: text for ref, (_, text) in story.store.kept.items()}


def rechained(rows, place, **changes):
    """The chain as a forger would write it who computes every hash anew: one entry's content is changed."""
    made = []
    for i, row in enumerate(rows):
        body = row.content | (changes if i == place else {})
        last = made[-1] if made else None
        at = utc_time(row.at_utc)
        made.append(next_record(body, kind=row.kind, subject=row.subject, actor=row.actor, last=last, at=at))
    return made


# ------------------------------------------------------------------ what is told


def test_a_signature_is_bound_to_its_record(story):
    story.signed()

    status = story.now().latest

    by_hash = {row.hash: row for row in story.store.rows}
    assert len(status.signatures) == 3
    for signature in status.signatures:
        row = by_hash[signature.record_hash]
        assert (row.seq, row.kind, row.actor) == (signature.seq, "policy.signature", signature.person_ref)
        assert json.loads(row.body)["role"] == signature.role
    domain = status.signatures[1]
    assert (domain.name, domain.role, domain.decision, domain.meaning) == (
        "Dom",
        DOMAIN,
        "approve",
        "approval",
    )
    assert (domain.rationale, domain.conditions, domain.identity) == (WHY, None, "local-unverified")
    assert domain.at == START


def test_every_step_is_in_the_timeline_with_its_record(story):
    story.active(stage="shadow")
    story.desk("risk").suspend(LOANS, 1, reason=REASON)
    story.desk("operator").revoke(LOANS, 1, reason=REASON)

    events = story.now().events

    assert [(e.kind.value.removeprefix("policy."), e.who, e.role, e.stage) for e in events] == [
        ("draft", "Ana", None, None),
        ("submit", "Ana", None, None),
        ("signature", "Ana", "author", None),
        ("signature", "Dom", DOMAIN, None),
        ("signature", "Rita", RISK, None),
        ("activate", "Otto", None, "shadow"),
        ("suspend", "Rita", None, None),
        ("revoke", "Otto", "operator", None),
    ]
    assert [(e.seq, e.hash) for e in events] == [(r.seq, r.hash) for r in story.store.rows]
    assert [e.text for e in events] == [None, None, None, WHY, WHY, None, REASON, REASON]


def test_the_fingerprint_of_the_content_is_that_of_canonical_json(story):
    story.draft()

    sealed = json.loads(story.store.rows[0].body)["policy"]

    assert story.now().latest.content_hash == hashlib.sha256(rfc8785.dumps(sealed)).hexdigest()
    assert content_hash(sealed) == story.now().latest.content_hash


def test_a_version_knows_its_parent(story):
    first = story.draft()
    second = story.draft(banded(0.2))

    assert (first.parent_hash, second.parent_hash) == (None, first.content_hash)
    assert story.desk("viewer").policy(LOANS, 2).parent_hash == first.content_hash


def test_names_and_texts_that_were_erased_say_so_and_no_state_changes(story):
    story.active()
    before = story.now()

    story.store.erase(story.store.kept)

    after = story.now()
    assert [v.state for v in after.versions] == [v.state for v in before.versions]
    assert after.latest.content_hash == before.latest.content_hash
    assert after.latest.author.name is None
    assert [(s.name, s.rationale) for s in after.latest.signatures[1:]] == [(None, "(erased)")] * 2
    assert after.latest.title == "(erased)"
    assert {e.who for e in after.events} == {None}


# ------------------------------------------------------------------ time


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2027-01-31T10:00:00Z", 1, "2027-02-28T10:00:00Z"),
        ("2028-01-31T10:00:00Z", 1, "2028-02-29T10:00:00Z"),
        ("2028-02-29T00:00:00Z", 12, "2029-02-28T00:00:00Z"),
        ("2026-11-29T14:05:06Z", 12, "2027-11-29T14:05:06Z"),
        ("2026-11-30T14:05:06Z", 3, "2027-02-28T14:05:06Z"),
        ("2026-12-31T23:59:59Z", 60, "2031-12-31T23:59:59Z"),
        ("2026-12-15T00:00:00Z", 1, "2027-01-15T00:00:00Z"),
    ],
)
def test_months_are_calendar_months(story, start, months, end):
    assert add_months(utc_time(start), months) == utc_time(end)

    story.clock.at = utc_time(start)
    story.active(make_policy(valid_months=months))
    assert story.now().latest.valid_from == utc_time(start)
    assert story.now().latest.expires_at == utc_time(end)


def test_a_version_expires_at_its_second_and_stays_expired(story):
    story.active()
    end = story.now().latest.expires_at

    story.clock.at = end - timedelta(seconds=1)
    assert (story.now().latest.state, routing_mode(story.now().latest)) == ("active", "policy")
    story.clock.at = end
    now = story.now()
    assert (now.latest.state, now.active, routing_mode(now.latest)) == ("expired", None, "person")


def test_a_clock_that_is_behind_brings_nothing_back(story):
    story.active()
    story.clock.on(days=400)
    story.draft(banded(0.2))

    story.clock.at = START

    assert story.now().version(1).state == "expired"
    assert story.now().as_of == START + timedelta(days=400)


def test_what_runs_out_during_a_roll_out_leaves_the_rest_to_people(story):
    story.active()
    story.clock.on(days=200)
    story.active(banded(0.2), stage="share", share=0.5)
    story.clock.on(days=200)

    now = story.now()

    assert [v.state for v in now.versions] == ["expired", "active"]
    assert now.active.version == 2


def test_times_are_kept_in_utc_and_whole_seconds(story):
    story.clock.at = datetime.fromisoformat("2026-11-29T23:30:15.999999+05:30")

    story.draft()

    assert story.store.rows[0].at_utc == "2026-11-29T18:00:15Z"
    assert story.now().latest.drafted_at == datetime(2026, 11, 29, 18, 0, 15, tzinfo=UTC)
    assert story.now().as_of == datetime(2026, 11, 29, 18, 0, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2026-11-29 14:05:06Z", "2026-11-29T14:05:06+00:00", "2026-1-9T14:05:06Z", ""]
)
def test_a_time_written_otherwise_is_refused(text):
    with pytest.raises(ValueError, match=r"not written like|does not match"):
        utc_time(text)


@pytest.mark.parametrize(
    ("days_before", "says"),
    [
        (61, None),
        (60, "expires in 60 days, on 29 November 2027: draft and sign a new version before then."),
        (30.5, "expires in 30 days, on 29 November 2027"),
        (1, "expires in 1 day, on 29 November 2027"),
        (0.5, "expires in less than a day, on 29 November 2027"),
        (0, "expired on 29 November 2027: everything goes to a person until a new version is active."),
    ],
)
def test_reminders_begin_in_time(story, days_before, says):
    story.active()
    now = story.now().latest.expires_at - timedelta(days=days_before)

    told = reminders(story.now(), now, (60, 30, 7))

    assert (told == []) if says is None else (len(told) == 1 and f"Version 1 of {LOANS} {says}" in told[0])
    assert ["last reminder" in t for t in told] == ([] if says is None else [0 < days_before <= 7])


def test_nobody_is_reminded_of_what_is_no_longer_used(story):
    story.active()
    story.active(banded(0.2))
    story.desk("operator").revoke(LOANS, 2, reason=REASON)

    assert reminders(story.now(), START + timedelta(days=360), (60, 30, 7)) == []
    assert reminders(story.now(), START + timedelta(days=400), (60, 30, 7)) == []


def test_an_old_version_that_expired_is_not_told_of_once_a_new_one_is_active(story):
    story.active()
    story.clock.on(days=400)
    story.active(banded(0.2))

    assert reminders(story.now(), story.clock(), (60, 30, 7)) == []
    assert [v.state for v in story.now().versions] == ["expired", "active"]
    with pytest.raises(InvalidChoice, match="Version 1, which was in force before, is expired"):
        story.desk("operator").revert(LOANS, 2, reason=REASON)


# ------------------------------------------------------------------ who decides


def test_everything_goes_to_a_person_unless_a_version_is_active(story):
    assert routing_mode(None) == "person"
    story.signed()
    assert routing_mode(story.now().latest) == "person"
    operator = story.desk("operator")
    assert routing_mode(operator.activate(LOANS, 1, stage="shadow")) == "person"
    assert routing_mode(operator.stage(LOANS, 1, stage="share", share=0.2)) == "policy"
    assert routing_mode(operator.stage(LOANS, 1, stage="all")) == "policy"
    assert routing_mode(operator.suspend(LOANS, 1, reason=REASON)) == "person"
    assert routing_mode(operator.lift(LOANS, 1, reason=REASON)) == "policy"
    assert routing_mode(operator.revoke(LOANS, 1, reason=REASON)) == "person"


# ------------------------------------------------------------------ what was forged, with good hashes


def test_an_entry_that_cannot_follow_is_named(story):
    story.active()
    rows = story.store.rows
    without = [*rows[:4], *rows[5:]]

    with pytest.raises(
        LedgerBroken, match=r"Record 5 cannot follow .*Version 1 is in review and cannot be activ"
    ):
        standing(rechained(without, None), texts(story), START)


def test_a_second_role_of_one_person_is_found_in_the_chain(story):
    story.signed()
    rows = rechained(story.store.rows, None)
    forged = next_record(
        rows[4].content,
        kind=rows[4].kind,
        subject=rows[4].subject,
        actor=rows[3].actor,
        last=rows[3],
        at=START,
    )

    with pytest.raises(
        LedgerBroken, match=r"Record 5 cannot follow .*You have signed as domain expert already"
    ):
        standing([*rows[:4], forged], texts(story), START)


def test_the_authors_own_approval_is_found_in_the_chain(story):
    story.submit(story.draft().version)
    story.sign(1, "domain", DOMAIN)
    rows = story.store.rows
    forged = next_record(
        rows[3].content,
        kind=rows[3].kind,
        subject=rows[3].subject,
        actor=rows[0].actor,
        last=rows[2],
        at=START,
    )

    with pytest.raises(LedgerBroken, match=r"Record 4 cannot follow .*You are the author of version 1"):
        standing([*rows[:3], forged], texts(story), START)


def test_a_signature_under_another_content_is_found_in_the_chain(story):
    story.signed()
    rows = rechained(story.store.rows, 4, content_hash="0" * 64)

    with pytest.raises(LedgerBroken, match=r"Record 5 cannot follow .*What you were shown is not version 1"):
        standing(rows, texts(story), START)


def test_what_is_done_to_a_version_after_its_end_is_found_in_the_chain(story):
    story.active(stage="shadow")
    last, end = story.store.rows[-1], story.now().latest.expires_at
    forged = next_record(
        {"version": 1, "stage": "all", "share": None},
        kind="policy.stage", subject=last.subject, actor=last.actor, last=last, at=end,
    )  # fmt: skip

    with pytest.raises(
        LedgerBroken, match=r"Record 7 cannot follow .*Version 1 is expired and cannot be moved"
    ):
        standing([*story.store.rows, forged], texts(story), START)


def test_a_longer_validity_is_found_in_the_chain(story):
    story.active()
    rows = rechained(story.store.rows, 5, expires_at="2036-11-29T14:00:00Z")

    with pytest.raises(LedgerBroken, match=r"Record 6 cannot follow .*valid for 12 months"):
        standing(rows, texts(story), START)


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (0, {"version": "1"}),
        (0, {"version": True}),
        (0, {"version": 0}),
        (0, {"policy": {"title": "plain text"}}),
        (0, {"settings_fingerprint": "zz"}),
        (0, {"mood": "good"}),
        (1, {"required_roles": []}),
        (1, {"required_roles": ["author"]}),
        (1, {"required_roles": ["a", "a"]}),
        (3, {"decision": "maybe"}),
        (3, {"rationale": "in the open"}),
        (3, {"identity": "verified"}),
        (3, {"warnings": [{"code": "x"}]}),
        (5, {"stage": "most"}),
        (5, {"share": 0.5}),
        (5, {"stage": "share"}),
        (5, {"stage": "share", "share": 1}),
        (5, {"stage": "share", "share": "0.25"}),
        (3, {"warnings": [{"code": "x", "ticked": "yes"}]}),
        (5, {"expires_at": "tomorrow"}),
        (5, {"valid_from": "2026-11-29T14:00:00+00:00"}),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_record(story, place, changes):
    story.active()

    with pytest.raises(
        LedgerBroken, match=rf"Record {place + 1} \(policy\.\w+\) does not hold what"
    ) as caught:
        standing(rechained(story.store.rows, place, **changes), texts(story), START)

    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "policy.mood"}, "Record 1 .* does not hold what such a record of this app holds"),
        ({"subject": "case:1"}, "Record 1 .* does not hold what"),
    ],
)
def test_an_entry_of_another_kind_or_subject_is_refused(story, changes, says):
    story.draft()
    row = story.store.rows[0]
    given = {"kind": row.kind, "subject": row.subject, "actor": row.actor} | changes
    forged = next_record(row.content, **given, last=None, at=START)

    with pytest.raises(LedgerBroken, match=says):
        standing([forged], texts(story), START)


def test_an_edited_entry_is_named_before_it_is_believed(story):
    story.active()
    row = story.store.rows[3]
    edited = type(row)(
        **{name: getattr(row, name) for name in row.__slots__ if name != "body"},
        body=row.body.replace("a", "b"),
    )

    with pytest.raises(LedgerBroken, match="Record 4 was changed after it was written"):
        standing([*story.store.rows[:3], edited], texts(story), START)


def test_the_records_of_two_policies_are_not_mixed(story):
    story.draft()
    story.draft(make_policy(policy_id="cards"))

    with pytest.raises(LedgerBroken, match="Record 2 is about another policy"):
        standing(story.store.rows, texts(story), START)


def test_no_records_are_no_policy():
    with pytest.raises(InvalidChoice, match="There is no such policy"):
        standing([], {}, START)


def test_what_is_written_is_checked_as_what_is_read():
    with pytest.raises(InvalidRecord, match="`stage` cannot be written down"):
        body_of(Kind.STAGE, {"version": 1, "stage": "most", "share": None})
    with pytest.raises(InvalidRecord, match="a share goes with the stage `share`"):
        body_of(Kind.STAGE, {"version": 1, "stage": "all", "share": 0.5})


def test_an_entry_is_read_as_it_was_written(story):
    story.active(stage="share", share=0.25)

    for row in story.store.rows:
        entry = read_entry(row)
        assert entry.body.content() == row.content
        assert (entry.seq, entry.hash, entry.policy_id) == (row.seq, row.hash, LOANS)
    assert {CAST["author"].text, CAST["operator"].text} <= set(texts(story).values())
