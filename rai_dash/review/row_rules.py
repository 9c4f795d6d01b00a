"""Conditions that send an application to a person, asked of rows that stay where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.memo import Memo
from rai_dash.data.portfolio.levels import require_column
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Blank, Value
from rai_dash.data.portfolio.row_rule import RowRule, RuleKey, bins_at
from rai_dash.data.portfolio.whole import Whole
from rai_dash.review.conditions import Condition, Held, hold

IntArray = NDArray[np.int64]

#: Questions that a number answers by where it lies.
_COMPARED: Final = frozenset({"number", "range"})


def rule_of(conditions: Sequence[Condition], portfolio: Portfolio) -> RowRule:
    """Turn conditions into what has to be known of each row; equal to `hold` on all rows.

    Parameters
    ----------
    conditions : sequence of Condition
        Frozen ones, at least one.

    Raises
    ------
    MissingColumn
        When the table lacks a column.
    InvalidChoice
        When a condition is not frozen.
    """
    asked: dict[str, list[Mapping[str, Any]]] = {}
    for condition in conditions:
        for test in condition.tests():
            asked.setdefault(str(test["column"]), []).append(test)
    keys = tuple(_key(portfolio, column, tests) for column, tests in asked.items())
    return RowRule(keys, lambda frame: hold(conditions, frame).rows)


def held_of_all(conditions: Sequence[Condition], whole: Whole) -> tuple[Held, IntArray]:
    """Apply conditions to all judged rows of a portfolio.

    Parameters
    ----------
    whole : Whole
        The rows, none held yet.

    Returns
    -------
    held : Held
        Of each combination of what the conditions look at.
    n : int64 (c,)
        Rows of each.
    """
    rule = rule_of(conditions, whole.portfolio)
    answer = whole.ask(None, (), more=rule.keys)
    return hold(conditions, rule.table(answer)), answer.n


def whole_under(conditions: Sequence[Condition], whole: Whole) -> Whole | None:
    """Let rows that conditions hold count as rows without a score; None where that cannot be counted.

    It cannot where the conditions look at so many different values together that they would not stay few.
    """
    if not conditions:
        return whole
    held = replace(whole, held=rule_of(conditions, whole.portfolio), memo=Memo())
    try:
        for columns in ((), *((c,) for c in whole.roles.sensitive)):
            held.counts(columns)
    except InvalidChoice as error:
        if error.code != "too_many_values":
            raise
        return None
    return held


def _key(portfolio: Portfolio, column: str, tests: Sequence[Mapping[str, Any]]) -> RuleKey:
    """Ask for as little of a column as its questions need."""
    is_number = require_column(portfolio, column).is_number
    kinds = {test["kind"] for test in tests}
    if kinds == {"blank"}:
        return Blank(column=column)
    if not is_number or not kinds <= _COMPARED | {"blank"}:
        return Value(column=column)
    low = [
        test[end] for test in tests for end in ("value", "low") if test["kind"] in _COMPARED and end in test
    ]
    above = [test["high"] for test in tests if test["kind"] == "range"]
    return bins_at(column, [float(x) for x in low], [float(x) for x in above])
