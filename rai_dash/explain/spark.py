"""Explaining every row on Spark: model and reference rows travel as bytes, each executor prepares once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from rai_dash.data.portfolio.spark import spark_frame
from rai_dash.data.portfolio.spark_rows import PART, ROW, placed, write_rows
from rai_dash.explain._players import players_of
from rai_dash.explain.portfolio_shap import ShapOptions
from rai_dash.explain.rows import BATCH_ROWS, RowQuestion, explain_batch, result_columns
from rai_dash.models.client import Model
from rai_dash.models.row_worker import check_columns
from rai_dash.models.spark import SentModel
from rai_dash.sandbox.arrow import frame_from_ipc, frame_to_ipc

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class ExplainRows:
    """What explains batches on an executor.

    Parameters
    ----------
    model : SentModel
        The model.
    reference : bytes
        Reference rows as an Arrow stream.
    asked, form : str
        The question and what holds for every answer, as JSON (see `rai_dash.explain.rows.RowQuestion`).
    kept : tuple of str
        Columns of the table that are written beside the results.
    """

    model: SentModel
    reference: bytes
    asked: str
    form: str
    kept: tuple[str, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Explain batches of rows."""
        question = _prepared(self.model, self.reference, self.asked)
        form = json.loads(self.form)
        for batch in batches:
            yield placed(explain_batch(batch, question, form), batch, self.kept)


@lru_cache(maxsize=2)
def _prepared(model: SentModel, reference: bytes, asked: str) -> RowQuestion:
    """Prepare a question, once in each process."""
    question = RowQuestion.of(model.loaded(), frame_from_ipc(reference, check=False), json.loads(asked))
    question.answer_form()
    return question


def explain_on_spark(
    session: SparkSession,
    data: Path,
    model: Model,
    out: str,
    *,
    reference: pd.DataFrame,
    options: ShapOptions,
) -> tuple[int, dict[str, Any]]:
    """Explain a Parquet table on Spark.

    Parameters
    ----------
    session : SparkSession
        See `rai_dash.data.portfolio.spark.spark_session`.
    data : Path
        A Parquet file or folder that Spark sees under the same path.
    model : Model
        Its inputs must be columns of the table.
    out : str
        A new folder; each row holds ``part`` and ``row``, the place of its row in the table.
    reference : DataFrame (m, columns)
        Who every row is compared with.
    options : ShapOptions
        How to explain.

    Returns
    -------
    (int, dict)
        Rows written, and what holds for all of them: space, method, reference rows used.

    Raises
    ------
    RaiError
        With what to do.
    """
    sent = SentModel.of(model)
    names, kept = sent.names, options.kept
    results = result_columns(players_of(names, options.blocks).names)
    check_columns(spark_frame(session, data).columns, model.info, kept, (PART, ROW, *results))
    asked, background = options.asked(model.favourable_index), frame_to_ipc(reference[list(names)])
    form = model.call("rai_dash.explain.ops:ask_all", asked, [background]).data
    work = ExplainRows(sent, background, json.dumps(asked), json.dumps(form), kept)
    rows = write_rows(
        session,
        data,
        out,
        work,
        columns=list(dict.fromkeys([*names, *kept])),
        kept=kept,
        results=[(name, "double") for name in results],
        size=BATCH_ROWS,
    )
    return rows, form
