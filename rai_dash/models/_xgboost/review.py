"""The static review of an XGBoost file: read as plain values, every index checked, nothing executed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.models._nesting import nesting
from rai_dash.models._xgboost.ubjson import MAX_DEPTH, read_ubjson, refuse_damaged

BINARY = frozenset({"binary:logistic", "binary:logitraw"})
MAX_FEATURES = 100_000
MAX_CATEGORY = 10_000_000
#: What XGBoost writes as the parent of a root.
NO_PARENT = 2**31 - 1
_LENGTHS = ("left_children", "right_children", "split_indices", "split_conditions")


def _parse(content: bytes) -> Mapping[str, Any]:
    """Read JSON or UBJSON as plain values."""
    if _is_json(content):
        if nesting(content) > MAX_DEPTH:
            refuse_damaged(f"it is nested deeper than {MAX_DEPTH} levels")
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            refuse_damaged("it is not complete JSON")
    else:
        found = read_ubjson(content)
    if not isinstance(found, Mapping):
        refuse_damaged("it holds no model")
    return found


def _is_json(content: bytes) -> bool:
    rest = content[1:64].lstrip()
    return rest[:1] in {b'"', b"}"}


def _numbers(holder: Mapping[str, Any], name: str) -> NDArray[np.float64]:
    return np.asarray(holder.get(name, ()), dtype=np.float64)


def _ints(tree: Mapping[str, Any], name: str) -> NDArray[np.int64]:
    values = _numbers(tree, name)
    if values.ndim != 1 or not np.isfinite(values).all():
        refuse_damaged(f"`{name}` of a tree is not a list of numbers")
    return values.astype(np.int64)


def _check_tree(tree: Mapping[str, Any], place: int, n_features: int) -> None:
    """Check that every child lies inside the tree and behind its parent, and every feature exists."""
    n = int(tree["tree_param"]["num_nodes"])
    left, right, feature = (_ints(tree, name) for name in _LENGTHS[:3])
    sizes = {len(tree.get(name, ())) for name in _LENGTHS}
    if sizes != {n}:
        refuse_damaged(f"tree {place} declares {n:,} nodes and lists {max(sizes):,}")
    if not np.isfinite(_numbers(tree, "split_conditions")).all():
        refuse_damaged(f"tree {place} holds a number that is not finite")
    inner = left != -1
    if not np.array_equal(inner, right != -1):
        refuse_damaged(f"tree {place} has a node with one child")
    # A child behind its parent excludes cycles in one comparison.
    at = np.flatnonzero(inner)
    for child in (left[at], right[at]):
        wrong = at[(child <= at) | (child >= n)]
        if wrong.size:
            refuse_damaged(f"tree {place}, node {wrong[0]} points outside the tree")
    if at.size and (feature[at].min() < 0 or feature[at].max() >= n_features):
        refuse_damaged(f"tree {place} asks for a column the model does not have")
    _check_parents(tree, place, n)
    _check_categories(tree, place, n, inner)


def _check_parents(tree: Mapping[str, Any], place: int, n: int) -> None:
    """Check the links back and the width of a leaf: XGBoost follows the one and reserves memory by the other."""
    parents, left, right = (_ints(tree, name) for name in ("parents", "left_children", "right_children"))
    at = np.flatnonzero(left != -1)
    fits = parents.shape == (n,) and n > 0 and parents[0] == NO_PARENT
    fits = fits and bool(((parents[1:] >= 0) & (parents[1:] < n)).all())
    if not fits or (parents[left[at]] != at).any() or (parents[right[at]] != at).any():
        refuse_damaged(f"the links of tree {place} contradict each other")
    if int(tree["tree_param"].get("size_leaf_vector", 1)) not in {0, 1}:
        refuse_damaged(f"the leaves of tree {place} hold more than one number")


def _check_categories(tree: Mapping[str, Any], place: int, n: int, inner: NDArray[np.bool_]) -> None:
    """Check that the category table of a tree stays inside its arrays."""
    nodes, starts, sizes = (
        _ints(tree, name) for name in ("categories_nodes", "categories_segments", "categories_sizes")
    )
    total = len(tree.get("categories", ()))
    if not len(nodes) == len(starts) == len(sizes):
        refuse_damaged(f"the category table of tree {place} has columns of different length")
    if nodes.size and (
        nodes.min() < 0
        or nodes.max() >= n
        or starts.min() < 0
        or sizes.min() < 0
        or (starts + sizes).max() > total
    ):
        refuse_damaged(f"the category table of tree {place} points outside")
    categories = _ints(tree, "categories")
    if categories.size and (categories.min() < 0 or categories.max() > MAX_CATEGORY):
        refuse_damaged(f"tree {place} has an impossible category")
    kinds = _ints(tree, "split_type")
    by_category = np.flatnonzero(kinds == 1)
    # A split by category without its list of categories reads memory that is not the tree's.
    if kinds.size not in {0, n} or not np.isin(by_category[inner[by_category]], nodes).all():
        refuse_damaged(f"tree {place} splits by a category that is not listed")


def _booster(learner: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the tree part; dart keeps it one level deeper."""
    booster: Mapping[str, Any] = learner["gradient_booster"]
    name = booster.get("name")
    if name == "dart":
        booster = booster["gbtree"]
    elif name != "gbtree":
        kind = str(name)[:40]
        msg = tr(
            "This XGBoost model is of the kind `{kind}`; only trees are read here. Train it with gbtree or "
            "dart.",
            kind=kind,
        )
        raise RefusedModel(msg, code="unsupported_model")
    return booster


