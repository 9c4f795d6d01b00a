"""What is about single people in an audit."""

from __future__ import annotations

from rai_dash.report.suppressed.marks import Json


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
