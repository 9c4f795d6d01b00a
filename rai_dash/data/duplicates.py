"""Rows that repeat other rows: within a table, with another outcome, and on both sides of a split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.data.column_facts import ColumnFacts

Hashes = NDArray[np.uint64]
#: Rows from which it is estimated how often two rows agree in one column.
_SAMPLE: Final = 20_000
#: Columns that mostly tell all rows apart.
_TELLING: Final = 8
#: Fewer columns in common say nothing about whether two rows are one application.
FEWEST_COLUMNS: Final = 3


def row_hashes(columns: Sequence[ColumnFacts], hashes: Callable[[ColumnFacts], Hashes]) -> Hashes:
    """Hash each row over some columns.

    Parameters
    ----------
    columns : sequence of ColumnFacts
        In any order: the name of a column decides what it adds. At least one.
    hashes : callable
        Returns the hash of each cell of a column, uint64 (n,).

    Returns
    -------
    uint64 (n,)
        Equal rows have equal hashes, in other tables with the same names too.
    """
    total = np.zeros(len(columns[0].series), dtype=np.uint64)
    for column in columns:
        total += hashes(column) * salt(column.name)
    return total


def salt(name: str) -> np.uint64:
    """Return the odd factor by which the hashes of a column enter the hash of a row."""
    return np.uint64(pd.util.hash_array(np.array([name], dtype=object))[0] | np.uint64(1))


def most_telling(columns: Sequence[ColumnFacts]) -> list[ColumnFacts]:
    """Choose the few columns with the most different values: rows that differ there differ."""
    return sorted(columns, key=lambda c: -c.distinct_at_least)[:_TELLING]


def are_all_different(columns: Sequence[ColumnFacts]) -> bool:
    """Whether a few columns show already that no two rows are equal in all; False where all have to be compared."""
    return pd.Series(row_hashes(most_telling(columns), lambda c: c.hashes)).is_unique


def agreement(hashes: Hashes) -> float:
    """Estimate how often two rows drawn at random agree, from a sample without replacement."""
    some = hashes[:: max(1, len(hashes) // _SAMPLE)]
    counts = np.unique(some, return_counts=True)[1].astype(np.float64)
    pairs = len(some) * (len(some) - 1)
    return float((counts * (counts - 1)).sum() / pairs) if pairs else 0.0


def pairs_by_chance(
    columns: Sequence[ColumnFacts], pairs: float, hashes: Callable[[ColumnFacts], Hashes]
) -> float:
    """Expect how many of so many pairs of rows agree in all columns, if columns had nothing to do with each other.

    It is a lower bound where columns go together. A table of a few coarse columns repeats itself this often
    without any row having been copied.
    """
    return pairs * float(np.prod([agreement(hashes(c)) for c in columns]))


def count_repeats(rows: Hashes) -> int:
    """Count the rows that repeat an earlier row."""
    return int(pd.Series(rows).duplicated().sum())


def count_conflicts(features: Hashes, outcome: NDArray[np.int8]) -> int:
    """Count the rows that share all features with a row of the other outcome; unknown outcomes are left out."""
    good, bad = (pd.Series(features[outcome == side]) for side in (FAVOURABLE, UNFAVOURABLE))
    return int(good.isin(bad).sum() + bad.isin(good).sum())


def count_shared(rows: Hashes, others: Hashes) -> int:
    """Count the rows that are also among others."""
    return int(pd.Series(rows).isin(others).sum())
