"""Outcomes that came after the queue was filled: taken from any data of the case that has them."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.govern.people import AppRole
from rai_dash.govern.queue.views import QueueLine
from rai_dash.ui import rights, state, widgets
from rai_dash.ui.queue import room
from rai_dash.ui.signing import acting
from rai_dash.ui.state import View
from rai_dash.ui.text import plain

_ADDING = mark("Adding outcomes")


def late_outcomes(view: View, line: QueueLine) -> None:
    """Offer the data of the case that name their rows and know outcomes."""
    with st.expander(tr("Outcomes that came later"), icon=":material/event_available:"):
        if not (rights.can_do(AppRole.ANALYST, tr(_ADDING)) and rights.rows_shown()):
            return
        names = {
            d.key: plain(d.title)
            for d in view.case.data
            if d.dataset.roles.id is not None and d.dataset.roles.target is not None
        }
        if not names:
            widgets.note(tr("No data of this case have an id and an outcome: name both on the Start page."))
            return
        if not acting.is_known():
            widgets.note(tr("Type your name first: it is recorded who added outcomes."))
            return
        with st.form(acting.key("queue_late"), border=False):
            key = st.selectbox(
                tr("Data with the outcomes"),
                list(names),
                format_func=lambda k: names[k],
                key=acting.key("queue_late_data"),
            )
            is_sent = st.form_submit_button(tr("Take the outcomes over"), icon=":material/sync:")
        widgets.note(
            tr("Applications are found again by their id; outcomes known before are replaced by newer ones.")
        )
    if is_sent:
        acting.act(lambda: _add(view, line.id, str(key)), tr("The outcomes are taken over."))


def _add(view: View, queue_id: str, key: str) -> None:
    rights.require_role(AppRole.ANALYST, tr(_ADDING))
    rights.require_rows()
    case = state.case_with(view.case.id)
    if case is None:
        msg = "This case is gone. Open it again."
        raise InvalidChoice(msg)
    room.acting_desk().add_outcomes(queue_id, case.data_of(key).dataset)
