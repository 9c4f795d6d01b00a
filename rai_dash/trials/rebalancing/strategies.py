"""The strategies that are compared, in words, and which training rows each of them takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import FAVOURABLE
from rai_dash.core.words import percent
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.data.resample import cells_of, resample, weights

Positions = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the training fold is resampled.

    Parameters
    ----------
    by : str or None
        Sensitive column whose groups are crossed with the outcome; None = by outcome alone.
    up, down : float
        Shares of the largest cell, ``up <= down``: smaller cells are topped up to ``up``, larger ones cut to
        ``down``. 0 and 1 = no change, 1 and 1 = all cells as large as the largest.
    seed : int
        Of the draw.
    """

    by: str | None
    up: float
    down: float
    seed: int = 0

    @property
    def words(self) -> str:
        """The recipe without its seed, as one says it; the column's name is as in the file."""
        cells = "outcome" if self.by is None else f"outcome × {self.by}"
        return f"{cells}, up {percent(self.up)}, down {percent(self.down)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One way to deal with few rows of a kind.

    Parameters
    ----------
    key, title, what : str
        Stable name, name on a page, and one plain sentence.
    resamples : bool
        Whether the model is trained on rows with another share of favourable outcomes, so that its scores move.
    trains : bool
        Whether a model of its own is trained.
    """

    key: str
    title: str
    what: str
    resamples: bool
    trains: bool = True


NONE: Final = Strategy(key="none", title="As it is", what="The training fold as it is.", resamples=False)
UP: Final = Strategy(
    key="up", title="Up, by outcome", resamples=True,
    what="Copies of the rarer outcome until both are as frequent.",
)  # fmt: skip
DOWN: Final = Strategy(
    key="down", title="Down, by outcome", resamples=True,
    what="Rows of the more frequent outcome are left out until both are as frequent.",
)  # fmt: skip
JOINT: Final = Strategy(
    key="joint", title="Your recipe", resamples=True,
    what="The cells of outcome and group are topped up and cut as set above.",
)  # fmt: skip
WEIGHTS: Final = Strategy(
    key="weights", title="Your recipe as weights", resamples=True,
    what="Every row once, weighed so that each cell counts as much as in your recipe: no copies, no seed.",
)  # fmt: skip
SMOTE: Final = Strategy(
    key="smote", title="SMOTE", resamples=True,
    what="Invented rows of the rarer outcome between neighbours, until both are as frequent.",
)  # fmt: skip
CORRECTED: Final = Strategy(
    key="corrected", title="Your recipe, prior-corrected", resamples=False, trains=False,
    what="The scores of your recipe, brought back to the share of favourable outcomes that there was.",
)  # fmt: skip
THRESHOLD: Final = Strategy(
    key="threshold", title="Threshold only", resamples=False, trains=False,
    what="The model as it is, at the threshold that approves as many as your recipe.",
)  # fmt: skip
STRATEGIES: Final[dict[str, Strategy]] = {
    s.key: s for s in (NONE, THRESHOLD, UP, DOWN, JOINT, CORRECTED, WEIGHTS, SMOTE)
}


def chosen_strategies(keys: tuple[str, ...]) -> tuple[Strategy, ...]:
    """Find strategies by key, in the order of the table; what others are derived from is always among them.

    Raises
    ------
    InvalidChoice
        When a key is not known.
    """
    for key in keys:
        if key not in STRATEGIES:
            msg = f"There is no strategy `{key}`. Choose from: {', '.join(STRATEGIES)}."
            raise InvalidChoice(msg, code="unknown_strategy")
    return tuple(s for s in STRATEGIES.values() if s.key in {*keys, NONE.key, JOINT.key})


def groups_of(dataset: Dataset, column: str | None) -> GroupIndex | None:
    """Divide the rows of a table by a column as everywhere else; None = no column."""
    return None if column is None else group_index(dataset.frame, column, bins=dataset.roles.bins.get(column))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Rows to train on, positions with repeats, and a factor for the weight of each, or None."""

    rows: Positions
    factor: FloatArray | None = None


def draw(strategy: Strategy, dataset: Dataset, train: Positions, recipe: Recipe, *, seed: int) -> Drawn:
    """Take the training rows of a strategy; only positions in ``train`` are ever returned."""
    outcome = dataset.outcome
    if strategy is UP:
        return Drawn(rows=resample(outcome, None, train, up=1.0, down=1.0, seed=seed))
    if strategy is DOWN:
        sizes = [cell.size for cell in cells_of(outcome, None, train)]
        return Drawn(rows=resample(outcome, None, train, up=0.0, down=min(sizes) / max(sizes), seed=seed))
    if strategy is JOINT:
        groups = groups_of(dataset, recipe.by)
        return Drawn(rows=resample(outcome, groups, train, up=recipe.up, down=recipe.down, seed=seed))
    if strategy is WEIGHTS:
        groups = groups_of(dataset, recipe.by)
        factor = weights(outcome, groups, train, up=recipe.up, down=recipe.down)
        return Drawn(rows=train, factor=factor)
    return Drawn(rows=train)


def favourable_share(outcome: NDArray[np.int8], weight: FloatArray | None) -> float:
    """Compute the weighted share of favourable outcomes of rows whose outcome is known."""
    return float(np.average(outcome == FAVOURABLE, weights=weight))
