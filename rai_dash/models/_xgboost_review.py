"""The static review of an XGBoost file: read as plain values, every index checked, nothing executed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import RefusedModel
from rai_dash.models._ubjson import MAX_DEPTH, read_ubjson, refuse_damaged

_BINARY = frozenset({"binary:logistic"})
MAX_FEATURES = 100_000
_LENGTHS = ("left_children", "right_children", "split_indices", "split_conditions")


def _nesting(content: bytes) -> int:
    """Return the deepest nesting of a JSON text, skipping strings, without parsing it."""
    depth = deepest = 0
    in_text = escaped = False
    for byte in content:
        if in_text:
            escaped, in_text = (not escaped and byte == 0x5C), (escaped or byte != 0x22)
        elif byte == 0x22:
            in_text = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _parse(content: bytes) -> Mapping[str, Any]:
    """Read JSON or UBJSON as plain values."""
    if _is_json(content):
        if _nesting(content) > MAX_DEPTH:
            refuse_damaged(f"it is nested deeper than {MAX_DEPTH} levels")
        try:
            found = json.loads(content)
        except (ValueError, UnicodeDecodeError):
            refuse_damaged("it is not complete JSON")
    else:
        found = read_ubjson(content)
    if not isinstance(found, Mapping):
        refuse_damaged("it holds no model")
    return found


def _is_json(content: bytes) -> bool:
    rest = content[1:64].lstrip()
    return rest[:1] in {b'"', b"}"}


def _ints(tree: Mapping[str, Any], name: str) -> NDArray[np.int64]:
    values = np.asarray(tree.get(name, ()), dtype=np.float64)
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
    _check_categories(tree, place, n)


def _check_categories(tree: Mapping[str, Any], place: int, n: int) -> None:
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
    if categories.size and (categories.min() < 0 or categories.max() > MAX_FEATURES * 100):
        refuse_damaged(f"tree {place} has an impossible category")


def _booster(learner: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the tree part; dart keeps it one level deeper."""
    booster: Mapping[str, Any] = learner["gradient_booster"]
    name = booster.get("name")
    if name == "dart":
        booster = booster["gbtree"]
    elif name != "gbtree":
        msg = f"This XGBoost model is of the kind `{name}`; only tree models (gbtree, dart) are read here."
        raise RefusedModel(msg, code="unsupported_model")
    return booster


def _check_task(learner: Mapping[str, Any]) -> None:
    objective = str(learner["objective"]["name"])
    param = learner["learner_model_param"]
    if int(param.get("num_class", 0)) > 1 or objective.startswith("multi:"):
        msg = "This model has more than two classes. Train one for approved against not approved."
        raise RefusedModel(msg, code="multiclass")
    if int(param.get("num_target", 1)) > 1:
        msg = "This model predicts several targets at once. Train one for approved against not approved."
        raise RefusedModel(msg, code="multiclass")
    if objective not in _BINARY:
        msg = (
            f"This model was trained with `{objective}` and gives no probabilities. "
            "Train it with binary:logistic, or upload a table with a score column."
        )
        raise RefusedModel(msg, code="no_probabilities")


def review(content: bytes) -> None:
    """Check a file without running anything of it.

    Raises
    ------
    RefusedModel
        Damaged, of another kind, or not a model for two classes.
    """
    try:
        model = _parse(content)
        learner = model["learner"]
        _check_task(learner)
        trees = _booster(learner)["model"]["trees"]
        tree_info = _ints(_booster(learner)["model"], "tree_info")
        n_features = int(learner["learner_model_param"]["num_feature"])
        if not 0 < n_features <= MAX_FEATURES:
            refuse_damaged(f"it declares {n_features:,} columns")
        if len(tree_info) != len(trees) or (tree_info != 0).any():
            refuse_damaged("its list of trees and its list of classes disagree")
        for place, tree in enumerate(trees):
            _check_tree(tree, place, n_features)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        refuse_damaged("a part that every model has is missing or has another form")
