"""The tables of kept cases: their rows, and who may do what with one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.errors import InvalidChoice, LedgerBroken, NotAllowed
from rai_dash.core.texts import tr
from rai_dash.govern import _tables as tables
from rai_dash.govern.ledger import utc_seconds
from rai_dash.govern.people import Person

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, TableClause

#: What happened to a case when its content came into the store, as the ledger calls it.
KEPT: Final = "case.kept"
_LOCAL: Final = "local|"
#: What the app makes ids of; an address can hold anything.
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,200}")
#: Everything but the content, which is large.
_FACTS: Final = ("id", "owner", "owner_name", "title", "sha256", "size", "kept_at", "expires_at")
_LINK: Final = (
    *("token_sha256", "case_id", "maker_name", "case_sha256", "shows_rows", "is_public"),
    *("made_at", "expires_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCase:
    """A kept case as one person sees it.

    Parameters
    ----------
    id, title, owner_name : str
    sha256 : str
        Of the content.
    size : int
        Bytes of the content.
    kept_at, expires_at : datetime
        UTC; None = it is kept until somebody deletes it.
    is_own : bool
        Whether it belongs to the person.
    shared_with : tuple of str
        Names and addresses, as they are compared; told to the owner alone.
    """

    id: str
    title: str
    owner_name: str
    sha256: str
    size: int
    kept_at: datetime
    expires_at: datetime | None
    is_own: bool
    shared_with: tuple[str, ...] = ()


def subject_of(case_id: str) -> str:
    """Return what the ledger calls a kept case: a part of the hash of its id, which opens nothing."""
    return f"case:{hashlib.sha256(case_id.encode()).hexdigest()[:16]}"


@cache
def cases() -> TableClause:
    """Return the table of kept cases."""
    from sqlalchemy import column, table

    return table("kept_case", *map(column, (*_FACTS, "content")))


@cache
def kept_shares() -> TableClause:
    """Return the table of whom they are shared with."""
    from sqlalchemy import column, table

    return table("kept_share", column("case_id"), column("who"))


@cache
def kept_links() -> TableClause:
    """Return the table of read-only links."""
    from sqlalchemy import column, table

    return table("kept_link", *map(column, _LINK))


def links_of(connection: Connection, case_id: str) -> list[Any]:
    """Return every link to a case, those whose time is over too."""
    table = kept_links()
    return list(connection.execute(table.select().where(table.c.case_id == case_id)))


def link_of(connection: Connection, token_sha256: str) -> Any:
    """Return one link by the hash of its key; None where there is none."""
    table = kept_links()
    return connection.execute(table.select().where(table.c.token_sha256 == token_sha256)).first()


def whole_content(connection: Connection, case_id: str) -> bytes:
    """Return the content of a kept case that the ledger knows.

    Raises
    ------
    InvalidChoice
        When there is no such case.
    LedgerBroken
        When its content is not what was kept.
    """
    table = cases()
    query = table.select().with_only_columns(table.c.content).where(table.c.id == case_id)
    found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise missing()
    content = bytes(found)
    kept = tables.records(connection, subject=subject_of(case_id), kinds={KEPT})
    if hashlib.sha256(content).hexdigest() not in {record.content.get("sha256") for record in kept}:
        msg = tr(
            "The kept case is not what was kept: the store was changed. Tell your operator to verify the "
            "ledger."
        )
        raise LedgerBroken(msg)
    return content


def is_over(row: Any, now: datetime) -> bool:
    """Whether the time of a case or of a link is over."""
    # Both are UTC in whole seconds, so that texts compare as times do.
    return row.expires_at is not None and row.expires_at <= utc_seconds(now)


def rows_of_cases(connection: Connection) -> list[Any]:
    """Return every kept case, without its content."""
    table = cases()
    return list(connection.execute(table.select().with_only_columns(*(table.c[name] for name in _FACTS))))


def row_of(connection: Connection, case_id: str) -> Any:
    """Return one kept case without its content; None where there is none."""
    if not is_id(case_id):
        return None
    table = cases()
    query = table.select().with_only_columns(*(table.c[name] for name in _FACTS))
    return connection.execute(query.where(table.c.id == case_id)).first()


def is_id(case_id: str) -> bool:
    """Whether a text can be the id of a case."""
    return _ID.fullmatch(case_id) is not None


def all_shares(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Return whom each case is shared with, in order; a case that is not shared is left out."""
    return _shares(connection, kept_shares().select())


def shares_of(connection: Connection, case_id: str) -> tuple[str, ...]:
    """Return whom a case is shared with, in order."""
    table = kept_shares()
    return _shares(connection, table.select().where(table.c.case_id == case_id)).get(case_id, ())


def _shares(connection: Connection, query: Select[Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(query.order_by(kept_shares().c.who)):
        found[row.case_id] = (*found.get(row.case_id, ()), str(row.who))
    return found


def is_local(row: Any) -> bool:
    """Whether a case was kept while nobody signed in."""
    return bool(row.owner.startswith(_LOCAL))


def is_own(row: Any, person: Person) -> bool:
    """Whether a person may put a newer state in the place of a case; typed names are nobody's proof."""
    return bool(row.owner == person.key or (is_local(row) and not person.is_verified))


def may_open(row: Any, person: Person, shares: Iterable[str], email: str) -> bool:
    """Whether a person may open a case."""
    if is_own(row, person):
        return True
    # Another service can give anybody the name of somebody here.
    if not person.is_verified or not row.owner.startswith(f"oidc|{person.issuer}|"):
        return False
    return not {folded(text) for text in (person.name, email) if text.strip()}.isdisjoint(shares)


def folded(who: str) -> str:
    """Write a name or an address as typed names are compared."""
    return Person(name=who, subject=who).key.removeprefix(_LOCAL)


def told(row: Any, person: Person, shares: tuple[str, ...]) -> KeptCase:
    """Return a case as one person sees it."""
    own, ends = is_own(row, person), row.expires_at
    return KeptCase(
        id=row.id,
        title=row.title,
        owner_name=row.owner_name,
        sha256=row.sha256,
        size=int(row.size),
        kept_at=datetime.fromisoformat(row.kept_at),
        expires_at=None if ends is None else datetime.fromisoformat(ends),
        is_own=own,
        shared_with=shares if own else (),
    )


def missing() -> InvalidChoice:
    """Return the refusal where there is no such case."""
    msg = "There is no such kept case: it was deleted, or its time is over. Open the files again."
    return InvalidChoice(msg)


def anothers() -> NotAllowed:
    """Return the refusal of somebody else's case."""
    msg = "This kept case belongs to somebody else. Ask its owner to share it with you."
    return NotAllowed(msg)
