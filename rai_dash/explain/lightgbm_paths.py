"""LightGBM with native categories: its own path-dependent contributions, without reference rows.

``pred_contrib`` weights the branches of each tree by the counts of the training rows. As with XGBoost's
(see `rai_dash.explain.xgboost_paths`) these are the exact Shapley values of that game, which is another one
than "against these people", so the method is named on the chart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain._base import EXPLAINERS, LOG_ODDS, Attributor, ExplainRoute, Reference, Subject
from rai_dash.explain._paths import path_attributor

if TYPE_CHECKING:
    import pandas as pd

METHOD = "LightGBM's own contributions (path-dependent, no reference rows)"


def supports(subject: Subject, space: str) -> bool:
    """Whether log-odds are wanted of a model in LightGBM's own format with native categories."""
    native = subject.native.native
    return space == LOG_ODDS and type(native).__name__ == "LightgbmTrees" and bool(native.category_columns)


def build(subject: Subject, _reference: Reference, _space: str) -> Attributor:
    """Return the attributor; nothing has to be prepared (see ``ExplainRoute``)."""
    native = subject.native
    trees = native.native

    def contributions(rows: pd.DataFrame) -> NDArray[np.float64]:
        found = trees.booster.predict(native.matrix(rows), pred_contrib=True, num_threads=1)
        # LightGBM speaks in units of the sum of the trees.
        return np.asarray(trees.slope * np.asarray(found, dtype=np.float64))

    return path_attributor(subject, METHOD, contributions)


EXPLAINERS.add(
    "lightgbm_paths",
    ExplainRoute(
        name="lightgbm_paths",
        label="LightGBM's own contributions",
        rank=30,
        supports=supports,
        build=build,
    ),
    home=__name__,
)
