"""From cells as written to plain columns: int64, float64 or text, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.labels import MAX_EXACT
from rai_dash.data.missing import missing_notices, set_missing, set_notice
from rai_dash.data.options import ReadOptions
from rai_dash.data.reading.dates import date_notices
from rai_dash.data.reading.number_dress import Dressed, may_be_thousands, read_dressed
from rai_dash.data.reading.numerals import any_of, as_number, cast_or_none, is_id, text_to_float
from rai_dash.data.reading.similar import similar_values

_GUESS = ReadOptions()


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


def blanks_to_null(values: Any) -> tuple[Any, bool]:
    """Trim text and make blanks null; also return whether anything was trimmed."""
    trimmed = pc.utf8_trim_whitespace(values)
    changed = any_of(pc.not_equal(trimmed, values))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed), changed


def finite(values: Any, name: str) -> Converted:
    """Make what is infinite or not a number null, and say how many there were."""
    bad = pc.invert(pc.is_finite(values))
    count = int(pc.sum(bad).as_py() or 0)
    if not count:
        return Converted(values)
    msg = tr(
        "{count} cells of `{name}` are infinite or not a number; they count as missing.",
        count=f"{count:,}",
        name=name,
    )
    cleaned = pc.if_else(bad, pa.scalar(None, pa.float64()), values)
    return Converted(cleaned, (Notice("not_finite", msg, column=name, rows=count),))


def _finite_numbers(values: Any, name: str) -> Converted:
    return finite(values, name) if pa.types.is_floating(values.type) else Converted(values)


def _kept_as_text(name: str) -> Notice:
    msg = tr("`{name}` is kept as text: its numbers start with 0 or have more than 15 digits.", name=name)
    return Notice("kept_as_text", msg, column=name)


def _point_may_group(name: str) -> Notice:
    msg = tr(
        "Every number with a point in `{name}` has three digits behind it; the point was read as the "
        "decimal mark. If it stands between thousands, choose the comma as the decimal mark.",
        name=name,
    )
    return Notice("ambiguous_number", msg, column=name)


def _dressed(values: Any, name: str, options: ReadOptions, *, decimal_comma: bool) -> Converted | None:
    found: Dressed | None = read_dressed(values, name, options.decimal, comma_first=decimal_comma)
    if found is None:
        return None
    if pa.types.is_large_string(found.values.type):
        return Converted(found.values, found.notices)
    done = _finite_numbers(found.values, name)
    return Converted(done.values, (*found.notices, *done.notices))


def _numbers(values: Any, name: str, options: ReadOptions, *, decimal_comma: bool) -> Converted | None:
    """Read a column as numbers; None where it is something else."""
    if options.decimal == "," and any_of(pc.match_substring(values, ".")):
        found = _dressed(values, name, options, decimal_comma=True)
        if found is not None and not pa.types.is_large_string(found.values.type):
            return found
    numbers = as_number(values)
    if numbers is None:
        return _dressed(values, name, options, decimal_comma=decimal_comma)
    done = _finite_numbers(numbers, name)
    is_open = decimal_comma and options.decimal is None and pa.types.is_floating(numbers.type)
    told = (_point_may_group(name),) if is_open and may_be_thousands(values) else ()
    return Converted(done.values, (*told, *done.notices))


def _text_notices(values: Any, name: str) -> tuple[Notice, ...]:
    if text_to_float(values) is not None:
        return (_kept_as_text(name),) if is_id(values) else ()
    return (*date_notices(values, name), *similar_values(values, name))


def _no_values(rows: int) -> Any:
    return pa.nulls(rows, pa.float64())


def _without_missing(found: Converted, name: str, options: ReadOptions, before: int = 0) -> Converted:
    """Make null what was chosen as missing and is not yet (``before`` cells are), suggest what else may be."""
    values, notices = found.values, list(found.notices)
    wanted = options.missing_in(name)
    if wanted:
        values, count = set_missing(values, wanted)
        if before + count or name in options.missing:
            notices.append(set_notice(name, wanted, before + count))
    if values.null_count == len(values):
        return Converted(_no_values(len(values)), tuple(notices), found.was_trimmed)
    return Converted(values, (*notices, *missing_notices(values, name)), found.was_trimmed)


def convert_text(
    cells: Any, name: str, *, decimal_comma: bool = False, options: ReadOptions = _GUESS
) -> Converted:
    """Read one column of cells.

    Parameters
    ----------
    cells : Array or ChunkedArray of text (n,)
        As written.
    name : str
        Its name, for notices.
    decimal_comma : bool
        Whether ``1,234`` is rather a decimal than thousands, where nothing else tells.
    options : ReadOptions
        What was chosen; ``decimal``, ``missing`` and ``text`` are used.
    """
    values, trimmed = blanks_to_null(cells)
    wanted = options.missing_in(name)
    values, chosen = set_missing(values, wanted) if wanted else (values, 0)
    found: Converted | None = None
    if values.null_count == len(values):
        found = Converted(values)
    elif name in options.text:
        found = Converted(values, similar_values(values, name))
    else:
        found = _numbers(values, name, options, decimal_comma=decimal_comma)
    found = found or Converted(values, _text_notices(values, name))
    return _without_missing(Converted(found.values, found.notices, trimmed), name, options, chosen)


def _of_text(column: Any, name: str) -> Converted:
    """Trim a text column that has a type already: it stays text."""
    values, trimmed = blanks_to_null(column.cast(pa.large_string()))
    return Converted(values, similar_values(values, name), trimmed)


def is_long(column: Any) -> bool:
    """Whether some whole number of a column has more digits than a double is sure to keep."""
    ends = pc.min_max(column).as_py().values()
    return any(abs(int(v)) >= MAX_EXACT for v in ends if v is not None)


def _of_integers(column: Any, name: str) -> Converted:
    if is_long(column):
        # The same digits in a CSV would stay text: they are an id, and a double would lose the last ones.
        return Converted(column.cast(pa.large_string()), (_kept_as_text(name),))
    return Converted(column.cast(pa.float64() if column.null_count else pa.int64()))


def _of_times(column: Any) -> Converted:
    if pa.types.is_timestamp(column.type):
        return Converted(moments_to_text(column))
    series = column.to_pandas()
    texts = series.astype("str").mask(series.isna())
    return Converted(pa.array(texts.to_numpy(dtype=object), pa.large_string(), from_pandas=True))


def moments_to_text(column: Any) -> Any:
    """Write each moment by itself: ``2031-05-01 00:00:00``, with a fraction where there is one, zones in UTC.

    What the other cells hold must not matter: a part of the rows has the same labels as all of them. Engines bring
    a zone back as that of their session, so only the moment itself can be kept.
    """
    unit, zone = column.type.unit, column.type.tz
    # As a moment of UTC without its zone, so that no table of zones is needed.
    bare = (
        column.cast(pa.timestamp(unit, "UTC")).cast(pa.int64()).cast(pa.timestamp(unit)) if zone else column
    )
    fine = bare.cast(pa.timestamp("us")) if unit == "ms" else bare
    texts = pc.strftime(fine, "%Y-%m-%d %H:%M:%S")
    texts = pc.replace_substring_regex(texts, r"\.0+$", "")
    texts = pc.replace_substring_regex(texts, r"(\.[0-9]{6})000$", r"\1")
    return pc.binary_join_element_wise(texts, "+00:00" if zone else "", "").cast(pa.large_string())


def _storage(column: Any) -> Any:
    """Undo what only changes the look of values: extension types and dictionaries."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _plain(column: Any, name: str) -> Converted | None:
    """Bring a column with a type to one of the three kinds."""
    kind, is_ = column.type, pa.types
    if column.null_count == len(column):
        return Converted(_no_values(len(column)))
    if is_.is_boolean(kind):
        return Converted(pc.if_else(column, pa.scalar("True"), pa.scalar("False")).cast(pa.large_string()))
    if is_.is_integer(kind):
        return _of_integers(column, name)
    if is_.is_floating(kind) or is_.is_decimal(kind):
        floats = decimals_to_float(column) if is_.is_decimal(kind) else column.cast(pa.float64())
        gaps = pc.if_else(pc.is_nan(floats), pa.scalar(None, pa.float64()), floats)
        return finite(gaps, name)
    if is_.is_string(kind) or is_.is_large_string(kind) or is_.is_string_view(kind):
        return _of_text(column, name)
    return _of_times(column) if is_.is_temporal(kind) else None


def decimals_to_float(column: Any) -> Any:
    """Read decimals to the nearest double, by their digits: Arrow's own cast is off in the last bit for one in ten."""
    return column.cast(pa.string()).cast(pa.float64())


def _as_text(values: Any) -> Any:
    """Write numbers as labels: whole ones without a point."""
    whole = cast_or_none(values, pa.int64())
    return (values if whole is None else whole).cast(pa.large_string())


def convert_typed(given: pa.ChunkedArray, name: str, options: ReadOptions = _GUESS) -> Converted | None:
    """Bring a column with a type to one of the three kinds; None for nested and binary ones.

    Parameters
    ----------
    given : ChunkedArray (n,)
        Of any type.
    name : str
        Its name, for notices.
    options : ReadOptions
        What was chosen; ``missing`` and ``text`` are used.
    """
    found = _plain(_storage(given), name)
    if found is None:
        return None
    done = _without_missing(found, name, options)
    if name not in options.text or done.values.null_count == len(done.values):
        return done
    return Converted(_as_text(done.values), done.notices, done.was_trimmed)
