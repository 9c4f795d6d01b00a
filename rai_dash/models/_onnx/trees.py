"""The rules for trees and linear models inside an ONNX file: every index inside, every number finite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.models._onnx.shapes import Shape
from rai_dash.models._onnx.values import Attributes, refuse_damaged

IntArray = NDArray[np.int64]

#: The library follows a tree by calling itself, so depth costs stack.
MAX_DEPTH: Final = 2_000
MAX_FEATURES: Final = 100_000
MAX_CLASSES: Final = 1_000
#: Numbers that a node may have.
_NUMBERS: Final = 2**31
_LEAF: Final = "LEAF"
_BRANCHES: Final = frozenset({f"BRANCH_{name}" for name in ("LEQ", "LT", "GTE", "GT", "EQ", "NEQ")})
_TRANSFORMS: Final = frozenset({"NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"})
_AGGREGATES: Final = frozenset({"SUM", "AVERAGE", "MIN", "MAX"})
_PER_NODE: Final = ("nodes_nodeids", "nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids")


@dataclass(frozen=True, slots=True)
class _Nodes:
    """The nodes of an ensemble, by tree number and node number."""

    trees: IntArray
    nodes: IntArray

    def _codes(self, trees: IntArray, nodes: IntArray) -> IntArray:
        """Turn each pair into one number; -1 = there is no such tree, or no such number."""
        first = np.unique(self.trees)
        rank = np.minimum(np.searchsorted(first, trees), len(first) - 1)
        is_known = (first[rank] == trees) & (nodes >= 0) & (nodes < _NUMBERS)
        codes: IntArray = np.where(is_known, rank * _NUMBERS + nodes, -1)
        return codes

    def place(self, trees: IntArray, nodes: IntArray) -> IntArray:
        """Return the position of each pair; -1 = there is none."""
        own, asked = self._codes(self.trees, self.nodes), self._codes(trees, nodes)
        order = np.argsort(own, kind="stable")
        at = np.minimum(np.searchsorted(own[order], asked), len(own) - 1)
        found: IntArray = np.where((asked >= 0) & (own[order][at] == asked), order[at], -1)
        return found


def _check_forest(trees: IntArray, parent: IntArray) -> None:
    """Check that each tree hangs together: one root, listed first, from which every node is reached once."""
    starts = np.flatnonzero(np.diff(trees, prepend=trees[0] - 1))
    if len(starts) != len(np.unique(trees)):
        refuse_damaged("the nodes of a tree are scattered")
    if not np.array_equal(np.flatnonzero(parent < 0), starts):
        refuse_damaged("a tree has no root, or several")
    above = np.where(parent < 0, np.arange(len(parent)), parent)
    # Each step doubles how far up every node looks; a circle never arrives at a root.
    for _ in range(MAX_DEPTH.bit_length()):
        above = above[above]
    if (parent[above] >= 0).any():
        refuse_damaged(f"a tree runs in a circle or is deeper than {MAX_DEPTH:,} levels")


def _check_lengths(given: Attributes, n: int) -> None:
    """Check that every list of the nodes is as long as there are nodes."""
    lengths = {len(given.ints(name)) for name in _PER_NODE} | {len(given.numbers("nodes_values"))}
    if not n or lengths != {n} or len(given.texts("nodes_modes")) != n:
        refuse_damaged("the lists of a tree have different lengths, or are empty")
    optional = {len(given.ints("nodes_missing_value_tracks_true")), len(given.numbers("nodes_hitrates"))}
    if not optional <= {0, n}:
        refuse_damaged("the lists of a tree have different lengths")


def _check_splits(given: Attributes, width: int) -> IntArray:
    """Check kinds, columns and thresholds; returns the positions of the nodes that split."""
    modes = np.array(given.texts("nodes_modes"), dtype=object)
    if not set(modes.tolist()) <= _BRANCHES | {_LEAF}:
        refuse_damaged("a tree has a kind of node that is not known")
    inner: IntArray = np.flatnonzero(modes != _LEAF)
    features = given.ints("nodes_featureids")[inner]
    if inner.size and (features.min() < 0 or features.max() >= width):
        refuse_damaged(f"a tree asks for a column outside the {width:,} that reach it")
    if np.isnan(given.numbers("nodes_values")[inner]).any():
        refuse_damaged("a tree splits at something that is not a number")
    return inner


def _check_nodes(given: Attributes, width: int) -> _Nodes:
    """Check the nodes of an ensemble."""
    found = _Nodes(given.ints("nodes_treeids"), given.ints("nodes_nodeids"))
    n = len(found.trees)
    _check_lengths(given, n)
    inner = _check_splits(given, width)
    if not np.array_equal(found.place(found.trees, found.nodes), np.arange(n)):
        refuse_damaged("a tree has the same node twice, or a node with an impossible number")
    parent = np.full(n, -1, dtype=np.int64)
    for name in ("nodes_truenodeids", "nodes_falsenodeids"):
        child = found.place(found.trees[inner], given.ints(name)[inner])
        if (child < 0).any():
            refuse_damaged("a tree has a node that points outside the tree")
        if (parent[child] >= 0).any() or len(np.unique(child)) < len(child):
            refuse_damaged("a tree has a node with two parents, or runs in a circle")
        parent[child] = inner
    _check_forest(found.trees, parent)
    return found


def _check_leaves(given: Attributes, kind: str, found: _Nodes, n: int) -> None:
    """Check what the leaves give: each belongs to a node, and to one of ``n`` classes or targets."""
    trees, nodes, ids = (given.ints(f"{kind}_{name}") for name in ("treeids", "nodeids", "ids"))
    weights = given.numbers(f"{kind}_weights")
    if not trees.size or not trees.shape == nodes.shape == ids.shape == weights.shape:
        refuse_damaged("the lists of the leaves have different lengths, or are empty")
    if not np.isfinite(weights).all():
        refuse_damaged("a leaf holds something that is not a number")
    if int(ids.min()) < 0 or int(ids.max()) >= n:
        refuse_damaged("a leaf votes for a class that the model does not have")
    if (found.place(trees, nodes) < 0).any():
        refuse_damaged("a leaf belongs to no tree")


def _count_classes(given: Attributes) -> int:
    """Count the classes of a classifier."""
    labels = given.values("classlabels") or tuple(given.ints("classlabels_ints").tolist())
    # With one label only, the library looks for the second one behind the end of the list.
    if not 1 < len(labels) <= MAX_CLASSES or len(set(labels)) != len(labels):
        refuse_damaged("it does not list its classes, has only one, or lists one twice")
    return len(labels)


def _check_transform(given: Attributes) -> None:
    if given.word("post_transform", "NONE") not in _TRANSFORMS:
        refuse_damaged("it turns scores into probabilities in a way that is not known")


def _width(node: Any, shapes: dict[str, Shape]) -> int:
    """Return how many columns reach an operator.

    Raises
    ------
    RefusedModel
        When that cannot be told before it runs.
    """
    shape = shapes.get(node.input[0]) if node.input else None
    width = None if shape is None or len(shape) != 2 else shape[1]
    if width is None or not 0 < width <= MAX_FEATURES:
        msg = tr(
            "The ONNX file does not tell how many columns reach its {op_type} step, so its column "
            "numbers cannot be checked. Export it with fixed numbers of columns and only the number of "
            "rows left open.",
            op_type=node.op_type,
        )
        raise RefusedModel(msg, code="unsupported_model")
    return width


def check_ensemble(node: Any, shapes: dict[str, Shape]) -> None:
    """Check a tree ensemble.

    Raises
    ------
    RefusedModel
        When an index leaves its tree, its columns or its classes, or a number is not finite.
    """
    given = Attributes(node)
    found = _check_nodes(given, _width(node, shapes))
    _check_transform(given)
    if node.op_type == "TreeEnsembleClassifier":
        kind, n = "class", _count_classes(given)
    else:
        kind, n = "target", given.whole("n_targets", 1)
        if not 0 < n <= MAX_CLASSES or given.word("aggregate_function", "SUM") not in _AGGREGATES:
            refuse_damaged("it predicts an impossible number of targets, or adds trees up in an unknown way")
    _check_leaves(given, kind, found, n)
    base = given.numbers("base_values")
    if len(base) not in {0, 1, n} or not np.isfinite(base).all():
        refuse_damaged("its starting scores do not fit its classes")


def check_linear(node: Any, shapes: dict[str, Shape]) -> None:
    """Check a linear model: as many coefficients as columns and classes need, all finite.

    Raises
    ------
    RefusedModel
        When they are not.
    """
    given, width = Attributes(node), _width(node, shapes)
    coefficients, intercepts = given.numbers("coefficients"), given.numbers("intercepts")
    if not (np.isfinite(coefficients).all() and np.isfinite(intercepts).all()):
        refuse_damaged("a coefficient is not a number")
    _check_transform(given)
    rows = _count_classes(given) if node.op_type == "LinearClassifier" else given.whole("targets", 1)
    # Of two classes a writer may store one line of coefficients only.
    allowed = {rows, 1} if rows == 2 else {rows}
    lines = len(intercepts) or len(coefficients) // width
    if lines not in allowed or len(coefficients) != lines * width:
        refuse_damaged(
            f"its linear model has {len(coefficients):,} coefficients for {width:,} columns and {rows:,} classes"
        )
