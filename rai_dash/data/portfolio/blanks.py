"""Blank cells of a table that stays where it is, in all and by group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.blanks import Blanks, blanks_of_counts
from rai_dash.data.labels import label_codes
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.ingest import Kind
from rai_dash.data.portfolio.levels import Cross, cross_of, levels_of, require_column
from rai_dash.data.portfolio.order import FEW_VALUES
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Blank, Factor, Key, Tally, Value
from rai_dash.data.portfolio.whole import Whole

IntArray = NDArray[np.int64]
#: Most combinations of the keys of one question, for each group.
_TOGETHER: Final = 64
#: Text with at most so many different values is asked for by value: engines look at a text for letters slowly.
_FEW: Final = 32


@dataclass(frozen=True, slots=True)
class _Asked:
    """Columns whose blanks one question tells: numbers by a count of what is known, others by a key each."""

    numbers: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()

    @property
    def sums(self) -> tuple[tuple[Factor, ...], ...]:
        """What to count the known numbers by."""
        return tuple((Factor(column=c, power=0),) for c in self.numbers)

    def rows(self, answer: Answer, first: int = 0) -> Iterator[tuple[str, IntArray]]:
        """Return the blank cells of each column by combination, int64 (c,), whose keys stand from ``first`` on."""
        for i, column in enumerate(self.numbers):
            yield column, answer.n - answer.used(i)
        for i, key in enumerate(self.keys, start=first):
            if isinstance(key, Blank):
                is_blank = answer.codes(i, 0) == 1
            else:
                is_blank = label_codes(answer.values()[key.column])[0] < 0
            yield key.column, answer.n * is_blank


def blank_cells(portfolio: Portfolio, columns: Sequence[str]) -> dict[str, int]:
    """Count the blank cells of some columns over all rows.

    Raises
    ------
    MissingColumn
        When there is no such column.
    """
    found: dict[str, int] = {}
    for asked in _questions(portfolio, columns, together=1):
        answer = portfolio.tally(Tally(keys=asked.keys, sums=asked.sums, most=FEW_VALUES))
        found |= {column: int(rows.sum()) for column, rows in asked.rows(answer)}
    return {column: found[column] for column in columns}


def blanks_by(
    portfolio: Portfolio, columns: Sequence[str], by: str, edges: Sequence[float] | None, *, min_n: int = 30
) -> Blanks:
    """Count the blank cells of some columns by the groups of another, over all rows.

    As `rai_dash.data.blanks.blanks_by_group` of a table in memory.

    Parameters
    ----------
    edges : sequence of float or None
        Inner edges where ``by`` is a column of numbers that is cut.
    """
    cross = cross_of([levels_of(portfolio, by, edges)])
    sizes = np.zeros(len(cross.groups), np.int64)
    answer = portfolio.tally(Tally(keys=cross.keys))
    np.add.at(sizes, cross.codes(answer), answer.n)
    blank = np.zeros((len(columns), sizes.size), np.int64)
    for asked in _questions(portfolio, _with_blanks(portfolio, columns)):
        answer = portfolio.tally(Tally(keys=(*cross.keys, *asked.keys), sums=asked.sums))
        _add(blank, columns, asked, answer, cross)
    return blanks_of_counts(columns, cross.groups, blank, sizes, min_n=min_n)


def judged_blanks(whole: Whole, columns: Sequence[str], by: Sequence[str]) -> Blanks:
    """Count the blank cells of some columns by group, over the judged rows of a portfolio."""
    counts, cross = whole.counts(by), whole.cross(by)
    blank = np.zeros((len(columns), len(cross.groups)), np.int64)
    for asked in _questions(whole.portfolio, _with_blanks(whole.portfolio, columns)):
        answer = whole.ask(cross, asked.keys, asked.sums)
        _add(blank, columns, asked, answer, cross)
    return blanks_of_counts(columns, cross.groups, blank, counts.n.astype(np.int64))


def _with_blanks(portfolio: Portfolio, columns: Sequence[str]) -> list[str]:
    """Leave out what is blank nowhere: nothing has to be counted by group."""
    return [c for c, n in blank_cells(portfolio, columns).items() if n]


def _questions(portfolio: Portfolio, columns: Sequence[str], together: int = _TOGETHER) -> Iterator[_Asked]:
    """Put columns together in few questions, all numbers in the first."""
    for column in columns:
        if column not in portfolio.kinds:
            require_column(portfolio, column)
    keyed: list[Key] = []
    cells, numbers = 1, tuple(c for c in columns if portfolio.kinds[c].is_number)
    for column in [c for c in columns if c not in numbers]:
        key, values = key_of_blanks(portfolio, column)
        if (keyed or numbers) and cells * values > together:
            yield _Asked(numbers, tuple(keyed))
            numbers, keyed, cells = (), [], 1
        keyed.append(key)
        cells *= values
    if numbers or keyed:
        yield _Asked(numbers, tuple(keyed))


def key_of_blanks(portfolio: Portfolio, column: str) -> tuple[Key, int]:
    """Say what to ask for to see where a column is blank, and how many combinations that makes."""
    blank = Blank(column=column), 2
    is_text = portfolio.kinds[column] is Kind.TEXT
    if not is_text or portfolio.first_rows((column,))[column].nunique() > _FEW:
        return blank
    key = Value(column=column)
    try:
        rows = portfolio.tally(Tally(keys=(key,), most=FEW_VALUES)).table.num_rows
    except InvalidChoice as error:
        if error.code != "too_many_values":
            raise
        return blank
    return (key, rows) if rows <= 2 * _FEW else blank


def _add(blank: IntArray, columns: Sequence[str], asked: _Asked, answer: Answer, cross: Cross) -> None:
    """Add up the blanks of the columns of one question."""
    group = cross.codes(answer)
    for column, rows in asked.rows(answer, first=len(cross.parts)):
        np.add.at(blank[columns.index(column)], group, rows)
