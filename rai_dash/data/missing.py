"""What may stand for "missing": pointed out with its counts, and replaced only where a user chose it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.labels import label_text
from rai_dash.data.reading.numerals import NUMBER_LIKE, any_of, cast_or_none, is_id, sample, share_of_numbers

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset

#: Words that often mean "missing", in small letters.
MISSING_WORDS: Final = (
    "?", "??", "???", "-", "--", "---", ".", "..", "...", "*", "na", "n/a", "n.a.", "n.a", "#n/a", "<na>", "nan", "nat",
    "n/d", "n.d.", "none", "null", "#null!", "nil", "\\n", "unknown", "not known", "unk", "exempt", "missing",
    "(missing)", "blank", "(blank)", "empty", "undefined", "unspecified", "not specified", "not stated", "not given",
    "not reported", "not provided", "not available", "not applicable", "not in universe", "no data", "no answer",
    "information not provided", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "k.a.", "k. a.", "keine angabe",
    "unbekannt", "inconnu", "non renseigné", "desconocido", "sin dato", "sconosciuto", "onbekend", "okänd",
)  # fmt: skip
_NEGATIVE: Final = (-1, -7, -8, -9, -77, -88, -99, -98, -97, -666, -777, -888, -999, -998, -997, -8888, -9998, -9999,
                    -99999, -999999, -9999999, -99999999)  # fmt: skip
_TWO_DIGITS: Final = (77, 88, 97, 98, 99)
_POSITIVE: Final = (666, 777, 888, 997, 998, 999, 1111, 7777, 8888, 9997, 9998, 9999, 88888, 99998, 99999, 888888,
                    999998, 999999, 8888888, 9999999, 88888888, 99999998, 99999999, 999999999)  # fmt: skip
#: Numbers that often mean "missing".
NUMBER_CODES: Final = (*_NEGATIVE, *_TWO_DIGITS, *_POSITIVE)
#: Number codes that stand out among words.
_CODES_IN_TEXT: Final = tuple(str(c) for c in (*_NEGATIVE, *_POSITIVE) if c != -1)
#: A code lies so many times above everything else; amounts spread more, and two digits are often honest.
_FAR, _FAR_OF_AMOUNTS, _FAR_OF_TWO_DIGITS = 8, 20, 10
_AMOUNT: Final = 10_000
_FEW_ROWS: Final = 10
_MOST_STRAYS: Final = 5
_SHOWN: Final = 3


def _spellings() -> list[str]:
    return sorted(
        {s for w in MISSING_WORDS for s in (w, w.upper(), w.capitalize(), w.title())} | {"NaN", "NaT"}
    )


_SPELLINGS: Final = _spellings()


def _flags(values: Any, wanted: Iterable[object]) -> Any:
    return pc.is_in(values, value_set=pa.array(list(wanted), values.type))


def _is_text(values: Any) -> bool:
    return bool(pa.types.is_large_string(values.type) or pa.types.is_string(values.type))


def _counts(values: Any) -> dict[str, int]:
    """Count distinct values, most frequent first."""
    found = [(label_text(v["values"]), int(v["counts"])) for v in pc.value_counts(values).to_pylist()]
    return dict(sorted(found, key=lambda v: (-v[1], v[0])))


def _is_code(code: float, rows: int, low: float, high: float, others: int) -> bool:
    """Whether a number lies so far outside the others that it is hardly one of them."""
    if code < 0 <= low:
        return code != -1 or high >= 2  # -1 beside 0 and 1 is a sign
    if code < 0:
        return code != -1 and high > low and code <= low - (high - low)
    size = max(abs(low), abs(high), 1.0)
    if code in _TWO_DIGITS:
        return code >= _FAR_OF_TWO_DIGITS * size and rows > 1 and others >= _FEW_ROWS
    return code >= (_FAR_OF_AMOUNTS if code >= _AMOUNT else _FAR) * size


def _number_codes(values: Any) -> dict[str, int]:
    limits = pc.min_max(values).as_py()
    if limits["min"] is None or (limits["min"] >= 0 and limits["max"] < min(_TWO_DIGITS)):
        return {}
    flags = _flags(values, NUMBER_CODES)
    if not any_of(flags):
        return {}
    rest = values.filter(pc.invert(flags))
    low, high = pc.min_max(rest).as_py().values()
    if low is None:
        return {}
    known = len(rest) - rest.null_count
    return {c: n for c, n in _counts(values.filter(flags)).items() if _is_code(float(c), n, low, high, known)}


def _strays(rest: Any) -> dict[str, int]:
    """Count what is no number in a column that otherwise holds nothing else."""
    if share_of_numbers(sample(rest)) < 0.5:
        return {}
    is_number = pc.match_substring_regex(rest, NUMBER_LIKE)
    numbers, odd = rest.filter(is_number), rest.filter(pc.invert(is_number))
    count, most = len(odd) - odd.null_count, _MOST_STRAYS
    if not 0 < count * 4 <= len(numbers) or pc.count_distinct(odd).as_py() > most or is_id(numbers):
        return {}
    found = _counts(odd.drop_null())
    has_digits = any(c.isdigit() for text in found for c in text)
    return {} if has_digits and count * 100 > len(numbers) else found


def _words(values: Any) -> dict[str, int]:
    flags = _flags(values, _SPELLINGS)
    found = _counts(values.filter(flags)) if any_of(flags) else {}
    rest = values.filter(pc.invert(flags)) if found else values
    codes = _flags(rest, _CODES_IN_TEXT)
    if any_of(codes):
        others = rest.filter(pc.invert(codes)).drop_null()
        if len(others) and not any_of(pc.match_substring_regex(others, NUMBER_LIKE)):
            return found | _counts(rest.filter(codes))
    return found | _strays(rest)


def suggested_missing(values: Any) -> dict[str, int]:
    """Find what may stand for "missing" in one column.

    Parameters
    ----------
    values : Array or ChunkedArray (n,)
        int64, float64 or text; blanks null.

    Returns
    -------
    dict of str to int
        Value as a label, and its rows. Words: from ``MISSING_WORDS``, and what alone is no number in
        a column of numbers. Numbers: usual codes that lie far outside the other values.
    """
    if values.null_count == len(values):
        return {}
    return _words(values) if _is_text(values) else _number_codes(values)


def missing_suggestions(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Find what may stand for "missing", column by column; see ``suggested_missing``.

    Parameters
    ----------
    frame : DataFrame (n, ...)
        As read: int64, float64 or text.

    Returns
    -------
    dict of str to dict of str to int
        Column → value → rows; columns without a suggestion are left out.
    """
    found = {}
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind in "if":
            values = pa.array(column.to_numpy(), from_pandas=True)
        elif isinstance(column.dtype, pd.StringDtype):
            values = pa.array(column, pa.large_string(), from_pandas=True)
        else:
            continue
        if suggested := suggested_missing(values):
            found[str(name)] = suggested
    return found


