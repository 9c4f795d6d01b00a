"""Training the same kind of model again in a separate process, or a named stand-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, UnsupportedModel
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import tr
from rai_dash.data.labels import labels
from rai_dash.models._base import MODEL_FORMATS, NativeModel
from rai_dash.models._lightgbm import params as _lightgbm_params
from rai_dash.models._xgboost.labels import with_plain_names, write_labels
from rai_dash.models._xgboost.params import ASSUMED_ETA, known_params
from rai_dash.models.client import Model
from rai_dash.sandbox.arrow import frame_from_ipc
from rai_dash.sandbox.client import Reply, run_once

Progress = Callable[[int, int, str], None]
Answer = tuple[dict[str, Any], list[bytes]]
TRAIN_TIMEOUT_S = 900.0
STAND_IN = {"max_depth": 4, "eta": ASSUMED_ETA}
STAND_IN_TREES = 200


@dataclass(frozen=True, slots=True)
class Refitted:
    """A model trained again: its file, and how it was trained in words."""

    content: bytes
    recipe: str


def _refitted(reply: Reply) -> Refitted:
    return Refitted(reply.blobs[0], str(reply.data["recipe"]))


def _blobs(rows: bytes, label: NDArray[np.bool_], weight: NDArray[np.float64] | None) -> list[bytes]:
    blobs = [rows, label.astype(np.int8).tobytes()]
    return blobs if weight is None else [*blobs, weight.astype("<f8").tobytes()]


def train_again(
    model: Model,
    rows: bytes,
    label: NDArray[np.bool_],
    *,
    weight: NDArray[np.float64] | None = None,
    params: Mapping[str, Any] | None = None,
    on_progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> Refitted:
    """Train the kind of a model again on other rows.

    Parameters
    ----------
    model : Model
        Its process does the work.
    rows : bytes
        Arrow stream of the model's columns, n rows.
    label : bool (n,)
        Whether a row is of class 1 of the model.
    weight : float64 (n,), optional
        Weight of each row.
    params : mapping, optional
        Parameters of an XGBoost or LightGBM model that take the place of its file's, such as ``{"eta": 0.05}``.
    on_progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.

    Raises
    ------
    RaiError
        When training fails.
    """
    return _refitted(
        model.call(
            "rai_dash.models.refit:refit",
            {"params": dict(params or {})},
            _blobs(rows, label, weight),
            timeout=TRAIN_TIMEOUT_S,
            on_progress=on_progress,
            cancelled=cancelled,
        )
    )


def train_stand_in(
    rows: bytes,
    favourable: NDArray[np.bool_],
    *,
    weight: NDArray[np.float64] | None = None,
    on_progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> Refitted:
    """Train a stand-in (XGBoost with stated parameters) in a process of its own; see `train_again`."""
    return _refitted(
        run_once(
            "rai_dash.models.refit:stand_in",
            {},
            _blobs(rows, favourable, weight),
            timeout=TRAIN_TIMEOUT_S,
            on_progress=on_progress,
            cancelled=cancelled,
        )
    )


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Rows to train on: the model's columns, ``label`` int8 (n,), 1 for class 1, and weights or None."""

    frame: pd.DataFrame
    label: NDArray[np.int8]
    weight: NDArray[np.float64] | None


def _rows(blobs: Sequence[memoryview]) -> TrainingRows:
    frame, label = frame_from_ipc(blobs[0], check=False), np.frombuffer(blobs[1], dtype=np.int8)
    weight = np.frombuffer(blobs[2], dtype="<f8") if len(blobs) > 2 else None
    if np.unique(label).size < 2:
        msg = tr("All rows to train on have the same outcome. Keep some of both.")
        raise InvalidChoice(msg, code="one_class")
    return TrainingRows(frame, label, weight)


