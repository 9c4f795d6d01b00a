"""Rows as the review functions read them that cannot do with counts: scores, labels, weights and routes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, ReviewBand
from rai_dash.data.counting import not_negative

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
DECLINED, TO_A_PERSON, APPROVED = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Columns of equal length.

    Parameters
    ----------
    score : float64 (n,)
        Widened once, before anything is compared; NaN or infinite = no score.
    label : int8 (n,)
        1 favourable, 0 unfavourable, else unknown.
    weight : float64 (n,)
        1 where there are no weights or the weight is blank.
    """

    score: FloatArray
    label: NDArray[np.int8]
    weight: FloatArray

    @property
    def has_score(self) -> BoolArray:
        """Whether a row has a finite score."""
        return np.isfinite(self.score)

    @property
    def has_label(self) -> BoolArray:
        """Whether the outcome of a row is known."""
        known: BoolArray = (self.label == FAVOURABLE) | (self.label == UNFAVOURABLE)
        return known

    def where(self, kept: BoolArray) -> Rows:
        """Return some of the rows."""
        return Rows(score=self.score[kept], label=self.label[kept], weight=self.weight[kept])


def rows_of(score: ArrayLike, label: ArrayLike, weight: ArrayLike | None = None) -> Rows:
    """Read columns.

    Raises
    ------
    InvalidChoice
        When they differ in length.
    InvalidRoles
        When a weight is negative or infinite.
    """
    scores, labels = np.asarray(score, np.float64), np.asarray(label)
    if scores.shape != labels.shape:
        msg = tr(
            "There are {size} scores and {labels_size} labels. Give one of each a row.",
            size=f"{scores.size:,}",
            labels_size=f"{labels.size:,}",
        )
        raise InvalidChoice(msg)
    return Rows(score=scores, label=labels, weight=row_weights(weight, scores.size))


def row_weights(weight: ArrayLike | None, n: int) -> FloatArray:
    """Read weights: blank = 1, none = every weight is 1.

    Raises
    ------
    InvalidChoice
        When there are not ``n`` of them.
    InvalidRoles
        When one is negative or infinite.
    """
    if weight is None:
        return np.ones(n)
    weights = np.asarray(weight, np.float64)
    if weights.shape != (n,):
        msg = tr(
            "There are {n} scores and {size} weights. Give one weight a row.",
            n=f"{n:,}",
            size=f"{weights.size:,}",
        )
        raise InvalidChoice(msg)
    return not_negative(weights, "weight", blank=1.0)


def row_routes(score: ArrayLike, band: ReviewBand) -> NDArray[np.int8]:
    """Route rows by the first line that applies of review-band.md section 3.

    Parameters
    ----------
    score : float (n,)
        Widened to float64 before it is compared; NaN or infinite = no score.
    band : ReviewBand
        ``score < lo`` declined, ``score >= hi`` approved, else to a person, like everybody without a score.

    Returns
    -------
    int8 (n,)
        `DECLINED`, `TO_A_PERSON` or `APPROVED`.
    """
    values = np.asarray(score, np.float64)
    routes = np.full(values.shape, TO_A_PERSON, np.int8)
    has_score = np.isfinite(values)
    if band.lo is not None:
        routes[has_score & (values < band.lo)] = DECLINED
    if band.hi is not None:
        routes[has_score & (values >= band.hi)] = APPROVED
    return routes
