"""A queue to practise at: the same steps at a store of its own that nobody keeps, by a policy that nobody signed."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.data.dataset import Dataset
from rai_dash.govern._bodies import Stage
from rai_dash.govern._shelf import Shelf
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.policy import Policy, settings_fingerprint
from rai_dash.govern.queue._filler import BatchToFill, fill_queue
from rai_dash.govern.queue.book import QueueBook
from rai_dash.govern.queue.desk import QueueDesk
from rai_dash.govern.standing import Standing
from rai_dash.govern.store import Store
from rai_dash.govern.workflow import Author, History, State, VersionStatus

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: A month more than long enough: what was practised is dropped with the session.
_LASTS: Final = timedelta(days=31)
_TRAINER: Final = Person(name="practice", subject="practice", role=AppRole.ANALYST, sees_rows=True)


class _AsIfSigned(Shelf):
    """One policy, as if it were in force for everybody."""

    def __init__(self, store: Store, policy: Policy, clock: Callable[[], datetime]) -> None:
        super().__init__(store, clock)
        self._policy, self._at = policy, clock()

    def standing(self, policy_id: str) -> Standing:
        """Return the standing of the policy, whatever its name."""
        del policy_id
        policy, at = self._policy, self._at
        status = VersionStatus(
            policy_id=policy.policy_id, version=1, title=policy.title, environment=policy.environment,
            state=State.ACTIVE, author=Author(ref="", name=None), author_refs=(),
            content_hash=fingerprint_value(["practice", policy.policy_id]),
            settings_fingerprint=settings_fingerprint(policy), parent_hash=None, valid_months=1, warnings=(),
            drafted_at=at, stage=Stage.ALL, valid_from=at, expires_at=at + _LASTS,
        )  # fmt: skip
        history = History(policy_id=policy.policy_id, versions=(status,), line=(1,))
        return Standing(policy_id=policy.policy_id, history=history, events=(), as_of=at)

    def policy(self, policy_id: str, version: int) -> Policy:
        """Return the policy."""
        del policy_id, version
        return self._policy


class Practice:
    """A queue that is dropped with this object: its store is a file in a folder of its own, for its owner only.

    Nothing of it is in the ledger. The steps, the rules and the figures are those of `QueueDesk`.

    Parameters
    ----------
    policy : Policy
        What says who goes to a person; nobody has to have signed it.
    dataset : Dataset
    score : float64 (n,)
        Probability of the favourable outcome; NaN = no score.
    model : str or None
        Fingerprint of the model that scored it.
    clock : callable, optional
        Gives the time with its zone.

    Attributes
    ----------
    folder : Path
        Where it is while it lasts.

    Raises
    ------
    InvalidChoice
        When the policy sends nobody of the batch to a person.
    """

    def __init__(
        self,
        policy: Policy,
        dataset: Dataset,
        score: NDArray[np.float64],
        *,
        model: str | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.policy = policy
        self._clock = clock or (lambda: datetime.now(UTC))
        place = self.folder = Path(tempfile.mkdtemp(prefix="rai-dash-practice-"))
        # Whoever leaves a practice closes nothing: it is removed when the object goes, at the latest with the process.
        self._remove = weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
        self._store = Store(place / "practice.sqlite3", checkpoints=place, signing_key=place / "key.pem")
        self._book = QueueBook(self._store, clock=self._clock)
        shelf = _AsIfSigned(self._store, policy, self._clock)
        # There is one reader here: nobody could give a second read.
        asked = BatchToFill(
            policy=policy.policy_id, dataset=dataset, score=score, label=dataset.name, model=model, audit_share=None,
            second_share=0.0, is_practice=True,
        )  # fmt: skip
        try:
            self.queue_id = fill_queue(self._book, shelf, _TRAINER, asked).id
        except BaseException:
            self.close()
            raise

    def desk(self, person: Person) -> QueueDesk:
        """Return the desk of whoever practises."""
        return QueueDesk(self._store, person, clock=self._clock, book=self._book)

    def close(self) -> None:
        """Drop the queue and everything that was decided."""
        self._store.close()
        self._remove()
