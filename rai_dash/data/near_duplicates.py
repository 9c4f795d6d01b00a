"""Near-duplicates: rows that agree in every compared column but exactly one.

Leaving one column out of the sum of hashes at a time finds all such pairs exactly (but for a collision of 64-bit
hashes), in time proportional to rows times columns: no pair of rows is compared one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.comparable import compared_columns, training_rows
from rai_dash.data.dataset import Dataset
from rai_dash.data.duplicates import FEWEST_COLUMNS, Hashes, pairs_by_chance, row_hashes

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicates:
    """Rows that differ from another one in exactly one column.

    Parameters
    ----------
    compared : int
        Columns compared; the outcome must agree, one of the others may differ.
    rows : int
        Rows with at least one such other row.
    pairs : int
        Pairs of such rows.
    by_chance : float
        Pairs expected if the columns had nothing to do with each other: a lower bound where they go together.
    by_column : tuple of (str, int)
        Pairs by the column in which they differ, most frequent first; columns without a pair are left out.
    test, test_rows : int or None
        Rows that the model was not trained on, and those of them that differ in one column from a training row;
        None where the data do not say which rows are which.
    """

    compared: int
    rows: int
    pairs: int
    by_chance: float
    by_column: tuple[tuple[str, int], ...]
    test: int | None = None
    test_rows: int | None = None


def near_duplicates(dataset: Dataset, facts: TableFacts | None = None) -> NearDuplicates | None:
    """Find the rows that agree with another one in every compared column but exactly one.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    facts : TableFacts, optional
        Of the same table, where there are some already.

    Returns
    -------
    NearDuplicates or None
        None with fewer than three columns to compare. Ids, row numbers, the split and the score are not compared;
        blanks are equal to each other.
    """
    columns = compared_columns(dataset, facts or TableFacts(dataset.frame))
    free = [c for c in columns if c.name != dataset.roles.target]
    if len(free) < FEWEST_COLUMNS:
        return None
    whole = row_hashes(columns, _cells)
    trained = training_rows(dataset)
    is_near = np.zeros(len(whole), dtype=bool)
    is_shared = np.zeros(len(whole), dtype=bool)
    by_column = {}
    for column in free:
        rest = whole - row_hashes([column], _cells)
        others, pairs = _others(rest, whole)
        by_column[column.name] = pairs
        is_near |= others > 0
        if trained is not None and pairs:
            is_shared |= others_among(rest, whole, rest[trained], whole[trained]) > 0
    found = tuple(sorted(((c, n) for c, n in by_column.items() if n), key=lambda f: -f[1]))
    return NearDuplicates(
        compared=len(columns),
        rows=int(is_near.sum()),
        pairs=sum(by_column.values()),
        by_chance=_by_chance(columns, free, len(whole)),
        by_column=found,
        test=None if trained is None else int((~trained).sum()),
        test_rows=None if trained is None else int(is_shared[~trained].sum()),
    )


def _cells(column: ColumnFacts) -> Hashes:
    return column.hashes


def _others(rest: Hashes, whole: Hashes) -> tuple[IntArray, int]:
    """Count for each row the rows that are equal without the column and not with it; and such pairs."""
    found = np.zeros(len(whole), dtype=np.int64)
    at = np.flatnonzero(pd.Series(rest).duplicated(keep=False).to_numpy())
    found[at] = _sizes(rest[at], rest[at]) - _sizes(whole[at], whole[at])
    return found, int(found.sum()) // 2


def others_among(rest: Hashes, whole: Hashes, their_rest: Hashes, theirs: Hashes) -> IntArray:
    """Count for each row the rows among others that are equal without one column and not with it.

    Parameters
    ----------
    rest, whole : uint64 (n,)
        Hashes of the rows without the column, and with it.
    their_rest, theirs : uint64 (m,)
        The same of the other rows.
    """
    return _sizes(rest, their_rest) - _sizes(whole, theirs)


def _sizes(hashes: Hashes, among: Hashes) -> IntArray:
    """Count how often each hash occurs among some."""
    values, counts = np.unique(among, return_counts=True)
    if not len(values):
        return np.zeros(len(hashes), dtype=np.int64)
    place = np.minimum(np.searchsorted(values, hashes), len(values) - 1)
    return np.where(values[place] == hashes, counts[place], 0).astype(np.int64)


def _by_chance(columns: Sequence[ColumnFacts], free: Sequence[ColumnFacts], n: int) -> float:
    """Expect the pairs that agree in all columns but one, if columns were independent."""
    share = {c.name: pairs_by_chance([c], 1.0, _cells) for c in columns}
    total = 0.0
    for one in free:
        others = [share[c.name] for c in columns if c.name != one.name]
        total += (1.0 - share[one.name]) * float(np.prod(others))
    return total * n * (n - 1) / 2
