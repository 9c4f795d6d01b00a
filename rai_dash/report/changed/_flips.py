"""Decisions that two models take otherwise on the same rows, by group, from the joint cells of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.estimates import plain
from rai_dash.core.types import Estimate
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import group_index
from rai_dash.metrics._paired_cells import JointCells, paired_rate
from rai_dash.metrics.paired import PairedDifference
from rai_dash.metrics.paired_flips import GroupFlips, flips
from rai_dash.metrics.paired_table import PairRows
from rai_dash.stats.intervals import newcombe

FloatArray = NDArray[np.float64]
#: Groups with fewer rows are told, and never named as the ones that the flips are about.
FEWEST: Final = 30
#: Chance of naming a group although none flips more than the others.
ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Flipped:
    """Decisions of one group that flip.

    Parameters
    ----------
    column : str
        Empty for everybody.
    found : GroupFlips
        How many, each way, and what is known of them.
    favourable : PairedDifference
        Share decided favourably by the second less that by the first.
    more, low, high : float or None
        Share that flips, less that of everybody else in the column, with Newcombe's interval; None where there is
        nobody else.
    others : (int, int)
        Flips and rows of everybody else in the column.
    """

    column: str
    found: GroupFlips
    favourable: PairedDifference
    more: float | None = None
    low: float | None = None
    high: float | None = None
    others: tuple[int, int] = (0, 0)

    @property
    def group(self) -> str:
        """Name of the group."""
        return self.found.group

    @property
    def rows(self) -> int:
        """Rows that both models decide about."""
        return self.found.decided

    @property
    def flips(self) -> int:
        """Rows that flip, either way."""
        return self.found.n

    @property
    def share(self) -> Estimate:
        """Share that flips, with Wilson's interval."""
        return self.found.changed

    def is_above(self, looked_at: int) -> bool:
        """Whether more of it flips than of everybody else, which holds after allowing for all groups looked at.

        Newcombe's interval at a level that is shared among them (Bonferroni) leaves out zero, on enough rows.
        """
        if self.low is None or self.rows < FEWEST:
            return False
        hits, rows = self.others
        low, _ = newcombe(self.flips, self.rows, hits, rows, level=1.0 - ALPHA / max(looked_at, 1))
        return float(low) > 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        against = {"difference": self.more, "low": self.low, "high": self.high}
        return {
            "column": self.column,
            "group": self.group,
            "flips": self.found.to_json(),
            "selection_rate": self.favourable.to_json(),
            "against_everybody_else": against,
        }


def flips_by_group(
    dataset: Dataset, first: FloatArray, second: FloatArray, threshold: float
) -> tuple[Flipped, tuple[Flipped, ...]]:
    """Count the decisions that flip between two scores of the same rows.

    Parameters
    ----------
    dataset : Dataset
        Its sensitive columns give the groups; every row counts once, whatever its weight.
    first, second : float64 (n,)
        Scores; favourable from the threshold on. A row without one of them is not decided about by both.
    threshold : float

    Returns
    -------
    Flipped
        Of everybody.
    tuple of Flipped
        Of each group with a row that both decide about, by column.
    """
    rows = PairRows(outcome=dataset.outcome, a=first, b=second, thresholds=(threshold, threshold))
    everyone = next(_of_cells(rows.cells()))
    groups: list[Flipped] = []
    for column in dataset.roles.sensitive:
        index = group_index(dataset.frame, column, bins=dataset.roles.bins.get(column))
        groups += [g for g in _of_cells(rows.cells(index.codes, index.groups, column)) if g.rows]
    return everyone, tuple(groups)


def _of_cells(cells: JointCells) -> Iterator[Flipped]:
    counted = flips(cells, min_n=FEWEST)
    all_flips, all_rows = sum(one.n for one in counted), sum(one.decided for one in counted)
    for place, one in enumerate(counted):
        hits, rows = all_flips - one.n, all_rows - one.decided
        against: dict[str, float | None] = {}
        if rows and one.decided:
            low, high = newcombe(one.n, one.decided, hits, rows)
            more = one.n / one.decided - hits / rows
            against = {"more": more, "low": plain(float(low)), "high": plain(float(high))}
        favourable = paired_rate(cells, "selection_rate", place)
        yield Flipped(column=cells.column, found=one, favourable=favourable, others=(hits, rows), **against)
