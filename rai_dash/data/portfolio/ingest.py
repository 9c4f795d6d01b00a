"""The rule at the door of every engine: five kinds of columns, and one way to be missing.

Engines differ about NaN, infinities, 0.0 and -0.0, and widths of numbers. After this door a column is text, whole
numbers, a finite float64, a truth value or a time, and missing is null; nothing behind it asks which engine it is on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import narwhals.stable.v2 as nw

#: What Unicode calls white space, as the data door trims it. Engines by themselves trim blanks only, or ASCII only.
WHITE_SPACE: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_LETTER: Final = f"[^{WHITE_SPACE}]"


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
    """Return the kind of a column by its type; None = lists, records, raw bytes, lengths of time: left out."""
    if dtype.is_integer():
        return Kind.WHOLE
    if dtype.is_float() or dtype.is_decimal():
        return Kind.NUMBER
    if dtype == nw.Boolean:
        return Kind.TRUTH
    if dtype.is_temporal():
        # A length of time is written in another way by every engine.
        return None if dtype == nw.Duration else Kind.TIME
    return Kind.TEXT if dtype in {nw.String, nw.Categorical, nw.Enum} or isinstance(dtype, nw.Enum) else None


def kinds_of(frame: nw.LazyFrame[Any]) -> dict[str, Kind | None]:
    """Return the kind of each column, in order."""
    return {name: kind_of(dtype) for name, dtype in frame.collect_schema().items()}


def clean(column: nw.Expr, kind: Kind) -> nw.Expr:
    """Bring a column behind the door."""
    if kind is Kind.NUMBER:
        wide = column.cast(nw.Float64)
        return nw.when(wide.is_finite()).then(wide).otherwise(None)
    # Whole numbers stay as wide as they are: 64 unsigned bits would not fit, and sums are of float64.
    return column.cast(nw.String) if kind is Kind.TEXT else column


def is_blank(column: nw.Expr, kind: Kind) -> nw.Expr:
    """Say of a clean column where it is blank; text of nothing but white space is."""
    if kind is Kind.TEXT:
        return column.is_null() | ~column.str.contains(_LETTER)
    return column.is_null()
