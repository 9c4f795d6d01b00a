"""How a LightGBM model was trained, as its file says, and training it again with that."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, UnsupportedModel
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature

if TYPE_CHECKING:
    from rai_dash.models.lightgbm_format import LightgbmModel

FloatArray = NDArray[np.float64]
Progress = Callable[[int, int, str], None]
#: What shapes the trees is named here; all else (data, paths, machines, devices, threads, stopping) stays behind.
#: Switches are written 0 and 1 in a file and taken as false and true only.
SWITCHES = frozenset(
    {
        "extra_trees",
        "xgboost_dart_mode",
        "uniform_drop",
        "use_quantized_grad",
        "quant_train_renew_leaf",
        "stochastic_rounding",
        "is_enable_sparse",
        "enable_bundle",
        "use_missing",
        "zero_as_missing",
        "feature_pre_filter",
        "deterministic",
        "force_col_wise",
        "force_row_wise",
        "is_unbalance",
        "boost_from_average",
    }
)
TRAINING = SWITCHES | frozenset(
    {
        "boosting",
        "data_sample_strategy",
        "learning_rate",
        "num_leaves",
        "max_depth",
        "min_data_in_leaf",
        "min_sum_hessian_in_leaf",
        "bagging_fraction",
        "pos_bagging_fraction",
        "neg_bagging_fraction",
        "bagging_freq",
        "bagging_seed",
        "feature_fraction",
        "feature_fraction_bynode",
        "feature_fraction_seed",
        "extra_seed",
        "max_delta_step",
        "lambda_l1",
        "lambda_l2",
        "min_gain_to_split",
        "drop_rate",
        "max_drop",
        "skip_drop",
        "drop_seed",
        "top_rate",
        "other_rate",
        "min_data_per_group",
        "max_cat_threshold",
        "cat_l2",
        "cat_smooth",
        "max_cat_to_onehot",
        "monotone_constraints",
        "monotone_constraints_method",
        "monotone_penalty",
        "interaction_constraints",
        "feature_contri",
        "path_smooth",
        "cegb_tradeoff",
        "cegb_penalty_split",
        "num_grad_quant_bins",
        "max_bin",
        "min_data_in_bin",
        "bin_construct_sample_cnt",
        "data_random_seed",
        "seed",
        "objective_seed",
        "scale_pos_weight",
        "sigmoid",
    }
)
#: Names that XGBoost has for the same.
ALIASES = {
    "eta": "learning_rate",
    "n_estimators": "num_iterations",
    "lambda": "lambda_l2",
    "alpha": "lambda_l1",
}
#: Words, numbers, and lists of numbers: no path and no address has this form.
_VALUE = re.compile(r"[a-z_]{1,40}|[-+0-9.eE,]{1,1000000}|(?:\[[0-9,]*\],?){1,1000000}")
_LEFT_OUT = ("forcedsplits_filename", "forcedbins_filename")
#: LightGBM replaces or refuses these in the name of a column.
_NOT_IN_NAMES = re.compile(r'[\s,\[\]{}:"=]')


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings to train with, and the same in words."""

    params: Mapping[str, Any]
    rounds: int
    words: str


def _is_training(name: str, value: str) -> bool:
    return name in TRAINING and _VALUE.fullmatch(value) is not None


def _setting(name: str, value: str) -> str | bool:
    return value in {"1", "true"} if name in SWITCHES else value


def recipe(model: LightgbmModel, given: Mapping[str, Any]) -> Recipe:
    """Read how a model was trained.

    Parameters
    ----------
    model : LightgbmModel
        A loaded model.
    given : mapping
        Settings that take the place of those in the file.

    Raises
    ------
    InvalidChoice
        For a setting that is not one of training.
    UnsupportedModel
        When the file does not say how it was trained.
    """
    if not model.params:
        msg = tr("The file does not say how this model was trained. Save it with `booster.save_model`.")
        raise UnsupportedModel(msg, code="cannot_refit")
    params = {
        name: _setting(name, value) for name, value in model.params.items() if _is_training(name, value)
    }
    rounds = int(model.native.booster.num_trees())
    asked = {ALIASES.get(name, name): value for name, value in given.items()}
    unknown = sorted(asked.keys() - TRAINING - {"num_iterations"})
    if unknown:
        msg = tr(
            "`{unknown}` is no setting of training that can be given here. Leave it out.", unknown=unknown[0]
        )
        raise InvalidChoice(msg)
    rounds = int(asked.pop("num_iterations", rounds))
    # Without a choice LightGBM times both ways, and the same rows may give other last digits.
    if params.get("force_row_wise") is not True:
        params["force_col_wise"] = True
    params |= asked
    objective = "cross_entropy" if model.params.get("objective") == "cross_entropy" else "binary"
    fixed = {"objective": objective, "num_threads": 1, "verbosity": -1}
    said = (
        f"LightGBM, {rounds:,} trees, learning rate {params.get('learning_rate', '?')}, "
        f"{params.get('num_leaves', '?')} leaves and all other settings as in the file"
    )
    if any(model.params.get(name) for name in _LEFT_OUT):
        said += "; splits it took from a file of its own are not repeated"
    changed = ", ".join(f"{name} {value}" for name, value in given.items())
    return Recipe(params | fixed, rounds, f"{said}; given: {changed}." if changed else f"{said}.")


def _names(features: Sequence[Feature]) -> list[str]:
    """Write names that LightGBM keeps, all different."""
    out: list[str] = []
    for feature in features:
        name = base = _NOT_IN_NAMES.sub("_", feature.name)
        taken = 2
        while name in out:
            name, taken = f"{base}_{taken}", taken + 1
        out.append(name)
    return out


def train(
    model: LightgbmModel,
    how: Recipe,
    rows: FloatArray,
    *,
    label: NDArray[np.int8],
    weight: FloatArray | None,
    progress: Progress,
) -> bytes:
    """Train on prepared rows and return the file.

    Parameters
    ----------
    model : LightgbmModel
        Gives names and categories.
    how : Recipe
        Settings.
    rows : float64 (n, columns)
        What its ``matrix`` makes.
    label : int8 (n,)
        1 for class 1.
    weight : float64 (n,), optional
        Weight of each row.
    progress : callable
        Told how many trees are grown.

    Raises
    ------
    UnsupportedModel
        When LightGBM refuses its settings or the rows.
    """
    import lightgbm

    def report(state: Any) -> None:
        if state.iteration % 10 == 0:
            progress(state.iteration, how.rounds, "trees grown")

    features = model.info.features
    data = lightgbm.Dataset(
        rows,
        label=label.astype(np.float64),
        weight=weight,
        feature_name=_names(features),
        categorical_feature=list(model.native.category_columns),
        params=dict(how.params),
    )
    try:
        booster = lightgbm.train(dict(how.params), data, num_boost_round=how.rounds, callbacks=[report])
    except (lightgbm.basic.LightGBMError, ValueError, TypeError) as error:
        said = " ".join(str(error).split())[:200]
        msg = tr("This model could not be trained again on these rows. LightGBM says: {said}.", said=said)
        raise UnsupportedModel(msg, code="cannot_refit") from error
    booster.pandas_categorical = [
        list(f.categories) for f, listed in zip(features, model.stored, strict=True) if listed
    ]
    return str(booster.model_to_string()).encode()
