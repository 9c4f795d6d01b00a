"""Dates stay text; only what a reader of them could get wrong is said."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.reading.numerals import all_match, any_of, sample

_PARTS: Final = (
    r"^(?P<first>[0-9]{1,2})[./-](?P<second>[0-9]{1,2})[./-](?:[0-9]{4}|[0-9]{2})(?:[ T][0-9:.]+)?$"
)


def _over(parts: Any, name: str, limit: int) -> Any:
    return pc.greater(pc.struct_field(parts, name).cast(pa.int64()), limit)


def date_notices(values: Any, name: str) -> tuple[Notice, ...]:
    """Say where the day and the month of a column of dates cannot be told apart.

    Parameters
    ----------
    values : Array or ChunkedArray of text (n,)
        Trimmed, blanks null.
    name : str
        Of the column.

    Returns
    -------
    tuple of Notice
        ``ambiguous_date`` where every date can be read in both ways, ``impossible_date`` where no
        single way reads them all (its rows: the fewest that do not fit), else empty.
    """
    cells = pa.array(sample(values), pa.large_string())
    if not all_match(cells, _PARTS) or not all_match(values, _PARTS):
        return ()
    parts = pc.extract_regex(values, _PARTS)
    first, second = _over(parts, "first", 12), _over(parts, "second", 12)
    too_late = pc.or_(_over(parts, "first", 31), _over(parts, "second", 31))
    if not any_of(pc.or_(first, second)):
        msg = tr(
            "The dates of `{name}` can be read with the day or the month first, as all parts are 12 or "
            "less. They are kept as text; write them as 2024-12-31 to be sure.",
            name=name,
        )
        return (Notice("ambiguous_date", msg, column=name),)
    wrong = min(int(pc.sum(pc.or_(flags, too_late)).as_py()) for flags in (first, second))
    if not wrong:
        return ()
    msg = tr(
        "{wrong} dates of `{name}` do not fit the others: the month would be above 12 or the day above "
        "31. They are kept as text; check how they were exported.",
        wrong=f"{wrong:,}",
        name=name,
    )
    return (Notice("impossible_date", msg, column=name, rows=wrong),)
