"""Hide numbers of few people in a table about groups, so that they cannot be found by subtraction either.

What is hidden, in a table with one or more lines a group:

1. **Few people.** A group of 1 to ``fewest`` - 1 people, or with a line about so few, loses all its numbers, its size
   too.
2. **Few people in a cell.** A share is a numerator, what is left of the denominator, and the denominator. Where one of
   them is between 1 and ``fewest`` - 1 people, the group keeps its size and loses everything else: its other shares
   would give the hidden one away (approved less rightly approved is wrongly approved). Where the lines of a group
   have nothing to do with each other (``linked=False``), only that line is lost.
3. **Subtraction.** Totals are on the page: those of everyone and, for crossed columns, those of each column. So in
   every row and column of a cross, and over all groups, either nothing is hidden or at least two groups are,
   and what they add up to is not a number of 1 to ``fewest`` - 1 people. The smallest of the others are hidden
   with them until that holds. The reason reads the same for all: it would else tell which of them is the small one.

A count of 0 is shown: that nobody of a group was approved is what an audit is there to say.

Limits: two downloads (another threshold, other bins, other rows) can be subtracted from each other; tables of the same
groups at the same threshold are kept from it by ``also``. Bounds that follow
from several margins at once are not searched. Sums of weights are held to the same limit as if each counted people.
Shares are protected only where the table has their counts.

The rule against small cells and what can be derived from them follows the practice of statistical offices:
Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley, chapter 4 (primary and secondary suppression).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import MissingColumn
from rai_dash.core.texts import tr
from rai_dash.data.groups import CROSS_SIGN

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Positions = NDArray[np.intp]
SUPPRESSED = "suppressed"
#: Sums of weights that differ from a whole number by rounding alone.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTable:
    """Where a table about groups keeps its people.

    Parameters
    ----------
    people : str
        Column with the number of people that the line rests on: of the group, or of a part of it.
    by : tuple of str
        Columns that name the group. One column with names like ``"a × b"`` is taken for a cross.
    line : tuple of str
        Columns that tell the lines of one group apart, as far as the table has them.
    shares : tuple of (str, str)
        Columns of a count and of what it is a share of, as far as the table has both.
    linked : bool
        Whether lines of one group could be derived from each other.
    also : frozenset of tuple of str
        Groups that lose their lines in any case: those that another table of the same people hides (`hidden_groups`),
        from which this one could be subtracted.
    """

    people: str = "rows"
    by: tuple[str, ...] = ("group",)
    line: tuple[str, ...] = ("method", "metric", "figure", "column", "from")
    shares: tuple[tuple[str, str], ...] = (("numerator", "denominator"),)
    linked: bool = True
    also: frozenset[tuple[str, ...]] = frozenset()


def reason(fewest: int) -> str:
    """Say in the column ``suppressed`` why a line is blank."""
    return tr("fewer than {fewest} people, or needed to hide such a number", fewest=fewest)


def suppress(
    frame: pd.DataFrame, table: GroupTable | None = None, *, fewest: int
) -> tuple[pd.DataFrame, str]:
    """Hide numbers that rest on few people, see the top of this file.

    Parameters
    ----------
    frame : DataFrame
        One or more lines a group.
    table : GroupTable, optional
        Where it keeps its people; the tables of metrics by group when omitted.
    fewest : int
        Fewest people of a number that is shown; 0 = everything is shown.

    Returns
    -------
    frame : DataFrame
        The same lines with a column ``suppressed`` (why, or empty). A hidden line keeps its names.
    note : str
        What was hidden, in one sentence; empty where nothing was.

    Raises
    ------
    MissingColumn
        The table lacks the column of people or of groups.
    """
    if fewest <= 0:
        return frame, ""
    chosen = table or GroupTable()
    _require(frame, (chosen.people, *chosen.by))
    if frame.empty:
        return frame.assign(**{SUPPRESSED: ""}), ""
    hidden_sizes, hidden_lines = _hidden(frame, chosen, fewest)
    out = _blanked(frame, chosen, hidden_sizes, hidden_lines)
    out[SUPPRESSED] = np.where(hidden_lines, reason(fewest), "")
    count = int(hidden_lines.sum())
    if not count:
        return out, ""
    verb = tr("line is") if count == 1 else tr("lines are")
    note = tr(
        "{count} of {frame} {verb} blank: {reason}.",
        count=f"{count:,}",
        frame=f"{len(frame):,}",
        verb=verb,
        reason=reason(fewest),
    )
    return out, note


def hidden_groups(
    frame: pd.DataFrame, table: GroupTable | None = None, *, fewest: int
) -> frozenset[tuple[str, ...]]:
    """Return the groups that lose lines in a table, for ``also`` of further tables of the same groups.

    Parameters
    ----------
    frame, table, fewest
        As of `suppress`.
    """
    if fewest <= 0 or frame.empty:
        return frozenset()
    chosen = table or GroupTable()
    _require(frame, (chosen.people, *chosen.by))
    lines = frame[_hidden(frame, chosen, fewest)[1]]
    return frozenset(lines[list(chosen.by)].astype(str).itertuples(index=False, name=None))


def _require(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        msg = tr(
            "The table to be downloaded has no column `{missing}`, so small numbers cannot be hidden in "
            "it. Name its column of people.",
            missing=missing[0],
        )
        raise MissingColumn(msg)


def _hidden(frame: pd.DataFrame, table: GroupTable, fewest: int) -> tuple[BoolArray, BoolArray]:
    """Decide which lines lose the size of the group, and which their other numbers, bool (lines,) twice."""
    names = list(frame[list(table.by)].itertuples(index=False, name=None))
    group, unique = pd.factorize(pd.Index(names, tupleize_cols=False))
    people = pd.to_numeric(frame[table.people], errors="coerce").fillna(0.0).to_numpy(np.float64)
    sizes = np.zeros(len(unique))
    np.maximum.at(sizes, group, people)
    margins = _margins([_parts(name) for name in unique])
    kinds = _kinds(frame, table)
    few = np.zeros(sizes.size, dtype=bool)
    few[group[is_small(people, fewest)]] = True
    few = _protected(few, _amounts(people[:, None], kinds, group, sizes.size), sizes, margins, fewest)
    cells = _cells(frame, table)
    told_elsewhere = np.array([tuple(map(str, name)) in table.also for name in unique], dtype=bool)
    lines = np.zeros(len(frame), dtype=bool)
    for at in [np.arange(len(frame))] if table.linked else _by_kind(kinds):
        small = few | told_elsewhere
        small[group[at][is_small(cells[at], fewest).any(axis=1)]] = True
        amounts = _amounts(cells[at], kinds[at] if table.linked else kinds[at] * 0, group[at], sizes.size)
        lines[at] = _protected(small, amounts, sizes, margins, fewest)[group[at]]
    return few[group], lines


def _kinds(frame: pd.DataFrame, table: GroupTable) -> Positions:
    """Give each line the number of its kind, int (lines,)."""
    present = [c for c in table.line if c in frame.columns]
    if not present:
        return np.zeros(len(frame), dtype=np.intp)
    return np.asarray(frame.groupby(present, sort=False, dropna=False).ngroup(), dtype=np.intp)


def _by_kind(kinds: Positions) -> list[Positions]:
    """Split the lines by kind."""
    order = np.argsort(kinds, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(kinds[order])) + 1)


def _cells(frame: pd.DataFrame, table: GroupTable) -> FloatArray:
    """Return the counts that each line gives away, float64 (lines, cells); no count = 0."""
    found: list[FloatArray] = []
    for part, whole in table.shares:
        if part in frame.columns and whole in frame.columns:
            k, n = (
                pd.to_numeric(frame[c], errors="coerce").fillna(0.0).to_numpy(np.float64)
                for c in (part, whole)
            )
            found += [k, n - k, n]
    return np.column_stack(found) if found else np.zeros((len(frame), 0))


def is_small(amounts: FloatArray, fewest: int) -> BoolArray:
    """Whether amounts of people are few, but not none, bool of the same shape."""
    small: BoolArray = (amounts > _ROUNDING) & (amounts < fewest - _ROUNDING)
    return small


def _amounts(cells: FloatArray, kind: Positions, group: Positions, n_groups: int) -> FloatArray:
    """Arrange the counts by kind of line and cell, float64 (kinds x cells, groups)."""
    out = np.zeros((int(kind.max()) + 1, cells.shape[1], n_groups))
    for c in range(cells.shape[1]):
        # Lines are told apart by kind and group; where the table cannot tell, they are one number said twice.
        np.maximum.at(out[:, c, :], (kind, group), cells[:, c])
    return out.reshape(-1, n_groups)


def _parts(name: tuple[object, ...]) -> tuple[str, ...]:
    """Split the name of a cell of a cross into the groups of its columns."""
    return tuple(part for column in name for part in str(column).split(CROSS_SIGN))


def _margins(parts: Sequence[tuple[str, ...]]) -> list[Positions]:
    """List the sets of groups whose totals are known: all, and those that share some of the crossed columns."""
    found: dict[Hashable, list[int]] = {}
    for i, name in enumerate(parts):
        places = range(len(name))
        for size in range(len(name)):
            for kept in combinations(places, size):
                found.setdefault((kept, tuple(name[p] for p in kept)), []).append(i)
    return [np.array(members, dtype=np.intp) for members in found.values()]


def _protected(
    small: BoolArray, amounts: FloatArray, sizes: FloatArray, margins: Sequence[Positions], fewest: int
) -> BoolArray:
    """Hide further groups until no known total gives a hidden number away, bool (groups,)."""
    hidden = small.copy()
    before = -1
    while before != int(hidden.sum()):
        before = int(hidden.sum())
        for members in margins:
            filled = members[sizes[members] > 0]
            shown = filled[~hidden[filled]]
            queue = list(shown[np.argsort(sizes[shown], kind="stable")])
            while queue and _is_exposed(filled[hidden[filled]], amounts, fewest):
                hidden[queue.pop(0)] = True
    return hidden


def _is_exposed(hidden: Positions, amounts: FloatArray, fewest: int) -> bool:
    """Whether a total less what is shown gives one hidden group, or few people, away."""
    if hidden.size == 0:
        return False
    return hidden.size == 1 or bool(is_small(amounts[:, hidden].sum(axis=1), fewest).any())


def _blanked(
    frame: pd.DataFrame, table: GroupTable, hidden_sizes: BoolArray, hidden_lines: BoolArray
) -> pd.DataFrame:
    """Empty the hidden cells; whole numbers stay whole."""
    out = frame.copy()
    for column in frame.columns:
        if column in {*table.by, *table.line}:
            continue
        hidden = hidden_sizes if column == table.people else hidden_lines
        if hidden.any():
            out[column] = _emptied(frame[column], hidden)
    return out


def _emptied(column: pd.Series, hidden: BoolArray) -> pd.Series:
    if pd.api.types.is_integer_dtype(column):
        return column.astype("Int64").mask(hidden)
    if pd.api.types.is_float_dtype(column):
        return column.mask(hidden)
    return column.astype(object).where(~hidden, None)
