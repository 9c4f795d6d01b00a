"""The form in which a problem is reported: whom it is about, and how bad it is."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.data.slices import Slice
from rai_dash.govern.people import AppRole
from rai_dash.govern.problems import Problem, Source
from rai_dash.report.problem_cases import few_checked, opening_checked
from rai_dash.report.problems_work import basis_of
from rai_dash.ui import identity, rights, state, widgets
from rai_dash.ui.problems import flag, words
from rai_dash.ui.problems.moving import harm_fields
from rai_dash.ui.problems.room import acting_desk
from rai_dash.ui.problems.whom import whom
from rai_dash.ui.signing.acting import act, ask_for_a_name, key
from rai_dash.ui.state import View
from rai_dash.ui.text import safe


def reporting(view: View) -> None:
    """Draw the form."""
    widgets.heading(
        tr("Report a problem"), tr("Say whom it is about; every model is then tried on these people")
    )
    if not rights.can_do(AppRole.EXPERT, tr(flag.OPENING)):
        return
    ask_for_a_name()
    draft = flag.draft()
    if draft.source is not Source.PERSON:
        widgets.note(f":material/link: {safe(tr(words.SOURCES[draft.source]))}.")
    title = st.text_input(
        tr("What is wrong, in a few words"), draft.title, key=key("problem_title"), max_chars=200
    )
    of = whom(view, draft)
    harm, harmed = harm_fields(3, "")
    tolerance = _tolerance()
    if st.button(tr("Report it"), icon=":material/bug_report:", key="problem_report"):
        if of is None:
            widgets.problem(tr("Say first whom it is about, in a way that can be read."))
            return
        act(
            lambda: _open(
                view, title, of, harm=harm, harmed=harmed, tolerance=tolerance, source=draft.source
            ),
            tr("The problem is on record, and was tried on every model."),
        )


def _open(
    view: View, title: str, of: Slice, *, harm: int, harmed: str, tolerance: float | None, source: Source
) -> Problem:
    opening_checked(view.judgement, of)
    few_checked(view.judgement, of, view.choices.threshold, identity.visitor())
    made = acting_desk().open(
        title,
        of,
        source=source,
        basis=basis_of(view.judgement, view.choices.threshold),
        harm=harm,
        harmed=harmed,
        tolerance=tolerance,
    )
    flag.forget()
    state.choose(problems="list", problem=made.id)
    return made


def _tolerance() -> float | None:
    with st.expander(
        tr("An error rate was agreed on"),
        icon=":material/rule:",
        key=key("problem_part_rate"),
        on_change="rerun",
    ):
        widgets.note(tr("Without one the people are compared with everybody else."))
        points = st.number_input(
            tr("At most … percent of the decisions about them may be wrong"),
            0.0,
            100.0,
            None,
            step=1.0,
            key=key("problem_tolerance"),
        )
    return None if points is None else points / 100
