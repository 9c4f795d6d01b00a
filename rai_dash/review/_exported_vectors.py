"""Scores and rows at which a router may go wrong, with the routes that this app gives them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from rai_dash.core.types import Direction, ReviewBand, ScoreScale
from rai_dash.review import _portable
from rai_dash.review.conditions import Condition, hold
from rai_dash.review.row_routes import RowRoutes, is_probability, policy_of, probabilities, route_rows
from rai_dash.review.terms import Terms, under_terms, utc_text

_Pair = tuple[float | None, Mapping[str, object]]
#: Names of applications that are tried to find some inside and some outside of a share.
_MOST_KEYS: Final = 20_000
#: The first of the scores: none, and those of either end.
_A_FEW: Final = 16
_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


def routing_vectors(
    band: ReviewBand,
    conditions: Sequence[Condition] = (),
    *,
    terms: Terms | None = None,
    scale: ScoreScale | None = None,
) -> list[dict[str, Any]]:
    """Return scores and rows with the route that this app gives them, to check every export by.

    Parameters
    ----------
    band : ReviewBand
        Scores at its ends, the doubles next to them, and the float32 nearest to them are among the vectors.
    conditions : sequence of Condition
        Frozen ones; each is tried at its edges, with a blank and without.
    terms : Terms, optional
        Of a signed policy; the seconds around its times are tried, and names inside and outside of its share.
    scale : ScoreScale, optional
        How the score reads, where it is not itself the probability of the favourable outcome.

    Returns
    -------
    list of dict
        ``score``: text that reads back as the same float64, None = no score; ``row``: values by column; under terms
        ``at``: the moment as text, and ``key``: the name of the application; then ``route``; ``reason``.
    """
    used = scale or ScoreScale()
    tests = policy_of(band, conditions)["tests"]
    pairs = [(raw, row) for score, row in _pairs(band, tests) for raw in _on_scale(score, used)]
    held = hold(conditions, _frame([row for _, row in pairs], tests))
    raw = np.array([np.nan if score is None else score for score, _ in pairs])
    found = route_rows(probabilities(raw, used), band, held=held)
    if terms is None:
        return _vectors(pairs, found)
    vectors = []
    for nth, (at, key) in enumerate(_circumstances(terms)):
        told = _vectors(
            pairs, under_terms(found, terms, at=at, keys=[key] * len(pairs)), at=utc_text(at), key=key
        )
        # Whatever turns with the moment or the name shows on a few scores already.
        vectors += told if nth == 0 else told[:_A_FEW]
    return vectors


def _on_scale(score: float | None, scale: ScoreScale) -> list[float | None]:
    """Write a probability in the units of a scale, with the doubles beside it: the way there and back rounds."""
    if score is None or not math.isfinite(score) or is_probability(scale):
        return [score]
    share = score if scale.direction is Direction.HIGHER else 1.0 - score
    raw = scale.low + share * (scale.high - scale.low)
    return [raw, math.nextafter(raw, -math.inf), math.nextafter(raw, math.inf)]


def _pairs(band: ReviewBand, tests: Sequence[Mapping[str, Any]]) -> list[_Pair]:
    """List scores with the rows they are tried on."""
    quiet, tried = _rows_of(tests)
    above = 1.0 if band.hi is None else max(band.hi, 0.0)
    pairs: list[_Pair] = [(score, quiet) for score in _scores(band)]
    pairs += [(score, row) for row in tried for score in (above, 0.0)]
    return pairs + [(None, row) for row in tried[:1]]


def _vectors(pairs: Sequence[_Pair], found: RowRoutes, **circumstances: str) -> list[dict[str, Any]]:
    """Write pairs with their routes as plain values."""
    routes = zip(pairs, found.route_names, found.reason_names, strict=True)
    return [
        {"score": None if score is None else repr(float(score)), "row": dict(row)}
        | circumstances
        | {"route": str(route), "reason": str(why)}
        for (score, row), route, why in routes
    ]


def _circumstances(terms: Terms) -> list[tuple[datetime, str]]:
    """List moments and names of applications at which the terms may turn; under the first the policy decides."""
    second = timedelta(seconds=1)
    edges = [moment for moment in (terms.valid_from, terms.expires_at) if moment is not None]
    usual = terms.valid_from or (_SOME_DAY if terms.expires_at is None else terms.expires_at - second)
    moments = [moment for edge in edges for moment in (edge - second, edge, edge + second)]
    names = [f"application {i}" for i in range(1, _MOST_KEYS)]
    inside = list(itertools.islice(filter(terms.takes_part, names), 3)) or names[:1]
    outside = list(itertools.islice(itertools.filterfalse(terms.takes_part, names), 3))
    others = [(usual, key) for key in (*inside[1:], *outside)]
    return [(usual, inside[0]), *others, *((moment, inside[0]) for moment in moments)]


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
        near = [
            v for cut in cuts for v in (cut, math.nextafter(cut, -math.inf), math.nextafter(cut, math.inf))
        ]
        return [v for v in near if math.isfinite(v)]
    known = [label for t in tests for label in t.get("values", ())[:3]]
    return [*known, "0", "1", "no such value"]


def _frame(rows: Sequence[Mapping[str, object]], tests: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the table that the app would read for some rows."""
    columns = {}
    for column in _columns(tests):
        kind = "float64" if _holds_numbers([t for t in tests if t["column"] == column]) else "str"
        columns[column] = pd.Series([row[column] for row in rows], dtype=kind)
    return pd.DataFrame(columns, index=range(len(rows)))
