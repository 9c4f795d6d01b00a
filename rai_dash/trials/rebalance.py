"""Up- and downsampling of the training fold only, a retrained model, and the untouched test fold.

Both models of the comparison are trained here in the same way; the only difference is the resampling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex
from rai_dash.models.client import Model
from rai_dash.trials.rebalancing.cells import cell_sizes
from rai_dash.trials.rebalancing.folds import Fold, all_rows, make_fold
from rai_dash.trials.rebalancing.recipe import Recipe, groups_of
from rai_dash.trials.rebalancing.strategies import recipe_rows
from rai_dash.trials.training import Progress, Trainer

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """One of the two models: its file, and its counts on the test rows for everyone and by group."""

    content: bytes
    recipe: str
    everyone: GroupCounts
    by_group: GroupCounts | None
    cells: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebalanced:
    """Before and after, on the same untouched rows.

    ``kind`` says what was trained; ``is_stand_in`` marks a model that is not the user's own kind.
    """

    before: Trained
    after: Trained
    fold: Fold
    kind: str
    is_stand_in: bool
    test_rows: int


def rebalance(
    dataset: Dataset,
    model: Model | None,
    *,
    recipe: Recipe,
    fold: Fold,
    test: Dataset | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Rebalanced:
    """Train the same kind of model on the fold as it is and on the resampled fold, and judge both.

    Parameters
    ----------
    dataset : Dataset
        Rows to train on.
    model : Model or None
        Its kind is trained again where that is possible; else a stand-in, named as one.
    recipe : Recipe
        The resampling.
    fold : Fold
        From `make_fold` or `all_rows`.
    test : Dataset, optional
        Another data set to judge on; None = the test rows of the fold.
    progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.

    Returns
    -------
    Rebalanced

    Raises
    ------
    RaiError
        When training fails or was stopped.
    """
    drawn = recipe_rows(dataset, fold.train, recipe, seed=recipe.seed)
    judged_on, rows = (dataset, fold.test) if test is None else (test, np.arange(test.n_rows))
    trainer = Trainer(dataset, model, cancelled=cancelled)
    say = progress or _say_nothing
    try:
        bench = _Bench(dataset, trainer, judged_on, rows, by=recipe.by)
        say(0, 2, tr("training on the fold as it is"))
        before = bench.train(fold.train)
        say(1, 2, tr("training on the resampled fold"))
        after = bench.train(drawn)
        say(2, 2, "done")
    finally:
        trainer.close()
    return Rebalanced(
        before=before,
        after=after,
        fold=fold,
        kind=trainer.kind,
        is_stand_in=trainer.is_stand_in,
        test_rows=int(rows.size),
    )


def _say_nothing(done: int, total: int, note: str) -> None:
    del done, total, note


class _Bench:
    """Trains on positions of the training data and counts the untouched rows."""

    def __init__(
        self, dataset: Dataset, trainer: Trainer, judged_on: Dataset, rows: Positions, *, by: str | None
    ) -> None:
        self._dataset, self._trainer, self._by = dataset, trainer, by
        self._frame = judged_on.frame.iloc[rows].reset_index(drop=True)
        self._outcome = judged_on.outcome[rows]
        self._weight = judged_on.weight[rows] if judged_on.roles.weight else None
        whole = groups_of(judged_on, by)
        self._groups = None if whole is None else replace(whole, codes=whole.codes[rows])

    def train(self, positions: Positions) -> Trained:
        """Train on some positions (with repeats) and count the test rows."""
        dataset = self._dataset
        made = self._trainer.fit(
            dataset.frame.iloc[positions],
            dataset.outcome[positions] == FAVOURABLE,
            dataset.weight[positions] if dataset.roles.weight else None,
            self._frame,
        )
        return Trained(
            content=made.content,
            recipe=made.recipe,
            everyone=self._count(made.score, None),
            by_group=None if self._groups is None else self._count(made.score, self._groups),
            cells=cell_sizes(dataset, positions, self._by),
        )

    def _count(self, score: NDArray[np.float64], groups: GroupIndex | None) -> GroupCounts:
        return count(self._outcome, score, groups, weight=self._weight)


__all__ = [
    "Fold",
    "Rebalanced",
    "Recipe",
    "Trained",
    "all_rows",
    "cell_sizes",
    "make_fold",
    "rebalance",
]
