"""What a changed applicant may not break: columns that stay, go one way, or go together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.columns import is_number
from rai_dash.explain._asking import known_block
from rai_dash.explain._players import players_of

IntArray = NDArray[np.int64]
#: A link is believed when so many rows would break it, were the two columns independent.
FEWEST_TELLING_ROWS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """Which changes are allowed.

    Parameters
    ----------
    immutable : tuple of str
        Columns that stay as they are.
    only_up, only_down : tuple of str
        Columns of numbers that may only rise, or only fall; one that is blank stays blank.
    linked : tuple of tuple of str or None
        Columns that move together, to combinations that the reference rows hold. None = find them with
        `linked_columns`; empty = none.
    """

    immutable: tuple[str, ...] = ()
    only_up: tuple[str, ...] = ()
    only_down: tuple[str, ...] = ()
    linked: tuple[tuple[str, ...], ...] | None = None

    def check(self, frame: pd.DataFrame) -> None:
        """Refuse constraints that do not fit a table.

        Raises
        ------
        InvalidChoice
            Naming the column: it is unknown, it has no direction, or it is linked twice.
        """
        names = [str(c) for c in frame.columns]
        known_block([*self.immutable, *self.only_up, *self.only_down], names)
        players_of(names, self.linked or ())
        for name in (*self.only_up, *self.only_down):
            if not is_number(frame[name]):
                msg = tr(
                    "`{name}` holds categories, which have no up or down. Let it change freely or keep it "
                    "fixed.",
                    name=name,
                )
                raise InvalidChoice(msg)
        if both := sorted(set(self.only_up) & set(self.only_down)):
            msg = tr(
                "`{both}` may only rise and only fall at once. Choose one, or keep it fixed.", both=both[0]
            )
            raise InvalidChoice(msg)


def linked_columns(frame: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Find columns of which one says the other: each value of the first comes with a single value of the second.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        Reference rows. A blank counts as a value.

    Returns
    -------
    tuple of tuple of str
        Sets of two or more columns in the order of the table; what is linked to either of two is in their set.

    Notes
    -----
    Columns of few repeated values (an id, an exact income) would "say" every other column by accident. A link counts
    only where at least `FEWEST_TELLING_ROWS` rows would be expected to break it if the two columns were independent:
    the rows beyond the first of each value, times the chance that two rows differ in the second column. Rows that
    repeat in every column tell nothing and count once, and a column with more values than half the rows says nothing.
    """
    once = frame.drop_duplicates()
    codes = {str(name): _codes(once[name]) for name in once.columns}
    varied = [name for name, (_, counts) in codes.items() if len(counts) > 1]
    set_of: dict[str, set[str]] = {name: {name} for name in varied}
    for a, b in combinations(varied, 2):
        if set_of[a] is not set_of[b] and (_says(codes[a], codes[b]) or _says(codes[b], codes[a])):
            joined = set_of[a] | set_of[b]
            set_of.update(dict.fromkeys(joined, joined))
    order = [str(name) for name in frame.columns]
    return tuple(tuple(sorted(s, key=order.index)) for s in _distinct(set_of.values()) if len(s) > 1)


def _distinct(sets: Iterable[set[str]]) -> Iterator[set[str]]:
    seen: set[int] = set()
    for one in sets:
        if id(one) not in seen:
            seen.add(id(one))
            yield one


def _codes(series: pd.Series) -> tuple[IntArray, IntArray]:
    """Give the values of a column numbers, and count each."""
    codes = pd.factorize(series, use_na_sentinel=False)[0].astype(np.int64)
    return codes, np.bincount(codes).astype(np.int64)


def _says(first: tuple[IntArray, IntArray], second: tuple[IntArray, IntArray]) -> bool:
    (a, a_counts), (b, b_counts) = first, second
    if len(a_counts) < len(b_counts) or 2 * len(a_counts) > len(a):
        return False
    differ = 1.0 - float(((b_counts / len(b)) ** 2).sum())
    if (len(a) - len(a_counts)) * differ < FEWEST_TELLING_ROWS:
        return False
    one_of = np.zeros(len(a_counts), dtype=np.int64)
    one_of[a] = b
    return bool((one_of[a] == b).all())


def levers_of(names: Sequence[str], linked: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return what can be changed in one go: a column, or a set of linked columns; in the order of the table."""
    of = players_of(names, linked).of
    return tuple(
        tuple(name for name, j in zip(names, of, strict=True) if j == lever)
        for lever in range(int(of.max(initial=-1)) + 1)
    )
