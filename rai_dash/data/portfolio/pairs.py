"""One pair of columns of a table that stays where it is: its picture and its measures over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.associations import ETA, PEARSON, PHI_K, SPEARMAN
from rai_dash.data.groups import display_order
from rai_dash.data.labels import label_codes
from rai_dash.data.pairs import (
    BOX,
    MOST_BOXES,
    MOST_ROWS,
    MOST_SHARES,
    OUTER,
    Boxes,
    Density,
    Measured,
    Mosaic,
    by_size,
    edges_of_grid,
    folding,
    measures,
    of_any_kind,
    of_categories,
    picture,
)
from rai_dash.data.portfolio.answers import Answer
from rai_dash.data.portfolio.associations import found_of, guide_of, sides_of, tables_of
from rai_dash.data.portfolio.levels import require_column
from rai_dash.data.portfolio.order import quantiles_by
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Bin, Blank, Factor, Tally, Value

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def picture_of(dataset: Dataset, first: str, second: str) -> Density | Boxes | Mosaic | None:
    """Summarise a pair over all rows by the kinds of its columns; see `rai_dash.data.pairs.picture`.

    Raises
    ------
    MissingColumn
        When the table lacks one.
    InvalidChoice
        When a column of text has too many different values to be counted.
    """
    portfolio = dataset.portfolio
    if portfolio is None:
        return picture(dataset.frame, first, second)
    kinds = [require_column(portfolio, c).is_number for c in (first, second)]
    if all(kinds):
        return _density(dataset, portfolio, first, second)
    if any(kinds):
        value, by = (first, second) if kinds[0] else (second, first)
        return _boxes(dataset, portfolio, value, by)
    return _mosaic(portfolio, first, second)


def measures_of(dataset: Dataset, first: str, second: str) -> tuple[Measured, ...]:
    """Return every measure that fits the kinds of a pair over all rows; see `rai_dash.data.pairs.measures`.

    Raises
    ------
    MissingColumn
        When the table lacks one.
    InvalidChoice
        When a column of text has too many different values to be counted.
    """
    if dataset.portfolio is None:
        return measures(dataset.frame, first, second)
    pair, columns = [(0, 1)], (first, second)
    cut = sides_of(dataset, columns, PHI_K)
    counted = tables_of(cut, pair)[0, 1]
    if not cut.numbers:
        return (*of_categories(counted), *of_any_kind(counted))
    names = (PEARSON, SPEARMAN) if len(cut.numbers) == len(columns) else (ETA,)
    own = [found_of(sides_of(dataset, columns, name), name, pair)[0, 1] for name in names]
    return (*(Measured(name, value, n) for value, n, name in own), *of_any_kind(counted))


@dataclass(frozen=True, slots=True)
class _Known:
    """Whether a column has a value: category 0 has."""

    column: str

    @property
    def key(self) -> Blank:
        """What to ask the engine for."""
        return Blank(column=self.column)

    def codes(self, answer: Answer, i: int) -> NDArray[np.int32]:
        """Return the category of each combination."""
        return answer.codes(i, 1).astype(np.int32)


def _density(dataset: Dataset, portfolio: Portfolio, across: str, up: str) -> Density | None:
    blank = portfolio.tally(Tally(keys=(Blank(column=across), Blank(column=up))))
    n = int(blank.n[(blank.codes(0, 1) == 0) & (blank.codes(1, 1) == 0)].sum())
    if n == 0:
        return None
    edges = []
    for column, other in ((across, up), (up, across)):
        at = (*OUTER, 0.0, 1.0)
        found = quantiles_by(
            portfolio, column, at, by=_Known(other), sizes={0: n}, guide=guide_of(dataset, column)
        )[0]
        edges.append(edges_of_grid(found[:2], (float(found[2]), float(found[3]))))
    keys = [Bin(column=c, edges=tuple(e[1:-1].tolist())) for c, e in zip((across, up), edges, strict=True)]
    answer = portfolio.tally(Tally(keys=tuple(keys)))
    counts = np.zeros((edges[0].size - 1, edges[1].size - 1), np.int64)
    at_x, at_y = answer.codes(0, -1), answer.codes(1, -1)
    known = (at_x >= 0) & (at_y >= 0)
    np.add.at(counts, (at_x[known], at_y[known]), answer.n[known])
    return Density(edges[0], edges[1], counts)


@dataclass(frozen=True, slots=True)
class _Named:
    """The labels of a column, in the order in which they appear."""

    column: str
    names: tuple[str, ...]

    @property
    def key(self) -> Value:
        """What to ask the engine for."""
        return Value(column=self.column)

    def codes(self, answer: Answer, i: int) -> NDArray[np.int32]:
        """Return the label of each combination; one more than all for a blank."""
        del i
        codes, names = label_codes(answer.values()[self.column])
        place = {name: k for k, name in enumerate(self.names)}
        lookup = np.array([*(place[n] for n in names), len(self.names)], np.int32)
        return lookup[codes]


def labels_in(portfolio: Portfolio, column: str) -> _Named:
    """Name the labels of a column: those of the first rows as they appear there, then the others in order."""
    names = label_codes(portfolio.tally(Tally(keys=(Value(column=column),))).values()[column])[1]
    return _Named(column, appearing(portfolio, column, names))


def appearing(portfolio: Portfolio, column: str, names: Sequence[str]) -> tuple[str, ...]:
    """Put the labels of a column in order: those of the first rows as they appear there, then the others."""
    first = label_codes(portfolio.first_rows((column,))[column])[1]
    seen = [n for n in first if n in set(names)]
    return (*seen, *display_order([n for n in names if n not in set(seen)]))


def _boxes(dataset: Dataset, portfolio: Portfolio, value: str, by: str) -> Boxes | None:
    labels = labels_in(portfolio, by)
    answer = portfolio.tally(Tally(keys=(labels.key,), sums=((Factor(column=value, power=0),),)))
    sizes = np.zeros(len(labels.names) + 1, np.int64)
    np.add.at(sizes, labels.codes(answer, 0), answer.used(0))
    order = by_size(sizes[:-1])
    if not order:
        return None
    shown = order[:MOST_BOXES]
    wanted = {i: int(sizes[i]) for i in shown}
    found = quantiles_by(portfolio, value, BOX, by=labels, sizes=wanted, guide=guide_of(dataset, value))
    names = tuple(labels.names[i] for i in shown)
    return Boxes(names, np.array([found[i] for i in shown]), tuple(wanted.values()), len(order) - len(shown))


def _mosaic(portfolio: Portfolio, first: str, second: str) -> Mosaic:
    both = [labels_in(portfolio, c) for c in dict.fromkeys((first, second))]
    answer = portfolio.tally(Tally(keys=tuple(one.key for one in both)))
    sides = [
        _fold(one, answer, i, most)
        for i, (one, most) in enumerate(zip((both[0], both[-1]), (MOST_ROWS, MOST_SHARES), strict=True))
    ]
    counts = np.zeros(tuple(len(shown) for _, shown in sides), np.int64)
    np.add.at(counts, tuple(codes for codes, _ in sides), answer.n)
    return Mosaic(sides[0][1], sides[1][1], counts)


def _fold(labels: _Named, answer: Answer, i: int, most: int) -> tuple[IntArray, tuple[str, ...]]:
    """Return the place of each combination in the mosaic, and the names of the places."""
    codes = labels.codes(answer, i)
    sizes = np.zeros(len(labels.names) + 1, np.int64)
    np.add.at(sizes, codes, answer.n)
    lookup, shown = folding(sizes, labels.names, most)
    return lookup[codes], shown
