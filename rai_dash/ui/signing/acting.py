"""What every form on the Sign-off page does the same way: who asks, what came of it, what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import KEPT, spoken, tr
from rai_dash.ui import identity, read_only, widgets
from rai_dash.ui.text import safe

_DONE: Final = "sign_done"
_TURN: Final = "sign_turn"
_NAME: Final = "sign_name"


def key(name: str) -> str:
    """Return the key of a field: another one after each action, so that the form is empty again then and not before."""
    turn = int(st.session_state.get(_TURN, 0))
    return f"sign_{name}" if not turn else f"sign_{name}_{turn}"


def told() -> None:
    """Show what the last action did, once."""
    done = st.session_state.pop(_DONE, None)
    if done is not None:
        st.success(safe(done, limit=400), icon=":material/verified:")


def act(do: Callable[[], object], done: str) -> None:
    """Do something at the desk and start the page anew; a refusal stands at the form, and what was typed stays.

    Parameters
    ----------
    do : callable
        Raises a RaiError where it is refused.
    done : str
        What to say where it was not, as plain text.
    """
    try:
        # What is put on record is put in English, whoever does it in whatever language.
        with spoken(KEPT):
            do()
    except RaiError as error:
        widgets.problem(safe(error.message, limit=1_000))
        return
    st.session_state[_DONE] = done
    st.session_state[_TURN] = int(st.session_state.get(_TURN, 0)) + 1
    st.rerun()


def is_known() -> bool:
    """Whether something can be recorded under the name of whoever uses the page: not through a read-only link."""
    if read_only.is_on():
        return False
    return identity.sign_in_is_on() or bool(identity.typed_name())


def ask_for_a_name() -> None:
    """Ask for a name where there is no sign-in and none was typed; through a read-only link say what it is instead."""
    if is_known():
        return
    if read_only.is_on():
        st.info(tr(read_only.REFUSAL), icon=":material/lock:")
        return
    with st.container(border=True):
        widgets.heading(tr("Who are you?"), tr("What you do here is recorded under your name"))
        st.text_input(
            tr("Your name"),
            key=_NAME,
            max_chars=identity.LONGEST_NAME,
            on_change=_take_name,
            autocomplete="name",
        )
        widgets.note(tr("It is recorded as unverified: there is no sign-in here, so nobody checks it."))


def _take_name() -> None:
    st.session_state[identity.LOCAL_NAME] = str(st.session_state[_NAME])
