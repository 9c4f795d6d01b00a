"""Several spellings of one group."""

from __future__ import annotations

from typing import Any, Final

import pyarrow.compute as pc

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.look_alike import alike, difference, shown

#: Columns with more distinct values hold names or notes, not groups.
MOST_VALUES: Final = 1000
_LOOKED_AT: Final = 20_000
_SHOWN: Final = 3


def _counts(values: Any) -> list[tuple[str, int]] | None:
    """Count the distinct values, most frequent first; None where there are too many."""
    if pc.count_distinct(values.slice(0, _LOOKED_AT)).as_py() > MOST_VALUES:
        return None
    found = pc.value_counts(values.drop_null())
    if len(found) > MOST_VALUES:
        return None
    return sorted(((v["values"], int(v["counts"])) for v in found.to_pylist()), key=lambda v: (-v[1], v[0]))


def similar_values(values: Any, name: str) -> tuple[Notice, ...]:
    """Point out values of a column that look alike and are told apart.

    Parameters
    ----------
    values : Array or ChunkedArray of text (n,)
        Trimmed; nulls are left out.
    name : str
        Of the column.

    Returns
    -------
    tuple of Notice
        Empty, or one with the code ``similar_values``; its rows are those of the rarer spellings.
    """
    counts = _counts(values)
    if counts is None:
        return ()
    first: dict[str, tuple[str, int]] = {}
    pairs: list[str] = []
    rows = 0
    for text, count in counts:
        twin, often = first.setdefault(alike(text), (text, count))
        if twin == text:
            continue
        rows += count
        pairs.append(
            f"'{shown(twin)}' ({often:,}) and '{shown(text)}' ({count:,}) differ in {difference(twin, text)}"
        )
    if not pairs:
        return ()
    more = f" and {len(pairs) - _SHOWN:,} more pairs" if len(pairs) > _SHOWN else ""
    msg = tr(
        "`{name}`: {pairs}{more}. They count as different values; write them alike if they are one.",
        name=name,
        pairs="; ".join(pairs[:_SHOWN]),
        more=more,
    )
    return (Notice("similar_values", msg, column=name, rows=rows),)
