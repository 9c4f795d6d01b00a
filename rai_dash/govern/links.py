"""Read-only links to kept cases: a key that opens a case as it was kept, for a while, until somebody revokes it.

The store has the hash of a key and never the key. Whatever is wrong with a key, the answer is the same: there is no
such link.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern import _kept_rows as rows
from rai_dash.govern.ledger import utc_seconds
from rai_dash.govern.people import AppRole, Person, require

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rai_dash.govern.store import Store, Writing

LINKED, UNLINKED = "case.linked", "case.unlinked"
#: Bytes of a key from the system's generator: 192 bits.
_KEY_BYTES: Final = 24
_KEY_LENGTH: Final = len(secrets.token_urlsafe(_KEY_BYTES))
#: Signs of the hash that name a link where it is listed; they open nothing.
_NAME: Final = 16
#: Links of one case that are open at a time; more could not be looked through.
MOST_LINKS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A read-only link.

    Parameters
    ----------
    name : str
        Names it in a list and in the ledger; opens nothing.
    case_id : str
        The kept case. It is a key of its own where nobody signs in: never shown to those who come by the link.
    title, owner_name : str
        Of the kept case.
    sha256 : str
        Of the content as it is kept now.
    kept_at : datetime
        UTC; when that content was kept.
    maker_name : str
        Who made the link.
    made_at, expires_at : datetime
        UTC.
    shows_rows : bool
        Whether those who may see single applications see those of this case through it.
    is_public : bool
        Whether it opens without a sign-in where the operator allows that.
    is_newer : bool
        Whether the case was kept again since the link was made.
    """

    name: str
    case_id: str
    title: str
    owner_name: str
    sha256: str
    kept_at: datetime
    maker_name: str
    made_at: datetime
    expires_at: datetime
    shows_rows: bool
    is_public: bool
    is_newer: bool


def _now() -> datetime:
    return datetime.now(UTC)


