"""The list of problems, the first to look at on top, and which one is looked at."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.govern.problems import Problem
from rai_dash.ui import controls, headers, state, widgets
from rai_dash.ui.problems import words
from rai_dash.ui.problems.room import Found, line_here, pair_of
from rai_dash.ui.reviewing.tables import table
from rai_dash.ui.state import View
from rai_dash.ui.text import plain, safe

#: Shown at once; the table behind the expander has all.
MOST = 12


def finding(view: View, found: Found) -> None:
    """Say how things are."""
    told = words.finding(found.problems, found.order, found.table)
    elsewhere = words.elsewhere(found.problems, found.table, pair_of(view))
    widgets.finding(
        safe(f"{told} {elsewhere}".strip(), limit=600),
        warn=words.is_worrying(found.problems, found.table),
    )
    if found.not_recorded:
        widgets.notice(
            tr(
                "What was measured is not on record: {not_recorded}",
                not_recorded=safe(found.not_recorded, limit=300),
            )
        )


def nothing() -> None:
    """Offer what gets the first problem."""
    with st.container(horizontal=True):
        for which, label, icon in (
            ("find", tr("Find where the error concentrates"), ":material/search:"),
            ("report", tr("Report a problem"), ":material/bug_report:"),
        ):
            st.button(
                label, icon=icon, key=f"problems_{which}", on_click=state.choose, kwargs={"problems": which}
            )


def listing(view: View, found: Found) -> Problem | None:
    """Draw the list, and return the problem that is looked at."""
    frame = _frame(view, found)
    drawn = frame.head(MOST).drop(columns="Id")
    # Cells that wrap: two titles that begin alike differ at their ends.
    table(
        [safe(headers.header(title)) for title in drawn.columns],
        [[safe(cell, limit=200) for cell in row] for row in drawn.itertuples(index=False)],
        words=(0, 1, 6, 7),
    )
    widgets.note(
        tr(
            "Priority is the share of people × the error against that of all × the harm (1 to 5), for the "
            "model and the data that are looked at. *Here* is what this model does about it on these data."
        )
    )
    if len(frame) > MOST:
        widgets.numbers(
            lambda: frame,
            name="problems",
            key="problems",
            label=tr("All {frame} problems", frame=len(frame)),
            people=None,
        )
    ids = [one.id for one in found.order]
    names = {one.id: f"{plain(one.name)}" for one in found.order}
    chosen = controls.pick(tr("Look at"), "problem", ids, names)
    if chosen != state.choices().problem:
        state.choose(problem=chosen)
    return found.problem(chosen)


def _frame(view: View, found: Found) -> pd.DataFrame:
    rows = []
    for place in found.order:
        problem = found.problem(place.id)
        if problem is not None:
            row = words.list_row(problem, place, line_here(view, found, problem.id))
            rows.append(row | {"Id": problem.id})
    return pd.DataFrame(rows)
