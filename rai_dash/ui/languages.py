"""The language of a session: chosen in the address, else set by the operator, else asked for by the browser."""

from __future__ import annotations

import streamlit as st

from rai_dash.core.catalogues import best, name_of, offered
from rai_dash.core.pseudo import PSEUDO
from rai_dash.core.settings import AUTO, get_settings
from rai_dash.core.texts import language, speak, spoken, tr
from rai_dash.core.words import number
from rai_dash.ui import state

_FIELD = "pick_lang"
#: Shows the marks between thousands and before decimals.
_EXAMPLE = 1234567.5


def begin() -> None:
    """Speak the language of this session; at the start of every run, and of every fragment that runs alone."""
    asked = st.query_params.get("lang", "")
    if asked in choices():
        # Streamlit drops the address on a change of page, and it may name nothing else that is kept.
        state.take_language(asked)
    chosen = state.choices().lang
    speak(chosen if chosen in choices() else _given())


def choices() -> tuple[str, ...]:
    """Return the languages that may be chosen; the pseudo-locale only where the operator switched it on."""
    return (*offered(), PSEUDO) if get_settings().language == PSEUDO else offered()


def _given() -> str:
    """Return the language of somebody who chose none."""
    wanted = get_settings().language
    return best(st.context.locale) if wanted == AUTO else wanted


def select() -> None:
    """Let people choose the language and how numbers are written; the choice goes into the address."""
    codes = choices()
    st.session_state[_FIELD] = language() if language() in codes else codes[0]
    st.selectbox(
        tr("Language and numbers"), codes, key=_FIELD, format_func=_named, on_change=_take,
        help=tr("Numbers and dates follow it; what is signed and what is downloaded for programs stays as it is."),
    )  # fmt: skip


def _named(code: str) -> str:
    with spoken(code):
        return f"{name_of(code)} · {number(_EXAMPLE, digits=1, grouped=True)}"


def _take() -> None:
    code = str(st.session_state[_FIELD])
    state.choose(lang="" if code == _given() else code)
