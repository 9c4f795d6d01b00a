"""Whom a refused applicant is compared with, as the page offers it."""

from __future__ import annotations

from rai_dash.core.errors import RaiError
from rai_dash.explain import baselines
from rai_dash.report.decision_work import baseline_for
from rai_dash.ui.explanations import Applicant


def people_in(applicant: Applicant, kind: str) -> int:
    """Count the reference rows of a baseline."""
    try:
        return len(baseline_for(applicant, applicant.threshold, kind).rows)
    except RaiError:
        return 0


def usual_kind(applicant: Applicant) -> str:
    """Return whom a refused applicant is compared with unless somebody chose."""
    return baselines.usual_kind(applicant.reference_scores, applicant.threshold).value
