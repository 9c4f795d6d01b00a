"""Entry points of the separate process that counts a table where it lies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rai_dash.data.portfolio.opened import BATCH, Opened
from rai_dash.data.portfolio.places import Place
from rai_dash.data.portfolio.questions import TALLY
from rai_dash.sandbox.arrow import table_to_ipc

Progress = Callable[[int, int, str], None]
Answer = tuple[dict[str, Any], list[memoryview]]


def open_place(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Open a table (``place``, ``scores`` or None); returns its kinds, rows of each part, and notices."""
    scores = args.get("scores")
    opened = Opened(Place.from_args(args["place"]), Place.from_args(scores) if scores else None)
    return _described(state, opened), []


def open_store(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Open Parquet in an object store (``scheme``, ``path``, ``choices``, ``environment``); see `open_place`."""
    from rai_dash.data.portfolio.stores import OpenedStore

    os.environ.update(args["environment"])
    opened = OpenedStore(args["scheme"], args["path"], args["choices"])
    return _described(state, opened) | {"fingerprint": opened.fingerprint()}, []


def open_table(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Open a ``table`` of a DuckDB file (``path``); see `open_place`."""
    from rai_dash.data.portfolio.database import OpenedTable

    opened = OpenedTable(Path(args["path"]), args["table"])
    return _described(state, opened) | {"fingerprint": opened.fingerprint()}, []


def _described(state: dict[str, Any], opened: Any) -> dict[str, Any]:
    """Keep an open table, and say what it holds."""
    state["opened"], state["reader"] = opened, None
    kinds = [[name, None if kind is None else kind.value] for name, kind in opened.kinds.items()]
    return {
        "kinds": kinds,
        "part_rows": opened.part_rows(),
        "notices": [asdict(notice) for notice in opened.notices],
    }


def tally(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Answer:
    """Answer a question (``tally``) as an Arrow stream."""
    return {}, [table_to_ipc(state["opened"].tally(TALLY.validate_python(args["tally"])))]


def head(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Answer:
    """Return ``columns`` of the first ``n`` rows as an Arrow stream."""
    return {}, [table_to_ipc(state["opened"].head(args["columns"], args["n"]))]


def start_reading(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Begin to read ``columns`` of ``part`` in batches of ``size`` rows."""
    reader: Iterator[pa.RecordBatch] = state["opened"].batches(
        args["part"], args["columns"], args.get("size", BATCH)
    )
    state["reader"] = reader
    return {}, []


def read_on(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Return the next batch as an Arrow stream; nothing at the end of the part."""
    batch = next(state["reader"], None)
    return {}, [] if batch is None else [table_to_ipc(pa.Table.from_batches([batch]))]


def pick(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Answer:
    """Return the rows of ``part`` at some places (blob 0: int64, ascending) as an Arrow stream."""
    positions = np.frombuffer(blobs[0], dtype=np.int64)
    return {}, [table_to_ipc(state["opened"].pick(args["part"], positions))]