def _check_task(learner: Mapping[str, Any]) -> None:
    objective = str(learner["objective"]["name"])
    param = learner["learner_model_param"]
    if int(param.get("num_class", 0)) > 1 or objective.startswith("multi:"):
        msg = tr("This model has more than two classes. Train one for approved against not approved.")
        raise RefusedModel(msg, code="multiclass")
    if int(param.get("num_class", 0)) < 0 or int(param.get("num_target", 1)) < 0:
        refuse_damaged("it declares a negative number of classes or targets")
    if not all(math.isfinite(float(v)) for v in str(param.get("base_score", 0.5)).strip("[]").split(",")):
        refuse_damaged("its starting score is not a number")
    if int(param.get("num_target", 1)) > 1:
        msg = tr("This model predicts several targets at once. Train one for approved against not approved.")
        raise RefusedModel(msg, code="multiclass")
    if objective not in BINARY:
        msg = tr(
            "This model was trained with `{objective}` and gives no probabilities. Train it with "
            "binary:logistic, or upload a table with a score column.",
            objective=objective,
        )
        raise RefusedModel(msg, code="no_probabilities")


def _check_names(learner: Mapping[str, Any], n_features: int) -> None:
    """Check that names and types of columns are as many as there are columns, and no name is twice."""
    names, types = learner.get("feature_names") or [], learner.get("feature_types") or []
    if len(names) not in {0, n_features} or len(types) not in {0, n_features}:
        refuse_damaged("it names another number of columns than it declares")
    if len(set(names)) != len(names):
        refuse_damaged("two of its columns have the same name")


def _check_rounds(booster: Mapping[str, Any], n_trees: int) -> None:
    """Check which trees belong to which round, and the weights of a dart model."""
    model = booster["gbtree"]["model"] if booster.get("name") == "dart" else booster["model"]
    starts = _ints(model, "iteration_indptr")
    if starts.size and (starts[0] != 0 or starts[-1] != n_trees or (np.diff(starts) < 0).any()):
        refuse_damaged("its list of rounds and its list of trees disagree")
    if booster.get("name") == "dart":
        weights = _numbers(booster, "weight_drop")
        if weights.shape != (n_trees,) or not np.isfinite(weights).all():
            refuse_damaged("its trees and their weights disagree")


def _check_stored(model: Mapping[str, Any], n_features: int) -> None:
    """Check the table of category labels: every part has to stay inside its arrays."""
    table = model.get("cats")
    if table is None or not len(table.get("enc", ())):
        return
    segments = _ints(table, "feature_segments")
    total = 0 if not segments.size else int(segments[-1])
    order = _ints(table, "sorted_idx")
    if segments.shape != (n_features + 1,) or segments[0] != 0 or (np.diff(segments) < 0).any():
        refuse_damaged("its table of categories does not fit its columns")
    if order.shape != (total,) or (order.size and (order.min() < 0 or (order >= total).any())):
        refuse_damaged("its table of categories points outside")
    if len(table["enc"]) != n_features:
        refuse_damaged("its table of categories does not fit its columns")
    for place, column in enumerate(table["enc"]):
        _check_labels(column, int(segments[place + 1] - segments[place]))


def _check_labels(column: Mapping[str, Any], n: int) -> None:
    """Check the labels of one column: text is cut out of one run of bytes by offsets."""
    values = _numbers(column, "values")
    if "offsets" not in column:
        if values.size != n:
            refuse_damaged("a column lists another number of categories than it declares")
        return
    offsets = _ints(column, "offsets")
    if n == 0 and offsets.size <= 1:
        return
    fits = offsets.size == n + 1 and offsets[0] == 0 and offsets[-1] <= values.size
    if not fits or (np.diff(offsets) < 0).any():
        refuse_damaged("the text of a category lies outside the file")
    if (values[: int(offsets[-1])] == 0).any():
        refuse_damaged("the text of a category holds a zero byte")


def review(content: bytes) -> None:
    """Check a file without running anything of it.

    Raises
    ------
    RefusedModel
        Damaged, of another kind, or not a model for two classes.
    """
    _review(_parse(content))


def review_snapshot(content: bytes) -> None:
    """Check the memory snapshot of a booster, as pickle and skops keep it: settings and model together.

    Raises
    ------
    RefusedModel
        As `review`.
    """
    whole = _parse(content)
    model = whole.get("Model", whole)
    if not isinstance(model, Mapping):
        refuse_damaged("it holds no model")
    _review(model)


def _review(whole: Mapping[str, Any]) -> None:
    try:
        learner = whole["learner"]
        _check_task(learner)
        model = _booster(learner)["model"]
        n_features = int(learner["learner_model_param"]["num_feature"])
        if not 0 < n_features <= MAX_FEATURES:
            refuse_damaged(f"it declares {n_features:,} columns")
        _check_names(learner, n_features)
        trees, tree_info = model["trees"], _ints(model, "tree_info")
        if len(tree_info) != len(trees) or (tree_info != 0).any():
            refuse_damaged("its list of trees and its list of classes disagree")
        # XGBoost puts each tree where its number says; a number that is there twice leaves a hole.
        if sorted(int(tree["id"]) for tree in trees) != list(range(len(trees))):
            refuse_damaged("its trees are not numbered one by one")
        _check_rounds(learner["gradient_booster"], len(trees))
        _check_stored(model, n_features)
        for place, tree in enumerate(trees):
            _check_tree(tree, place, n_features)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        refuse_damaged("a part that every model has is missing or has another form")
