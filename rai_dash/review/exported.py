"""The routing of applications outside this app: rows at once, a Python file, SQL, and test vectors for all of them.

All say the same about every row: no score goes to a person, then what the conditions hold, then ``score < lo`` is
declined and ``score >= hi`` approved, compared in float64. Under the terms of a signed policy, before all that,
everybody goes to a person where it is not in force, has expired, or does not decide about this application.
"""

from __future__ import annotations

from rai_dash.review._exported_python import python_source
from rai_dash.review._exported_sql import quoted, sql_case
from rai_dash.review._exported_vectors import routing_vectors
from rai_dash.review._sql_dialects import DIALECTS
from rai_dash.review.row_routes import ROUTES, RowRoutes, policy_of, route_rows
from rai_dash.review.terms import STAGES, Terms, terms_from_json, under_terms

__all__ = [
    "DIALECTS",
    "ROUTES",
    "STAGES",
    "RowRoutes",
    "Terms",
    "policy_of",
    "python_source",
    "quoted",
    "route_rows",
    "routing_vectors",
    "sql_case",
    "terms_from_json",
    "under_terms",
]
