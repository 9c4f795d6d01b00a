"""Scoring as one pure function from a batch of rows to a batch of scores: whoever calls it, here or on a cluster."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.jobs.names import SCORE, UNSEEN
from rai_dash.data.portfolio.jobs.plain import plain_batch
from rai_dash.models._base import NativeModel
from rai_dash.models.unseen import find_unseen

SCHEMA = pa.schema([(SCORE, pa.float64()), (UNSEEN, pa.bool_())])


def score_batch(batch: pa.RecordBatch, model: NativeModel, favourable_index: int) -> pa.RecordBatch:
    """Score a batch of rows.

    Parameters
    ----------
    batch : RecordBatch (n, …)
        Columns are taken by name; further ones are left out.
    model : NativeModel
        Loaded once, used for every batch.
    favourable_index : int
        Which class is favourable, 0 or 1.

    Returns
    -------
    RecordBatch (n, 2)
        ``score``: float64, the probability of the favourable outcome, null where the model gives none; ``unseen``:
        whether a row has a category that the model has never seen. In the order of the rows.

    Raises
    ------
    MissingColumn
        When the batch lacks a column of the model.
    RefusedModel
        When the model answers with something that is no probability.
    """
    frame = plain_batch(batch, model.info.feature_names)
    if frame.empty:
        return pa.RecordBatch.from_arrays([pa.array([], f.type) for f in SCHEMA], schema=SCHEMA)
    unseen = find_unseen(frame, model.info.features).rows
    found = np.asarray(model.probability(frame), dtype=np.float64)
    is_none = np.isnan(found)
    if (~is_none & ~((found >= 0.0) & (found <= 1.0))).any():
        msg = tr("The model's scores leave 0 to 1, so they are no probabilities. Use a classifier.")
        raise RefusedModel(msg, code="no_probabilities")
    score = found if favourable_index == 1 else 1.0 - found
    return pa.RecordBatch.from_arrays([pa.array(score, mask=is_none), pa.array(unseen)], schema=SCHEMA)
