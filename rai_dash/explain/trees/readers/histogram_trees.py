"""scikit-learn's HistGradientBoosting: float64 comparisons, and category sets of its own codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain._base import LOG_ODDS
from rai_dash.explain._columns import dense
from rai_dash.explain.trees.readers._build import Categories, Reading, Tree, join, wider

FloatArray = NDArray[np.float64]


def _tree(predictor: Any) -> Tree:
    """Read one tree from its table of nodes."""
    nodes = predictor.nodes
    leaf = nodes["is_leaf"] != 0
    by_category = np.flatnonzero((nodes["is_categorical"] != 0) & ~leaf)
    missing_left = nodes["missing_go_to_left"] != 0
    sets = predictor.raw_left_cat_bitsets
    return Tree(
        feature=nodes["feature_idx"],
        threshold=nodes["num_threshold"],
        left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
        right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
        missing_left=missing_left,
        value=nodes["value"],
        cover=nodes["count"].astype(np.float64),
        categories=Categories(
            nodes=by_category,
            sets=[wider(sets[at]) for at in nodes["bitset_idx"][by_category]],
            in_set_left=True,
            # A category that training did not have is read as a blank.
            unseen_left=missing_left[by_category],
        ),
    )


def _inputs(preparation: Any, n_columns: int) -> NDArray[np.int64]:
    """Say which input each column of its matrix is: its own preparation puts categories first."""
    everything = np.arange(n_columns)
    if preparation is None:
        return everything
    chosen = [
        (preparation.output_indices_[name].start, columns) for name, _, columns in preparation.transformers_
    ]
    return np.concatenate([everything[columns] for _, columns in sorted(chosen, key=lambda c: c[0])])


def read_histogram(model: Any) -> Reading:
    """Read HistGradientBoosting (see `rai_dash.explain.trees.readers.read_trees`)."""
    preparation = model._preprocessor  # noqa: SLF001 - no public way to the codes its trees compare

    def matrix(given: Any) -> FloatArray:
        return dense(given if preparation is None else preparation.transform(given))

    n_columns = int(model.n_features_in_)
    joined = join(
        [_tree(predictor) for (predictor,) in model._predictors],  # noqa: SLF001 - nor to its trees
        n_columns=n_columns,
        offset=float(np.ravel(model._baseline_prediction)[0]),  # noqa: SLF001 - nor to what they start from
        space=LOG_ODDS,
        cover_name="training rows",
    )
    return Reading(trees=joined, matrix=matrix, inputs=_inputs(preparation, n_columns))
