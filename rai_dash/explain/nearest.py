"""The applicants most like one of the other outcome or decision, and in what they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.data.columns import is_number, numbers
from rai_dash.explain._asking import FloatArray, Score, ask
from rai_dash.explain._conditions import plain_value
from rai_dash.explain.counterfactuals.candidates import applicant_like

BY_RANGE, BY_SPREAD = "range", "spread"
CONVENTION = mark(
    "Distance is a convention: every column counts the same, numbers by their difference over {unit}, "
    "categories as equal or not, a blank beside a value as fully different. Another distance would name "
    "other people."
)
_UNIT = {
    BY_RANGE: "the range of the column",
    BY_SPREAD: "the distance between its 5 % and 95 % values, at most 1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Someone like the applicant.

    Parameters
    ----------
    row : int
        Position in the table; the first of those who are alike.
    distance : float
        Mean over columns, in [0, 1].
    score : float or None
        What the model says about them; None where it was not asked.
    differs : mapping of str to (value, value)
        Columns in which they differ: the applicant's value, theirs; the column that counts most first.
    alike : int
        Rows of the other side with exactly the same values in these columns, this one included.
    """

    row: int
    distance: float
    score: float | None
    differs: Mapping[str, tuple[object, object]]
    alike: int


def gower(
    row: pd.DataFrame,
    frame: pd.DataFrame,
    *,
    unit: str = BY_RANGE,
    columns: Sequence[str] | None = None,
    scale_from: pd.DataFrame | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Compute Gower's distance of one row to all rows of a table.

    Parameters
    ----------
    row : DataFrame (1, columns)
        The applicant.
    frame : DataFrame (n, columns)
        The others.
    unit : str
        ``"range"`` (Gower's own), or ``"spread"``: from the 5 % to the 95 % value, cut at 1, since under the range one
        extreme value makes everybody else alike. Where these two values are equal, the range.
    columns : sequence of str, optional
        Columns that count; all of the table when omitted.
    scale_from : DataFrame, optional
        Rows that give the ranges; ``frame`` when omitted.

    Returns
    -------
    total : float64 (n,)
        Mean over columns, in [0, 1].
    parts : float64 (n, columns)
        Of each column. Two blanks are equal (Gower leaves such pairs out); one blank is fully different.

    Raises
    ------
    InvalidChoice, MissingColumn
        With what to do.

    References
    ----------
    Gower, J. C. (1971). A general coefficient of similarity and some of its properties. Biometrics 27, 857-871.
    """
    if unit not in _UNIT:
        msg = tr(
            "A distance is by {by_range} or {by_spread}, got {unit}. Choose one of them.",
            by_range=f"{BY_RANGE!r}",
            by_spread=f"{BY_SPREAD!r}",
            unit=f"{unit!r}",
        )
        raise InvalidChoice(msg)
    names = list(columns) if columns is not None else [str(c) for c in frame.columns]
    if not names:
        msg = tr("No column is left to compare people by. Choose at least one.")
        raise InvalidChoice(msg)
    own = applicant_like(row, frame[names])
    scales = frame if scale_from is None else scale_from
    parts = np.column_stack([_part(own[name], frame[name], scales[name], unit) for name in names])
    return parts.mean(axis=1), parts


def _part(own: pd.Series, series: pd.Series, scales: pd.Series, unit: str) -> FloatArray:
    blank, own_blank = series.isna().to_numpy(dtype=bool), bool(own.isna().iloc[0])
    if is_number(series):
        x = numbers(series)
        away = np.minimum(np.abs(x - numbers(own)[0]) / _scale(scales, unit), 1.0)
    else:
        value = own.iloc[0]
        away = np.asarray((series != value).fillna(True), dtype=np.float64)  # noqa: FBT003
    parts: FloatArray = np.where(blank | own_blank, (blank != own_blank).astype(np.float64), away)
    return parts


def _scale(series: pd.Series, unit: str) -> float:
    x = numbers(series)
    x = x[~np.isnan(x)]
    if not x.size:
        return 1.0
    low, high = np.quantile(x, (0.05, 0.95)) if unit == BY_SPREAD else (0.0, 0.0)
    return float(high - low) or float(x.max() - x.min()) or 1.0


def nearest(
    row: pd.DataFrame,
    frame: pd.DataFrame,
    among: NDArray[np.bool_],
    *,
    k: int = 5,
    unit: str = BY_RANGE,
    columns: Sequence[str] | None = None,
    scores: FloatArray | None = None,
) -> tuple[Neighbour, ...]:
    """Find the k rows nearest to one, exactly.

    Parameters
    ----------
    row, unit, columns
        As of `gower`.
    frame : DataFrame (n, columns)
        All rows; they give the ranges.
    among : bool (n,)
        Rows that may be named, such as those with the other outcome.
    k : int
        How many; rows that are alike count once.
    scores : float64 (n,), optional
        To be shown with them.

    Returns
    -------
    tuple of Neighbour
        Nearest first, equal distances in the order of the table; fewer than k where there are no more.
    """
    if k < 1:
        msg = tr("At least one neighbour is looked for, got {k}. Give 1 or more.", k=k)
        raise InvalidChoice(msg)
    names = list(columns) if columns is not None else [str(c) for c in frame.columns]
    at = np.flatnonzero(among)
    others = frame[names].iloc[at].reset_index(drop=True)
    total, parts = gower(row, others, unit=unit, columns=names, scale_from=frame)
    own = applicant_like(row, frame[names])
    # Only rows up to the distance that k different rows need are told apart: that of the k-th after dropping repeats.
    groups = pd.DataFrame({"d": total}).join(others).drop_duplicates(names)["d"]
    first = groups.sort_values(kind="stable").index[:k]
    return tuple(
        Neighbour(
            row=int(at[i]),
            distance=float(total[i]),
            score=None if scores is None else float(scores[at[i]]),
            differs=_differs(own, others.iloc[[i]], names, parts[i]),
            alike=_alike(others, i, total),
        )
        for i in first
    )


def _alike(others: pd.DataFrame, i: int, total: FloatArray) -> int:
    """Count the rows equal to row i; they are at the same distance."""
    near = others[total == total[i]]
    theirs = others.iloc[i]
    same = np.logical_and.reduce(
        [(near[c] == theirs[c]) | (near[c].isna() & pd.isna(theirs[c])) for c in near]
    )
    return int(np.asarray(same, dtype=bool).sum())


def _differs(
    own: pd.DataFrame, other: pd.DataFrame, names: Sequence[str], parts: FloatArray
) -> dict[str, tuple[object, object]]:
    order = np.argsort(-parts, kind="stable")
    pairs = {
        names[j]: (plain_value(own[names[j]].iloc[0]), plain_value(other[names[j]].iloc[0])) for j in order
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def nearest_other(
    score: Score,
    row: pd.DataFrame,
    frame: pd.DataFrame,
    *,
    threshold: float,
    outcome: NDArray[np.int8] | None = None,
    own_outcome: int | None = None,
    k: int = 5,
    unit: str = BY_RANGE,
    columns: Sequence[str] | None = None,
    scores: FloatArray | None = None,
) -> tuple[Neighbour, ...]:
    """Find the applicants most like one who got the other decision, or had the other outcome.

    Parameters
    ----------
    score : callable
        Table rows to the probability of the favourable outcome; all rows in one call.
    row, frame, k, unit, columns
        As of `nearest`.
    threshold : float
        Favourable at or above.
    outcome, own_outcome : int8 (n,), int, optional
        0 unfavourable, 1 favourable, 2 unknown. Given: people with the other known outcome; else with the other
        decision.
    scores : float64 (n,), optional
        Scores of ``frame`` where they are known already; the model is then asked about the applicant alone.

    Raises
    ------
    InvalidChoice, MissingColumn
        With what to do.
    """
    if outcome is not None and own_outcome not in {FAVOURABLE, UNFAVOURABLE}:
        msg = tr("The applicant's own outcome is not known, so there is no other one. Compare by decision.")
        raise InvalidChoice(msg)
    asked = applicant_like(row, frame)
    if scores is None:
        found = ask(score, pd.concat([asked, frame], ignore_index=True))
        mine, scores = float(found[0]), found[1:]
    else:
        mine = float(ask(score, asked)[0])
    if outcome is None:
        among = (scores >= threshold) != (mine >= threshold)
    else:
        among = outcome == (UNFAVOURABLE if own_outcome == FAVOURABLE else FAVOURABLE)
    return nearest(row, frame, among, k=k, unit=unit, columns=columns, scores=scores)


def convention(unit: str = BY_RANGE) -> str:
    """Say how the distance is made, to stand beside every list of neighbours."""
    return tr(CONVENTION, unit=_UNIT[unit])
