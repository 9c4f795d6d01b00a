"""Training the same kind of model again in a separate process, or a named stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import UnsupportedModel
from rai_dash.models.client import Model
from rai_dash.sandbox.arrow import frame_from_ipc
from rai_dash.sandbox.client import Reply, run_once

Progress = Callable[[int, int, str], None]
Answer = tuple[dict[str, Any], list[bytes]]
CancelCheck = Callable[[], bool]
TRAIN_TIMEOUT_S = 900.0
#: Not stored in a model file; the rate of the bundled models and of most recipes.
ASSUMED_ETA = 0.1
STAND_IN = {"max_depth": 4, "eta": ASSUMED_ETA}
STAND_IN_TREES = 200


@dataclass(frozen=True, slots=True)
class Refitted:
    """A model trained again: its file, and how it was trained in words."""

    content: bytes
    recipe: str


def _refitted(reply: Reply) -> Refitted:
    return Refitted(reply.blobs[0], str(reply.data["recipe"]))


def train_again(
    model: Model, rows: bytes, label: NDArray[np.bool_], *, cancelled: CancelCheck | None = None
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
    cancelled : callable, optional
        Asked whether to stop.

    Raises
    ------
    RaiError
        When training fails.
    """
    blobs = [rows, label.astype(np.int8).tobytes()]
    return _refitted(
        model.call("rai_dash.models.refit:refit", {}, blobs, timeout=TRAIN_TIMEOUT_S, cancelled=cancelled)
    )


def train_stand_in(
    rows: bytes, favourable: NDArray[np.bool_], *, cancelled: CancelCheck | None = None
) -> Refitted:
    """Train a stand-in (XGBoost with stated parameters) in a process of its own; see `train_again`."""
    blobs = [rows, favourable.astype(np.int8).tobytes()]
    return _refitted(
        run_once("rai_dash.models.refit:stand_in", {}, blobs, timeout=TRAIN_TIMEOUT_S, cancelled=cancelled)
    )


def refit(state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress) -> Answer:
    """Train ``state["model"]``'s kind on rows (blob 0) with labels int8 (blob 1)."""
    del args
    model = state["model"]
    frame, label = frame_from_ipc(blobs[0], check=False), np.frombuffer(blobs[1], dtype=np.int8)
    if model.info.format == "xgboost":
        return _refit_xgboost(model, frame, label, progress)
    if model.info.format == "skops":
        return _refit_skops(model, frame, label)
    msg = f"A model of the format {model.info.format} cannot be trained again here."
    raise UnsupportedModel(msg)


def stand_in(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Train XGBoost with stated parameters on rows (blob 0) with labels int8 (blob 1)."""
    del state, args
    frame, label = frame_from_ipc(blobs[0], check=False), np.frombuffer(blobs[1], dtype=np.int8)
    for name in frame.columns:
        if frame[name].dtype.kind not in "iufb":
            # In a fixed order, so that the same rows give the same model.
            known = sorted(frame[name].dropna().unique())
            frame[name] = frame[name].astype("category").cat.set_categories(known)
    content = _train(frame, label, STAND_IN, STAND_IN_TREES, progress)
    recipe = (
        f"Stand-in: XGBoost, {STAND_IN_TREES} trees, depth {STAND_IN['max_depth']}, eta {STAND_IN['eta']}."
    )
    return {"recipe": recipe}, [content]


def _depth(tree: Mapping[str, Any]) -> int:
    """Measure the depth of one tree; children lie behind their parents."""
    left, right = tree["left_children"], tree["right_children"]
    depth = [0] * len(left)
    for node, (a, b) in enumerate(zip(left, right, strict=True)):
        for child in (a, b):
            if child >= 0:
                depth[child] = depth[node] + 1
    return max(depth, default=0)


def _measured(booster: Any) -> tuple[dict[str, Any], int, str]:
    """Read what the file shows of its training: number and depth of trees, positive weight."""
    learner = json.loads(booster.save_raw("json"))["learner"]
    gradient = learner["gradient_booster"]
    trees = (gradient.get("gbtree") or gradient)["model"]["trees"]
    rounds, depth = int(booster.num_boosted_rounds()), max((_depth(t) for t in trees), default=1)
    weight = float(learner["objective"].get("reg_loss_param", {}).get("scale_pos_weight", 1.0))
    params = {"max_depth": max(depth, 1), "eta": ASSUMED_ETA, "scale_pos_weight": weight}
    recipe = (
        f"XGBoost, {rounds:,} trees and depth {params['max_depth']} as in the file; the file does not store the "
        f"learning rate, {ASSUMED_ETA} was taken."
    )
    return params, rounds, recipe


def _train(
    frame: Any, label: NDArray[np.int8], params: Mapping[str, Any], rounds: int, progress: Progress
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

    data = xgboost.DMatrix(frame, label=label, enable_categorical=True)
    settings = {"objective": "binary:logistic", "tree_method": "hist", "nthread": 1, "seed": 0, **params}
    booster = xgboost.train(settings, data, num_boost_round=rounds, callbacks=[Report()])
    return bytes(booster.save_raw("ubj"))


def _refit_xgboost(model: Any, frame: Any, label: NDArray[np.int8], progress: Progress) -> Answer:
    params, rounds, recipe = _measured(model.native)
    content = _train(model.matrix(frame), label, params, rounds, progress)
    return {"recipe": recipe}, [content]


def _refit_skops(model: Any, frame: Any, label: NDArray[np.int8]) -> Answer:
    import skops.io
    from sklearn.base import clone

    fresh = clone(model.native)
    classes = np.asarray(model.native.classes_)
    fresh.fit(model.matrix(frame), classes[label.astype(np.int64)])
    return {"recipe": f"{model.info.family}, fitted again with its own settings."}, [skops.io.dumps(fresh)]
