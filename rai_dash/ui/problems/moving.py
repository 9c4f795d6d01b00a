"""What may be done to a problem: status, owner, harm, a note."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rai_dash.core.texts import tr
from rai_dash.core.words import capital
from rai_dash.data.slices import Slice, slice_words
from rai_dash.govern.people import AppRole
from rai_dash.govern.problems import Problem, Status
from rai_dash.govern.problems._rules import NEXT, needs_reason
from rai_dash.report.problem_cases import restating_checked
from rai_dash.ui import rights, widgets
from rai_dash.ui.problems import flag, words
from rai_dash.ui.problems.room import acting_desk, reading_desk
from rai_dash.ui.problems.whom import whom
from rai_dash.ui.signing import desk as policies
from rai_dash.ui.signing.acting import act, ask_for_a_name, key
from rai_dash.ui.state import View
from rai_dash.ui.text import safe

#: Days that an acceptance has at first in the form.
_FIRST_DAYS = 90


def moving(view: View, problem: Problem) -> None:
    """Draw how the problem stands and what may be done."""
    with st.container(border=True):
        widgets.heading(tr("What is done about it"))
        owner = tr("Nobody looks") if problem.owner is None else tr("{owner} looks", owner=problem.owner)
        widgets.paragraph(
            tr(
                "**{status}**. {owner} after it.",
                status=safe(capital(words.status(problem)), limit=120),
                owner=safe(owner, limit=520),
            )
        )
        if not rights.can_do(AppRole.EXPERT, tr("Working on a problem")):
            return
        ask_for_a_name()
        if reading_desk().may_move(problem):
            _status(problem)
            _owner(problem)
            _whom(view, problem)
        else:
            widgets.note(
                tr(
                    ":material/lock: Status, owner and whom it is about are changed by analysts, and by "
                    "whoever looks after the problem."
                )
            )
        _harm(problem)
        _note(problem)


def _part(label: str, icon: str, name: str) -> DeltaGenerator:
    """Return a part that stays open while it is filled in, also when something above it goes away."""
    return st.expander(label, icon=icon, key=key(f"problem_part_{name}"), on_change="rerun")


def _status(problem: Problem) -> None:
    options = words.may_become(problem.status, NEXT[problem.status])
    with _part(tr("Change the status"), ":material/flag:", "status"):
        to = st.selectbox(
            tr("It is now"), list(options), format_func=options.__getitem__, key=key("problem_status")
        )
        status = Status(to)
        until = _until() if status is Status.ACCEPTED else None
        must = needs_reason(problem, status)
        reason = st.text_area(
            tr("Why") if must else tr("Why (may stay empty)"), key=key("problem_reason"), max_chars=5_000
        )
        if status is Status.FIXED and must:
            widgets.note(tr("No model is on record as mending it, so that a reason is needed."))
        if st.button(tr("Set the status"), key="problem_set_status"):
            act(
                lambda: acting_desk().status(problem.id, status, reason=reason, until=until),
                tr("The problem is {status} now.", status=status.value),
            )


def _until() -> datetime | None:
    today = policies.now().date()
    last = st.date_input(
        tr("Until the end of"), today + timedelta(days=_FIRST_DAYS), min_value=today, key=key("problem_until")
    )
    return datetime.combine(last + timedelta(days=1), time(), UTC) if isinstance(last, date) else None


def _owner(problem: Problem) -> None:
    with _part(tr("Who looks after it"), ":material/person:", "owner"):
        name = st.text_input(
            tr("Name (empty = nobody)"), problem.owner or "", key=key("problem_owner"), max_chars=80
        )
        if st.button(tr("Give it to them"), key="problem_set_owner"):
            act(lambda: acting_desk().owner(problem.id, name), tr("Who looks after it is on record."))


def _whom(view: View, problem: Problem) -> None:
    with st.expander(
        tr("Say anew whom it is about"),
        icon=":material/edit:",
        on_change="rerun",
        key=f"problem_anew_{problem.id}",
    ) as box:
        if not box.open:
            return
        widgets.note(
            tr("What was measured before counts no more: every model is tried again on these people.")
        )
        words_now = "" if problem.slice is None or problem.has_patterns else slice_words(problem.slice)
        of = whom(view, flag.Draft(words=words_now), name=f"anew_{problem.id}")
        if st.button(tr("Make it about them"), key="problem_restate", disabled=of is None) and of is not None:
            act(
                lambda: _restate(view, problem, of),
                tr("Whom it is about is on record, and was tried on every model."),
            )


def _restate(view: View, problem: Problem, of: Slice) -> Problem:
    restating_checked(view.judgement, problem, of)
    return acting_desk().restate(problem.id, of)


def _harm(problem: Problem) -> None:
    with _part(tr("How bad it is"), ":material/crisis_alert:", "harm"):
        harm, harmed = harm_fields(problem.harm, problem.harmed)
        if st.button(tr("Set the harm"), key="problem_set_harm"):
            act(lambda: acting_desk().harm(problem.id, harm, harmed), tr("The harm is on record."))


def harm_fields(harm: int, harmed: str) -> tuple[int, str]:
    """Ask how bad it is, and for whom."""
    level = st.select_slider(
        tr("Harm to a person it hits"),
        list(words.HARMS),
        harm,
        format_func=lambda one: tr(words.HARMS[one]),
        key=key("problem_harm"),
    )
    text = st.text_area(tr("Who is harmed, and how"), harmed, key=key("problem_harmed"), max_chars=2_000)
    return int(level), text


def _note(problem: Problem) -> None:
    with _part(tr("Write a note"), ":material/edit_note:", "note"):
        text = st.text_area(tr("Note"), key=key("problem_note"), max_chars=5_000)
        if st.button(tr("Keep the note"), key="problem_add_note"):
            act(lambda: acting_desk().note(problem.id, text), tr("The note is kept."))
