"""Every action in every state by every kind of person, against a table that was written by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from rai_dash.core.errors import InvalidChoice, InvalidRecord, NotAllowed, RaiError
from rai_dash.govern.rollout import decides
from rai_dash.govern.standing import fold, routing_mode
from rai_dash.govern.workflow import History
from tests.unit.govern.desk_story import (
    CAST,
    DOMAIN,
    LOANS,
    REASON,
    RISK,
    MemoryStore,
    Story,
    banded,
    make_policy,
)

# ------------------------------------------------------------------ the states, each as a store that is in it


def _drafted(s):
    return s.draft().version


def _in_review(s):
    return s.submit(s.draft().version).version


def _half(s):
    return s.sign(_in_review(s), "domain", DOMAIN).version


def _rejected(s):
    return s.sign(_half(s), "risk", RISK, "reject").version


def _suspended(s):
    return s.desk("operator").suspend(LOANS, s.active(), reason=REASON).version


def _superseded(s):
    first = s.active()
    s.active(banded(0.2))
    return first


def _second(s):
    s.active()
    return s.active(banded(0.2))


def _expired(s):
    version = s.active()
    s.clock.on(days=366)
    return version


def _revoked(s):
    return s.desk("risk").revoke(LOANS, s.active(), reason=REASON).version


STATES = {
    "drafted": _drafted,
    "in review": _in_review,
    "half signed": _half,
    "rejected": _rejected,
    "signed": lambda s: s.signed(),
    "shadow": lambda s: s.active(stage="shadow"),
    "share": lambda s: s.active(stage="share", share=0.3),
    "all": lambda s: s.active(),
    "second": _second,
    "suspended": _suspended,
    "superseded": _superseded,
    "expired": _expired,
    "revoked": _revoked,
}

# ------------------------------------------------------------------ the events

EVENTS = {
    "draft": lambda s, n, who: s.draft(banded(0.11 + n / 100), who=who),
    "submit": lambda s, n, who: s.submit(n, who=who),
    "approve as domain": lambda s, n, who: s.sign(n, who, DOMAIN),
    "approve as risk": lambda s, n, who: s.sign(n, who, RISK),
    "reject as domain": lambda s, n, who: s.sign(n, who, DOMAIN, "reject"),
    "reject as risk": lambda s, n, who: s.sign(n, who, RISK, "reject"),
    "abstain as domain": lambda s, n, who: s.sign(n, who, DOMAIN, "abstain"),
    "reject as compliance": lambda s, n, who: s.sign(n, who, "compliance", "reject"),
    "activate all": lambda s, n, who: s.desk(who).activate(LOANS, n, stage="all"),
    "activate shadow": lambda s, n, who: s.desk(who).activate(LOANS, n, stage="shadow"),
    "stage share": lambda s, n, who: s.desk(who).stage(LOANS, n, stage="share", share=0.3),
    "stage all": lambda s, n, who: s.desk(who).stage(LOANS, n, stage="all"),
    "revert": lambda s, n, who: s.desk(who).revert(LOANS, n, reason=REASON),
    "suspend": lambda s, n, who: s.desk(who).suspend(LOANS, n, reason=REASON),
    "lift": lambda s, n, who: s.desk(who).lift(LOANS, n, reason=REASON),
    "revoke": lambda s, n, who: s.desk(who).revoke(LOANS, n, reason=REASON),
}

# ------------------------------------------------------------------ the table, from section 17 of the reference

ANALYSTS = {"author", "colleague", "operator"}
STOPPERS = {"domain", "risk", "author", "operator"}
#: event -> (who has the right at all, {state before: state after})
TABLE = {
    "draft": (ANALYSTS, dict.fromkeys(STATES, "unchanged")),
    "submit": (ANALYSTS, {"drafted": "in_review", "rejected": "in_review"}),
    "approve as domain": ({"domain"}, {"in review": "in_review"}),
    "approve as risk": ({"risk"}, {"in review": "in_review", "half signed": "signed"}),
    "reject as domain": ({"domain", "author"}, {"in review": "draft", "half signed": "draft"}),
    "reject as risk": ({"risk", "author"}, {"in review": "draft", "half signed": "draft"}),
    "abstain as domain": ({"domain", "author"}, {"in review": "in_review", "half signed": "in_review"}),
    "reject as compliance": ({"bystander"}, {"in review": "in_review", "half signed": "in_review"}),
    "activate all": ({"operator"}, {"signed": "active"}),
    "activate shadow": ({"operator"}, {"signed": "active"}),
    "stage share": ({"operator"}, dict.fromkeys(["shadow", "all", "second", "suspended"], "active")),
    "stage all": ({"operator"}, dict.fromkeys(["shadow", "share"], "active")),
    "revert": ({"operator"}, {"second": "superseded"}),
    "suspend": (STOPPERS, dict.fromkeys(["shadow", "share", "all", "second"], "active")),
    "lift": (STOPPERS, {"suspended": "active"}),
    "revoke": (
        STOPPERS,
        dict.fromkeys(["signed", "shadow", "share", "all", "second", "suspended"], "revoked"),
    ),
}


@pytest.fixture(scope="module")
def worlds():
    made = {}
    for name, build in STATES.items():
        story = Story(MemoryStore())
        made[name] = (story, build(story))
    return made


def test_the_states_are_what_they_are_called(worlds):
    states = {name: story.now().version(version).state for name, (story, version) in worlds.items()}

    assert states == {
        "drafted": "draft", "in review": "in_review", "half signed": "in_review", "rejected": "draft",
        "signed": "signed", "shadow": "active", "share": "active", "all": "active", "second": "active",
        "suspended": "active", "superseded": "superseded", "expired": "expired", "revoked": "revoked",
    }  # fmt: skip


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_every_event_in_every_state_by_everybody_follows_the_table(worlds, state, event):
    world, version = worlds[state]
    may, leads_to = TABLE[event]
    before = world.now().version(version).state
    for who in CAST:
        story = Story(world.store.copy())
        story.clock.at = world.clock.at
        rows, kept = list(story.store.rows), dict(story.store.kept)
        if who in may and state in leads_to:
            EVENTS[event](story, version, who)

            after = leads_to[state]
            assert story.now().version(version).state == (before if after == "unchanged" else after)
            assert story.store.rows[: len(rows)] == rows
            assert len(story.store.rows) == len(rows) + (2 if event == "submit" else 1)
        else:
            with pytest.raises((NotAllowed, InvalidChoice, InvalidRecord)) as caught:
                EVENTS[event](story, version, who)
            if who == "viewer":
                assert isinstance(caught.value, NotAllowed)
            assert caught.value.message.endswith(".")
            assert "\n" not in caught.value.message
            assert (story.store.rows, story.store.kept) == (rows, kept)


# ------------------------------------------------------------------ a random walk


class Walk(RuleBasedStateMachine):
    """Anybody tries anything; whatever happens, the promises hold."""

    @initialize()
    def begin(self):
        self.story = Story(MemoryStore())
        self.over = {}
        self.last = None
        self.story.draft()

    def attempt(self, action):
        before = list(self.story.store.rows)
        try:
            action()
        except RaiError:
            assert self.story.store.rows == before
        assert self.story.store.rows[: len(before)] == before

    def number(self, back):
        return max(1, len(self.story.now().versions) - back)

    people = st.sampled_from(sorted(CAST))
    backs = st.sampled_from([0, 0, 0, 1, 2])

    @rule(lo=st.sampled_from([0.1, 0.2, 0.3]), who=st.sampled_from(["author", "colleague"]))
    def draft(self, lo, who):
        self.attempt(lambda: self.story.draft(banded(lo), who=who))

    @rule(back=backs, who=people)
    def submit(self, back, who):
        self.attempt(lambda: self.story.submit(self.number(back), who=who))

    @rule(
        back=backs,
        who=st.sampled_from(["domain", "risk", "author", "everybody"]),
        role=st.sampled_from([DOMAIN, RISK, "compliance"]),
        decision=st.sampled_from(["approve", "approve", "approve", "reject", "abstain"]),
    )
    def sign(self, back, who, role, decision):
        given = {"domain": "domain", "risk": "risk", "author": "author"}.get(who) or ALL_ROLES
        self.attempt(lambda: self.story.sign(self.number(back), given, role, decision))

    @rule(back=backs)
    def whole_round(self, back):
        n = self.number(back)
        self.attempt(lambda: self.story.submit(n))
        self.attempt(lambda: self.story.sign(n, "domain", DOMAIN))
        self.attempt(lambda: self.story.sign(n, "risk", RISK))

    @rule(back=backs, how=st.sampled_from([("all", None), ("shadow", None), ("share", 0.1), ("share", 0.5)]))
    def activate(self, back, how):
        stage, share = how
        desk = self.story.desk("operator")
        self.attempt(lambda: desk.activate(LOANS, self.number(back), stage=stage, share=share))

    @rule(back=backs, how=st.sampled_from([("all", None), ("shadow", None), ("share", 0.1), ("share", 0.5)]))
    def stage(self, back, how):
        stage, share = how
        desk = self.story.desk("operator")
        self.attempt(lambda: desk.stage(LOANS, self.number(back), stage=stage, share=share))

    @rule(back=backs, what=st.sampled_from(["revert", "suspend", "lift", "revoke"]), who=people)
    def halt(self, back, what, who):
        self.attempt(lambda: getattr(self.story.desk(who), what)(LOANS, self.number(back), reason=REASON))

    @rule(days=st.sampled_from([0.001, 1, 100, 366]))
    def wait(self, days):
        self.story.clock.on(days=days)

    @invariant()
    def promises(self):
        now = self.story.now()
        active = [v for v in now.versions if v.state == "active"]
        assert sum(v.stage == "all" for v in active) <= 1
        assert sum(v.stage != "all" for v in active) <= 1
        for version, state in self.over.items():
            assert now.version(version).state == state
        self.over |= {v.version: v.state for v in now.versions if v.state in {"expired", "revoked"}}
        for v in now.versions:
            if v.state == "active":
                assert v.valid_from <= now.as_of < v.expires_at
            if v.suspended is not None or v.state != "active":
                assert routing_mode(v) == "person"
        for key in ("a", "b", "c"):
            deciding = decides(now, key)
            assert deciding is None or (deciding in active and deciding.suspended is None)

    @invariant()
    def approvals(self):
        check_approvals(self.story)

    def teardown(self):
        rows, texts = self.story.store.rows, {r: t for r, (_, t) in self.story.store.kept.items()}
        whole = fold(rows, texts, History(policy_id=LOANS))
        cuts = sorted({0, len(rows) // 3, len(rows) // 2, len(rows)})
        parts = History(policy_id=LOANS)
        for low, high in pairwise(cuts):
            parts = fold(rows[low:high], texts, parts)
        singly = History(policy_id=LOANS)
        for row in rows:
            singly = fold([row], texts, singly)
        assert parts == whole == singly


#: Somebody who may sign in any role, as in an installation without sign-in.
ALL_ROLES = CAST["domain"].__class__(name="Eve", subject="Eve", role=CAST["domain"].role, signs_as=None)


def check_approvals(story):
    """Read the raw entries by hand: who wrote, who approved, and what may be in use."""
    authors, rounds, signed = {}, {}, set()
    for row in story.store.rows:
        body, version = row.content, row.content.get("version")
        if row.kind == "policy.draft":
            authors[version] = {row.actor}
        if row.kind == "policy.submit":
            authors[version].add(row.actor)
            rounds[version] = {}
            signed.discard(version)
        if (
            row.kind == "policy.signature"
            and body["role"] in {DOMAIN, RISK}
            and body["decision"] == "approve"
        ):
            assert row.actor not in authors[version]
            assert body["role"] not in rounds[version]
            rounds[version][body["role"]] = row.actor
            if len(rounds[version]) == 2:
                assert len(set(rounds[version].values())) == 2
                signed.add(version)
        if row.kind == "policy.activate":
            assert version in signed


def test_a_random_walk_breaks_no_promise():
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


# ------------------------------------------------------------------ the finer rules


@pytest.fixture
def story():
    return Story(MemoryStore())


def test_a_newer_draft_leaves_what_is_in_review_alone_until_it_is_submitted(story):
    first = _in_review(story)
    second = story.draft(banded(0.2)).version
    assert story.now().version(first).state == "in_review"

    story.submit(second)

    overtaken = story.now().version(first)
    assert (overtaken.state, overtaken.superseded_by) == ("superseded", second)


def test_an_older_draft_cannot_be_submitted(story):
    first = story.draft().version
    story.draft(banded(0.2))

    with pytest.raises(InvalidChoice, match="Version 2 is newer than version 1: submit that one"):
        story.submit(first)


def test_a_rejection_is_kept_and_the_next_round_starts_afresh(story):
    version = _rejected(story)
    rejected = story.now().version(version)
    assert (rejected.state, rejected.missing_roles) == ("draft", ())

    again = story.submit(version)

    assert [s.role for s in again.signatures] == ["author"]
    assert [(s.role, s.decision) for s in again.earlier_signatures] == [
        ("author", "approve"),
        (DOMAIN, "approve"),
        (RISK, "reject"),
    ]
    assert [s.name for s in again.dissent] == ["Rita"]
    assert again.missing_roles == (DOMAIN, RISK)


def test_the_signatures_of_every_round_are_kept(story):
    version = _rejected(story)
    story.submit(version)
    story.sign(version, "domain", DOMAIN, "reject")

    third = story.submit(version)

    assert [s.decision for s in third.earlier_signatures] == [
        "approve",
        "approve",
        "reject",
        "approve",
        "reject",
    ]
    assert [s.name for s in third.dissent] == ["Rita", "Dom"]


def test_while_it_is_rolled_out_the_version_before_stays_and_at_all_it_is_superseded(story):
    first = story.active()
    second = story.active(banded(0.2), stage="shadow")
    now = story.now()
    assert (now.active.version, now.rolling_out.version, now.previous_active.version) == (
        first,
        second,
        first,
    )

    story.desk("operator").stage(LOANS, second, stage="share", share=0.25)
    assert (story.now().active.version, story.now().rolling_out.share) == (first, 0.25)
    story.desk("operator").stage(LOANS, second, stage="all")

    now = story.now()
    assert (now.active.version, now.rolling_out, now.previous_active.version) == (second, None, first)
    assert (now.version(first).state, now.version(first).superseded_by) == ("superseded", second)


def test_back_from_all_the_version_before_decides_for_the_rest_again(story):
    first, second = story.active(), story.active(banded(0.2))

    story.desk("operator").stage(LOANS, second, stage="share", share=0.5)

    now = story.now()
    assert (now.active.version, now.active.stage, now.rolling_out.version) == (first, "all", second)
    assert now.version(first).superseded_by is None


def test_back_from_all_a_version_that_has_run_out_meanwhile_stays_out(story):
    story.active(make_policy(valid_months=1))
    second = story.active(banded(0.2))
    story.clock.on(days=40)

    story.desk("operator").stage(LOANS, second, stage="share", share=0.5)

    assert [v.state for v in story.now().versions] == ["superseded", "active"]
    assert story.now().active.version == second


def test_one_roll_out_at_a_time(story):
    story.active(stage="shadow")
    third = story.signed(banded(0.3))

    with pytest.raises(InvalidChoice, match="Version 1 is still being rolled out"):
        story.desk("operator").activate(LOANS, third, stage="all")


def test_the_version_in_force_stays_put_while_another_is_rolled_out(story):
    first = story.active()
    story.active(banded(0.2), stage="shadow")

    with pytest.raises(InvalidChoice, match="Version 2 is being rolled out beside it: revert that one first"):
        story.desk("operator").stage(LOANS, first, stage="shadow")


def test_revert_goes_back_one_step_at_a_time(story):
    for lo in (0.1, 0.2, 0.3):
        story.active(banded(lo))
    operator = story.desk("operator")

    assert operator.revert(LOANS, 3, reason=REASON).version == 2
    now = story.now()
    assert [v.state for v in now.versions] == ["superseded", "active", "superseded"]
    assert (now.version(3).reason, now.version(3).superseded_by) == (REASON, 2)
    assert operator.revert(LOANS, 2, reason=REASON).version == 1
    assert [v.state for v in story.now().versions] == ["active", "superseded", "superseded"]
    with pytest.raises(InvalidChoice, match="No version was in force before version 1"):
        operator.revert(LOANS, 1, reason=REASON)


def test_revert_ends_a_roll_out(story):
    first = story.active()
    second = story.active(banded(0.2), stage="share", share=0.1)

    back = story.desk("operator").revert(LOANS, second, reason=REASON)

    assert (back.version, back.state, back.stage) == (first, "active", "all")
    assert story.now().version(second).state == "superseded"


def test_revert_of_a_version_that_is_not_the_newest_in_use_is_refused(story):
    first = story.active()
    story.active(banded(0.2), stage="share", share=0.1)

    with pytest.raises(InvalidChoice, match="Version 1 is not the one that came last"):
        story.desk("operator").revert(LOANS, first, reason=REASON)


def test_revert_to_a_revoked_version_is_refused(story):
    first = story.active()
    story.desk("risk").revoke(LOANS, first, reason=REASON)
    second = story.active(banded(0.2))

    with pytest.raises(InvalidChoice, match="Version 1, which was in force before, is revoked and cannot"):
        story.desk("operator").revert(LOANS, second, reason=REASON)


def test_revert_to_an_expired_version_is_refused(story):
    story.active(make_policy(valid_months=1))
    second = story.active(banded(0.2))
    story.clock.on(days=40)

    with pytest.raises(InvalidChoice, match="Version 1, which was in force before, is expired and cannot"):
        story.desk("operator").revert(LOANS, second, reason=REASON)


def test_a_suspension_outlives_a_revert(story):
    first = _suspended(story)
    second = story.active(banded(0.2))

    back = story.desk("operator").revert(LOANS, second, reason=REASON)

    assert (back.version, back.suspended, routing_mode(back)) == (first, REASON, "person")
