"""One matrix of associations for numbers and categories, each cell with its measure and its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.data.columns import require_columns
from rai_dash.data.linear import correlations
from rai_dash.data.measures import (
    FloatArray,
    Table,
    correlation_ratio,
    cramers_v,
    midranks,
    mutual_information,
    pearson,
    phi_k,
    spearman,
    table,
)
from rai_dash.data.pair_columns import Column, column_of

BY_KIND = "by kind"
PEARSON, SPEARMAN, CRAMER = "Pearson", "Spearman", "Cramér's V"
ETA, MUTUAL, PHI_K = "correlation ratio", "mutual information", "phi_k"
MEASURES = (BY_KIND, PEARSON, SPEARMAN, CRAMER, ETA, MUTUAL, PHI_K)
OF_TABLES = {CRAMER: cramers_v, MUTUAL: mutual_information, PHI_K: phi_k}

#: What a measure found for a pair: the value, the rows and the name of the measure.
Found = tuple[float, int, str]


@dataclass(frozen=True, slots=True)
class Partner:
    """Another column and how strongly it goes with this one."""

    name: str
    value: float
    measure: str
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class AssociationMatrix:
    """Associations of every pair of columns.

    Parameters
    ----------
    columns : tuple of str (k,)
        In the order asked for.
    value : float64 (k, k)
        Symmetric, diagonal 1; NaN = undefined (a column with a single value, the diagonal too; a pair
        whose kind the measure does not know).
    measure : tuple of tuple of str (k, k)
        Name of the measure of each cell; with the sizes of the table, row by column, where numbers were cut.
    n : int64 (k, k)
        Rows used: both known; all rows in tables, where a blank is a category too.
    """

    columns: tuple[str, ...]
    value: FloatArray
    measure: tuple[tuple[str, ...], ...]
    n: NDArray[np.int64]

    def partners(self, column: str, most: int) -> tuple[Partner, ...]:
        """Return the strongest partners of a column by absolute value; undefined ones are left out."""
        i = self.columns.index(column)
        found = [
            Partner(name, float(self.value[i, j]), self.measure[i][j], int(self.n[i, j]))
            for j, name in enumerate(self.columns)
            if j != i and not np.isnan(self.value[i, j])
        ]
        return tuple(sorted(found, key=lambda p: -abs(p.value))[:most])

    def only(self, columns: Sequence[str]) -> AssociationMatrix:
        """Return the matrix of some of the columns, in the order given."""
        at = [self.columns.index(c) for c in columns]
        return AssociationMatrix(
            tuple(columns),
            self.value[np.ix_(at, at)],
            tuple(tuple(self.measure[i][j] for j in at) for i in at),
            self.n[np.ix_(at, at)],
        )


def _by_kind(a: Column, b: Column) -> Found:
    if a.values is not None and b.values is not None:
        return _pearson(a, b)
    if a.values is None and b.values is None:
        return _tabled(CRAMER, a, b)
    return _ratio(a, b)


def _pearson(a: Column, b: Column) -> Found:
    if a.values is None or b.values is None:
        return np.nan, 0, PEARSON
    return *pearson(a.values, b.values), PEARSON


def _spearman(a: Column, b: Column) -> Found:
    if a.values is None or b.values is None:
        return np.nan, 0, SPEARMAN
    return *spearman(a.places, b.places), SPEARMAN


def _ratio(a: Column, b: Column) -> Found:
    if (a.values is None) == (b.values is None):
        return np.nan, 0, ETA
    category, number = (b, a) if b.values is None else (a, b)
    if number.values is None:
        return np.nan, 0, ETA
    return *correlation_ratio(category.codes, category.labels, number.values), ETA


def _tabled(kind: str, a: Column, b: Column) -> Found:
    return of_table(kind, table(a.codes, b.codes, (a.labels + 1, b.labels + 1)))


def of_table(kind: str, counted: Table) -> Found:
    """Compute a measure that needs the table of a pair only, one of ``OF_TABLES``."""
    return OF_TABLES[kind](counted), counted.n, kind


class Side(Protocol):
    """What the name of a measure says about a column: how many categories or bins, and which of the two."""

    @property
    def labels(self) -> int:
        """Categories or bins."""

    @property
    def cut(self) -> bool:
        """Whether they are bins of a number."""


def _named(kind: str, a: Side, b: Side) -> str:
    """Name a measure, with the sizes of the table in the order of the pair where a number was cut."""
    return f"{kind}, {_side(a)} × {_side(b)}" if a.cut or b.cut else kind


def _side(one: Side) -> str:
    return f"{one.labels} {'bins' if one.cut else 'values'}"


def _pair(wanted: str, a: Column, b: Column) -> Found:
    if wanted in OF_TABLES:
        return _tabled(wanted, a, b)
    return {BY_KIND: _by_kind, PEARSON: _pearson, SPEARMAN: _spearman, ETA: _ratio}[wanted](a, b)


def _columns(frame: pd.DataFrame, columns: Sequence[str], measure: str) -> list[Column]:
    require_columns(frame, columns)
    check_measure(measure)
    return [column_of(frame[c], places=measure == SPEARMAN, cut=measure in OF_TABLES) for c in columns]


def check_measure(measure: str) -> None:
    """Refuse a measure that is none.

    Raises
    ------
    ValueError
        Naming those there are.
    """
    if measure not in MEASURES:
        msg = f"There is no measure {measure!r}. Choose one of {', '.join(MEASURES)}."
        raise ValueError(msg)


def _at_once(measure: str, parts: Sequence[Column]) -> dict[tuple[int, int], Found]:
    """Compute the pairs of numbers that need no work by themselves: all at once is many times faster."""
    if measure not in (BY_KIND, PEARSON, SPEARMAN):
        return {}
    if measure == SPEARMAN:
        # A blank on one side would change the ranks of the other.
        whole = {i: midranks(p.places) for i, p in enumerate(parts) if p.values is not None and p.is_whole}
    else:
        whole = {i: p.values for i, p in enumerate(parts) if p.values is not None}
    value, n = correlations(list(whole.values()))
    kind = SPEARMAN if measure == SPEARMAN else PEARSON
    return {
        (i, j): (float(value[a, b]), int(n[a, b]), kind)
        for a, i in enumerate(whole)
        for b, j in enumerate(whole)
    }


def associations(frame: pd.DataFrame, columns: Sequence[str], measure: str = BY_KIND) -> AssociationMatrix:
    """Compute the association of every pair of columns.

    Parameters
    ----------
    frame : DataFrame (n, …)
        The table.
    columns : sequence of str (k,)
        Which of its columns.
    measure : str
        One of ``MEASURES``. By kind: numbers with numbers Pearson, categories with categories Cramér's V
        corrected for bias, mixed the correlation ratio. Pearson and Spearman know pairs of numbers only, the
        correlation ratio mixed pairs only; Cramér's V, normalised mutual information and phi_k know any pair,
        numbers with more than 20 values cut into bins, see `rai_dash.data.pair_columns.cut_codes`.

    Returns
    -------
    AssociationMatrix
        Undefined (NaN) where a column is constant or the measure does not know the kind of the pair.

    Raises
    ------
    MissingColumn
        When the table lacks one.
    ValueError
        When there is no such measure.
    """
    parts = _columns(frame, columns, measure)
    ready = _at_once(measure, parts)
    return matrix_of(columns, parts, lambda i, j: ready.get((i, j)) or _pair(measure, parts[i], parts[j]))


def matrix_of(
    columns: Sequence[str], parts: Sequence[Side], pair: Callable[[int, int], Found]
) -> AssociationMatrix:
    """Put a matrix together.

    Parameters
    ----------
    columns : sequence of str (k,)
        Their names.
    parts : sequence of Side (k,)
        What the names of the measures say about them.
    pair : callable
        Takes two positions, the second at most the first, and returns what was found.
    """
    k = len(parts)
    value, n = np.full((k, k), np.nan), np.zeros((k, k), dtype=np.int64)
    named = [["" for _ in range(k)] for _ in range(k)]
    for i in range(k):
        for j in range(i + 1):
            found, rows, kind = pair(i, j)
            value[i, j] = value[j, i] = 1.0 if i == j and not np.isnan(found) else found
            n[i, j] = n[j, i] = rows
            named[i][j] = _named(kind, parts[i], parts[j])
            named[j][i] = _named(kind, parts[j], parts[i])
    return AssociationMatrix(tuple(columns), value, tuple(map(tuple, named)), n)


def closest_columns(
    frame: pd.DataFrame, columns: Sequence[str], named: Sequence[str], most: int
) -> tuple[str, ...]:
    """Choose the columns that go most with any of the named ones, so that a wide table can be drawn.

    Parameters
    ----------
    frame : DataFrame (n, …)
        The table.
    columns : sequence of str
        Which of its columns.
    named : sequence of str
        Columns that are kept in any case: the target and the sensitive ones.
    most : int
        How many to choose.

    Returns
    -------
    tuple of str
        At most ``most``, in the order of ``columns``; by-kind measures decide.
    """
    if len(columns) <= most or not named:
        return tuple(columns[:most])
    fixed = [column_of(frame[c]) for c in named]

    def strength(name: str) -> list[float]:
        one = column_of(frame[name])
        return [_by_kind(one, other)[0] for other in fixed]

    return strongest(columns, named, most, strength)


def strongest(
    columns: Sequence[str], named: Sequence[str], most: int, strength: Callable[[str], Sequence[float]]
) -> tuple[str, ...]:
    """Choose the columns with the strongest association with any of the named ones; see `closest_columns`.

    Parameters
    ----------
    strength : callable
        Takes a column and returns its association with each of the named ones; NaN = undefined.
    """
    largest = {
        name: np.inf if name in named else max(np.nan_to_num(np.abs(strength(name)), nan=-1.0))
        for name in columns
    }
    chosen = set(sorted(columns, key=lambda c: -largest[c])[:most])
    return tuple(c for c in columns if c in chosen)
