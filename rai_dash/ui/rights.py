"""What whoever uses the app may do and see: asked where it is done and fetched, not only where it is drawn."""

from __future__ import annotations

from typing import Final

import streamlit as st

from rai_dash.core.errors import NotAllowed
from rai_dash.data.personal import personal_columns
from rai_dash.govern import people
from rai_dash.govern.people import AppRole
from rai_dash.ui import identity
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe

NO_ROWS: Final = "You may not see single applications. Ask your operator for the right."


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
        When they may not, or are not signed in where that is needed.
    """
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
    st.caption(f":material/lock: {safe(doing)} needs the role {safe(role.label)}. Ask your operator.")
    return False


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
    st.info(NO_ROWS, icon=":material/lock:")
    return False


def hidden_note(n: int) -> str:
    """Say that columns are not shown, and why."""
    which = "A column that names people is" if n == 1 else f"{count(n)} columns that name people are"
    return f":material/lock: {which} not shown to you. Ask your operator for the right to see single applications."


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
