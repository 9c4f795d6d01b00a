"""Putting a version into force, changing its stage, and taking it out again."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.govern.events import Stage
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.standing import Standing
from rai_dash.govern.workflow import State, VersionStatus
from rai_dash.ui import identity, widgets
from rai_dash.ui.signing import acting, desk
from rai_dash.ui.signing.words import STAGE_MEANS, STAGES
from rai_dash.ui.text import count, safe

_REASON: Final = mark("Reason (it stays in the record)")


def activation(status: VersionStatus) -> None:
    """Draw the form that puts a signed version into force, for an operator."""
    if identity.visitor().role < AppRole.OPERATOR:
        return
    with st.form("activate", border=True):
        widgets.heading(
            tr("Put into force"),
            tr("For {valid_months} months from now", valid_months=count(status.valid_months)),
        )
        stage, share = _stage("activate", tuple(Stage), Stage.SHADOW)
        sent = st.form_submit_button(tr("Put into force"), icon=":material/play_arrow:")
    if sent:
        acting.act(
            lambda: desk.acting_desk().activate(status.policy_id, status.version, stage=stage, share=share),
            tr(
                "Version {version} is in force: {stage}.",
                version=status.version,
                stage=tr(STAGES[stage]).lower(),
            ),
        )


def section(standing: Standing) -> None:
    """Draw what can be done to the versions in use, for those who may."""
    person = identity.visitor()
    used = [v for v in standing.versions if v.state in {State.ACTIVE, State.SIGNED} and _may_stop(person, v)]
    if not used:
        return
    with st.expander(tr("Operate"), icon=":material/tune:", key="operate", on_change="rerun") as box:
        if not box.open:
            return
        for status in reversed(used):
            with st.container(border=True):
                widgets.paragraph(
                    tr(
                        "**Version {version}**, {state}",
                        version=count(status.version),
                        state=safe(status.state.words),
                    )
                )
                _operate(standing, status, person)


def _may_stop(person: Person, status: VersionStatus) -> bool:
    if person.role >= AppRole.OPERATOR:
        return True
    return person.role >= AppRole.EXPERT and any(map(person.may_sign_as, status.required_roles))


def _operate(standing: Standing, status: VersionStatus, person: Person) -> None:
    """Draw one small form for each thing that can be done to a version."""
    is_operator = person.role >= AppRole.OPERATOR
    if status.state is State.ACTIVE:
        if is_operator:
            _restage(status)
        if status.suspended is None:
            _suspend(status)
        else:
            _lift(status)
        current = standing.history.current
        if is_operator and current is not None and current.version == status.version:
            _revert(standing, status)
    _revoke(status)


def _stage(name: str, stages: tuple[Stage, ...], first: Stage) -> tuple[Stage, float | None]:
    """Let an operator choose a stage, and the share where it is one."""
    stage = st.radio(
        tr("Stage"),
        stages,
        stages.index(first),
        key=acting.key(f"{name}_stage"),
        format_func=lambda one: tr(STAGES[one]),
        captions=[tr(STAGE_MEANS[one]) for one in stages],
    )
    percent = st.slider(
        tr("Share of the cases, in percent (for that stage alone)"),
        1,
        99,
        20,
        key=acting.key(f"{name}_share"),
    )
    return stage, percent / 100 if stage is Stage.SHARE else None


def _restage(status: VersionStatus) -> None:
    with st.form(f"stage_{status.version}", border=False):
        stage, share = _stage(f"restage_{status.version}", tuple(Stage), status.stage or Stage.ALL)
        sent = st.form_submit_button(tr("Change the stage"), icon=":material/stairs:")
    if sent:
        acting.act(
            lambda: desk.acting_desk().stage(status.policy_id, status.version, stage=stage, share=share),
            tr(
                "Version {version} works now: {stage}.",
                version=status.version,
                stage=tr(STAGES[stage]).lower(),
            ),
        )


def _suspend(status: VersionStatus) -> None:
    reason = _reason(status, "suspend", tr("Suspend: everything goes to a person"), ":material/pause:")
    if reason is not None:
        acting.act(
            lambda: desk.acting_desk().suspend(status.policy_id, status.version, reason=reason),
            tr("Version {version} is suspended: everything goes to a person.", version=status.version),
        )


def _lift(status: VersionStatus) -> None:
    reason = _reason(status, "lift", tr("Lift the suspension"), ":material/resume:")
    if reason is not None:
        acting.act(
            lambda: desk.acting_desk().lift(status.policy_id, status.version, reason=reason),
            tr("The suspension of version {version} is lifted.", version=status.version),
        )


def _revert(standing: Standing, status: VersionStatus) -> None:
    before = standing.previous_active
    if before is None:
        widgets.note(tr("There is no version in force before it to go back to."))
        return
    reason = _reason(
        status, "revert", tr("Go back to version {version}", version=count(before.version)), ":material/undo:"
    )
    if reason is not None:
        acting.act(
            lambda: desk.acting_desk().revert(status.policy_id, status.version, reason=reason),
            tr("Version {version} is in force again for all cases.", version=before.version),
        )


def _revoke(status: VersionStatus) -> None:
    reason = _reason(status, "revoke", tr("Revoke it for good"), ":material/block:")
    if reason is not None:
        acting.act(
            lambda: desk.acting_desk().revoke(status.policy_id, status.version, reason=reason),
            tr("Version {version} is revoked: it decides nothing any more.", version=status.version),
        )


def _reason(status: VersionStatus, name: str, label: str, icon: str) -> str | None:
    """Draw a form with a reason; returns it when it was sent."""
    row = st.form(f"{name}_{status.version}", border=False)
    with row, st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input(tr(_REASON), key=acting.key(f"{name}_{status.version}_reason"))
        sent = st.form_submit_button(label, icon=icon)
    return reason if sent else None
