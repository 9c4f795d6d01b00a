"""How many rows each group of a column has, over all rows of a data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import group_index


class Sized(Protocol):
    """The groups of a column with their rows: a `rai_dash.data.groups.GroupIndex`, or counts alone."""

    @property
    def column(self) -> str:
        """Name of the column."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups."""

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Rows a group, int64 (groups,)."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupSizes:
    """Groups of a column whose rows are counted and not at hand; see `Sized`."""

    column: str
    groups: tuple[str, ...]
    sizes: NDArray[np.int64]


def group_sizes_of(dataset: Dataset, column: str) -> Sized:
    """Count the groups of a column over all rows, of the portfolio where there is one."""
    bins = dataset.roles.bins.get(column)
    if dataset.portfolio is None:
        return group_index(dataset.frame, column, bins=bins)
    from rai_dash.data.portfolio.cells import group_rows
    from rai_dash.data.portfolio.levels import levels_of

    levels = levels_of(dataset.portfolio, column, bins)
    return GroupSizes(column, levels.groups, group_rows(dataset.portfolio, levels))
