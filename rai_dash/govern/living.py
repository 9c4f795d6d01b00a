"""Living test sets: which versions there were, what joined them and from where, and how each model did on each.

The rows stay with the case. The ledger tells the sha256 of every version, how many rows joined, who let them, and each
model's figures on it once, so that a model's way over the versions can be drawn. Until the case is kept with a new
version, its rows also stand in the store for a few days, so that nothing is lost where the app dies in between.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from rai_dash.core.errors import InvalidChoice, NotAllowed
from rai_dash.core.texts import tr
from rai_dash.data.dataset import Dataset
from rai_dash.data.growing import Growth
from rai_dash.govern import artifacts
from rai_dash.govern._desk_rules import tidy
from rai_dash.govern._living import (
    BODIES,
    GROWING,
    GROWN,
    PREFIX,
    RESULT,
    STARTED,
    Figure,
    LivingSet,
    LivingVersion,
    NewResult,
    Result,
    Source,
    living_set,
)
from rai_dash.govern.journal import Journal, JournalEntry, JournalWork
from rai_dash.govern.people import AppRole, Person, require
from rai_dash.govern.store import Store

__all__ = [
    "DAYS", "GROWING", "Figure", "LivingSet", "LivingSets", "LivingVersion", "NewResult", "Result", "Source",
]  # fmt: skip

#: Days for which the store holds the rows of a new version that no kept case has yet.
DAYS: Final = 7
_KIND: Final = "living rows"


class LivingSets:
    """The living test sets of a store.

    Parameters
    ----------
    store : Store
    person : Person
        Who asks; letting rows in and recording figures needs an analyst.
    clock : callable, optional
        Gives the time with its zone.
    """

    def __init__(self, store: Store, person: Person, *, clock: Callable[[], datetime] | None = None) -> None:
        self._person = person
        self._journal = Journal(store, prefix=PREFIX, bodies=BODIES, clock=clock)

    def find(self, data: Collection[str]) -> LivingSet | None:
        """Return the set that has a version with one of these sha256; None = there is none.

        Of several it is the one with the newest entry.
        """
        wanted = set(data)
        found = [s for s in self._all() if wanted & {v.data for v in s[0].versions}]
        return max(found, key=lambda pair: pair[1])[0] if found else None

    def read(self, living_id: str) -> LivingSet:
        """Return a set.

        Raises
        ------
        InvalidChoice
            When there is none of that id.
        """
        entries = self._journal.entries(living_id)
        if not entries:
            raise _missing()
        return living_set(entries)

    def texts(self, found: LivingSet) -> dict[str, str | None]:
        """Return names and notes of a set, and who wrote, by reference; None = erased."""
        return self._journal.texts(self._journal.entries(found.id))

    def start(self, dataset: Dataset, title: str) -> LivingSet:
        """Make a data set a living test set; one that is a version of a set already stays in it.

        Parameters
        ----------
        dataset : Dataset
        title : str
            As the case calls it.

        Raises
        ------
        NotAllowed
            For less than an analyst.
        """
        require(self._person, AppRole.ANALYST, "Starting a living test set")
        known = self.find([dataset.fingerprint])
        if known is not None:
            return known
        with self._journal.at_work(dataset.fingerprint, self._person) as work:
            # Somebody else may have been faster.
            if not work.entries:
                work.write(
                    STARTED, data=dataset.fingerprint, roles=dataset.roles_fingerprint, rows=dataset.n_rows,
                    title=work.sealed(tidy(title or "test set", "title")),
                )  # fmt: skip
            return living_set(work.entries)

    def grown(
        self,
        living_id: str,
        parent: str,
        growth: Growth,
        dataset: Dataset,
        *,
        source: Source,
        note: str = "",
        from_older: bool = False,
        before: Sequence[NewResult] = (),
        after: Sequence[NewResult] = (),
        content: bytes | None = None,
    ) -> LivingSet:
        """Write down that rows joined, how many did not, and how the models did: all of it, or nothing.

        `rai_dash.data.growing.grow` lets no row in twice.

        Parameters
        ----------
        living_id : str
        parent : str
            sha256 of the version that they joined.
        growth : Growth
            How many joined.
        dataset : Dataset
            The new version.
        source : str
            ``"upload"``, or ``"review"`` for decisions that were accepted.
        note : str
            Where they come from, in somebody's words.
        from_older : bool
            Whether they may join a version that is not the newest, whose rows are lost or not wanted: what joined
            since is then not in the new version.
        before, after : sequence of NewResult
            How the models did on the version that grew, and do on the new one.
        content : bytes, optional
            The file that the new version is read from. It stands in the store for `DAYS` days, or until the case is
            kept with it (`settled`): whoever let the rows in can take it up from there (`take_up`).

        Raises
        ------
        NotAllowed
            For less than an analyst.
        InvalidChoice
            When there is no such set or version, or ``parent`` is not its newest one any more.
        """
        require(self._person, AppRole.ANALYST, GROWING)
        with self._journal.at_work(living_id, self._person) as work:
            number = _next(work, parent, from_older=from_older)
            work.write(
                GROWN, version=number, data=dataset.fingerprint, parent=parent,
                rows=dataset.n_rows, offered=growth.offered, added=growth.added, twice=growth.twice,
                clashing=growth.clashing, without_outcome=growth.without_outcome, source=source,
                note=work.sealed(tidy(note, "note")) if note.strip() else None,
            )  # fmt: skip
            known = living_set(work.entries).version_of(parent)
            if known is not None:
                _write_results(work, known.number, before)
            _write_results(work, number, after)
            # What is too large for the store stays with the case alone.
            if content is not None and len(content) <= artifacts.LARGEST:
                artifacts.put(work.writing.connection, _KIND, content, at=work.at, days=DAYS)
            return living_set(work.entries)

    def is_mine(self, version: LivingVersion) -> bool:
        """Whether the rows of a version were let in by whoever asks."""
        return self._journal.store.person_ref(self._person.text) == version.actor

    def waits(self, version: LivingVersion) -> bool:
        """Whether the store holds the rows of a version, and whoever asks may take them up."""
        if not self.is_mine(version) or self._person.role < AppRole.ANALYST:
            return False
        with self._journal.store.reading() as connection:
            return artifacts.get(connection, version.data, at=self._journal.now()) is not None

    def take_up(self, version: LivingVersion) -> bytes:
        """Return the file of a version whose rows did not reach a kept case, to whoever let them in.

        Raises
        ------
        NotAllowed
            For less than an analyst, and for anybody else.
        InvalidChoice
            When the store does not hold them, or not any more.
        """
        require(self._person, AppRole.ANALYST, "Taking up a version of the living test set")
        if not self.is_mine(version):
            msg = tr("Only whoever let these rows in can take them up. Ask them to share their case.")
            raise NotAllowed(msg)
        with self._journal.store.reading() as connection:
            content = artifacts.get(connection, version.data, at=self._journal.now())
        if content is None:
            msg = tr(
                "The rows of version {number} are not in the store. They are in the case that they joined.",
                number=version.number,
            )
            raise InvalidChoice(msg)
        return content

    def settled(self, data: Collection[str]) -> int:
        """Remove the rows of versions that a kept case holds by now; return how many tables there were.

        Parameters
        ----------
        data : collection of str
            sha256 of the data of that case.
        """
        table = artifacts.artifacts()
        mine = (table.c.kind == _KIND) & table.c.sha256.in_(sorted(data))
        with self._journal.store.reading() as connection:
            there = connection.execute(table.select().with_only_columns(table.c.sha256).where(mine)).all()
        if not there:
            return 0
        with self._journal.store.writing() as job:
            n = int(job.connection.execute(table.delete().where(mine)).rowcount)
        self._journal.store.forget()
        return n

    def record(self, living_id: str, version: int, results: Iterable[NewResult]) -> LivingSet:
        """Write down how models did on a version; what is written already is not written again.

        Parameters
        ----------
        living_id : str
        version : int
        results : iterable of NewResult

        Raises
        ------
        NotAllowed
            For less than an analyst.
        InvalidChoice
            When there is no such set or version.
        """
        require(self._person, AppRole.ANALYST, "Recording results")
        with self._journal.at_work(living_id, self._person) as work:
            if not work.entries:
                raise _missing()
            known = living_set(work.entries)
            if not 1 <= version <= len(known.versions):
                msg = tr(
                    "The living test set has no version {version}; the newest is {number}.",
                    version=version,
                    number=known.latest.number,
                )
                raise InvalidChoice(msg)
            _write_results(work, version, results)
            return living_set(work.entries)

    def _all(self) -> list[tuple[LivingSet, int]]:
        """Return every set with the number of its newest entry."""
        by_subject: dict[str, list[JournalEntry]] = {}
        for entry in self._journal.entries():
            by_subject.setdefault(entry.subject, []).append(entry)
        return [(living_set(entries), entries[-1].seq) for entries in by_subject.values()]


def _write_results(work: JournalWork, version: int, results: Iterable[NewResult]) -> None:
    """Write how models did on a version, each once for a threshold."""
    known = living_set(work.entries)
    data = known.versions[version - 1].data
    done = {(r.version, r.model, r.model_class, r.threshold) for r in known.results}
    for one in results:
        if (version, one.model, one.model_class, one.threshold) in done:
            continue
        done.add((version, one.model, one.model_class, one.threshold))
        work.write(
            RESULT, version=version, data=data, model=one.model, model_class=one.model_class,
            threshold=one.threshold, figures=[figure.model_dump() for figure in one.figures],
        )  # fmt: skip


def _next(work: JournalWork, parent: str, *, from_older: bool) -> int:
    """Return the number of the next version, if the one that rows join is the newest."""
    if not work.entries:
        raise _missing()
    known = living_set(work.entries)
    latest = known.latest
    if latest.data != parent and not (from_older and known.version_of(parent)):
        msg = tr(
            "The living test set is at version {number} by now, with {rows} rows, and these are not its "
            "rows. Open the newest version, and let the rows join that one.",
            number=latest.number,
            rows=f"{latest.rows:,}",
        )
        raise InvalidChoice(msg)
    return latest.number + 1


def _missing() -> InvalidChoice:
    msg = "There is no such living test set. Start one from a data set of the case first."
    return InvalidChoice(msg)
