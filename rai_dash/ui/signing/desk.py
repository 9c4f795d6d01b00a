"""The policies as a page sees them: which there are, how they stand, and at which desk they are moved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import streamlit as st

from rai_dash.core.errors import InvalidChoice, NotAllowed, RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern.people import Person
from rai_dash.govern.standing import Standing
from rai_dash.govern.workflow import VersionStatus
from rai_dash.ui import identity, read_only, state
from rai_dash.ui.signing import words
from rai_dash.ui.signing.room import Room
from rai_dash.ui.state import View
from rai_dash.ui.text import safe

if TYPE_CHECKING:
    from rai_dash.govern.desk import Desk
    from rai_dash.govern.store import Store

#: What stands in the address where a new policy is started beside those there are.
ANOTHER: Final = "new"


def now() -> datetime:
    """Return the time by which policies are judged."""
    return datetime.now(UTC)


def room() -> Room:
    """Return the one room of the store that the settings name.

    Raises
    ------
    NotAllowed
        To those who came by a link and are not signed in where others have to.
    """
    if identity.is_guest():
        raise NotAllowed(tr(read_only.RECORDED), code=read_only.CODE)
    return _room_of_all()


def store_of_all() -> Store:
    """Return the store to look up what opens without a sign-in, and for nothing else."""
    return _room_of_all().store()


def _room_of_all() -> Room:
    settings = get_settings()
    return _room(settings.database_url, str(settings.data_dir))


@st.cache_resource(show_spinner=False, max_entries=4)
def _room(target: str, folder: str) -> Room:
    del folder  # part of the key: without a target the store lies there
    return Room(target, _reading)


def _reading(store: Store) -> Desk:
    return _desk(store, identity.visitor())


def _desk(store: Store, person: Person) -> Desk:
    from rai_dash.govern.desk import Desk

    return Desk(store, person, clock=lambda: now())  # noqa: PLW0108 - tests move the clock


def reading_desk() -> Desk:
    """Return the desk to read at.

    Raises
    ------
    NotAllowed
        When whoever uses the app is not signed in where that is needed.
    """
    return _reading(room().store())


def acting_desk() -> Desk:
    """Return the desk for something that is recorded under the name of whoever uses the app now.

    Raises
    ------
    InvalidChoice, NotAllowed
        When nobody knows who that is.
    """
    return _desk(room().store(), identity.who())


@dataclass(frozen=True, slots=True)
class Offer:
    """The policies that may be opened from a case, the one with the newest record first, and what each rests on."""

    standings: Mapping[str, Standing]
    data: Mapping[str, frozenset[str]]


def on_offer(view: View, *, patient: bool = False) -> Offer:
    """Find the policies that may be opened from here, as they stand now.

    These are the policies that rest on data of the case and the one that the address names; somebody who signed in
    may open all of them. Without sign-in nobody stumbles over what others decided on their own data.

    Parameters
    ----------
    view : View
    patient : bool
        As for `Room.shelf`.
    """
    shelf, at = room().shelf(patient=patient), now()
    own = {d.dataset.fingerprint for d in view.case.data}
    is_open = bool(shelf.standings) and identity.visitor().is_verified
    found = [
        replace(s, history=s.history.at(at), as_of=max(at, s.as_of))
        for name, s in shelf.standings.items()
        if is_open or name == view.choices.policy or shelf.data.get(name, frozenset()) & own
    ]
    found.sort(key=lambda s: s.events[-1].seq, reverse=True)
    return Offer({s.policy_id: s for s in found}, shelf.data)


def looked_at(view: View, offer: Offer, *, data: str = "") -> Standing | None:
    """Return the policy of the address, else the newest that rests on the data of the case.

    Parameters
    ----------
    view : View
    offer : Offer
        As `on_offer` returned it.
    data : str
        Fingerprint of data that it has to rest on whatever the address says; empty = any of the case.
    """
    named, there = view.choices.policy, offer.standings
    if named in there and not data:
        return there[named]
    if named == ANOTHER and not data:
        return None
    wanted = {data} if data else {d.dataset.fingerprint for d in view.case.data}
    found = [name for name in there if offer.data.get(name, frozenset()) & wanted]
    return there[named if named in found else found[0]] if found else None


def is_author(person: Person, status: VersionStatus) -> bool:
    """Whether somebody wrote a version, or put it forward: then others must approve it."""
    return bool(_own(person, status.author_refs))


def approved_as(person: Person, status: VersionStatus) -> tuple[str, ...]:
    """List the required roles in which somebody has approved a version: the others need other people."""
    given = [s for s in status.signatures if s.decision == "approve" and s.role in status.required_roles]
    own = _own(person, [s.person_ref for s in given])
    return tuple(s.role for s in given if s.person_ref in own)


def _own(person: Person, refs: Collection[str]) -> set[str]:
    """Return which of the references are to somebody."""
    texts = room().store().texts(refs)
    return {r for r, text in texts.items() if text is not None and Person.of_text(text).key == person.key}


def status_line(view: View) -> None:
    """Say in the sidebar how the policy stands that rests on the data looked at; nothing where there is none."""
    if not view.case.data or identity.is_guest():
        return
    data = view.case.data_of(view.choices.data).dataset.fingerprint
    try:
        found = looked_at(view, on_offer(view, patient=True), data=data)
    except RaiError:
        # The Sign-off page says what it is; no other page should stop for it.
        with st.sidebar:
            st.caption(tr(":material/gpp_maybe: How the policy stands cannot be read: see Sign-off."))
        return
    if found is None:
        return
    with st.sidebar, st.container(key="policy_line", gap=None):
        for line in words.status_lines(found, now(), get_settings().remind_days):
            st.caption(f"{_ICONS[line.tone]} {safe(line.text, limit=200)}")


_ICONS: Final[Mapping[words.Tone, str]] = {
    words.Tone.GOOD: ":material/verified:",
    words.Tone.OPEN: ":material/pending:",
    words.Tone.SOON: ":material/schedule:",
    words.Tone.BAD: ":red[:material/block:]",
}


def open_policy(policy_id: str) -> None:
    """Make a policy the one that the pages look at."""
    state.choose(policy=policy_id, version=0, other=0)


def version_of(standing: Standing, number: int) -> int:
    """Return a version of the address where there is one, else the newest."""
    try:
        return standing.version(number).version
    except InvalidChoice:
        return standing.latest.version
