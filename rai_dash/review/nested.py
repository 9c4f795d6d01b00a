"""A list of bands fixed beforehand, the safest first, and how often each is wrong when it decides alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, ReviewBand
from rai_dash.review.rows import rows_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
#: Half-widths of the default list, 0.45 to 0. In our simulations a list that starts wider tests its first bands on
#: so few rows that the chain often ends there; one that starts at 0.40 finds less for strict promises.
HALF_WIDTHS: tuple[float, ...] = tuple(w / 100.0 for w in range(45, -1, -1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BandCounts:
    """Automatic decisions with a known outcome of several bands, unweighted.

    Parameters
    ----------
    bands : tuple of ReviewBand
        In the order in which they are tested, the safest (most review) first.
    approved, approved_bad : int64 (bands,)
        Approved automatically; those among them whose outcome is unfavourable.
    declined, declined_good : int64 (bands,)
        Declined automatically; those among them whose outcome is favourable.
    labelled : int
        Rows with a known outcome, on any route, with or without a score.
    """

    bands: tuple[ReviewBand, ...]
    approved: IntArray
    approved_bad: IntArray
    declined: IntArray
    declined_good: IntArray
    labelled: int

    @property
    def k(self) -> IntArray:
        """Automatic errors."""
        return self.approved_bad + self.declined_good

    @property
    def n(self) -> IntArray:
        """Automatic decisions with a known outcome."""
        return self.approved + self.declined


def nested_bands(threshold: float, half_widths: Sequence[float] = HALF_WIDTHS) -> tuple[ReviewBand, ...]:
    """Return symmetric bands around the threshold, the widest first.

    Parameters
    ----------
    threshold : float
        In [0, 1].
    half_widths : sequence of float
        Falling; an end that leaves [0, 1] is open. Ends are rounded to 4 decimals, so that .5 - .15 is .35.

    Raises
    ------
    InvalidChoice
        When the half-widths are negative or do not fall.
    """
    if any(w < 0 for w in half_widths) or list(half_widths) != sorted(half_widths, reverse=True):
        msg = tr("The half-widths of the bands must fall to 0 or above, the widest first. Sort them.")
        raise InvalidChoice(msg)
    ends = ((_end(threshold - w, threshold, w), _end(threshold + w, threshold, w)) for w in half_widths)
    return tuple(ReviewBand(lo, threshold, hi) for lo, hi in ends)


def _end(end: float, threshold: float, half_width: float) -> float | None:
    """Round an end, leave the threshold alone, open what lies outside."""
    if half_width == 0:
        return threshold
    rounded = round(end, 4)
    return rounded if 0.0 <= rounded <= 1.0 else None


def count_bands(score: ArrayLike, label: ArrayLike, bands: Sequence[ReviewBand]) -> BandCounts:
    """Count what each band decides automatically, all bands in one pass over the rows.

    Parameters
    ----------
    score : float (n,)
        Widened to float64; NaN or infinite = no score, which no band decides.
    label : int8 (n,)
        1 favourable, 0 unfavourable, else unknown.
    bands : sequence of ReviewBand
        Any bands, in any order.
    """
    rows = rows_of(score, label)
    has_score = rows.has_score
    good, bad = (rows.score[has_score & (rows.label == which)] for which in (FAVOURABLE, UNFAVOURABLE))
    lows = np.array([-np.inf if b.lo is None else b.lo for b in bands], np.float64)
    highs = np.array([np.inf if b.hi is None else b.hi for b in bands], np.float64)
    good_below, bad_below = _below(good, lows), _below(bad, lows)
    good_above, bad_above = good.size - _below(good, highs), bad.size - _below(bad, highs)
    return BandCounts(
        bands=tuple(bands),
        approved=good_above + bad_above,
        approved_bad=bad_above,
        declined=good_below + bad_below,
        declined_good=good_below,
        labelled=int(np.count_nonzero(rows.has_label)),
    )


def count_bands_of(counts: GroupCounts, bands: Sequence[ReviewBand]) -> BandCounts:
    """Count what each band decides automatically from rows that are counted by score; see `count_bands`.

    Parameters
    ----------
    counts : GroupCounts
        Of any groups, which are added up. Weights are left aside.
    """
    bring = counts.rows_of_cell
    rows = replace(
        counts.total(),
        weighted=None,
        weighted_sq=None,
        rows_of_cell=None if bring is None else lambda cell: replace(bring(cell).in_one_group(), weight=None),
    )
    low = np.array([rows.below(b.lo)[0][0] for b in bands]).round().astype(np.int64)
    high = np.array([rows.at_or_above(b.hi)[0][0] for b in bands]).round().astype(np.int64)
    return BandCounts(
        bands=tuple(bands),
        approved=high[:, FAVOURABLE] + high[:, UNFAVOURABLE],
        approved_bad=high[:, UNFAVOURABLE],
        declined=low[:, FAVOURABLE] + low[:, UNFAVOURABLE],
        declined_good=low[:, FAVOURABLE],
        labelled=int(rows.counts[0, [UNFAVOURABLE, FAVOURABLE]].sum()),
    )


def _below(values: FloatArray, cuts: FloatArray) -> IntArray:
    """Return how many finite values lie below each cut."""
    ordered, position = np.unique(cuts, return_inverse=True)
    passed = np.searchsorted(ordered, values, side="right")
    below: IntArray = np.cumsum(np.bincount(passed, minlength=ordered.size + 1))[:-1][position]
    return below
