"""Making and revoking read-only links to what is looked at now; nothing is drawn here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from rai_dash.case import Case
from rai_dash.casefile import holds, pack
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.govern.links import Link, Links
from rai_dash.govern.people import AppRole
from rai_dash.ui import identity, keeping, rights, state
from rai_dash.ui.choices import Choices
from rai_dash.ui.signing import desk

#: What needs a role, as the beginning of a sentence.
SHARING: Final = mark("Sharing a case")
_MADE: Final = "made_link"


@dataclass(frozen=True, slots=True)
class Made:
    """A link that was made in this tab: its address, which is shown here and nowhere again, and what it opens."""

    address: str
    choices: Choices
    link: Link


def links_to(case_id: str) -> list[Link]:
    """Return the open links to a kept case of whoever uses the app now.

    Raises
    ------
    RaiError
        When the store cannot be read.
    """
    return Links(desk.room().store(), clock=desk.now).listed(case_id, identity.visitor())


def make(case: Case, *, days: int, shows_rows: bool, is_public: bool) -> None:
    """Make a link to the page and the choices of now, and keep its address for this tab.

    Raises
    ------
    RaiError
        When whoever uses the app may not, or what is looked at is not what is kept.
    """
    rights.require_role(AppRole.ANALYST, tr(SHARING))
    person, chosen = identity.who(), state.choices()
    newest = state.case_with(case.id) or case
    _check_is_kept(newest, chosen)
    key, link = Links(desk.room().store(), clock=desk.now).make(
        case.id, person, days=days, shows_rows=shows_rows, is_public=is_public
    )
    query = chosen.of_all().with_(case="", link=key).to_query()
    address = f"{st.context.url or ''}?{urlencode(query)}"
    st.session_state[_MADE] = Made(address, chosen, link)


def made() -> Made | None:
    """Return the link that was made to exactly what is looked at now."""
    found = st.session_state.get(_MADE)
    return found if isinstance(found, Made) and found.choices == state.choices() else None


def revoke(case_id: str, name: str) -> None:
    """Let a link open nothing from now on; see `rai_dash.govern.links.Links.revoke`."""
    Links(desk.room().store(), clock=desk.now).revoke(case_id, name, identity.who())
    found = st.session_state.get(_MADE)
    if isinstance(found, Made) and found.link.name == name:
        del st.session_state[_MADE]


def _check_is_kept(case: Case, chosen: Choices) -> None:
    """Refuse a link that would show other figures than those on the page."""
    kept = keeping.kept_state(case.id)
    if kept is None:
        msg = tr("A link opens a case as it was kept. Keep this case first.")
        raise InvalidChoice(msg)
    if not holds(case, chosen.data):
        msg = tr(
            "The data that are looked at are not in what is kept. Upload their file again and keep the case."
        )
        raise InvalidChoice(msg)
    if hashlib.sha256(pack(case)).hexdigest() != kept.sha256:
        msg = tr(
            "The case was changed since it was kept, so a link would show something else than this page. "
            "Keep it as it is now first."
        )
        raise InvalidChoice(msg)
