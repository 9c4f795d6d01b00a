"""XGBoost and LightGBM files that crash, hang or read foreign memory where nobody looks first."""

from __future__ import annotations

import json
import struct

from tests.hostile.hostile_file import refused
from tests.hostile.model_parts import (
    LABEL,
    ROWS,
    booster,
    document,
    light,
    light_first,
    light_with,
    ubj,
    xgb_with,
)

_MODEL = ("gradient_booster", "model")
_TREE = (*_MODEL, "trees", 1)
_PARAM = "learner_model_param"


def lying(marker, size):
    """Build a UBJSON model with an array that declares another length."""

    def build():
        content = ubj()
        at = content.index(b"[$" + marker + b"#") + 4
        return content[:at] + b"L" + struct.pack(">q", size) + content[at + 9 :]

    return build


def word_with_zero_byte():
    """Return an XGBoost model that knows a category with a zero byte in its name."""
    import pandas as pd
    import xgboost

    rows = ROWS.assign(b=pd.Categorical(["cook", "clerk"] * 100))
    data = xgboost.DMatrix(rows, label=LABEL, enable_categorical=True)
    made = json.loads(xgboost.train({"objective": "binary:logistic", "nthread": 1}, data, 2).save_raw("json"))
    words = made["learner"]["gradient_booster"]["model"]["cats"]["enc"][1]
    words["values"][2] = 0
    return json.dumps(made).encode()


def deep_ubj():
    """Return UBJSON that is nothing but arrays in each other."""
    return b"{L" + struct.pack(">q", 7) + b"learner" + b"[" * 200_000


def deep_json():
    """Return JSON that is nothing but arrays in each other."""
    return b'{"learner":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def spliced(old, new):
    """Build an XGBoost model, as JSON text, with something else in it."""
    return lambda: json.dumps(document()).replace(old, new).encode()


XGBOOST = [
    refused(
        "xgboost", "a child outside", xgb_with(*_TREE, "left_children", 0, 10**6), "damaged_model", "tree 1"
    ),
    refused("xgboost", "a circle", xgb_with(*_TREE, "left_children", 1, 0), "damaged_model", "tree 1"),
    refused(
        "xgboost", "a negative child", xgb_with(*_TREE, "right_children", 0, -7), "damaged_model", "tree 1"
    ),
    refused(
        "xgboost",
        "a column outside",
        xgb_with(*_TREE, "split_indices", 0, 2**31 - 1),
        "damaged_model",
        "tree 1",
    ),
    refused(
        "xgboost",
        "a leaf that is no number",
        xgb_with(*_TREE, "split_conditions", 0, float("nan")),
        "damaged_model",
        "tree 1",
    ),
    refused(
        "xgboost",
        "lists of different lengths",
        xgb_with(*_TREE, "split_indices", []),
        "damaged_model",
        "tree 1",
    ),
    refused("xgboost", "a tree of another class", xgb_with(*_MODEL, "tree_info", 0, 99), "damaged_model"),
    refused(
        "xgboost",
        "a billion classes",
        xgb_with(_PARAM, "num_class", "1000000000"),
        "damaged_model too_large multiclass",
    ),
    refused(
        "xgboost",
        "a billion columns",
        xgb_with(_PARAM, "num_feature", "1000000000"),
        "damaged_model too_large",
    ),
    refused(
        "xgboost",
        "a billion outputs",
        xgb_with(_PARAM, "num_target", "1000000000"),
        "damaged_model multiclass",
    ),
    refused("xgboost", "a start that is no number", xgb_with(_PARAM, "base_score", "[nan]"), "damaged_model"),
    refused("xgboost", "a category with a zero byte", word_with_zero_byte, "damaged_model"),
    refused("xgboost", "no trees", xgb_with(*_MODEL, "trees", []), "damaged_model"),
    refused("xgboost", "a length beyond the file", lying(b"d", 2**40), "damaged_model"),
    refused("xgboost", "a negative length", lying(b"d", -1), "damaged_model"),
    refused("xgboost", "a length too small", lying(b"l", 1), "damaged_model"),
    refused("xgboost", "UBJSON of 200,000 levels", deep_ubj, "damaged_model"),
    refused("xgboost", "JSON of 100,000 levels", deep_json, "damaged_model"),
    refused(
        "xgboost",
        "a number of a million digits",
        spliced('"num_target": "1"', f'"num_target": "{"9" * 10**6}"'),
        "damaged_model multiclass",
    ),
    refused("xgboost", "UBJSON cut off at half", lambda: ubj()[: len(ubj()) // 2], "damaged_model"),
    refused("xgboost", "JSON cut off at half", lambda: spliced("", "")()[:2_000], "damaged_model"),
    refused(
        "xgboost",
        "an unknown objective",
        xgb_with("objective", "name", "acme:loss"),
        "no_probabilities damaged_model unsupported_model",
    ),
    refused(
        "xgboost",
        "another kind of booster",
        xgb_with("gradient_booster", "name", "gblinear"),
        "unsupported_model damaged_model",
    ),
    refused(
        "kind",
        "an XGBoost regression",
        lambda: bytes(booster("reg:squarederror").save_raw("ubj")),
        "no_probabilities",
        "probabilit",
    ),
    refused(
        "kind",
        "an XGBoost model of three classes",
        lambda: bytes(booster("multi:softprob", 3).save_raw("ubj")),
        "multiclass",
        "two classes",
    ),
]
LIGHTGBM = [
    refused("lightgbm", "a child outside", light_first("left_child", b"9999"), "damaged_model", "tree"),
    refused("lightgbm", "a circle", light_first("right_child", b"0"), "damaged_model", "tree"),
    refused("lightgbm", "a leaf outside", light_first("left_child", b"-9999"), "damaged_model", "tree"),
    refused("lightgbm", "a column outside", light_first("split_feature", b"123456"), "damaged_model", "tree"),
    refused(
        "lightgbm", "a leaf that is no number", light_first("leaf_value", b"nan"), "damaged_model", "tree"
    ),
    refused(
        "lightgbm",
        "wrong sizes of trees",
        light_with("tree_sizes", b"1 2 99999999", sized=False),
        "damaged_model",
    ),
    refused("lightgbm", "a billion leaves", light_with("num_leaves", b"1000000000"), "damaged_model", "tree"),
    refused(
        "lightgbm", "a billion classes", light_with("num_class", b"1000000000"), "damaged_model multiclass"
    ),
    refused(
        "lightgbm",
        "a billion columns",
        light_with("max_feature_idx", b"1000000000"),
        "damaged_model too_large",
    ),
    refused(
        "lightgbm", "linear trees", light_with("is_linear", b"1"), "unsupported_model damaged_model", "linear"
    ),
    refused(
        "lightgbm", "an unknown version", light_with("version", b"v99"), "unsupported_model damaged_model"
    ),
    refused("lightgbm", "cut off at half", lambda: light()[: len(light()) // 2], "damaged_model"),
    refused("lightgbm", "only its first line", lambda: b"tree\nversion=v4\n", "damaged_model"),
    refused("kind", "a LightGBM regression", lambda: light("regression"), "no_probabilities", "probabilit"),
    refused(
        "kind",
        "a LightGBM model of three classes",
        lambda: light("multiclass", num_class=3),
        "multiclass",
        "two classes",
    ),
]
BOOSTERS = [*XGBOOST, *LIGHTGBM]
