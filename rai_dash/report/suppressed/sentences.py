"""What sentences tell of few people: warnings about data and model, findings of a profile, warnings of a policy.

A sentence about a column that people are grouped by often says how often a value occurs: the size of a group, or of a
part of one. It is read for its numbers, as an outsider would read it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.report.suppressed.marks import SUPPRESSED, Json, Marker

#: A whole number on its own, thousands marked or not: how often a value occurs, among others.
_WHOLE: Final = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?!\w)(?![.,]\d)(?! ?%)")
_NAME: Final = re.compile(r"`[^`]*`")
_DIGIT: Final = re.compile(r"\d")


def whole_numbers(text: str) -> list[int]:
    """Return the whole numbers of a sentence, those in names of columns and groups left out.

    Examples
    --------
    >>> whole_numbers("`h2` is 'none' (1,250) in 12.5 % of 10 000, 3 of them")
    [1250, 10, 0, 3]
    """
    return [int(found.replace(",", "")) for found in _WHOLE.findall(_NAME.sub("", text))]


def closed_columns(mark: Marker) -> set[str]:
    """Return the columns of which the size of a group, or of a level, is hidden."""
    return {
        column
        for view in mark.people.views
        for column in view.columns
        if len(view.columns) == 1 and not mark.shows_all(view.nodes, "size")
    }


def hide_warnings(audit: Json, mark: Marker, closed: set[str]) -> None:
    """Take out what warnings about data and model say of few people."""
    found = [*((audit.get("data") or {}).get("warnings") or ())]
    found += (audit.get("model") or {}).get("warnings") or ()
    for warning in found:
        text, rows = str(warning["message"]), warning.get("rows") or 0
        columns = columns_of(text, warning.get("column"), mark)
        if columns and tells_few(
            text, sizes_of(columns, mark), is_closed=bool(columns & closed), fewest=mark.fewest, rows=rows
        ):
            warning["message"] = _instead(warning.get("column") or min(columns))
            warning["rows"] = None
            warning[SUPPRESSED] = True
            mark.taken += 1


def hide_sentences(texts: list[str], mark: Marker, closed: set[str]) -> None:
    """Take sentences about few people out of a list, in place."""
    for i, text in enumerate(texts):
        columns = columns_of(text, None, mark)
        if columns and tells_few(
            text, sizes_of(columns, mark), is_closed=bool(columns & closed), fewest=mark.fewest
        ):
            texts[i] = _instead(min(columns))
            mark.taken += 1


def _instead(column: str) -> str:
    return tr("A warning about few people of `{column}` is hidden.", column=column)


def tells_few(text: str, sizes: Collection[float], *, is_closed: bool, fewest: int, rows: int = 0) -> bool:
    """Whether a sentence about a column tells a number of few people, or one from which it would follow.

    Parameters
    ----------
    text : str
        The sentence, in English.
    sizes : collection of float
        Sizes of the groups of the column.
    is_closed : bool
        Whether one of them is hidden: any number of the sentence may then be one.
    fewest : int
        Fewest people of a number that is shown.
    rows : int
        A number that is told beside the sentence; 0 = none.
    """
    told = {n for n in (*whole_numbers(text), rows) if n}
    if is_closed and (told or _DIGIT.search(_NAME.sub("", text))):
        return True
    # A part of a group that is told beside the whole of it tells the other part.
    parts = {abs(size - n) for size in sizes for n in told.difference(sizes)}
    return any(1 <= n < fewest for n in told | parts)


def columns_of(text: str, column: str | None, mark: Marker) -> set[str]:
    """Return the columns that people are grouped by among those that a sentence is about."""
    grouped = {name for view in mark.people.views for name in view.columns}
    return {name for name in grouped if name == column or f"`{name}`" in text or f" of {name} " in text}


def sizes_of(columns: set[str], mark: Marker) -> set[float]:
    """Return the sizes of all groups that some columns, each by itself, divide people into."""
    return {
        n.size for view in mark.people.views if any(view.columns == {c} for c in columns) for n in view.nodes
    }