def refit(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Answer:
    """Train ``state["model"]``'s kind on rows (blob 0), labels int8 (blob 1), weights float64 (blob 2, optional).

    Argument: ``params``, settings that take the place of those read, measured or assumed.
    """
    return _again(state["model"], _rows(blobs), args.get("params") or {}, progress)


def describe(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Say how ``state["model"]`` would be trained again: ``params``, ``rounds`` and ``recipe`` in words.

    Argument: ``params``, settings that take the place of those read, measured or assumed.
    """
    del blobs, progress
    model, given = state["model"], args.get("params") or {}
    if model.info.format != "xgboost":
        msg = tr(
            "{family} cannot be trained on rows that pass by in batches; XGBoost can. Leave out the "
            "model, and XGBoost with stated settings is trained.",
            family=model.info.family,
        )
        raise UnsupportedModel(msg, code="cannot_refit")
    found = known_params(model.native)
    settings = {**found.params, **given}
    rounds = int(settings.pop("n_estimators", found.rounds))
    return {"params": settings, "rounds": rounds, "recipe": found.recipe(given)}, []


def fitted_again(model: NativeModel | None, rows: TrainingRows) -> NativeModel:
    """Train the kind of a model again, in the separate process, and load what came out.

    Parameters
    ----------
    model : NativeModel or None
        The loaded model; None = the stand-in.
    rows : TrainingRows
        With both outcomes.

    Raises
    ------
    UnsupportedModel
        When this kind of model cannot be trained again.
    """
    if model is None:
        _, blobs = _stand_in(rows, _silent)
        return MODEL_FORMATS["xgboost"].load(blobs[0])
    if model.info.format == "skops":
        # Trained here and used here: writing it to a file and reviewing that would take longer than training.
        fresh: NativeModel = replace(cast("Any", model), native=_fit_skops(model, rows), is_nameless=False)
        return fresh
    _, blobs = _again(model, rows, {}, _silent)
    return MODEL_FORMATS[model.info.format].load(blobs[0])


def _silent(done: int, total: int, note: str) -> None:
    del done, total, note


def _again(model: Any, rows: TrainingRows, params: Mapping[str, Any], progress: Progress) -> Answer:
    if model.info.format == "xgboost":
        return _refit_xgboost(model, rows, params, progress)
    if model.info.format == "lightgbm":
        return _refit_lightgbm(model, rows, params, progress)
    if model.info.format == "skops":
        return _refit_skops(model, rows)
    msg = tr("A model of the format {format} cannot be trained again here.", format=model.info.format)
    raise UnsupportedModel(msg)


def stand_in(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Train XGBoost with stated parameters on rows (blob 0), labels int8 (1), weights float64 (2, optional)."""
    del state, args
    return _stand_in(_rows(blobs), progress)


def _stand_in(rows: TrainingRows, progress: Progress) -> Answer:
    columns: dict[str, Any] = {}
    for name in rows.frame.columns:
        series = rows.frame[name]
        if series.dtype.kind in "iufb":
            columns[name] = series
            continue
        text = labels(series)
        # In a fixed order, so that the same rows give the same model.
        columns[name] = pd.Categorical(text, categories=sorted(text.dropna().unique()))
    content = _train(pd.DataFrame(columns), rows, STAND_IN, STAND_IN_TREES, progress)
    recipe = (
        f"Stand-in: XGBoost, {STAND_IN_TREES} trees, depth {STAND_IN['max_depth']}, eta {STAND_IN['eta']}."
    )
    return {"recipe": recipe}, [content]


def _train(
    frame: pd.DataFrame, rows: TrainingRows, params: Mapping[str, Any], rounds: int, progress: Progress
) -> bytes:
    import xgboost

    class Report(xgboost.callback.TrainingCallback):
        """Tells how many trees are grown."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            """Report every tenth tree."""
            del model, evals_log
            if epoch % 10 == 0:
                progress(epoch, rounds, "trees grown")
            return False

    plain, written = with_plain_names(frame)
    data = xgboost.DMatrix(plain, label=rows.label, weight=rows.weight, enable_categorical=True)
    settings = {"objective": "binary:logistic", "tree_method": "hist", "nthread": 1, "seed": 0, **params}
    booster = xgboost.train(settings, data, num_boost_round=rounds, callbacks=[Report()])
    write_labels(booster, written)
    return bytes(booster.save_raw("ubj"))


def _refit_xgboost(model: Any, rows: TrainingRows, given: Mapping[str, Any], progress: Progress) -> Answer:
    found = known_params(model.native)
    settings = {**found.params, **given}
    rounds = int(settings.pop("n_estimators", found.rounds))
    # The names of the file's own categories are already plain; the true labels take their place.
    frame = model.matrix(rows.frame)
    for feature in model.info.features:
        if feature.categories:
            names = pd.Index(feature.categories, dtype="str")
            is_text = all(isinstance(c, str) for c in frame[feature.name].cat.categories)
            if is_text and names.is_unique:
                frame[feature.name] = frame[feature.name].cat.rename_categories(names)
    content = _train(frame, rows, settings, rounds, progress)
    return {"recipe": found.recipe(given)}, [content]


def _refit_lightgbm(model: Any, rows: TrainingRows, given: Mapping[str, Any], progress: Progress) -> Answer:
    how = _lightgbm_params.recipe(model, given)
    matrix = model.matrix(rows.frame)
    content = _lightgbm_params.train(
        model, how, matrix, label=rows.label, weight=rows.weight, progress=progress
    )
    return {"recipe": how.words}, [content]


def _refit_skops(model: Any, rows: TrainingRows) -> Answer:
    import skops.io

    content = skops.io.dumps(_fit_skops(model, rows))
    return {"recipe": f"{model.info.family}, fitted again with its own settings."}, [content]


def _fit_skops(model: Any, rows: TrainingRows) -> Any:
    from sklearn.base import clone

    fresh, classes = clone(model.native), np.asarray(model.native.classes_)
    settings: dict[str, Any] = {}
    if rows.weight is not None:
        steps = getattr(fresh, "steps", None)
        settings = {"sample_weight" if steps is None else f"{steps[-1][0]}__sample_weight": rows.weight}
    try:
        fresh.fit(model.matrix(rows.frame), classes[rows.label.astype(np.int64)], **settings)
    except (ValueError, TypeError) as error:
        said = " ".join(str(error).split())[:200]
        msg = tr("This model could not be trained again on these rows. scikit-learn says: {said}.", said=said)
        raise UnsupportedModel(msg, code="cannot_refit") from error
    return fresh
