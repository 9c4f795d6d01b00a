"""The way of a policy from a statement to a band in force: what there is to do now, and what it rests on."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.govern.people import AppRole
from rai_dash.govern.policy import Policy
from rai_dash.govern.standing import Standing
from rai_dash.govern.workflow import State, VersionStatus
from rai_dash.ui import identity, rights, widgets
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.signing import acting, asked, chosen, comparing, desk, operating, signature, statement, words
from rai_dash.ui.signing.stating import changed_since
from rai_dash.ui.text import count, safe
from rai_dash.ui.tour.spots import spot

#: Policies for which the form of a new version is open although nothing asks for one.
_NEW_VERSION = "sign_new_version"


def section(bench: Bench, standing: Standing | None) -> None:
    """Draw what there is to do about a policy; None = there is none yet."""
    known = acting.is_known()
    if standing is None:
        _where(None, None, known=known, nothing=chosen.nothing(bench.view))
        acting.ask_for_a_name()
        statement.section(bench, None, known=known)
        return
    latest, other = standing.latest, words.decisive(standing)
    if latest.state.is_over:
        # After a step back the newest version is history: how things stand, the one before says.
        latest, other = other, latest
    _where(standing, latest, known=known)
    if latest.state is not State.ACTIVE:
        acting.ask_for_a_name()
    if other.version != latest.version:
        widgets.note(safe(words.state_line(standing, other).text, limit=600))
    if latest.state is State.DRAFT or latest.state.is_over or _is_new(standing):
        _to_state(bench, standing, latest, known=known)
    else:
        _to_decide(bench, standing, latest, known=known)
    if latest.state is State.ACTIVE:
        # Nothing is asked of a reader: the way in stands where there is something to be done.
        acting.ask_for_a_name()
    if known:
        operating.section(standing)
        chosen.another(bench.view)


@spot("signature")
def _where(
    standing: Standing | None, status: VersionStatus | None, *, known: bool, nothing: str = ""
) -> None:
    """Say where it stands, or what there is not, and what whoever looks at it can do."""
    you = f"\n\n{safe(_you(status), limit=400)}" if known else ""
    if standing is None or status is None:
        st.info(f"{nothing}{you}", icon=":material/edit_note:")
        return
    line = words.state_line(standing, status)
    text = f"**{safe(line.text, limit=800)}**{you}"
    if line.tone is words.Tone.GOOD:
        st.success(text, icon=":material/verified:")
    elif line.tone is words.Tone.BAD:
        st.error(text, icon=":material/block:")
    else:
        st.info(text, icon=":material/pending:")


def _you(status: VersionStatus | None) -> str:
    person = identity.who()
    if status is None:
        return words.you_words(person, None)
    return words.you_words(
        person,
        status,
        is_author=desk.is_author(person, status),
        approved_as=desk.approved_as(person, status),
    )


def _to_state(bench: Bench, standing: Standing, latest: VersionStatus, *, known: bool) -> None:
    """Draw the form for a new version, and the last one for those who cannot write one or were against it."""
    policy = desk.room().policy(standing.policy_id, latest.version)
    may_state = known and rights.may(AppRole.ANALYST)
    if latest.state is State.DRAFT and latest.dissent:
        against = latest.dissent[-1]
        widgets.paragraph(
            tr(
                "**Why {named} rejected it:** “{rationale}”",
                named=safe(words.named(against.name)),
                rationale=safe(against.rationale, limit=5000),
            )
        )
    if may_state:
        if policy.data.sha256 not in {d.dataset.fingerprint for d in bench.view.case.data}:
            widgets.notice(
                tr(
                    "It was judged on {data}, and your case holds other data. A new version from here would "
                    "be about your data: open the case it came from, or start another policy.",
                    data=safe(policy.data.name, limit=120),
                )
            )
        statement.section(bench, standing, known=known)
    label = tr("Version {version}, {state}", version=count(latest.version), state=safe(latest.state.words))
    with st.expander(label, icon=":material/description:", expanded=not may_state or bool(latest.dissent)):
        asked.section(policy, latest)


def _to_decide(bench: Bench, standing: Standing, latest: VersionStatus, *, known: bool) -> None:
    """Draw a version that is to be signed, put into force or watched."""
    policy = desk.room().policy(standing.policy_id, latest.version)
    if latest.state is State.IN_REVIEW:
        _link(standing)
    can_sign = known and latest.state is State.IN_REVIEW and rights.may(AppRole.EXPERT)
    if latest.state is State.SIGNED and known:
        operating.activation(latest)
    asked.section(policy, latest, with_warnings=not can_sign)
    if latest.state is State.IN_REVIEW and known:
        signature.section(policy, latest)
    _differs(bench, standing, policy)


def _link(standing: Standing) -> None:
    """Show the address that opens this policy for those who are to sign it, beside whatever case they have open."""
    here = urlsplit(st.context.url or "/sign_off")
    widgets.note(tr("For those who are to sign it:"))
    st.code(
        urlunsplit((here.scheme, here.netloc, here.path, f"policy={standing.policy_id}", "")), language=None
    )


def _differs(bench: Bench, standing: Standing, policy: Policy) -> None:
    """Say whether what is on the pages is still that version, and offer to make it a new one."""
    changes = changed_since(bench, policy)
    if not changes:
        widgets.note(tr(":material/check: What is on your pages is this version, figure by figure."))
        return
    what = safe(words.differing_words(changes), limit=400)
    with st.expander(
        tr("Your pages differ from it in {what}", what=what), icon=":material/difference:", key="sign_differs"
    ):
        comparing.listed(changes)
        if rights.may(AppRole.ANALYST):
            st.button(
                tr("Make it a new version"), icon=":material/add:", key="sign_new",
                on_click=_open_new, args=(standing.policy_id, standing.latest.version),
            )  # fmt: skip


def _open_new(policy_id: str, version: int) -> None:
    st.session_state[_NEW_VERSION] = (policy_id, version)


def _is_new(standing: Standing) -> bool:
    """Whether the user asked for the form of a new version after this one."""
    return st.session_state.get(_NEW_VERSION) == (standing.policy_id, standing.latest.version)
