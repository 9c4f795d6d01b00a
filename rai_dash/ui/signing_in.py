"""The page for those who are not signed in, and the box in the sidebar that says who one is."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from rai_dash.core.errors import RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.serve import check_sign_in
from rai_dash.ui import identity, languages, read_only, widgets
from rai_dash.ui.text import plain, safe

#: What the part of the secrets about one sign-in service is known by.
_SERVICE = "client_id"
_FIELD = "pick_local_name"
UNVERIFIED = mark("Recorded as unverified: there is no sign-in here, so nobody checks it.")


def wall() -> bool:
    """Show the page for signing in, and nothing else, to those who are not let in; return whether it is shown.

    Raises
    ------
    InvalidChoice
        When sign-in is set up in a way that would not be safe.
    """
    section = identity.sign_in_section()
    if section is None:
        return False
    check_sign_in(section)
    if identity.is_in():
        return _is_nobody()
    if identity.may_look():
        return False
    st.title("RAI Dash")
    if identity.has_ended():
        widgets.notice(tr("Your sign-in has ended. Sign in again to go on; nothing is lost."))
    widgets.paragraph(tr("Sign in to go on. What you may see and do here depends on the groups you are in."))
    if urlsplit(st.context.url or "").path.strip("/") or st.query_params:
        widgets.note(tr("Signing in leads to the Start page: open your link again after it."))
    with st.container(horizontal=True):
        for service in services(section):
            _button(service)
    return True


def _is_nobody() -> bool:
    """Show what is wrong with a token that does not say whose it is, and the way out; return whether it is shown."""
    try:
        identity.visitor()
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        _way_out()
        return True
    return False


def _button(service: str | None) -> None:
    label = (
        tr("Sign in") if service is None else tr("Sign in with {service}", service=safe(service, limit=40))
    )
    if st.button(label, icon=":material/login:", key=f"sign_in_{service or 'default'}"):
        st.login(service)


def services(section: Mapping[str, object]) -> list[str | None]:
    """Return the sign-in services that are set up, None = the one without a name, which comes first."""
    found: list[str | None] = [None] if _SERVICE in section else []
    return found + [name for name, part in section.items() if isinstance(part, Mapping) and _SERVICE in part]


def account() -> None:
    """Say in the sidebar who one is: who signed in and the way out, or the field for a name."""
    with st.sidebar, st.container(key="account"):
        if identity.is_guest():
            st.caption(tr("You came by a link and are not signed in."))
        elif identity.sign_in_is_on():
            _signed_in()
        elif not read_only.is_on():
            _name_field()
        languages.select()


def _signed_in() -> None:
    person = identity.visitor()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.text(plain(person.name, limit=80))
        _way_out()
    rows = tr("may see single applications") if person.sees_rows else tr("may not see single applications")
    st.caption(tr("Signed in. Role: {role}; {rows}.", role=safe(person.role.label), rows=safe(rows)))


def _way_out() -> None:
    if st.button(tr("Sign out"), icon=":material/logout:", key="sign_out"):
        st.logout()
        # The browser is on its way out; the rest of this run would be for nobody.
        st.stop()


def _name_field() -> None:
    st.session_state[_FIELD] = st.session_state.get(identity.LOCAL_NAME, "")
    st.text_input(
        tr("Your name"),
        key=_FIELD,
        max_chars=identity.LONGEST_NAME,
        on_change=_take_name,
        placeholder=tr("Not given"),
    )
    st.caption(tr(UNVERIFIED))


def _take_name() -> None:
    # A widget's own value is forgotten on a change of page.
    st.session_state[identity.LOCAL_NAME] = str(st.session_state[_FIELD])
