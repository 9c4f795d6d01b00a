"""XGBoost with native categories: its own path-dependent contributions, without reference rows.

``pred_contribs`` weights the branches of each tree by the hessian sums of the training rows. These are
the exact Shapley values of that game, which is another one than "against these people": against the
full background they differ by about a third. So the method is named on the chart.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from rai_dash.explain._base import EXPLAINERS, LOG_ODDS, Attributor, ExplainRoute, Reference, Subject
from rai_dash.explain._paths import path_attributor

METHOD = "XGBoost's own contributions (path-dependent, no reference rows)"


def supports(subject: Subject, space: str) -> bool:
    """Whether log-odds are wanted of a tree model in XGBoost's own format with native categories."""
    booster = subject.native.native
    if space != LOG_ODDS or type(booster).__name__ != "Booster":
        return False
    kind = json.loads(booster.save_config())["learner"]["gradient_booster"]["name"]
    return kind in {"gbtree", "dart"} and "c" in (booster.feature_types or ())


def _contributions(booster: Any, matrix: Any) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Ask XGBoost; the last column is the base."""
    import xgboost

    data = xgboost.DMatrix(matrix, enable_categorical=True)
    found = booster.predict(data, pred_contribs=True, validate_features=False)
    return np.asarray(found, dtype=np.float64)


def build(subject: Subject, _reference: Reference, _space: str) -> Attributor:
    """Return the attributor; nothing has to be prepared (see ``ExplainRoute``)."""
    native = subject.native
    return path_attributor(subject, METHOD, lambda rows: _contributions(native.native, native.matrix(rows)))


EXPLAINERS.add(
    "xgboost_paths",
    ExplainRoute(
        name="xgboost_paths",
        label="XGBoost's own contributions",
        rank=30,
        supports=supports,
        build=build,
    ),
    home=__name__,
)
