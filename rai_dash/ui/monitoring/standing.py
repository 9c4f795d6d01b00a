"""How what is held against stands: a rehearsal, not in force, suspended, expired."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.settings import get_settings
from rai_dash.govern.standing import reminders
from rai_dash.ui import widgets
from rai_dash.ui.monitoring.basis import Basis
from rai_dash.ui.signing import desk, words
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe


def section(view: View, basis: Basis) -> None:
    """Say above everything else how the policy stands."""
    if basis.status is None or basis.standing is None:
        data = view.judgement.data.title
        st.info(
            "**Nothing is signed.** This shows what the monitor would say if today’s band were signed on "
            f"{safe(data)}.",
            icon=":material/theater_comedy:",
        )
        return
    status = basis.status
    line = words.state_line(basis.standing, status)
    if status.suspended is not None:
        what = f"Version {count(status.version)} of “{safe(status.title)}” ({safe(status.environment)})"
        st.error(
            f"**Suspended.** {what} decides nothing for now: a person decides every application.\n\n"
            f"Reason: {safe(status.suspended, limit=220)}",
            icon=":material/pause_circle:",
        )
    elif basis.is_in_force:
        widgets.note(f":material/verified: {safe(line.text, limit=800)}")
    else:
        _not_in_force(safe(line.text, limit=800), is_over=status.state.is_over)
    for reminder in reminders(basis.standing, desk.now(), get_settings().remind_days):
        widgets.notice(safe(reminder, limit=400))


def _not_in_force(text: str, *, is_over: bool) -> None:
    if is_over:
        st.error(f"**Not in force.** {text}", icon=":material/block:")
    else:
        st.info(f"**Not in force.** {text}", icon=":material/pending:")
