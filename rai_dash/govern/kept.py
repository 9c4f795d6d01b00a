"""Cases that somebody chose to keep: in the store, for a while, for their owner and those they share them with.

Rows of applicants are in the store only by this door. The ledger tells that a case was kept, shared, deleted or ran
out, with the hash and size of its content, and never what it is about or whose it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.core.files import MEGABYTE
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern import _kept_rows as rows
from rai_dash.govern._kept_rows import KeptCase
from rai_dash.govern.ledger import utc_seconds
from rai_dash.govern.people import AppRole, Person, require

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rai_dash.govern.store import Store, Writing

__all__ = ["KeptCase", "KeptCases"]

SHARED, UNSHARED, EXPORTED, DELETED, EXPIRED = (
    f"case.{what}" for what in ("shared", "unshared", "exported", "deleted", "expired")
)
#: SQLite takes a row of a thousand million bytes at most, PostgreSQL a little more.
LARGEST: Final = 900 * MEGABYTE
_LONGEST_TITLE: Final = 500


def _now() -> datetime:
    return datetime.now(UTC)


class KeptCases:
    """The kept cases of a store.

    Where people sign in, a case belongs to whoever kept it first, and others open it only when it was shared with
    them. Without sign-in whoever has the unguessable id may open it, and no list tells the ids.

    Parameters
    ----------
    store : Store
    clock : callable, optional
        Returns the time; an argument for the tests.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = _now) -> None:
        self._store = store
        self._clock = clock

    def keep(self, case_id: str, title: str, content: bytes, person: Person) -> KeptCase:
        """Keep a case, or its newer state in the place of the older one; its time starts anew.

        Parameters
        ----------
        case_id, title : str
        content : bytes
            As `rai_dash.casefile.pack` makes it.
        person : Person
            An analyst or above; the owner of what was kept before.

        Raises
        ------
        NotAllowed
            When the person may not keep cases, or the case belongs to somebody else.
        InvalidChoice
            When it is too large, or the id is none.
        """
        require(person, AppRole.ANALYST, "Keeping a case")
        if not rows.is_id(case_id):
            msg = tr(
                "The link of this case holds a sign that no link of ours has. Open the case anew and keep "
                "that one."
            )
            raise InvalidChoice(msg)
        if len(content) > LARGEST:
            msg = tr(
                "The case has {content} MB; at most {largest} MB are kept. Keep one with fewer or "
                "smaller files.",
                content=f"{len(content) // MEGABYTE:,}",
                largest=f"{LARGEST // MEGABYTE:,}",
            )
            raise InvalidChoice(msg)
        now = self._clock()
        days = get_settings().retention_days
        sha256 = hashlib.sha256(content).hexdigest()
        state = {
            "title": title[:_LONGEST_TITLE],
            "sha256": sha256,
            "size": len(content),
            "content": content,
            "kept_at": utc_seconds(now),
            "expires_at": utc_seconds(now + timedelta(days=days)) if days else None,
        }
        with self._store.writing() as job:
            table, row = rows.cases(), rows.row_of(job.connection, case_id)
            if row is None:
                whose = {"id": case_id, "owner": person.key, "owner_name": person.name}
                job.connection.execute(table.insert().values(**whose, **state))
            elif rows.is_own(row, person):
                job.connection.execute(table.update().where(table.c.id == case_id).values(**state))
            else:
                raise rows.anothers()
            found = rows.told(
                rows.row_of(job.connection, case_id), person, rows.shares_of(job.connection, case_id)
            )
            self._tell(job, rows.KEPT, found, job.person(person.text), now)
        if row is not None:
            self._store.forget()
        return found

    def find(self, case_id: str, person: Person, *, email: str = "") -> KeptCase | None:
        """Return what is known of a kept case; None when there is none.

        Parameters
        ----------
        case_id : str
        person : Person
        email : str
            Address that the sign-in vouches for; empty = none.

        Raises
        ------
        NotAllowed
            When it belongs to somebody else and is not shared with the person.
        """
        with self._store.reading() as connection:
            return self._find(connection, case_id, person, email)

    def open(self, case_id: str, person: Person, *, email: str = "") -> bytes:
        """Return the content of a kept case; see `find`.

        Raises
        ------
        InvalidChoice
            When there is none.
        NotAllowed
            As `find`.
        LedgerBroken
            When it is not what was kept.
        """
        with self._store.reading() as connection:
            found = self._find(connection, case_id, person, email)
            if found is None:
                raise rows.missing()
            return rows.whole_content(connection, case_id)

    def export(self, case_id: str, person: Person) -> bytes:
        """Return the content of anybody's kept case to an operator; the ledger tells of it.

        Raises
        ------
        NotAllowed
            When the person is no operator.
        InvalidChoice
            When there is no such case.
        LedgerBroken
            As `open`.
        """
        require(person, AppRole.OPERATOR, "Exporting a kept case")
        with self._store.writing() as job:
            row = rows.row_of(job.connection, case_id)
            if row is None or self._is_over(row):
                raise rows.missing()
            content = rows.whole_content(job.connection, case_id)
            self._tell(job, EXPORTED, row, job.person(person.text), self._clock())
        return content

    def listed(self, person: Person, *, email: str = "") -> list[KeptCase]:
        """Return the cases of a person and those shared with them, the newest first; none without sign-in."""
        if not person.is_verified:
            return []
        with self._store.reading() as connection:
            known = [row for row in rows.rows_of_cases(connection) if not self._is_over(row)]
            shares = rows.all_shares(connection)
        found = [
            rows.told(row, person, shares.get(row.id, ()))
            for row in known
            if rows.may_open(row, person, shares.get(row.id, ()), email)
        ]
        return sorted(found, key=lambda one: one.kept_at, reverse=True)

    def share(self, case_id: str, who: str, person: Person) -> KeptCase:
        """Let somebody else open a case, by the name or the e-mail address that the same sign-in service gives them.

        Raises
        ------
        InvalidChoice
            When there is no such case, or no name.
        NotAllowed
            When the person is not its owner, or nobody signs in.
        """
        return self._share(case_id, who, person, on=True)

    def unshare(self, case_id: str, who: str, person: Person) -> KeptCase:
        """Take that back; copies that were opened before stay; see `share`."""
        return self._share(case_id, who, person, on=False)

    def delete(self, case_id: str, person: Person) -> None:
        """Delete a kept case for good, if it is the person's own or they are an operator.

        Raises
        ------
        InvalidChoice
            When there is no such case.
        NotAllowed
            When it belongs to somebody else.
        """
        with self._store.writing() as job:
            row = rows.row_of(job.connection, case_id)
            if row is None:
                raise rows.missing()
            if row.owner != person.key and person.role < AppRole.OPERATOR:
                raise rows.anothers()
            self._remove(job, row, DELETED, job.person(person.text))
        self._store.forget()

    def purge(self) -> int:
        """Delete the cases whose time is over; return how many there were."""
        with self._store.reading() as connection:
            if not any(map(self._is_over, rows.rows_of_cases(connection))):
                return 0
        with self._store.writing() as job:
            over = [row for row in rows.rows_of_cases(job.connection) if self._is_over(row)]
            for row in over:
                self._remove(job, row, EXPIRED, "retention")
        self._store.forget()
        return len(over)

    def _find(self, connection: Connection, case_id: str, person: Person, email: str) -> KeptCase | None:
        row = rows.row_of(connection, case_id)
        if row is None or self._is_over(row):
            return None
        shares = rows.shares_of(connection, case_id)
        if not rows.may_open(row, person, shares, email):
            raise rows.anothers()
        return rows.told(row, person, shares)

    def _share(self, case_id: str, who: str, person: Person, *, on: bool) -> KeptCase:
        if not person.is_verified:
            msg = tr("Sharing needs a sign-in. Without one whoever has the link of a kept case may open it.")
            raise NotAllowed(msg)
        known_as = rows.folded(who)
        with self._store.writing() as job:
            row = rows.row_of(job.connection, case_id)
            if row is None or self._is_over(row):
                raise rows.missing()
            if row.owner != person.key:
                raise rows.anothers()
            table, shares = rows.kept_shares(), rows.shares_of(job.connection, case_id)
            if on == (known_as in shares):
                return rows.told(row, person, shares)
            if on:
                job.connection.execute(table.insert().values(case_id=case_id, who=known_as))
            else:
                this = (table.c.case_id == case_id) & (table.c.who == known_as)
                job.connection.execute(table.delete().where(this))
            found = rows.told(row, person, rows.shares_of(job.connection, case_id))
            self._tell(job, SHARED if on else UNSHARED, found, job.person(person.text), self._clock())
        return found

    def _remove(self, job: Writing, row: Any, kind: str, actor: str) -> None:
        case = rows.cases()
        for table in (rows.kept_shares(), rows.kept_links()):
            job.connection.execute(table.delete().where(table.c.case_id == row.id))
        job.connection.execute(case.delete().where(case.c.id == row.id))
        self._tell(job, kind, row, actor, self._clock())

    @staticmethod
    def _tell(job: Writing, kind: str, what: Any, actor: str, now: datetime) -> None:
        body = {"sha256": what.sha256, "size": what.size}
        job.append(kind, rows.subject_of(what.id), actor, body, at=now)

    def _is_over(self, row: Any) -> bool:
        return rows.is_over(row, self._clock())
