"""Who uses the app: somebody who signed in, or somebody whose typed name nobody checked.

With sign-in set up nobody is anybody until they signed in, and only until their token ends; Streamlit itself keeps a
sign-in for thirty days.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.core.settings import Settings, get_settings
from rai_dash.core.texts import SOURCE, mark, spoken, tr
from rai_dash.govern.people import AppRole, Person
from rai_dash.ui import read_only

T = TypeVar("T")
#: Where the typed name is kept, and the longest one that is taken.
LOCAL_NAME: Final = "local_name"
LONGEST_NAME: Final = 80
#: What somebody is called who typed no name; never recorded.
UNNAMED: Final = mark("somebody without a name")
#: Not printable, but some scripts write names with them.
_JOINERS: Final = "\u200c\u200d"
#: How Streamlit calls it when there are no secrets at all, which is how it is without sign-in.
_NO_SECRETS: Final = "no-secrets-found"


def sign_in_section() -> Mapping[str, object] | None:
    """Return what the operator set up for sign-in, None = nothing.

    Raises
    ------
    InvalidChoice
        When the secrets cannot be read: the app must not be open to everybody because of a slip in a file.
    """
    try:
        found = st.secrets.to_dict().get("auth")
    except StreamlitSecretNotFoundError as error:
        if error.error_id == _NO_SECRETS:
            return None
        msg = "The file with the secrets of this server cannot be read, so nobody is let in. Tell your operator."
        raise InvalidChoice(msg) from error
    if found is None:
        return None
    return found if isinstance(found, Mapping) else {}


def sign_in_is_on() -> bool:
    """Whether people have to sign in."""
    return sign_in_section() is not None


def ends_at(claims: Mapping[str, object]) -> float | None:
    """Return when a token ends, in seconds since 1970; None = it does not say."""
    found = claims.get("exp")
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def is_signed_in(claims: Mapping[str, object], now: float) -> bool:
    """Whether claims are of somebody who is signed in now; a token that does not say when it ends has ended."""
    ends = ends_at(claims)
    # `is True`: a header that a proxy hands on may carry this name with a text in it.
    return claims.get("is_logged_in") is True and ends is not None and now < ends


def _claims() -> Mapping[str, object]:
    return st.user.to_dict()


def _now() -> float:
    return time.time()


def is_in() -> bool:
    """Whether whoever uses the app now is let in: without sign-in everybody is."""
    return not sign_in_is_on() or is_signed_in(_claims(), _now())


def may_look() -> bool:
    """Whether whoever uses the app now sees anything but the page for signing in: a link may be for guests."""
    return is_in() or read_only.is_for_guests()


def is_guest() -> bool:
    """Whether they see it by such a link alone."""
    return not is_in() and read_only.is_for_guests()


def has_ended() -> bool:
    """Whether somebody was signed in and their token ended since."""
    claims = _claims()
    return sign_in_is_on() and claims.get("is_logged_in") is True and not is_signed_in(claims, _now())


def visitor() -> Person:
    """Return whoever uses the app now, with what they may do here; without sign-in they need no name.

    Through a read-only link everybody may only look.

    Raises
    ------
    NotAllowed, InvalidChoice
        As `_person`, unless the link is for guests.
    """
    return read_only.guest() if is_guest() else read_only.limited(_person())


def arrived() -> Person | None:
    """Return whoever came, before anything is opened; None = nobody is signed in where people sign in."""
    return _person() if is_in() else None


def _person() -> Person:
    """Return whoever uses the app now.

    Raises
    ------
    NotAllowed
        When sign-in is on and nobody is signed in, or the token has ended.
    InvalidChoice
        When the token does not say who it is.
    """
    if not sign_in_is_on():
        return _local(typed_name() or tr(UNNAMED), get_settings())
    claims = _claims()
    if not is_signed_in(claims, _now()):
        msg = "You are not signed in, or your sign-in has ended. Reload the page and sign in."
        raise NotAllowed(msg, code="signed_out")
    return person_of(claims, get_settings())


def who() -> Person:
    """Return whoever uses the app now, for what is recorded under their name.

    Raises
    ------
    NotAllowed, InvalidChoice
        As `visitor`, without sign-in as long as no name is typed, and where a read-only link is looked through.
    """
    read_only.refuse()
    if not sign_in_is_on() and not typed_name():
        msg = "Nobody knows who you are yet. Type your name in the sidebar."
        raise InvalidChoice(msg)
    return visitor()


def owner() -> str:
    """Return whose the cases are that are opened now; empty without sign-in, where the link alone opens one."""
    return _person().key if sign_in_is_on() else ""


def typed_name() -> str:
    """Return the name that was typed where there is no sign-in, tidied; empty = none."""
    found = str(st.session_state.get(LOCAL_NAME, ""))
    return _tidy("".join(c for c in found if c.isprintable() or c in _JOINERS))[:LONGEST_NAME].strip()


def while_signed_in(make: Callable[[], T]) -> Callable[[], T]:
    """Make a download that is written on a click refuse once the token of its page has ended.

    Such a click runs no page, so nothing else would look at the clock.
    """
    ends = ends_at(_claims()) if sign_in_is_on() else None

    def made() -> T:
        if ends is not None and _now() >= ends:
            msg = "Your sign-in has ended. Reload the page and sign in."
            raise NotAllowed(msg, code="signed_out")
        with spoken(SOURCE):
            return make()

    return made


def person_of(claims: Mapping[str, object], settings: Settings) -> Person:
    """Return the person that a token's claims are about, with the rights of their groups.

    Parameters
    ----------
    claims : mapping
        Of the ID token: ``iss``, ``sub``, a name, and the groups under ``settings.group_claim``.
    settings : Settings
        What each group may do.

    Raises
    ------
    InvalidChoice
        When issuer or subject are missing.
    """
    groups = groups_of(claims, settings.group_claim)
    roles = [AppRole.named(settings.group_roles[g]) for g in groups if g in settings.group_roles]
    subject = _text(claims, "sub")
    names = (_tidy(_text(claims, claim))[:LONGEST_NAME] for claim in ("name", "preferred_username", "email"))
    return Person(
        name=next(filter(None, names), subject[:LONGEST_NAME]),
        subject=subject,
        issuer=_text(claims, "iss"),
        source="oidc",
        role=max(roles, default=AppRole.VIEWER),
        signs_as=frozenset(role for g in groups for role in settings.group_signs.get(g, ())),
        sees_rows=not settings.groups_see_rows.isdisjoint(groups),
    )


def groups_of(claims: Mapping[str, object], claim: str) -> frozenset[str]:
    """Return the groups that a claim lists.

    Parameters
    ----------
    claims : mapping
        Of the ID token.
    claim : str
        Name of the claim, whole (it may hold dots or be an address), or a path with dots into nested claims:
        ``realm_access.roles``. A text is one group.
    """
    found: object = claims.get(claim)
    if claim not in claims:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return frozenset({found} if found else ())
    if isinstance(found, list | tuple):
        return frozenset(one for one in found if isinstance(one, str) and one)
    return frozenset()


def _local(name: str, settings: Settings) -> Person:
    return Person(
        name=name,
        subject=name,
        role=AppRole.named(settings.local_role),
        signs_as=None,
        sees_rows=settings.local_sees_rows,
    )


def _text(claims: Mapping[str, object], claim: str) -> str:
    """Return a claim as it is, or an empty text where it is none."""
    found = claims.get(claim)
    return found if isinstance(found, str) else ""


def _tidy(name: str) -> str:
    """Take doubled blanks out of a name; one with nothing to see in it is none."""
    return " ".join(name.split()) if any(c.isprintable() and not c.isspace() for c in name) else ""
