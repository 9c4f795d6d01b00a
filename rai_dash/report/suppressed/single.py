"""What is about single people in an audit, and what warnings tell of few."""

from __future__ import annotations

import re

from rai_dash.core.texts import tr
from rai_dash.report.suppressed.marks import SUPPRESSED, Json, Marker

#: A whole number on its own: how often a value occurs, among others.
_WHOLE = re.compile(r"(?<![\w.,])\d+(?![\w.,]*\d)")


def hide_single_people(audit: Json) -> int:
    """Take out scores and explanations of single applicants; returns how many there were.

    A row of one person is a cell of one person. With the contributions of columns it often tells the group as well,
    and sums of groups could be taken apart with the scores.
    """
    scores = audit.get("scores") or {}
    taken = max(len(scores.get("first") or ()), len(audit.get("explanations") or ()))
    if "first" in scores:
        scores["first"] = []
    if "explanations" in audit:
        audit["explanations"] = []
    return taken


def hide_warnings(audit: Json, mark: Marker) -> None:
    """Take out what warnings about a sensitive column say of few people: how often a value occurs is a group's size."""
    sensitive = {column for view in mark.people.views for column in view.columns}
    for warning in (audit.get("data") or {}).get("warnings", ()):
        if warning.get("column") not in sensitive:
            continue
        told = {int(n) for n in _WHOLE.findall(str(warning["message"]))} | {warning.get("rows") or 0}
        if any(1 <= n < mark.fewest for n in told):
            warning["message"] = tr(
                "A warning about few people of `{column}` is hidden.", column=warning["column"]
            )
            warning["rows"] = None
            warning[SUPPRESSED] = True
            mark.taken += 1
