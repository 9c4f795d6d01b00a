"""What was found to differ between two things, in words with numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from rai_dash.core.texts import mark, tr

SCHEMA: Final = "rai-dash/changed/1"
#: Headings of the areas, in the order in which they are told.
AREAS: Final = {
    "decisions": mark("Decisions"),
    "outcome": mark("Outcome"),
    "scores": mark("Scores"),
    "columns": mark("Columns"),
    "categories": mark("Categories"),
    "distributions": mark("Distributions"),
    "blanks": mark("Blanks"),
    "rows": mark("Rows"),
    "roles": mark("Roles"),
    "states": mark("States"),
    "policy": mark("Policy"),
    "parameters": mark("Parameters"),
    "inputs": mark("Files"),
    "program": mark("Program"),
    "settings": mark("Settings"),
    "numbers": mark("Numbers"),
    "texts": mark("Texts and lists"),
    "model": mark("Model"),
    "file": mark("Fingerprint"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeItem:
    """One thing that is not as it was.

    Parameters
    ----------
    area : str
        One of `AREAS`.
    what : str
        What it is about: a column, a parameter, a number by its place.
    words : str
        One sentence; names stand in it as they were typed.
    before, after : str, float, int or None
        Plain values; None = not there, or undefined.
    size : float
        For the order within its area, the larger first; 0 = no size.
    rows : int or None
        People of the smallest group that it tells about; None = it is about no group of people.
    """

    area: str
    what: str
    words: str
    before: str | float | None = None
    after: str | float | None = None
    size: float = 0.0
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Two things of one kind, side by side.

    Parameters
    ----------
    kind : str
        ``data``, ``model``, ``policy``, ``batch`` or ``run``.
    first, second : mapping
        What each is: ``name``, and ``fingerprint`` where there is one.
    headline : str
        One or two sentences.
    items : tuple of ChangeItem
        By area in the order of `AREAS`, the largest first; empty = nothing differs.
    notes : tuple of str
        What could not be compared, and why.
    details : mapping
        Numbers behind the words, plain values.
    """

    kind: str
    first: Mapping[str, str | None]
    second: Mapping[str, str | None]
    headline: str
    items: tuple[ChangeItem, ...] = ()
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_same(self) -> bool:
        """Whether nothing was found to differ."""
        return not self.items

    def of(self, area: str) -> tuple[ChangeItem, ...]:
        """Return the items of an area."""
        return tuple(item for item in self.items if item.area == area)

    @property
    def areas(self) -> dict[str, int]:
        """How many items each area has, in the order in which they are told; areas without any are left out."""
        found = Counter(item.area for item in self.items)
        return {area: found[area] for area in AREAS if found[area]}

    @property
    def content(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "first": dict(self.first),
            "second": dict(self.second),
            "same": self.is_same,
            "headline": self.headline,
            "items": [asdict(item) for item in self.items],
            "notes": list(self.notes),
            "details": dict(self.details),
        }

    def to_json(self, *, indent: int | None = 2) -> str:
        """Write it as JSON; undefined numbers are null."""
        return json.dumps(self.content, indent=indent, ensure_ascii=False, allow_nan=False)


def in_order(items: Iterable[ChangeItem]) -> tuple[ChangeItem, ...]:
    """Put items into the order of the areas, and within one by size from the largest."""
    place = {area: i for i, area in enumerate(AREAS)}
    return tuple(sorted(items, key=lambda item: (place[item.area], -item.size)))


def differs(area: str, what: str, before: object, after: object) -> Iterator[ChangeItem]:
    """Yield an item where two plain values are not the same."""
    was, now = as_shown(before), as_shown(after)
    if before == after and type(before) is type(after):
        return
    if was is None:
        words = tr("{what}: new, {now}.", what=what, now=now)
    elif now is None:
        words = tr("{what}: gone, it was {was}.", what=what, was=was)
    else:
        words = tr("{what}: {was} before, {now} now.", what=what, was=was, now=now)
    yield ChangeItem(area=area, what=what, words=words, before=was, after=now)


def as_shown(value: object) -> str | float | None:
    """Turn a plain value into one cell: numbers and texts stay, all else is written down."""
    if value is None or (isinstance(value, (str, int, float)) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(as_shown(one)) for one in value) or "none"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def hash_words(sha256: str | None) -> str | None:
    """Write the beginning of a hash, enough to tell two apart by eye."""
    return None if sha256 is None else sha256[:12]
