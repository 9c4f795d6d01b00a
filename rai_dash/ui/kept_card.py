"""The part of the Start page about keeping: this case, and the cases that are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from rai_dash.case import Case
from rai_dash.casefile import left_out
from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.govern.kept import KeptCase
from rai_dash.govern.people import AppRole
from rai_dash.ui import identity, keeping, rights, state, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe, sentence

_PROBLEM = "problem_of_keeping"
_WHO = "kept_who"


def keep_card(view: View) -> None:
    """Offer to keep the case, and say what that stores, for how long, and who can open it."""
    if not view.case.data:
        return
    widgets.heading("Keep this case", "No row of a case is stored unless you keep it.")
    with st.container(border=True):
        try:
            kept = keeping.kept_state(view.case.id)
        except RaiError as error:
            widgets.problem(safe(error.message, limit=600))
            return
        _what_is_stored(view.case)
        if kept is not None:
            _how_it_is_kept(kept)
        _keep_button(view, kept)
        if kept is not None and kept.is_own:
            if identity.sign_in_is_on():
                _sharing(kept)
            _delete_button(kept, "kept_delete")
        problem = st.session_state.get(_PROBLEM)
        if problem:
            widgets.problem(safe(problem, limit=600))


def _what_is_stored(case: Case) -> None:
    widgets.paragraph(
        "**What is stored:** the uploaded files as they came, with every row in them, the models, what the columns "
        "are for, and the bands and conditions. Bundled files and those of the data folder are only named. It all goes "
        "into the database of this server."
    )
    days = get_settings().retention_days
    time = f"{count(days)} {'day' if days == 1 else 'days'}" if days else "until somebody deletes it"
    widgets.paragraph(f"**For how long:** {time}. Keeping it again starts the time anew.")
    if identity.sign_in_is_on():
        who = "you, and those you share it with. An operator can delete it."
    else:
        who = "whoever has the link of this page. It is the only way back to the case, so note it down."
    widgets.paragraph(f"**Who can open it:** {who}")
    for text in left_out(case):
        widgets.notice(sentence(text))


def _how_it_is_kept(kept: KeptCase) -> None:
    widgets.paragraph(
        f":material/bookmark_added: Kept by {safe(kept.owner_name, limit=80)} as it was on "
        f"{safe(_moment(kept.kept_at))}{_end(kept)}."
    )


def _end(kept: KeptCase) -> str:
    """Say when it will be deleted, in the middle of a sentence."""
    return "" if kept.expires_at is None else f"; it will be deleted on {safe(_day(kept.expires_at))}"


def _keep_button(view: View, kept: KeptCase | None) -> None:
    if not rights.can_do(AppRole.ANALYST, keeping.KEEPING):
        return
    st.button(
        "Keep this case" if kept is None else "Keep it as it is now",
        key="keep_case",
        icon=":material/bookmark_add:",
        on_click=_told,
        args=(keeping.keep, view.case),
        help=None if kept is None else "What was kept before is replaced.",
    )


def _sharing(kept: KeptCase) -> None:
    """Let the owner say who else may open the case."""
    st.text_input(
        "Share it with",
        key=_WHO,
        max_chars=200,
        placeholder="Name or e-mail address",
        help="As your sign-in service writes it. They open a copy of their own under Kept cases on this page.",
    )
    st.button("Share", key="kept_share", icon=":material/person_add:", on_click=_told, args=(_share, kept.id))
    for i, who in enumerate(kept.shared_with):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(plain(who, limit=200))
            st.button(
                "Stop sharing",
                key=f"kept_unshare_{i}",
                icon=":material/person_remove:",
                on_click=_told,
                args=(keeping.unshare, kept.id, who),
            )


def _share(case_id: str) -> None:
    keeping.share(case_id, str(st.session_state[_WHO]))
    st.session_state[_WHO] = ""


def _delete_button(kept: KeptCase, key: str) -> None:
    with st.popover("Delete what is kept", icon=":material/delete:"):
        widgets.paragraph("It is removed from the database for good. Copies that others have open stay open.")
        st.button("Delete it", key=key, on_click=_told, args=(keeping.delete, kept.id))


def kept_list() -> None:
    """List the kept cases of whoever is signed in, and those shared with them."""
    try:
        found = keeping.listed()
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if not found:
        return
    widgets.heading("Kept cases", "Yours, and those that others share with you.")
    for i, kept in enumerate(found):
        with st.container(border=True):
            whose = (
                "Yours"
                if kept.is_own
                else f"Shared by {safe(kept.owner_name, limit=80)}; opens as your own copy"
            )
            widgets.paragraph(f"**{safe(kept.title)}**")
            widgets.note(f"{whose}. As it was on {safe(_moment(kept.kept_at))}{_end(kept)}.")
            if st.button("Open", key=f"kept_open_{i}", icon=":material/folder_open:"):
                _open(kept)


def _open(kept: KeptCase) -> None:
    """Make a kept case the one that is looked at; one that is still in memory goes on as it is there."""
    in_memory = state.case_with(kept.id) if kept.is_own else None
    try:
        case = in_memory or keeping.found_again(kept.id)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if case is not None:
        state.open_case(case)
        st.rerun()


def _told(act: Callable[..., object], *args: object) -> None:
    """Do something on a click, and remember what was wrong for the run of the page after it."""
    st.session_state.pop(_PROBLEM, None)
    try:
        act(*args)
    except RaiError as error:
        st.session_state[_PROBLEM] = error.message


def _day(when: datetime) -> str:
    return f"{when.day} {when:%B %Y}"


def _moment(when: datetime) -> str:
    return f"{_day(when)}, {when:%H:%M} UTC"
