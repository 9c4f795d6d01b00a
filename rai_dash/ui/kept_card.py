"""The part of the Start page about keeping: this case, and the cases that are kept."""

from __future__ import annotations

import streamlit as st

from rai_dash.case import Case
from rai_dash.casefile import left_out
from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import day, moment
from rai_dash.govern.kept import KeptCase
from rai_dash.govern.people import AppRole
from rai_dash.ui import case_file, identity, keeping, rights, share_card, state, widgets
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain, safe, sentence

_WHO = "kept_who"


def keep_box(view: View) -> None:
    """Offer to keep the case or to take it along, on demand: whoever is new looks at it first."""
    with st.expander(
        tr("Keep this case, or take it along as one file; open such a file"), icon=":material/bookmark_add:"
    ):
        keep_card(view)
        case_file.card(view)


def keep_card(view: View) -> None:
    """Offer to keep the case, and say what that stores, for how long, and who can open it."""
    if not view.case.data:
        return
    widgets.heading(tr("Keep this case"), tr("No row of a case is stored unless you keep it."))
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
            _link_button(view)
            _delete_button(kept, "kept_delete")
        share_card.show_problem()


def _what_is_stored(case: Case) -> None:
    widgets.paragraph(
        tr(
            "**What is stored:** the uploaded files as they came, with every row in them, the models, what "
            "the columns are for, and the bands and conditions. Bundled files and those of the data folder "
            "are only named. It all goes into the database of this server."
        )
    )
    days = get_settings().retention_days
    time = (
        ntr("{days} day", "{days} days", days, days=count(days)) if days else tr("until somebody deletes it")
    )
    widgets.paragraph(tr("**For how long:** {time}. Keeping it again starts the time anew.", time=time))
    if identity.sign_in_is_on():
        who = tr("you, and those you share it with. An operator can delete it.")
    else:
        who = tr("whoever has the link of this page. It is the only way back to the case, so note it down.")
    widgets.paragraph(tr("**Who can open it:** {who}", who=who))
    for text in left_out(case):
        widgets.notice(sentence(text))


def _how_it_is_kept(kept: KeptCase) -> None:
    widgets.paragraph(
        tr(
            ":material/bookmark_added: Kept by {owner_name} as it was on {moment}{end}.",
            owner_name=safe(kept.owner_name, limit=80),
            moment=safe(moment(kept.kept_at)),
            end=_end(kept),
        )
    )


def _end(kept: KeptCase) -> str:
    """Say when it will be deleted, in the middle of a sentence."""
    return (
        "" if kept.expires_at is None else tr("; it will be deleted on {day}", day=safe(day(kept.expires_at)))
    )


def _keep_button(view: View, kept: KeptCase | None) -> None:
    if not rights.can_do(AppRole.ANALYST, tr(keeping.KEEPING)):
        return
    st.button(
        tr("Keep this case") if kept is None else tr("Keep it as it is now"),
        key="keep_case",
        icon=":material/bookmark_add:",
        on_click=keeping.attempt,
        args=(keeping.keep, view.case),
        help=None if kept is None else tr("What was kept before is replaced."),
    )


def _sharing(kept: KeptCase) -> None:
    """Let the owner say who else may open the case."""
    st.text_input(
        tr("Share it with"),
        key=_WHO,
        max_chars=200,
        placeholder=tr("Name or e-mail address"),
        help=tr(
            "As your sign-in service writes it. They open a copy of their own under Kept cases on this page."
        ),
    )
    st.button(
        tr("Share"),
        key="kept_share",
        icon=":material/person_add:",
        on_click=keeping.attempt,
        args=(_share, kept.id),
    )
    for i, who in enumerate(kept.shared_with):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(plain(who, limit=200))
            st.button(
                tr("Stop sharing"),
                key=f"kept_unshare_{i}",
                icon=":material/person_remove:",
                on_click=keeping.attempt,
                args=(keeping.unshare, kept.id, who),
            )


def _share(case_id: str) -> None:
    keeping.share(case_id, str(st.session_state[_WHO]))
    st.session_state[_WHO] = ""


def _link_button(view: View) -> None:
    if st.button(
        tr("Make a read-only link"),
        key="kept_link",
        icon=":material/add_link:",
        help=tr(
            "To this page. *Share this view* in the sidebar makes one to any page; it lists all of them."
        ),
    ):
        share_card.open_(view)


def _delete_button(kept: KeptCase, key: str) -> None:
    with st.popover(tr("Delete what is kept"), icon=":material/delete:"):
        widgets.paragraph(
            tr("It is removed from the database for good. Copies that others have open stay open.")
        )
        st.button(tr("Delete it"), key=key, on_click=keeping.attempt, args=(keeping.delete, kept.id))


def kept_list() -> None:
    """List the kept cases of whoever is signed in, and those shared with them."""
    try:
        found = keeping.listed()
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if not found:
        return
    widgets.heading(tr("Kept cases"), tr("Yours, and those that others share with you."))
    for i, kept in enumerate(found):
        with st.container(border=True):
            whose = (
                tr("Yours")
                if kept.is_own
                else tr(
                    "Shared by {owner_name}; opens as your own copy",
                    owner_name=safe(kept.owner_name, limit=80),
                )
            )
            widgets.paragraph(f"**{safe(kept.title)}**")
            widgets.note(
                tr(
                    "{whose}. As it was on {moment}{end}.",
                    whose=whose,
                    moment=safe(moment(kept.kept_at)),
                    end=_end(kept),
                )
            )
            if st.button(tr("Open"), key=f"kept_open_{i}", icon=":material/folder_open:"):
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
