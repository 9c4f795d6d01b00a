"""Lines about how far groups lie apart: only a gap that has grown is held against a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rai_dash.core.types import Estimate
from rai_dash.govern._policy_monitoring import MonitorLimits
from rai_dash.govern.monitor import chance
from rai_dash.govern.monitor._making import Place, nothing_line
from rai_dash.govern.monitor.lines import Family, Line
from rai_dash.govern.monitor.states import ROUNDING, State
from rai_dash.metrics.disparity import TOO_FEW_GROUPS
from rai_dash.stats.intervals import newcombe

#: Gaps by the share that they are of.
WATCHED_GAPS: Mapping[str, str] = {
    "review_rate_gap": "review_rate",
    "auto_approve_gap": "auto_approve_rate",
    "auto_reject_gap": "auto_reject_rate",
    "selection_rate_gap": "selection_rate",
    "auto_error_gap": "auto_error_rate",
    "fnr_auto_gap": "fnr_auto",
    "fpr_auto_gap": "fpr_auto",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShare:
    """One share of one group then and now, with its rows on both sides."""

    group: str
    signed: Estimate
    batch: Estimate
    n_signed: int
    n_batch: int


def gap_line(
    name: str,
    column: str,
    groups: Sequence[GroupShare],
    limits: MonitorLimits,
    *,
    min_n: int,
    is_weighted: bool,
) -> Line:
    """Compare the gap over the groups that are large enough on both sides and have the share on both.

    The interval is Newcombe's of the highest less the lowest group, at a level that allows for having picked the two
    out of all pairs.
    """
    place = Place(name=name, family=Family.GAPS, column=column)
    compared = [
        g
        for g in groups
        if min(g.n_signed, g.n_batch) >= min_n and g.signed.value is not None and g.batch.value is not None
    ]
    if len(compared) < 2:
        return nothing_line(place, TOO_FEW_GROUPS)
    then = [_pair(g.signed, is_weighted=is_weighted) for g in compared]
    now = [_pair(g.batch, is_weighted=is_weighted) for g in compared]
    signed, batch = _gap(then), _gap(now)
    tolerance = limits.tolerances.get(name)
    if tolerance is None:
        tolerance = max(limits.least, (float(signed.high or 0.0) - float(signed.low or 0.0)) / 2.0)
    state = _state(batch, float(signed.value or 0.0) + tolerance)
    rise = float(batch.value or 0.0) - float(signed.value or 0.0)
    return Line(
        **place.parts(),
        signed=signed,
        batch=batch,
        tolerance=tolerance,
        state=state,
        p_value=chance.gap_p(then, now, rise) if state is State.BREACH else None,
        too_few=(float(batch.high or 0.0) - float(batch.low or 0.0)) / 2.0 > 2.0 * tolerance,
    )


def _state(batch: Estimate, most: float) -> State:
    if batch.low is not None and batch.low > most:
        return State.BREACH
    return State.WATCH if float(batch.value or 0.0) > most + ROUNDING else State.OK


def _pair(one: Estimate, *, is_weighted: bool) -> tuple[float, float]:
    """Return the rows that count and all rows of a share; of weighted rows the effective ones, which are not whole."""
    share, rows = float(one.value or 0.0), float(one.denominator or 0.0)
    if not is_weighted:
        return round(share * rows), round(rows)
    n = chance.effective_rows(one)
    return share * n, n


def _gap(pairs: Sequence[tuple[float, float]]) -> Estimate:
    shares = [k / n for k, n in pairs]
    high, low = int(np.argmax(shares)), int(np.argmin(shares))
    level = 1.0 - 0.05 / max(1, len(list(combinations(pairs, 2))))
    if high == low:
        # All alike: the widest of the intervals of two groups says how far that is known.
        high, low = 0, min(1, len(pairs) - 1)
    ends = newcombe(*pairs[high], *pairs[low], level=level)
    least, most = (max(0.0, float(end)) for end in ends)
    return Estimate(shares[high] - shares[low], least, most)


def gap_lines(
    column: str,
    shares: Mapping[str, Sequence[GroupShare]],
    limits: MonitorLimits,
    *,
    min_n: int,
    is_weighted: bool,
) -> Iterator[Line]:
    """Compare every watched gap of one column; ``shares`` by the name of the share."""
    for name, of in WATCHED_GAPS.items():
        yield gap_line(name, column, shares.get(of, ()), limits, min_n=min_n, is_weighted=is_weighted)
