"""What an XGBoost file shows of how it was trained; the rest is assumed, and said so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rai_dash.models._xgboost.rate import shrinkage

#: Not stored in a model file; where the trees do not show it either, that of most recipes is taken.
ASSUMED_ETA = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownParams:
    """Parameters to train a model of the same kind with.

    Parameters
    ----------
    params : mapping
        For ``xgboost.train``.
    rounds : int
        Boosting rounds.
    is_measured : bool
        Whether learning rate and penalty were read off the trees, or else assumed.
    """

    params: Mapping[str, Any]
    rounds: int
    is_measured: bool = False

    def recipe(self, given: Mapping[str, Any]) -> str:
        """Say in words what was read, measured, assumed and given."""
        booster = "" if self.params["booster"] == "gbtree" else f" ({self.params['booster']})"
        said = (
            f"XGBoost{booster}, {self.rounds:,} rounds as in the file, depth {self.params['max_depth']} as its "
            "deepest tree"
        )
        if "eta" not in given:
            said += (
                f"; learning rate {self.params['eta']:g} and penalty {self.params['lambda']:g} read off its trees"
                if self.is_measured
                else f"; the file does not show the learning rate, {ASSUMED_ETA} was taken"
            )
        said += "; what else it does not store is XGBoost's default"
        changed = ", ".join(f"{name} {value}" for name, value in given.items())
        return f"{said}; given: {changed}." if changed else f"{said}."


def _depth(tree: Mapping[str, Any]) -> int:
    """Measure the depth of one tree; children lie behind their parents."""
    left, right = tree["left_children"], tree["right_children"]
    depth = [0] * len(left)
    for node, children in enumerate(zip(left, right, strict=True)):
        for child in children:
            if child >= 0:
                depth[child] = depth[node] + 1
    return max(depth, default=0)


def known_params(booster: Any) -> KnownParams:
    """Read objective, kind, rounds and weight of positives from a booster, and measure the depth of its trees.

    Parameters
    ----------
    booster : xgboost.Booster
        A loaded and reviewed model.
    """
    learner = json.loads(booster.save_raw("json"))["learner"]
    gradient = learner["gradient_booster"]
    model = (gradient["gbtree"] if gradient["name"] == "dart" else gradient)["model"]
    per_round = int(model["gbtree_model_param"].get("num_parallel_tree", 1))
    shown = shrinkage(model["trees"], per_round=per_round)
    params = {
        "objective": learner["objective"]["name"],
        "booster": gradient["name"],
        "max_depth": max((_depth(tree) for tree in model["trees"]), default=0) or 1,
        "eta": ASSUMED_ETA if shown is None else shown.eta,
        "lambda": 1.0 if shown is None else shown.penalty,
        "scale_pos_weight": float(
            learner["objective"].get("reg_loss_param", {}).get("scale_pos_weight", 1.0)
        ),
        "num_parallel_tree": per_round,
    }
    return KnownParams(params=params, rounds=int(booster.num_boosted_rounds()), is_measured=shown is not None)
