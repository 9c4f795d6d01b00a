"""The routing of applications outside this app: rows at once, a Python file, SQL, and test vectors for all of them.

All say the same about every row: no score goes to a person, then what the conditions hold, then ``score < lo`` is
declined and ``score >= hi`` approved, compared in float64.
"""

from __future__ import annotations

import inspect
import pprint
from collections.abc import Sequence

from rai_dash.core.types import ReviewBand
from rai_dash.review import _portable
from rai_dash.review._exported_sql import DIALECTS, sql_case
from rai_dash.review._exported_vectors import routing_vectors
from rai_dash.review.conditions import Condition
from rai_dash.review.row_routes import ROUTES, RowRoutes, policy_of, route_rows

__all__ = [
    "DIALECTS",
    "ROUTES",
    "RowRoutes",
    "policy_of",
    "python_source",
    "route_rows",
    "routing_vectors",
    "sql_case",
]

_HEAD = '''"""Route applications by a review band: ``route(score, row)`` -> (route, reason).

Written by RAI Dash. It needs nothing but Python 3.8. Run as a program it checks itself with its test vectors.

score  the probability of the favourable outcome, 0 to 1, as any number; None = no score.
row    the columns that the conditions ask for, by name; see COLUMNS.
route  reject (score < lo), approve (score >= hi), else review: a person decides.
"""
'''
_TAIL = '''
POLICY = {policy}

COLUMNS = {columns}


def route(score, row=None):
    """Return (route, reason) of one application."""
    return decide(POLICY, score, row)


#: Score as text (None = no score), row, route, reason.
VECTORS = {vectors}


def check():
    """Return the test vectors that come out differently; empty = all agree."""
    found = [(v, route(None if v[0] is None else float(v[0]), v[1])) for v in VECTORS]
    return [(vector, answer) for vector, answer in found if answer != (vector[2], vector[3])]


if __name__ == "__main__":
    wrong = check()
    print("%d of %d test vectors agree." % (len(VECTORS) - len(wrong), len(VECTORS)))
    raise SystemExit(1 if wrong else 0)
'''


def python_source(band: ReviewBand, conditions: Sequence[Condition] = ()) -> str:
    """Write a Python file with ``route(score, row)`` that needs nothing of this app.

    Parameters
    ----------
    band : ReviewBand
        Its ends are written with all their digits.
    conditions : sequence of Condition
        Frozen ones. A row that lacks a column they ask for goes to a person.

    Returns
    -------
    str
        ASCII only; texts from data stand in it as quoted strings.

    Raises
    ------
    InvalidChoice
        When a condition is not frozen.
    """
    policy = policy_of(band, conditions)
    vectors = [(v["score"], v["row"], v["route"], v["reason"]) for v in routing_vectors(band, conditions)]
    body = inspect.getsource(_portable)
    body = body[body.index("from __future__") :]
    tail = _TAIL.format(
        policy=_literal(policy),
        columns=_literal(sorted({test["column"] for test in policy["tests"]})),
        vectors=_literal(vectors),
    )
    return f"{_HEAD}\n{body}\n{tail}"


def _literal(value: object) -> str:
    """Write plain values as Python; outside of quotes there is nothing but ASCII anyway."""
    text = pprint.pformat(value, width=110, sort_dicts=False)
    return text.encode("ascii", "backslashreplace").decode("ascii")
