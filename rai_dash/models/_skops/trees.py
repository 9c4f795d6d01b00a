"""Trees of decisions and of neighbours after loading: a damaged one would kill or hang its predict."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.models._skops.archive import refuse_damaged

#: Categories fit into a byte.
_MAX_CATEGORY: Final = 255
_METRICS: Final = frozenset(
    {"EuclideanDistance64", "ManhattanDistance64", "ChebyshevDistance64", "MinkowskiDistance64"}
)


def whole(value: object) -> int:
    """Return a count as it is; anything else than a whole number is damage."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        refuse_damaged("a count in it is no whole number")
    return int(value)


def check_tree_holder(part: Any) -> None:
    """Check the tree of a decision tree, a regression tree, or one of a forest."""
    tree, n_features = part.tree_, whole(part.n_features_in_)
    if type(tree).__name__ != "Tree":
        refuse_damaged("one of its trees is none")
    _check_nodes(tree.children_left, tree.children_right, tree.feature, n_features)
    if tree.value.shape[0] != len(tree.children_left) or tree.n_outputs != 1 or tree.n_features != n_features:
        refuse_damaged("one of its trees does not fit the columns or the classes")


def check_forest(part: Any) -> None:
    """Check that all trees take the columns the forest takes: it hands rows on unchecked."""
    n_features = whole(part.n_features_in_)
    if any(tree.tree_.n_features != n_features for tree in np.ravel(part.estimators_)):
        refuse_damaged("one of its trees does not fit the columns or the classes")


def check_gradient_boosting(part: Any) -> None:
    """Check that there is one row of trees: they write straight into one column of numbers."""
    check_forest(part)
    if part.estimators_.ndim != 2 or part.estimators_.shape[1] != 1:
        refuse_damaged("its trees are for another number of classes")


def check_histogram(part: Any) -> None:
    """Check the trees, the categories and the preparation of HistGradientBoosting."""
    n = whole(part.n_features_in_)
    bins = part._bin_mapper  # noqa: SLF001 - what predict reads
    marks = np.zeros(n, dtype=np.uint8) if bins.is_categorical_ is None else np.asarray(bins.is_categorical_)
    if marks.shape != (n,) or not np.isin(marks, (0, 1)).all() or len(bins.bin_thresholds_) != n:
        refuse_damaged("its list of categories does not fit the columns")
    is_category = marks.astype(bool)
    for place in np.flatnonzero(is_category):
        codes = np.asarray(bins.bin_thresholds_[place])
        if codes.size and (codes.min() < 0 or codes.max() > _MAX_CATEGORY):
            refuse_damaged("its list of categories does not fit the columns")
    for predictor in (p for round_ in part._predictors for p in round_):  # noqa: SLF001
        _check_predictor(predictor, n, is_category)
    if getattr(part, "_in_fit", False):
        refuse_damaged("it was saved in the middle of its training")
    if getattr(part, "_preprocessor", None) is not None:
        _check_preparation(part._preprocessor, n)  # noqa: SLF001


def _check_preparation(preparation: Any, n: int) -> None:
    """Check that codes of categories and numbers together are the columns the trees take."""
    taken = np.zeros(n, dtype=np.int64)
    for _, step, columns in preparation.transformers_:
        mask = np.asarray(columns)
        if isinstance(step, str) and step == "drop":
            continue
        is_known = type(step).__name__ in {"OrdinalEncoder", "FunctionTransformer"}
        # Of functions only the check of a matrix is kept there, which leaves the columns as they are.
        has_function = not isinstance(getattr(step, "func", None), (partial, type(None)))
        if not is_known or has_function or mask.dtype != bool or mask.shape != (n,):
            refuse_damaged("its preparation of categories does not fit the columns")
        taken += mask
    if not (taken == 1).all():
        refuse_damaged("its preparation of categories does not fit the columns")