def missing_suggestions_of(dataset: Dataset) -> dict[str, dict[str, int]]:
    """Find what may stand for "missing" over all rows, of the portfolio where there is one."""
    if dataset.portfolio is None:
        return missing_suggestions(dataset.frame)
    from rai_dash.data.portfolio.stand_ins import stand_ins

    return stand_ins(dataset.portfolio, dataset.frame)


def stand_in_notices(dataset: Dataset) -> tuple[Notice, ...]:
    """Point out what may stand for "missing" in a portfolio; of a table in memory its reader has said it."""
    if dataset.portfolio is None:
        return ()
    end = "If it means missing, have it left blank in the files."
    return tuple(
        Notice(
            "missing_code",
            tr("`{name}` holds {listed}, kept as a value. {end}", name=name, listed=_listed(found), end=end),
            column=name,
            rows=sum(found.values()),
        )
        for name, found in missing_suggestions_of(dataset).items()
    )


def _listed(found: Mapping[str, int]) -> str:
    shown = [f"'{value}' ({rows:,})" for value, rows in list(found.items())[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else "")


def _is_rest_numeric(values: Any, found: Mapping[str, int]) -> bool:
    rest = values.filter(pc.invert(_flags(values, found)))
    if rest.null_count == len(rest) or share_of_numbers(sample(rest)) < 1:
        return False
    return bool(pc.all(pc.match_substring_regex(rest, NUMBER_LIKE)).as_py()) and not is_id(rest)


def missing_notices(values: Any, name: str) -> tuple[Notice, ...]:
    """Point out what may stand for "missing" in a column; empty, or one notice ``missing_code``."""
    found = suggested_missing(values)
    if not found:
        return ()
    end = "If it means missing, choose it as a missing value of this column."
    if not _is_text(values):
        msg = f"`{name}` holds {_listed(found)}, far outside its other values, kept as a number. {end}"
    elif _is_rest_numeric(values, found):
        verb = "is" if len(found) == 1 else "are"
        msg = (
            f"`{name}`: {_listed(found)} {verb} the only thing that is not a number; it is read as text "
            f"only because of this. {end}"
        )
    else:
        msg = f"`{name}` holds {_listed(found)}, kept as a value. {end}"
    return (Notice("missing_code", msg, column=name, rows=sum(found.values())),)


def set_missing(values: Any, wanted: tuple[str, ...]) -> tuple[Any, int]:
    """Make the values that a user chose null.

    Parameters
    ----------
    values : Array or ChunkedArray (n,)
        int64, float64 or text.
    wanted : tuple of str
        As written; among numbers, what is a number is compared as one.

    Returns
    -------
    values : Array or ChunkedArray (n,)
        Integers become float64 where one is null.
    count : int
        How many cells it was.
    """
    if _is_text(values):
        flags = _flags(values, (w.strip() for w in wanted))
    else:
        texts = [cast_or_none(pa.scalar(w.strip()), pa.float64()) for w in wanted]
        numbers = [t.as_py() for t in texts if t is not None]
        flags = pc.is_in(values.cast(pa.float64()), value_set=pa.array(numbers, pa.float64()))
    count = int(pc.sum(flags).as_py() or 0)
    if not count:
        return values, 0
    if pa.types.is_integer(values.type):
        values = values.cast(pa.float64())
    return pc.if_else(flags, pa.scalar(None, values.type), values), count


def set_notice(name: str, wanted: tuple[str, ...], count: int) -> Notice:
    """Say how many cells count as missing because a user chose so."""
    listed = ", ".join(f"'{w}'" for w in wanted)
    verb = "counts" if count == 1 else "count"
    cells = "1 cell" if count == 1 else f"{count:,} cells"
    msg = tr(
        "{cells} of `{name}` {verb} as missing, as chosen: {listed}.",
        cells=cells,
        name=name,
        verb=verb,
        listed=listed,
    )
    if not count:
        msg = f"No cell of `{name}` is {listed}, chosen as missing. Check how it is written there."
    return Notice("missing_set", msg, column=name, rows=count)
