"""Scores and rows at which a router may go wrong, with the routes that this app gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from rai_dash.core.types import ReviewBand
from rai_dash.review import _portable
from rai_dash.review.conditions import Condition, hold
from rai_dash.review.row_routes import policy_of, route_rows


def routing_vectors(band: ReviewBand, conditions: Sequence[Condition] = ()) -> list[dict[str, Any]]:
    """Return scores and rows with the route that this app gives them, to check every export by.

    Parameters
    ----------
    band : ReviewBand
        Scores at its ends, the doubles next to them, and the float32 nearest to them are among the vectors.
    conditions : sequence of Condition
        Frozen ones; each is tried at its edges, with a blank and without.

    Returns
    -------
    list of dict
        ``score``: text that reads back as the same float64, None = no score; ``row``: values by column;
        ``route``; ``reason``.
    """
    tests = policy_of(band, conditions)["tests"]
    quiet, tried = _rows_of(tests)
    scores = _scores(band)
    above = 1.0 if band.hi is None else max(band.hi, 0.0)
    pairs: list[tuple[float | None, Mapping[str, object]]] = [(score, quiet) for score in scores]
    pairs += [(score, row) for row in tried for score in (above, 0.0)]
    pairs += [(None, row) for row in tried[:1]]
    found = route_rows(
        np.array([np.nan if score is None else score for score, _ in pairs]),
        band,
        held=hold(conditions, _frame([row for _, row in pairs], tests)),
    )
    routes = zip(pairs, found.route_names, found.reason_names, strict=True)
    return [
        {
            "score": None if score is None else repr(float(score)),
            "row": dict(row),
            "route": str(route),
            "reason": str(why),
        }
        for (score, row), route, why in routes
    ]


def _scores(band: ReviewBand) -> list[float | None]:
    """List the scores at which a router may go wrong."""
    scores: list[float | None] = [
        None,
        math.nan,
        math.inf,
        -math.inf,
        0.0,
        -0.0,
        1.0,
        5e-324,
        -5e-324,
        1.5,
        700.0,
    ]
    for cut in (band.lo, band.threshold, band.hi):
        if cut is None:
            continue
        near = np.float32(cut)
        scores += [cut, math.nextafter(cut, -1.0), math.nextafter(cut, 2.0), float(near)]
        scores += [float(np.nextafter(near, np.float32(side))) for side in (-1, 2)]
    return scores


def _rows_of(tests: Sequence[Mapping[str, Any]]) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Make a row that no condition holds, where there is one, and rows that try each value at which one may turn."""
    values = {column: _values([t for t in tests if t["column"] == column]) for column in _columns(tests)}
    quiet = {}
    for column, candidates in values.items():
        own = [t for t in tests if t["column"] == column]
        passing = [v for v in candidates if not any(_portable.held(t, {column: v}) for t in own)]
        quiet[column] = passing[0] if passing else candidates[0]
    tried = [
        {**quiet, column: value} for column, candidates in values.items() for value in (*candidates, None)
    ]
    return quiet, tried


def _columns(tests: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(test["column"] for test in tests))


def _holds_numbers(tests: Sequence[Mapping[str, Any]]) -> bool:
    return any(test["kind"] in {"number", "range"} for test in tests)


def _values(tests: Sequence[Mapping[str, Any]]) -> list[Any]:
    """List the values of one column at which its questions may turn."""
    if _holds_numbers(tests):
        cuts = [t[key] for t in tests for key in ("value", "low", "high") if key in t]
        return [
            v for cut in cuts for v in (cut, math.nextafter(cut, -math.inf), math.nextafter(cut, math.inf))
        ]
    known = [label for t in tests for label in t.get("values", ())[:3]]
    return [*known, "0", "1", "no such value"]


def _frame(rows: Sequence[Mapping[str, object]], tests: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the table that the app would read for some rows."""
    columns = {}
    for column in _columns(tests):
        kind = "float64" if _holds_numbers([t for t in tests if t["column"] == column]) else "str"
        columns[column] = pd.Series([row[column] for row in rows], dtype=kind)
    return pd.DataFrame(columns, index=range(len(rows)))
