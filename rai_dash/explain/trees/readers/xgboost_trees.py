"""XGBoost's trees, from the model it saves as JSON.

Format: XGBoost's documentation, "Introduction to Model IO"; splits as in ``src/predictor/predict_fn.h`` and
``src/common/categorical.h``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.explain._base import LOG_ODDS, RouteRefused
from rai_dash.explain._columns import dense
from rai_dash.explain.trees.readers._build import (
    Categories,
    Reading,
    Tree,
    as_float32,
    bitset,
    join,
    whole_codes,
)

FloatArray = NDArray[np.float64]
#: Larger codes are invalid to XGBoost, since float32 no longer tells them apart.
MAX_CODE: Final = 2**24


def _booster(model: Any) -> Any:
    """Return the booster with the trees that predict uses: after early stopping those up to the best round."""
    if not hasattr(model, "get_booster"):
        return model
    booster = model.get_booster()
    best = booster.attr("best_iteration")
    return booster if best is None else booster[: int(best) + 1]


def _tree(raw: dict[str, Any]) -> Tree:
    """Read one tree; ``x < t`` in float32 is ``x <= `` the float32 below t."""
    condition = np.asarray(raw["split_conditions"], dtype=np.float32)
    left = np.asarray(raw["left_children"], dtype=np.int64)
    nodes = np.asarray(raw["categories_nodes"], dtype=np.int64)
    codes = np.asarray(raw["categories"], dtype=np.int64)
    pieces = zip(raw["categories_segments"], raw["categories_sizes"], strict=True)
    return Tree(
        feature=np.asarray(raw["split_indices"], dtype=np.int64),
        threshold=np.nextafter(condition, np.float32(-np.inf)).astype(np.float64),
        left=left,
        right=np.asarray(raw["right_children"], dtype=np.int64),
        missing_left=np.asarray(raw["default_left"], dtype=np.bool_),
        value=condition.astype(np.float64),
        cover=np.asarray(raw["sum_hessian"], dtype=np.float64),
        categories=Categories(
            nodes=nodes,
            sets=[bitset(codes[start : start + size]) for start, size in pieces],
            in_set_left=False,
            unseen_left=np.ones(len(nodes), dtype=np.bool_),
        ),
    )


def _trees(booster: dict[str, Any]) -> list[Tree]:
    """Read all trees; those of DART have a weight each."""
    if booster["name"] == "gbtree":
        return [_tree(raw) for raw in booster["model"]["trees"]]
    weights = np.asarray(booster["weight_drop"], dtype=np.float32).astype(np.float64)
    trees = [_tree(raw) for raw in booster["gbtree"]["model"]["trees"]]
    return [replace(tree, value=tree.value * w) for tree, w in zip(trees, weights, strict=True)]


def _offset(learner: dict[str, Any]) -> float:
    """Return the margin that the sum starts from; the file holds a probability where the objective gives one."""
    base = float(str(learner["learner_model_param"]["base_score"]).strip("[]"))
    if learner["objective"]["name"] == "binary:logitraw":
        return base
    return float(np.log(base) - np.log1p(-base))


def _categories(booster: Any) -> dict[str, pd.Index]:
    """Read the model's own categories, by column."""
    stored = dict(booster.get_categories(export_to_arrow=True).to_arrow() or ())
    return {name: pd.Index(values.to_pylist()) for name, values in stored.items() if values is not None}


def _coded(frame: pd.DataFrame, stored: Mapping[str, pd.Index]) -> FloatArray:
    """Turn a table into numbers: categories to their codes in the model's own order."""
    out = np.empty(frame.shape)
    for place, name in enumerate(frame.columns):
        series = frame[name]
        if isinstance(series.dtype, pd.CategoricalDtype):
            values = stored.get(str(name))
            if values is not None and not series.cat.categories.equals(values):
                series = series.cat.set_categories(values)
            codes = series.cat.codes
            out[:, place] = np.where(codes < 0, np.nan, codes)
        else:
            out[:, place] = series.to_numpy(dtype=np.float64, na_value=np.nan)
    return out


def _numbers(given: Any, stored: Mapping[str, pd.Index]) -> FloatArray:
    """Return what the model is given as numbers; what a sparse matrix leaves out is a blank to XGBoost."""
    if isinstance(given, pd.DataFrame):
        return _coded(given, stored)
    if not hasattr(given, "tocoo"):
        return dense(given)
    cells = given.tocoo()
    out = np.full(cells.shape, np.nan)
    out[cells.row, cells.col] = cells.data
    return out


def read_xgboost(model: Any) -> Reading:
    """Read a booster or a classifier of XGBoost (see `rai_dash.explain.trees.readers.read_trees`)."""
    booster = _booster(model)
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    kind = learner["gradient_booster"]
    if kind["name"] not in {"gbtree", "dart"}:
        msg = tr("an XGBoost model of kind {name} has no trees", name=kind["name"])
        raise RouteRefused(msg)
    trees = _trees(kind)
    n_columns = int(booster.num_features())
    by_category = [t == "c" for t in booster.feature_types or ["float"] * n_columns]
    blank, stored = getattr(model, "missing", np.nan), _categories(booster)

    def matrix(given: Any) -> FloatArray:
        numbers = as_float32(_numbers(given, stored))
        if blank is not None and not np.isnan(blank):
            numbers[numbers == np.float32(blank)] = np.nan
        for place in np.flatnonzero(by_category):
            codes = whole_codes(numbers[:, place])
            numbers[:, place] = np.where(codes >= MAX_CODE, -1.0, codes)
        return numbers

    joined = join(trees, n_columns=n_columns, offset=_offset(learner), space=LOG_ODDS, cover_name="hessian")
    return Reading(trees=joined, matrix=matrix, inputs=np.arange(n_columns))
