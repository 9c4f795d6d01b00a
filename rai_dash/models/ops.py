"""Entry points of a model's own process: load it, score rows."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.jobs.streaming import begin, with_kept
from rai_dash.models.loading import load_reviewed
from rai_dash.models.rows import score_batch
from rai_dash.models.unseen import find_unseen
from rai_dash.sandbox.arrow import frame_from_ipc

Progress = Callable[[int, int, str], None]
Answer = tuple[dict[str, Any], list[bytes]]
CHUNK_ROWS = 50_000


def load(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Answer:
    """Review and load the model file (blob 0) into ``state["model"]``; returns what it says about itself.

    Arguments: ``format``, as the app told it (None = from the content); ``feature_names``, for a file that has none
    (None = the file's own).
    """
    del progress
    names = args.get("feature_names")
    if args.get("format") == "xgboost":
        _import_bare_xgboost()
    model = load_reviewed(bytes(blobs[0]), model_format=args.get("format"), feature_names=names)
    state["model"] = model
    return {"info": asdict(model.info)}, []


def _import_bare_xgboost() -> None:
    """Import XGBoost without its wrappers for scikit-learn.

    No model file of its own needs them, and scikit-learn takes 80 MB and half of the time until the model is there.
    """
    if not {"xgboost", "sklearn"}.intersection(sys.modules):
        sys.modules["sklearn"] = None  # type: ignore[assignment]  # as if it were not installed
        try:
            importlib.import_module("xgboost")
        finally:
            del sys.modules["sklearn"]


def rename(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Give the inputs of the loaded model other names (``names``); returns what it says about itself."""
    del blobs, progress
    model = state["model"]
    model.rename(args["names"])
    return {"info": asdict(model.info)}, []


def score(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Answer:
    """Score rows (blob 0) in chunks; returns float64 probabilities of class 1 and what was noticed.

    The second blob marks the rows with a category that the model has never seen, one byte a row; it is
    empty where there is none.

    Raises
    ------
    RefusedModel
        When the model answers with something that is no probability.
    """
    del args
    model = state["model"]
    frame = frame_from_ipc(blobs[0], check=False)
    unseen = find_unseen(frame, model.info.features)
    out = np.empty(len(frame))
    for start in range(0, len(frame), CHUNK_ROWS):
        part = slice(start, start + CHUNK_ROWS)
        out[part] = model.probability(frame.iloc[part])
        progress(min(start + CHUNK_ROWS, len(frame)), len(frame), "rows scored")
    if np.isnan(out).any():
        msg = tr(
            "The model returned no number for {sum} of {size} rows. Its coefficients may be damaged, or "
            "it cannot handle blanks: fill them before the model.",
            sum=f"{int(np.isnan(out).sum()):,}",
            size=f"{out.size:,}",
        )
        raise RefusedModel(msg, code="no_number")
    marks = unseen.rows.astype(np.uint8).tobytes() if unseen.notices else b""
    return {"notices": [asdict(n) for n in unseen.notices]}, [out.astype("<f8").tobytes(), marks]


def score_pieces(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Begin to score pieces of the open table (see `rai_dash.data.portfolio.jobs.streaming.begin`).

    Arguments beside those: ``favourable_index``; ``kept``, columns of the table that stand before the results.
    """
    model, favourable, kept = state["model"], args["favourable_index"], args["kept"]

    def work(batch: pa.RecordBatch) -> pa.RecordBatch:
        return with_kept(score_batch(batch, model, favourable), batch, kept)

    begin(state, args, work)
    return {}, []
