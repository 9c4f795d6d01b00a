"""Judge a loan-approval model together: imbalance, groups, explanations, the review band, its signature.

Examples
--------
>>> import rai_dash
>>> roles = rai_dash.Roles(target="loan", favourable=("Approved",), sensitive=("gender",))
>>> dataset = rai_dash.read_dataset("sample_data/story_living_1100.csv.gz", roles)
>>> with rai_dash.load_model("sample_data/story_biased.ubj") as model:
...     found = rai_dash.audit(dataset, model)
>>> found.content["groups"]["gender"]["Female"]["recall"]["numerator"]
3.0
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from rai_dash.core.types import ReviewBand, Roles

if TYPE_CHECKING:
    from rai_dash.audit import Audit, audit
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.read import read_dataset
    from rai_dash.models.client import Model, load_model
    from rai_dash.report.drift_json import Comparison, compare_datasets
    from rai_dash.report.explain_json import ExplainOptions, explain_dataset, explain_everyone
    from rai_dash.report.first_look import first_look
    from rai_dash.report.profile_json import Profile, profile_dataset

#: Imported on first use, so that ``import rai_dash`` stays light.
_LAZY = {
    "Audit": "rai_dash.audit",
    "audit": "rai_dash.audit",
    "Dataset": "rai_dash.data.dataset",
    "read_dataset": "rai_dash.data.read",
    "Model": "rai_dash.models.client",
    "load_model": "rai_dash.models.client",
    "ExplainOptions": "rai_dash.report.explain_json",
    "explain_dataset": "rai_dash.report.explain_json",
    "explain_everyone": "rai_dash.report.explain_json",
    "Comparison": "rai_dash.report.drift_json",
    "compare_datasets": "rai_dash.report.drift_json",
    "first_look": "rai_dash.report.first_look",
    "Profile": "rai_dash.report.profile_json",
    "profile_dataset": "rai_dash.report.profile_json",
}

__all__ = [
    "Audit",
    "Comparison",
    "Dataset",
    "ExplainOptions",
    "Model",
    "Profile",
    "ReviewBand",
    "Roles",
    "audit",
    "compare_datasets",
    "explain_dataset",
    "explain_everyone",
    "first_look",
    "load_model",
    "profile_dataset",
    "read_dataset",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name from its room."""
    if name not in _LAZY:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_LAZY[name]), name)
