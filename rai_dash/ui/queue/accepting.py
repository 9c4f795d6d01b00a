"""Take decided cases over: as a table for the next training set, and as rows of the living test set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import UNKNOWN
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.govern.people import AppRole
from rai_dash.govern.queue.bodies import Decision
from rai_dash.govern.queue.feeding import accepted_table, decisions_table
from rai_dash.govern.queue.views import QueueLine
from rai_dash.ui import rights, state, widgets
from rai_dash.ui.queue import room, words
from rai_dash.ui.signing import acting
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain

if TYPE_CHECKING:
    import pandas as pd

    from rai_dash.govern.queue.state import Queue

_ACCEPTING: Final = "Accepting decisions"


def accepting(view: View, line: QueueLine, queue: Queue) -> None:
    """Show what can be accepted, and what has been."""
    widgets.heading(
        "What becomes of decided cases", "Accepted ones join the test set and the next training set"
    )
    ready = [
        c.number for c in queue.cases if c.accepted is None and c.decision not in {None, Decision.CANNOT_SAY}
    ]
    done = sum(case.accepted is not None for case in queue.cases)
    widgets.paragraph(
        f"{words.cases(len(ready))} settled and not accepted yet; {words.cases(done)} accepted."
    )
    if not rights.can_do(AppRole.ANALYST, _ACCEPTING):
        return
    if ready:
        _form(line, ready)
    if not rights.rows_shown():
        return
    if done:
        _joining(view, line, queue)
    widgets.numbers(
        lambda: _decisions(line.id), name="review_queue_decisions", key="queue_decisions", label="Every settled case",
        more="One line a settled case; whoever may still read one of the others has to do so blind.",
    )  # fmt: skip


def _form(line: QueueLine, ready: list[int]) -> None:
    acting.ask_for_a_name()
    if not acting.is_known():
        return
    with st.form(acting.key("queue_accept"), border=False):
        reason = st.text_input(
            "Why they can be relied on", key=acting.key("queue_accept_reason"), max_chars=1_000,
            placeholder="Two officers agree, and the files were checked",
        )  # fmt: skip
        is_sent = st.form_submit_button(f"Accept {words.cases(len(ready))}", icon=":material/check_circle:")
    if is_sent:
        acting.act(lambda: _accept(line.id, ready, reason), "They are accepted.")


def _accept(queue_id: str, ready: list[int], reason: str) -> None:
    room.acting_desk().accept(queue_id, ready, reason=reason)


def _joining(view: View, line: QueueLine, queue: Queue) -> None:
    """Offer the accepted rows as a file, and to the test set that is looked at."""
    widgets.numbers(
        lambda: accepted_rows(line.id), name="accepted_decisions", key="queue_accepted",
        label="Accepted cases, for the next training set",
        more="The column outcome_source says whether an outcome was observed or a person decided in its place.",
    )  # fmt: skip
    names = {d.key: plain(d.title) for d in view.case.data if d.dataset.fingerprint != queue.fill.batch}
    if not names or not acting.is_known():
        return
    with st.form(acting.key("queue_join"), border=False):
        key = st.selectbox(
            "Test set that they join",
            list(names),
            format_func=lambda k: names[k],
            key=acting.key("queue_join_set"),
        )
        is_sent = st.form_submit_button("Let them join", icon=":material/group_add:")
    widgets.note(
        "Where no outcome was observed, the decision of people stands in its place: a model is then judged by how far "
        "it agrees with them. No application joins twice, and the record says how many of each there are."
    )
    if is_sent:
        acting.act(
            lambda: _join(view, line.id, str(key)),
            "They joined, and every model was judged on the new version.",
        )


def _join(view: View, queue_id: str, key: str) -> None:
    from rai_dash.report.models_growth import grow_case
    from rai_dash.ui.models.records import acting_sets

    rights.require_role(AppRole.ANALYST, _ACCEPTING)
    rights.require_rows()
    case = state.case_with(view.case.id)
    if case is None:
        msg = "This case is gone. Open it again."
        raise InvalidChoice(msg)
    desk = room.acting_desk()
    queue, (outcomes, rows) = desk.queue(queue_id), desk.facts(queue_id)
    if rows is None:
        rows = desk.rows(queue_id)
    table, roles = accepted_table(queue, rows, outcomes)
    accepted = np.array([case.accepted is not None for case in queue.cases], dtype=bool)
    observed = int((outcomes[accepted] != UNKNOWN).sum())
    decided = int(accepted.sum()) - observed
    note = f"Review queue {queue_id}: {count(observed)} with an observed outcome, {count(decided)} decided by people"
    offered = dataset_from_frame(table, roles, name=f"accepted of {queue_id}")
    grown = grow_case(case, key, offered, acting_sets(), source="review", note=note)
    state.save(grown.case)


def accepted_rows(queue_id: str) -> pd.DataFrame:
    """Return the accepted cases as a table, to whoever may see rows."""
    rights.require_rows()
    desk = room.reading_desk()
    return accepted_table(desk.queue(queue_id), desk.rows(queue_id), desk.facts(queue_id)[0])[0]


def _decisions(queue_id: str) -> pd.DataFrame:
    rights.require_rows()
    desk = room.reading_desk()
    outcomes, rows = desk.facts(queue_id)
    return decisions_table(desk.queue(queue_id), rows, outcomes)
