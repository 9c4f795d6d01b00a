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
from rai_dash.models.client import Model, load_model
from rai_dash.sandbox.arrow import frame_to_ipc

Positions = NDArray[np.int64]
Progress = Callable[[int, int, str], None]
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
    trainer = _Trainer(dataset, model, judged_on, rows, by=recipe.by, cancelled=cancelled)
    say = progress or _say_nothing
    try:
        say(0, 2, "training on the fold as it is")
        before = trainer.train(fold.train)
        say(1, 2, "training on the resampled fold")
        after = trainer.train(drawn)
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


class _Trainer:
    """Trains and judges with its own model process, so that no page waits for it."""

    def __init__(
        self,
        dataset: Dataset,
        model: Model | None,
        judged_on: Dataset,
        rows: Positions,
        *,
        by: str | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._dataset, self._judged_on, self._rows, self._by = dataset, judged_on, rows, by
        self._cancelled = cancelled
        self._model: Model | None = None
        if model is not None and model.info.can_refit:
            self._model = load_model(
                model.content, model_class=model.model_class, feature_names=model.info.feature_names
            )
        self.is_stand_in = self._model is None
        self.kind = "a stand-in" if self._model is None else self._model.info.family

    def train(self, positions: Positions) -> Trained:
        """Train on some positions (with repeats) and count the test rows."""
        from rai_dash.models.refit import train_again, train_stand_in

        favourable = self._dataset.outcome[positions] == FAVOURABLE
        if self._model is not None:
            names = list(self._model.info.feature_names)
            rows = self._dataset.frame.iloc[positions][names]
            label = favourable if self._model.favourable_index == 1 else ~favourable
            made = train_again(self._model, frame_to_ipc(rows), label, cancelled=self._cancelled)
            model_class: str | None = self._model.model_class
        else:
            if not self._dataset.features:
                msg = (
                    "No column is left to train a model on. Give some columns no role, or name the features."
                )
                raise InvalidChoice(msg)
            rows = self._dataset.frame.iloc[positions][list(self._dataset.features)]
            made = train_stand_in(frame_to_ipc(rows), favourable, cancelled=self._cancelled)
            model_class = None
        with load_model(made.content, model_class=model_class) as fresh:
            score = fresh.score(self._judged_on.frame.iloc[self._rows].reset_index(drop=True)).scores
            if self.is_stand_in:
                self.kind = f"a stand-in ({fresh.info.family})"
        outcome = self._judged_on.outcome[self._rows]
        by_group = None
        if self._by is not None:
            whole = _groups(self._judged_on, self._by)
            part = GroupIndex(whole.column, whole.groups, whole.codes[self._rows])
            by_group = count(outcome, score, part)
        return Trained(
            content=made.content,
            recipe=made.recipe,
            everyone=count(outcome, score, None),
            by_group=by_group,
            cells=cell_sizes(self._dataset, positions, self._by),
        )

    def close(self) -> None:
        """End the model process."""
        if self._model is not None:
            self._model.close()
