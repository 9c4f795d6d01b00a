"""Associations of all rows of a table that stays where it is, from sums and pair tables; else of the rows in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.data.associations import (
    BY_KIND,
    CRAMER,
    ETA,
    OF_TABLES,
    PEARSON,
    SPEARMAN,
    AssociationMatrix,
    Found,
    associations,
    check_measure,
    closest_columns,
    matrix_of,
    of_table,
    strongest,
)
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.measures import Table, ratio_of_sums, spearman_of_counts, table_of_counts
from rai_dash.data.portfolio.coded import Coded, categories_of, cut_of, ranked_of
from rai_dash.data.portfolio.joint import Joint, blocks_of, joint_of, joints
from rai_dash.data.portfolio.levels import require_column
from rai_dash.data.portfolio.moments import LEAST_SPREAD, centres_of, correlations_of
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Blank, Factor, Tally, Value

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Pair = tuple[int, int]
#: A number with more different values by category than this is not constant.
_MOST_LOOKED_AT: Final = 10_000
#: Where a column has too many different values for exact ranks; how many cells it has is added to the name.
SPEARMAN_CELLS = f"{SPEARMAN}, approximate"


def associations_of(dataset: Dataset, columns: Sequence[str], measure: str = BY_KIND) -> AssociationMatrix:
    """Compute the association of every pair of columns over all rows; see `rai_dash.data.associations.associations`.

    In a portfolio a number with more than 200 values has its ranks in 20 cells: the name of the measure says so.

    Raises
    ------
    MissingColumn
        When the table lacks one.
    InvalidChoice
        When a column of text has too many different values to be counted.
    ValueError
        When there is no such measure.
    """
    if dataset.portfolio is None:
        return associations(dataset.frame, columns, measure)
    check_measure(measure)
    k = len(columns)
    source = sides_of(dataset, columns, measure)
    found = found_of(source, measure, [(i, j) for i in range(k) for j in range(i + 1)])
    return matrix_of(columns, source.sides, lambda i, j: found[i, j])


def closest_columns_of(
    dataset: Dataset, columns: Sequence[str], named: Sequence[str], most: int
) -> tuple[str, ...]:
    """Choose the columns that go most with the named ones; see `rai_dash.data.associations.closest_columns`."""
    if dataset.portfolio is None:
        return closest_columns(dataset.frame, columns, named, most)
    if len(columns) <= most or not named:
        return tuple(columns[:most])
    both = list(dict.fromkeys([*columns, *named]))
    place = {name: i for i, name in enumerate(both)}
    pairs = [(place[a], place[b]) for a in columns for b in named]
    found = found_of(sides_of(dataset, both, BY_KIND), BY_KIND, pairs)
    return strongest(columns, named, most, lambda a: [found[place[a], place[b]][0] for b in named])


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Columns made ready to be asked for.

    Parameters
    ----------
    portfolio : Portfolio
    sides : tuple of Coded
    numbers : frozenset of int
        Positions of the columns of numbers.
    """

    portfolio: Portfolio
    sides: tuple[Coded, ...]
    numbers: frozenset[int]

    def some(self, positions: Iterable[int]) -> dict[int, Coded]:
        """Return some of the columns by their positions."""
        return {i: self.sides[i] for i in dict.fromkeys(positions)}


def sides_of(dataset: Dataset, columns: Sequence[str], measure: str) -> Sides:
    """Make the columns of a portfolio ready for a measure."""
    portfolio = dataset.portfolio
    assert portfolio is not None  # noqa: S101 - callers ask in memory otherwise
    is_number_at = [require_column(portfolio, c).is_number for c in columns]
    made = [
        _side(dataset, portfolio, c, measure, is_number=n) for c, n in zip(columns, is_number_at, strict=True)
    ]
    return Sides(portfolio, tuple(made), frozenset(i for i, is_one in enumerate(is_number_at) if is_one))


def _side(dataset: Dataset, portfolio: Portfolio, column: str, measure: str, *, is_number: bool) -> Coded:
    if measure in OF_TABLES:
        return cut_of(portfolio, column, guide_of(dataset, column))
    if measure == SPEARMAN and is_number:
        return ranked_of(portfolio, column, guide_of(dataset, column))
    if is_number or measure in {PEARSON, SPEARMAN}:
        return Coded(column, Blank(column=column), 0)
    return categories_of(portfolio, column)


def guide_of(dataset: Dataset, column: str) -> FloatArray:
    """Return the numbers of a column in the sample, ascending: they say where to look, and nothing else."""
    series = dataset.frame[column]
    values = numbers(series) if is_number(series) else np.empty(0)
    return np.sort(values[np.isfinite(values)])


def found_of(source: Sides, measure: str, pairs: Sequence[Pair]) -> Mapping[Pair, Found]:
    """Compute one measure for some pairs."""
    if measure in OF_TABLES:
        return {pair: of_table(measure, t) for pair, t in tables_of(source, pairs).items()}
    if measure == SPEARMAN:
        return _spearman(source, pairs)
    by_kind: dict[int, list[Pair]] = {0: [], 1: [], 2: []}
    for pair in pairs:
        by_kind[sum(i in source.numbers for i in pair)].append(pair)
    out: dict[Pair, Found] = {}
    for kind, name, find in ((2, PEARSON, _pearson), (1, ETA, _ratios), (0, CRAMER, _cramer)):
        # Pearson and the correlation ratio know one kind of pairs only.
        is_known = measure in {BY_KIND, name}
        out |= find(source, by_kind[kind]) if is_known else dict.fromkeys(by_kind[kind], (np.nan, 0, measure))
    return out


