"""How a question is answered: Narwhals expressions, the same on DuckDB, Polars, Spark, Ibis and pandas.

Only the few combinations of keys leave the engine. Every number that decides where a row is counted is computed by
single IEEE operations, so that it is the same double everywhere: no division by a literal, which one engine replaces
by a product, no cast before a `floor`, which another would round, and no `round`, whose ties differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_, mul, or_
from typing import Any, TypeVar, assert_never

import narwhals.stable.v2 as nw
import pyarrow as pa

from rai_dash.core.cells import LAST_CELL
from rai_dash.core.errors import InvalidChoice, InvalidRoles
from rai_dash.core.texts import tr
from rai_dash.data.columns import require_names
from rai_dash.data.portfolio.ingest import Kind, clean, is_blank, kinds_of
from rai_dash.data.portfolio.questions import (
    Bin,
    Blank,
    Factor,
    Grid,
    Inside,
    Key,
    Scale,
    Score,
    ScoreBin,
    ScoreStep,
    Tally,
    Value,
    Within,
)
from rai_dash.data.portfolio.score_steps import distance, halved, step_of

Frame = nw.LazyFrame[Any]
_P = TypeVar("_P", Key, Within, Factor)
_ROWS = "rows"
#: A score that is turned round is rounded to so many decimals: 1 - 0.07 is a double below 0.93.
_TURNED = 1e15


class Answering:
    """One table, and the questions about it.

    Parameters
    ----------
    frame : LazyFrame
        Of any engine.
    names : mapping of str
        What each column is called in the frame, such as ``c0``: engines take some names for something else, and one
        is wanted here for the rows.
    """

    def __init__(self, frame: Frame, names: Mapping[str, str]) -> None:
        self._frame = frame
        found = kinds_of(frame)
        self._names = dict(names)
        self.kinds = {name: found[inside] for name, inside in self._names.items()}

    def tally(self, question: Tally) -> pa.Table:
        """Count rows and sum products by every combination of keys; see `Tally`.

        Raises
        ------
        InvalidChoice
            When there are more combinations than asked for.
        MissingColumn, InvalidRoles
            When a column is not there, or holds no numbers where numbers are needed.
        """
        parts = _parts_of(question)
        kinds = {name: self._kind(name) for name in (*(part.column for part in parts), *question.ends)}
        names = list(kinds)
        numbers = (part.column for part in parts if not isinstance(part, Value | Blank))
        for name in (*numbers, *question.ends):
            _check_number(name, kinds[name])
        # Names from files go no further: engines take dots, quotes and case in them for something else.
        inside = {name: f"x{i}" for i, name in enumerate(names)}
        cleaned = [clean(nw.col(self._names[n]), kinds[n]).alias(inside[n]) for n in names]
        # First the ones, beside the columns that are there: engines take a table of literals alone for one row.
        typed = self._frame.with_columns(nw.lit(1).cast(nw.Int64).alias(_ROWS)).select(*cleaned, _ROWS)
        asked = _Asked(typed, {inside[name]: kind for name, kind in kinds.items()})
        return _collected(asked.answer(_renamed(question, inside)), question)

    def _kind(self, name: str) -> Kind:
        plain = {column: kind for column, kind in self.kinds.items() if kind is not None}
        require_names(list(plain), [name])
        return plain[name]


class _Asked:
    """One question, over columns that went through the door of ingest.

    What is used more than once becomes a column of its own: an engine that writes an expression out wherever it is
    used would compile one of thousands of terms.
    """

    def __init__(self, rows: Frame, kinds: Mapping[str, Kind]) -> None:
        self._rows, self._kinds = rows, kinds
        self._scores: dict[tuple[str, Scale], nw.Expr] = {}
        self._columns = 0

    def answer(self, question: Tally) -> Frame:
        """Write the question as expressions."""
        for one in question.where:
            self._cut(one)
        keys = [self._key(key).alias(f"k{i}") for i, key in enumerate(question.keys)]
        products = [self._product(product).alias(f"p{i}") for i, product in enumerate(question.sums)]
        ends = [self._number(name).alias(f"e{i}") for i, name in enumerate(question.ends)]
        keyed = self._rows.select(*keys, *products, *ends, _ROWS)
        return _grouped(keyed, [f"k{i}" for i in range(len(keys))], len(products), len(ends))

    def _kept(self, value: nw.Expr) -> nw.Expr:
        """Make a column of a value."""
        self._columns += 1
        name = f"y{self._columns}"
        self._rows = self._rows.with_columns(value.alias(name))
        return nw.col(name)

    def _cut(self, one: Within) -> None:
        """Keep the rows inside a range."""
        value = self._number(one.column) if one.scale is None else self._score(one.column, one.scale)
        inside = [~value.is_null()]
        inside += [] if one.low is None else [value >= one.low]
        inside += [] if one.high is None else [value < one.high]
        self._rows = self._rows.filter(reduce(and_, inside))

    def _key(self, key: Key) -> nw.Expr:
        """Write one key as an expression."""
        match key:
            case Value():
                return nw.col(key.column)
            case Blank():
                return is_blank(nw.col(key.column), self._kinds[key.column]).cast(nw.Int64)
            case Bin():
                return _bins(self._number(key.column), key.edges)
            case Grid():
                return self._place(key)
            case Inside():
                return _inside(self._number(key.column), key.spans)
            case Score() | ScoreBin() | ScoreStep():
                return self._score_key(key)
            case _:
                assert_never(key)

    def _score_key(self, key: Score | ScoreBin | ScoreStep) -> nw.Expr:
        """Write a key that is a score, or where it lies."""
        score = self._score(key.column, key.scale)
        if isinstance(key, Score):
            return score
        if isinstance(key, ScoreBin):
            return _bins(score, key.edges) if key.edges else self._cells(score)
        score = self._kept(score)
        return step_of(score, self._kept(distance(score)), key.steps)

    def _place(self, grid: Grid) -> nw.Expr:
        """Return the place of each number on a grid; cut off before the floor, which some engines take to 64 bits."""
        place = self._kept((self._number(grid.column) - grid.low) * grid.per)
        low = nw.when(place < 0.0).then(nw.lit(0.0)).otherwise(place)
        inside = nw.when(place > float(grid.cells)).then(nw.lit(float(grid.cells))).otherwise(low)
        return inside.floor().cast(nw.Int64)

    def _product(self, factors: tuple[Factor, ...]) -> nw.Expr:
        """Write a product of powers; null where a factor is."""
        return reduce(mul, (self._factor(f) for f in factors), nw.lit(1.0))

    def _factor(self, factor: Factor) -> nw.Expr:
        plain = factor.scale is None
        value = self._number(factor.column) if plain else self._score(factor.column, factor.scale or Scale())
        if factor.blank is not None:
            value = value.fill_null(factor.blank)
        if factor.power == 0:
            return nw.when(~value.is_null()).then(nw.lit(1.0)).otherwise(None)
        moved = value - factor.minus if factor.minus else value
        return reduce(mul, [moved] * factor.power)

    def _number(self, name: str) -> nw.Expr:
        """Return a column of numbers as float64."""
        value = nw.col(name)
        return value.cast(nw.Float64) if self._kinds[name] is Kind.WHOLE else value

    def _score(self, name: str, scale: Scale) -> nw.Expr:
        """Return a column of scores on its scale, as `rai_dash.data.scores.scores_of_column` maps them."""
        if (name, scale) not in self._scores:
            value = self._kept(self._number(name))
            if (scale.low, scale.high) != (0.0, 1.0):
                value = self._kept((value - scale.low) / _divisor(scale.high - scale.low, value))
            self._scores[name, scale] = self._rounded(1.0 - value) if scale.lower_is_better else value
        return self._scores[name, scale]

    def _rounded(self, value: nw.Expr) -> nw.Expr:
        """Round to 15 decimals as numpy does, half to even: up to 1e15 every half is a double, each step exact."""
        big = self._kept(value * _TURNED)
        up = self._kept((big + 0.5).floor())
        is_odd_half = (up - big == 0.5) & (up - (up * 0.5).floor() * 2.0 == 1.0)
        even = self._kept(up - nw.when(is_odd_half).then(nw.lit(1.0)).otherwise(nw.lit(0.0)))
        return self._kept(even / _divisor(_TURNED, even))

    def _cells(self, score: nw.Expr) -> nw.Expr:
        """Return the cell of each score; `rai_dash.core.cells.score_cells` says why the guess meets its edge."""
        guess = self._kept((score * 1000.0).floor())
        is_lifted = guess / _divisor(1000.0, score) > score
        cell = self._kept(guess - nw.when(is_lifted).then(nw.lit(1.0)).otherwise(nw.lit(0.0)))
        low = nw.when(cell < 0.0).then(nw.lit(0.0)).otherwise(cell)
        return nw.when(cell > float(LAST_CELL)).then(nw.lit(float(LAST_CELL))).otherwise(low).cast(nw.Int64)


def _divisor(number: float, value: nw.Expr) -> nw.Expr:
    """Write a number to divide a finite value by, so that every engine takes it for a column.

    Polars turns division by what is one number for all rows (a literal, also behind a `when` or in a column of its
    own) into a product with its inverse, which is off in the last bit: for 144 of the 1,001 edges.
    """
    return value * 0.0 + float(number)


def _bins(value: nw.Expr, edges: tuple[float, ...]) -> nw.Expr:
    """Count the edges that are at most the value; null where it is blank."""
    return nw.when(~value.is_null()).then(halved(value, edges, nw.lit).cast(nw.Int64)).otherwise(None)


def _inside(value: nw.Expr, spans: tuple[tuple[float | None, float | None], ...]) -> nw.Expr:
    """Keep the numbers in some ranges; null elsewhere."""
    known = ~value.is_null()
    ends = [
        reduce(
            and_, [known, *([] if low is None else [value >= low]), *([] if high is None else [value < high])]
        )
        for low, high in spans
    ]
    return nw.when(reduce(or_, ends)).then(value).otherwise(None)


def _grouped(keyed: Frame, keys: list[str], sums: int, ends: int) -> Frame:
    """Count and sum by every combination of keys that occurs."""
    found = [nw.col(_ROWS).sum().alias("n")]
    for i in range(sums):
        found += [nw.col(f"p{i}").sum().alias(f"s{i}"), nw.col(f"p{i}").count().alias(f"m{i}")]
    for i in range(ends):
        found += [nw.col(f"e{i}").min().alias(f"a{i}"), nw.col(f"e{i}").max().alias(f"z{i}")]
    # Polars and pandas leave rows with a null key out unless told otherwise; SQL engines never do.
    counted = keyed.group_by(*keys, drop_null_keys=False).agg(*found) if keys else keyed.select(*found)
    whole = [nw.col(name).cast(nw.Int64) for name in ("n", *(f"m{i}" for i in range(sums)))]
    return counted.with_columns(*whole)


def _collected(counted: Frame, question: Tally) -> pa.Table:
    """Bring the few combinations here."""
    most = question.most
    table: pa.Table = counted.head(most + 1).collect("pyarrow").to_native()
    if table.num_rows > most:
        msg = tr(
            "{named} has more than {most} different combinations of values: too many to be counted one "
            "by one. Choose a column with fewer values, or bins.",
            named=_named(question),
            most=f"{most:,}",
        )
        raise InvalidChoice(msg, code="too_many_values")
    return table


def _named(question: Tally) -> str:
    return " × ".join(f"`{key.column}`" for key in question.keys) or "The table"


def _parts_of(question: Tally) -> list[Key | Within | Factor]:
    factors = (f for product in question.sums for f in product)
    return [*question.keys, *question.where, *factors]


def _renamed(question: Tally, names: Mapping[str, str]) -> Tally:
    """Ask the same of columns that are called otherwise."""

    def of(part: _P) -> _P:
        found: _P = part.model_copy(update={"column": names[part.column]})
        return found

    return question.model_copy(
        update={
            "keys": tuple(of(key) for key in question.keys),
            "where": tuple(of(one) for one in question.where),
            "sums": tuple(tuple(of(factor) for factor in product) for product in question.sums),
            "ends": tuple(names[name] for name in question.ends),
        }
    )


def _check_number(name: str, kind: Kind) -> None:
    if not kind.is_number:
        msg = tr(
            "`{name}` holds no numbers ({kind}). Choose a column of numbers.", name=name, kind=kind.value
        )
        raise InvalidRoles(msg)
