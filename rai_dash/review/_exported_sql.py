"""The routing as a SQL ``CASE``: terms, no score, conditions, then the band, all in double precision."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand, ScoreScale
from rai_dash.review import _portable, _portable_terms
from rai_dash.review._condition import Condition
from rai_dash.review._sql_dialects import BY_NAME, DIALECTS, Dialect
from rai_dash.review.row_routes import policy_of
from rai_dash.review.terms import Terms, first_outside, no_key

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")


def sql_case(
    band: ReviewBand,
    *,
    score: str = "score",
    conditions: Sequence[Condition] = (),
    dialect: str = "postgresql",
    what: str = "route",
    terms: Terms | None = None,
    key: str | None = None,
    scale: ScoreScale | None = None,
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
    terms : Terms, optional
        Of a signed policy, put before everything else; times are compared with ``CURRENT_TIMESTAMP``.
    key : str, optional
        Column with the name of the application, a text or a whole number, for terms of the stage ``share``. SQLite
        needs ``takes_part`` of the exported Python file as a function of the connection.
    scale : ScoreScale, optional
        How the score reads, where it is not itself the probability of the favourable outcome.

    Returns
    -------
    str
        Names of columns are quoted, texts escaped.

    Raises
    ------
    InvalidChoice
        When the dialect is unknown, a condition is not frozen, a name cannot be written, or the key is missing.
    """
    _check_dialect(dialect)
    if what not in {"route", "reason"}:
        msg = tr("SQL gives a route or a reason, not `{what}`. Ask for one of these.", what=what)
        raise InvalidChoice(msg)
    write = _Writer(BY_NAME[dialect])
    column = write.name(score)
    policy = policy_of(band, conditions, scale)
    on, wide, review = policy.get("scale"), write.wide(column), _portable.REVIEW
    low, high = ("0", "1") if on is None else (write.number(on["low"]), write.number(on["high"]))
    value = wide if on is None else write.probability(wide, on)
    lines = [] if terms is None else [(asked, review, reason) for asked, reason in write.terms(terms, key)]
    lines += [
        (write.is_no_number(column), review, _portable.NO_SCORE),
        (f"{wide} < {low} OR {wide} > {high}", review, _portable.OFF_SCALE),
    ]
    for test in policy["tests"]:
        lines += [(predicate, review, reason) for predicate, reason in write.test(test)]
    if band.lo is not None:
        lines.append((f"{value} < {write.number(band.lo)}", _portable.REJECT, _portable.BELOW))
    if band.hi is not None:
        lines.append((f"{value} >= {write.number(band.hi)}", _portable.APPROVE, _portable.ABOVE))
    at = 1 if what == "route" else 2
    whens = [f"  WHEN {line[0]} THEN {write.text(line[at])}" for line in lines]
    return "\n".join(["CASE", *whens, f"  ELSE {write.text(('', review, _portable.INSIDE)[at])}", "END"])


def quoted(name: str, dialect: str) -> str:
    """Quote the name of a table or column.

    Raises
    ------
    InvalidChoice
        When the dialect is unknown, or the name is empty or cannot be written.
    """
    _check_dialect(dialect)
    return _Writer(BY_NAME[dialect]).name(name)


def _check_dialect(dialect: str) -> None:
    if dialect not in BY_NAME:
        msg = tr(
            "SQL is written for {dialects}; got {dialect}. Name one of these.",
            dialects=", ".join(DIALECTS),
            dialect=dialect,
        )
        raise InvalidChoice(msg)


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

    def __init__(self, dialect: Dialect) -> None:
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
            msg = tr("A column called {name} cannot be named in SQL. Rename it.", name=f"{name!r}")
            raise InvalidChoice(msg)
        sign = self.dialect.quote
        return f"{sign}{name.replace(sign, sign * 2)}{sign}"

    def text(self, text: str) -> str:
        """Write a text."""
        if "\0" in text:
            msg = tr(
                "The text {text} cannot be written in SQL. Leave it out of the conditions.", text=f"{text!r}"
            )
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

    def probability(self, wide: str, scale: Mapping[str, Any]) -> str:
        """Turn a score into the probability of the favourable outcome, as `rai_dash.review._portable` does."""
        span = self.number(scale["high"] - scale["low"])
        share = f"(({wide} - {self.number(scale['low'])}) / {span})"
        if scale["direction"] == "higher":
            return share
        turn, digits, one = self.number(_portable.TURN), self.number(1e15), self.number(1.0)
        return f"(((({one} - {share}) * {digits} + {turn}) - {turn}) / {digits})"

    def is_no_number(self, column: str) -> str:
        """Ask whether there is no finite number."""
        parts = [f"{column} IS NULL", self.dialect.not_finite.format(column)]
        if self.dialect.untyped:
            parts.insert(1, self.dialect.untyped.format(column))
        return " OR ".join(parts)

    def terms(self, terms: Terms, key: str | None) -> list[tuple[str, str]]:
        """Write the terms of a policy as predicates with their reasons."""
        if not terms.in_force:
            return [("1 = 1", _portable_terms.NOT_IN_FORCE)]
        asked = []
        if terms.valid_from is not None:
            asked.append(
                (f"CURRENT_TIMESTAMP < {self._moment(terms.valid_from)}", _portable_terms.NOT_IN_FORCE)
            )
        if terms.expires_at is not None:
            asked.append((f"CURRENT_TIMESTAMP >= {self._moment(terms.expires_at)}", _portable_terms.EXPIRED))
        if terms.stage == "shadow":
            asked.append(("1 = 1", _portable_terms.SHADOW))
        if terms.stage == "share":
            asked.append((self._is_left_out(terms, key), _portable_terms.NOT_IN_ROLLOUT))
        return asked

    def _moment(self, moment: datetime) -> str:
        return self.dialect.moment.format(moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"))

    def _is_left_out(self, terms: Terms, key: str | None) -> str:
        """Ask whether an application is none of the share, or has no name."""
        if key is None:
            raise no_key(terms)
        column = self.name(key)
        end = self.text(first_outside(float(terms.share or 0.0)))
        drawn = self.dialect.drawn.format(column, self.text(terms.policy_id), end)
        return f"{column} IS NULL OR CAST({column} AS VARCHAR) = '' OR NOT ({drawn})"

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
