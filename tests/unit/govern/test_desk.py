"""The desk at a real store."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from datetime import timedelta

import pytest

from rai_dash.core.errors import InvalidChoice, InvalidRecord, LedgerBroken, NotAllowed, RaiError
from rai_dash.core.settings import get_settings
from rai_dash.govern.desk import Desk
from rai_dash.govern.events import Kind, body_of
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.store import Store
from tests.unit.govern.desk_story import (
    DOMAIN,
    LOANS,
    REASON,
    RISK,
    START,
    WHY,
    Clock,
    MemoryStore,
    Story,
    banded,
    make_policy,
    person,
)


@pytest.fixture
def opened(tmp_path):
    with Store(
        tmp_path / "s.sqlite3", checkpoints=tmp_path / "checkpoints", signing_key=tmp_path / "key.pem"
    ) as store:
        yield store


@pytest.fixture
def real(opened):
    return Story(opened)


@pytest.fixture(params=["sqlite", "postgresql"])
def each(request, tmp_path):
    """The cast at a store in each database."""
    target = tmp_path / "s.sqlite3"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        target = server.url(server.new_database())
    with Store(target, checkpoints=tmp_path / "checkpoints", signing_key=tmp_path / "key.pem") as store:
        yield Story(store)


@pytest.fixture
def story():
    return Story(MemoryStore())


def dump(path):
    """All there is in the database file, read without our package."""
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
    connection.close()
    return lines


# ------------------------------------------------------------------ the whole way


def test_from_the_draft_to_the_revocation_at_a_real_store(each):
    status = each.draft()
    assert (status.version, status.state, status.title) == (1, "draft", "Consumer loans")
    assert each.submit(1).missing_roles == (DOMAIN, RISK)
    assert each.sign(1, "domain", DOMAIN, conditions="Look again in March.").missing_roles == (RISK,)
    assert each.sign(1, "risk", RISK).state == "signed"
    operator = each.desk("operator")
    assert operator.activate(LOANS, 1, stage="share", share=0.1).share == 0.1
    assert operator.stage(LOANS, 1, stage="all").stage == "all"
    assert each.desk("domain").suspend(LOANS, 1, reason=REASON).suspended == REASON
    assert operator.lift(LOANS, 1, reason=REASON).suspended is None
    status = each.desk("risk").revoke(LOANS, 1, reason=REASON)
    assert (status.state, status.reason) == ("revoked", REASON)
    assert status.signatures[1].conditions == "Look again in March."

    assert each.store.verify() == []
    kinds = [row.kind.removeprefix("policy.") for row in each.store.records()]
    assert kinds == [
        "draft", "submit", "signature", "signature", "signature", "activate", "stage", "suspend", "lift", "revoke",
    ]  # fmt: skip
    assert [c.n for c in each.store.checkpoints()] == list(range(1, 11))


def test_no_name_and_no_free_text_is_in_the_chain(real, tmp_path):
    real.active()
    real.desk("operator").suspend(LOANS, 1, reason=REASON)

    with sqlite3.connect(tmp_path / "s.sqlite3") as connection:
        chain = "".join(str(row) for row in connection.execute("SELECT * FROM ledger"))
    connection.close()

    for words in ("Ana", "Dom", "Rita", "Otto", WHY, REASON, "Debts", "Two officers", "Consumer loans"):
        assert words not in chain


def test_a_policy_is_read_back_as_it_was_drafted(real):
    policy = make_policy(warnings_shown=[{"code": "in_sample", "message": "<b>Trained</b> on these rows?"}])
    real.draft(policy)

    assert real.desk("viewer").policy(LOANS, 1) == policy


def test_what_is_written_matches_the_documented_bodies(real, tmp_path):
    real.active(stage="share", share=0.25)
    with sqlite3.connect(tmp_path / "s.sqlite3") as connection:
        rows = connection.execute("SELECT kind, subject, body FROM ledger ORDER BY seq").fetchall()
    connection.close()

    bodies = {kind: json.loads(body) for kind, _, body in rows}
    assert {subject for _, subject, _ in rows} == {f"policy:{LOANS}"}
    assert {kind: set(body) for kind, body in bodies.items()} == {
        "policy.draft": {"version", "parent_hash", "settings_fingerprint", "policy"},
        "policy.submit": {"version", "content_hash", "required_roles", "environment"},
        "policy.signature": {
            "version", "content_hash", "role", "meaning", "decision", "rationale", "conditions", "identity", "warnings",
        },
        "policy.activate": {"version", "stage", "share", "valid_from", "expires_at"},
    }  # fmt: skip
    assert bodies["policy.submit"]["required_roles"] == [DOMAIN, RISK]
    assert bodies["policy.submit"]["environment"] == "QA"
    assert set(bodies["policy.signature"]["rationale"]) == {"sealed"}
    assert bodies["policy.activate"]["expires_at"] == "2027-11-29T14:00:00Z"


def test_a_revert_writes_from_and_to(story):
    story.active()
    story.active(banded(0.2))

    story.desk("operator").revert(LOANS, 2, reason=REASON)

    assert {k: v for k, v in story.store.rows[-1].content.items() if k != "reason"} == {"from": 2, "to": 1}


# ------------------------------------------------------------------ drafting


def test_the_same_policy_again_is_the_same_version_and_nothing_is_written(real, tmp_path):
    first = real.draft()
    before = dump(tmp_path / "s.sqlite3")

    again = real.draft(make_policy(created_at=real.clock() + timedelta(days=3)), who="colleague")

    assert again == first
    assert dump(tmp_path / "s.sqlite3") == before


@pytest.mark.parametrize(
    "changes",
    [
        {"band": {"lo": 0.36, "threshold": 0.5, "hi": 0.7}},
        {"valid_months": 6},
        {"environment": "production"},
        {"title": "Consumer loans, north"},
        {"people_before": "Two officers decided every case; now they see none."},
        {"suspend_on_breach": True},
    ],
)
def test_any_change_is_a_new_version(story, changes):
    story.draft()

    assert story.draft(make_policy(**changes)).version == 2


def test_a_policy_that_is_over_can_be_opened_again_as_a_new_version(story):
    story.active()
    story.desk("operator").revoke(LOANS, 1, reason=REASON)

    again = story.draft()

    assert (again.version, again.state, again.parent_hash) == (
        2,
        "draft",
        story.now().version(1).content_hash,
    )


def test_the_number_and_the_parent_are_set_by_the_desk(story):
    drafted = story.draft(make_policy(version=7, parent_hash="f" * 64))

    assert (drafted.version, drafted.parent_hash) == (1, None)
    assert story.desk("viewer").policy(LOANS, 1).version == 1


# ------------------------------------------------------------------ submitting


def test_a_draft_that_does_not_say_who_answers_cannot_be_submitted(story):
    story.draft(make_policy(harm={"wrong_approval": "Debts.", "wrong_refusal": None, "answerable": "R"}))

    with pytest.raises(InvalidRecord, match="Say who answers for wrong decisions"):
        story.submit(1)

    assert len(story.store.rows) == 1


def test_the_required_roles_are_those_of_the_day_of_submission(story, monkeypatch):
    story.submit(story.draft().version)
    monkeypatch.setattr(get_settings(), "required_roles", ("board",))

    story.sign(1, "domain", DOMAIN)
    assert story.sign(1, "risk", RISK).state == "signed"

    story.draft(banded(0.2))
    assert story.submit(2).required_roles == ("board",)


def test_whoever_submits_is_an_author_too(story):
    boss = person("Boss", AppRole.ANALYST, DOMAIN)
    story.draft()
    story.desk(boss).submit(LOANS, 1)

    with pytest.raises(NotAllowed, match="You are the author of version 1 and cannot approve it"):
        story.sign(1, boss, DOMAIN)
    with pytest.raises(NotAllowed, match="You are the author"):
        story.sign(1, "author", DOMAIN)


def test_what_the_author_says_is_kept(story):
    warned = [
        {"code": "in_sample", "message": "m", "ticked": True},
        {"code": "few", "message": "Few women.", "ticked": False},
        {"code": "few", "message": "Few from the north.", "ticked": True},
    ]
    story.draft(make_policy(warnings_shown=warned))

    status = story.desk("author").submit(LOANS, 1, rationale="  Please look at the north.  ")

    (authorship,) = status.signatures
    assert (authorship.role, authorship.meaning, authorship.decision) == ("author", "authorship", "approve")
    assert authorship.rationale == "Please look at the north."
    assert story.store.rows[-1].content["warnings"] == [
        {"code": "in_sample", "ticked": True},
        {"code": "few", "ticked": False},
    ]


def test_a_draft_with_an_erased_text_cannot_be_submitted(story):
    story.draft()
    story.store.erase([r for r, (_, t) in story.store.kept.items() if t == "Rita Berg"])

    with pytest.raises(InvalidRecord, match="A text of version 1 was erased"):
        story.submit(1)


# ------------------------------------------------------------------ signing


@pytest.fixture
def review(story):
    story.submit(story.draft(make_policy(warnings_shown=WARNED)).version)
    return story


WARNED = [{"code": "in_sample", "message": "Trained on these?"}, {"code": "few", "message": "Few women."}]


def signing(story, who="domain", role=DOMAIN, decision="approve", **more):
    return story.sign(1, who, role, decision, **({"ticked": {"in_sample", "few"}} | more))


def test_an_approval_ticks_every_warning(review):
    with pytest.raises(InvalidRecord, match="These warnings are not ticked: few"):
        signing(review, ticked={"in_sample", "another"})

    assert signing(review, decision="abstain", ticked={"few"}).missing_roles == (DOMAIN, RISK)
    assert review.store.rows[-1].content["warnings"] == [
        {"code": "in_sample", "ticked": False},
        {"code": "few", "ticked": True},
    ]
    assert signing(review).missing_roles == (RISK,)


NINETEEN, TWENTY = " ".join(["word"] * 19), "\n".join(["word"] * 20)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_twenty_words_are_enough_and_nineteen_are_not(review, decision):
    with pytest.raises(InvalidRecord, match="The rationale has 19 words; at least 20 are needed"):
        signing(review, decision=decision, rationale=NINETEEN)

    signing(review, decision=decision, rationale=TWENTY)


@pytest.mark.parametrize("character", ["数", "あ", "カ", "ก", "ລ", "ក", "က", "བ"])
def test_forty_characters_are_enough_where_words_have_no_blanks(review, character):
    with pytest.raises(InvalidRecord, match="The rationale has 1 word; at least 20"):
        signing(review, rationale=character * 39)

    signing(review, rationale=character * 40)


@pytest.mark.parametrize("text", ["a" * 4_000, "привет" * 10, "αβγ" * 20])
def test_one_long_word_is_one_word(review, text):
    with pytest.raises(InvalidRecord, match="The rationale has 1 word;"):
        signing(review, rationale=text)


def test_who_abstains_or_has_no_required_role_needs_no_twenty_words(review):
    signing(review, decision="abstain", rationale="I was on leave.")
    signing(review, "bystander", "compliance", rationale="Fine with us.")

    with pytest.raises(InvalidRecord, match="The rationale has 0 characters"):
        signing(review, decision="abstain", rationale="  ")


@pytest.mark.parametrize("field", ["rationale", "conditions"])
def test_a_text_that_is_too_long_is_refused(review, field):
    with pytest.raises(InvalidRecord, match=rf"The {field} has 5,001 characters; at most 5,000"):
        signing(review, **{field: "a " * 2_500 + "b"})


@pytest.mark.parametrize("typed", ["  Domain   EXPERT ", "ｄomain expert"])  # noqa: RUF001 - a wide d
def test_the_case_blanks_and_width_of_a_role_do_not_matter(review, typed):
    assert signing(review, role=typed).missing_roles == (RISK,)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"role": "   "}, "The role is missing"),
        ({"decision": "maybe"}, "`decision` cannot be written down"),
        ({"meaning": "mood"}, "`meaning` cannot be written down"),
        ({"rationale": WHY + "\ud83d"}, "half a character"),
    ],
)
def test_what_cannot_be_written_down_is_refused(review, changes, says):
    rows, kept = list(review.store.rows), dict(review.store.kept)

    with pytest.raises(InvalidRecord, match=says):
        signing(review, **changes)

    assert (review.store.rows, review.store.kept) == (rows, kept)


@pytest.mark.parametrize("changes", [{"role": "author"}, {"meaning": "authorship"}])
def test_authorship_is_signed_by_submitting_alone(review, changes):
    anybody = Person(name="Eve", subject="Eve", role=AppRole.EXPERT, signs_as=None)

    with pytest.raises(NotAllowed, match=r"sign as author|Authorship is signed by whoever submits"):
        signing(review, anybody, **changes)


def test_not_even_the_author_signs_authorship_a_second_time(review):
    ana = Person(name="Ana", subject="Ana", role=AppRole.ANALYST, signs_as=None)

    with pytest.raises(
        NotAllowed, match="You cannot sign as author; the roles you may sign as: any but author"
    ):
        signing(review, ana, "author", meaning="authorship")


@pytest.mark.parametrize("role", ["risk\u200b owner", "compliance", "risk \u043ewner"])
def test_an_author_approves_in_no_role_at_all(review, role):
    ana = Person(name="Ana", subject="Ana", role=AppRole.ANALYST, signs_as=None)

    with pytest.raises(NotAllowed, match="You are the author of version 1 and cannot approve it"):
        signing(review, ana, role)


def test_a_required_role_is_found_however_it_is_typed(review):
    status = signing(review, "risk", "Risk\u200b  OWNER")

    assert status.approved_roles == (RISK,)


@pytest.mark.parametrize(
    "changes",
    [{"actor": "the board"}, {"rationale": None}, {"identity": "oidc"}],
    ids=["actor", "why", "who"],
)
def test_a_signature_that_this_app_does_not_write_is_not_believed(review, changes):
    status = signing(review)
    store = review.store
    actor = status.signatures[-1].person_ref
    body = {
        "version": 1, "content_hash": status.content_hash, "role": "compliance", "meaning": "review",
        "decision": "approve", "rationale": {"sealed": store.seal(WHY)}, "conditions": None,
        "identity": "local-unverified", "warnings": [],
    }  # fmt: skip
    given = {"actor": actor} | body | changes
    actor = given.pop("actor")
    store.append("policy.signature", f"policy:{LOANS}", actor, given, at=review.clock())

    with pytest.raises(LedgerBroken, match=r"Record \d+ "):
        review.now()


def test_an_author_who_typed_a_name_cannot_approve_by_signing_in(review):
    ana = Person(
        name="Ana", subject="u-1", issuer="https://id", source="oidc", role=AppRole.EXPERT, signs_as=None
    )

    with pytest.raises(NotAllowed, match="You are the author of version 1 and cannot approve it"):
        signing(review, ana)


@pytest.mark.parametrize("said", ["\u200b " * 30, ". " * 30, "\u2060" * 60])
def test_what_nobody_can_read_is_no_rationale(review, said):
    with pytest.raises(InvalidRecord, match="The rationale has 0"):
        signing(review, rationale=said)


def test_what_was_shown_must_be_what_is_signed(review):
    with pytest.raises(InvalidChoice, match="What you were shown is not version 1 as it is now"):
        signing(review, content_hash="0" * 64)
    with pytest.raises(InvalidChoice, match="There is no version 2 of the policy consumer-loans; it has 1"):
        review.desk("domain").sign(
            LOANS, 2, content_hash="0" * 64, role=DOMAIN, decision="approve", rationale=WHY
        )


def test_a_person_speaks_for_one_required_role(review):
    anybody = Person(name="Eve", subject="Eve", role=AppRole.EXPERT, signs_as=None)
    signing(review, anybody)

    with pytest.raises(NotAllowed, match="You have signed as domain expert already"):
        signing(review, Person(name="  EVE ", subject="x", role=AppRole.EXPERT, signs_as=None), RISK)
    assert signing(review, anybody, RISK, "abstain").missing_roles == (RISK,)
    with pytest.raises(NotAllowed, match="You have signed as domain expert already"):
        signing(review, anybody, RISK, "reject")


def test_who_abstained_in_one_required_role_may_speak_in_another(review):
    anybody = Person(name="Eve", subject="Eve", role=AppRole.EXPERT, signs_as=None)
    signing(review, anybody, RISK, "abstain")

    assert signing(review, anybody).missing_roles == (RISK,)


def test_one_who_changed_the_spelling_of_their_name_is_the_same(review):
    ana = Person(name="  ana ", subject="other", role=AppRole.EXPERT, signs_as=None)

    with pytest.raises(NotAllowed, match="You are the author of version 1"):
        signing(review, ana)


def test_with_a_sign_in_the_identifier_counts_and_not_the_name(story):
    def signed_in(name, subject, role=AppRole.ANALYST):
        return Person(
            name=name,
            subject=subject,
            issuer="https://id.bank",
            source="oidc",
            role=role,
            signs_as=frozenset({DOMAIN}),
        )

    story.draft(who=signed_in("Ana Old", "17"))
    story.submit(1, who=signed_in("Ana Old", "17"))

    with pytest.raises(NotAllowed, match="You are the author of version 1"):
        story.sign(1, signed_in("Ana New", "17"), DOMAIN)
    signature = story.sign(1, signed_in("Ana Old", "18"), DOMAIN).signatures[-1]
    assert (signature.name, signature.identity) == ("Ana Old", "oidc")


def test_once_the_author_is_erased_nobody_approves_but_it_can_be_drafted_anew(review):
    review.store.erase([review.now().latest.author.ref])

    with pytest.raises(NotAllowed, match="The name of an author of version 1 was erased"):
        signing(review)
    with pytest.raises(NotAllowed, match="The name of an author of version 1 was erased"):
        signing(review, "author")
    assert review.draft(make_policy(warnings_shown=WARNED)).version == 2


def test_once_a_signer_is_erased_the_round_has_to_start_again(review):
    ref = signing(review).signatures[-1].person_ref
    review.store.erase([ref])

    with pytest.raises(NotAllowed, match="The name of whoever signed as domain expert was erased"):
        signing(review, "risk", RISK)
    assert signing(review, "risk", RISK, "reject").state == "draft"


# ------------------------------------------------------------------ stages and reasons


@pytest.mark.parametrize(
    ("stage", "share"),
    [("share", None), ("share", 0.0), ("share", 1.0), ("all", 0.5), ("shadow", 0.1), ("most", None)],
)
def test_a_stage_that_does_not_fit_is_refused(story, stage, share):
    story.signed()

    with pytest.raises((InvalidRecord, InvalidChoice), match=r"share|stage"):
        story.desk("operator").activate(LOANS, 1, stage=stage, share=share)

    assert story.now().latest.state == "signed"


@pytest.mark.parametrize("action", ["suspend", "revoke", "revert"])
def test_a_reason_of_nine_characters_is_refused(story, action):
    story.active()
    story.active(banded(0.2))

    with pytest.raises(InvalidRecord, match="The reason has 9 characters; at least 10 are needed"):
        getattr(story.desk("operator"), action)(LOANS, 2, reason=" 123456789 ")


def test_a_role_to_revoke_in_is_ones_own(story):
    story.active()

    with pytest.raises(NotAllowed, match=r"You cannot revoke as risk owner. Choose from: domain expert"):
        story.desk("domain").revoke(LOANS, 1, reason=REASON, role=RISK)
    story.desk("domain").revoke(LOANS, 1, reason=REASON, role="Domain Expert")

    assert story.store.rows[-1].content["role"] == DOMAIN


# ------------------------------------------------------------------ reading


def test_policies_are_listed_in_the_order_of_their_first_draft(real):
    real.draft(make_policy(policy_id="zebra"))
    real.draft(make_policy(policy_id="cards"))
    real.draft(make_policy(policy_id="zebra", valid_months=3))

    listed = real.desk("viewer").policies()

    assert [(p.policy_id, len(p.versions)) for p in listed] == [("zebra", 2), ("cards", 1)]
    assert real.desk("viewer").standing("zebra") == listed[0]


def test_entries_of_other_rooms_about_a_policy_are_left_aside(real):
    real.active()
    real.store.append("monitor.run", f"policy:{LOANS}", "local", {"psi": 0.1})
    real.store.append("monitor.run", "policy:never-drafted", "local", {"psi": 0.1})

    assert [p.policy_id for p in real.desk("viewer").policies()] == [LOANS]
    assert real.now().latest.state == "active"
    real.desk("operator").suspend(LOANS, 1, reason=REASON)


def test_a_version_is_found_by_its_address(story):
    story.active()
    story.draft(banded(0.2))
    desk = story.desk("viewer")

    assert desk.find(f"{LOANS}@active").version == 1
    assert desk.find(f" {LOANS}@2 ").state == "draft"
    story.clock.on(days=400)
    with pytest.raises(InvalidChoice, match="No version of consumer-loans is active"):
        desk.find(f"{LOANS}@active")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (LOANS, "is no address of a policy"),
        (f"{LOANS}@newest", "is no address of a policy"),
        (f"{LOANS}@²", "is no address of a policy"),
        (f"{LOANS}@{'9' * 5_000}", "is no address of a policy"),
        (f"{LOANS}@0", "There is no version 0"),
        (f"{LOANS}@9", "There is no version 9"),
        ("cards@1", "There is no policy cards"),
    ],
)
def test_an_address_of_nothing_is_refused(story, address, says):
    story.draft()

    with pytest.raises(InvalidChoice, match=re.escape(says)):
        story.desk("viewer").find(address)


def test_a_clock_without_a_zone_is_refused(story):
    story.clock = Clock(story.clock.at.replace(tzinfo=None))

    with pytest.raises(InvalidRecord, match="does not say its time zone"):
        story.draft()


# ------------------------------------------------------------------ two at once


def race(*actions):
    """Start all at one signal; return what each returned or raised."""
    barrier, results = threading.Barrier(len(actions)), [None] * len(actions)

    def run(i, action):
        barrier.wait()
        try:
            results[i] = action()
        except RaiError as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_who_sign_at_once_both_count_and_the_chain_is_whole(each):
    each.submit(each.draft().version)

    found = race(lambda: each.sign(1, "domain", DOMAIN), lambda: each.sign(1, "risk", RISK))

    assert not any(isinstance(f, RaiError) for f in found)
    assert each.now().latest.state == "signed"
    assert {s.role for s in each.now().latest.signatures} == {"author", DOMAIN, RISK}
    assert each.store.verify() == []


def test_of_many_who_approve_in_one_role_at_once_one_does(each):
    each.submit(each.draft().version)
    people = [person(f"P{i}", AppRole.EXPERT, DOMAIN) for i in range(6)]

    found = race(*(lambda p=p: each.sign(1, p, DOMAIN) for p in people))

    refused = [f for f in found if isinstance(f, RaiError)]
    assert len(refused) == 5
    assert {type(f) for f in refused} == {InvalidChoice}
    assert [s.role for s in each.now().latest.signatures] == ["author", DOMAIN]
    assert each.store.verify() == []


def test_of_two_who_draft_another_version_at_once_each_gets_its_own(each):
    each.draft()

    found = race(lambda: each.draft(banded(0.1)), lambda: each.draft(banded(0.2)))

    assert sorted(f.version for f in found) == [2, 3]
    assert each.now().version(3).parent_hash == each.now().version(2).content_hash


def test_a_rejection_and_an_approval_at_once_end_as_if_one_came_first(each):
    each.submit(each.draft().version)

    race(lambda: each.sign(1, "domain", DOMAIN), lambda: each.sign(1, "risk", RISK, "reject"))

    assert each.now().latest.state == "draft"
    assert [s.decision for s in each.now().latest.dissent] == ["reject"]
    assert each.store.verify() == []


def test_two_stores_on_one_file_see_one_another(real, tmp_path):
    version = real.signed()
    with Store(
        tmp_path / "s.sqlite3", checkpoints=tmp_path / "checkpoints", signing_key=tmp_path / "key.pem"
    ) as other:
        there = Story(other)
        there.desk("operator").activate(LOANS, version, stage="all")

    with pytest.raises(InvalidChoice, match="Version 1 is active and cannot be activated"):
        real.desk("operator").activate(LOANS, version, stage="all")


def test_the_time_is_that_of_the_machine_when_no_clock_is_given(opened):
    status = Desk(opened, person("Ana", AppRole.ANALYST)).draft(make_policy())

    assert status.drafted_at.microsecond == 0
    assert status.drafted_at.utcoffset() == timedelta(0)


def test_a_clock_that_is_set_back_dates_nothing_back(story):
    story.active()
    story.clock.on(days=30)
    story.active(banded(0.2))
    story.clock.at = START - timedelta(days=300)

    story.desk("operator").suspend(LOANS, 2, reason=REASON)

    times = [row.at_utc for row in story.store.records()]
    assert times == sorted(times)


@pytest.mark.parametrize(
    "roles", [["risk owner", "Risk  Owner"], ["Author", RISK], ["risk\u00a0owner", RISK]]
)
def test_roles_that_read_the_same_are_never_required_twice(roles):
    with pytest.raises(InvalidRecord, match="required roles are named once each"):
        body_of(
            Kind.SUBMIT,
            {"version": 1, "content_hash": "0" * 64, "required_roles": roles, "environment": "QA"},
        )
