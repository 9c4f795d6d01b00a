"""The button on every page that makes a read-only link to what it shows, and the list of links there are."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.casefile import left_out
from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import day
from rai_dash.govern.kept import KeptCase
from rai_dash.govern.links import Link
from rai_dash.govern.people import AppRole
from rai_dash.ui import identity, keeping, read_only, rights, sharing, widgets
from rai_dash.ui.guard import told
from rai_dash.ui.signing import desk
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe, sentence

_DAYS: Final = "share_days"
_ROWS: Final = "share_rows"
_PUBLIC: Final = "share_public"


def button(view: View) -> None:
    """Offer in the sidebar to share exactly what is looked at."""
    if not view.case.data or read_only.is_on():
        return
    with st.sidebar:
        is_pressed = st.button(
            tr("Share this view"), icon=":material/link:", type="tertiary", key="share_view"
        )
    if is_pressed:
        open_(view)


def open_(view: View) -> None:
    """Open the window in which a link to what is looked at is made."""
    keeping.forget_problem()

    # The title is read when the function is decorated: in the language of whoever opens it.
    @st.dialog(tr("Share this view"))
    def window() -> None:
        with told("dialog share"):
            _share(view)

    window()


def _share(view: View) -> None:
    try:
        kept = keeping.kept_state(view.case.id)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if kept is None:
        _keep_first(view)
    elif kept.is_own:
        _read_only_links(view, kept)
    else:
        widgets.note(tr("This case belongs to somebody else: ask its owner for a link."))
    show_problem()


def _keep_first(view: View) -> None:
    """Say that only a kept case can be shared, and offer to keep it."""
    widgets.paragraph(
        tr(
            "A link opens a case **as it was kept**, and this one is not kept yet. Keeping stores its uploaded "
            "files, with every row in them, in the database of this server; Start says more."
        )
    )
    for text in left_out(view.case):
        widgets.notice(sentence(text))
    if rights.can_do(AppRole.ANALYST, tr(keeping.KEEPING)):
        st.button(
            tr("Keep this case"),
            key="share_keep",
            icon=":material/bookmark_add:",
            on_click=keeping.attempt,
            args=(keeping.keep, view.case),
        )


def _read_only_links(view: View, kept: KeptCase) -> None:
    """Let the owner of a kept case make links to what is looked at, see those there are and revoke them."""
    who = (
        tr("They sign in first, as everybody here.")
        if identity.sign_in_is_on()
        else tr(
            "Nobody signs in here: the link alone opens it, so send it only to those who may see these data."
        )
    )
    widgets.paragraph(
        tr(
            "**Read-only link.** Whoever has it sees this page as it is now, can move the controls and go to the other "
            "pages, and changes nothing. {who}",
            who=who,
        )
    )
    if rights.can_do(AppRole.ANALYST, tr(sharing.SHARING)):
        _form(view, kept)
    made = sharing.made()
    if made is not None:
        widgets.note(tr("Copy it now: it is not shown again. It ends on {day}.", day=_day(made.link)))
        st.code(made.address, language=None, wrap_lines=True)
    _listed(kept)


def _form(view: View, kept: KeptCase) -> None:
    settings = get_settings()
    most = settings.most_link_days
    if kept.expires_at is not None:
        most = max(1, min(most, (kept.expires_at - desk.now()).days))
    st.number_input(
        tr("Days it is open"),
        1,
        most,
        min(settings.link_days, most),
        key=_DAYS,
        help=tr("At most {most}, and never longer than the case is kept.", most=count(most)),
    )
    if rights.may_see_rows():
        meaning = tr(
            "Off: the link shows what is counted over many, whoever opens it. On: their own rights say."
        )
        st.checkbox(tr("With single applications"), key=_ROWS, help=meaning)
    if identity.sign_in_is_on() and settings.public_links:
        meaning = tr(
            "Whoever gets hold of the link sees this case, but neither single applications nor records."
        )
        st.checkbox(tr("Also without signing in"), key=_PUBLIC, help=meaning)
    st.button(
        tr("Make a link"),
        key="share_make",
        icon=":material/add_link:",
        on_click=keeping.attempt,
        args=(_make, view),
    )


def _make(view: View) -> None:
    """Make what the form says now."""
    asked = st.session_state
    shows_rows, is_public = bool(asked.get(_ROWS)), bool(asked.get(_PUBLIC))
    sharing.make(view.case, days=int(asked[_DAYS]), shows_rows=shows_rows, is_public=is_public)


def _listed(kept: KeptCase) -> None:
    """List the open links of the case."""
    try:
        found = sharing.links_to(kept.id)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if not found:
        return
    widgets.note(ntr("{n} link is open:", "{n} links are open:", len(found), n=count(len(found))))
    for link in found:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_line(link))
            st.button(
                tr("Revoke"),
                key=f"share_revoke_{link.name}",
                icon=":material/link_off:",
                on_click=keeping.attempt,
                args=(sharing.revoke, kept.id, link.name),
            )


def _line(link: Link) -> str:
    made = safe(day(link.made_at))
    text = tr("By {name} on {made}, until {day}", name=safe(link.maker_name), made=made, day=_day(link))
    if link.shows_rows:
        text = tr("{text}; with single applications", text=text)
    if link.is_public:
        text = tr("{text}; without signing in", text=text)
    return text


def _day(link: Link) -> str:
    return safe(day(link.expires_at))


def show_problem() -> None:
    """Show what was wrong with the last thing that was tried here."""
    problem = keeping.problem()
    if problem:
        widgets.problem(safe(problem, limit=600))
