"""Cumulative gain and lift of one group, from its cells: what a ranking is worth before any threshold is set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES
from rai_dash.core.counts import GroupCounts
from rai_dash.metrics._base import ratio
from rai_dash.metrics.curves import at_or_above_each_edge, one_group

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GainCurve:
    """What is gained at each threshold from 0 to 1, and at none (NaN): nobody approved.

    Parameters
    ----------
    threshold : float64 (1002,)
        The 1,001 edges, and NaN last.
    approved : float64 (1002,)
        Share approved of the rows with a label and a score; NaN = there is no such row.
    recall : float64 (1002,)
        Share approved of the favourable ones among them; NaN = there is none.
    lift : float64 (1002,)
        Precision over base rate; NaN where nobody is approved or nobody is favourable.
    base_rate : float or None
        Share of favourable ones; None = no row with a label and a score.
    best : tuple of (float, float)
        Corners (approved, recall) of the best possible curve: every favourable one is ranked above all others.
        Empty where recall is undefined.
    highest_lift : float or None
        Lift of the best possible ranking while only favourable ones are approved: one over the base rate.
    """

    threshold: FloatArray
    approved: FloatArray
    recall: FloatArray
    lift: FloatArray
    base_rate: float | None
    best: tuple[tuple[float, float], ...]
    highest_lift: float | None


def gain(counts: GroupCounts) -> GainCurve:
    """Compute cumulative gain and lift of one group; every point is exact.

    Lift is ``precision / base_rate``, which is also ``recall / approved``.

    Raises
    ------
    InvalidChoice
        When the counts hold several groups.
    """
    bad, good = (np.append(part, 0.0) for part in at_or_above_each_edge(one_group(counts))[:2])
    approved, total = bad + good, bad[0] + good[0]
    base_rate = float(good[0] / total) if total > 0 else None
    return GainCurve(
        threshold=np.append(EDGES, np.nan),
        approved=ratio(approved, np.full_like(approved, total)),
        recall=ratio(good, np.full_like(good, good[0])),
        lift=ratio(ratio(good, approved), np.full_like(good, base_rate or 0.0)),
        base_rate=base_rate,
        best=((0.0, 0.0), (base_rate, 1.0), (1.0, 1.0)) if base_rate else (),
        highest_lift=1.0 / base_rate if base_rate else None,
    )
