"""Groups of people: a column, or a cross of columns, as integer codes with names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP
from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.data.labels import label_codes, label_text

#: A column of numbers with more distinct values than this is cut into bins, never one group a value.
MAX_CODES: Final = 20
#: Cells of a cross that can be counted and shown; beyond it the counts alone would fill the memory.
MAX_CROSS: Final = 5_000
CROSS_SIGN: Final = " × "


@dataclass(frozen=True, slots=True)
class GroupIndex:
    """Which group each row belongs to.

    Parameters
    ----------
    column : str
        Name of the column, or ``"A × B"``.
    groups : tuple of str
        Names in display order; a group may be empty.
    codes : int32 (n,)
        Position in ``groups``; every row has a group.
    """

    column: str
    groups: tuple[str, ...]
    codes: NDArray[np.int32]

    @property
    def n_groups(self) -> int:
        """Number of groups, empty ones included."""
        return len(self.groups)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Rows a group, int64 (groups,)."""
        return np.bincount(self.codes, minlength=len(self.groups))


def check_edges(column: str, edges: Sequence[float]) -> tuple[float, ...]:
    """Return the inner edges of the bins of a column as floats.

    Raises
    ------
    InvalidRoles
        When there is none, or they are not finite and increasing.
    """
    out = tuple(float(e) for e in edges)
    rising = all(a < b for a, b in pairwise(out))
    if not out or not rising or not all(math.isfinite(e) for e in out):
        given = ", ".join(label_text(e) for e in out) or "none"
        msg = tr(
            "The edges of `{column}` must be numbers that increase, got {given}. Write them like 25, 35, 50, "
            "65.",
            column=column,
            given=given,
        )
        raise InvalidRoles(msg)
    return out


def bin_labels(edges: Sequence[float]) -> tuple[str, ...]:
    """Name the bins of some inner edges: ``[-inf, 25)``, ``[25, 35)``, ``[35, inf)``."""
    ends = ["-inf", *(label_text(float(e)) for e in edges), "inf"]
    return tuple(f"[{a}, {b})" for a, b in pairwise(ends))


def quantile_edges(values: NDArray[np.float64], bins: int) -> tuple[float, ...]:
    """Find the inner edges that cut a column into bins of about equal size.

    Parameters
    ----------
    values : float64 (n,)
        NaN = blank, left out.
    bins : int
        At least 2; fewer come back where values repeat.

    Returns
    -------
    tuple of float
        Increasing; every bin ``[a, b)`` holds a row. Empty where all values are one.
    """
    known = values[np.isfinite(values)]
    if known.size == 0:
        return ()
    edges = np.unique(np.quantile(known, np.arange(1, bins) / bins))
    return tuple(float(e) for e in edges[edges > known.min()])


def width_edges(values: NDArray[np.float64], bins: int) -> tuple[float, ...]:
    """Find the inner edges that cut the range of a column into bins of equal width; as ``quantile_edges``."""
    known = values[np.isfinite(values)]
    if known.size == 0 or known.min() == known.max():
        return ()
    edges = np.unique(np.linspace(known.min(), known.max(), bins + 1)[1:-1])
    return tuple(float(e) for e in edges)


def default_edges(values: NDArray[np.float64]) -> tuple[float, ...] | None:
    """Choose edges for a column of numbers: quarters where it has many values, None where it has few."""
    known = np.unique(values[np.isfinite(values)])
    if known.size <= MAX_CODES:
        return None
    # Where most rows have the lowest value all quarters start there: that value against the rest.
    return quantile_edges(values, 4) or (float(known[1]),)


