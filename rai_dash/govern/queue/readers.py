"""Who may read which case: each of the two or three readers is another person, and nobody holds two cases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from rai_dash.govern._told import Told
from rai_dash.govern.people import Person
from rai_dash.govern.queue.state import Case, Queue, Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody at a queue.

    Parameters
    ----------
    person : Person
    own : frozenset of str
        References that are theirs.
    others : frozenset of str
        References of people who are shown to be others; who was erased, and a typed name that could be theirs, is not.
    """

    person: Person
    own: frozenset[str]
    others: frozenset[str]

    @classmethod
    def of(cls, person: Person, refs: Iterable[str], texts: Mapping[str, str | None]) -> Reader:
        """Tell a person from those behind some references."""
        told, own, others = Told(texts), set[str](), set[str]()
        for ref in refs:
            found = told.person(ref)
            if found is None:
                continue
            if found.key == person.key:
                own.add(ref)
            elif not person.could_be(found):
                others.add(ref)
        return cls(person=person, own=frozenset(own), others=frozenset(others))

    def may_read(self, case: Case, at: datetime) -> bool:
        """Whether the case waits for a read that this person may give, and nobody holds it."""
        if case.due is None or case.held_by(at) is not None:
            return False
        return all(read.reader in self.others for read in case.reads if _counts(read, case))

    def is_blocked(self, case: Case, at: datetime) -> bool:
        """Whether the case waits, and one of its readers is neither shown to be this person nor another."""
        if case.due is None or case.held_by(at) is not None:
            return False
        known = self.own | self.others
        return any(read.reader not in known for read in case.reads if _counts(read, case))

    def open_case(self, queue: Queue) -> tuple[Case, Read] | None:
        """Return the case that this person has begun and can go on with."""
        begun = ((case, case.open_read(self.own)) for case in queue.cases if case.reads)
        found = [(case, read) for case, read in begun if read is not None]
        return max(found, key=lambda pair: pair[1].taken_at, default=None)

    def for_me(self, queue: Queue, at: datetime) -> Iterator[Case]:
        """Return the cases that this person may begin now."""
        return (case for case in queue.cases if self.may_read(case, at))

    def next_case(self, queue: Queue, at: datetime) -> Case | None:
        """Return the case to begin with, in an order of this person's own.

        Everybody goes through a queue in another order: two readers do not meet at one case, and what comes next does
        not tell whether somebody has read it before.
        """
        key = hashlib.blake2b(self.person.key.encode("utf-8", "surrogatepass"), digest_size=32).digest()
        return min(self.for_me(queue, at), key=lambda case: _place(key, queue, case), default=None)


def _counts(read: Read, case: Case) -> bool:
    """Whether a read stands in the way of the same person: one that ran out before any decision does not."""
    return read.blind is not None or read.place != case.due


def _place(key: bytes, queue: Queue, case: Case) -> bytes:
    return hashlib.blake2b(queue.mark(case.number).encode(), key=key, digest_size=8).digest()
