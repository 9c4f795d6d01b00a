"""What whoever uses the app may do and see: asked where it is done and fetched, not only where it is drawn."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.core.errors import NotAllowed
from rai_dash.core.texts import mark, tr
from rai_dash.data.personal import personal_columns
from rai_dash.govern import people
from rai_dash.govern.people import AppRole
from rai_dash.ui import identity, read_only
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe

NO_ROWS: Final = mark("You may not see single applications. Ask your operator for the right.")
NO_ROWS_HERE: Final = mark(
    "This link does not show single applications. Ask whoever sent it for one that does."
)


def require_role(role: AppRole, doing: str) -> None:
    """Refuse what whoever uses the app may not do.

    Parameters
    ----------
    role : AppRole
        The least role that may.
    doing : str
        What is done, as the beginning of a sentence: "Uploading a file".

    Raises
    ------
    NotAllowed
        When they may not, are not signed in where that is needed, or look through a read-only link.
    """
    if role > AppRole.VIEWER:
        read_only.refuse()
    people.require(identity.visitor(), role, doing)


def may(role: AppRole) -> bool:
    """Whether whoever uses the app has a role, or one above it."""
    try:
        return identity.visitor().role >= role
    except NotAllowed:
        return False


def can_do(role: AppRole, doing: str) -> bool:
    """Whether they have a role; where not, say what needs it, for beside the controls that are off then."""
    if may(role):
        return True
    if read_only.is_on():
        return lasting(doing)
    st.caption(
        tr(
            ":material/lock: {doing} needs the role {role}. Ask your operator.",
            doing=safe(doing),
            role=safe(role.label),
        )
    )
    return False


def lasting(doing: str) -> bool:
    """Whether what is done to a case stays; through a read-only link it does not, which is said beside the controls."""
    if read_only.is_on():
        st.caption(tr(":material/lock: {doing} is not possible through a read-only link.", doing=safe(doing)))
    return not read_only.is_on()


def require_rows() -> None:
    """Refuse single applications to those who may not see them.

    Raises
    ------
    NotAllowed
        When they may not, or are not signed in where that is needed.
    """
    people.require_rows(identity.visitor())


def may_see_rows() -> bool:
    """Whether whoever uses the app may see single applications and personal columns."""
    try:
        return identity.visitor().sees_rows
    except NotAllowed:
        return False


def rows_shown() -> bool:
    """Whether they may; where not, say so in the place of the rows."""
    if may_see_rows():
        return True
    st.info(tr(NO_ROWS_HERE if read_only.is_on() else NO_ROWS), icon=":material/lock:")
    return False


def hidden_note(n: int) -> str:
    """Say that columns are not shown, and why."""
    which = (
        tr("A column that names people is") if n == 1 else tr("{n} columns that name people are", n=count(n))
    )
    return tr(
        ":material/lock: {which} not shown to you. Ask your operator for the right to see single "
        "applications.",
        which=which,
    )


def hidden_columns(view: View) -> frozenset[str]:
    """Name the columns whose values only those see who may see single applications: ids and personal ones."""
    if may_see_rows():
        return frozenset()
    dataset = view.judgement.data.dataset
    roles = dataset.roles
    named = view.judgement.memo.get(
        "personal columns", lambda: frozenset(personal_columns(dataset.frame, roles))
    )
    return named | {roles.id} if roles.id else named
