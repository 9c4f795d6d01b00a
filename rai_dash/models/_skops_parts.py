"""Walking the objects inside a loaded scikit-learn model: damaged trees are refused, side effects switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.models._skops_review import refuse_damaged

_PLAIN = (str, bytes, bytearray, int, float, type, type(None))


def parts(model: Any) -> Iterator[Any]:
    """Walk every object inside a model once, without recursion."""
    waiting, seen = [model], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, _PLAIN) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, np.ndarray):
            waiting += part.ravel().tolist() if part.dtype == object else []
        elif isinstance(part, (list, tuple, set)):
            waiting += list(part)
        elif isinstance(part, dict):
            waiting += list(part.values())
        else:
            yield part
            waiting += list(getattr(part, "__dict__", {}).values())


def check_trees(model: Any) -> None:
    """Check the arrays of every tree: a damaged one would kill or hang its predict.

    Raises
    ------
    RefusedModel
        When a node points outside its tree or backwards, or asks for a column or row that is not there.
    """
    for part in parts(model):
        held = getattr(part, "__dict__", {})
        tree, predictors = held.get("tree_"), held.get("_predictors")
        if type(tree).__name__ == "Tree":
            _check_tree(tree, int(part.n_features_in_))
        for round_ in predictors or ():
            for predictor in round_:
                _check_predictor(predictor, int(part.n_features_in_))
        if hasattr(part, "get_arrays") and type(part).__module__.startswith("sklearn.neighbors."):
            _check_neighbours(part)


def _check_tree(tree: Any, n_features: int) -> None:
    left, right = tree.children_left, tree.children_right
    _check_nodes(left, right, tree.feature, n_features)
    if tree.value.shape[0] != len(left) or tree.n_outputs != 1 or tree.n_features != n_features:
        refuse_damaged("one of its trees does not fit the columns or the classes")


def _check_predictor(predictor: Any, n_features: int) -> None:
    nodes = predictor.nodes
    is_leaf = nodes["is_leaf"].astype(bool)
    left, right = (np.where(is_leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
    _check_nodes(left, right, nodes["feature_idx"].astype(np.int64), n_features)
    by_category = nodes[~is_leaf & nodes["is_categorical"].astype(bool)]
    tables = (predictor.raw_left_cat_bitsets, predictor.binned_left_cat_bitsets)
    if by_category.size and int(by_category["bitset_idx"].max()) >= min(len(t) for t in tables):
        refuse_damaged("the category table of one of its trees points outside")


def _check_neighbours(tree: Any) -> None:
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


def tame(model: Any) -> None:
    """Switch off what would write files, start processes or print."""
    for part in parts(model):
        held = getattr(part, "__dict__", {})
        for name, value in (("memory", None), ("n_jobs", 1), ("verbose", False)):
            if name in held:
                held[name] = value
