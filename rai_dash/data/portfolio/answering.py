"""How a question is answered: Narwhals expressions, the same on DuckDB, Polars, Spark, Ibis and pandas.

Only the few combinations of keys leave the engine. Every number that decides where a row is counted is computed by
single IEEE operations, so that it is the same double everywhere: no division by a literal, which one engine replaces
by a product, no cast before a `floor`, which another would round, and no `round`, whose ties differ.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, mul
from typing import Any, assert_never

import narwhals.stable.v2 as nw
import pyarrow as pa

from rai_dash.core.cells import LAST_CELL
from rai_dash.core.errors import InvalidChoice, InvalidRoles, MissingColumn
from rai_dash.data.columns import closest_names
from rai_dash.data.portfolio.ingest import Kind, clean, is_blank, kinds_of
from rai_dash.data.portfolio.questions import (
    Bin,
    Blank,
    Factor,
    Key,
    Scale,
    Score,
    ScoreBin,
    Tally,
    Value,
    Within,
)

Frame = nw.LazyFrame[Any]
#: Names that a column of a file cannot take by chance.
_THOUSAND, _SPAN, _DIGITS, _ROWS = ("\x1fthousand", "\x1fspan", "\x1fdigits", "\x1frow")
#: A score that is turned round is rounded to so many decimals: 1 - 0.07 is a double below 0.93.
_TURNED = 1e15


class Answering:
    """One table, and the questions about it.

    Parameters
    ----------
    frame : LazyFrame
        Of any engine.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._kinds = kinds_of(frame)

    def tally(self, question: Tally) -> pa.Table:
        """Count rows and sum products by every combination of keys; see `Tally`.

        Raises
        ------
        InvalidChoice
            When there are more combinations than asked for.
        MissingColumn, InvalidRoles
            When a column is not there, or holds no numbers where numbers are needed.
        """
        names = list(dict.fromkeys(_columns_of(question)))
        typed = self._frame.select(*(clean(name, self._kind(name)) for name in names), nw.lit(1).alias(_ROWS))
        rows = self._cut(typed, question.where)
        keyed, keys = self._keyed(rows, question)
        counted = _grouped(keyed, keys, len(question.sums))
        return _collected(counted, question)

    def _kind(self, name: str) -> Kind:
        kind = self._kinds.get(name)
        if kind is None:
            raise _missing(name, list(self._kinds))
        return kind

    def _cut(self, rows: Frame, where: tuple[Within, ...]) -> Frame:
        """Keep the rows inside every range."""
        for one in where:
            rows = self._with_scale(rows, one.scale)
            value = self._number(one.column) if one.scale is None else self._score(one.column, one.scale)
            inside = [~value.is_null()]
            inside += [] if one.low is None else [value >= one.low]
            inside += [] if one.high is None else [value < one.high]
            rows = rows.filter(reduce(and_, inside))
        return rows

    def _keyed(self, rows: Frame, question: Tally) -> tuple[Frame, list[str]]:
        """Add keys and products as columns, and leave out the rest."""
        for part in (*question.keys, *(f for product in question.sums for f in product)):
            rows = self._with_scale(rows, getattr(part, "scale", None))
        rows = rows.with_columns(nw.lit(1000.0).alias(_THOUSAND))
        keys = [f"k{i}" for i in range(len(question.keys))]
        columns = [self._key(key).alias(name) for name, key in zip(keys, question.keys, strict=True)]
        columns += [self._product(p).alias(f"p{i}") for i, p in enumerate(question.sums)]
        return rows.select(*columns, _ROWS), keys

    def _with_scale(self, rows: Frame, scale: Scale | None) -> Frame:
        """Add the numbers that a score is divided by, as columns."""
        if scale is None:
            return rows
        span = nw.lit(scale.high - scale.low).cast(nw.Float64)
        return rows.with_columns(span.alias(_span(scale)), nw.lit(_TURNED).alias(_DIGITS))

    def _key(self, key: Key) -> nw.Expr:
        """Write one key as an expression."""
        match key:
            case Value():
                return nw.col(key.column)
            case Blank():
                return is_blank(nw.col(key.column), self._kind(key.column)).cast(nw.Int64)
            case Bin():
                return _bins(self._number(key.column), key.edges)
            case Score():
                return self._score(key.column, key.scale)
            case ScoreBin():
                score = self._score(key.column, key.scale)
                return _bins(score, key.edges) if key.edges else _cells(score)
            case _:
                assert_never(key)

    def _product(self, factors: tuple[Factor, ...]) -> nw.Expr:
        """Write a product of powers; null where a factor is."""
        return reduce(mul, (self._factor(f) for f in factors), nw.lit(1.0))

    def _factor(self, factor: Factor) -> nw.Expr:
        plain = factor.scale is None
        value = self._number(factor.column) if plain else self._score(factor.column, factor.scale or Scale())
        if factor.blank is not None:
            value = value.fill_null(factor.blank)
        moved = value - factor.minus if factor.minus else value
        return reduce(mul, [moved] * factor.power)

    def _number(self, name: str) -> nw.Expr:
        """Return a column of numbers as float64."""
        kind = self._kind(name)
        if not kind.is_number:
            msg = f"`{name}` holds no numbers ({kind.value}). Choose a column of numbers."
            raise InvalidRoles(msg)
        value = nw.col(name)
        return value.cast(nw.Float64) if kind is Kind.WHOLE else value

    def _score(self, name: str, scale: Scale) -> nw.Expr:
        """Return a column of scores on its scale, as `rai_dash.data.scores.scores_of_column` maps them."""
        value = self._number(name)
        if (scale.low, scale.high) != (0.0, 1.0):
            value = (value - scale.low) / nw.col(_span(scale))
        return _rounded(1.0 - value) if scale.lower_is_better else value