class Links:
    """The read-only links of a store.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Returns the time; an argument for the tests.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = _now) -> None:
        self._store = store
        self._clock = clock

    def make(
        self, case_id: str, person: Person, *, days: int, shows_rows: bool = False, is_public: bool = False
    ) -> tuple[str, Link]:
        """Make a link to a kept case.

        Parameters
        ----------
        case_id : str
        person : Person
            An analyst or above who owns the case.
        days : int
            How long it opens; it ends with the kept case where that ends before.
        shows_rows, is_public : bool
            See `Link`.

        Returns
        -------
        str, Link
            The key, which is nowhere else, and what it opens.

        Raises
        ------
        NotAllowed
            When the person may not.
        InvalidChoice
            When there is no such case, or the link would be one that is not made.
        """
        require(person, AppRole.ANALYST, tr("Sharing a case"))
        _check_wish(days, person, shows_rows=shows_rows, is_public=is_public)
        key, now = secrets.token_urlsafe(_KEY_BYTES), self._clock()
        with self._store.writing() as job:
            case = self._own_case(job.connection, case_id, person)
            table = rows.kept_links()
            over = table.c.expires_at <= utc_seconds(now)
            job.connection.execute(table.delete().where(table.c.case_id == case_id, over))
            if len(rows.links_of(job.connection, case_id)) >= MOST_LINKS:
                msg = tr("{n} links to this case are open. Revoke one that nobody needs first.", n=MOST_LINKS)
                raise InvalidChoice(msg)
            ends = utc_seconds(now + timedelta(days=days))
            row = {
                "token_sha256": _hash(key),
                "case_id": case_id,
                "maker_name": person.name,
                "case_sha256": case.sha256,
                "shows_rows": shows_rows,
                "is_public": is_public,
                "made_at": utc_seconds(now),
                "expires_at": ends if case.expires_at is None else min(ends, case.expires_at),
            }
            job.connection.execute(table.insert().values(**row))
            found = _told(rows.link_of(job.connection, row["token_sha256"]), case)
            self._tell(job, LINKED, found, person, case.size)
        return key, found

    def listed(self, case_id: str, person: Person) -> list[Link]:
        """Return the open links to a case of the person's own, the newest first; none of somebody else's."""
        with self._store.reading() as connection:
            case = rows.row_of(connection, case_id)
            if case is None or not rows.is_own(case, person) or self._is_over(case):
                return []
            found = [_told(row, case) for row in rows.links_of(connection, case_id) if not self._is_over(row)]
        return sorted(found, key=lambda link: (link.made_at, link.name), reverse=True)

    def revoke(self, case_id: str, name: str, person: Person) -> None:
        """Let a link open nothing from now on; one that is gone already is left so.

        Raises
        ------
        NotAllowed
            When the case belongs to somebody else and the person is no operator.
        InvalidChoice
            When there is no such case.
        """
        with self._store.writing() as job:
            case = rows.row_of(job.connection, case_id)
            if case is None:
                raise rows.missing()
            if not rows.is_own(case, person) and person.role < AppRole.OPERATOR:
                raise rows.anothers()
            row = next((r for r in rows.links_of(job.connection, case_id) if _name(r) == name), None)
            if row is None:
                return
            table = rows.kept_links()
            job.connection.execute(table.delete().where(table.c.token_sha256 == row.token_sha256))
            self._tell(job, UNLINKED, _told(row, case), person, case.size)

    def find(self, key: str, person: Person | None) -> Link | None:
        """Return what a key opens now; None = nothing, for whatever reason.

        Parameters
        ----------
        key : str
        person : Person or None
            Whoever came with it; None = nobody is signed in where people sign in.
        """
        if len(key) != _KEY_LENGTH or not rows.is_id(key):
            return None
        with self._store.reading() as connection:
            row = rows.link_of(connection, _hash(key))
            case = None if row is None else rows.row_of(connection, row.case_id)
        if case is None or self._is_over(row) or self._is_over(case):
            return None
        return _told(row, case) if _may_look(case, row, person) else None

    def content(self, link: Link) -> bytes:
        """Return the content of the case that a link opens, as it is kept now.

        Raises
        ------
        InvalidChoice
            When it was deleted since.
        LedgerBroken
            When it is not what was kept.
        """
        with self._store.reading() as connection:
            return rows.whole_content(connection, link.case_id)

    def _own_case(self, connection: Connection, case_id: str, person: Person) -> Any:
        case = rows.row_of(connection, case_id)
        if case is None or self._is_over(case):
            raise rows.missing()
        if not rows.is_own(case, person):
            raise rows.anothers()
        return case

    def _is_over(self, row: Any) -> bool:
        return rows.is_over(row, self._clock())

    def _tell(self, job: Writing, kind: str, link: Link, person: Person, size: int) -> None:
        body = {
            "sha256": link.sha256,
            "size": int(size),
            "link": link.name,
            "until": utc_seconds(link.expires_at),
            "shows_rows": link.shows_rows,
            "is_public": link.is_public,
        }
        subject = rows.subject_of(link.case_id)
        job.append(kind, subject, job.person(person.text), body, at=self._clock())


def _check_wish(days: int, person: Person, *, shows_rows: bool, is_public: bool) -> None:
    """Refuse a link that is not made here."""
    settings = get_settings()
    if not 1 <= days <= settings.most_link_days:
        msg = tr(
            "A link is open for 1 to {most} days. Choose a number between.", most=settings.most_link_days
        )
        raise InvalidChoice(msg)
    if shows_rows and not person.sees_rows:
        msg = tr("You may not see single applications, so a link of yours cannot show them.")
        raise InvalidChoice(msg)
    if is_public and not (settings.public_links and person.is_verified):
        msg = tr("Links that open without a sign-in are not made here. Ask your operator.")
        raise InvalidChoice(msg)


def _may_look(case: Any, row: Any, person: Person | None) -> bool:
    """Whether somebody may look: a case of people who sign in stays among them unless its link is public."""
    is_of_local = rows.is_local(case)
    if person is None:
        return bool(row.is_public) and get_settings().public_links and not is_of_local
    return person.is_verified != is_of_local


def _hash(key: str) -> str:
    # The key is random and long: a salt or a slow hash would add nothing.
    return hashlib.sha256(key.encode()).hexdigest()


def _name(row: Any) -> str:
    return str(row.token_sha256)[:_NAME]


def _told(row: Any, case: Any) -> Link:
    return Link(
        name=_name(row),
        case_id=case.id,
        title=case.title,
        owner_name=case.owner_name,
        sha256=case.sha256,
        kept_at=datetime.fromisoformat(case.kept_at),
        maker_name=row.maker_name,
        made_at=datetime.fromisoformat(row.made_at),
        expires_at=datetime.fromisoformat(row.expires_at),
        shows_rows=bool(row.shows_rows),
        is_public=bool(row.is_public),
        is_newer=row.case_sha256 != case.sha256,
    )
