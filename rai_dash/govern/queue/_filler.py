"""Fill a queue with a batch, all of it in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from secrets import token_bytes
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import mark, tr
from rai_dash.data.dataset import Dataset
from rai_dash.govern import artifacts
from rai_dash.govern._desk_rules import tidy
from rai_dash.govern._shelf import Shelf
from rai_dash.govern.journal import JournalWork
from rai_dash.govern.people import AppRole, Person, require, require_rows
from rai_dash.govern.policy import Policy
from rai_dash.govern.queue.book import KEY, QueueBook, intact
from rai_dash.govern.queue.filling import codes_of, drawn, part_of, routes_now
from rai_dash.govern.queue.reasons import reason_words
from rai_dash.govern.queue.rows import packed, rows_of
from rai_dash.govern.queue.state import Queue
from rai_dash.govern.retention import remove_expired_rows
from rai_dash.govern.workflow import State, VersionStatus

_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BatchToFill:
    """What is asked for; see `rai_dash.govern.queue.desk.QueueDesk.fill`.

    A practice is dropped with the session, so that nothing of it is kept whatever the settings say.
    """

    policy: str
    dataset: Dataset
    score: NDArray[np.float64]
    label: str
    model: str | None
    audit_share: float | None
    second_share: float | None
    is_practice: bool = False

    @property
    def shares(self) -> tuple[float, float]:
        """Share of the audit and of the second reads; as the settings say where nothing was asked for."""
        settings = get_settings()
        audit = settings.audit_sample_rate if self.audit_share is None else self.audit_share
        second = settings.second_read_rate if self.second_share is None else self.second_share
        for share in (audit, second):
            if not 0.0 <= share <= 1.0:
                msg = tr(
                    "A share of {share} is not possible. Give a number from 0 to 1, like 0.02.",
                    share=f"{share:g}",
                )
                raise InvalidChoice(msg)
        return audit, second


def fill_queue(book: QueueBook, shelf: Shelf, person: Person, asked: BatchToFill) -> Queue:
    """Fill a queue, see `rai_dash.govern.queue.desk.QueueDesk.fill`."""
    require(person, AppRole.ANALYST, tr("Filling a review queue"))
    require_rows(person)
    if not (asked.is_practice or get_settings().keep_batch_rows):
        raise InvalidChoice(tr(ROWS_ARE_OFF))
    status, policy = _active(shelf, asked)
    dataset, band, days = asked.dataset, policy.review_band, get_settings().batch_days
    audit, second = asked.shares
    queue_id = queue_id_of(status, dataset)
    remove_expired_rows(book.store, book.journal.now)
    with book.at_work(queue_id, person) as (work, queues):
        if queue_id in queues:
            msg = tr("This batch is in the queue `{queue_id}` already. Work that one.", queue_id=queue_id)
            raise InvalidChoice(msg)
        connection = work.writing.connection
        routes = routes_now(policy, status, dataset, asked.score, at=work.at)
        part = part_of(shelf.standing(status.policy_id), status, dataset)
        sha256, key = _key(book, work)
        found = drawn(dataset, routes, part, key=key, audit_share=audit, second_share=second)
        content = packed(rows_of(dataset, asked.score, found.positions))
        work.write(
            "queue.fill",
            policy_id=status.policy_id,
            version=status.version,
            content_hash=status.content_hash,
            batch=dataset.fingerprint,
            label=work.sealed(tidy(asked.label, tr("name of the batch"))),
            model=asked.model,
            lo=band.lo,
            threshold=band.threshold,
            hi=band.hi,
            rows=artifacts.put(connection, "queue_rows", content, at=work.at, days=days),
            expires_at=work.at + timedelta(days=days),
            key=sha256,
            has_ids=dataset.roles.id is not None,
            audit_share=audit,
            second_share=second,
            codes=list(reason_words()),
            **codes_of(routes, part, asked.score, band, found),
        )
    return book.queue(queue_id)


def queue_id_of(status: VersionStatus, dataset: Dataset) -> str:
    """Name the queue of a batch under a version."""
    return f"{status.policy_id}@{status.version}-{dataset.fingerprint[:16]}"


#: What is said where rows are not kept.
ROWS_ARE_OFF: Final = mark(
    "The rows of batches are not kept here, and a review queue shows them to people. Ask your operator "
    "to set RAI_DASH_KEEP_BATCH_ROWS to true."
)


def _active(shelf: Shelf, asked: BatchToFill) -> tuple[VersionStatus, Policy]:
    """Find the active version that is asked for, and make sure that it is of the model that scored the batch."""
    address = asked.policy if "@" in asked.policy else f"{asked.policy}@active"
    status = shelf.find(address)
    name = tr("Version {version} of {policy_id}", version=status.version, policy_id=status.policy_id)
    if status.state is not State.ACTIVE:
        msg = tr(
            "{name} is {state}. A queue is filled from the active version.",
            name=name,
            state=status.state.value,
        )
        raise InvalidChoice(msg)
    policy = shelf.policy(status.policy_id, status.version)
    if asked.model is not None and policy.model.sha256 not in {None, asked.model}:
        msg = tr(
            "{name} was signed for another model than the one that scored the batch. Score it with the "
            "signed one.",
            name=name,
        )
        raise InvalidChoice(msg)
    return status, policy


def _key(book: QueueBook, work: JournalWork) -> tuple[str, bytes]:
    """Return the hash of the key of the store and the key, made with the first queue and then for ever the same."""
    connection = work.writing.connection
    if book.key is not None:
        return book.key, intact(artifacts.get(connection, book.key))
    key = token_bytes(_KEY_BYTES)
    sha256 = artifacts.put(connection, "queue_key", key, at=work.at)
    with book.journal.at_work(KEY, work.person, writing=work.writing) as making:
        making.write("queue.key", key=sha256)
    return sha256, key
