"""The form in which somebody signs what they were shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from rai_dash.core.errors import InvalidRecord
from rai_dash.core.texts import mark, tr
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.policy import Policy
from rai_dash.govern.workflow import VersionStatus
from rai_dash.ui import identity, rights, widgets
from rai_dash.ui.signing import acting, desk, words
from rai_dash.ui.text import count, plain, safe, sentence

_SHOWN: Final = "sign_shown"
#: Somebody who is none of those whose approval is needed, and has read it all the same.
REVIEWER: Final = "reviewer"
_DECISIONS: Final = {"approve": mark("Approve"), "reject": mark("Reject"), "abstain": mark("Abstain")}
_DONE: Final = {
    "approve": mark("Signed: you approved version {version} as {role}."),
    "reject": mark("Signed: you rejected version {version} as {role}. The dissent stays in the record."),
    "abstain": mark("Signed: you abstained on version {version} as {role}."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What was on the screen when the form was filled in."""

    policy_id: str
    version: int
    content_hash: str


def section(policy: Policy, status: VersionStatus) -> None:
    """Draw the form, or why there is none."""
    if not rights.can_do(AppRole.EXPERT, tr("Signing")):
        return
    person = identity.who()
    roles = roles_of(person, status)
    if not roles:
        needed = words.both(status.required_roles)
        widgets.note(
            tr(
                ":material/lock: You may not sign in any role here; {needed} have to. Ask your operator.",
                needed=safe(needed, limit=300),
            )
        )
        return
    _own_note(person, status)
    now = Shown(status.policy_id, status.version, status.content_hash)
    before = st.session_state.get(_SHOWN)
    sent = _form(policy, roles)
    # A click runs the page anew, perhaps on what somebody changed meanwhile: what counts is what was read.
    st.session_state[_SHOWN] = now
    if sent is not None:
        shown = before if isinstance(before, Shown) and before.policy_id == now.policy_id else now
        _sign(shown, sent, is_as_read=shown == now)


def roles_of(person: Person, status: VersionStatus) -> tuple[str, ...]:
    """List the roles that somebody may sign as, those that are still missing first."""
    missing = [role for role in status.required_roles if role in status.missing_roles]
    there = [role for role in status.required_roles if role not in missing]
    others = [REVIEWER] if person.signs_as is None else sorted(person.signs_as)
    found = dict.fromkeys([*missing, *there, *others])
    return tuple(role for role in found if person.may_sign_as(role))


def _own_note(person: Person, status: VersionStatus) -> None:
    """Say to the author that others must approve."""
    if desk.is_author(person, status):
        widgets.notice(
            tr(
                "You wrote this version, so others must approve it: nobody approves what they wrote. Send "
                "them the link at the top of this page."
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    role: str
    meaning: str
    decision: str | None
    rationale: str
    conditions: str
    ticked: tuple[str, ...]
    warnings: int


def _form(policy: Policy, roles: tuple[str, ...]) -> _Sent | None:
    with st.form("sign", border=True):
        widgets.heading(
            tr("Your signature"), tr("It is kept for good and cannot be edited; a later one can follow")
        )
        ticked = _boxes(policy)
        left, right = st.columns(2)
        role = left.selectbox(tr("You sign as"), roles, key=acting.key("role"), format_func=plain)
        meaning = right.selectbox(
            tr("Your signature means"), list(words.MEANINGS), key=acting.key("meaning"),
            format_func=lambda one: tr(words.MEANINGS[one]),
        )  # fmt: skip
        decision = st.radio(
            tr("Decision"), list(_DECISIONS), index=None, horizontal=True, key=acting.key("decision"),
            format_func=lambda one: tr(_DECISIONS[one]),
        )  # fmt: skip
        rationale = st.text_area(
            tr("Why, in your own words (at least 20 words to approve or reject)"),
            key=acting.key("why"),
            height=110,
        )
        conditions = st.text_input(tr("On which conditions? (may stay empty)"), key=acting.key("conditions"))
        sent = st.form_submit_button(tr("Sign"), icon=":material/draw:")
    if not sent:
        return None
    return _Sent(
        role=role,
        meaning=meaning,
        decision=decision,
        rationale=rationale,
        conditions=conditions,
        ticked=ticked,
        warnings=len(policy.warnings_shown),
    )


def _unticked(sent: _Sent) -> str:
    left = sent.warnings - len(sent.ticked)
    of = tr("One warning is") if left == 1 else tr("{left} warnings are", left=count(left))
    return tr(
        "{of} not ticked. Read and tick each one at the top of the form, or do not approve. Nothing was "
        "signed.",
        of=of,
    )


def _boxes(policy: Policy) -> tuple[str, ...]:
    """Draw the warnings as boxes; returns the codes of those that are ticked."""
    if not policy.warnings_shown:
        return ()
    widgets.paragraph(
        tr("**Tick each warning that you have read; what you ticked is part of your signature.**")
    )
    ticked = []
    for i, warning in enumerate(policy.warnings_shown):
        if st.checkbox(sentence(warning.message), key=acting.key(f"tick_{i}")):
            ticked.append(warning.code)
    return tuple(ticked)


def _sign(shown: Shown, sent: _Sent, *, is_as_read: bool) -> None:
    def do() -> None:
        if sent.decision is None:
            msg = "Choose a decision: approve, reject or abstain. Nothing was signed."
            raise InvalidRecord(msg)
        if is_as_read and sent.decision == "approve" and len(sent.ticked) < sent.warnings:
            # The desk refuses it as well, but names the warnings by codes that nobody sees here.
            raise InvalidRecord(_unticked(sent))
        desk.acting_desk().sign(
            shown.policy_id,
            shown.version,
            content_hash=shown.content_hash,
            role=sent.role,
            decision=sent.decision,
            rationale=sent.rationale,
            meaning=sent.meaning,
            conditions=sent.conditions,
            ticked=sent.ticked,
        )

    done = "" if sent.decision is None else tr(_DONE[sent.decision], version=shown.version, role=sent.role)
    acting.act(do, done)
