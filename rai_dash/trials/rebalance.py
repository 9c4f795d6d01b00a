"""Up- and downsampling of the training fold only, a retrained model, and the untouched test fold.

Both models of the comparison are trained here in the same way; the only difference is the resampling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.counts import GroupCounts
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.types import FAVOURABLE, UNKNOWN
from rai_dash.data.counting import count
from rai_dash.data.dataset import Dataset
from rai_dash.data.groups import GroupIndex, group_index
from rai_dash.data.resample import resample
from rai_dash.models.client import Model
from rai_dash.trials.training import Progress, Trainer

Positions = NDArray[np.int64]
TEST_SHARE = 0.2
#: A training fold with fewer rows of either outcome teaches nothing.
FEWEST = 5


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Which rows are trained on, and which are kept untouched to judge by."""

    train: Positions
    test: Positions
    words: str


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


def make_fold(dataset: Dataset, held_out: NDArray[np.bool_] | None, *, seed: int) -> Fold:
    """Choose training and test rows: the data's own split, else a seeded one with the same outcome shares.

    Raises
    ------
    InvalidChoice
        When an outcome has too few rows.
    """
    labelled = dataset.outcome != UNKNOWN
    if held_out is not None:
        train, test = np.flatnonzero(labelled & ~held_out), np.flatnonzero(held_out)
        words = "the split that the data name"
    else:
        rng = np.random.default_rng(seed)
        draw = rng.random(dataset.n_rows)
        in_test = np.zeros(dataset.n_rows, dtype=bool)
        for outcome in (0, FAVOURABLE):
            rows = np.flatnonzero(dataset.outcome == outcome)
            in_test[rows[np.argsort(draw[rows], kind="stable")][: round(rows.size * TEST_SHARE)]] = True
        train, test = np.flatnonzero(labelled & ~in_test), np.flatnonzero(in_test)
        words = f"a split drawn here with seed {seed}, one fifth of each outcome held out"
    _check(dataset, train)
    return Fold(train=train, test=test, words=words)


def all_rows(dataset: Dataset) -> Fold:
    """Train on every labelled row: the test rows come from another data set."""
    train = np.flatnonzero(dataset.outcome != UNKNOWN)
    _check(dataset, train)
    return Fold(train=train, test=np.array([], dtype=np.int64), words="every row; judged on another data set")


def _check(dataset: Dataset, train: Positions) -> None:
    favourable = int((dataset.outcome[train] == FAVOURABLE).sum())
    fewest = min(favourable, train.size - favourable)
    if fewest < FEWEST:
        msg = (
            f"The training fold has {favourable:,} favourable and {train.size - favourable:,} unfavourable rows; "
            f"at least {FEWEST} of each are needed to train a model."
        )
        raise InvalidChoice(msg)


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
    groups = None if recipe.by is None else _groups(dataset, recipe.by)
    drawn = resample(
        dataset.outcome,
        groups,
        fold.train,
        up=recipe.up,
        down=recipe.down,
        seed=recipe.seed,
    )
    judged_on, rows = (dataset, fold.test) if test is None else (test, np.arange(test.n_rows))
    trainer = Trainer(dataset, model, cancelled=cancelled)
    say = progress or _say_nothing
    try:
        bench = _Bench(dataset, trainer, judged_on, rows, by=recipe.by)
        say(0, 2, "training on the fold as it is")
        before = bench.train(fold.train)
        say(1, 2, "training on the resampled fold")
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


def _groups(dataset: Dataset, column: str) -> GroupIndex:
    return group_index(dataset.frame, column, bins=dataset.roles.bins.get(column))


def cell_sizes(dataset: Dataset, positions: Positions, by: str | None) -> dict[str, int]:
    """Count the rows of each cell of outcome and group among some positions."""
    names = ("unfavourable", "favourable")
    groups = None if by is None else _groups(dataset, by)
    labels = (
        ["" for _ in positions] if groups is None else [groups.groups[c] for c in groups.codes[positions]]
    )
    table = pd.Series(
        [
            f"{names[o]}{' × ' + g if g else ''}"
            for o, g in zip(dataset.outcome[positions], labels, strict=True)
        ]
    ).value_counts()
    return {str(k): int(v) for k, v in table.sort_index().items()}


class _Bench:
    """Trains on positions of the training data and counts the untouched rows."""

    def __init__(
        self, dataset: Dataset, trainer: Trainer, judged_on: Dataset, rows: Positions, *, by: str | None
    ) -> None:
        self._dataset, self._trainer, self._by = dataset, trainer, by
        self._frame = judged_on.frame.iloc[rows].reset_index(drop=True)
        self._outcome = judged_on.outcome[rows]
        self._weight = judged_on.weight[rows] if judged_on.roles.weight else None
        self._groups: GroupIndex | None = None
        if by is not None:
            whole = _groups(judged_on, by)
            self._groups = GroupIndex(whole.column, whole.groups, whole.codes[rows])

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
