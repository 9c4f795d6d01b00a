"""LightGBM's trees, from the text it writes.

Splits as in LightGBM's ``include/LightGBM/tree.h`` (``NumericalDecision``, ``CategoricalDecision``).
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.explain._base import LOG_ODDS, RouteRefused
from rai_dash.explain._columns import dense
from rai_dash.explain.trees.readers._build import Categories, Reading, Tree, join, whole_codes, wider

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Bits of ``decision_type``; the kind of missing value stands above them.
_BY_CATEGORY, _DEFAULT_LEFT, _MISSING_SHIFT = 1, 2, 2
_NO_MISSING, _ZERO_MISSING = 0, 1
#: So near to zero is zero: LightGBM leaves such numbers out of the rows that it predicts.
ZERO: Final = float(np.float32(1e-35))
_SIGMOID = re.compile(r"^objective=\S+.*\bsigmoid:(\S+)", re.MULTILINE)


def _numbers(lines: dict[str, str], name: str, kind: Any = np.float64) -> NDArray[Any]:
    """Read one line of numbers; a line that is not there has none."""
    return np.array(lines.get(name, "").split(), dtype=np.float64).astype(kind)


def _categories(lines: dict[str, str], threshold: FloatArray, by_category: NDArray[np.bool_]) -> Categories:
    """Read the category sets: the threshold of such a split is the number of its set."""
    bounds, words = _numbers(lines, "cat_boundaries", np.int64), _numbers(lines, "cat_threshold", np.uint64)
    nodes = np.flatnonzero(by_category)
    places = threshold[nodes].astype(np.int64)
    return Categories(
        nodes=nodes,
        sets=[wider(words[bounds[at] : bounds[at + 1]]) for at in places],
        in_set_left=True,
        unseen_left=np.zeros(nodes.size, dtype=np.bool_),
    )


def _missing_left(kinds: IntArray, threshold: FloatArray) -> NDArray[np.bool_]:
    """Say where a blank goes: where the kind is "none" it is read as 0, and a blank category is in no set."""
    missing, by_category = kinds >> _MISSING_SHIFT, (kinds & _BY_CATEGORY) != 0
    side = np.where(missing == _NO_MISSING, threshold >= 0.0, (kinds & _DEFAULT_LEFT) != 0)
    return np.asarray(side & ~by_category, dtype=np.bool_)


def _tree(lines: dict[str, str]) -> Tree:
    """Read one tree: inner nodes first, then the leaves, as LightGBM numbers them."""
    if lines.get("is_linear", "0").strip() != "0":
        msg = tr("its leaves hold formulas (linear_tree)")
        raise RouteRefused(msg)
    leaves = _numbers(lines, "leaf_value")
    kinds, threshold = _numbers(lines, "decision_type", np.int64), _numbers(lines, "threshold")
    n = kinds.size
    left, right = (_numbers(lines, name, np.int64) for name in ("left_child", "right_child"))
    none = np.full(leaves.size, -1)

    def padded(inner: NDArray[Any], outer: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([inner, outer])

    def placed(children: IntArray) -> IntArray:
        return padded(np.where(children >= 0, children, n + ~children), none)

    counts = [_numbers(lines, name) for name in ("internal_count", "leaf_count")]
    return Tree(
        feature=padded(_numbers(lines, "split_feature", np.int64), none),
        threshold=padded(threshold, np.zeros(leaves.size)),
        left=placed(left),
        right=placed(right),
        missing_left=padded(_missing_left(kinds, threshold), none > 0),
        value=padded(np.zeros(n), leaves),
        # A tree of one leaf has no count.
        cover=padded(*counts) if counts[1].size == leaves.size else np.zeros(n + leaves.size),
        categories=_categories(lines, threshold, (kinds & _BY_CATEGORY) != 0),
    )


def _zero_columns(blocks: list[dict[str, str]], n_columns: int) -> NDArray[np.bool_]:
    """Say in which columns zero is the missing value, bool (n_columns,).

    Raises
    ------
    RouteRefused
        Where some splits of a column say so and others do not: one prepared number cannot be both.
    """
    seen = np.zeros((2, n_columns), dtype=np.bool_)
    for lines in blocks:
        kinds, columns = (_numbers(lines, name, np.int64) for name in ("decision_type", "split_feature"))
        numeric = (kinds & _BY_CATEGORY) == 0
        is_zero = kinds >> _MISSING_SHIFT == _ZERO_MISSING
        for row, chosen in enumerate((numeric & is_zero, numeric & ~is_zero)):
            seen[row, columns[chosen]] = True
    if seen.all(axis=0).any():
        msg = tr("zero is a missing value in some splits of a column and a number in others")
        raise RouteRefused(msg)
    return np.asarray(seen[0])


def _category_columns(blocks: list[dict[str, str]]) -> IntArray:
    """List the columns that are split by category."""
    found = [
        _numbers(lines, "split_feature", np.int64)[_numbers(lines, "decision_type", np.int64) & 1 == 1]
        for lines in blocks
    ]
    return np.unique(np.concatenate(found))


def _coded(frame: pd.DataFrame, booster: Any) -> FloatArray:
    """Turn a table into numbers: categories to their codes in the model's own order."""
    stored = iter(booster.pandas_categorical or ())
    out = np.empty(frame.shape)
    for place in range(frame.shape[1]):
        series = frame.iloc[:, place]
        if isinstance(series.dtype, pd.CategoricalDtype):
            codes = series.cat.set_categories(next(stored, list(series.cat.categories))).cat.codes
            out[:, place] = np.where(codes < 0, np.nan, codes)
        else:
            out[:, place] = series.to_numpy(dtype=np.float64, na_value=np.nan)
    return out


def _slope(model: Any, text: str, n_trees: int) -> float:
    """Return the log-odds a unit of the sum of the trees; a forest answers with their mean."""
    if hasattr(model, "slope"):
        return float(model.slope)
    found = _SIGMOID.search(text)
    slope = float(found[1]) if found else 1.0
    return slope / n_trees if re.search(r"^average_output$", text, re.MULTILINE) else slope


def read_lightgbm(model: Any) -> Reading:
    """Read a booster or a classifier of LightGBM (see `rai_dash.explain.trees.readers.read_trees`)."""
    booster = model.booster if hasattr(model, "booster") else model.booster_
    head, *parts = re.split(r"^Tree=\d+\n", booster.model_to_string(), flags=re.MULTILINE)
    blocks = [
        dict(line.split("=", 1) for line in part.split("\n\n", 1)[0].splitlines() if "=" in line)
        for part in parts
    ]
    n_columns = int(booster.num_feature())
    by_category = _category_columns(blocks)
    zero = np.where(_zero_columns(blocks, n_columns), np.nan, 0.0)

    def matrix(given: Any) -> FloatArray:
        numbers = _coded(given, booster) if isinstance(given, pd.DataFrame) else np.array(dense(given))
        for place in by_category:
            numbers[:, place] = whole_codes(numbers[:, place])
        return np.where(np.abs(numbers) <= ZERO, zero, numbers)

    joined = join(
        [_tree(lines) for lines in blocks],
        n_columns=n_columns,
        offset=0.0,
        space=LOG_ODDS,
        cover_name="training rows",
        scale=_slope(model, head, len(blocks)),
    )
    return Reading(trees=joined, matrix=matrix, inputs=np.arange(n_columns))
