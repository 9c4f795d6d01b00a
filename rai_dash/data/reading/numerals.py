"""Text as plain numbers, and what a cell looks like when it may be one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

_LEADING_ZERO: Final = r"^[+-]?0[0-9xX]"
_LONG_WHOLE: Final = r"^[+-]?[0-9]{16,}$"
#: Signs and codes of currencies, by the code that they are counted under.
CURRENCIES: Final = {
    "$": "USD", "US$": "USD", "USD": "USD", "€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP", "CHF": "CHF",
    "¥": "JPY", "JPY": "JPY", "₹": "INR", "INR": "INR", "R$": "BRL", "BRL": "BRL", "A$": "AUD", "AUD": "AUD",
    "C$": "CAD", "CAD": "CAD", "SEK": "SEK", "NOK": "NOK", "DKK": "DKK", "PLN": "PLN", "zł": "PLN", "CZK": "CZK",
    "Kč": "CZK", "HUF": "HUF", "DM": "DEM", "DEM": "DEM", "CNY": "CNY", "TWD": "TWD", "NT$": "TWD", "kr": "kr",
}  # fmt: skip
#: Any currency mark, for Python and for RE2.
CURRENCY: Final = "(?:" + "|".join(re.escape(c) for c in sorted(CURRENCIES, key=len, reverse=True)) + ")"
#: A blank of any width, as it stands between thousands.
WIDE_BLANKS: Final = "[\u00a0\u2007\u2009\u202f]"
_BODY: Final = (
    r"(?:[1-9][0-9]{0,2}(?:[., '][0-9]{3})+(?:[.,][0-9]+)?|[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?"
)
#: A whole cell that may be a number in any dress, after ``plain_marks``; for Python and for RE2.
NUMBER_LIKE: Final = rf"^\(?[+-]? ?{CURRENCY}? ?-?{_BODY} ?(?:{CURRENCY}|%)?-?\)?$"
_NUMBER_LIKE: Final = re.compile(NUMBER_LIKE)
_ID_LIKE: Final = re.compile(f"{_LEADING_ZERO}|{_LONG_WHOLE}")
_LOOKED_AT: Final = 100


def any_of(mask: Any) -> bool:
    """Whether one of the flags is set."""
    return bool(pc.any(mask).as_py())


def all_match(values: Any, pattern: str) -> bool:
    """Whether every cell that is not null fits a pattern."""
    return bool(pc.all(pc.match_substring_regex(values, pattern)).as_py())


def _is_float(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def text_to_float(values: Any) -> Any | None:
    """Cast text to float64; None where a cell does not allow it."""
    # A failed cast of a whole column costs more than a look at its first cells.
    first = values.slice(0, _LOOKED_AT).to_pylist()
    if not all(cell is None or _is_float(cell) for cell in first):
        return None
    return cast_or_none(values, pa.float64())


def cast_or_none(values: Any, kind: pa.DataType) -> Any | None:
    """Cast a column; None where a cell does not allow it."""
    try:
        return values.cast(kind)
    except pa.ArrowInvalid:
        return None


def is_id(values: Any) -> bool:
    """Whether some number starts with 0 or has more digits than a double keeps."""
    return any_of(pc.match_substring_regex(values, _LEADING_ZERO)) or any_of(
        pc.match_substring_regex(values, _LONG_WHOLE)
    )


def as_number(values: Any) -> Any | None:
    """Read text as numbers, exactly rounded; None where a cell is no number or the digits are an id.

    Numbers with leading zeros or with more than 15 digits and no point are ids and stay text: as
    numbers they would lose digits.
    """
    bare = pc.replace_substring_regex(values, r"^\+([0-9.])", r"\1")
    floats = text_to_float(bare)
    if floats is None or is_id(values):
        return None
    whole = cast_or_none(bare, pa.int64()) if floats.null_count == 0 else None
    return floats if whole is None else whole


def plain_marks(text: str) -> str:
    """Write unusual blanks, minus signs and apostrophes as the plain ones."""
    return re.sub(WIDE_BLANKS, " ", text).replace("\u2212", "-").replace("\u2019", "'")


def is_number_like(cell: str) -> bool:
    """Whether a cell may be a number in any dress."""
    return _NUMBER_LIKE.fullmatch(plain_marks(cell.strip())) is not None


def sample(values: Any) -> list[str]:
    """Return some cells of a column from all over it, without nulls."""
    known = values.drop_null()
    step = max(1, len(known) // _LOOKED_AT)
    return [str(v) for v in known.take(pa.array(range(0, len(known), step), pa.int64())).to_pylist()]


def share_of_numbers(cells: Sequence[str]) -> float:
    """Return which share of cells may be numbers and not ids."""
    found = sum(is_number_like(c) and _ID_LIKE.match(c) is None for c in cells)
    return found / len(cells) if cells else 0.0
