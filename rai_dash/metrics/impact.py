"""Impact ratios as New York City's Local Law 144 defines them: of selection, and of scores above the median.

Source: Rules of the City of New York, title 6, sections 5-300 and 5-301. The scoring rate of a category is the share
of its people with a score above the sample's median; an impact ratio is a rate over the highest rate. People whose
category is not known are counted and left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.cells import EDGES, NO_SCORE
from rai_dash.core.counts import GroupCounts
from rai_dash.core.estimates import plain
from rai_dash.core.types import MISSING_GROUP

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Impact ratios of one sensitive column or cross.

    Parameters
    ----------
    groups : tuple of str
        Categories, without the unknown one.
    n : int64 (groups,)
        People with a score.
    scored, selected, above : float64 (groups,)
        The same in weights, those of them at or above the threshold, and above the median.
    unknown : int
        People with a score whose category is not known.
    median : float or None
        Median score of the sample; the lower edge of its cell where the rows are no longer in memory.
    selection_rate, selection_ratio, scoring_rate, scoring_ratio : float64 (groups,)
        NaN = undefined.
    source : str
        ``"rows"`` or ``"cells"``: what the median was taken from.
    """

    groups: tuple[str, ...]
    n: NDArray[np.int64]
    scored: FloatArray
    selected: FloatArray
    above: FloatArray
    unknown: int
    median: float | None
    selection_rate: FloatArray
    selection_ratio: FloatArray
    scoring_rate: FloatArray
    scoring_ratio: FloatArray
    source: str

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return {
            "median_score": self.median,
            "from": self.source,
            "unknown": self.unknown,
            "groups": {
                group: {
                    "n": int(self.n[i]),
                    "selection_rate": plain(self.selection_rate[i]),
                    "selection_impact_ratio": plain(self.selection_ratio[i]),
                    "scoring_rate": plain(self.scoring_rate[i]),
                    "scoring_impact_ratio": plain(self.scoring_ratio[i]),
                }
                for i, group in enumerate(self.groups)
            },
        }


def _is_known(group: str) -> bool:
    return MISSING_GROUP not in group.split(" × ")


def _median(counts: GroupCounts) -> tuple[float | None, str]:
    """Return the median score of everyone, weights left aside."""
    if counts.rows is not None:
        finite = counts.rows.score[np.isfinite(counts.rows.score)]
        return (float(np.median(finite)) if finite.size else None), "rows"
    by_cell = counts.counts[:, :, :NO_SCORE].sum(axis=(0, 1))
    total = int(by_cell.sum())
    if total == 0:
        return None, "cells"
    return float(EDGES[int(np.searchsorted(np.cumsum(by_cell), (total + 1) // 2))]), "cells"


def _over_highest(rate: FloatArray) -> FloatArray:
    highest = np.nanmax(rate, initial=0.0)
    return rate / highest if highest > 0 else np.full(rate.shape, np.nan)


def impact_ratios(counts: GroupCounts, threshold: float) -> Impact:
    """Compute the impact ratios of Local Law 144.

    Parameters
    ----------
    counts : GroupCounts
        One sensitive column or cross.
    threshold : float
        In [0, 1]; selected when ``score >= threshold``.
    """
    keep = [i for i, group in enumerate(counts.groups) if _is_known(group)]
    people = counts.counts[:, :, :NO_SCORE].sum(axis=(1, 2))
    total = counts.between(None, None)[0].sum(axis=1)
    median, source = _median(counts)
    selected = counts.at_or_above(threshold)[0].sum(axis=1)
    above = np.zeros_like(selected)
    if median is not None and median < 1.0:
        # Above, not at: the next number that a double can hold; without rows, the next cell.
        cut = np.nextafter(median, 1.0) if source == "rows" else EDGES[np.searchsorted(EDGES, median) + 1]
        above = counts.at_or_above(float(cut))[0].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = [np.where(total > 0, part / total, np.nan)[keep] for part in (selected, above)]
    return Impact(
        groups=tuple(counts.groups[i] for i in keep),
        n=people[keep],
        scored=total[keep],
        selected=selected[keep],
        above=above[keep],
        unknown=int(people.sum() - people[keep].sum()),
        median=median,
        selection_rate=rates[0],
        selection_ratio=_over_highest(rates[0]),
        scoring_rate=rates[1],
        scoring_ratio=_over_highest(rates[1]),
        source=source,
    )
