"""The smallest allowed changes after which the model decides otherwise."""

from __future__ import annotations

from rai_dash.explain.counterfactuals.alike import named_first, people_like
from rai_dash.explain.counterfactuals.candidates import Candidates, candidates_of
from rai_dash.explain.counterfactuals.constraints import Constraints, linked_columns
from rai_dash.explain.counterfactuals.found import (
    APPROVAL,
    REFUSAL,
    Counterfactual,
    Counterfactuals,
    change_words,
    sentence,
)
from rai_dash.explain.counterfactuals.search import counterfactuals

__all__ = [
    "APPROVAL",
    "REFUSAL",
    "Candidates",
    "Constraints",
    "Counterfactual",
    "Counterfactuals",
    "candidates_of",
    "change_words",
    "counterfactuals",
    "linked_columns",
    "named_first",
    "people_like",
    "sentence",
]
