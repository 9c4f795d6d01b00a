"""Where queues are filled and worked: every step is one transaction, and is in the ledger before the next is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.all_rows import require_all_rows
from rai_dash.data.dataset import Dataset
from rai_dash.govern import artifacts
from rai_dash.govern._desk_rules import tidy_reason
from rai_dash.govern.journal import JournalWork
from rai_dash.govern.people import AppRole, require, require_rows
from rai_dash.govern.queue import _steps
from rai_dash.govern.queue._filler import BatchToFill, fill_queue
from rai_dash.govern.queue.bodies import Decision
from rai_dash.govern.queue.book import intact
from rai_dash.govern.queue.outcomes import later_outcomes, outcomes_of
from rai_dash.govern.queue.readers import Reader
from rai_dash.govern.queue.shelf import QueueShelf
from rai_dash.govern.queue.state import Queue
from rai_dash.govern.queue.views import BlindCase, Finished, Revealed

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: How long a case is kept for whoever took it, and once more after their blind decision.
LEASE: Final = timedelta(minutes=30)


class QueueDesk(QueueShelf):
    """The review queues of a store, as one person may work them.

    Parameters
    ----------
    store : Store
    person : Person
        Who acts; what they may do is asked in every action.
    clock : callable, optional
        Gives the time with its zone.
    book : QueueBook, optional
        What is known of the queues already; shared by all desks of a process it saves reading them anew.

    Notes
    -----
    Every action raises `NotAllowed` for a person who may not, `InvalidChoice` where it is not possible as things
    stand, `InvalidRecord` for a reason that is missing, `LedgerBroken` when the store was manipulated and
    `StoreUnavailable` when it cannot be reached. What is returned is in the store by then.
    """

    def fill(
        self,
        policy: str,
        dataset: Dataset,
        score: NDArray[np.float64],
        *,
        label: str = "",
        model: str | None = None,
        audit_share: float | None = None,
        second_share: float | None = None,
    ) -> Queue:
        """Put a batch into a queue: whom the active version sends to a person, an audit sample, and second reads.

        Parameters
        ----------
        policy : str
            Address of the active version: ``loans``, ``loans@active`` or its number.
        dataset : Dataset
            The batch; an id column makes the draw follow the application and not the table.
        score : float64 (n,)
            Probability of the favourable outcome; NaN = no score.
        label : str
            What the batch is called; the name of the data set when blank.
        model : str, optional
            Fingerprint of the model that scored it; it has to be the one that was signed.
        audit_share, second_share : float, optional
            Shares of the automatic decisions, and of the cases that are read twice; as the settings say when omitted.
        """
        require_all_rows(dataset, tr("Filling a review queue"))
        asked = BatchToFill(
            policy=policy,
            dataset=dataset,
            score=score,
            label=label or dataset.name,
            model=model,
            audit_share=audit_share,
            second_share=second_share,
        )
        return fill_queue(self._book, self._shelf, self._person, asked)

    def current_case(self, queue_id: str) -> BlindCase | Revealed | None:
        """Return the case that is with this person, without taking one; None = there is none."""
        self._require_reader()
        queue, at = self._book.queue(queue_id), self._book.journal.now()
        reader = Reader.of(self._person, queue.readers, self._store.texts(queue.readers))
        with self._store.reading() as connection:
            rows = self._kept.rows(queue, at=at, connection=connection)
        return _steps.current(queue, reader, rows, self._store.texts)

    def next_case(self, queue_id: str) -> BlindCase | Revealed | None:
        """Go on with the case that was begun, else take the next one; None = there is none for this person now.

        Returns
        -------
        BlindCase, or Revealed where the blind decision was given already.
        """
        self._require_reader()
        with self._book.at_work(queue_id, self._person) as (work, queues):
            queue = self._book.found(queues, queue_id)
            rows = self._kept.rows(queue, at=work.at, connection=work.writing.connection)
            return _steps.begin(work, queue, self._reader(work, queue), rows, LEASE)

    def release(self, queue_id: str, case: int) -> None:
        """Give a case back that was not decided yet."""
        self._require_reader()
        with self._book.at_work(queue_id, self._person) as (work, queues):
            queue = self._book.found(queues, queue_id)
            _steps.give_back(work, queue, self._reader(work, queue), case)

    def decide_blind(
        self,
        queue_id: str,
        case: int,
        decision: str,
        *,
        codes: Sequence[str] = (),
        note: str = "",
        seconds: int | None = None,
    ) -> Revealed:
        """Record what the reviewer says before they see the model; only then it is shown.

        Parameters
        ----------
        queue_id, case
        decision : {"approve", "refuse", "cannot_say"}
        codes : sequence of str
            Reasons; a refusal needs one.
        note : str
            In their own words; may be blank.
        seconds : int, optional
            How long they read; since the case was taken when omitted, and never longer.
        """
        self._require_reader()
        with self._book.at_work(queue_id, self._person) as (work, queues):
            queue = self._book.found(queues, queue_id)
            rows = self._kept.rows(queue, at=work.at, connection=work.writing.connection)
            reader = self._reader(work, queue)
            said = _steps.Given(_decision(decision), tuple(codes), note, seconds)
            begun = _steps.say_blind(work, queue, reader, case, said)
            return _steps.revealed(queue, reader, begun, rows, work.writing.texts)

    def decide(
        self,
        queue_id: str,
        case: int,
        decision: str | None = None,
        *,
        codes: Sequence[str] | None = None,
        note: str = "",
        seconds: int | None = None,
    ) -> Finished:
        """Record the final decision, after the model was shown.

        Parameters
        ----------
        queue_id, case
        decision : str, optional
            None = as before.
        codes : sequence of str, optional
            None = as before; a refusal, and a decision against the model's side, need one.
        note : str
        seconds : int, optional
            Since the blind decision when omitted.
        """
        self._require_reader()
        with self._book.at_work(queue_id, self._person) as (work, queues):
            queue = self._book.found(queues, queue_id)
            given = None if decision is None else _decision(decision)
            said = _steps.Given(given, None if codes is None else tuple(codes), note, seconds)
            place = _steps.say_finally(work, queue, self._reader(work, queue), case, said)
        return self._finished(queue_id, case, place)

    def accept(self, queue_id: str, cases: Sequence[int], *, reason: str) -> Queue:
        """Take settled cases over for the living test set and the next training set.

        Parameters
        ----------
        queue_id : str
        cases : sequence of int
            Settled ones that were not accepted before.
        reason : str
            At least 10 characters.
        """
        require(self._person, AppRole.ANALYST, tr("Accepting decisions"))
        with self._book.at_work(queue_id, self._person) as (work, queues):
            queue = self._book.found(queues, queue_id)
            _steps.check_acceptable(queue, cases)
            work.write("queue.accept", cases=sorted(set(cases)), reason=work.sealed(tidy_reason(reason)))
        return self._book.queue(queue_id)

    def add_outcomes(self, queue_id: str, dataset: Dataset) -> Queue:
        """Take in what became of the applications, found again by their ids.

        Parameters
        ----------
        queue_id : str
        dataset : Dataset
            With an id column and a target; it may hold other rows as well.
        """
        require(self._person, AppRole.ANALYST, tr("Adding outcomes"))
        require_rows(self._person)
        with self._book.at_work(queue_id, self._person) as (work, queues):
            queue = self._book.found(queues, queue_id)
            connection = work.writing.connection
            key = intact(artifacts.get(connection, queue.fill.key))
            before = outcomes_of(
                connection, queue, self._kept.maybe(queue, at=work.at, connection=connection)
            )
            found = later_outcomes(queue, dataset, key, before)
            known = int((found != 2).sum())
            content = artifacts.put(connection, "queue_outcomes", found.tobytes(), at=work.at)
            work.write("queue.outcomes", outcomes=content, known=known)
        return self._book.queue(queue_id)

    def _require_reader(self) -> None:
        require(self._person, AppRole.EXPERT, tr("Deciding a case"))
        require_rows(self._person)

    def _reader(self, work: JournalWork, queue: Queue) -> Reader:
        work.texts.update(work.writing.texts(queue.readers))
        return Reader.of(self._person, queue.readers, work.texts)

    def _finished(self, queue_id: str, case: int, place: int) -> Finished:
        queue = self._book.queue(queue_id)
        refs = {read.reader for read in queue.cases[case].reads}
        notes = {
            r.final.note.sealed
            for r in queue.cases[case].reads
            if r.final is not None and r.final.note is not None
        }
        return _steps.finished(queue.cases[case], place, self._store.texts(refs | notes))


def _decision(text: str) -> Decision:
    try:
        return Decision(text)
    except ValueError as error:
        known = ", ".join(decision.value for decision in Decision)
        msg = tr("`{text}` is no decision. Choose from: {known}.", text=text, known=known)
        raise InvalidChoice(msg) from error
