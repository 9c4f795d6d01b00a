"""The same rows in two tables, found by their id: which of their cells hold another value now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.types import UNKNOWN
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.dataset import Dataset
from rai_dash.data.labels import labels

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Followed:
    """Rows of two tables with the same id.

    Parameters
    ----------
    column : str
        The column of ids.
    rows : int
        Ids that stand once in each of the two.
    only_then, only_now : int
        Ids that only one of them has.
    unclear : int
        Rows left out, of both: their id is blank or stands there twice.
    changed : int
        Rows with another value in at least one common column.
    by_column : tuple of (str, int)
        Rows with another value, by column, the most first; columns without any are left out.
    outcome_rows : int
        Rows whose outcome is known in both; 0 where one of them has no outcome.
    lost, won : int
        Of those, favourable before and unfavourable now, and the other way round.
    """

    column: str
    rows: int
    only_then: int
    only_now: int
    unclear: int
    changed: int
    by_column: tuple[tuple[str, int], ...]
    outcome_rows: int
    lost: int
    won: int


def followed(first: Dataset, second: Dataset) -> Followed | None:
    """Follow the rows of one table in another; None where they do not have one column of ids in common."""
    name = first.roles.id or second.roles.id
    named = {d.roles.id for d in (first, second)} - {None}
    if name is None or len(named) > 1 or name not in first.columns or name not in second.columns:
        return None
    ids = [labels(d.frame[name]) for d in (first, second)]
    clear = [_once(one) for one in ids]
    theirs = pd.Index(ids[1][clear[1]])
    place = theirs.get_indexer(pd.Index(ids[0][clear[0]]))
    both = place >= 0
    rows = np.flatnonzero(clear[0])[both], np.flatnonzero(clear[1])[place[both]]
    by_column = {c: _differ(first.frame[c], second.frame[c], rows) for c in first.columns
                 if c != name and c in set(second.columns)}  # fmt: skip
    any_changed = np.zeros(int(both.sum()), dtype=bool)
    for moved in by_column.values():
        any_changed |= moved
    counted = sorted(((c, int(moved.sum())) for c, moved in by_column.items()), key=lambda one: -one[1])
    was, now = first.outcome[rows[0]], second.outcome[rows[1]]
    known = (was != UNKNOWN) & (now != UNKNOWN)
    return Followed(
        column=name,
        rows=int(both.sum()),
        only_then=int((~both).sum()),
        only_now=int(clear[1].sum() - both.sum()),
        unclear=int(sum((~one).sum() for one in clear)),
        changed=int(any_changed.sum()),
        by_column=tuple((c, n) for c, n in counted if n),
        outcome_rows=int(known.sum()),
        lost=int((known & (was > now)).sum()),
        won=int((known & (was < now)).sum()),
    )


def same_cells(first: Dataset, second: Dataset) -> bool:
    """Whether two tables have the same columns, and in every row the same values."""
    if first.n_rows != second.n_rows or set(first.columns) != set(second.columns):
        return False
    rows = np.arange(first.n_rows)
    return not any(_differ(first.frame[c], second.frame[c], (rows, rows)).any() for c in first.columns)


def _once(ids: pd.Series) -> BoolArray:
    return (ids.notna() & ~ids.duplicated(keep=False)).to_numpy(dtype=bool)


def _differ(then: pd.Series, now: pd.Series, rows: tuple[NDArray[np.intp], NDArray[np.intp]]) -> BoolArray:
    """Mark the rows whose cells are not the same; two blanks are."""
    if is_number(then) and is_number(now):
        a, b = numbers(then)[rows[0]], numbers(now)[rows[1]]
        return np.asarray((a != b) & ~(np.isnan(a) & np.isnan(b)), dtype=bool)
    a, b = (
        labels(side).iloc[at].fillna("").to_numpy(dtype=object)
        for side, at in zip((then, now), rows, strict=True)
    )
    return np.asarray(a != b, dtype=bool)
