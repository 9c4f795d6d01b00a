"""Two JSON values, leaf by leaf: which numbers and texts are not the same, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

#: By what the members of a list of objects are told apart, where that names each of them once.
_NAMES: Final = (("name",), ("name", "group"), ("column", "group"), ("row",), ("code", "column"), ("code",),
                 ("column",), ("group",), ("metric",), ("value",))  # fmt: skip
JOINED: Final = " / "
#: What an estimate rests on moves with it, and is told by it.
BESIDE: Final = frozenset({"low", "high", "numerator", "denominator", "size"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One place in which two JSON values differ.

    Parameters
    ----------
    path : str
        Names from the outside in, with `` / `` between them.
    before, after : object
        Plain values; None = null.
    is_new, is_gone : bool
        Whether only one of the two has the place.
    low, high : float or None
        Interval of the number before, where it has one beside it.
    low_after, high_after : float or None
        Of the number after.
    """

    path: str
    before: Any
    after: Any
    is_new: bool = False
    is_gone: bool = False
    low: float | None = None
    high: float | None = None
    low_after: float | None = None
    high_after: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether both sides are numbers."""
        return is_number(self.before) and is_number(self.after)

    @property
    def beyond(self) -> bool:
        """Whether each of the two numbers lies outside the interval of the other."""
        if not self.is_number or None in {self.low, self.high, self.low_after, self.high_after}:
            return False
        in_old = self.low <= self.after <= self.high
        in_new = self.low_after <= self.before <= self.high_after
        return not in_old and not in_new


def is_number(value: object) -> bool:
    """Whether a JSON value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def leaves(before: object, after: object, path: str = "") -> Iterator[Leaf]:
    """Yield every place in which two JSON values differ, in their order.

    A list of plain values is one place; members of a list of objects are told apart by their names where these are
    unique, and by their position otherwise.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _objects(before, after, path)
    elif _is_objects(before) and _is_objects(after):
        yield from _objects(*_named(before, after), path)  # type: ignore[arg-type]
    elif not same(before, after):
        yield Leaf(path=path, before=before, after=after)


def same(before: object, after: object) -> bool:
    """Whether two JSON values are equal, true and 1 being two values."""
    if isinstance(before, bool) != isinstance(after, bool):
        return False
    return before == after


def places(value: object) -> int:
    """Count the numbers in a JSON value; the ends and counts of an estimate belong to its value."""
    if isinstance(value, Mapping):
        beside = BESIDE if is_number(value.get("value")) else ()
        return sum(places(one) for key, one in value.items() if key not in beside)
    if isinstance(value, (list, tuple)):
        return sum(places(one) for one in value)
    return int(is_number(value))


def _objects(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[Leaf]:
    for key in dict.fromkeys([*before, *after]):
        place = f"{path}{JOINED}{key}" if path else str(key)
        if key not in after:
            yield Leaf(path=place, before=before[key], after=None, is_gone=True)
        elif key not in before:
            yield Leaf(path=place, before=None, after=after[key], is_new=True)
        elif key == "value" and is_number(before[key]) and is_number(after[key]):
            yield from _estimate(before, after, place)
        else:
            yield from leaves(before[key], after[key], place)


def _estimate(before: Mapping[str, Any], after: Mapping[str, Any], place: str) -> Iterator[Leaf]:
    """Yield a number that may have its interval beside it."""
    if same(before["value"], after["value"]):
        return
    (low, high), (low_after, high_after) = (_interval(side) for side in (before, after))
    yield Leaf(
        path=place, before=before["value"], after=after["value"], low=low, high=high, low_after=low_after,
        high_after=high_after,
    )  # fmt: skip


def _interval(side: Mapping[str, Any]) -> tuple[float | None, float | None]:
    low, high = (side[end] if is_number(side.get(end)) else None for end in ("low", "high"))
    return low, high


def _is_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _named(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Name the members of two lists of objects."""
    for keys in _NAMES:
        found = [_by_names(side, keys) for side in (before, after)]
        if found[0] is not None and found[1] is not None:
            return found[0], found[1]
    first, second = ({str(place): one for place, one in enumerate(side)} for side in (before, after))
    return first, second


def _by_names(side: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, Any] | None:
    if not all(key in one and isinstance(one[key], (str, int, type(None))) for one in side for key in keys):
        return None
    found = {", ".join(str(one[key]) for key in keys if one[key] is not None): one for one in side}
    return found if len(found) == len(side) else None
