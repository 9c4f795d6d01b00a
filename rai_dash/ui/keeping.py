"""Keeping cases in the store, and finding them again after a restart of the server; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import streamlit as st

from rai_dash.case import Case
from rai_dash.casefile import pack, unpack
from rai_dash.core.errors import InvalidChoice, NotAllowed, RaiError
from rai_dash.core.texts import mark, tr
from rai_dash.govern.database import store_is_there
from rai_dash.govern.kept import KeptCase, KeptCases
from rai_dash.govern.living import LivingSets
from rai_dash.govern.people import AppRole
from rai_dash.govern.retention import remove_expired_rows
from rai_dash.ui import identity, read_only, rights, state
from rai_dash.ui.signing import desk
from rai_dash.ui.store import new_case_id

#: What needs a role, as the beginning of a sentence.
KEEPING: Final = mark("Keeping a case")
_PROBLEM: Final = "problem_of_keeping"
#: Characters of the random part of an id, 128 bits; a link that somebody made up can be shorter.
_RANDOM: Final = len(new_case_id())


def kept_cases() -> KeptCases | None:
    """Return the kept cases; None where there is no store yet, and none is made for looking."""
    return KeptCases(desk.room().store()) if store_is_there() else None


def kept_state(case_id: str) -> KeptCase | None:
    """Return what is kept of a case; None = nothing, or nothing that whoever uses the app now may see.

    Raises
    ------
    RaiError
        When the store cannot be read.
    """
    cases = kept_cases()
    if cases is None:
        return None
    try:
        return cases.find(case_id, identity.visitor(), email=_email())
    except NotAllowed:
        return None


def is_anothers(case_id: str) -> bool:
    """Whether a case is kept, and not for whoever uses the app now."""
    cases = kept_cases()
    if cases is None:
        return False
    try:
        cases.find(case_id, identity.visitor(), email=_email())
    except NotAllowed:
        return True
    return False


def found_again(case_id: str) -> Case | None:
    """Open a kept case by its id, if whoever uses the app now may; None = there is none for them.

    Its owner goes on with it under its id. Whom it is shared with gets a copy of their own.

    Raises
    ------
    RaiError
        When the store cannot be read, or a file of the case is refused now.
    """
    found, cases = kept_state(case_id), kept_cases()
    if found is None or cases is None:
        return None
    content = cases.open(case_id, identity.visitor(), email=_email())
    with st.spinner(tr("Opening the kept case")):
        case = unpack(content, case_id if found.is_own else new_case_id())
    state.save(case)
    if not found.is_own:
        state.choose(case=case.id)
    return case


def listed() -> list[KeptCase]:
    """Return the kept cases of whoever is signed in, and those shared with them; what is over is deleted first.

    Raises
    ------
    RaiError
        When the store cannot be read.
    """
    forget_rows()
    cases = kept_cases()
    if cases is None:
        return []
    cases.purge()
    return cases.listed(identity.visitor(), email=_email())


def forget_rows() -> None:
    """Remove rows of batches whose time is over; a store that cannot be written now is tried again later."""
    if not store_is_there() or read_only.is_on():
        return
    with suppress(RaiError):
        remove_expired_rows(desk.room().store(), lambda: desk.now())  # noqa: PLW0108 - tests move the clock


def keep(case: Case) -> KeptCase:
    """Keep a case as it is now.

    Raises
    ------
    RaiError
        When whoever uses the app may not, has no name, or the case or the store is not fit for it.
    """
    rights.require_role(AppRole.ANALYST, tr(KEEPING))
    person = identity.who()
    if len(case.id.rpartition(".")[2]) < _RANDOM:
        msg = (
            "This case was opened by a link that others could guess. Open the case anew on the Start page and keep "
            "that one."
        )
        raise InvalidChoice(msg)
    newest = state.case_with(case.id) or case
    kept = KeptCases(desk.room().store()).keep(case.id, case.title, pack(newest), person)
    # The store held rows of new versions of test sets only until the case is kept with them.
    with suppress(RaiError):
        LivingSets(desk.room().store(), person).settled([d.dataset.fingerprint for d in newest.data])
    return kept


def share(case_id: str, who: str) -> None:
    """Share a kept case; see `rai_dash.govern.kept.KeptCases.share`."""
    KeptCases(desk.room().store()).share(case_id, who, identity.who())


def unshare(case_id: str, who: str) -> None:
    """Take that back."""
    KeptCases(desk.room().store()).unshare(case_id, who, identity.who())


def delete(case_id: str) -> None:
    """Delete what is kept of a case; the case in memory stays."""
    KeptCases(desk.room().store()).delete(case_id, identity.who())


def attempt(act: Callable[..., object], *args: object, **how: Any) -> None:
    """Do something on a click, and remember what was wrong for the run of the page after it."""
    st.session_state.pop(_PROBLEM, None)
    try:
        act(*args, **how)
    except RaiError as error:
        st.session_state[_PROBLEM] = error.message


def forget_problem() -> None:
    """Forget what was wrong, where something else begins."""
    st.session_state.pop(_PROBLEM, None)


def problem() -> str:
    """Return what was wrong with the last attempt; empty = nothing."""
    return str(st.session_state.get(_PROBLEM, ""))


def _email() -> str:
    """Return the e-mail address of whoever is signed in, unless the service says that nobody checked it."""
    claims = st.user.to_dict() if identity.sign_in_is_on() else {}
    found = claims.get("email")
    return found if isinstance(found, str) and claims.get("email_verified", True) is True else ""
