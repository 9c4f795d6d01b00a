"""The strategies that are compared, in words, and which training rows each of them takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE
from rai_dash.data.cell_plan import cells_of
from rai_dash.data.dataset import Dataset
from rai_dash.data.resample import resample, weights
from rai_dash.trials.rebalancing.own_column import own_factor
from rai_dash.trials.rebalancing.recipe import Recipe, groups_of

Positions = NDArray[np.int64]
FloatArray = NDArray[np.float64]


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


NONE: Final = Strategy(
    key="none", title=mark("As it is"), what=mark("The training fold as it is."), resamples=False
)
UP: Final = Strategy(
    key="up", title=mark("Up, by outcome"), resamples=True,
    what=mark("Copies of the rarer outcome until both are as frequent."),
)  # fmt: skip
DOWN: Final = Strategy(
    key="down", title=mark("Down, by outcome"), resamples=True,
    what=mark("Rows of the more frequent outcome are left out until both are as frequent."),
)  # fmt: skip
JOINT: Final = Strategy(
    key="joint", title=mark("Your recipe"), resamples=True,
    what=mark("The cells of outcome and group are topped up and cut as set above."),
)  # fmt: skip
WEIGHTS: Final = Strategy(
    key="weights", title=mark("Your recipe as weights"), resamples=True,
    what=mark("Every row once, weighed so that each cell counts as much as in your recipe: no copies, no seed."),
)  # fmt: skip
SMOTE: Final = Strategy(
    key="smote", title=mark("SMOTE"), resamples=True,
    what=mark("Invented rows of the rarer outcome between neighbours, until both are as frequent."),
)  # fmt: skip
OWN: Final = Strategy(
    key="own", title=mark("Your own column"), resamples=True,
    what=mark("The training rows that your column takes, each with the weight it gives."),
)  # fmt: skip
CORRECTED: Final = Strategy(
    key="corrected", title=mark("Your recipe, prior-corrected"), resamples=False, trains=False,
    what=mark("The scores of your recipe, brought back to the share of favourable outcomes that there was."),
)  # fmt: skip
THRESHOLD: Final = Strategy(
    key="threshold", title=mark("Threshold only"), resamples=False, trains=False,
    what=mark("The model as it is, at the threshold that approves as many as your recipe."),
)  # fmt: skip
STRATEGIES: Final[dict[str, Strategy]] = {
    s.key: s for s in (NONE, THRESHOLD, UP, DOWN, JOINT, CORRECTED, WEIGHTS, OWN, SMOTE)
}


def chosen_strategies(keys: tuple[str, ...], recipe: Recipe) -> tuple[Strategy, ...]:
    """Find strategies by key, in the order of the table; what others are derived from is always among them.

    So is the recipe's own column, where it names one.

    Raises
    ------
    InvalidChoice
        When a key is not known, or the own column is asked for and not named.
    """
    for key in keys:
        if key not in STRATEGIES:
            msg = tr(
                "There is no strategy `{key}`. Choose from: {strategies}.",
                key=key,
                strategies=", ".join(STRATEGIES),
            )
            raise InvalidChoice(msg, code="unknown_strategy")
    if OWN.key in keys and recipe.column is None:
        msg = tr("The strategy `own` needs a column that says which rows are trained on. Name the column.")
        raise InvalidChoice(msg, code="no_own_column")
    always = {NONE.key, JOINT.key} | (set() if recipe.column is None else {OWN.key})
    return tuple(s for s in STRATEGIES.values() if s.key in {*keys, *always})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """Rows to train on, positions with repeats, and a factor for the weight of each, or None."""

    rows: Positions
    factor: FloatArray | None = None


def draw(strategy: Strategy, dataset: Dataset, train: Positions, recipe: Recipe, *, seed: int) -> Drawn:
    """Take the training rows of a strategy; only positions in ``train`` are ever returned.

    Raises
    ------
    InvalidChoice
        When the recipe or the own column does not fit the rows.
    """
    outcome = dataset.outcome
    if strategy is UP:
        return Drawn(rows=resample(outcome, None, train, up=1.0, down=1.0, seed=seed))
    if strategy is DOWN:
        sizes = [rows.size for _, _, rows in cells_of(outcome, None, train)]
        return Drawn(rows=resample(outcome, None, train, up=0.0, down=min(sizes) / max(sizes), seed=seed))
    if strategy is JOINT:
        return Drawn(rows=recipe_rows(dataset, train, recipe, seed=seed))
    if strategy is WEIGHTS:
        groups = groups_of(dataset, recipe.by)
        factor = weights(outcome, groups, train, up=recipe.up, down=recipe.down, own=recipe.cells)
        return _without_zero(train, factor)
    if strategy is OWN and recipe.column is not None:
        return _without_zero(train, own_factor(dataset, recipe.column, train))
    return Drawn(rows=train)


def recipe_rows(dataset: Dataset, train: Positions, recipe: Recipe, *, seed: int) -> Positions:
    """Draw the training rows of a recipe: positions with repeats."""
    groups = groups_of(dataset, recipe.by)
    return resample(
        dataset.outcome, groups, train, up=recipe.up, down=recipe.down, own=recipe.cells, seed=seed
    )


def _without_zero(train: Positions, factor: FloatArray) -> Drawn:
    """Leave out rows that count nothing: some kinds of models would still learn from their values."""
    taken = factor > 0
    left = factor[taken]
    return Drawn(rows=train[taken], factor=None if (left == 1.0).all() else left)


def favourable_share(outcome: NDArray[np.int8], weight: FloatArray | None) -> float:
    """Compute the weighted share of favourable outcomes of rows whose outcome is known."""
    return float(np.average(outcome == FAVOURABLE, weights=weight))
