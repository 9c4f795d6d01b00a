"""How many training rows each cell of outcome and group has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.types import UNKNOWN
from rai_dash.data.dataset import Dataset
from rai_dash.trials.rebalancing.recipe import groups_of

OUTCOMES = ("unfavourable", "favourable")


def cell_sizes(dataset: Dataset, positions: NDArray[np.int64], by: str | None) -> dict[str, int]:
    """Count the rows of each cell of outcome and group among some positions, by name; empty cells are left out."""
    index = groups_of(dataset, by)
    outcome = dataset.outcome[positions]
    known = outcome != UNKNOWN
    names, codes = [""], np.zeros(positions.size, dtype=np.int64)
    if index is not None:
        names, codes = [f" × {g}" for g in index.groups], index.codes[positions].astype(np.int64)
    sizes = np.bincount(codes[known] * 2 + outcome[known], minlength=2 * len(names)).reshape(-1, 2)
    found = {
        f"{OUTCOMES[y]}{name}": int(sizes[i, y])
        for i, name in enumerate(names)
        for y in (0, 1)
        if sizes[i, y]
    }
    return dict(sorted(found.items()))
