"""The queues as the page sees them: which there are, at which desk they are worked, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import streamlit as st

from rai_dash.core.settings import get_settings
from rai_dash.govern.database import store_is_there
from rai_dash.govern.people import AppRole
from rai_dash.ui import identity
from rai_dash.ui.signing import acting
from rai_dash.ui.signing import desk as policies
from rai_dash.ui.state import View

if TYPE_CHECKING:
    from rai_dash.core.types import TargetKind
    from rai_dash.govern.people import Person
    from rai_dash.govern.policy import Policy
    from rai_dash.govern.queue.book import QueueBook
    from rai_dash.govern.queue.desk import QueueDesk
    from rai_dash.govern.queue.practice import Practice
    from rai_dash.govern.queue.state import Queue
    from rai_dash.govern.queue.summary import QueueFigures
    from rai_dash.govern.queue.views import QueueLine

_SEAT: Final[ContextVar[Practice | None]] = ContextVar("practice", default=None)


def _book() -> QueueBook:
    settings = get_settings()
    return _book_of(settings.database_url, str(settings.data_dir))


@st.cache_resource(show_spinner=False, max_entries=4)
def _book_of(target: str, folder: str) -> QueueBook:
    from rai_dash.govern.queue.book import QueueBook

    del target, folder  # they name the store
    return QueueBook(policies.room().store(), clock=lambda: policies.now())  # noqa: PLW0108 - tests move the clock


@contextmanager
def seated(practice: Practice | None) -> Iterator[None]:
    """Sit at a practice until the block ends; None = at the queues of the store."""
    token = _SEAT.set(practice)
    try:
        yield
    finally:
        _SEAT.reset(token)


def practice() -> Practice | None:
    """Return the practice that one sits at; None = these are the queues of the store."""
    return _SEAT.get()


def visitor() -> Person:
    """Return whoever uses the app now, to read or to practise."""
    return identity.visitor()


def is_known() -> bool:
    """Whether something can be decided: under a name, or in a practice, which records none."""
    return practice() is not None or acting.is_known()


def policy(line: QueueLine) -> Policy:
    """Return the policy that filled a queue."""
    own = practice()
    return policies.room().policy(line.policy_id, line.version) if own is None else own.policy


def _desk(person: Person) -> QueueDesk:
    own = practice()
    if own is not None:
        return own.desk(person)
    from rai_dash.govern.queue.desk import QueueDesk

    return QueueDesk(
        policies.room().store(), person, clock=lambda: policies.now(), book=_book()  # noqa: PLW0108 - as above
    )  # fmt: skip


def acting_desk() -> QueueDesk:
    """Return the desk for what is recorded under the name of whoever uses the app now.

    Raises
    ------
    InvalidChoice, NotAllowed
        When nobody knows who that is.
    """
    return _desk(identity.who() if practice() is None else visitor())


def reading_desk() -> QueueDesk:
    """Return the desk to read at.

    Raises
    ------
    NotAllowed
        When whoever uses the app is not signed in where that is needed.
    """
    return _desk(identity.visitor())


def on_offer(view: View) -> list[QueueLine]:
    """List the queues that may be opened from here, the newest first.

    These are the queues of the policies that may be opened from the case, of its data, and the one that the address
    names; somebody who signed in may open all of them.
    """
    if not store_is_there():
        return []
    own = {d.dataset.fingerprint for d in view.case.data}
    there = policies.on_offer(view, patient=True).standings
    is_open = identity.visitor().is_verified
    named = view.choices.queue
    return [
        line
        for line in reading_desk().lines()
        if is_open or line.policy_id in there or line.batch in own or line.id == named
    ]


def chosen(view: View, lines: list[QueueLine]) -> QueueLine | None:
    """Return the queue of the address, else the newest; None = there is none."""
    return next((line for line in lines if line.id == view.choices.queue), lines[0] if lines else None)


def sees_everybody() -> bool:
    """Whether whoever uses the app may see what everybody decided."""
    return identity.visitor().role >= AppRole.ANALYST


def figures(queue_id: str) -> tuple[Queue, QueueFigures]:
    """Count what a queue says, of everybody or of oneself alone; once for each state of the queue.

    Raises
    ------
    NotAllowed, InvalidChoice
        As the desk does.
    """
    import numpy as np

    from rai_dash.govern.queue.summary import figures_of

    desk = reading_desk()
    if not sees_everybody():
        own = desk.own(queue_id)
        return own, figures_of(own, np.full(len(own.cases), 2, dtype=np.int8))
    queue = desk.queue(queue_id)
    if practice() is not None:
        outcomes, rows = desk.facts(queue_id)
        return queue, figures_of(queue, outcomes, {} if rows is None else rows.groups)
    # A queue of another store may have the same name and as many records.
    key = (get_settings().database_url, queue.id, queue.seq)
    kept: dict[tuple[str, str, int], QueueFigures] = _figures_kept()
    if key not in kept:
        outcomes, rows = desk.facts(queue_id)
        found = figures_of(queue, outcomes, {} if rows is None else rows.groups)
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = found
    return queue, kept[key]


def target_kind(queue_id: str) -> TargetKind | None:
    """Return what an outcome is in the batch of a queue; None = its rows were deleted."""
    rows = reading_desk().facts(queue_id)[1]
    return None if rows is None else rows.roles.target_kind


_MOST_KEPT = 16


@st.cache_resource(show_spinner=False)
def _figures_kept() -> dict[tuple[str, str, int], QueueFigures]:
    return {}
