"""Whether this tab looks at a case through a read-only link, and what that takes away.

Everything that lasts asks for a name, for a role or for `rai_dash.ui.state.save`: each of the three asks here first,
so that no page has to know of links.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import streamlit as st

from rai_dash.core.errors import NotAllowed
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.govern.links import Link
from rai_dash.govern.people import AppRole, Person
from rai_dash.ui.choices import Choices

#: Where the choices of the tab are kept, and the link that they name as it was last looked up.
CHOICES: Final = "choices"
_OPENED: Final = "opened_link"
#: Code of what is refused because a link only reads: it is no fault of anybody, and is shown calmly.
CODE: Final = "read_only"
REFUSAL: Final = mark(
    "This is a read-only link: you can look and move the controls, but change nothing that stays. "
    "Leave the link to work on a case of your own."
)
RECORDED: Final = mark("What was recorded about policies and people is shown after signing in only.")
_GUEST: Final = Person(name="Guest by a link", subject=mark("guest by a link"))


def key() -> str:
    """Return the key of the link that this tab looks through; empty = it looks at a case of its own."""
    found = st.session_state.get(CHOICES)
    return found.link if isinstance(found, Choices) else ""


def is_on() -> bool:
    """Whether this tab looks through a link, be it one that opens nothing any more."""
    return bool(key())


def opened() -> Link | None:
    """Return what the link opened when it was last looked up; None = nothing, or there is none."""
    found = st.session_state.get(_OPENED)
    return found if isinstance(found, Link) else None


def remember(link: Link | None) -> None:
    """Remember what the link of this run opens, without the id of the case: that is not for this tab."""
    st.session_state[_OPENED] = None if link is None else replace(link, case_id="")


def is_for_guests() -> bool:
    """Whether the link opens without a sign-in."""
    link = opened()
    return link is not None and link.is_public and get_settings().public_links


def guest() -> Person:
    """Return somebody who came by a link for guests: they look, and see no single application."""
    return _GUEST


def limited(person: Person) -> Person:
    """Take away from somebody what a link does not give."""
    if not (is_on() or opened()):
        return person
    link = opened()
    may_see = person.sees_rows and link is not None and link.shows_rows
    return replace(person, role=AppRole.VIEWER, signs_as=frozenset(), sees_rows=may_see)


def refuse() -> None:
    """Refuse what lasts.

    Raises
    ------
    NotAllowed
        When this tab looks through a link.
    """
    if is_on():
        raise NotAllowed(tr(REFUSAL), code=CODE)
