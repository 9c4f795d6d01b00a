"""Conditions that send an application to a person whatever its score.

An amount beyond a value, a category in a list, a category never seen in training, a value out of the range seen
there, a blank input (which a model fills in by itself), a decision that small changes of the inputs turn over. A
condition is plain data. What it has to know of the training rows is frozen into it, so that it means the same a year
later and outside this app.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature
from rai_dash.data.columns import closest_names, is_number, numbers, require_columns
from rai_dash.data.labels import label_codes, value_counts_text
from rai_dash.review._condition import (
    CATEGORY,
    FRAGILE,
    KINDS,
    Condition,
    TrainingFacts,
    condition_from_json,
)
from rai_dash.review._condition_rows import BoolArray, rows_of_test
from rai_dash.review.condition_text import parse_condition

__all__ = [
    "KINDS",
    "Condition",
    "Held",
    "TrainingFacts",
    "check_condition",
    "condition_from_json",
    "hold",
    "matches",
    "parse_condition",
    "training_facts",
]


def training_facts(
    frame: pd.DataFrame, inputs: Sequence[str], *, features: Sequence[Feature] = ()
) -> TrainingFacts:
    """Look up what conditions need to know of the training rows.

    Parameters
    ----------
    frame : DataFrame (n, ...)
        The rows that the model was trained on.
    inputs : sequence of str
        Columns that go into the model.
    features : sequence of Feature
        What the model file says; its categories go before those of the rows.

    Raises
    ------
    MissingColumn
        When an input is not in the table.
    """
    require_columns(frame, inputs)
    categories = {f.name: f.categories for f in features if f.categories and f.name in inputs}
    ranges: dict[str, tuple[float, float]] = {}
    for name in inputs:
        if name in categories:
            continue
        if not is_number(frame[name]):
            categories[name] = label_codes(frame[name])[1]
            continue
        values = numbers(frame[name])
        values = values[~np.isnan(values)]
        if values.size:
            ranges[name] = (float(values.min()), float(values.max()))
    return TrainingFacts(inputs=tuple(inputs), categories=categories, ranges=ranges)


def check_condition(condition: Condition, frame: pd.DataFrame) -> None:
    """Refuse a list of categories of which a table has none: it is a slip of the pen.

    Not asked of later tables, in which a category may well be missing.

    Raises
    ------
    MissingColumn
        When the table lacks a column of the condition.
    InvalidChoice
        When none of the categories is in the column.
    """
    if condition.kind != FRAGILE:
        require_columns(frame, condition.columns)
    if condition.kind != CATEGORY:
        return
    codes, names = label_codes(frame[condition.columns[0]])
    if set(condition.values).isdisjoint(names):
        close = closest_names(condition.values[0], names)
        hint = f"Did you mean `{close[0]}`?" if close else f"Values there: {value_counts_text(codes, names)}."
        msg = tr(
            "`{columns}` has no value `{values}`. {hint}",
            columns=condition.columns[0],
            values=condition.values[0],
            hint=hint,
        )
        raise InvalidChoice(msg)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Rows that go to a person whatever their score, and why.

    Parameters
    ----------
    conditions : tuple of Condition
        What was asked.
    tests : tuple of dict (tests,)
        The questions that they stand for, see `Condition.tests`.
    of : int (tests,)
        The condition that each question belongs to.
    hits : bool (tests, n)
        Where the answer is yes.
    """

    conditions: tuple[Condition, ...]
    tests: tuple[Mapping[str, Any], ...]
    of: NDArray[np.intp]
    hits: BoolArray

    @property
    def rows(self) -> BoolArray:
        """Rows that any condition holds for, bool (n,)."""
        return _any(self.hits)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What each question says about a row, (tests,)."""
        return tuple(test["reason"] for test in self.tests)

    @property
    def first(self) -> NDArray[np.intp]:
        """Position in ``reasons`` of the first reason of each row, int (n,); -1 = none."""
        if not self.tests:
            return np.full(self.hits.shape[1], -1, dtype=np.intp)
        return np.where(self.rows, self.hits.argmax(axis=0), -1)

    def reasons_of(self, row: int) -> tuple[str, ...]:
        """Return every reason of one row."""
        return tuple(self.tests[i]["reason"] for i in np.flatnonzero(self.hits[:, row]))

    def to_json(self, n: NDArray[np.int64] | None = None) -> list[dict[str, object]]:
        """Return each condition with its rows, those of them with a blank, and those that it alone holds.

        Parameters
        ----------
        n : int64 (n,), optional
            How many applications each row stands for; 1 when omitted.
        """
        times = np.ones(self.hits.shape[1], np.int64) if n is None else n
        is_blank = np.array([test["kind"] == "blank" for test in self.tests], dtype=bool)
        by = np.zeros((len(self.conditions), self.hits.shape[1]), dtype=bool)
        for i in range(len(self.conditions)):
            by[i] = _any(self.hits[self.of == i])
        alone = by.sum(axis=0) == 1
        return [
            condition.to_json()
            | {
                "rows": int(times[by[i]].sum()),
                "blank_rows": int(times[_any(self.hits[(self.of == i) & is_blank])].sum()),
                "rows_by_it_alone": int(times[by[i] & alone].sum()),
            }
            for i, condition in enumerate(self.conditions)
        ]


def _any(hits: BoolArray) -> BoolArray:
    """Whether any question is answered by yes, bool (n,)."""
    return np.asarray(hits.any(axis=0), dtype=bool)


def hold(
    conditions: Sequence[Condition], frame: pd.DataFrame, *, fragile: NDArray[np.bool_] | None = None
) -> Held:
    """Apply conditions to rows.

    Parameters
    ----------
    conditions : sequence of Condition
        Frozen ones.
    frame : DataFrame (n, ...)
        The rows.
    fragile : bool (n,), optional
        Rows whose decision small changes of the inputs turn over (`rai_dash.explain.noise`). When omitted, the table
        needs the column that the condition names (``fragile`` where it names none).

    Raises
    ------
    MissingColumn
        When the table lacks a column.
    InvalidChoice
        When a condition is not frozen, a column to be compared holds text, or the flags are of another length.
    """
    if fragile is not None and fragile.shape != (len(frame),):
        msg = tr(
            "Give one flag a row: {frame} rows, {size} flags.",
            frame=f"{len(frame):,}",
            size=f"{fragile.size:,}",
        )
        raise InvalidChoice(msg)
    owned = [(i, test) for i, condition in enumerate(conditions) for test in condition.tests()]
    hits = np.zeros((len(owned), len(frame)), dtype=bool)
    for row, (i, test) in zip(hits, owned, strict=True):
        if fragile is not None and conditions[i].kind == FRAGILE:
            row[:] = fragile if test["kind"] == "flag" else False
        else:
            row[:] = rows_of_test(test, frame)
    return Held(
        conditions=tuple(conditions),
        tests=tuple(test for _, test in owned),
        of=np.array([i for i, _ in owned], dtype=np.intp),
        hits=hits,
    )


def matches(
    condition: Condition, frame: pd.DataFrame, *, fragile: NDArray[np.bool_] | None = None
) -> BoolArray:
    """Return the rows that one condition sends to a person, bool (n,); see `hold`."""
    return hold((condition,), frame, fragile=fragile).rows
