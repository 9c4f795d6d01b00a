"""Opening a read-only link: looked up at every run, so that one that was revoked opens nothing from then on."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from typing import Final

import streamlit as st

from rai_dash.case import Case
from rai_dash.casefile import unpack
from rai_dash.core.errors import InvalidChoice, RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.core.words import day
from rai_dash.govern.database import store_is_there
from rai_dash.govern.links import Link, Links
from rai_dash.ui import identity, read_only, state, widgets
from rai_dash.ui.signing import desk
from rai_dash.ui.text import badge_text, safe

#: Owner of what links open: nobody who uses the app is called so, and no case id opens it.
_OWNER: Final = "link"
#: One unpacking at a time: all who open the same link get the same case.
_UNPACKING: Final = Lock()
NO_LINK: Final = mark(
    "This link opens nothing: it was never made, has ended, was revoked, or is not for you. "
    "Ask whoever sent it for a new one."
)


def look() -> None:
    """Look up the link of this run, at its very start; a store that cannot be read opens nothing."""
    read_only.remember(None)
    wanted = state.link_of_run()
    if wanted:
        with suppress(RaiError):
            read_only.remember(_found(wanted))


def still_opens() -> bool:
    """Whether the link of this tab opens what it did when the page was drawn, or there is none."""
    if not read_only.is_on():
        return True
    found = _found(read_only.key())
    return found is not None and replace(found, case_id="") == read_only.opened()


def case_of_link() -> Case | None:
    """Return the case that the link of this tab opens, as it was kept; None = it opens nothing.

    All who look through links at one kept state share one case in memory.

    Raises
    ------
    RaiError
        When the store cannot be read, or a file of the case is refused now.
    """
    link = _found(read_only.key())
    read_only.remember(link)
    if link is None:
        return None
    case_id = _shared_id(link)
    return state.store().get(case_id, owner=_OWNER) or _unpacked(link, case_id)


def _unpacked(link: Link, case_id: str) -> Case | None:
    """Open what is kept; None where it was deleted since it was looked up."""
    with _UNPACKING:
        found = state.store().get(case_id, owner=_OWNER)
        if found is not None:
            return found
        try:
            content = _links().content(link)
        except InvalidChoice:
            return None
        with st.spinner(tr("Opening the kept case")):
            case = unpack(content, case_id)
        state.store().put(case, owner=_OWNER)
    return case


def _found(key: str) -> Link | None:
    # None is made for looking.
    if not store_is_there():
        return None
    return _links().find(key, identity.arrived())


def _links() -> Links:
    return Links(desk.store_of_all(), clock=desk.now)


def _shared_id(link: Link) -> str:
    """Name the case in memory by what is kept: its own id is a key, and not for those who come by a link."""
    return "link-" + hashlib.sha256(f"{link.case_id}|{link.sha256}".encode()).hexdigest()[:32]


def banner() -> None:
    """Say on every page that the case is only looked at, how it was kept, and how to leave."""
    link = read_only.opened()
    if link is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="read_only"):
        kept = {"day": badge_text(day(link.kept_at)), "name": badge_text(link.owner_name)}
        st.badge(tr("Read only, as kept on {day} by {name}", **kept), icon=":material/lock:", color="blue")
        _leave_button()
    if link.is_newer:
        widgets.note(
            tr(
                "The case was kept again after this link was made on {day}: figures can differ from those of then.",
                day=safe(day(link.made_at)),
            )
        )


def no_link() -> None:
    """Say that the link opens nothing, whatever the reason, and how to go on."""
    st.info(tr(NO_LINK), icon=":material/link_off:")
    _leave_button()


def _leave_button() -> None:
    meaning = tr("You come to a case of your own, where you can upload, keep and sign what your role allows.")
    if st.button(
        tr("Leave this link"), type="tertiary", icon=":material/logout:", key="leave_link", help=meaning
    ):
        state.leave_link()
        st.rerun()
