"""What LIME found, averaged over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

#: Under this share of the local variance a line is a poor picture of the model.
POOR_R2 = 0.5
TOP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LimeResult:
    """LIME of one applicant, in the probability of the favourable outcome.

    Parameters
    ----------
    values : mapping of str to float
        Mean raw weight a column: the effect of being in the row's bin rather than not.
    sd : mapping of str to float
        Standard deviation of the raw weight between seeds.
    centred : mapping of str to float
        ``weight * (1 - share of training rows in the bin)``: relative to the average person. Only these
        compare with Shapley values.
    centred_sd : mapping of str to float
        Standard deviation of the centred weight between seeds.
    rules : mapping of str to str
        The row's bin or category in words.
    bin_shares : mapping of str to float
        Share of training rows in it.
    intercept : float
        Mean of the local lines' intercepts.
    r2, r2_low : float
        Mean and lowest weighted R2 over the seeds.
    local_prediction, model_prediction : float
        What LIME's mean line says for the row, and what the model says.
    jaccard : float
        Mean overlap of the five largest centred weights between two seeds, 0 to 1.
    seeds, samples : int
        Draws, and neighbours a draw.
    notices : tuple of Notice
        Poor fit, filled values, categories that training does not have.
    """

    values: Mapping[str, float]
    sd: Mapping[str, float]
    centred: Mapping[str, float]
    centred_sd: Mapping[str, float]
    rules: Mapping[str, str]
    bin_shares: Mapping[str, float]
    intercept: float
    r2: float
    r2_low: float
    local_prediction: float
    model_prediction: float
    jaccard: float
    seeds: int
    samples: int
    notices: tuple[Notice, ...] = ()

    @property
    def distance(self) -> float:
        """``|LIME's prediction - the model's|``."""
        return abs(self.local_prediction - self.model_prediction)


def _top(values: FloatArray, k: int) -> set[int]:
    return set(np.argsort(-np.abs(values), kind="stable")[:k].tolist())


def top_jaccard(weights: FloatArray, k: int = TOP) -> float:
    """Average the overlap (size of intersection over union) of the top k between all pairs of rows.

    Parameters
    ----------
    weights : float64 (seeds, columns)
        At least two rows.
    k : int
        How many of the largest absolute values.
    """
    tops = [_top(row, k) for row in weights]
    return float(np.mean([len(a & b) / len(a | b) for a, b in combinations(tops, 2)]))


def average(
    names: Sequence[str],
    *,
    weights: FloatArray,
    intercepts: FloatArray,
    r2: FloatArray,
    shares: FloatArray,
    rules: Mapping[str, str],
    model_prediction: float,
    samples: int,
    notices: tuple[Notice, ...] = (),
) -> LimeResult:
    """Average the fits of all seeds.

    Parameters
    ----------
    names : sequence of str
        Columns.
    weights : float64 (seeds, columns)
        Raw weights.
    intercepts, r2 : float64 (seeds,)
        Of each seed's line.
    shares : float64 (columns,)
        Share of training rows in the row's bin.
    rules : mapping of str to str
        The bins in words.
    model_prediction : float
        The model's own answer.
    samples : int
        Neighbours a seed.
    notices : tuple of Notice
        Found before; the one about a poor fit is put first.
    """
    centred = weights * (1.0 - shares)

    def by_name(array: FloatArray) -> dict[str, float]:
        return dict(zip(names, array.tolist(), strict=True))

    if r2.min() < POOR_R2:
        text = tr(
            "LIME's line explains {mean} of how the model varies around this applicant (lowest seed "
            "{min}): read its bars as a rough picture.",
            mean=f"{r2.mean():.0%}",
            min=f"{r2.min():.0%}",
        )
        notices = (Notice("lime_poor_fit", text), *notices)
    return LimeResult(
        values=by_name(weights.mean(axis=0)),
        sd=by_name(weights.std(axis=0, ddof=1)),
        centred=by_name(centred.mean(axis=0)),
        centred_sd=by_name(centred.std(axis=0, ddof=1)),
        rules=dict(rules),
        bin_shares=by_name(shares),
        intercept=float(intercepts.mean()),
        r2=float(r2.mean()),
        r2_low=float(r2.min()),
        local_prediction=float(intercepts.mean() + weights.mean(axis=0).sum()),
        model_prediction=model_prediction,
        jaccard=top_jaccard(centred),
        seeds=len(weights),
        samples=samples,
        notices=notices,
    )
