"""What became of the applications of a queue: as the batch said, and as was learnt later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, LedgerBroken
from rai_dash.core.texts import tr
from rai_dash.core.types import UNKNOWN
from rai_dash.data.dataset import Dataset
from rai_dash.govern import artifacts
from rai_dash.govern.queue.filling import marks_of
from rai_dash.govern.queue.rows import CaseRows
from rai_dash.govern.queue.state import Queue

if TYPE_CHECKING:
    from sqlalchemy import Connection


def outcomes_of(connection: Connection, queue: Queue, rows: CaseRows | None) -> NDArray[np.int8]:
    """Return the outcome of each case as it is known by now, int8 (cases,); 2 = unknown."""
    if queue.outcomes is not None:
        content = artifacts.get(connection, queue.outcomes)
        if content is None or len(content) != len(queue.cases):
            msg = tr("The outcomes of a review queue are gone from the store, or were changed. Verify it.")
            raise LedgerBroken(msg)
        return np.frombuffer(content, dtype=np.int8)
    return np.full(len(queue.cases), UNKNOWN, dtype=np.int8) if rows is None else rows.outcome


def later_outcomes(queue: Queue, dataset: Dataset, key: bytes, before: NDArray[np.int8]) -> NDArray[np.int8]:
    """Find the cases of a queue in a newer table by their ids, and take over the outcomes that it knows.

    Raises
    ------
    InvalidChoice
        When the batch or the table has no ids, an id stands there twice, or none of them is a case of the queue.
    """
    if not queue.fill.has_ids or dataset.roles.id is None or dataset.roles.target is None:
        msg = tr(
            "Outcomes are found again by the id of an application. The batch of the queue and the table "
            "with the outcomes both need an id column, and the table a target."
        )
        raise InvalidChoice(msg)
    ids = dataset.frame[dataset.roles.id]
    known = np.flatnonzero((dataset.outcome != UNKNOWN) & ids.notna().to_numpy())
    marks = marks_of(ids.iloc[known], key)
    if len(set(marks)) < len(marks):
        msg = tr(
            "`{id}` names some applications twice, so their outcome is not clear. Keep one row each.",
            id=dataset.roles.id,
        )
        raise InvalidChoice(msg)
    by_mark = dict(zip(marks, dataset.outcome[known], strict=True))
    found = np.array([by_mark.get(queue.mark(case.number), UNKNOWN) for case in queue.cases], dtype=np.int8)
    if (found == UNKNOWN).all():
        msg = tr("No case of this queue is in that table, or none has an outcome there. Check the id column.")
        raise InvalidChoice(msg)
    return np.where(found == UNKNOWN, before, found).astype(np.int8)
