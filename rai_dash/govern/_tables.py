"""The tables of the store as statements, and their rows as records, sealed texts and checkpoints."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

from rai_dash.govern.checkpoints import Checkpoint
from rai_dash.govern.ledger import Record
from rai_dash.govern.sealed import Sealed

if TYPE_CHECKING:
    from sqlalchemy import Connection, TableClause

#: Databases take only so many values in one statement.
_AT_ONCE = 500


@cache
def ledger() -> TableClause:
    """Return the table of records."""
    return _table("ledger", Record)


@cache
def sealed() -> TableClause:
    """Return the table of sealed names and texts."""
    return _table("sealed", Sealed)


@cache
def checkpoint() -> TableClause:
    """Return the table of checkpoints."""
    return _table("checkpoint", Checkpoint)


def _table(name: str, noun: type[Any]) -> TableClause:
    from sqlalchemy import column, table

    return table(name, *(column(f.name) for f in fields(noun)))


def records(
    connection: Connection,
    *,
    subject: str | None = None,
    kinds: Collection[str] | None = None,
    after: int = 0,
) -> list[Record]:
    """Return records in their order; all of them, or those of one subject, of some kinds or after a number."""
    table = ledger()
    query = table.select().where(table.c.seq > after).order_by(table.c.seq)
    if subject is not None:
        query = query.where(table.c.subject == subject)
    if kinds is not None:
        query = query.where(table.c.kind.in_(list(kinds)))
    return [record_of(row) for row in connection.execute(query)]


def subjects(connection: Connection, prefix: str) -> list[str]:
    """Return the distinct subjects that begin with a text, in the order of their first records."""
    from sqlalchemy import func, select

    table = ledger()
    begins = func.substr(table.c.subject, 1, len(prefix)) == prefix
    query = select(table.c.subject).where(begins).group_by(table.c.subject).order_by(func.min(table.c.seq))
    return [str(row.subject) for row in connection.execute(query)]


def last(connection: Connection) -> Record | None:
    """Return the last record; None in an empty ledger."""
    table = ledger()
    row = connection.execute(table.select().order_by(table.c.seq.desc()).limit(1)).first()
    return None if row is None else record_of(row)


def at(connection: Connection, seq: int) -> Record | None:
    """Return a record by its number; None where there is none."""
    table = ledger()
    row = connection.execute(table.select().where(table.c.seq == seq)).first()
    return None if row is None else record_of(row)


def sealed_texts(connection: Connection, refs: Collection[str] | None = None) -> Iterator[Sealed]:
    """Return sealed texts: all of them, or those of some references."""
    table = sealed()
    if refs is None:
        yield from map(sealed_of, connection.execute(table.select().order_by(table.c.ref)))
        return
    wanted = sorted(refs)
    for start in range(0, len(wanted), _AT_ONCE):
        query = table.select().where(table.c.ref.in_(wanted[start : start + _AT_ONCE]))
        yield from map(sealed_of, connection.execute(query))


def person_ref(connection: Connection, text: str) -> str | None:
    """Return the reference of a person who is sealed already; None where there is none."""
    table = sealed()
    query = table.select().where(table.c.kind == "person", table.c.text == text).limit(1)
    row = connection.execute(query).first()
    return None if row is None else str(row.ref)


def checkpoints(connection: Connection) -> list[Checkpoint]:
    """Return every checkpoint, by number."""
    table = checkpoint()
    return [checkpoint_of(row) for row in connection.execute(table.select().order_by(table.c.n))]


def last_checkpoint(connection: Connection) -> Checkpoint | None:
    """Return the newest checkpoint; None where there is none."""
    table = checkpoint()
    row = connection.execute(table.select().order_by(table.c.n.desc()).limit(1)).first()
    return None if row is None else checkpoint_of(row)


def record_of(row: Any) -> Record:
    """Take over a row; one of the first version of the store has only four columns."""
    # A manipulated SQLite cell can hold any type; as text it simply does not fit its hash.
    return Record(
        seq=int(row.seq),
        body=str(row.body),
        prev_hash=str(row.prev_hash),
        hash=str(row.hash),
        at_utc=_text(getattr(row, "at_utc", None)),
        kind=_text(getattr(row, "kind", None)),
        subject=_text(getattr(row, "subject", None)),
        actor=_text(getattr(row, "actor", None)),
    )


def sealed_of(row: Any) -> Sealed:
    """Take over a row."""
    return Sealed(str(row.ref), str(row.kind), str(row.salt), _text(row.text), _text(row.erased_at))


def checkpoint_of(row: Any) -> Checkpoint:
    """Take over a row."""
    return Checkpoint(
        int(row.n), str(row.head), str(row.at_utc), str(row.key_id), str(row.public_key), str(row.signature)
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
