"""Take decided cases over: as a table for the next training set, and as rows of the living test set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import streamlit as st

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.data.dataset import Dataset, dataset_from_frame
from rai_dash.data.sources import decided_by_people
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

_ACCEPTING: Final = mark("Accepting decisions")


def _so_far(ready: int, done: int) -> str:
    """Say how many cases are settled and how many of them are accepted."""
    if not (ready or done):
        return tr("No case is settled yet, so there is nothing to accept.")
    if not ready:
        return tr("All {cases} that are settled so far are accepted.", cases=words.cases(done))
    return tr(
        "{cases} settled and not accepted yet; {cases_done} accepted.",
        cases=words.cases(ready),
        cases_done=words.cases(done),
    )


def accepting(view: View, line: QueueLine, queue: Queue) -> None:
    """Show what can be accepted, and what has been."""
    widgets.heading(
        tr("What becomes of decided cases"), tr("Accepted ones join the test set and the next training set")
    )
    ready = [
        c.number for c in queue.cases if c.accepted is None and c.decision not in {None, Decision.CANNOT_SAY}
    ]
    done = sum(case.accepted is not None for case in queue.cases)
    widgets.paragraph(_so_far(len(ready), done))
    if not rights.can_do(AppRole.ANALYST, tr(_ACCEPTING)):
        return
    if ready:
        _form(line, ready)
    if not rights.rows_shown():
        return
    if done:
        _joining(view, line, queue)
    widgets.numbers(
        lambda: _decisions(line.id),
        name="review_queue_decisions",
        key="queue_decisions",
        label=tr("Every settled case"),
        more=tr("One line a settled case; whoever may still read one of the others has to do so blind."),
    )


def _form(line: QueueLine, ready: list[int]) -> None:
    acting.ask_for_a_name()
    if not acting.is_known():
        return
    with st.form(acting.key("queue_accept"), border=False):
        reason = st.text_input(
            tr("Why they can be relied on"), key=acting.key("queue_accept_reason"), max_chars=1_000,
            placeholder=tr("Two officers agree, and the files were checked"),
        )  # fmt: skip
        is_sent = st.form_submit_button(
            tr("Accept {cases}", cases=words.cases(len(ready))), icon=":material/check_circle:"
        )
    if is_sent:
        acting.act(lambda: _accept(line.id, ready, reason), tr("They are accepted."))


def _accept(queue_id: str, ready: list[int], reason: str) -> None:
    room.acting_desk().accept(queue_id, ready, reason=reason)


def _joining(view: View, line: QueueLine, queue: Queue) -> None:
    """Offer the accepted rows as a file, and to the test set that is looked at."""
    widgets.numbers(
        lambda: accepted_rows(line.id), name="accepted_decisions", key="queue_accepted",
        label=tr("Accepted cases, for the next training set"),
        more=tr("The column outcome_source says whether an outcome was observed or a person decided in its place."),
    )  # fmt: skip
    if not acting.is_known():
        return
    _join_form(
        line, {d.key: plain(d.title) for d in _test_sets(view, queue.fill.batch)},
        name="join", label=tr("Test set that they join"), button=tr("Let them join"),
        note=tr("Where no outcome was observed, the decision of people stands in its place: a model is then "
"judged by how far it agrees with them. No application joins twice, and the record says how many "
"of each there are."),
        do=lambda key: _join(view, line.id, key),
        done=tr("They joined, and every model was judged on the new version."),
    )  # fmt: skip
    _join_form(
        line, {d.key: plain(d.title) for d in _training_first(view)},
        name="train", label=tr("Training data that they are added to"), button=tr("Make the next training set"),
        note=tr("The data stay as they are; the new set stands beside them in the sidebar, for Rebalance and for "
"training anew. A model that is trained on decisions learns what people do, and is not tested by "
"a test set that holds these cases as well."),
        do=lambda key: _train(view, line.id, key),
        done=tr("The next training set is in the case: choose it in the sidebar."),
    )  # fmt: skip


def _join_form(
    line: QueueLine, names: dict[str, str], *, name: str, label: str, button: str, note: str,
    do: Callable[[str], None], done: str,
) -> None:  # fmt: skip
    """Let the user choose data that the accepted cases join."""
    if not names:
        return
    with st.form(acting.key(f"queue_{name}"), border=False):
        key = st.selectbox(
            label, list(names), format_func=lambda k: names[k], key=acting.key(f"queue_{name}_set.{line.id}")
        )
        is_sent = st.form_submit_button(button, icon=":material/group_add:")
    widgets.note(note)
    if is_sent:
        acting.act(lambda: do(str(key)), done)


def _test_sets(view: View, batch: str) -> list[CaseData]:
    """List the data that are no training data and not the batch itself, the living ones first."""
    there = [d for d in view.case.data if d.role is not DataRole.TRAINING and d.dataset.fingerprint != batch]
    return sorted(there, key=lambda d: d.role is not DataRole.LIVING)


def _training_first(view: View) -> list[CaseData]:
    """List the data with an outcome, those that a model was trained on first."""
    trained = {m.trained_on for m in view.case.models}
    there = [d for d in view.case.data if d.dataset.roles.target is not None]
    return sorted(there, key=lambda d: (d.key not in trained, d.role is not DataRole.TRAINING))


def _join(view: View, queue_id: str, key: str) -> None:
    from rai_dash.report.models_growth import grow_case
    from rai_dash.ui.models.records import acting_sets

    case, offered = _offered(view, queue_id)
    decided = decided_by_people(offered.frame)
    observed = offered.n_rows - decided
    note = tr(
        "Review queue {queue_id}: {observed} with an observed outcome, {decided} decided by people",
        queue_id=queue_id,
        observed=count(observed),
        decided=count(decided),
    )
    grown = grow_case(case, key, offered, acting_sets(), source="review", note=note)
    state.save(grown.case)


def _train(view: View, queue_id: str, key: str) -> None:
    from rai_dash.report.reviewed_training import with_reviewed

    case, offered = _offered(view, queue_id)
    state.save(with_reviewed(case, key, offered).case)


def _offered(view: View, queue_id: str) -> tuple[Case, Dataset]:
    """Return the case as it is now and the accepted rows, to whoever may take them over."""
    rights.require_role(AppRole.ANALYST, tr(_ACCEPTING))
    rights.require_rows()
    case = state.case_with(view.case.id)
    if case is None:
        msg = "This case is gone. Open it again."
        raise InvalidChoice(msg)
    desk = room.acting_desk()
    table, roles = accepted_table(desk.queue(queue_id), desk.rows(queue_id), desk.facts(queue_id)[0])
    return case, dataset_from_frame(table, roles, name=f"accepted of {queue_id}")


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
