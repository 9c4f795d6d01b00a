"""XGBoost and LightGBM classifiers inside a skops file: their categories, and settings that are not theirs to give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from rai_dash.models._skops.archive import refuse_damaged

_VALUE: Final = re.compile(r"[\w.,:+-]*")

#: Settings of LightGBM's training beyond the named ones. Others are dropped, such as file names or a
#: switched-off check of the number of columns.
_TRAINING: Final = (
    "bagging_fraction bagging_freq bagging_seed boost_from_average cat_l2 cat_smooth deterministic drop_rate drop_seed "
    "early_stopping_round extra_seed extra_trees feature_fraction feature_fraction_bynode feature_fraction_seed "
    "force_col_wise force_row_wise is_unbalance lambda_l1 lambda_l2 linear_lambda max_bin max_cat_threshold "
    "max_cat_to_onehot max_delta_step max_drop metric min_data_in_bin min_data_in_leaf min_data_per_group "
    "min_gain_to_split min_sum_hessian_in_leaf monotone_constraints other_rate path_smooth scale_pos_weight seed "
    "skip_drop top_rate use_missing verbose verbosity zero_as_missing"
)


def keep_training_settings(held: dict[str, Any]) -> None:
    """Drop the further settings of a LightGBM classifier that do more than train; changes ``held``."""
    known = set(_TRAINING.split())
    other = held["_other_params"]
    held["_other_params"] = {name: value for name, value in other.items() if name in known}
    for name in set(other) - known:
        held.pop(name, None)


def check_lightgbm(part: Any) -> None:
    """Check that a setting holds one value, and that the model takes the columns it is handed.

    LightGBM takes its settings as one line of text, so that a value with a blank in it could switch a check off.
    """
    waiting = [*part.get_params().values(), getattr(part, "_objective", None)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and not _VALUE.fullmatch(value):
            refuse_damaged("a setting of LightGBM holds more than one value")
        waiting += value if isinstance(value, (list, tuple)) else []
        waiting += [*value, *value.values()] if isinstance(value, dict) else []
    if part.booster_.num_feature() != part.n_features_:
        refuse_damaged("its LightGBM model takes another number of columns")


def booster_categories(part: Any, names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the categories of each category column of a classifier that sees the original columns.

    Parameters
    ----------
    part : object
        Any part of a model.
    names : sequence of str
        The model's columns.

    Returns
    -------
    dict of str to list
        Raw categories in the order of their codes; empty for every other part.
    """
    kind = type(part).__name__
    if kind not in {"LGBMClassifier", "XGBClassifier", "XGBRFClassifier"}:
        return {}
    found = getattr(part, "feature_names_in_", None)
    if found is None or [str(n) for n in found] != list(names):
        return {}
    return _of_lightgbm(part.booster_, names) if kind == "LGBMClassifier" else _of_xgboost(part.get_booster())


def _of_lightgbm(booster: Any, names: Sequence[str]) -> dict[str, list[Any]]:
    from rai_dash.models._lightgbm.categories import stored_categories
    from rai_dash.models._lightgbm.review import reviewed

    text = booster.model_to_string(num_iteration=-1)
    places = sorted(stored_categories(reviewed(text.encode())))
    return {
        names[place]: list(values)
        for place, values in zip(places, booster.pandas_categorical or (), strict=True)
    }


def _of_xgboost(booster: Any) -> dict[str, list[Any]]:
    stored = booster.get_categories(export_to_arrow=True).to_arrow()
    return {name: values.to_pylist() for name, values in stored if values is not None}
