"""The form in which a problem is reported: whom it is about, and how bad it is."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.data.slices import Slice, TestPattern, parse_slice
from rai_dash.govern.people import AppRole
from rai_dash.govern.problems import Problem, Source
from rai_dash.report.problem_cases import opening_checked, slice_rows
from rai_dash.report.problems_work import basis_of
from rai_dash.ui import rights, state, widgets
from rai_dash.ui.problems import flag, words
from rai_dash.ui.problems.moving import harm_fields
from rai_dash.ui.problems.room import acting_desk
from rai_dash.ui.signing.acting import act, ask_for_a_name, key
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent, safe, sentence

WAYS = {"words": "By what they have in common", "hand": "One by one"}
EXPECTED = {
    "": "as it turned out",
    "favourable": "approved",
    "unfavourable": "declined",
}


def reporting(view: View) -> None:
    """Draw the form."""
    widgets.heading("Report a problem", "Say whom it is about; every model is then tried on these people")
    if not rights.can_do(AppRole.EXPERT, flag.OPENING):
        return
    ask_for_a_name()
    draft = flag.draft()
    if draft.source is not Source.PERSON:
        widgets.note(f":material/link: {safe(words.SOURCES[draft.source])}.")
    title = st.text_input(
        "What is wrong, in a few words", draft.title, key=key("problem_title"), max_chars=200
    )
    of = _whom(view, draft)
    harm, harmed = harm_fields(3, "")
    tolerance = _tolerance()
    if st.button("Report it", type="primary", icon=":material/bug_report:", key="problem_report"):
        if of is None:
            widgets.problem("Say first whom it is about, in a way that can be read.")
            return
        act(
            lambda: _open(
                view, title, of, harm=harm, harmed=harmed, tolerance=tolerance, source=draft.source
            ),
            "The problem is on record, and was tried on every model.",
        )


def _open(
    view: View, title: str, of: Slice, *, harm: int, harmed: str, tolerance: float | None, source: Source
) -> Problem:
    opening_checked(view.judgement, of)
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


def _whom(view: View, draft: flag.Draft) -> Slice | None:
    """Ask whom it is about; None = that cannot be read yet."""
    way = st.radio(
        "Whom it is about",
        list(WAYS),
        int(draft.picked),
        format_func=lambda w: safe(WAYS[w]),
        horizontal=True,
        key=key("problem_way"),
    )
    try:
        of = _by_hand(draft) if way == "hand" else _by_words(view, draft)
        if of is None:
            return None
        opening_checked(view.judgement, of)
        _counted(view, of)
    except RaiError as error:
        widgets.problem(sentence(error.message))
        return None
    return of


def _by_words(view: View, draft: flag.Draft) -> Slice | None:
    columns: Sequence[str] = view.judgement.data.dataset.columns
    text = st.text_input(
        "Conditions, with *and* between them",
        "" if draft.picked else draft.words,
        key=key("problem_words"),
        max_chars=1_000,
        placeholder="age < 25 and outcome is favourable and score < 0.5",
        help="COLUMN < 25, COLUMN between 25 and 35, COLUMN is A, COLUMN is one of A, B, COLUMN is blank; score and "
        "decision; outcome is favourable; everyone.",
    )
    return parse_slice(text, columns=columns) if text.strip() else None


def _by_hand(draft: flag.Draft) -> Slice | None:
    rights.require_rows()
    text = st.text_input(
        "Their ids, with commas between (without an id column: places in the table, from 0)",
        draft.words if draft.picked else "",
        key=key("problem_rows"),
        max_chars=1_000,
    )
    side = st.radio(
        "They should be",
        list(EXPECTED),
        format_func=lambda side: safe(EXPECTED[side]),
        horizontal=True,
        key=key("problem_expected"),
    )
    ids = [part.strip() for part in text.split(",") if part.strip()]
    return Slice(rows=tuple(TestPattern(row=one, expected=side or None) for one in ids)) if ids else None


def _counted(view: View, of: Slice) -> None:
    """Say how many people it is about, as it is typed."""
    rows = slice_rows(view.judgement, of, view.choices.threshold)
    n, total = int(rows.sum()), view.judgement.n_judged
    share = percent(n / total) if total else percent(None)
    text = f":material/groups: {count(n)} of {count(total)} rows that are judged ({share})."
    if n == 0:
        text += " Nobody: nothing can be measured then."
    widgets.note(text)


def _tolerance() -> float | None:
    with st.expander("An error rate was agreed on", icon=":material/rule:"):
        widgets.note("Without one the people are compared with everybody else.")
        points = st.number_input(
            "At most … percent of the decisions about them may be wrong",
            0.0,
            100.0,
            None,
            step=1.0,
            key=key("problem_tolerance"),
        )
    return None if points is None else points / 100
