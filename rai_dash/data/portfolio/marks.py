"""What tells the content of a table from that of another, whatever the order of the rows and the engine.

Sums of fractions would: an engine adds in any order. So every mark is a count, or a sum of whole numbers that single
IEEE operations give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import narwhals.stable.v2 as nw

from rai_dash.data.portfolio.ingest import Kind, clean, is_blank

#: What a fingerprint that is taken of the marks rests on, in words.
OF_MARKS: Final = "columns, number of rows, and counts and sums over every column"
#: The fraction of a number times one of these, in 2²⁴ths, is as good as drawn; for large, usual and small numbers.
_TIMES: Final = (0.6180339887498949e-7, 0.4142135623730951, 7_320.508075688773)
_PARTS: Final = float(1 << 24)
_NO_FRACTION: Final = float(1 << 52)
#: Rows of text that hold one of these are counted.
_LETTERS: Final = ("0", "1", "3", "7", "a", "e", "n", "s")
#: Columns that are looked at in one pass.
_AT_ONCE: Final = 40


def content_marks(
    frame: nw.LazyFrame[Any], names: Mapping[str, str], kinds: Mapping[str, Kind | None]
) -> list[list[Any]]:
    """Look at every column once.

    Parameters
    ----------
    frame : LazyFrame
        Of any engine.
    names : mapping of str
        What each column is called in it.
    kinds : mapping of str
        What each column holds; None = left out.

    Returns
    -------
    list of [str, str or None, list of int]
        Name, kind and marks of each column: rows with a value, and sums over them.
    """
    found: list[list[Any]] = []
    every = list(kinds.items())
    for start in range(0, len(every), _AT_ONCE):
        some = every[start : start + _AT_ONCE]
        marks = {name: list(_marks(frame, names[name], kind)) for name, kind in some if kind is not None}
        values = _summed(frame, [mark for column in marks.values() for mark in column])
        for name, kind in some:
            own = [next(values) for _ in marks.get(name, ())]
            found.append([name, kind.value if kind else None, own])
    return found


def _summed(frame: nw.LazyFrame[Any], marks: list[nw.Expr]) -> Iterator[int]:
    """Sum each mark over all rows."""
    if not marks:
        return iter(())
    written = frame.select(*(mark.cast(nw.Int64).alias(f"m{i}") for i, mark in enumerate(marks)))
    sums = written.select(*(nw.col(f"m{i}").sum().cast(nw.Int64) for i in range(len(marks))))
    row = sums.collect("pyarrow").to_native().to_pylist()[0]
    return iter([int(value or 0) for value in row.values()])


def _marks(frame: nw.LazyFrame[Any], inside: str, kind: Kind) -> Iterator[nw.Expr]:
    value = clean(nw.col(inside), kind)
    blank = is_blank(value, kind)
    yield nw.when(blank).then(nw.lit(0)).otherwise(nw.lit(1))
    if kind.is_number:
        wide = value.cast(nw.Float64)
        for times in _TIMES:
            drawn = wide * times
            # Beyond there is no fraction; some engines make a whole number of a floor, and would refuse a longer one.
            short = nw.when(drawn.abs() < _NO_FRACTION).then(drawn).otherwise(nw.lit(0.0))
            yield ((short - short.floor()) * _PARTS).floor()
    elif kind is Kind.TEXT:
        yield nw.when(~blank).then(value.str.len_chars()).otherwise(nw.lit(0))
        for letter in _LETTERS:
            yield nw.when(value.str.contains(letter, literal=True)).then(nw.lit(1)).otherwise(nw.lit(0))
    elif kind is Kind.TRUTH:
        yield nw.when(value).then(nw.lit(1)).otherwise(nw.lit(0))
    elif _is_plain_time(frame.collect_schema()[inside]):
        # As wide numbers first: the day of a month fits in eight bits, and 31 times that does not.
        year, month, day = (
            part.cast(nw.Int64) for part in (value.dt.year(), value.dt.month(), value.dt.day())
        )
        yield year * 372 + month * 31 + day


def _is_plain_time(dtype: Any) -> bool:
    """Whether a time has a date without a zone: others read as another day in the session of another."""
    return dtype == nw.Date or (dtype == nw.Datetime and getattr(dtype, "time_zone", None) is None)
