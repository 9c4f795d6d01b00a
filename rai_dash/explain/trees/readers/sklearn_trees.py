"""scikit-learn's trees, forests and GradientBoosting: they compare their inputs as float32."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.explain._base import LOG_ODDS, PROBABILITY, RouteRefused
from rai_dash.explain._columns import dense
from rai_dash.explain.trees.readers._build import Reading, Tree, as_float32, join

FloatArray = NDArray[np.float64]


def _tree(tree: Any, value: FloatArray) -> Tree:
    """Read one ``tree_`` with the value of each node."""
    return Tree(
        feature=tree.feature,
        threshold=tree.threshold,
        left=tree.children_left,
        right=tree.children_right,
        missing_left=tree.missing_go_to_left,
        value=value,
        cover=tree.weighted_n_node_samples,
    )


def _matrix(given: Any) -> FloatArray:
    return as_float32(dense(given))


def _reading(trees: list[Tree], n_columns: int, *, offset: float, space: str, scale: float) -> Reading:
    joined = join(
        trees,
        n_columns=n_columns,
        offset=offset,
        space=space,
        cover_name="training rows",
        scale=scale,
    )
    return Reading(trees=joined, matrix=_matrix, inputs=np.arange(n_columns))


def read_forest(model: Any) -> Reading:
    """Read a tree or a forest: the mean over trees of the share of class 1 in the leaf."""
    members = getattr(model, "estimators_", [model])
    trees = []
    for member in members:
        counts = member.tree_.value[:, 0, :]
        trees.append(_tree(member.tree_, counts[:, 1] / counts.sum(axis=1)))
    n_columns = int(model.n_features_in_)
    return _reading(trees, n_columns, offset=0.0, space=PROBABILITY, scale=1.0 / len(trees))


def _log_odds_a_unit(model: Any) -> float:
    """Return the log-odds a unit of the raw prediction: exponential loss has half the log-odds."""
    return 2.0 if model.loss == "exponential" else 1.0


def read_gradient_boosting(model: Any) -> Reading:
    """Read GradientBoosting: what it starts from must be one number for all rows."""
    start = model.init_
    if isinstance(start, str):
        offset = 0.0
    elif type(start).__name__ == "DummyClassifier" and start.strategy in {"prior", "most_frequent"}:
        edge = float(np.finfo(np.float32).eps)
        p = float(np.clip(start.predict_proba(np.zeros((1, 1)))[0, 1], edge, 1.0 - edge))
        offset = float(np.log(p) - np.log1p(-p))
    else:
        msg = tr("its boosting starts from another model")
        raise RouteRefused(msg)
    trees = [_tree(member.tree_, member.tree_.value[:, 0, 0]) for member in model.estimators_[:, 0]]
    scale = float(model.learning_rate) * _log_odds_a_unit(model)
    return _reading(trees, int(model.n_features_in_), offset=offset, space=LOG_ODDS, scale=scale)
