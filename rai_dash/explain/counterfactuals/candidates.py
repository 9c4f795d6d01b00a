"""Values that an applicant's columns may be changed to, each seen in a real row, and what a change costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.columns import is_number, numbers, require_columns
from rai_dash.explain._asking import FloatArray, IntArray
from rai_dash.explain._noise import STRUCTURAL_ZEROS
from rai_dash.explain.counterfactuals.constraints import Constraints, levers_of, linked_columns

#: Values of one column: numbers, or objects for text.
Values = NDArray[Any]
#: Values tried of a column of numbers; and the most categories, or combinations of linked columns.
NUMBERS, COMBINATIONS = 33, 120
#: A change costs this once, so that fewer changes win over many small ones.
PER_CHANGE = 0.5
#: A number that moves by so many median absolute deviations costs as much as another category.
DEVIATIONS = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Lever:
    """What is changed in one go.

    Parameters
    ----------
    columns : tuple of str
        One column, or linked ones.
    values : DataFrame (options, columns)
        What they may become, ascending; each row is held by a reference row.
    """

    columns: tuple[str, ...]
    values: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Values to try, learnt once from the reference rows; made by `candidates_of`.

    Parameters
    ----------
    like : DataFrame (0, columns)
        The model's columns with their types.
    levers : tuple of Lever
        In the order of the columns.
    constraints : Constraints
        What the values have to obey; ``linked`` says which columns were found to move together.
    scale : mapping of str to float
        For columns of numbers: how far one has to move to cost 1; NaN where all reference values are the same.
    rows : int
        Reference rows.
    """

    like: pd.DataFrame
    levers: tuple[Lever, ...]
    constraints: Constraints
    scale: dict[str, float]
    rows: int

    @property
    def names(self) -> tuple[str, ...]:
        """The model's columns."""
        return tuple(str(name) for name in self.like.columns)


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """What one applicant may change.

    Parameters
    ----------
    pool : DataFrame (1 + options, columns)
        Row 0 is the applicant; row i holds option i in the columns of its lever, and the applicant elsewhere.
    lever : int64 (1 + options,)
        Lever of each option; -1 for row 0.
    cost : float64 (1 + options,)
        Cost of each option; 0 for row 0.
    columns_of : tuple of int64 arrays
        Positions of the columns of each lever.
    """

    pool: pd.DataFrame
    lever: IntArray
    cost: FloatArray
    columns_of: tuple[IntArray, ...]


def candidates_of(
    reference: pd.DataFrame,
    names: Sequence[str],
    constraints: Constraints | None = None,
    *,
    points: int = NUMBERS,
) -> Candidates:
    """Learn which values to try.

    Parameters
    ----------
    reference : DataFrame (n, columns)
        Rows to take values from, such as the training rows. Their order does not matter.
    names : sequence of str
        The model's columns.
    constraints : Constraints, optional
        When omitted: linked columns are found and move together, all else is free.
    points : int
        Most values of a column of numbers: observed quantiles. Where a fifth or more of the values are 0, those are 0
        and quantiles of the others. Columns with no more distinct values have all of them. A blank is never a value to
        change to. Of more than `COMBINATIONS` categories the most frequent are tried.

    Raises
    ------
    MissingColumn
        The reference rows lack columns of the model.
    InvalidChoice
        No rows, or constraints that do not fit the columns.
    """
    require_columns(reference, names)
    frame = reference[list(names)]
    if frame.empty:
        msg = tr("There are no reference rows to take values from. Choose a data set that has rows.")
        raise InvalidChoice(msg)
    asked = constraints or Constraints()
    asked.check(frame)
    linked = linked_columns(frame) if asked.linked is None else asked.linked
    levers = tuple(
        Lever(columns, _values(frame, columns, points))
        for columns in levers_of(names, linked)
        if not set(columns) <= set(asked.immutable)
    )
    return Candidates(
        like=frame.iloc[:0],
        levers=levers,
        constraints=replace(asked, linked=linked),
        scale={name: _scale(numbers(frame[name])) for name in names if is_number(frame[name])},
        rows=len(frame),
    )


def _values(frame: pd.DataFrame, columns: tuple[str, ...], points: int) -> pd.DataFrame:
    """Return the values to try, ascending; whole numbers stay whole, since each is taken from a row."""
    known = frame[list(columns)].dropna()
    if len(columns) == 1 and is_number(known[columns[0]]):
        return known.iloc[_quantile_rows(numbers(known[columns[0]]), points)].reset_index(drop=True)
    ordered = known.sort_values(list(columns), kind="stable", ignore_index=True)
    counted = ordered.groupby(list(columns), sort=True, observed=True).size()
    first = np.concatenate([[0], np.cumsum(counted.to_numpy())[:-1]]).astype(np.int64)[: len(counted)]
    frequent = np.argsort(-counted.to_numpy(), kind="stable")[:COMBINATIONS]
    return ordered.iloc[first[np.sort(frequent)]].reset_index(drop=True)


