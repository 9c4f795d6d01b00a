"""LightGBM with native categories: its own path-dependent contributions, without reference rows.

``pred_contrib`` weights the branches of each tree by the counts of the training rows. As with XGBoost's
(see `rai_dash.explain.xgboost_paths`) these are the exact Shapley values of that game, which is another one
than "against these people", so the method is named on the chart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rai_dash.explain._base import (
    EXPLAINERS,
    LOG_ODDS,
    Attribution,
    Attributor,
    ExplainRoute,
    Progress,
    Reference,
    Subject,
)

if TYPE_CHECKING:
    import pandas as pd

METHOD = "LightGBM's own contributions (path-dependent, no reference rows)"
#: About a second of work between two reports of progress.
CHUNK_ROWS = 500


def supports(subject: Subject, space: str) -> bool:
    """Whether log-odds are wanted of a model in LightGBM's own format with native categories."""
    native = subject.native.native
    return space == LOG_ODDS and type(native).__name__ == "LightgbmTrees" and bool(native.category_columns)


def build(subject: Subject, _reference: Reference, _space: str) -> Attributor:
    """Return the attributor; nothing has to be prepared (see ``ExplainRoute``)."""
    native = subject.native
    trees = native.native

    def attribute(rows: pd.DataFrame, progress: Progress) -> Attribution:
        n = len(rows)
        parts = []
        for at in range(0, n, CHUNK_ROWS):
            matrix = native.matrix(rows.iloc[at : at + CHUNK_ROWS])
            parts.append(np.asarray(trees.booster.predict(matrix, pred_contrib=True, num_threads=1)))
            progress(min(at + CHUNK_ROWS, n), n, "rows explained")
        # In units of the sum of the trees; the last column is the base.
        found = trees.slope * np.concatenate(parts).astype(np.float64)
        return Attribution(
            space=LOG_ODDS,
            base=found[:, -1],
            values=found[:, :-1],
            output=subject.output(rows, LOG_ODDS),
            methods=[METHOD] * n,
            background_rows=None,
            exact=np.ones(n, dtype=bool),
        )

    return attribute


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
