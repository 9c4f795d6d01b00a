"""Conditions as sentences: ``amount > 50,000``, ``purpose in business, car``, ``out of range in age``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.texts import tr
from rai_dash.data.asked import written_number
from rai_dash.data.columns import closest_names
from rai_dash.review._condition import (
    BLANK,
    CATEGORY,
    FRAGILE,
    KIND_OF,
    NUMBER,
    OUT_OF_RANGE,
    UNLESS,
    UNSEEN,
    Condition,
)

_BEHIND: Final = {
    "is blank": BLANK,
    "is imputed": BLANK,
    "is out of range": OUT_OF_RANGE,
    "is unseen": UNSEEN,
}
_KIND = re.compile(
    rf"(?P<kind>{'|'.join(sorted(map(re.escape, KIND_OF), key=len, reverse=True))})(?:\s+in\s+(?P<columns>.+))?",
    re.IGNORECASE | re.DOTALL,
)
_COMPARISON = re.compile(r"(?P<sign>>=|<=|>|<)\s*(?P<number>\S.*)", re.DOTALL)
_ITEM = re.compile(r'\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<bare>[^,"][^,]*))\s*(?:,|$)', re.DOTALL)
_SIGN = re.compile(r"\s*(?:>=|<=|>|<|=|\bin\b|\bis\b)")
_HOW = (
    'Write "amount > 50000", "purpose in business, car", "unseen category", "out of range in age", "blank input" or '
    '"fragile"; "unless blank" behind a comparison leaves blanks to the score.'
)


def parse_condition(text: str, *, columns: Sequence[str]) -> Condition:
    """Read one condition.

    Parameters
    ----------
    text : str
        ``COLUMN > 50,000`` (also ``>=``, ``<``, ``<=``), ``COLUMN in A, B`` or ``COLUMN = A``, ``unseen category``,
        ``out of range``, ``blank input`` (each also ``… in COLUMN, COLUMN``), ``fragile``. A comparison may end in
        ``unless blank``. A name or value with a comma in it is written in double quotes, as in JSON.
    columns : sequence of str
        Names of the columns of the table.

    Raises
    ------
    MissingColumn
        When it speaks of a column that the table does not have.
    InvalidChoice
        When it cannot be read.

    Examples
    --------
    >>> parse_condition("amount > 50,000", columns=["amount"]).words()
    'amount > 50000'
    """
    body = text.strip()
    blank_too = not body.casefold().endswith(f" {UNLESS}")
    if not blank_too:
        body = body[: -len(UNLESS)].strip()
    found = _about_inputs(body, columns) or _about_column(body, columns)
    if found is None:
        raise _not_understood(text, body, columns)
    # Not on a comparison, it is refused by the condition.
    return found if blank_too else replace(found, blank_too=False)


def _about_inputs(body: str, columns: Sequence[str]) -> Condition | None:
    """Read what is said about every input, or about a list of them."""
    found = _KIND.fullmatch(body)
    if found is None or (found["columns"] is not None and any(body == c for c in columns)):
        return None
    kind = KIND_OF[found["kind"].casefold()]
    names = () if found["columns"] is None else _items(found["columns"])
    if names is None:
        return None
    _require(names if kind != FRAGILE else (), columns)
    return Condition(kind=kind, columns=names)


def _about_column(body: str, columns: Sequence[str]) -> Condition | None:
    """Read what is said about one column; the longest name that fits is meant."""
    for column, rest in _heads(body, columns):
        behind = " ".join(rest.casefold().split())
        if behind in _BEHIND:
            return Condition(kind=_BEHIND[behind], columns=(column,))
        comparison = _COMPARISON.fullmatch(rest)
        if comparison is not None:
            value = written_number(comparison["number"])
            return Condition(kind=NUMBER, columns=(column,), operator=comparison["sign"], value=value)
        listed = re.fullmatch(r"(?:in\s+|is\s+|=\s*)(.+)", rest, re.IGNORECASE | re.DOTALL)
        values = None if listed is None else _items(listed[1])
        if values is not None:
            return Condition(kind=CATEGORY, columns=(column,), values=values)
    return None


def _heads(body: str, columns: Sequence[str]) -> Iterable[tuple[str, str]]:
    """List the columns that a sentence may begin with, and what follows."""
    if body.startswith('"'):
        try:
            name, end = json.JSONDecoder().raw_decode(body)
        except ValueError:
            return
        _require((name,), columns)
        yield name, body[end:].strip()
        return
    for column in sorted(columns, key=len, reverse=True):
        for written in (column, f"`{column}`"):
            if written and body.startswith(written):
                yield column, body[len(written) :].strip()


def _items(text: str) -> tuple[str, ...] | None:
    """Split a list at its commas, outside of quotes; None where it cannot be."""
    found, at = [], 0
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None:
            return None
        try:
            found.append(json.loads(item["quoted"]) if item["quoted"] else item["bare"].strip())
        except ValueError:
            return None
        at = item.end()
    return tuple(found) or None


def _require(names: Iterable[str], columns: Sequence[str]) -> None:
    missing = next((name for name in names if name not in columns), None)
    if missing is not None:
        close = closest_names(missing, columns)
        hint = f"Did you mean `{close[0]}`?" if close else f"It has: {', '.join(columns[:12])}."
        msg = tr(
            "A condition speaks of `{missing}`, which is no column of the table. {hint}",
            missing=missing,
            hint=hint,
        )
        raise MissingColumn(msg)


def _not_understood(text: str, body: str, columns: Sequence[str]) -> Exception:
    """Say what is wrong: the name of a column, or everything."""
    sign = _SIGN.search(body)
    name = body[: sign.start()].strip().strip("`") if sign else ""
    if name and name not in columns:
        try:
            _require((name,), columns)
        except MissingColumn as error:
            return error
    return InvalidChoice(f"The condition `{text}` cannot be read. {_HOW}")
