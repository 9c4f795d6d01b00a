"""The routing as a SQL ``CASE``: no score first, conditions next, then the band, all in double precision."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import ReviewBand
from rai_dash.review import _portable
from rai_dash.review._condition import Condition

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
#: What is cut off both ends of a text, by code: tab to carriage return, blank, the blank that does not break.
_SPACES: Final = (9, 10, 11, 12, 13, 32, 160)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dialect:
    """How one kind of database writes things."""

    quote: str
    double: str
    #: Whether a number is NaN or infinite; ``{0}`` is the column.
    not_finite: str
    trim: str
    #: Whether a value is no number at all, where columns have no types.
    untyped: str = ""
    backslash: bool = False


_TYPED_SPACES = "||".join(f"CHR({code})" for code in _SPACES)
_DIALECTS: Final[Mapping[str, _Dialect]] = {
    "postgresql": _Dialect(
        quote='"',
        double="DOUBLE PRECISION",
        # NaN equals itself here, and sorts above every number.
        not_finite="CAST({0} AS DOUBLE PRECISION) IN ('NaN', 'Infinity', '-Infinity')",
        trim=f"BTRIM(CAST({{0}} AS TEXT), {_TYPED_SPACES})",
        backslash=True,
    ),
    "duckdb": _Dialect(
        quote='"',
        double="DOUBLE",
        not_finite="NOT isfinite(CAST({0} AS DOUBLE))",
        trim=f"TRIM(CAST({{0}} AS VARCHAR), {_TYPED_SPACES})",
    ),
    "sqlite": _Dialect(
        # In double quotes SQLite takes the name of a missing column for a text.
        quote="`",
        double="REAL",
        not_finite="{0} IN (9e999, -9e999)",
        trim=f"TRIM(CAST({{0}} AS TEXT), char({', '.join(map(str, _SPACES))}))",
        untyped="typeof({0}) NOT IN ('integer', 'real')",
    ),
}
#: Databases whose SQL can be written.
DIALECTS: Final = tuple(_DIALECTS)


def sql_case(
    band: ReviewBand,
    *,
    score: str = "score",
    conditions: Sequence[Condition] = (),
    dialect: str = "postgresql",
    what: str = "route",
) -> str:
    """Write a ``CASE`` expression that gives the route of a row, or the reason for it.

    Parameters
    ----------
    band : ReviewBand
        Its ends are written so that the database reads the same float64.
    score : str
        Column of numbers with the score.
    conditions : sequence of Condition
        Frozen ones. Texts are compared without blanks, tabs, line ends and no-break spaces around them.
    dialect : str
        One of `DIALECTS`.
    what : str
        ``"route"`` or ``"reason"``.

    Returns
    -------
    str
        Names of columns are quoted, texts escaped.

    Raises
    ------
    InvalidChoice
        When the dialect is unknown, a condition is not frozen, or a name cannot be written.
    """
    if dialect not in _DIALECTS or what not in {"route", "reason"}:
        listed = ", ".join(DIALECTS)
        msg = f"SQL is written for {listed}, and gives a route or a reason; got {dialect} and {what}."
        raise InvalidChoice(msg)
    write = _Writer(_DIALECTS[dialect])
    column = write.name(score)
    wide = write.wide(column)
    review = _portable.REVIEW
    lines = [
        (write.is_no_number(column), review, _portable.NO_SCORE),
        (f"{wide} < 0 OR {wide} > 1", review, _portable.OFF_SCALE),
    ]
    for condition in conditions:
        for test in condition.tests():
            lines += [(predicate, review, reason) for predicate, reason in write.test(test)]
    if band.lo is not None:
        lines.append((f"{wide} < {write.number(band.lo)}", _portable.REJECT, _portable.BELOW))
    if band.hi is not None:
        lines.append((f"{wide} >= {write.number(band.hi)}", _portable.APPROVE, _portable.ABOVE))
    at = 1 if what == "route" else 2
    whens = [f"  WHEN {line[0]} THEN {write.text(line[at])}" for line in lines]
    return "\n".join(["CASE", *whens, f"  ELSE {write.text(('', review, _portable.INSIDE)[at])}", "END"])


def _division(value: float) -> str:
    """Write a float64 as a division of whole numbers, which is rounded correctly.

    SQLite 3.40 reads 1 decimal of 36,000 one bit beside: '0.707056753354459' is not the double nearest to it.
    """
    if value.is_integer() and abs(value) < 2**53:
        return f"{int(value)}.0"
    digits, exponent = Decimal(repr(value)).normalize().as_tuple()[1:]
    top, bottom = (int(part) for part in Fraction(repr(value)).as_integer_ratio())
    if isinstance(exponent, int) and len(digits) <= 15 and -15 <= exponent <= 0:
        scale = 10**-exponent
        return f"({top * (scale // bottom)} / {scale}.0)"
    top, bottom = value.as_integer_ratio()
    halves = bottom.bit_length() - 1
    if abs(top) >= 2**63:
        return f"CAST('{value!r}' AS REAL)"
    return f"({' / '.join([f'1.0 * {top}', *[str(2**60)] * (halves // 60), str(2 ** (halves % 60))])})"


class _Writer:
    """Writes names, values and questions for one kind of database."""

    def __init__(self, dialect: _Dialect) -> None:
        self.dialect = dialect
        self.tests: Mapping[str, Callable[[str, Mapping[str, Any]], str]] = {
            "number": self._number,
            "range": self._range,
            "category": self._category,
            "unseen": lambda column, test: f"NOT ({self._category(column, test)})",
            "flag": lambda column, _: (
                f"LOWER({self._trimmed(column)}) IN {self._list((*_portable.YES, '1.0'))}"
            ),
        }

    def name(self, name: str) -> str:
        """Quote the name of a column."""
        if not name or "\0" in name:
            msg = f"A column called {name!r} cannot be named in SQL. Rename it."
            raise InvalidChoice(msg)
        sign = self.dialect.quote
        return f"{sign}{name.replace(sign, sign * 2)}{sign}"

    def text(self, text: str) -> str:
        """Write a text."""
        if "\0" in text:
            msg = f"The text {text!r} cannot be written in SQL. Leave it out of the conditions."
            raise InvalidChoice(msg)
        plain = text.replace("'", "''")
        if self.dialect.backslash and "\\" in plain:
            # Means the same whatever `standard_conforming_strings` is set to.
            return "E'{}'".format(plain.replace("\\", "\\\\"))
        return f"'{plain}'"

    def number(self, value: float) -> str:
        """Write a float64 so that it is read back to the last bit."""
        if self.dialect.untyped:
            return _division(float(value))
        return f"CAST('{float(value)!r}' AS {self.dialect.double})"

    def wide(self, column: str) -> str:
        """Widen a column, so that a float32 is compared as what it is."""
        return f"CAST({column} AS {self.dialect.double})"

    def is_no_number(self, column: str) -> str:
        """Ask whether there is no finite number."""
        parts = [f"{column} IS NULL", self.dialect.not_finite.format(column)]
        if self.dialect.untyped:
            parts.insert(1, self.dialect.untyped.format(column))
        return " OR ".join(parts)

    def test(self, test: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Write a question of `Condition.tests` as predicates with their reasons."""
        column, kind = self.name(test["column"]), test["kind"]
        blank = f"{column} IS NULL OR LOWER({self._trimmed(column)}) IN {self._list(_portable.BLANKS)}"
        if kind == "blank":
            return [(blank, test["reason"])]
        found = [(f"NOT ({blank}) AND ({self.tests[kind](column, test)})", test["reason"])]
        if kind in {"number", "range"} and self.dialect.untyped:
            wrong = f"NOT ({blank}) AND {self.dialect.untyped.format(column)}"
            found.insert(0, (wrong, f"{test['column']} is not a number"))
        return found

    def _number(self, column: str, test: Mapping[str, Any]) -> str:
        return f"{self.wide(column)} {test['operator']} {self.number(test['value'])}"

    def _range(self, column: str, test: Mapping[str, Any]) -> str:
        wide = self.wide(column)
        return f"{wide} < {self.number(test['low'])} OR {wide} > {self.number(test['high'])}"

    def _category(self, column: str, test: Mapping[str, Any]) -> str:
        """Ask whether a value has one of some labels: 1, 1.0 and "1.00" are all "1", true is "True"."""
        text, labels = self._trimmed(column), list(test["values"])
        if not labels:
            return "1 = 0"
        plain = [*labels, *(label.lower() for label in labels if label in {"True", "False"})]
        asked = f"{text} IN {self._list(plain)}"
        whole = [label for label in labels if _WHOLE.fullmatch(label)]
        if not whole:
            return asked
        points = [f"{sign}{label}." for label in whole for sign in ("", "-" if label == "0" else "", "+")]
        ends = self._list(dict.fromkeys(points))
        return f"{asked} OR (RTRIM({text}, '0') IN {ends} AND {text} NOT IN {ends})"

    def _trimmed(self, column: str) -> str:
        return self.dialect.trim.format(column)

    def _list(self, texts: Any) -> str:
        return f"({', '.join(map(self.text, texts))})"
