"""The check of one LightGBM tree: every index inside its array, every number a number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.models._lightgbm.text import MAX_TREE_LINES, NUMBER, refuse_damaged, refuse_linear

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
MAX_LEAVES = 1_000_000
#: LightGBM walks a tree recursively when it explains or describes it.
MAX_DEPTH = 1_000
#: Bits of a decision: split by category, blanks go left, and what counts as blank (three ways).
BY_CATEGORY, ALL_DECISIONS = 1, 11
#: What each line of a tree lists: whole or other numbers, and for which nodes.
_INNER, _LEAVES, _ONE = "inner", "leaves", "one"
_LINES: Final[Mapping[str, tuple[str, str]]] = {
    "num_leaves": ("int", _ONE),
    "num_cat": ("int", _ONE),
    "split_feature": ("int", _INNER),
    "split_gain": ("any", _INNER),
    "threshold": ("edge", _INNER),
    "decision_type": ("int", _INNER),
    "left_child": ("int", _INNER),
    "right_child": ("int", _INNER),
    "leaf_value": ("float", _LEAVES),
    "leaf_weight": ("any", _LEAVES),
    "leaf_count": ("int", _LEAVES),
    "internal_value": ("any", _INNER),
    "internal_weight": ("any", _INNER),
    "internal_count": ("int", _INNER),
    "cat_boundaries": ("int", "cat_boundaries"),
    "cat_threshold": ("int", "cat_threshold"),
    "is_linear": ("int", _ONE),
    "shrinkage": ("float", _ONE),
}
_NEEDED = ("split_feature", "threshold", "decision_type", "left_child", "right_child")
_WORDS = {
    "int": rb"-?\d{1,10}",
    "float": NUMBER,
    # Infinite where a split parts numbers from blanks.
    "edge": NUMBER + rb"|[+-]?inf",
    # Of no weight in a score, and LightGBM itself writes these there.
    "any": NUMBER + rb"|[+-]?(?:inf|nan)",
}
_VALUES = {kind: re.compile(rb"(?:(?:%b)(?: (?:%b))*+)?" % (word, word)) for kind, word in _WORDS.items()}
#: Lines that follow `is_linear=1`.
_LINEAR = frozenset({"leaf_const", "num_features", "leaf_features", "leaf_coeff"})


def _lines(block: bytes, place: int) -> dict[str, bytes]:
    """Read the lines of a block, each of a known name and form, none twice."""
    first, *lines = block.rstrip(b"\n").split(b"\n")
    if first != b"Tree=%d" % place:
        refuse_damaged(f"tree {place} is not where it should be")
    if len(lines) > MAX_TREE_LINES or not block.endswith(b"\n\n"):
        refuse_damaged(f"tree {place} has another number of lines than it should")
    found: dict[str, bytes] = {}
    for line in lines:
        name, equals, value = line.partition(b"=")
        key = name.decode("ascii", "replace")
        is_known = key in _LINES or key in _LINEAR
        if not equals or not is_known:
            refuse_damaged(f"tree {place} has a line that is not known, `{key[:40]}`")
        if key in found:
            refuse_damaged(f"tree {place} has the line `{key}` twice")
        found[key] = value
    if found.get("is_linear") == b"1" or not _LINEAR.isdisjoint(found):
        refuse_linear()
    return found


def _arrays(lines: Mapping[str, bytes], place: int) -> dict[str, FloatArray]:
    """Read the numbers of each line."""
    found: dict[str, FloatArray] = {}
    for key, text in lines.items():
        kind = _LINES[key][0]
        if not _VALUES[kind].fullmatch(text):
            refuse_damaged(f"`{key}` of tree {place} is not a list of numbers")
        values = np.array(text.split(), dtype=np.float64)
        if kind in {"int", "float"} and not np.isfinite(values).all():
            refuse_damaged(f"`{key}` of tree {place} holds a number that is not finite")
        found[key] = values
    return found


def _one(arrays: Mapping[str, FloatArray], key: str, place: int) -> int:
    if key not in arrays or arrays[key].size != 1:
        refuse_damaged(f"tree {place} does not say its `{key}`")
    return int(arrays[key][0])


def _check_lengths(arrays: Mapping[str, FloatArray], place: int, n: int) -> None:
    """Check that every line is as long as the tree has nodes; a tree of one leaf leaves most empty."""
    for key, values in arrays.items():
        owner = _LINES[key][1]
        wanted = {_INNER: n - 1, _LEAVES: n, _ONE: 1}.get(owner)
        is_empty_leaf = n == 1 and values.size == 0 and key != "leaf_value" and owner != _ONE
        if wanted is not None and values.size != wanted and not is_empty_leaf:
            refuse_damaged(
                f"`{key}` of tree {place} lists {values.size:,} numbers where {wanted:,} should be"
            )


def _check_links(left: IntArray, right: IntArray, place: int) -> None:
    """Check that children lie behind their parents, inside the tree, and have one parent each."""
    inner = left.size
    at = np.arange(inner)
    for child in (left, right):
        wrong = np.flatnonzero((child >= inner) | (~child > inner) | ((child >= 0) & (child <= at)))
        if wrong.size:
            refuse_damaged(f"tree {place}, node {wrong[0]} points outside the tree")
    both = np.concatenate([left, right])
    parents = np.bincount(np.where(both >= 0, both, inner + ~both), minlength=2 * inner + 1)
    if parents[0] != 0 or (parents[1:] != 1).any():
        refuse_damaged(f"the links of tree {place} contradict each other")


def _check_depth(left: IntArray, right: IntArray, place: int) -> None:
    if left.size <= MAX_DEPTH:
        return
    depth = [0] * left.size
    for node, children in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        for child in children:
            if child >= 0:
                depth[child] = depth[node] + 1
    if max(depth) > MAX_DEPTH:
        refuse_damaged(f"tree {place} is deeper than {MAX_DEPTH:,} levels")


def _check_categories(arrays: Mapping[str, FloatArray], place: int, n_cat: int, tables: FloatArray) -> None:
    """Check that each split by category finds its list, and each list lies inside the bits of the tree."""
    if n_cat:
        bounds, bits = (arrays.get(key, np.empty(0)) for key in ("cat_boundaries", "cat_threshold"))
        fits = bounds.size == n_cat + 1 and bounds[0] == 0 and bounds[-1] == bits.size
        if not fits or (np.diff(bounds) < 0).any():
            refuse_damaged(f"the category table of tree {place} points outside")
        if bits.size and (bits.min() < 0 or bits.max() >= 2**32):
            refuse_damaged(f"the category table of tree {place} holds an impossible number")
    if tables.size and ((tables < 0) | (tables >= n_cat) | (tables != np.floor(tables))).any():
        refuse_damaged(f"tree {place} splits by a category that is not listed")


def _check_splits(arrays: Mapping[str, FloatArray], place: int, kinds: Sequence[str]) -> None:
    """Check which column each node asks for, and how."""
    feature, decision = (arrays[key].astype(np.int64) for key in ("split_feature", "decision_type"))
    if feature.min() < 0 or feature.max() >= len(kinds):
        refuse_damaged(f"tree {place} asks for a column the model does not have")
    if decision.min() < 0 or decision.max() > ALL_DECISIONS:
        refuse_damaged(f"tree {place} has a kind of split that is not known")
    by_category = (decision & BY_CATEGORY).astype(bool)
    wrong = np.array([kinds[f] for f in feature]) == np.where(by_category, "number", "category")
    if wrong.any():
        node = int(np.flatnonzero(wrong)[0])
        refuse_damaged(f"tree {place}, node {node} takes a number for a category or a category for a number")
    _check_categories(arrays, place, int(arrays["num_cat"][0]), arrays["threshold"][by_category])


def check_tree(block: bytes, place: int, kinds: Sequence[str]) -> float:
    """Check one tree.

    Parameters
    ----------
    block : bytes
        Its lines.
    place : int
        Its number.
    kinds : sequence of str
        Per column ``"number"``, ``"category"``, or ``""`` where the file does not say.

    Returns
    -------
    float
        The largest value of a leaf, without its sign.

    Raises
    ------
    RefusedModel
        Damaged, or of a kind that is not read.
    """
    arrays = _arrays(_lines(block, place), place)
    if arrays.get("is_linear", np.zeros(1)).any():
        refuse_damaged(f"`is_linear` of tree {place} is neither 0 nor 1")
    n, n_cat = _one(arrays, "num_leaves", place), _one(arrays, "num_cat", place)
    if not 1 <= n <= MAX_LEAVES or not 0 <= n_cat < n or "leaf_value" not in arrays:
        refuse_damaged(f"tree {place} declares {n:,} leaves and {n_cat:,} splits by category")
    _check_lengths(arrays, place, n)
    if n > 1:
        missing = [key for key in _NEEDED if key not in arrays]
        if missing:
            refuse_damaged(f"tree {place} lacks the line `{missing[0]}`")
        left, right = (arrays[key].astype(np.int64) for key in ("left_child", "right_child"))
        _check_links(left, right, place)
        _check_depth(left, right, place)
        _check_splits(arrays, place, kinds)
    return float(np.abs(arrays["leaf_value"]).max())
