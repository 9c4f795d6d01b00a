"""From cells as written to plain columns: int64, float64 or text, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from rai_dash.core.types import Notice
from rai_dash.data.labels import MAX_EXACT

#: Words that often mean "missing"; they are pointed out and never replaced.
MISSING_WORDS: Final = ("?", "na", "n/a", "#n/a", "nan", "none", "null", "unknown", "exempt", "-", ".", "nil")
_LEADING_ZERO: Final = r"^[+-]?0[0-9xX]"
_LONG_WHOLE: Final = r"^[+-]?[0-9]{16,}$"
_COMMA_NUMBER: Final = r"^[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class Converted:
    """One column as it is kept.

    Parameters
    ----------
    values : Array or ChunkedArray (n,)
        int64 without blanks, float64, or large text; blanks are null.
    notices : tuple of Notice
        What a reader of the table should know.
    was_trimmed : bool
        Whether blanks around values were taken away.
    """

    values: Any
    notices: tuple[Notice, ...] = ()
    was_trimmed: bool = False


def _any(mask: Any) -> bool:
    return bool(pc.any(mask).as_py())


def _matches(values: Any, pattern: str) -> Any:
    return pc.match_substring_regex(values, pattern)


def blanks_to_null(values: Any) -> tuple[Any, bool]:
    """Trim text and make blanks null; also return whether anything was trimmed."""
    trimmed = pc.utf8_trim_whitespace(values)
    changed = _any(pc.not_equal(trimmed, values))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed), changed


def _cast(values: Any, kind: pa.DataType) -> Any | None:
    try:
        return values.cast(kind)
    except pa.ArrowInvalid:
        return None


def _is_id(values: Any) -> bool:
    return _any(_matches(values, _LEADING_ZERO)) or _any(_matches(values, _LONG_WHOLE))


def as_number(values: Any) -> Any | None:
    """Read text as numbers, exactly rounded; None where a cell is no number or the digits are an id.

    Numbers with leading zeros or with more than 15 digits and no point are ids and stay text: as
    numbers they would lose digits.
    """
    bare = pc.replace_substring_regex(values, r"^\+([0-9.])", r"\1")
    floats = _cast(bare, pa.float64())
    if floats is None or _is_id(values):
        return None
    whole = _cast(bare, pa.int64()) if floats.null_count == 0 else None
    return floats if whole is None else whole


def finite(values: Any, name: str) -> Converted:
    """Make what is infinite or not a number null, and say how many there were."""
    bad = pc.invert(pc.is_finite(values))
    count = int(pc.sum(bad).as_py() or 0)
    if not count:
        return Converted(values)
    msg = f"{count:,} cells of `{name}` are infinite or not a number; they count as missing."
    cleaned = pc.if_else(bad, pa.scalar(None, pa.float64()), values)
    return Converted(cleaned, (Notice("not_finite", msg, column=name, rows=count),))


def missing_words(values: Any, name: str) -> tuple[Notice, ...]:
    """Point out words that may mean "missing", with their counts."""
    is_word = pc.is_in(pc.utf8_lower(values), value_set=pa.array(MISSING_WORDS, values.type))
    count = int(pc.sum(is_word).as_py() or 0)
    if not count:
        return ()
    found = pc.value_counts(values.filter(is_word)).to_pylist()
    listed = ", ".join(
        f"'{v['values']}' ({v['counts']:,})" for v in sorted(found, key=lambda v: -int(v["counts"]))[:3]
    )
    rest = values.filter(pc.invert(is_word))
    numeric = len(rest) > rest.null_count and as_number(rest) is not None
    why = " The other values are numbers, so it is read as text only because of this." if numeric else ""
    msg = f"`{name}` holds {listed}, kept as a value.{why} If it means missing, leave these cells empty."
    return (Notice("missing_code", msg, column=name, rows=count),)


def _kept_as_text(name: str) -> Notice:
    msg = f"`{name}` is kept as text: its numbers start with 0 or have more than 15 digits."
    return Notice("kept_as_text", msg, column=name)


def _text_notices(values: Any, name: str) -> tuple[Notice, ...]:
    if _is_id(values) and _cast(values, pa.float64()) is not None:
        return (_kept_as_text(name),)
    return missing_words(values, name)


def _decimal_comma(values: Any, name: str) -> Converted | None:
    """Read numbers like ``1.234,5``; None where it is something else."""
    is_number, has_comma = _matches(values, _COMMA_NUMBER), _matches(values, ",")
    if not pc.all(is_number).as_py() or not _any(has_comma):
        return None
    numbers = as_number(pc.replace_substring(pc.replace_substring(values, ".", ""), ",", "."))
    if numbers is None:
        return None
    msg = f"`{name}` was read with a comma as the decimal mark."
    return Converted(numbers, (Notice("decimal_comma", msg, column=name),))


def convert_text(cells: Any, name: str, *, decimal_comma: bool = False) -> Converted:
    """Read one column of cells.

    Parameters
    ----------
    cells : Array or ChunkedArray of text (n,)
        As written.
    name : str
        Its name, for notices.
    decimal_comma : bool
        Whether ``1,5`` may be a number.
    """
    values, trimmed = blanks_to_null(cells)
    if values.null_count == len(values):
        return Converted(pa.nulls(len(values), pa.float64()), was_trimmed=trimmed)
    numbers = as_number(values)
    if numbers is not None:
        found = finite(numbers, name) if pa.types.is_floating(numbers.type) else Converted(numbers)
    elif decimal_comma and (read := _decimal_comma(values, name)) is not None:
        found = read
    else:
        found = Converted(values, _text_notices(values, name))
    return Converted(found.values, found.notices, trimmed)


def _of_text(column: Any, name: str) -> Converted:
    """Trim a text column that has a type already: it stays text."""
    values, trimmed = blanks_to_null(column.cast(pa.large_string()))
    if values.null_count == len(values):
        return Converted(pa.nulls(len(values), pa.float64()))
    return Converted(values, missing_words(values, name), trimmed)


def _of_integers(column: Any, name: str) -> Converted:
    high = max(abs(int(v)) for v in pc.min_max(column).as_py().values())
    if high >= MAX_EXACT:
        # The same digits in a CSV would stay text: they are an id, and a double would lose the last ones.
        return Converted(column.cast(pa.large_string()), (_kept_as_text(name),))
    return Converted(column.cast(pa.float64() if column.null_count else pa.int64()))


def _of_times(column: Any) -> Converted:
    series = column.to_pandas()
    texts = series.astype("str").mask(series.isna())
    return Converted(pa.array(texts.to_numpy(dtype=object), pa.large_string(), from_pandas=True))


def _storage(column: Any) -> Any:
    """Undo what only changes the look of values: extension types and dictionaries."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def convert_typed(given: pa.ChunkedArray, name: str) -> Converted | None:
    """Bring a column with a type to one of the three kinds; None for nested and binary ones."""
    column = _storage(given)
    kind, is_ = column.type, pa.types
    if column.null_count == len(column):
        return Converted(pa.nulls(len(column), pa.float64()))
    if is_.is_boolean(kind):
        return Converted(pc.if_else(column, pa.scalar("True"), pa.scalar("False")).cast(pa.large_string()))
    if is_.is_integer(kind):
        return _of_integers(column, name)
    if is_.is_floating(kind) or is_.is_decimal(kind):
        floats = column.cast(pa.float64())
        gaps = pc.if_else(pc.is_nan(floats), pa.scalar(None, pa.float64()), floats)
        return finite(gaps, name)
    if is_.is_string(kind) or is_.is_large_string(kind) or is_.is_string_view(kind):
        return _of_text(column, name)
    return _of_times(column) if is_.is_temporal(kind) else None