def _span(scale: Scale) -> str:
    return f"{_SPAN}{scale.low!r},{scale.high!r}"


def _rounded(value: nw.Expr) -> nw.Expr:
    """Round to 15 decimals as numpy does, half to even: up to 1e15 every half is a double, so each step is exact."""
    big = value * _TURNED
    up = (big + 0.5).floor()
    is_odd_half = (up - big == 0.5) & (up - (up * 0.5).floor() * 2.0 == 1.0)
    return (up - nw.when(is_odd_half).then(nw.lit(1.0)).otherwise(nw.lit(0.0))) / nw.col(_DIGITS)


def _bins(value: nw.Expr, edges: tuple[float, ...]) -> nw.Expr:
    """Count the edges that are at most the value; null where it is blank."""
    above = [nw.when(value >= edge).then(nw.lit(1)).otherwise(nw.lit(0)) for edge in edges]
    count = reduce(lambda a, b: a + b, above, nw.lit(0))
    return nw.when(~value.is_null()).then(count.cast(nw.Int64)).otherwise(None)


def _cells(score: nw.Expr) -> nw.Expr:
    """Return the cell of each score; `rai_dash.core.cells.score_cells` says why the guess is compared with its edge."""
    guess = (score * 1000.0).floor()
    is_lifted = guess / nw.col(_THOUSAND) > score
    cell = guess - nw.when(is_lifted).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    cell = nw.when(cell > float(LAST_CELL)).then(nw.lit(float(LAST_CELL))).otherwise(cell)
    cell = nw.when(cell < 0.0).then(nw.lit(0.0)).otherwise(cell)
    return cell.cast(nw.Int64)


def _grouped(keyed: Frame, keys: list[str], sums: int) -> Frame:
    found = [nw.col(_ROWS).sum().cast(nw.Int64).alias("n")]
    for i in range(sums):
        found += [nw.col(f"p{i}").sum().alias(f"s{i}"), nw.col(f"p{i}").count().cast(nw.Int64).alias(f"m{i}")]
    # Polars and pandas leave rows with a null key out unless told otherwise; SQL engines never do.
    return keyed.group_by(*keys, drop_null_keys=False).agg(*found) if keys else keyed.select(*found)


def _collected(counted: Frame, question: Tally) -> pa.Table:
    """Bring the few combinations here."""
    most = question.most
    table: pa.Table = counted.head(most + 1).collect("pyarrow").to_native()
    if table.num_rows > most:
        msg = (
            f"{_named(question)} has more than {most:,} different combinations of values: too many to be counted "
            "one by one. Choose a column with fewer values, or bins."
        )
        raise InvalidChoice(msg, code="too_many_values")
    return table


def _named(question: Tally) -> str:
    return " × ".join(f"`{key.column}`" for key in question.keys) or "The table"


def _columns_of(question: Tally) -> list[str]:
    factors = (f for product in question.sums for f in product)
    return [part.column for part in (*question.keys, *question.where, *factors)]


def _missing(name: str, have: list[str]) -> MissingColumn:
    close = closest_names(name, have)
    hint = f" Closest name there: `{close[0]}`." if close else ""
    msg = f"The table has no column `{name}` of plain values.{hint} Choose another column."
    return MissingColumn(msg)
