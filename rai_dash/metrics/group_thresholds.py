"""One threshold a group that gives every group the same rate: for study only, fairness.md section 8.

Different thresholds by protected group may be disparate treatment; nothing here is a policy to be used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES, NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE, UNKNOWN
from rai_dash.metrics._base import DEFAULT_MIN_N, NO_FAVOURABLE, NO_SCORED, NO_UNFAVOURABLE, few_rows

FloatArray = NDArray[np.float64]
Levelled = Literal["recall", "fpr", "selection_rate"]

#: Labels whose rows a rate is a share of, and what to say where there are none with a score.
_SHARE_OF: Final = {
    "recall": ((FAVOURABLE,), NO_FAVOURABLE),
    "fpr": ((UNFAVOURABLE,), NO_UNFAVOURABLE),
    "selection_rate": ((UNFAVOURABLE, FAVOURABLE, UNKNOWN), NO_SCORED),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupThresholds:
    """A cut for every group.

    Parameters
    ----------
    metric : str
        The rate that is levelled.
    target : float
        What every group is brought to, as nearly as its scores allow and never below.
    common : float
        The one threshold that the others keep.
    groups : tuple of str
        Names, in display order.
    cuts : float64 (groups,)
        Favourable when ``score >= cut`` of the group.
    kept : tuple of (str, str)
        Groups that keep the common threshold, each with the reason.
    """

    metric: str
    target: float
    common: float
    groups: tuple[str, ...]
    cuts: FloatArray
    kept: tuple[tuple[str, str], ...]


def group_thresholds(
    counts: GroupCounts, metric: Levelled, *, target: float, common: float, min_n: int = DEFAULT_MIN_N
) -> GroupThresholds:
    """Find the cut of each group: the largest edge at which its rate is still at or above the target.

    Parameters
    ----------
    counts : GroupCounts
        Of rows that nothing is reported on: cuts chosen on the rows they are judged by look too good.
    metric : str
        ``"recall"``, ``"fpr"`` or ``"selection_rate"``; each falls as the cut rises.
    target : float
        In [0, 1], usually the rate of everyone at ``common``.
    common : float
        The threshold in use, which groups that cannot be levelled keep.
    min_n : int
        Groups with fewer rows keep the common threshold: a cut out of a few rows is chance.

    Returns
    -------
    GroupThresholds
        Cuts are multiples of 0.001.

    Raises
    ------
    InvalidChoice
        Another metric, or a target outside [0, 1].
    """
    if metric not in _SHARE_OF:
        msg = tr(
            "Thresholds by group can level {share_of}, not {metric}. Choose one of these.",
            share_of=", ".join(_SHARE_OF),
            metric=f"{metric!r}",
        )
        raise InvalidChoice(msg)
    if not math.isfinite(target) or not 0.0 <= target <= 1.0:
        msg = tr(
            "A rate of {target} cannot be reached by any threshold. Give a target from 0 to 1.", target=target
        )
        raise InvalidChoice(msg)
    labels, undefined = _SHARE_OF[metric]
    scored = counts.sums[:, labels, :NO_SCORE].sum(axis=1)
    # Suffix sums: rows at or above each edge.
    above = scored[:, ::-1].cumsum(axis=1)[:, ::-1]
    total = above[:, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        reaches = above / total >= target
    edge = NO_SCORE - 1 - np.argmax(reaches[:, ::-1], axis=1)
    is_empty, is_small = total[:, 0] <= 0, counts.n < min_n
    kept = tuple(
        (
            group,
            few_rows(int(counts.n[i]), min_n) if is_small[i] else undefined,
        )
        for i, group in enumerate(counts.groups)
        if is_small[i] or is_empty[i]
    )
    return GroupThresholds(
        metric=metric,
        target=target,
        common=common,
        groups=counts.groups,
        cuts=np.where(is_empty | is_small, common, EDGES[edge]),
        kept=kept,
    )
