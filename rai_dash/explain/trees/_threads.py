"""Work on all processors: pieces of rows, and jobs side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from rai_dash.explain.trees.apply import BLOCK

#: Fewer rows than this are not worth a second thread.
FEW = 64

T = TypeVar("T")


def pieces_of(start: int, stop: int) -> list[tuple[int, int]]:
    """Cut rows for the threads; few rows stay together."""
    if stop - start < FEW:
        return [(start, stop)]
    size = max(FEW // 2, min(4 * BLOCK, -(-(stop - start) // n_threads())))
    return [(low, min(stop, low + size)) for low in range(start, stop, size)]


def n_threads() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def side_by_side(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Run jobs on all processors and return their results in order; one job runs here."""
    if len(jobs) == 1 or n_threads() == 1:
        return [job() for job in jobs]
    with ThreadPoolExecutor(n_threads(), thread_name_prefix="rai-dash-trees") as pool:
        return list(pool.map(lambda job: job(), jobs))
