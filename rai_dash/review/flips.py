"""Whose route changes when the score is a little off: review-band.md section 12."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import ReviewBand
from rai_dash.review.rows import TO_A_PERSON, row_routes, row_weights

FloatArray = NDArray[np.float64]
NO_ROWS = "no applicants, or all of them have weight 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFlips:
    """Weighted shares of all rows; None without rows.

    Parameters
    ----------
    n : int
        Rows, with or without a score.
    changed : float or None
        Another route; ``hard + into_review + out_of_review`` where the score is given twice.
    hard : float or None
        Approved instead of declined, or the other way round.
    into_review, out_of_review : float or None
        To a person now, or no longer; None under noise, where only the two above are defined.
    reason : str or None
        Why they are undefined.
    """

    n: int
    changed: float | None
    hard: float | None
    into_review: float | None = None
    out_of_review: float | None = None
    reason: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values; undefined = None."""
        return asdict(self)


def flips_between(
    first: ArrayLike, second: ArrayLike, band: ReviewBand, *, weight: ArrayLike | None = None
) -> RouteFlips:
    """Compare the routes of two scores of the same rows.

    Parameters
    ----------
    first, second : float (n,)
        For example before and after the inputs were disturbed; a row without a finite score goes to a person.
    band : ReviewBand
        Of both.
    weight : float64 (n,), optional
        Blank = 1.

    Raises
    ------
    InvalidChoice
        When the columns differ in length.

    Examples
    --------
    >>> flips_between([0.1, 0.5, 0.9], [0.8, 0.5, np.nan], ReviewBand(0.3, 0.5, 0.7)).hard
    0.3333333333333333
    """
    before, after = row_routes(first, band), row_routes(second, band)
    if before.shape != after.shape:
        msg = tr(
            "There are {size} first scores and {after_size} second ones. Give both for every row.",
            size=f"{before.size:,}",
            after_size=f"{after.size:,}",
        )
        raise InvalidChoice(msg)
    weights = row_weights(weight, before.size)
    total = float(weights.sum())
    if total == 0:
        return RouteFlips(n=before.size, changed=None, hard=None, reason=NO_ROWS)
    moved = before != after
    into, out = moved & (after == TO_A_PERSON), moved & (before == TO_A_PERSON)
    changed, hard, into_review, out_of_review = (
        float(weights[where].sum()) / total for where in (moved, moved & ~into & ~out, into, out)
    )
    return RouteFlips(
        n=before.size, changed=changed, hard=hard, into_review=into_review, out_of_review=out_of_review
    )


def flips_under_noise(
    score: ArrayLike, band: ReviewBand, *, sigma: float, weight: ArrayLike | None = None
) -> RouteFlips:
    """Expect the changes when every score gets normal noise, in closed form and without clipping.

    Parameters
    ----------
    score : float (n,)
        A row without a finite score never changes.
    band : ReviewBand
        An open end is never crossed.
    sigma : float
        Standard deviation of the noise; 0 changes nothing.
    weight : float64 (n,), optional
        Blank = 1.

    Raises
    ------
    InvalidChoice
        When ``sigma`` is negative or infinite.

    Notes
    -----
    Only ``changed`` and ``hard`` are defined.

    Examples
    --------
    >>> round(flips_under_noise([0.3], ReviewBand(0.3, 0.5, None), sigma=0.05).changed, 3)
    0.5
    """
    if not 0.0 <= sigma < math.inf:
        msg = tr(
            "The noise of the score cannot be {sigma}. Give a standard deviation of 0 or more, such as 0.02.",
            sigma=sigma,
        )
        raise InvalidChoice(msg)
    values = np.asarray(score, np.float64)
    weights = row_weights(weight, values.size)
    total = float(weights.sum())
    if total == 0:
        return RouteFlips(n=values.size, changed=None, hard=None, reason=NO_ROWS)
    kept = np.isfinite(values)
    routes, values, mass = row_routes(values, band)[kept], values[kept], weights[kept]
    if sigma == 0:
        return RouteFlips(n=kept.size, changed=0.0, hard=0.0)
    declined = np.zeros(values.size) if band.lo is None else ndtr((band.lo - values) / sigma)
    approved = np.zeros(values.size) if band.hi is None else ndtr((values - band.hi) / sigma)
    # In the order of the routes: declined, to a person, approved.
    stays = np.choose(routes, (declined, 1.0 - declined - approved, approved))
    crosses = np.choose(routes, (approved, np.zeros(values.size), declined))
    changed, hard = (float(mass @ chance) / total for chance in (1.0 - stays, crosses))
    return RouteFlips(n=kept.size, changed=changed, hard=hard)