def _quantile_rows(x: FloatArray, points: int) -> IntArray:
    """Return positions of observed quantiles, ascending by value."""
    order = np.argsort(x, kind="stable")
    ordered = x[order]
    distinct, first = np.unique(ordered, return_index=True)
    if distinct.size <= points:
        return np.asarray(order[first], dtype=np.int64)
    is_zero = x == 0
    if is_zero.mean() >= STRUCTURAL_ZEROS:
        others = np.flatnonzero(~is_zero)
        found = np.append(others[_quantile_rows(x[others], points - 1)], np.flatnonzero(is_zero)[:1])
        return np.asarray(found[np.argsort(x[found], kind="stable")], dtype=np.int64)
    ranks = (np.ceil(np.linspace(0.0, 1.0, points) * x.size).astype(np.int64) - 1).clip(0)
    _, at = np.unique(ordered[ranks], return_index=True)
    return np.asarray(order[ranks[at]], dtype=np.int64)


def _scale(x: FloatArray) -> float:
    """Return how far a number moves at cost 1: three median absolute deviations from the median.

    Where most values are the same the median deviation is 0; the mean absolute deviation from the median stands in, as
    in Iglewicz, B., Hoaglin, D. C. (1993). How to detect and handle outliers. ASQC.
    """
    known = x[~np.isnan(x)]
    away = np.abs(known - np.median(known)) if known.size else known
    middle = float(np.median(away)) if away.size else 0.0
    spread = middle or (float(away.mean()) if away.size else 0.0)
    return DEVIATIONS * spread if spread > 0 else float("nan")


def applicant_like(applicant: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """Return an applicant's row with the columns, and the kinds of columns, of a reference table.

    Parameters
    ----------
    applicant : DataFrame (1, columns)
        Further columns are left out.
    like : DataFrame (any, columns)
        The model's columns.

    Raises
    ------
    MissingColumn
        The row lacks columns.
    InvalidChoice
        Not one row, or text where the reference rows hold numbers.
    """
    names = [str(name) for name in like.columns]
    require_columns(applicant, names)
    if len(applicant) != 1:
        msg = tr(
            "One applicant is asked about at a time, got {applicant} rows. Choose one row.",
            applicant=f"{len(applicant):,}",
        )
        raise InvalidChoice(msg)
    out = {}
    for name in names:
        series, wanted = applicant[name], like[name]
        if is_number(wanted) and not is_number(series):
            if series.notna().any():
                msg = tr(
                    "`{name}` holds numbers in the reference rows, but not for this applicant. Give a number.",
                    name=name,
                )
                raise InvalidChoice(msg)
            series = series.astype(np.float64)
        elif not is_number(wanted):
            series = series.astype(wanted.dtype)
        out[name] = series.array
    return pd.DataFrame(out)


def options_for(applicant: pd.DataFrame, candidates: Candidates) -> Options:
    """Choose the values that one applicant may move to, and work out their costs.

    Parameters
    ----------
    applicant : DataFrame (1, columns)
        The applicant.
    candidates : Candidates
        From `candidates_of`.

    Raises
    ------
    MissingColumn, InvalidChoice
        See `applicant_like`.

    Notes
    -----
    An option costs ``PER_CHANGE`` and, on top, 1 for another category or ``|Δ| / (3 MAD)`` for a number. Columns that
    move together say the same: the dearest of them counts, and not their sum. A number that was blank costs 1.
    """
    own = applicant_like(applicant, candidates.like)
    given = {name: own[name].to_numpy() for name in candidates.names}
    kept = [_allowed(lever, given, candidates.constraints) for lever in candidates.levers]
    sizes = [len(next(iter(values.values()))) for values in kept]
    lever = np.concatenate([[-1], np.repeat(np.arange(len(kept)), sizes)]).astype(np.int64)
    cost = np.where(lever < 0, 0.0, PER_CHANGE)
    pool = {name: np.repeat(one, len(lever)) for name, one in given.items()}
    for j, values in enumerate(kept):
        at = np.flatnonzero(lever == j)
        dearest = np.zeros(len(at))
        for name, found in values.items():
            # As wide as both: a whole number beside a blank or a fraction is a float.
            pool[name] = pool[name].astype(np.result_type(pool[name], found))
            pool[name][at] = found
            dearest = np.maximum(dearest, _cost(given[name], found, candidates.scale.get(name)))
        cost[at] += dearest
    typed = {
        n: pd.Series(x, dtype=own[n].dtype) if x.dtype == object else pd.Series(x) for n, x in pool.items()
    }
    names = list(candidates.names)
    columns_of = tuple(
        np.array([names.index(c) for c in one.columns], dtype=np.int64) for one in candidates.levers
    )
    return Options(pd.DataFrame(typed), lever, cost, columns_of)


def _allowed(lever: Lever, given: dict[str, Values], constraints: Constraints) -> dict[str, Values]:
    values = {name: lever.values[name].to_numpy() for name in lever.columns}
    # A blank equals nothing, and is neither below nor above anything: where it may not change, it stays.
    same = {name: np.asarray(found == given[name], dtype=bool) for name, found in values.items()}
    keep = ~np.logical_and.reduce(list(same.values()))
    for name, found in values.items():
        if name in constraints.immutable:
            keep &= same[name]
        if name in constraints.only_up:
            keep &= found >= given[name]
        if name in constraints.only_down:
            keep &= found <= given[name]
    return {name: found[keep] for name, found in values.items()}


def _cost(given: Values, values: Values, scale: float | None) -> FloatArray:
    if scale is None or np.isnan(scale) or bool(pd.isna(given[0])):
        return np.asarray(values != given, dtype=np.float64)
    moved: FloatArray = np.abs(values - given) / scale
    return moved
