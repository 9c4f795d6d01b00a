"""Entry points of the model's own process: explain rows there, send plain JSON back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import pandas as pd

from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.explain._base import Progress, Reference, Subject
from rai_dash.explain.lime_local import explain_lime as explain_by_lime
from rai_dash.explain.lime_local import prepare_lime
from rai_dash.explain.routing import Prepared, explain_rows
from rai_dash.sandbox.arrow import frame_from_ipc

T = TypeVar("T")

#: Where prepared routes are kept: the last reference only, since a page compares with one at a time.
_SHAP, _LIME = "explain.shap", "explain.lime"


def _kept(state: dict[str, Any], place: str, key: object, make: Callable[[], T]) -> T:
    """Return what was made for this key, or make it and forget what stood there."""
    found = state.get(place)
    if found is None or found[0] != key:
        found = state[place] = (key, make())
    made: T = found[1]
    return made


def _table(blob: memoryview) -> pd.DataFrame:
    return frame_from_ipc(blob, check=False)


def explain_shap(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> tuple[dict[str, Any], list[bytes]]:
    """Explain rows (blob 0) against reference rows (blob 1).

    Arguments: ``row_ids``, ``favourable_index``, ``space``, ``limit``, ``seed``.
    """
    rows, background = blobs
    key = (fingerprint_bytes(background), args["limit"], args["seed"])
    reference, prepared = _kept(
        state,
        _SHAP,
        key,
        lambda: (Reference(frame=_table(background), limit=args["limit"], seed=args["seed"]), _nothing()),
    )
    found = explain_rows(
        Subject(state["model"]),
        _table(rows),
        reference,
        row_ids=args["row_ids"],
        favourable_index=args["favourable_index"],
        space=args["space"],
        progress=progress,
        prepared=prepared,
    )
    return {"explanations": [asdict(explanation) for explanation in found]}, []


def _nothing() -> Prepared:
    return {}


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
