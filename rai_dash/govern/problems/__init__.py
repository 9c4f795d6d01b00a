"""What is known to be wrong with a model: named slices of people, who looks after them, and whether it is mended."""

from __future__ import annotations

from rai_dash.govern.problems.desk import ProblemDesk
from rai_dash.govern.problems.nouns import (
    Basis,
    HistoryLine,
    Problem,
    ProblemResult,
    ProblemScope,
    Rates,
    Source,
    State,
    Status,
)
from rai_dash.govern.problems.triage import Triaged, priority, triage

__all__ = [
    "Basis",
    "HistoryLine",
    "Problem",
    "ProblemDesk",
    "ProblemResult",
    "ProblemScope",
    "Rates",
    "Source",
    "State",
    "Status",
    "Triaged",
    "priority",
    "triage",
]
