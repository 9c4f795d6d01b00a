"""A button, on any page, that makes what is shown there a problem: it opens the form with what is known already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from rai_dash.core.texts import mark, tr
from rai_dash.govern.people import AppRole
from rai_dash.govern.problems import Source
from rai_dash.ui import rights, state

_DRAFT: Final = "problem_draft"
#: What opening a problem is called where it is not allowed.
OPENING: Final = mark("Opening a problem")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What stands in the form of a new problem.

    Parameters
    ----------
    title : str
    words : str
        The slice as a sentence; for hand-picked rows their ids, with commas between.
    source : Source
    picked : bool
        Whether ``words`` are the ids of rows.
    """

    title: str = ""
    words: str = ""
    source: Source = field(default=Source.PERSON)
    picked: bool = False


def draft() -> Draft:
    """Return what another page has put into the form; empty = nothing."""
    found = st.session_state.get(_DRAFT)
    return found if isinstance(found, Draft) else Draft()


def forget() -> None:
    """Empty the form."""
    st.session_state.pop(_DRAFT, None)


def button(made: Draft, *, key: str, label: str = mark("Make this a problem")) -> None:
    """Offer to open a problem with what is shown; nothing is written before the form is sent."""
    if not rights.may(AppRole.EXPERT):
        return
    if st.button(tr(label), icon=":material/bug_report:", key=key):
        st.session_state[_DRAFT] = made
        state.choose(problems="report", problem="")
        st.switch_page("pages/problems.py", query_params=state.choices().to_query())
