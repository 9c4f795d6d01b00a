"""What is written into the ledger about one sort of thing, read back and checked: problems, batches, reviews.

A journal has a prefix for its subjects and one body for each kind of entry. What follows from the entries is folded
from them by whoever reads, and stored nowhere else: there is no half record, and no state that could differ from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from rai_dash.core.errors import InvalidRecord
from rai_dash.govern._bodies import utc_time
from rai_dash.govern.complaints import sentence
from rai_dash.govern.ledger import Record, foreign, whole_seconds
from rai_dash.govern.people import Person
from rai_dash.govern.sealed import is_ref, refs_in
from rai_dash.govern.store import Store, Writing


class JournalBody(BaseModel):
    """Base of every body. Free text is only in it as ``SealedText``, numbers are finite, nothing is extra."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, serialize_by_alias=True)

    def content(self) -> dict[str, Any]:
        """Return the body as plain values, ready for canonical JSON."""
        return self.model_dump(mode="json")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One entry, read and checked.

    Parameters
    ----------
    kind, subject : str
        The subject without the prefix of its journal.
    at : datetime
        UTC, whole seconds.
    actor : str
        Reference of the person who did it, or a plain word such as ``monitor``.
    body : JournalBody
    seq, hash
        Place and hash of the record.
    """

    kind: str
    subject: str
    at: datetime
    actor: str
    body: Any
    seq: int
    hash: str


@dataclass(slots=True)
class JournalWork:
    """One transaction on one subject: what was written so far, and what is written now.

    Parameters
    ----------
    journal : Journal
    writing : Writing
        The open transaction; its ``connection`` is for tables beside the chain.
    subject : str
        Without the prefix.
    person : Person or None
        Who does it; None = the app itself, under the name of ``actor``.
    at : datetime
        UTC, whole seconds, never before the last entry of the subject.
    entries : list of JournalEntry
        Of the subject, with what was written here.
    texts : dict
        Sealed texts and people by reference.
    """

    journal: Journal
    writing: Writing
    subject: str
    person: Person | None
    at: datetime
    entries: list[JournalEntry]
    texts: dict[str, str | None] = field(default_factory=dict)
    actor: str = "app"

    def write(self, kind: str, **content: Any) -> JournalEntry:
        """Check an entry and append it.

        Raises
        ------
        InvalidRecord
            In one sentence, when a part is missing or cannot be written down.
        """
        body = self.journal.body(kind, content)
        actor = self.actor if self.person is None else self.writing.person(self.person.text)
        subject = self.journal.prefix + self.subject
        record = self.writing.append(kind, subject, actor, body.content(), at=self.at)
        if self.person is not None:
            self.texts[actor] = self.person.text
        entry = self.journal.read(record)
        self.entries.append(entry)
        return entry

    def sealed(self, text: str) -> dict[str, str]:
        """Take a text into keeping beside the chain, and return what stands for it in a body."""
        ref = self.writing.seal(text)
        self.texts[ref] = text
        return {"sealed": ref}


class Journal:
    """The entries of one sort of thing.

    Parameters
    ----------
    store : Store
    prefix : str
        Of the subjects, with a colon: ``problem:``.
    bodies : mapping of str to type
        Body of each kind of entry, such as ``problem.open``.
    clock : callable, optional
        Gives the time with its zone.
    """

    def __init__(
        self,
        store: Store,
        *,
        prefix: str,
        bodies: Mapping[str, type[JournalBody]],
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.store = store
        self.prefix = prefix
        self._bodies = bodies
        self._clock = clock or (lambda: datetime.now(UTC))

    def now(self) -> datetime:
        """Return the time, UTC and whole seconds."""
        return whole_seconds(self._clock())

    def subjects(self) -> list[str]:
        """Return the subjects, without the prefix, in the order of their first entries."""
        return [s.removeprefix(self.prefix) for s in self.store.subjects(self.prefix)]

    def entries(self, subject: str | None = None, *, after: int = 0) -> list[JournalEntry]:
        """Return entries in their order: of one subject, or of all of them.

        Parameters
        ----------
        subject : str, optional
            Without the prefix.
        after : int
            Only those with a larger number: what is new since a fold.

        Raises
        ------
        LedgerBroken
            When one is none that this app writes.
        """
        whole = None if subject is None else self.prefix + subject
        records = self.store.records(subject=whole, kinds=set(self._bodies), after=after)
        return [self.read(record) for record in records]

    def texts(self, entries: Iterable[JournalEntry]) -> dict[str, str | None]:
        """Return the sealed texts and people that entries refer to; None = erased."""
        return self.store.texts(_refs(entries))

    @contextmanager
    def at_work(
        self,
        subject: str,
        person: Person | None = None,
        *,
        actor: str = "app",
        writing: Writing | None = None,
        after: int = 0,
    ) -> Iterator[JournalWork]:
        """Open one transaction on a subject; all of it is written, or nothing.

        Parameters
        ----------
        subject : str
            Without the prefix.
        person : Person, optional
            Who does it; None = the app itself.
        actor : str
            The plain word that stands for the app.
        writing : Writing, optional
            A transaction that is open already, to write about several things at once.
        after : int
            Only entries with a larger number are read: for whoever holds a fold of those before.
        """
        if writing is not None:
            yield self._work(writing, subject, person, actor, after)
            return
        with self.store.writing() as opened:
            yield self._work(opened, subject, person, actor, after)

    def body(self, kind: str, content: Mapping[str, Any]) -> JournalBody:
        """Check what is about to be written.

        Raises
        ------
        InvalidRecord
            In one sentence, when a part is missing or is not accepted.
        """
        try:
            return self._bodies[kind].model_validate(content)
        except ValidationError as error:
            raise InvalidRecord(sentence(error.errors()[0])) from error

    def read(self, record: Record) -> JournalEntry:
        """Read a record back.

        Raises
        ------
        LedgerBroken
            When it is none that this app writes.
        """
        try:
            kind, content = record.kind or "", record.content
            body = self._bodies[kind].model_validate(content)
            at = utc_time(record.at_utc or "")
        except (KeyError, ValueError) as error:
            raise foreign(record) from error
        subject = record.subject or ""
        # What was read must be what is written: no value may have been put right on the way.
        if body.content() != content or not subject.startswith(self.prefix):
            raise foreign(record)
        return JournalEntry(
            kind=kind,
            subject=subject.removeprefix(self.prefix),
            at=at,
            actor=record.actor or "",
            body=body,
            seq=record.seq,
            hash=record.hash,
        )

    def _work(
        self, writing: Writing, subject: str, person: Person | None, actor: str, after: int
    ) -> JournalWork:
        # The clock is read once the lock is held, so that times follow the order of the ledger.
        records = writing.records(subject=self.prefix + subject, kinds=set(self._bodies), after=after)
        entries = [self.read(record) for record in records]
        at = max(self.now(), *(entry.at for entry in entries)) if entries else self.now()
        return JournalWork(
            self, writing, subject, person, at, entries, writing.texts(_refs(entries)), actor=actor
        )


def _refs(entries: Iterable[JournalEntry]) -> set[str]:
    refs: set[str] = set()
    for entry in entries:
        refs |= refs_in(entry.body.content())
        if is_ref(entry.actor):
            refs.add(entry.actor)
    return refs
