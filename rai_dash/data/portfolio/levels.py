"""The groups of a column that stays where it is: the same names, in the same order, as of a table in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP
from rai_dash.data.columns import require_names
from rai_dash.data.groups import CROSS_SIGN, MAX_CODES, MAX_CROSS, bin_labels, check_edges, display_order
from rai_dash.data.labels import MAX_EXACT, label_codes
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.order import Distinct, distinct_numbers, quantiles
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Key, Tally, Value

Codes = NDArray[np.int32]
#: A column with more different values than this makes no groups.
MOST_VALUES = 100_000


@dataclass(frozen=True, slots=True)
class Levels:
    """How one column divides the rows.

    Parameters
    ----------
    column : str
        Its name.
    groups : tuple of str
        In display order; blanks are ``(missing)``, last.
    key : Key
        What to ask the engine for.
    edges : tuple of float or None
        Inner edges of a column of numbers that is cut into bins.
    """

    column: str
    groups: tuple[str, ...]
    key: Key
    edges: tuple[float, ...] | None = None

    def codes(self, answer: Answer, i: int) -> Codes:
        """Return the group of each combination of an answer whose key ``i`` is this column, int32 (c,)."""
        if self.edges is not None:
            return answer.codes(i, len(self.edges) + 1).astype(np.int32)
        return self.codes_of(answer.values()[self.column])

    def codes_of(self, series: pd.Series) -> Codes:
        """Return the group of each cell of a column, int32 (n,)."""
        raw, names = label_codes(series)
        place = {name: i for i, name in enumerate(self.groups)}
        lookup = np.array([place.get(n, -1) for n in names] + [place.get(MISSING_GROUP, -1)], np.int32)
        return lookup[raw]


def levels_of(portfolio: Portfolio, column: str, bins: Sequence[float] | None = None) -> Levels:
    """Divide the rows by one column; the same groups as `rai_dash.data.groups.group_index` of all rows.

    Raises
    ------
    MissingColumn, InvalidRoles
        When there is no such column, the edges do not increase, or the column holds text.
    InvalidChoice
        When a column of text has more than ``MOST_VALUES`` different values.
    """
    kind = require_column(portfolio, column)
    if bins is not None:
        if not kind.is_number:
            msg = tr(
                "`{column}` holds text and cannot be cut into bins. Remove its edges, or choose a column of "
                "numbers.",
                column=column,
            )
            raise InvalidRoles(msg)
        return _binned(portfolio, column, check_edges(column, bins))
    if kind.is_number:
        edges = default_edges(portfolio, column)
        if edges is not None:
            return _binned(portfolio, column, edges)
    return _labelled(portfolio, column)


def require_column(portfolio: Portfolio, column: str) -> Kind:
    """Return the kind of a column.

    Raises
    ------
    MissingColumn
        When there is none of that name.
    """
    require_names(portfolio.columns, [column])
    kind = portfolio.kinds[column]
    return Kind.TEXT if kind is Kind.WHOLE and _is_id(portfolio, column) else kind


def _is_id(portfolio: Portfolio, column: str) -> bool:
    """Whether some whole number is too long for a double: the data door keeps such a column as text."""
    edges = (float(np.nextafter(-MAX_EXACT, np.inf)), float(MAX_EXACT))
    codes = portfolio.tally(Tally(keys=(Bin(column=column, edges=edges),))).codes(0, 1)
    return bool((codes != 1).any())


def default_edges(portfolio: Portfolio, column: str, bins: int = 4) -> tuple[float, ...] | None:
    """Cut a column of numbers into bins of about equal size where it has many values; None where it has few."""
    found = distinct_numbers(portfolio, column)
    if found is not None and found.values.size <= MAX_CODES:
        return None
    lowest = found.values[0] if found is not None else quantiles(portfolio, column, (0.0,))[0]
    edges = np.unique(quantiles(portfolio, column, (np.arange(1, bins) / bins).tolist()))
    inner = tuple(float(e) for e in edges[edges > lowest])
    return inner or (_second(portfolio, column, found, float(lowest)),)


def _second(portfolio: Portfolio, column: str, found: Distinct | None, lowest: float) -> float:
    """Return the second smallest number of a column most of whose rows have the smallest."""
    if found is not None:
        return float(found.values[1])
    from rai_dash.data.portfolio.questions import Within

    above = Within(column=column, low=float(np.nextafter(lowest, np.inf)))
    rest = portfolio.tally(Tally(keys=(Bin(column=column, edges=(lowest,)),), where=(above,)))
    n = int(rest.n.sum())
    total = int(portfolio.tally(Tally(keys=(Bin(column=column, edges=(0.0,)),))).n.sum())
    return float(quantiles(portfolio, column, ((total - n) / max(total - 1, 1),))[0])


def _binned(portfolio: Portfolio, column: str, edges: tuple[float, ...]) -> Levels:
    key = Bin(column=column, edges=edges)
    has_blank = bool((portfolio.tally(Tally(keys=(key,))).codes(0, -1) < 0).any())
    names = bin_labels(edges)
    return Levels(column, (*names, MISSING_GROUP) if has_blank else names, key, edges)


def _labelled(portfolio: Portfolio, column: str) -> Levels:
    key = Value(column=column)
    found = portfolio.tally(Tally(keys=(key,), most=MOST_VALUES)).values()[column]
    codes, names = label_codes(found)
    order = display_order([n for n in names if n != MISSING_GROUP])
    if (codes < 0).any() or MISSING_GROUP in names:
        order.append(MISSING_GROUP)
    return Levels(column, tuple(order), key)


@dataclass(frozen=True, slots=True)
class Cross:
    """How several columns divide the rows together; one column is a cross of one.

    Parameters
    ----------
    column : str
        ``"A × B"``.
    groups : tuple of str
        Every cell, empty ones too, the first column varying slowest.
    parts : tuple of Levels
        The columns.
    """

    column: str
    groups: tuple[str, ...]
    parts: tuple[Levels, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        """What to ask the engine for."""
        return tuple(part.key for part in self.parts)

    def codes(self, answer: Answer, first: int = 0) -> Codes:
        """Return the cell of each combination of an answer whose keys from ``first`` on are these columns."""
        found = np.zeros(answer.table.num_rows, np.int32)
        for i, part in enumerate(self.parts):
            found = found * np.int32(len(part.groups)) + part.codes(answer, first + i)
        return found

    def codes_of(self, frame: pd.DataFrame) -> Codes:
        """Return the cell of each row of a table, int32 (n,)."""
        found = np.zeros(len(frame), np.int32)
        for part in self.parts:
            found = found * np.int32(len(part.groups)) + _codes_in(part, frame[part.column])
        return found


def _codes_in(part: Levels, series: pd.Series) -> Codes:
    if part.edges is None:
        return part.codes_of(series)
    values = series.to_numpy(np.float64, na_value=np.nan)
    codes = np.searchsorted(np.asarray(part.edges), values, side="right").astype(np.int32)
    codes[~np.isfinite(values)] = len(part.edges) + 1
    return codes


def cross_of(parts: Sequence[Levels]) -> Cross:
    """Cross several columns, with names as `rai_dash.data.groups.cross` gives them.

    Raises
    ------
    InvalidChoice
        When there would be more than ``MAX_CROSS`` cells.
    """
    if len(parts) == 1:
        return Cross(parts[0].column, parts[0].groups, tuple(parts))
    cells = int(np.prod([len(p.groups) for p in parts]))
    if cells > MAX_CROSS:
        sizes = CROSS_SIGN.join(p.column for p in parts)
        msg = tr(
            "`{sizes}` has {cells} cells, at most {max_cross} are shown. Choose fewer columns, or bins.",
            sizes=sizes,
            cells=f"{cells:,}",
            max_cross=f"{MAX_CROSS:,}",
        )
        raise InvalidChoice(msg)
    column = CROSS_SIGN.join(_in_brackets(p.column) for p in parts)
    names = tuple(
        CROSS_SIGN.join(cell) for cell in product(*([_in_brackets(g) for g in p.groups] for p in parts))
    )
    return Cross(column, names, tuple(parts))


def _in_brackets(name: str) -> str:
    return f"({name})" if CROSS_SIGN in name else name
