"""What a model file tells of how it was trained, read in the model's own process; an object is never unpacked here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from rai_dash.core.errors import UnsupportedModel, WorkerFailed
from rai_dash.core.texts import tr
from rai_dash.models._lightgbm import params as _lightgbm_params
from rai_dash.models._xgboost.params import known_params

if TYPE_CHECKING:
    from rai_dash.models.client import Model

Answer = tuple[dict[str, Any], list[bytes]]
Value = str | int | float | bool | None
#: More would be a model's weights, not its settings.
MOST: Final = 500
_LONGEST: Final = 200
_PLAIN: Final = (str, int, float, bool, type(None))
_Text = Annotated[str, Field(max_length=_LONGEST)]
_READER: Final = TypeAdapter(
    Annotated[
        dict[_Text, _Text | int | float | None],
        Field(max_length=MOST),
    ],
    config=ConfigDict(allow_inf_nan=False, strict=True),
)  # fmt: skip


def parameters_of(model: Model) -> dict[str, str | int | float | None]:
    """Ask what a model's file tells of how it was trained.

    Parameters
    ----------
    model : Model
        Its process is asked.

    Returns
    -------
    dict
        Plain values by name; empty where the file tells nothing, as ONNX does.

    Raises
    ------
    WorkerFailed
        When the process answers what cannot be read.
    """
    reply = model.call("rai_dash.models.parameters:tell")
    try:
        return _READER.validate_python(reply.data.get("parameters"))
    except ValidationError as error:
        msg = tr("The model's process described its parameters in a way that cannot be read. Try again.")
        raise WorkerFailed(msg) from error


def tell(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: object) -> Answer:
    """Return the parameters of the loaded model."""
    del args, blobs, progress
    model = state["model"]
    found = _READERS.get(model.info.format, _nothing)(model)
    kept = {name[:_LONGEST]: value for name, value in _short(found)}
    return {"parameters": dict(list(kept.items())[:MOST])}, []


def _nothing(model: Any) -> Mapping[str, Any]:
    del model
    return {}


def _xgboost(model: Any) -> Mapping[str, Any]:
    """Read objective and kind of trees, and measure depth, learning rate and penalty where the trees show them."""
    known = known_params(model.native)
    found = dict(known.params)
    if not known.is_measured:
        # Assumed to train again, and so nothing that the file tells.
        del found["eta"], found["lambda"]
    learner = json.loads(model.native.save_config())["learner"]["learner_model_param"]
    # XGBoost writes it as text, newer versions in brackets.
    start = str(learner.get("base_score", "")).strip("[]")
    return {**found, "rounds": known.rounds, **({"base_score": float(start)} if start else {})}


def _lightgbm(model: Any) -> Mapping[str, Any]:
    """Read the settings of training that the file lists."""
    try:
        known = _lightgbm_params.recipe(model, {})
    except UnsupportedModel:
        return {"rounds": int(model.native.booster.num_trees())}
    own = {k: v for k, v in known.params.items() if k not in {"num_threads", "verbosity", "force_col_wise"}}
    return {**own, "rounds": known.rounds}


def _sklearn(model: Any) -> Mapping[str, Any]:
    """Read the settings of every step, and intercept and coefficients of a linear last step."""
    native = model.native
    found = {
        name: value if isinstance(value, _PLAIN) else type(value).__name__
        for name, value in native.get_params(deep=True).items()
    }
    last = native.steps[-1][1] if hasattr(native, "steps") else native
    return {**found, "last step": type(last).__name__, **_coefficients(native, last)}


def _coefficients(native: Any, last: Any) -> Mapping[str, float]:
    weights = np.asarray(getattr(last, "coef_", ()), dtype=np.float64).ravel()
    if not weights.size or weights.size > MOST // 2:
        return {}
    try:
        names = [str(n) for n in native[:-1].get_feature_names_out()]
    except (AttributeError, LookupError, TypeError, ValueError):
        names = []
    if len(names) != weights.size:
        names = [str(place) for place in range(weights.size)]
    start = np.asarray(getattr(last, "intercept_", ()), dtype=np.float64).ravel()
    own = {"intercept": float(start[0])} if start.size == 1 else {}
    return {**own, **{f"coefficient {n}": float(w) for n, w in zip(names, weights, strict=True)}}


_READERS: Final[Mapping[str, Callable[[Any], Mapping[str, Any]]]] = {
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "skops": _sklearn,
    "pickle": _sklearn,
}


def _short(found: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    """Yield plain values: yes and no as words, what is no number as text."""
    for name, value in found.items():
        if isinstance(value, bool):
            yield str(name), "yes" if value else "no"
        elif isinstance(value, float) and not np.isfinite(value):
            yield str(name), str(value)
        elif value is None or isinstance(value, (int, float)):
            yield str(name), value
        else:
            yield str(name), str(value)[:_LONGEST]
