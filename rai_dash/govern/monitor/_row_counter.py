"""Counting some rows of a batch at a time; what is found adds up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.columns import require_columns
from rai_dash.govern.monitor.counting import (
    column_scores,
    columns_as_at_signing,
    condition_columns,
    count_batch,
    monitoring_of,
    piece_of,
)
from rai_dash.govern.monitor.counts import BatchCounts
from rai_dash.govern.policy import Policy
from rai_dash.models.client import Model


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """Rows of a batch that were counted: their counts, and what was noticed while they were scored."""

    counts: BatchCounts
    notices: tuple[Notice, ...] = ()

    def __add__(self, other: Counted) -> Counted:
        """Add other rows of the same batch."""
        return Counted(
            counts=replace(self.counts + other.counts, batches=1),
            notices=_added(self.notices, other.notices),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowCounter:
    """Counts rows of a batch for a policy, as many at a time as there are.

    Parameters
    ----------
    policy : Policy
        With its monitoring.
    model : Model or None
        Scores the rows; matched to the columns of the batch.
    score_column : str or None
        Column that scores are taken from instead.
    """

    policy: Policy
    model: Model | None = None
    score_column: str | None = None

    def count(self, frame: pd.DataFrame) -> Counted:
        """Score and count rows in plain types."""
        if self.model is None:
            return self.count_scored(frame, column_scores(frame, self.score_column, self.policy))
        scored = self.model.score(frame)
        return self.count_scored(frame, scored.scores, scored.notices)

    def count_scored(
        self, frame: pd.DataFrame, score: NDArray[np.float64], notices: tuple[Notice, ...] = ()
    ) -> Counted:
        """Count rows with their scores, float64 (n,)."""
        rows = piece_of(self.policy, frame, score)
        return Counted(counts=self.named(count_batch(self.policy, rows)), notices=notices)

    def named(self, counts: BatchCounts) -> BatchCounts:
        """Say what gave the scores."""
        if self.model is not None:
            return replace(counts, models=(self.model.info.fingerprint,))
        return replace(counts, score_columns=() if self.score_column is None else (self.score_column,))

    def columns(self, there: Sequence[str]) -> list[str]:
        """Return the columns that are read, in the order of the table.

        Raises
        ------
        MissingColumn, InvalidChoice
            When one is missing without which rows cannot be scored or routed.
        """
        policy, monitoring = self.policy, monitoring_of(self.policy)
        needed = condition_columns(policy)
        every = pd.DataFrame(columns=list(there), dtype=np.float64)
        require_columns(every, needed)
        if self.model is None:
            column_scores(every, self.score_column, policy)
        else:
            needed += self.model.info.feature_names
            with columns_as_at_signing():
                require_columns(every, self.model.info.feature_names)
        watched = [c.name for c in monitoring.columns]
        wanted = {
            *needed,
            *watched,
            *policy.data.sensitive,
            self.score_column,
            policy.data.target,
            monitoring.weight,
        }
        return [name for name in there if name in wanted]


def _added(a: Iterable[Notice], b: Iterable[Notice]) -> tuple[Notice, ...]:
    """Add what was noticed about different rows: rows add up, and what says nothing of rows is said once."""
    found: dict[tuple[str, str | None], Notice] = {}
    for notice in (*a, *b):
        key = (notice.code, notice.column)
        before = found.get(key)
        if before is None:
            found[key] = notice
        elif notice.rows is not None and before.rows is not None:
            found[key] = _of_rows(notice, before.rows + notice.rows)
    return tuple(found.values())


def _of_rows(notice: Notice, rows: int) -> Notice:
    text = tr(
        "{rows} rows have a value of `{column}` that the model has never seen; it treats such a value as "
        "missing or unknown, and scores it all the same.",
        rows=f"{rows:,}",
        column=notice.column,
    )
    return replace(notice, message=text if notice.code == "unseen_category" else notice.message, rows=rows)
