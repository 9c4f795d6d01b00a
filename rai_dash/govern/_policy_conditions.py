"""The conditions of a policy as plain values that survive canonical JSON whole, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

from rai_dash.govern._signed import Name, Signed, Text
from rai_dash.review.conditions import Condition, condition_from_json


class KnownCategories(Signed):
    """The labels that the training rows held in one column."""

    column: Text
    values: tuple[Text, ...]


class KnownRange(Signed):
    """The smallest and the largest value of the training rows in one column; null = without end."""

    column: Text
    low: float | None
    high: float | None


class FrozenCondition(Signed):
    """A condition with what it knows of the training rows, so that it can be applied without them.

    What is known stands in lists, as canonical JSON forgets the order of keys and the first reason of a row depends
    on the order of the columns.
    """

    kind: Name
    columns: tuple[Text, ...] = ()
    operator: Text = ""
    value: float | None = None
    values: tuple[Text, ...] = ()
    blank_too: bool = True
    categories: tuple[KnownCategories, ...] | None = None
    ranges: tuple[KnownRange, ...] | None = None


class PolicyCondition(Signed):
    """A condition that sends an application to a person: its sentence, and all that it takes to apply it."""

    text: Text
    frozen: FrozenCondition

    @classmethod
    def of(cls, condition: Condition) -> Self:
        """Take over a condition; `condition` gives it back."""
        return cls.model_validate({"text": condition.words(), "frozen": condition_to_plain(condition)})

    @property
    def condition(self) -> Condition:
        """The condition of the review room.

        Raises
        ------
        InvalidChoice
            When its parts do not fit together.
        """
        return condition_from_plain(self.frozen.model_dump(mode="json"))


def condition_to_plain(condition: Condition) -> dict[str, Any]:
    """Write a condition as plain values that survive canonical JSON whole; `condition_from_plain` reads them.

    Parameters
    ----------
    condition : Condition
        Frozen or not.

    Returns
    -------
    dict
        Its fields; ``categories`` as ``[{column, values}]``, ``ranges`` as ``[{column, low, high}]`` with None for an
        infinite end.
    """
    plain = {name: getattr(condition, name) for name in ("kind", "operator", "value", "blank_too")}
    plain |= {name: list(getattr(condition, name)) for name in ("columns", "values")}
    known, ranges = condition.categories, condition.ranges
    plain["categories"] = (
        None if known is None else [{"column": c, "values": list(values)} for c, values in known.items()]
    )
    plain["ranges"] = None if ranges is None else [_plain_range(c, *ends) for c, ends in ranges.items()]
    return plain


def _plain_range(column: str, low: float, high: float) -> dict[str, object]:
    return {
        "column": column,
        "low": None if low == -math.inf else low,
        "high": None if high == math.inf else high,
    }


def condition_from_plain(plain: Mapping[str, Any]) -> Condition:
    """Read a condition back from what `condition_to_plain` wrote.

    Raises
    ------
    InvalidChoice
        When a part is missing, unknown or of the wrong kind.
    """
    parts = dict(plain)
    if parts.get("categories") is not None:
        parts["categories"] = {known["column"]: known["values"] for known in parts["categories"]}
    if parts.get("ranges") is not None:
        parts["ranges"] = {
            known["column"]: (
                -math.inf if known["low"] is None else known["low"],
                math.inf if known["high"] is None else known["high"],
            )
            for known in parts["ranges"]
        }
    return condition_from_json(parts)
