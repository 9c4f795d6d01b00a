"""Entry points of the model's own process: explain rows there, send plain JSON or raw numbers back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.data.portfolio.jobs.streaming import begin, with_kept
from rai_dash.explain._base import Attribution, Progress, Reference, Subject
from rai_dash.explain.lime_local import explain_lime as explain_by_lime
from rai_dash.explain.lime_local import prepare_lime
from rai_dash.explain.routing import Prepared, attribute, check_question, explain_rows
from rai_dash.explain.rows import RowQuestion, explain_batch
from rai_dash.sandbox.arrow import frame_from_ipc

T = TypeVar("T")

#: Where prepared routes are kept, and how many references each: a page compares with few at a time.
_SHAP, _LIME = "explain.shap", "explain.lime"
_KEPT = {_SHAP: 3, _LIME: 1}


def _kept(state: dict[str, Any], place: str, key: object, make: Callable[[], T]) -> T:
    """Return what was made for this key, or make it and forget what was used the longest ago."""
    shelf: OrderedDict[object, T] = state.setdefault(place, OrderedDict())
    if key not in shelf:
        while len(shelf) >= _KEPT[place]:
            shelf.popitem(last=False)
        shelf[key] = make()
    shelf.move_to_end(key)
    return shelf[key]


def _table(blob: memoryview) -> pd.DataFrame:
    return frame_from_ipc(blob, check=False)


def _question(
    state: dict[str, Any], args: dict[str, Any], background: memoryview
) -> tuple[Subject, Reference, Prepared]:
    """Return the model, the reference rows, and what was prepared for both of them before."""
    blocks = tuple(tuple(block) for block in args["blocks"])

    def make() -> tuple[Reference, Prepared]:
        return Reference(frame=_table(background), limit=args["limit"], seed=args["seed"]), {}

    most = args.get("most_rows")
    key = (fingerprint_bytes(background), args["limit"], args["seed"], blocks, most)
    reference, prepared = _kept(state, _SHAP, key, make)
    return Subject(state["model"], blocks, most), reference, prepared


def explain_shap(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Explain rows (blob 0) against reference rows (blob 1).

    Arguments: ``row_ids``, ``favourable_index``, ``space``, ``perturbation``, ``blocks``, ``limit``, ``seed``.
    """
    rows, background = blobs
    subject, reference, prepared = _question(state, args, background)
    found = explain_rows(
        subject,
        _table(rows),
        reference,
        row_ids=args["row_ids"],
        favourable_index=args["favourable_index"],
        space=args["space"],
        perturbation=args["perturbation"],
        progress=progress,
        prepared=prepared,
    )
    return {"explanations": [asdict(explanation) for explanation in found]}, []


def _raw(found: Attribution) -> list[bytes]:
    """Write the arrays: base, values, output, marks of exact rows, and errors where there are some."""
    numbers = [found.base, found.values, found.output]
    blobs = [np.ascontiguousarray(array, dtype="<f8").tobytes() for array in numbers]
    blobs.append(found.exact.astype(np.uint8).tobytes())
    if found.errors is not None and not found.exact.all():
        blobs.append(np.ascontiguousarray(found.errors, dtype="<f8").tobytes())
    return blobs


def explain_matrix(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Explain many rows (blob 0) against reference rows (blob 1); the answer is raw arrays (see `_raw`).

    Arguments: ``favourable_index``, ``space``, ``perturbation``, ``blocks``, ``limit``, ``seed``.
    """
    rows, background = blobs
    subject, reference, prepared = _question(state, args, background)
    check_question(reference, args["space"], args["perturbation"])
    found, notices = attribute(
        subject,
        _table(rows),
        reference,
        space=args["space"],
        perturbation=args["perturbation"],
        progress=progress,
        prepared=prepared,
    )
    said = {
        "names": list(subject.players.names),
        "space": found.space,
        "methods": list(dict.fromkeys(found.methods)),
        "background_rows": found.background_rows,
        "notices": [asdict(notice) for notice in notices],
    }
    return said, _raw(found.turned(args["favourable_index"]))


def explain_lime(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Explain one row (blob 0) with LIME on training rows (blob 1).

    Arguments: ``favourable_index``, ``seeds``, ``samples``, ``seed``.
    """
    row, training = blobs
    subject = Subject(state["model"])
    near = _kept(
        state,
        _LIME,
        fingerprint_bytes(training),
        lambda: prepare_lime(_table(training), subject.native.info.features),
    )
    found = explain_by_lime(
        subject,
        near,
        _table(row),
        favourable_index=args["favourable_index"],
        seeds=args["seeds"],
        samples=args["samples"],
        seed=args["seed"],
    )
    return {"lime": asdict(found)}, []


def ask_all(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Prepare a question that every row of the open table is asked; reference rows are blob 0.

    Arguments: ``favourable_index``, ``space``, ``perturbation``, ``blocks``, ``limit``, ``seed``. Returns what holds
    for every row (see `RowQuestion.answer_form`).
    """
    question = RowQuestion.of(state["model"], _table(blobs[0]), args)
    form = question.answer_form()
    state["asked of all"] = question, form
    return form, []


def explain_pieces(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Begin to explain pieces of the open table (see `rai_dash.data.portfolio.jobs.streaming.begin`).

    Arguments beside those: ``kept``, columns of the table that stand before the results.
    """
    (question, form), kept = state["asked of all"], args["kept"]

    def work(batch: pa.RecordBatch) -> pa.RecordBatch:
        return with_kept(explain_batch(batch, question, form), batch, kept)

    begin(state, args, work)
    return {}, []
