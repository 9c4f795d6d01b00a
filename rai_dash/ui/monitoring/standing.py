"""How what is held against stands: a rehearsal, not in force, suspended, expired."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern.standing import reminders
from rai_dash.govern.workflow import VersionStatus
from rai_dash.ui import widgets
from rai_dash.ui.monitoring.basis import Basis
from rai_dash.ui.monitoring.recorded import runs_of
from rai_dash.ui.signing import desk, words
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe


def section(view: View, basis: Basis, *, told: str = "") -> None:
    """Say above everything else how the policy stands.

    Parameters
    ----------
    view : View
    basis : Basis
    told : str
        What is said of the batch below: a suspension for the same reason need not say it twice.
    """
    if basis.status is None or basis.standing is None:
        data = view.judgement.data.title
        st.info(
            tr(
                "**Nothing is signed.** This shows what the monitor would say if today’s band were signed on "
                "{data}.",
                data=safe(data),
            ),
            icon=":material/theater_comedy:",
        )
        return
    status = basis.status
    line = words.state_line(basis.standing, status)
    if status.suspended is not None:
        what = tr(
            "Version {version} of “{status}” ({environment})",
            version=count(status.version),
            status=safe(status.title),
            environment=safe(status.environment),
        )
        why = (
            tr("what the batch below shows.")
            if status.suspended == told
            else safe(_reason(status), limit=500)
        )
        st.error(
            tr(
                "**Suspended.** {what} decides nothing for now: a person decides every application. Reason: "
                "{why}",
                what=what,
                why=why,
            ),
            icon=":material/pause_circle:",
        )
    elif basis.is_in_force:
        widgets.note(f":material/verified: {safe(line.text, limit=800)}")
    else:
        _not_in_force(safe(line.text, limit=800), is_over=status.state.is_over)
    for reminder in reminders(basis.standing, desk.now(), get_settings().remind_days):
        widgets.notice(safe(reminder, limit=400))


def _reason(status: VersionStatus) -> str:
    """Say why a version is suspended: by a person in their words, by the monitor with the batch that did it."""
    try:
        runs = runs_of(status.policy_id)
    except RaiError:
        runs = ()
    by = next(
        (one.run for one in reversed(runs) if one.run.suspended and one.sentence == status.suspended), None
    )
    if by is None:
        return str(status.suspended)
    return tr(
        "the batch “{by}”, recorded on {day}, is a breach.",
        by=plain(by.label, limit=120),
        day=words.day(by.at),
    )


def _not_in_force(text: str, *, is_over: bool) -> None:
    if is_over:
        st.error(tr("**Not in force.** {text}", text=text), icon=":material/block:")
    else:
        st.info(tr("**Not in force.** {text}", text=text), icon=":material/pending:")
