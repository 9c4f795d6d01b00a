"""A batch counted on Spark: each executor counts its rows as they are counted here, and sends the counts alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import pyarrow as pa

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.portfolio.jobs.names import SCORE, UNSEEN
from rai_dash.data.portfolio.portfolio import Portfolio, plain_frame
from rai_dash.data.portfolio.spark import SparkFiles
from rai_dash.data.portfolio.spark_errors import said_plainly
from rai_dash.data.portfolio.spark_rows import quoted
from rai_dash.govern.monitor._counts_json import counts_of_json
from rai_dash.govern.monitor._row_counter import Counted, RowCounter
from rai_dash.govern.monitor.counting import BatchFacts
from rai_dash.govern.monitor.counts import BatchCounts
from rai_dash.govern.monitor.parts import counter_of, whole_batch
from rai_dash.govern.policy import Policy
from rai_dash.models.client import Model
from rai_dash.models.rows import score_batch
from rai_dash.models.spark import SentModel

_COUNTS: Final = "counts"


@dataclass(frozen=True)
class CountRows:
    """What counts batches on an executor: texts, bytes and names, no object of a library.

    Parameters
    ----------
    policy : str
        As JSON.
    columns : tuple of str
        Of the batch, in order.
    score_column : str or None
        Where scores stand; None = the model gives them.
    model : SentModel or None
        What scores the rows where no column does.
    """

    policy: str
    columns: tuple[str, ...]
    score_column: str | None
    model: SentModel | None

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Count the rows of a partition, and yield one row with the counts; nothing where there are no rows."""
        policy = Policy.model_validate_json(self.policy)
        counter = RowCounter(policy=policy, score_column=self.score_column)
        total: Counted | None = None
        for batch in batches:
            rows = batch.rename_columns(list(self.columns))
            counted = self._count(counter, rows)
            total = counted if total is None else total + counted
        if total is not None:
            text = json.dumps(
                {_COUNTS: total.counts.to_json(), "notices": [asdict(n) for n in total.notices]}
            )
            yield pa.RecordBatch.from_pydict({_COUNTS: [text]})

    def _count(self, counter: RowCounter, batch: pa.RecordBatch) -> Counted:
        frame = plain_frame(pa.Table.from_batches([batch]))
        if self.model is None:
            return counter.count(frame)
        scored = score_batch(batch, self.model.loaded(), self.model.favourable_index)
        score = scored.column(SCORE).to_numpy(zero_copy_only=False)
        unseen = int(scored.column(UNSEEN).to_numpy(zero_copy_only=False).sum())
        return counter.count_scored(frame, score, _unseen(unseen))


def _unseen(rows: int) -> tuple[Notice, ...]:
    text = tr("Some rows have a category that the model has never seen; it scores them all the same.")
    return (Notice("unseen_categories", text, rows=rows),) if rows else ()


def count_on_spark(
    policy: Policy, portfolio: Portfolio, *, model: Model | None = None, score_column: str | None = None
) -> tuple[BatchFacts, BatchCounts]:
    """Score and count a batch on Spark; see `rai_dash.govern.monitor.parts.count_parts`.

    Parameters
    ----------
    portfolio : Portfolio
        From `rai_dash.data.portfolio.spark.spark_portfolio`. The executors need this package.
    """
    engine = portfolio.engine
    if not isinstance(engine, SparkFiles):
        msg = tr("This batch does not lie on Spark. Open it with --engine spark.")
        raise InvalidChoice(msg)
    counter, matched = counter_of(policy, portfolio, model=model, score_column=score_column)
    columns = counter.columns(portfolio.columns)
    sent = None if model is None else SentModel.of(model)
    scores = None if model else counter.score_column
    work = CountRows(json.dumps(policy.content()), tuple(columns), scores, sent)
    rows = engine.frame.select(*map(quoted, columns))
    with said_plainly():
        counted = rows.mapInArrow(work, f"{_COUNTS} string").collect()
    parts = [_read(counter, json.loads(row[0])) for row in counted]
    return whole_batch(counter, portfolio, parts, matched)


def _read(counter: RowCounter, content: dict[str, Any]) -> Counted:
    notices = tuple(Notice(**notice) for notice in content["notices"])
    return Counted(counts=counter.named(counts_of_json(content[_COUNTS])), notices=notices)