def _check_predictor(predictor: Any, n_features: int, is_category: NDArray[np.bool_]) -> None:
    nodes = predictor.nodes
    is_leaf = nodes["is_leaf"].astype(bool)
    left, right = (np.where(is_leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
    feature = nodes["feature_idx"].astype(np.int64)
    _check_nodes(left, right, feature, n_features)
    by_category = ~is_leaf & nodes["is_categorical"].astype(bool)
    tables = (predictor.raw_left_cat_bitsets, predictor.binned_left_cat_bitsets)
    if by_category.any():
        fits = all(t.ndim == 2 and t.shape[1] == 8 for t in tables) and bool(
            is_category[feature[by_category]].all()
        )
        if not fits or int(nodes["bitset_idx"][by_category].max()) >= min(len(t) for t in tables):
            refuse_damaged("the category table of one of its trees points outside")


def check_neighbour_tree(tree: Any) -> None:
    """Check a tree of neighbours: node ``i`` has the children ``2i + 1`` and ``2i + 2`` and a range of rows."""
    data, order, nodes, bounds = (np.asarray(a) for a in tree.get_arrays())
    n, n_nodes = data.shape[0], nodes.size
    start, end = nodes["idx_start"], nodes["idx_end"]
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    fits = n_nodes > 0 and order.shape == (n,) and bounds.shape[1:] == (n_nodes, data.shape[1])
    fits = fits and bool(((order >= 0) & (order < n)).all())
    fits = fits and bool(((start >= 0) & (start <= end) & (end <= n)).all())
    if not fits or bool((2 * inner + 2 >= n_nodes).any()):
        refuse_damaged("its tree of neighbours points outside itself")
    _check_distance(tree.__getstate__(), n_nodes, data.shape[1])


def _check_distance(state: tuple[Any, ...], n_nodes: int, n_features: int) -> None:
    """Check the distance of a tree, whose weights are read without a look at their number."""
    declared, distance = state[6], state[11]
    if type(distance).__name__ not in _METRICS or declared != n_nodes:
        refuse_damaged("its tree of neighbours points outside itself")
    _, weights, _ = distance.__getstate__()
    is_weighted = type(distance).__name__ == "MinkowskiDistance64" and np.size(weights) > 0
    if is_weighted and np.shape(weights) != (n_features,):
        refuse_damaged("its distance does not fit the columns")


def check_neighbours(part: Any) -> None:
    """Check the training rows and labels of nearest neighbours: distances and votes are counted without a check."""
    rows = part._fit_X  # noqa: SLF001 - what predict reads
    if rows.ndim != 2 or rows.shape[1] != whole(part.n_features_in_) or rows.shape[0] != part.n_samples_fit_:
        refuse_damaged("its training rows do not fit the columns")
    if not isinstance(part.effective_metric_, str):
        refuse_damaged("its distance is none that scikit-learn knows")
    tree = getattr(part, "_tree", None)
    if tree is not None and np.shape(tree.get_arrays()[0]) != rows.shape:
        refuse_damaged("its tree of neighbours does not fit its training rows")
    if hasattr(part, "classes_"):
        label = np.asarray(part._y)  # noqa: SLF001
        fits = label.shape == (rows.shape[0],) and label.dtype.kind in "iu"
        if not fits or label.min() < 0 or label.max() >= len(part.classes_):
            refuse_damaged("the labels of its training rows do not fit its classes")


def _check_nodes(
    left: NDArray[np.int64], right: NDArray[np.int64], feature: NDArray[np.int64], n_features: int
) -> None:
    """Check that children lie inside the tree and behind their parents, which excludes cycles."""
    at = np.flatnonzero(left != -1)
    fits = len(left) > 0 and np.array_equal(left != -1, right != -1)
    for child in (left[at], right[at]):
        fits = fits and bool(((child > at) & (child < len(left))).all())
    fits = fits and bool(((feature[at] >= 0) & (feature[at] < n_features)).all())
    if not fits:
        refuse_damaged("one of its trees points outside itself")
