"""What the training fold will look like under a recipe, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE
from rai_dash.core.words import count
from rai_dash.data.cell_plan import aim, cell_name, cells_of
from rai_dash.data.dataset import Dataset
from rai_dash.trials.rebalancing.folds import Hashes
from rai_dash.trials.rebalancing.recipe import Recipe, groups_of

#: Fewer different rows than this, copied so often, are worth a caution.
FEW: Final = 30
OFTEN: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFacts:
    """Training rows of one cell of outcome and group: how many, and how many differ in what the model sees."""

    group: str | None
    favourable: bool
    rows: int
    distinct: int

    @property
    def name(self) -> str:
        """The cell as one says it."""
        return cell_name(self.group, favourable=self.favourable)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPreview:
    """One cell before and after: ``quick`` is what the two percentages alone would give, ``target`` the recipe."""

    facts: CellFacts
    quick: int
    target: int

    @property
    def caution(self) -> str:
        """Say where a handful of rows stand for a crowd, or where nothing can be copied; empty = nothing to say."""
        facts = self.facts
        if not facts.rows:
            return tr(
                "`{facts}` has no training row: there is nothing to copy, and it stays empty.",
                facts=facts.name,
            )
        if facts.distinct >= FEW or self.target < OFTEN * facts.rows:
            return ""
        some = (
            tr("1 row is")
            if facts.distinct == 1
            else tr("{distinct} different rows are", distinct=count(facts.distinct))
        )
        times = count(round(self.target / facts.distinct))
        return tr(
            "`{facts}`: {some} copied to {target}, about {times} times each. The model sees the same "
            "people again, not new ones.",
            facts=facts.name,
            some=some,
            target=count(self.target),
            times=times,
        )


def cell_facts(
    dataset: Dataset, train: NDArray[np.int64], hashes: Hashes, by: str | None
) -> tuple[CellFacts, ...]:
    """Count the training rows of each cell once; what a recipe makes of them is arithmetic on these counts.

    Parameters
    ----------
    dataset : Dataset
        The table, n rows.
    train : int64 (m,)
        The training rows.
    hashes : uint64 (n,)
        Equal where a model sees no difference.
    by : str or None
        Column that is crossed with the outcome.
    """
    return tuple(
        CellFacts(
            group=group,
            favourable=y == FAVOURABLE,
            rows=int(rows.size),
            distinct=int(np.unique(hashes[rows]).size),
        )
        for y, group, rows in cells_of(dataset.outcome, groups_of(dataset, by), train)
    )


def preview(cells: Sequence[CellFacts], recipe: Recipe) -> tuple[CellPreview, ...]:
    """Say what each cell will have under a recipe; nothing is drawn.

    Raises
    ------
    InvalidChoice
        When the recipe does not fit the cells.
    """
    names = [(c.group, c.favourable) for c in cells]
    sizes = np.array([c.rows for c in cells], dtype=np.int64)
    quick, _ = aim(names, sizes, up=recipe.up, down=recipe.down)
    targets, _ = aim(names, sizes, up=recipe.up, down=recipe.down, own=recipe.cells)
    return tuple(
        CellPreview(facts=facts, quick=plain, target=target)
        for facts, plain, target in zip(cells, quick.tolist(), targets.tolist(), strict=True)
    )


def cautions(cells: Sequence[CellPreview]) -> tuple[str, ...]:
    """List what limits what can be learned from the cells."""
    return tuple(said for cell in cells if (said := cell.caution))