def tables_of(source: Sides, pairs: Sequence[Pair]) -> dict[Pair, Table]:
    """Count pairs of columns against each other."""
    sides = source.some(i for pair in pairs for i in pair)
    return {
        (i, j): table_of_counts(
            joint.codes[i], joint.codes[j], joint.n, (sides[i].labels + 1, sides[j].labels + 1)
        )
        for joint, here in joints(source.portfolio, sides, pairs)
        for i, j in here
    }


def _cramer(source: Sides, pairs: Sequence[Pair]) -> dict[Pair, Found]:
    return {pair: of_table(CRAMER, t) for pair, t in tables_of(source, pairs).items()}


def _pearson(source: Sides, pairs: Sequence[Pair]) -> dict[Pair, Found]:
    used = sorted({i for pair in pairs for i in pair})
    centres = centres_of(source.portfolio, [source.sides[i].column for i in used])
    place = {i: at for at, i in enumerate(used)}
    found = correlations_of(source.portfolio, centres, [(place[i], place[j]) for i, j in pairs])
    return {(i, j): (*found[place[i], place[j]], PEARSON) for i, j in pairs}


def _spearman(source: Sides, pairs: Sequence[Pair]) -> dict[Pair, Found]:
    ranked = [pair for pair in pairs if set(pair) <= source.numbers]
    sides = source.some(i for pair in ranked for i in pair)
    out: dict[Pair, Found] = dict.fromkeys(pairs, (np.nan, 0, SPEARMAN))
    for joint, here in joints(source.portfolio, sides, ranked):
        for i, j in here:
            places = [np.where(joint.codes[x] == sides[x].labels, -1, joint.codes[x]) for x in (i, j)]
            name = SPEARMAN_CELLS if sides[i].values is None or sides[j].values is None else SPEARMAN
            out[i, j] = (*spearman_of_counts(places[0], places[1], joint.n), name)
    return out


def _ratios(source: Sides, pairs: Sequence[Pair]) -> dict[Pair, Found]:
    """Compute correlation ratios from sums by category; categories with few labels are asked for together."""
    ordered = {pair: pair if pair[1] in source.numbers else pair[::-1] for pair in pairs}
    values = sorted({number for _, number in ordered.values()})
    centres = centres_of(source.portfolio, [source.sides[i].column for i in values])
    sums = [(centres.factor(at, power),) for at in range(len(values)) for power in (1, 2)]
    out: dict[Pair, Found] = {}
    for block in blocks_of(source.some(category for category, _ in ordered.values())):
        joint = joint_of(source.portfolio, source.some(block), sums)
        for pair, (category, number) in ordered.items():
            if category in block:
                side = source.sides[category]
                of = _by_category(joint, category, side.labels, values.index(number))
                column, mean = source.sides[number].column, float(centres.mean[values.index(number)])
                out[pair] = (*_ratio(source.portfolio, side, (column, mean), of), ETA)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """A number by category: rows and sums of each, the sum of all squares, and the spread of the number anywhere."""

    sizes: IntArray
    sums: FloatArray
    squares: float
    spread: float

    @property
    def n(self) -> int:
        """Rows that have both."""
        return int(self.sizes.sum())

    @property
    def offset(self) -> float:
        """How far the mean of these rows is from what was taken off."""
        return float(self.sums.sum()) / max(self.n, 1)

    @property
    def total(self) -> float:
        """Sum of squares around the mean of these rows."""
        return self.squares - self.n * self.offset**2

    @property
    def ratio(self) -> float:
        """The correlation ratio."""
        return ratio_of_sums(self.sizes, self.sums - self.sizes * self.offset, self.total)


def _by_category(joint: Joint, category: int, labels: int, at: int) -> _Sums:
    """Add up the sums of the number ``at`` in each label of a category; blanks are left out."""
    codes, answer = joint.codes[category], joint.answer
    used, sums, squares = answer.used(2 * at), answer.sums(2 * at), answer.sums(2 * at + 1)
    n = max(int(used.sum()), 1)
    known = codes < labels
    return _Sums(
        sizes=np.bincount(codes[known], weights=used[known], minlength=labels).astype(np.int64),
        sums=np.bincount(codes[known], weights=sums[known], minlength=labels).astype(np.float64),
        squares=float(squares[known].sum()),
        spread=(float(squares.sum()) - float(sums.sum()) ** 2 / n) / n,
    )


def _ratio(portfolio: Portfolio, side: Coded, number: tuple[str, float], of: _Sums) -> tuple[float, int]:
    """Put a correlation ratio together; where the number has almost no spread its sums are taken again."""
    if of.n < 2 or of.total > LEAST_SPREAD * of.n * of.spread:
        return (of.ratio if of.n > 1 else np.nan), of.n
    column, mean = number
    if _is_constant(portfolio, side, column):
        return np.nan, of.n
    near = [(Factor(column=column, minus=mean + of.offset, power=power),) for power in (1, 2)]
    return _by_category(joint_of(portfolio, {0: side}, near), 0, side.labels, 0).ratio, of.n


def _is_constant(portfolio: Portfolio, side: Coded, column: str) -> bool:
    """Whether a number has one value over the rows with a known category."""
    question = Tally(keys=(side.key, Value(column=column)), most=_MOST_LOOKED_AT)
    try:
        found = portfolio.tally(question)
    except InvalidChoice as error:
        if error.code != "too_many_values":
            raise
        return False
    values = found.floats(1)[side.codes(found, 0) < side.labels] + 0.0
    return np.unique(values[np.isfinite(values)]).size <= 1
