"""How each kind of database writes what the routing needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: What is cut off both ends of a text, by code: tab to carriage return, blank, the blank that does not break.
_SPACES: Final = (9, 10, 11, 12, 13, 32, 160)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one kind of database writes things."""

    quote: str
    double: str
    #: Whether a number is NaN or infinite; ``{0}`` is the column.
    not_finite: str
    trim: str
    #: A moment to compare ``CURRENT_TIMESTAMP`` with; ``{0}`` is its UTC date and time.
    moment: str
    #: Whether an application is drawn; ``{0}`` is the column, ``{1}`` the name of the policy before it, ``{2}`` the
    #: first 16 digits of a hash that is not drawn any more.
    drawn: str
    #: Whether a value is no number at all, where columns have no types.
    untyped: str = ""
    backslash: bool = False


_TYPED_SPACES = "||".join(f"CHR({code})" for code in _SPACES)
BY_NAME: Final[Mapping[str, Dialect]] = {
    "postgresql": Dialect(
        quote='"',
        double="DOUBLE PRECISION",
        # NaN equals itself here, and sorts above every number.
        not_finite="CAST({0} AS DOUBLE PRECISION) IN ('NaN', 'Infinity', '-Infinity')",
        trim=f"BTRIM(CAST({{0}} AS TEXT), {_TYPED_SPACES})",
        moment="TIMESTAMP WITH TIME ZONE '{0}+00'",
        drawn=(
            "LEFT(ENCODE(SHA256(CONVERT_TO({1} || CHR(10) || CAST({0} AS TEXT), 'UTF8')), 'hex'), 16) "
            'COLLATE "C" < {2}'
        ),
        backslash=True,
    ),
    "duckdb": Dialect(
        quote='"',
        double="DOUBLE",
        not_finite="NOT isfinite(CAST({0} AS DOUBLE))",
        trim=f"TRIM(CAST({{0}} AS VARCHAR), {_TYPED_SPACES})",
        moment="TIMESTAMP WITH TIME ZONE '{0}+00'",
        drawn="LEFT(SHA256({1} || CHR(10) || CAST({0} AS VARCHAR)), 16) < {2}",
    ),
    "sqlite": Dialect(
        # In double quotes SQLite takes the name of a missing column for a text.
        quote="`",
        double="REAL",
        not_finite="{0} IN (9e999, -9e999)",
        trim=f"TRIM(CAST({{0}} AS TEXT), char({', '.join(map(str, _SPACES))}))",
        moment="'{0}'",
        # It has no SHA-256: the function comes from the exported Python file.
        drawn="takes_part({0})",
        untyped="typeof({0}) NOT IN ('integer', 'real')",
    ),
}
#: Databases whose SQL can be written.
DIALECTS: Final = tuple(BY_NAME)