def _binned(series: pd.Series, column: str, edges: Sequence[float]) -> GroupIndex:
    if not is_number(series):
        msg = tr(
            "`{column}` holds text and cannot be cut into bins. Remove its edges, or choose a column of "
            "numbers.",
            column=column,
        )
        raise InvalidRoles(msg)
    inner = check_edges(column, edges)
    values = numbers(series)
    # side="right": a value on an edge belongs to the bin that starts there.
    codes = np.searchsorted(np.asarray(inner), values, side="right").astype(np.int32)
    names = bin_labels(inner)
    blank = np.isnan(values)
    if blank.any():
        codes[blank] = len(names)
        names = (*names, MISSING_GROUP)
    return GroupIndex(column, names, codes)


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def display_order(names: Sequence[str]) -> list[str]:
    """Sort labels: by value where all are numbers, else by alphabet."""
    if all(_is_float(n) for n in names):
        return sorted(names, key=lambda n: (float(n), n))
    return sorted(names, key=lambda n: (n.casefold(), n))


def _labelled(series: pd.Series, column: str) -> GroupIndex:
    codes, names = label_codes(series)
    order = display_order([n for n in names if n != MISSING_GROUP])
    if (codes < 0).any() or MISSING_GROUP in names:
        order.append(MISSING_GROUP)
    place = {name: i for i, name in enumerate(order)}
    lookup = np.array([place[n] for n in names] + [len(order) - 1], dtype=np.int32)
    return GroupIndex(column, tuple(order), lookup[codes])


def group_index(frame: pd.DataFrame, column: str, *, bins: Sequence[float] | None = None) -> GroupIndex:
    """Divide the rows by one column.

    Parameters
    ----------
    frame : DataFrame (n, ...)
        The table.
    column : str
        Its column.
    bins : sequence of float, optional
        Inner edges for a column of numbers: groups ``[-inf, e1)``, ``[e1, e2)``, …, ``[ek, inf)``. When
        omitted, a column of numbers with more than ``MAX_CODES`` values is cut into quarters.

    Returns
    -------
    GroupIndex
        Bins in order (empty ones too); labels by value where all are numbers, else by alphabet;
        blanks are the group ``(missing)``, last.

    Raises
    ------
    MissingColumn
        When the table has no such column.
    InvalidRoles
        When the edges do not increase or the column holds text.
    """
    require_columns(frame, [column])
    series = frame[column]
    edges = bins
    if edges is None and is_number(series):
        edges = default_edges(numbers(series))
    return _labelled(series, column) if edges is None else _binned(series, column, edges)


def _cross_two(a: GroupIndex, b: GroupIndex) -> GroupIndex:
    if a.n_groups * b.n_groups > MAX_CROSS:
        msg = tr(
            "`{column}{cross_sign}{b_column}` has {n_groups} cells, at most {max_cross} are shown. "
            "Choose fewer columns, or bins.",
            column=a.column,
            cross_sign=CROSS_SIGN,
            b_column=b.column,
            n_groups=f"{a.n_groups * b.n_groups:,}",
            max_cross=f"{MAX_CROSS:,}",
        )
        raise InvalidChoice(msg)
    names = tuple(f"{x}{CROSS_SIGN}{y}" for x in a.groups for y in b.groups)
    codes = a.codes * np.int32(b.n_groups) + b.codes
    return GroupIndex(f"{a.column}{CROSS_SIGN}{b.column}", names, codes.astype(np.int32))


def _in_brackets(index: GroupIndex) -> GroupIndex:
    """Put names that hold the sign of a cross in brackets: `p × q` with `r` is not `p` with `q × r`."""

    def name(text: str) -> str:
        return f"({text})" if CROSS_SIGN in text else text

    return GroupIndex(name(index.column), tuple(map(name, index.groups)), index.codes)


def cross(first: GroupIndex, *others: GroupIndex) -> GroupIndex:
    """Cross several divisions of the same rows.

    Returns
    -------
    GroupIndex
        Column ``"A × B"``, groups ``"a × b"``: every cell of the cross, empty ones too, the first
        column varying slowest.

    Raises
    ------
    InvalidChoice
        When there would be more than ``MAX_CROSS`` cells.
    """
    if not others:
        return first
    return reduce(_cross_two, map(_in_brackets, others), _in_brackets(first))
