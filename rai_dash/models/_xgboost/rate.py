"""The learning rate and the penalty of an XGBoost model, solved for from its trees.

A model file does not store them, but they show. XGBoost keeps for every node the hessian sum H of its
training rows; for an inner node the unshrunk weight ``w = -G / (H + lambda)``; for a leaf the shrunk one,
``v = -eta * G / (H + lambda)`` (Chen and Guestrin 2016, equation 5). The gradient sums of two sister
leaves add up to their parent's, so each such pair gives one equation that is linear in ``eta``,
``eta * lambda`` and ``lambda``::

    eta * (w * H) + (eta * lambda) * w - lambda * (v1 + v2) = v1 * H1 + v2 * H2

With other penalties (``alpha``, ``max_delta_step``, monotone constraints) the equations contradict each
other, and there is no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

#: Float32 leaves about 1e-7; other penalties miss by 1e-2 and more.
MAX_RESIDUAL: Final = 1e-5
#: How far the two estimates of lambda may be apart, absolute or relative.
MAX_APART: Final = 1e-2
MIN_PAIRS: Final = 8


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """What the trees show: learning rate and L2 penalty, rounded to four digits."""

    eta: float
    penalty: float


def _equations(tree: Mapping[str, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return one row a pair of sister leaves: three coefficients, and the right side."""
    left, right = np.asarray(tree["left_children"]), np.asarray(tree["right_children"])
    hessian, weight, value = (
        np.asarray(tree[name], dtype=np.float64)
        for name in ("sum_hessian", "base_weights", "split_conditions")
    )
    inner = np.flatnonzero(left >= 0)
    at = inner[(left[left[inner]] < 0) & (left[right[inner]] < 0)]
    one, two = left[at], right[at]
    terms = np.column_stack([weight[at] * hessian[at], weight[at], -(value[one] + value[two])])
    return terms, value[one] * hessian[one] + value[two] * hessian[two]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def shrinkage(trees: Sequence[Mapping[str, Any]], *, per_round: int = 1) -> Shrinkage | None:
    """Solve for learning rate and penalty.

    Parameters
    ----------
    trees : sequence of mapping
        As in the JSON of a model, reviewed.
    per_round : int
        Trees a round; XGBoost divides the rate by it.

    Returns
    -------
    Shrinkage or None
        None where the trees are too few or do not agree.
    """
    found = [_equations(tree) for tree in trees]
    terms, right = (np.concatenate(part) for part in zip(*found, strict=True))
    if len(right) < MIN_PAIRS or not np.isfinite(terms).all() or not np.isfinite(right).all():
        return None
    solution, _, rank, _ = np.linalg.lstsq(terms, right, rcond=None)
    rate, product, penalty = (float(v) for v in solution)
    scale = float(np.abs(right).max())
    if rank < 3 or rate <= 0 or scale == 0:
        return None
    residual = float(np.abs(terms @ solution - right).max()) / scale
    apart = abs(product / rate - penalty)
    if residual > MAX_RESIDUAL or apart > MAX_APART * max(1.0, penalty):
        return None
    return Shrinkage(eta=_rounded(rate * per_round), penalty=_rounded(max(0.0, round(penalty, 4))))
