"""Which rows the terms of a slice hold for."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import MISSING_GROUP
from rai_dash.data._slice_term import (
    BETWEEN,
    BLANK,
    COLUMN,
    COMPARE,
    IS,
    IS_NOT,
    NOT_BLANK,
    OUTCOME,
    SCORE,
    SIDES,
    Term,
    ends_of_bin,
)
from rai_dash.data.asked import COMPARISONS, blank_rows, compared_numbers, labelled_rows
from rai_dash.data.columns import closest_names, is_number, numbers
from rai_dash.data.labels import label_codes

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


def rows_of_terms(
    terms: Iterable[Term],
    frame: pd.DataFrame,
    *,
    score: FloatArray | None,
    outcome: NDArray[np.integer] | None,
    threshold: float | None,
) -> BoolArray:
    """Mark the rows that all terms hold for, bool (n,); what they need has been looked for."""
    rows = np.ones(len(frame), dtype=bool)
    for term in terms:
        if term.about == COLUMN:
            rows &= _of_column(term, frame[term.column])
        elif term.about == OUTCOME:
            rows &= _of_side(term, np.asarray(outcome))
        else:
            values = np.asarray(score, np.float64)
            values = np.where(np.isfinite(values), values, np.nan)
            if term.about == SCORE:
                rows &= _of_numbers(term, values)
            else:
                rows &= _of_decision(term, values, np.nan if threshold is None else threshold)
    return rows


def _of_side(term: Term, codes: NDArray[np.integer]) -> BoolArray:
    named = np.isin(codes, [SIDES.index(v) for v in term.values])
    return named if term.kind == IS else ~named


def _of_decision(term: Term, score: FloatArray, threshold: float) -> BoolArray:
    # Without a score nothing is decided, neither one way nor the other.
    return _of_side(term, (score >= threshold).astype(np.int8)) & ~np.isnan(score)


def _of_numbers(term: Term, values: FloatArray) -> BoolArray:
    """Answer what can be asked of numbers; NaN = blank."""
    if term.kind in {COMPARE, BETWEEN} and term.low is not None:
        rows = COMPARISONS[term.sign or ">="](values, term.low)
        return np.asarray(rows if term.high is None else rows & (values < term.high))
    blank = np.isnan(values)
    return blank if term.kind == BLANK else ~blank


def _of_column(term: Term, series: pd.Series) -> BoolArray:
    if term.kind in {COMPARE, BETWEEN}:
        return _of_numbers(term, compared_numbers(series, term.column))
    blank = blank_rows(series)
    if term.kind in {BLANK, NOT_BLANK}:
        return blank if term.kind == BLANK else ~blank
    named = labelled_rows(series, term.values) & ~blank
    if is_number(series):
        values = numbers(series)
        for low, high in filter(None, map(ends_of_bin, term.values)):
            named |= (values >= low) & (values < high)
    with_blanks = MISSING_GROUP in term.values
    if term.kind == IS_NOT:
        return ~named & ~blank
    return named | blank if with_blanks else named


def check_terms(terms: Iterable[Term], frame: pd.DataFrame) -> None:
    """Refuse terms that ask for numbers in texts, or for values that a column does not have.

    Raises
    ------
    InvalidChoice
        Naming the closest value.
    """
    for term in terms:
        if term.about != COLUMN:
            continue
        series = frame[term.column]
        if term.kind in {COMPARE, BETWEEN}:
            compared_numbers(series, term.column)
        elif term.kind in {IS, IS_NOT}:
            _check_values(term, series)


def _check_values(term: Term, series: pd.Series) -> None:
    names = label_codes(series)[1]
    bins = is_number(series)
    known = {MISSING_GROUP, *names}
    wrong = next((v for v in term.values if v not in known and not (bins and ends_of_bin(v))), None)
    if wrong is None:
        return
    close = closest_names(wrong, names)
    hint = f"Did you mean `{close[0]}`?" if close else f"It has: {', '.join(names[:8])}."
    msg = tr("`{wrong}` is no value of `{column}`. {hint}", wrong=wrong, column=term.column, hint=hint)
    raise InvalidChoice(msg)
