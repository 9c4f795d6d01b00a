"""The route of each of many rows, as whatever leaves this app has to give it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand, Roles, ScoreScale
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.scores import scores_of_column
from rai_dash.review import _portable
from rai_dash.review.conditions import Condition, Held
from rai_dash.review.rows import APPROVED, DECLINED, TO_A_PERSON, row_routes

#: Routes in the order of their codes.
ROUTES: Final = (_portable.REJECT, _portable.REVIEW, _portable.APPROVE)
_REASONS: Final[tuple[str, ...]] = (
    _portable.NO_SCORE,
    _portable.OFF_SCALE,
    _portable.BELOW,
    _portable.INSIDE,
    _portable.ABOVE,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowRoutes:
    """The route of each row.

    Parameters
    ----------
    route : int8 (n,)
        Position in `ROUTES`.
    reason : int64 (n,)
        Position in ``reasons``: the first reason of the row.
    reasons : tuple of str
        ``no_score``, ``off_scale`` (a number outside 0 to 1), ``below_lo``, ``in_band``, ``at_or_above_hi``, and what
        the conditions say.
    """

    route: NDArray[np.int8]
    reason: NDArray[np.intp]
    reasons: tuple[str, ...]

    @property
    def route_names(self) -> NDArray[np.object_]:
        """Routes as text, object (n,)."""
        return np.array(ROUTES, dtype=object)[self.route]

    @property
    def reason_names(self) -> NDArray[np.object_]:
        """Reasons as text, object (n,)."""
        return np.array(self.reasons, dtype=object)[self.reason]

    @property
    def is_automatic(self) -> NDArray[np.bool_]:
        """Rows that no person decides, bool (n,)."""
        return np.asarray(self.route != ROUTES.index(_portable.REVIEW))


def route_rows(score: ArrayLike, band: ReviewBand, *, held: Held | None = None) -> RowRoutes:
    """Route rows.

    Parameters
    ----------
    score : float (n,)
        Widened to float64 first; None and NaN = no score. A finite number outside 0 to 1 is no probability: it goes to
        a person.
    band : ReviewBand
        An open end (None) decides nothing on its side.
    held : Held, optional
        What the conditions hold, from `rai_dash.review.conditions.hold`.

    Examples
    --------
    >>> found = route_rows([0.2, 0.5, None, 0.9], ReviewBand(0.4, 0.5, 0.6))
    >>> found.route_names.tolist(), found.reason_names.tolist()
    (['reject', 'review', 'review', 'approve'], ['below_lo', 'in_band', 'no_score', 'at_or_above_hi'])
    """
    values = np.asarray(score, dtype=np.float64)
    below, inside, above = (_REASONS.index(r) for r in (_portable.BELOW, _portable.INSIDE, _portable.ABOVE))
    reason = np.array([below, inside, above])[row_routes(values, band)]
    reasons = _REASONS
    if held is not None:
        if held.rows.shape != values.shape:
            msg = tr(
                "Scores and conditions are of different rows: {size} and {rows_size}.",
                size=f"{values.size:,}",
                rows_size=f"{held.rows.size:,}",
            )
            raise InvalidChoice(msg)
        reason[held.rows] = held.first[held.rows] + len(reasons)
        reasons = (*reasons, *held.reasons)
    is_scored = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        reason[(values < 0.0) | (values > 1.0)] = _REASONS.index(_portable.OFF_SCALE)
    reason[~is_scored] = _REASONS.index(_portable.NO_SCORE)
    route = np.full(values.shape, TO_A_PERSON, dtype=np.int8)
    route[reason == below], route[reason == above] = DECLINED, APPROVED
    return RowRoutes(route=route, reason=reason, reasons=reasons)


def probabilities(score: ArrayLike, scale: ScoreScale) -> NDArray[np.float64]:
    """Return scores in their own units as probabilities of the favourable outcome.

    Parameters
    ----------
    score : float (n,)
        As they were written.
    scale : ScoreScale
        How they read.

    Returns
    -------
    float64 (n,)
        In [0, 1]; a finite score that leaves its scale becomes 2.0, which `route_rows` sends to a person as
        ``off_scale``; NaN and infinite stay without a score.
    """
    values = np.asarray(score, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        is_off = np.isfinite(values) & ((values < scale.low) | (values > scale.high))
    column = pd.DataFrame({"score": np.where(is_off, np.nan, values)})
    found = scores_of_column(dataset_from_frame(column).with_roles(Roles(score="score", scale=scale)))
    return np.where(is_off, 2.0, found)


def policy_of(
    band: ReviewBand, conditions: Sequence[Condition] = (), scale: ScoreScale | None = None
) -> dict[str, Any]:
    """Return what decides about a route as plain values: ``lo``, ``threshold``, ``hi``, and ``tests`` in order.

    ``scale`` (``low``, ``high``, ``direction``) is there where the score is not itself the probability.

    Raises
    ------
    InvalidChoice
        When a condition is not frozen.
    """
    ends = {"lo": band.lo, "threshold": band.threshold, "hi": band.hi}
    plain = {name: None if end is None else float(end) for name, end in ends.items()}
    policy = {**plain, "tests": [_finite(test) for c in conditions for test in c.tests()]}
    if scale is None or is_probability(scale):
        return policy
    return {
        **policy,
        "scale": {"low": float(scale.low), "high": float(scale.high), "direction": scale.direction.value},
    }


def _finite(test: dict[str, Any]) -> dict[str, Any]:
    """Write an end without limit as the last number there is: infinity has no place in JSON, Python text or SQL."""
    last = sys.float_info.max
    return test | {end: min(max(test[end], -last), last) for end in ("low", "high") if end in test}


def is_probability(scale: ScoreScale) -> bool:
    """Whether a score of this scale is itself the probability of the favourable outcome."""
    return replace(scale, unit=ScoreScale().unit) == ScoreScale()
