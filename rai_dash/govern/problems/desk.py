"""Where problems are opened, moved and measured, under the name of whoever does it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.govern._desk_rules import tidy
from rai_dash.govern._told import Told
from rai_dash.govern.journal import Journal, JournalEntry, JournalWork
from rai_dash.govern.people import AppRole, Person, require, require_rows
from rai_dash.govern.problems import _bodies as bodies
from rai_dash.govern.problems import patterns
from rai_dash.govern.problems._fold import fold
from rai_dash.govern.problems._rules import check_move, is_owner, require_move, tidy_title
from rai_dash.govern.problems.nouns import Basis, Problem, ProblemResult, ProblemScope, Source, Status
from rai_dash.govern.store import Store, Writing

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from rai_dash.data.slices import Slice, TestPattern

NOBODY = ProblemScope()
UNSAID = Basis()


class ProblemDesk:
    """The problems of a store, as one person may read and move them.

    Parameters
    ----------
    store : Store
    person : Person or None
        Who acts; None = the app itself, which may do everything.
    clock : callable, optional
        Gives the time with its zone.
    actor : str
        The plain word under which the app acts.

    Notes
    -----
    Every action raises `NotAllowed` for a person who may not, `InvalidChoice` for what is not there or does not
    follow, `InvalidRecord` for a text that is missing or too short, `LedgerBroken` when the store was manipulated and
    `StoreUnavailable` when it cannot be reached; nothing is written then. Each returns the problem as it is then.
    """

    def __init__(
        self,
        store: Store,
        person: Person | None,
        clock: Callable[[], datetime] | None = None,
        *,
        actor: str = "monitor",
    ) -> None:
        self._journal = Journal(store, prefix=bodies.PREFIX, bodies=bodies.BODIES, clock=clock)
        self._store = store
        self._person = person
        self._actor = actor
        self._together: Writing | None = None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Write all that is done inside in one transaction: all of it, or nothing."""
        with self._store.writing() as opened:
            self._together = opened
            try:
                yield
            finally:
                self._together = None

    def problems(self, scope: ProblemScope | None = None, *, writing: Writing | None = None) -> list[Problem]:
        """Return problems in the order in which they were opened.

        Parameters
        ----------
        scope : ProblemScope, optional
            Only those that share a data set or the policy with it; None = all.
        writing : Writing, optional
            A transaction that is open already, whose own entries count; titles and names are not looked up there.
        """
        if writing is not None:
            read = [self._journal.read(r) for r in writing.records(kinds=set(bodies.BODIES))]
            there = _folded(read, Told({}), writing.connection, self._journal.now())
            return [p for p in there if scope is None or p.scope.meets(scope)]
        entries = self._journal.entries()
        told = Told(self._journal.texts(entries))
        with self._store.reading() as connection:
            found = _folded(entries, told, connection, self._journal.now())
        return [p for p in found if scope is None or p.scope.meets(scope)]

    def problem(self, problem_id: str) -> Problem:
        """Return one problem."""
        entries = self._journal.entries(problem_id)
        if not entries:
            raise _unknown(problem_id)
        told = Told(self._journal.texts(entries))
        with self._store.reading() as connection:
            return _folded(entries, told, connection, self._journal.now())[0]

    def patterns(self, problem_id: str) -> tuple[TestPattern, ...]:
        """Return which applicants were picked by hand; empty where a problem has conditions, or they were removed."""
        if self._person is not None:
            require_rows(self._person)
        found = self.problem(problem_id).slice
        return () if found is None else found.rows

    def open(
        self,
        title: str,
        slice: Slice,  # noqa: A002 - what it is called everywhere
        *,
        source: Source | str = Source.PERSON,
        scope: ProblemScope = NOBODY,
        basis: Basis = UNSAID,
        harm: int = 3,
        harmed: str = "",
        tolerance: float | None = None,
        cause: str | None = None,
        writing: Writing | None = None,
    ) -> Problem:
        """Open a problem; with a cause that has opened one before, that one is seen again instead.

        Parameters
        ----------
        title : str
            In a few words.
        slice : Slice
            The people it is about. A hand-picked row without an expectation should be decided as its outcome is.
        source : Source
        scope : ProblemScope
            The data and policy it belongs to; the data of ``basis`` always do.
        basis : Basis
            What it was seen on.
        harm : int
            From 1 to 5.
        harmed : str
            Who is harmed and how.
        tolerance : float, optional
            Largest error rate in the slice that was agreed on; None = that of everybody else.
        cause : str, optional
            Short code of what found it. Where a problem of the same cause is there it gets an entry, and is opened
            again if it was closed as fixed; one that was accepted, or found to be none, stays closed.
        writing : Writing, optional
            A transaction that is open already.
        """
        self._require(AppRole.EXPERT, tr("Opening a problem"))
        data = sorted(scope.data | ({basis.data} if basis.data else set()))
        where = {"source": _source(source), "data": data, "policy_id": scope.policy_id}
        with self._transaction(writing) as opened:
            known = None if cause is None else self._of_cause(opened, cause)
            if known is not None:
                with self._at_work(known.id, opened) as (work, _):
                    work.write(bodies.AGAIN, **where)
                    if known.status is Status.FIXED:
                        reason = work.sealed(tr("It was seen again."))
                        work.write(bodies.STATUS, status=Status.OPEN, reason=reason, until=None)
                    return self._now(work)
            with self._journal.at_work(
                self._new_id(opened), self._person, actor=self._actor, writing=opened
            ) as work:
                work.write(
                    bodies.OPEN, **where, **patterns.about(slice, opened.connection, at=work.at),
                    title=work.sealed(tidy_title(title)), cause=cause, harm=harm,
                    harmed=_sealed(work, tidy(harmed, tr("description of the harm"), least=0)), tolerance=tolerance,
                    basis=bodies.BasisBody.content_of(basis),
                )  # fmt: skip
                return self._now(work)

    def retitle(self, problem_id: str, title: str) -> Problem:
        """Give a problem another title."""
        with self._moving(problem_id, tr("Changing the title of a problem")) as (work, _):
            work.write(bodies.RETITLE, title=work.sealed(tidy_title(title)))
            return self._now(work)

    def restate(self, problem_id: str, slice: Slice) -> Problem:  # noqa: A002
        """Say anew which people a problem is about; what was measured before counts no more."""
        with self._moving(problem_id, tr("Changing whom a problem is about")) as (work, _):
            work.write(bodies.RESTATE, **patterns.about(slice, work.writing.connection, at=work.at))
            return self._now(work)

    def harm(self, problem_id: str, harm: int, harmed: str = "") -> Problem:
        """Say how much harm it does, from 1 to 5, and to whom."""
        self._require(AppRole.EXPERT, tr("Rating the harm of a problem"))
        with self._at_work(problem_id) as (work, _):
            text = tidy(harmed, tr("description of the harm"), least=0)
            work.write(bodies.HARM, harm=harm, harmed=_sealed(work, text))
            return self._now(work)

    def status(
        self, problem_id: str, status: Status | str, *, reason: str = "", until: datetime | None = None
    ) -> Problem:
        """Give a problem another status.

        Parameters
        ----------
        problem_id : str
        status : Status
        reason : str
            Needed to accept, to say that it is none, to open it again, and to close it as fixed where no result on
            record says so.
        until : datetime, optional
            Of an acceptance, which is over then; needed there.
        """
        to = _status(status)
        with self._moving(problem_id, tr("Changing the status of a problem")) as (work, problem):
            text = check_move(problem, to, reason=reason, until=until, at=work.at)
            work.write(bodies.STATUS, status=to, reason=_sealed(work, text), until=until)
            return self._now(work)

    def owner(self, problem_id: str, name: str | None) -> Problem:
        """Say who looks after it; None or blank = nobody."""
        with self._moving(problem_id, tr("Giving a problem to somebody")) as (work, _):
            text = None if name is None or not name.strip() else Person(name=name, subject=name).name
            work.write(bodies.OWNER, owner=_sealed(work, text))
            return self._now(work)

    def note(self, problem_id: str, text: str) -> Problem:
        """Write something down about a problem."""
        self._require(AppRole.EXPERT, tr("Writing a note on a problem"))
        with self._at_work(problem_id) as (work, _):
            work.write(bodies.NOTE, text=work.sealed(tidy(text, "note")))
            return self._now(work)

    def record(
        self, problem_id: str, results: Sequence[ProblemResult], *, writing: Writing | None = None
    ) -> Problem:
        """Put on record what models did; what is there already for the slice as it is now is left out.

        Parameters
        ----------
        problem_id : str
        results : sequence of ProblemResult
            Of the slice that the problem has now; others are left out, since the problem was restated meanwhile.
        writing : Writing, optional
            A transaction that is open already.
        """
        self._require(AppRole.EXPERT, tr("Recording results of a problem"))
        with self._at_work(problem_id, writing) as (work, problem):
            there = {r.basis for r in problem.results}
            new = [r for r in results if r.slice_hash == problem.slice_hash and r.basis not in there]
            if new:
                work.write(bodies.RESULT, results=[bodies.ResultLine.content_of(r) for r in new])
            return self._now(work)

    def may_write(self) -> bool:
        """Whether the person may open problems, note, and record results."""
        return self._person is None or self._person.role >= AppRole.EXPERT

    def may_move(self, problem: Problem) -> bool:
        """Whether the person may change status, owner and wording of a problem."""
        who = self._person
        if who is None or who.role >= AppRole.ANALYST:
            return True
        return who.role >= AppRole.EXPERT and is_owner(who, problem)

    def _require(self, role: AppRole, doing: str) -> None:
        if self._person is not None:
            require(self._person, role, doing)

    @contextmanager
    def _transaction(self, writing: Writing | None) -> Iterator[Writing]:
        writing = writing or self._together
        if writing is not None:
            yield writing
            return
        with self._store.writing() as opened:
            yield opened

    @contextmanager
    def _at_work(
        self, problem_id: str, writing: Writing | None = None
    ) -> Iterator[tuple[JournalWork, Problem]]:
        writing = writing or self._together
        with self._journal.at_work(problem_id, self._person, actor=self._actor, writing=writing) as work:
            if not work.entries:
                raise _unknown(problem_id)
            yield work, self._now(work)

    @contextmanager
    def _moving(self, problem_id: str, doing: str) -> Iterator[tuple[JournalWork, Problem]]:
        # Viewers learn from the refusal nothing about what there is.
        self._require(AppRole.EXPERT, doing)
        with self._at_work(problem_id) as (work, problem):
            if self._person is not None:
                require_move(self._person, problem, doing)
            yield work, problem

    def _now(self, work: JournalWork) -> Problem:
        return _folded(work.entries, Told(work.texts), work.writing.connection, work.at)[0]

    def _new_id(self, writing: Writing) -> str:
        while True:
            problem_id = secrets.token_hex(4)
            if not writing.records(subject=bodies.PREFIX + problem_id):
                return problem_id

    def _of_cause(self, writing: Writing, cause: str) -> Problem | None:
        """Find the newest problem of a cause, within the transaction."""
        read = [self._journal.read(r) for r in writing.records(kinds=set(bodies.BODIES))]
        wanted = {e.subject for e in read if e.kind == bodies.OPEN and e.body.cause == cause}
        entries = [e for e in read if e.subject in wanted]
        if not entries:
            return None
        # Only its id and status are asked for, so that no text is looked up.
        return _folded(entries, Told({}), writing.connection, self._journal.now())[-1]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Finds hand-picked rows by their hash."""

    connection: Connection

    def __call__(self, sha256: str) -> Slice | None:
        return patterns.kept_rows(self.connection, sha256)


def _folded(
    entries: Sequence[JournalEntry], told: Told, connection: Connection, as_of: datetime
) -> list[Problem]:
    by_subject: dict[str, list[JournalEntry]] = {}
    for entry in entries:
        by_subject.setdefault(entry.subject, []).append(entry)
    return [fold(own, told, _Rows(connection), as_of=as_of) for own in by_subject.values()]


def _sealed(work: JournalWork, text: str | None) -> dict[str, str] | None:
    return work.sealed(text) if text else None


def _source(given: Source | str) -> Source:
    try:
        return Source(given)
    except ValueError:
        msg = tr(
            "`{given}` is no source of a problem. Choose from: {source}.",
            given=given,
            source=", ".join(Source),
        )
        raise InvalidChoice(msg) from None


def _status(given: Status | str) -> Status:
    try:
        return Status(str(given).replace("-", " ").replace("_", " "))
    except ValueError:
        msg = tr(
            "`{given}` is no status of a problem. Choose from: {status}.",
            given=given,
            status=", ".join(Status),
        )
        raise InvalidChoice(msg) from None


def _unknown(problem_id: str) -> InvalidChoice:
    return InvalidChoice(
        tr(
            "There is no problem `{problem_id}` in this store. Choose one from the list.",
            problem_id=problem_id,
        )
    )
