"""Scoring on Spark: the model travels as the bytes of its file, and each executor reviews it before it loads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.jobs.names import SCORE, UNSEEN
from rai_dash.data.portfolio.spark import spark_frame
from rai_dash.data.portfolio.spark_rows import PART, ROW, placed, write_rows
from rai_dash.models._base import NativeModel
from rai_dash.models.approval import APPROVED
from rai_dash.models.client import Model
from rai_dash.models.loading import load_reviewed
from rai_dash.models.row_worker import BATCH_ROWS, check_columns
from rai_dash.models.rows import score_batch

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class SentModel:
    """A model as an executor is sent it: bytes and names, no object of a library.

    Parameters
    ----------
    content : bytes
        The model file.
    model_format : str
        What it was told to be.
    names : tuple of str
        Columns that its inputs are taken from.
    favourable_index : int
        Which class is favourable, 0 or 1.
    """

    content: bytes
    model_format: str
    names: tuple[str, ...]
    favourable_index: int

    @classmethod
    def of(cls, model: Model) -> SentModel:
        """Take what decides the answers of a model.

        Raises
        ------
        UnsupportedModel, RefusedModel
            When it lies behind an address, or is a pickle.
        """
        model.require_file()
        _refuse_pickle(model.info.format)
        return cls(model.content, model.info.format, model.info.feature_names, model.favourable_index)

    def loaded(self) -> NativeModel:
        """Review and load it, once in each process.

        Raises
        ------
        RefusedModel
            When it is not accepted, and for every pickle: an executor is not locked.
        """
        return _loaded(self.content, self.model_format, self.names)


@dataclass(frozen=True)
class ScoreRows:
    """What scores batches on an executor.

    Parameters
    ----------
    model : SentModel
        The model.
    kept : tuple of str
        Columns of the table that are written beside the scores.
    """

    model: SentModel
    kept: tuple[str, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Score batches of rows."""
        model = self.model.loaded()
        for batch in batches:
            yield placed(score_batch(batch, model, self.model.favourable_index), batch, self.kept)


@lru_cache(maxsize=2)
def _loaded(content: bytes, model_format: str, names: tuple[str, ...]) -> NativeModel:
    _refuse_pickle(model_format)
    return load_reviewed(content, model_format=model_format, feature_names=names)


def _refuse_pickle(model_format: str) -> None:
    """Refuse what runs code when it is opened, also where the operator approved it for the locked process here."""
    if model_format == APPROVED:
        msg = tr(
            "A pickle runs code when it is opened, and Spark is not locked. Convert it: `rai-dash convert`."
        )
        raise RefusedModel(msg, code="pickle")


def score_on_spark(
    session: SparkSession, data: Path, model: Model, out: str, kept: Sequence[str] = ()
) -> int:
    """Score a Parquet table on Spark.

    Parameters
    ----------
    session : SparkSession
        See `rai_dash.data.portfolio.spark.spark_session`.
    data : Path
        A Parquet file or folder that Spark sees under the same path.
    model : Model
        The model.
    out : str
        A new folder; each row holds ``part`` and ``row``, the place of its row in the table.
    kept : sequence of str
        Columns of the table that are written beside the scores.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    RaiError
        With what to do.
    """
    sent = SentModel.of(model)
    columns = spark_frame(session, data).columns
    model.match_columns(columns)
    check_columns(columns, model.info, kept, (PART, ROW, SCORE, UNSEEN))
    return write_rows(
        session,
        data,
        out,
        ScoreRows(sent, tuple(kept)),
        columns=list(dict.fromkeys([*sent.names, *kept])),
        kept=kept,
        results=[(SCORE, "double"), (UNSEEN, "boolean")],
        size=BATCH_ROWS,
    )
