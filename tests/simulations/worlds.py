"""Simulated worlds: 40 groups of unequal sizes, rows as counts, and bounds on shares of runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, binom

from rai_dash.core.counts import GroupCounts
from rai_dash.metrics.table import MetricTable, metric_table

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

THRESHOLD = 0.5
N_GROUPS = 40
#: Shares of 40 groups in a geometric row, the largest 10.6 %, the smallest 0.14 %. With 2,000, 5,000 and 32,000 rows
#: about 18, 26 and 40 groups have 30 rows, and the median gap at 35 % is .75, .50 and .18: as in fairness.md 5.
SHARES: FloatArray = 0.895 ** np.arange(N_GROUPS)
SHARES /= SHARES.sum()
#: Label {unfavourable, favourable} x {refused, approved} in one score cell each, the threshold between them.
_CELLS = (200, 800)


def law(*, base: ArrayLike, recall: ArrayLike, fpr: ArrayLike) -> FloatArray:
    """Return the chance of (tn, fp, fn, tp) of each group, float64 (groups, 4)."""
    good, caught, passed = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (base, recall, fpr)))
    parts = ((1 - good) * (1 - passed), (1 - good) * passed, good * (1 - caught), good * caught)
    return np.stack(parts, axis=-1)


def counts_of(cells: IntArray) -> GroupCounts:
    """Put (tn, fp, fn, tp) of each group, int64 (groups, 4), into counts."""
    counts = np.zeros((len(cells), 3, 1002), np.int64)
    for label in (0, 1):
        for approved, cell in enumerate(_CELLS):
            counts[:, label, cell] = cells[:, 2 * label + approved]
    return GroupCounts(column="group", groups=tuple(f"g{i}" for i in range(len(cells))), counts=counts)


def table_of(cells: IntArray, metrics: Sequence[str], *, min_n: int = 30) -> MetricTable:
    """Compute metrics of counts (tn, fp, fn, tp), without bootstrap."""
    return metric_table(counts_of(cells), THRESHOLD, bootstrap=0, metrics=metrics, min_n=min_n)


def draw(rng: np.random.Generator, rows: int, chances: FloatArray) -> IntArray:
    """Draw some rows of 40 groups, int64 (groups, 4)."""
    sizes = rng.multinomial(rows, SHARES)
    return rng.multinomial(sizes, np.broadcast_to(chances, (N_GROUPS, 4)))


def share_table(hits: ArrayLike, sizes: ArrayLike, *, min_n: int = 30) -> MetricTable:
    """Return a table of approval rates from approved applicants and all applicants of each group."""
    hits, sizes = np.asarray(hits, np.int64), np.asarray(sizes, np.int64)
    cells = np.stack((sizes - hits, hits, np.zeros_like(hits), np.zeros_like(hits)), axis=-1)
    return table_of(cells, ["selection_rate"], min_n=min_n)


def at_most(share: float, runs: int, *, doubt: float = 0.001) -> int:
    """Return the most events that a chance of ``share`` a run explains: it gives more with a chance of ``doubt``."""
    return int(binom.ppf(1.0 - doubt, runs, share))


def at_least(share: float, runs: int, *, doubt: float = 0.001) -> int:
    """Return the fewest events that a chance of ``share`` a run explains: it gives fewer with that of ``doubt``."""
    return int(binom.ppf(doubt, runs, share))


def upper_bound(events: int, runs: int, *, level: float = 0.95) -> float:
    """Return the one-sided upper limit of Clopper and Pearson for the chance of an event."""
    return 1.0 if events == runs else float(beta.ppf(level, events + 1, runs - events))


def lower_bound(events: int, runs: int, *, level: float = 0.95) -> float:
    """Return the one-sided lower limit of Clopper and Pearson for the chance of an event."""
    return 1.0 - upper_bound(runs - events, runs, level=level)
