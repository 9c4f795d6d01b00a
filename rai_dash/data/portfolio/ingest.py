"""The rule at the door of every engine: four kinds of columns, and one way to be missing.

Engines differ about NaN, infinities, 0.0 and -0.0, and widths of numbers. After this door a column is text, an int64,
a finite float64, a truth value or a time, and missing is null; nothing behind it asks which engine it is on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import narwhals.stable.v2 as nw


class Kind(StrEnum):
    """What a column holds behind the door."""

    WHOLE = "whole number"
    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth value"
    TIME = "time"

    @property
    def is_number(self) -> bool:
        """Whether it is a column of numbers."""
        return self in {Kind.WHOLE, Kind.NUMBER}


def kind_of(dtype: Any) -> Kind | None:
    """Return the kind of a column by its type; None = lists, records, raw bytes: left out."""
    if dtype.is_integer():
        return Kind.WHOLE
    if dtype.is_float() or dtype.is_decimal():
        return Kind.NUMBER
    if dtype == nw.Boolean:
        return Kind.TRUTH
    if dtype.is_temporal():
        return Kind.TIME
    return Kind.TEXT if dtype in {nw.String, nw.Categorical, nw.Enum} or isinstance(dtype, nw.Enum) else None


def kinds_of(frame: nw.LazyFrame[Any]) -> dict[str, Kind | None]:
    """Return the kind of each column, in order."""
    return {name: kind_of(dtype) for name, dtype in frame.collect_schema().items()}


def clean(name: str, kind: Kind) -> nw.Expr:
    """Bring a column behind the door, under its name."""
    column = nw.col(name)
    if kind is Kind.NUMBER:
        wide = column.cast(nw.Float64)
        return nw.when(wide.is_finite()).then(wide).otherwise(None).alias(name)
    if kind is Kind.WHOLE:
        return column.cast(nw.Int64).alias(name)
    return (column.cast(nw.String) if kind is Kind.TEXT else column).alias(name)


def is_blank(column: nw.Expr, kind: Kind) -> nw.Expr:
    """Say of a clean column where it is blank; text of nothing but white space is."""
    if kind is Kind.TEXT:
        return column.is_null() | (column.str.strip_chars() == "")
    return column.is_null()
