"""Text cells become numbers where every cell is one; what was guessed is said."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rai_dash.core.types import Notice

_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_WHOLE: Final = r"^[+-]?\d+$"
_COMMA: Final = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$"
_ID: Final = r"^[+-]?0\d"
#: Beyond 15 digits neighbouring whole numbers are one float64.
_LONG: Final = r"^[+-]?\d{16,}"
_NO_NUMBER: Final = r"(?i)^[+-]?(inf|infinity|nan)$"
_MISSING_WORDS: Final = frozenset(
    {"?", "na", "n/a", "n.a.", "nan", "null", "none", "unknown", "missing", "exempt", "-", "--"}
)


def _every(values: Any, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(values, pattern)).as_py())


def _some(values: Any, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(values, pattern)).as_py())


def trimmed(values: Any) -> tuple[Any, bool]:
    """Trim text cells and turn blank ones into nulls; returns whether anything was trimmed."""
    bare = pc.utf8_trim_whitespace(values)
    had_blanks = bool(pc.any(pc.not_equal(bare, values)).as_py())
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, bare.type), bare), had_blanks


def _as_float(values: Any) -> pd.Series:
    # The parser of Arrow takes no plus sign.
    plain = pc.replace_substring_regex(values, r"^\+", "")
    return pd.Series(pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _numbers(name: str, values: Any, known: Any, notices: list[Notice]) -> pd.Series | None:
    """Return a column of numbers, or None where it is text."""
    if _some(known, _ID) or _some(known, _LONG):
        return None
    if _every(known, _WHOLE) and values.null_count == 0:
        plain = pc.replace_substring_regex(values, r"^\+", "")
        return pd.Series(pc.cast(plain, pa.int64()).to_numpy(zero_copy_only=False))
    if _every(known, _NUMBER):
        found = _as_float(values)
        infinite = int(np.isinf(found).sum())
        if infinite:
            notices.append(_infinite(name, infinite))
        return found.replace([np.inf, -np.inf], np.nan)
    strange = pc.match_substring_regex(known, _NO_NUMBER)
    rest = known.filter(pc.invert(strange))
    if len(rest) and _every(rest, _NUMBER):
        notices.append(_infinite(name, int(pc.sum(strange).as_py())))
        gone = pc.match_substring_regex(values, _NO_NUMBER)
        return _as_float(pc.if_else(gone, pa.scalar(None, values.type), values))
    return None


def _infinite(name: str, rows: int) -> Notice:
    text = f"{rows:,} cells of `{name}` are infinite or not a number; they count as missing."
    return Notice("not_finite", text, name, rows)


def _missing_words(name: str, known: Any, notices: list[Notice]) -> None:
    """Suggest words that may stand for a missing value; nothing is replaced."""
    counts = pc.value_counts(known).to_pylist()
    found = {c["values"]: c["counts"] for c in counts if str(c["values"]).casefold() in _MISSING_WORDS}
    if found and len(counts) < 10_000:
        listed = ", ".join(f"`{word}` ({n:,} rows)" for word, n in found.items())
        text = (
            f"`{name}` holds {listed}, which may stand for a missing value. It is kept as a value of its own."
        )
        notices.append(Notice("missing_code", text, name, sum(found.values())))


def converted(name: str, values: Any, *, decimal_comma: bool, notices: list[Notice]) -> pd.Series:
    """Turn one column of trimmed text into numbers where every cell is one.

    Parameters
    ----------
    name : str
        Of the column, for notices.
    values : arrow text array (n,)
        Nulls are blanks.
    decimal_comma : bool
        Whether ``1.234,5`` may be a number (the separator is not a comma).
    notices : list of Notice
        What was found is added.

    Returns
    -------
    Series (n,)
        int64, float64 (NaN = blank), or ``str``. Leading zeros and more than 15 digits stay text.
    """
    known = values.drop_null()
    if len(known) == 0:
        return pd.Series(np.full(len(values), np.nan))
    found = _numbers(name, values, known, notices)
    if found is not None:
        return found
    if decimal_comma and _every(known, _COMMA) and _some(known, ",") and not _some(known, _ID):
        notices.append(Notice("decimal_comma", f"`{name}` was read with a comma as the decimal mark.", name))
        plain = pc.replace_substring(pc.replace_substring(values, ".", ""), ",", ".")
        return _as_float(plain)
    _missing_words(name, known, notices)
    return pd.Series(values.to_pandas()).astype("str")
