"""Batches of a table of files, worked on side by side and handed on in order. Runs in the separate process."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import pyarrow as pa

from rai_dash.data.portfolio.opened import Opened

#: More batches at a time than this gain nothing: reading is the bound then, and each holds memory.
MOST_THREADS: Final = 8

#: From a batch of rows to a batch of results: as long, in the same order.
Work = Callable[[pa.RecordBatch], pa.RecordBatch]


def n_threads() -> int:
    """Return how many batches are worked on at a time."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(here, MOST_THREADS)


def read_pieces(
    opened: Opened, pieces: Iterable[Sequence[int]], columns: Sequence[str], size: int
) -> Iterator[pa.RecordBatch]:
    """Read pieces of a table one after the other; no batch reaches into the next piece.

    Parameters
    ----------
    opened : Opened
        The table.
    pieces : iterable of (part, first row, rows)
        With rows in each; -1 = the whole part.
    columns : sequence of str
        To read.
    size : int
        Most rows of a batch.
    """
    for part, first, rows in pieces:
        wanted = None if rows < 0 else rows
        for batch in opened.batches(part, columns, size, first=first, rows=wanted):
            for at in range(0, batch.num_rows, size):
                yield batch.slice(at, size)


def in_order(work: Work, batches: Iterator[pa.RecordBatch], threads: int) -> Iterator[pa.RecordBatch]:
    """Work on some batches at a time, and yield the results in the order of the batches."""
    with ThreadPoolExecutor(threads, thread_name_prefix="rai-dash-rows") as pool:
        waiting: deque[Future[pa.RecordBatch]] = deque()
        try:
            for batch in batches:
                waiting.append(pool.submit(work, batch))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()


def begin(state: dict[str, Any], args: dict[str, Any], work: Work) -> None:
    """Begin to work on the open table; `rai_dash.data.portfolio.ops.read_on` hands out what is done.

    Arguments: ``pieces``, ``columns``, ``size`` (see `read_pieces`), ``threads``.
    """
    batches = read_pieces(state["opened"], args["pieces"], args["columns"], args["size"])
    state["reader"] = in_order(work, batches, args["threads"])


def with_kept(results: pa.RecordBatch, batch: pa.RecordBatch, kept: Sequence[str]) -> pa.RecordBatch:
    """Put columns of the table, as they are, before the results."""
    columns = [*(batch.column(name) for name in kept), *results.columns]
    return pa.RecordBatch.from_arrays(columns, names=[*kept, *results.schema.names])
