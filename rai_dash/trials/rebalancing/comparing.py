"""Training every strategy on the same folds under several seeds, and judging all on the same untouched rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import Cancelled, InvalidChoice, RaiError
from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE
from rai_dash.data.dataset import Dataset
from rai_dash.models.client import Model
from rai_dash.models.refit import TRAIN_TIMEOUT_S
from rai_dash.sandbox.arrow import frame_from_ipc, frame_to_ipc
from rai_dash.sandbox.client import run_once
from rai_dash.trials.rebalancing.cells import cell_sizes
from rai_dash.trials.rebalancing.correction import prior_corrected
from rai_dash.trials.rebalancing.folds import Fold, fold_of, looks
from rai_dash.trials.rebalancing.own_column import check_own_column
from rai_dash.trials.rebalancing.preview import cautions, cell_facts, preview
from rai_dash.trials.rebalancing.recipe import Recipe, groups_of
from rai_dash.trials.rebalancing.results import Bench, Compared, Run, Scored, Variant
from rai_dash.trials.rebalancing.smote import SMOTE_OP, check_smote
from rai_dash.trials.rebalancing.strategies import (
    CORRECTED,
    JOINT,
    NONE,
    OWN,
    SMOTE,
    THRESHOLD,
    WEIGHTS,
    Strategy,
    chosen_strategies,
    draw,
    favourable_share,
)
from rai_dash.trials.training import Fitted, Progress, Trainer

FloatArray = NDArray[np.float64]
MOST_SEEDS: Final = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class _Training:
    """Rows handed to the trainer, and what is said about them."""

    frame: pd.DataFrame
    favourable: NDArray[np.bool_]
    weight: FloatArray | None
    cells: dict[str, int]


class _Arena:
    """One fold with its untouched rows."""

    def __init__(self, dataset: Dataset, fold: Fold, test: Dataset | None, recipe: Recipe) -> None:
        judged_on = dataset if test is None else test
        rows = fold.test if test is None else np.arange(test.n_rows)
        self.fold, self.bench = fold, Bench(judged_on, rows, groups_of(judged_on, recipe.by))
        if not self.bench.rows.size:
            msg = tr("No row to judge on has an outcome. Choose other data, or name the outcome.")
            raise InvalidChoice(msg, code="no_test_rows")


class Comparison:
    """The training runs of one comparison: one data set, one trainer, one recipe."""

    def __init__(
        self,
        dataset: Dataset,
        trainer: Trainer,
        recipe: Recipe,
        *,
        test: Dataset | None,
        held_out: NDArray[np.bool_] | None,
        step: Callable[[str], None],
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._dataset, self._trainer, self._recipe, self._test = dataset, trainer, recipe, test
        self._held_out, self._step, self._cancelled = held_out, step, cancelled
        self._weight = dataset.weight if dataset.roles.weight else None

    def run(self, strategies: Sequence[Strategy], seeds: Sequence[int]) -> Compared:
        """Train and judge all; a strategy that cannot be trained says why, unless the others hang on it."""
        arenas = self._arenas(seeds)
        trained = {s.key: self._variant(s, arenas, seeds) for s in strategies if s.trains}
        for needed in (NONE, JOINT):
            if trained[needed.key].failed is not None:
                raise InvalidChoice(str(trained[needed.key].failed), code="cannot_train")
        variants = tuple(trained[s.key] if s.trains else _derived(s, trained) for s in strategies)
        first = arenas[0]
        return Compared(
            variants=variants,
            recipe=self._recipe,
            seeds=tuple(seeds),
            kind=self._trainer.kind,
            is_stand_in=self._trainer.is_stand_in,
            fold=first.fold.words,
            fold_is_drawn=first.fold.is_drawn,
            dropped=first.fold.dropped,
            twins=first.fold.twins,
            train_rows=int(first.fold.train.size),
            test_rows=int(first.bench.rows.size),
            cautions=self._cautions(first.fold),
        )

    def _cautions(self, fold: Fold) -> tuple[str, ...]:
        hashes = looks(self._dataset, self._trainer.features)
        cells = cell_facts(self._dataset, fold.train, hashes, self._recipe.by)
        return cautions(preview(cells, self._recipe))

    def _arenas(self, seeds: Sequence[int]) -> list[_Arena]:
        """Return a fold a seed; the same one again where nothing is drawn."""
        fold = self._fold(seeds[0])
        first = _Arena(self._dataset, fold, self._test, self._recipe)
        if not fold.is_drawn:
            return [first] * len(seeds)
        others = [_Arena(self._dataset, self._fold(s), None, self._recipe) for s in seeds[1:]]
        return [first, *others]

    def _fold(self, seed: int) -> Fold:
        return fold_of(
            self._dataset, self._held_out, test=self._test, seed=seed, features=self._trainer.features
        )

    def _variant(self, strategy: Strategy, arenas: Sequence[_Arena], seeds: Sequence[int]) -> Variant:
        # Nothing is drawn: with the same rows the same model comes out.
        is_fixed = strategy in {NONE, WEIGHTS, OWN} and not arenas[0].fold.is_drawn
        runs: list[Run] = []
        content, words = b"", ""
        for arena, seed in zip(arenas, seeds, strict=True):
            self._step(tr("{strategy}, seed {seed}", strategy=strategy.title, seed=seed))
            if is_fixed and runs:
                runs.append(replace(runs[0], seed=seed))
                continue
            try:
                run, fitted = self._train(strategy, arena, seed)
            except Cancelled:
                raise
            except RaiError as error:
                return Variant(strategy=strategy, failed=error.message)
            if not runs:
                content, words = fitted.content, fitted.recipe
            runs.append(run)
        return Variant(strategy=strategy, runs=tuple(runs), content=content, trained=words)

    def _train(self, strategy: Strategy, arena: _Arena, seed: int) -> tuple[Run, Fitted]:
        train = arena.fold.train
        if strategy is OWN and self._recipe.column in self._trainer.features:
            msg = tr(
                "`{column}` is a feature of this model, which cannot be trained again without it. Choose "
                "another column.",
                column=self._recipe.column,
            )
            raise InvalidChoice(msg, code="own_column")
        rows = self._smote(train, seed) if strategy is SMOTE else self._rows(strategy, train, seed)
        fitted = self._trainer.fit(rows.frame, rows.favourable, rows.weight, arena.bench.frame)
        own = None if self._weight is None else self._weight[train]
        prior = favourable_share(self._dataset.outcome[train], own)
        after = favourable_share(rows.favourable.astype(np.int8), rows.weight)
        corrected: Scored | None = None
        if strategy.resamples:
            corrected = arena.bench.judge(prior_corrected(fitted.score, before=prior, after=after))
        run = Run(
            seed=seed, scored=arena.bench.judge(fitted.score), corrected=corrected, cells=rows.cells,
            train_rows=len(rows.frame), prior=prior, prior_after=after,
        )  # fmt: skip
        return run, fitted

    def _rows(self, strategy: Strategy, train: NDArray[np.int64], seed: int) -> _Training:
        dataset = self._dataset
        drawn = draw(strategy, dataset, train, self._recipe, seed=seed)
        weight = None if self._weight is None else self._weight[drawn.rows]
        if drawn.factor is not None:
            weight = drawn.factor if weight is None else weight * drawn.factor
        return _Training(
            frame=dataset.frame.iloc[drawn.rows],
            favourable=dataset.outcome[drawn.rows] == FAVOURABLE,
            weight=weight,
            cells=cell_sizes(dataset, drawn.rows, self._recipe.by),
        )

    def _smote(self, train: NDArray[np.int64], seed: int) -> _Training:
        """Invent rows from the training rows alone; an invented row has no weight of its own and counts 1."""
        frame = self._dataset.frame[list(self._trainer.features)].iloc[train]
        favourable = self._dataset.outcome[train] == FAVOURABLE
        check_smote(frame, favourable)
        reply = run_once(
            SMOTE_OP, {"seed": seed}, [frame_to_ipc(frame), favourable.astype(np.int8).tobytes()],
            timeout=TRAIN_TIMEOUT_S, cancelled=self._cancelled,
        )  # fmt: skip
        rows = frame_from_ipc(reply.blobs[0])
        good = np.frombuffer(reply.blobs[1], dtype=np.int8) == FAVOURABLE
        weight = None
        if self._weight is not None:
            weight = np.concatenate((self._weight[train], np.ones(len(rows) - train.size)))
        cells = {"unfavourable": int((~good).sum()), "favourable": int(good.sum())}
        return _Training(frame=rows, favourable=good, weight=weight, cells=cells)


def _derived(strategy: Strategy, trained: dict[str, Variant]) -> Variant:
    """Build the variants that need no training of their own."""
    if strategy is THRESHOLD:
        return Variant(strategy=strategy, runs=trained[NONE.key].runs)
    runs = [
        replace(run, scored=run.corrected, corrected=None)
        for run in trained[JOINT.key].runs
        if run.corrected is not None
    ]
    assert strategy is CORRECTED  # noqa: S101 - the two derived strategies
    return Variant(strategy=strategy, runs=tuple(runs))


def compare_strategies(
    dataset: Dataset,
    model: Model | None,
    *,
    recipe: Recipe,
    strategies: tuple[str, ...],
    seeds: int = 3,
    test: Dataset | None = None,
    held_out: NDArray[np.bool_] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Compared:
    """Train the same kind of model under each strategy and judge all on the same untouched rows.

    Parameters
    ----------
    dataset : Dataset
        Rows to train on.
    model : Model or None
        Its kind is trained again where that is possible; else a stand-in, named as one.
    recipe : Recipe
        Of the strategies ``joint``, ``weights`` and ``corrected``; its seed is the first of several.
    strategies : tuple of str
        Keys of `STRATEGIES`; ``none`` and ``joint`` are always among them, and ``own`` where the recipe names a column,
        which is then no feature of a stand-in.
    seeds : int
        1 to 8. Seed s + i redraws what is resampled, and the split where the data name none.
    test : Dataset, optional
        Other rows to judge on: then every labelled row of ``dataset`` that is not held out is trained on.
    held_out : bool (n,), optional
        Rows that the data keep for the test; None = a split is drawn.
    progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.

    Returns
    -------
    Compared

    Raises
    ------
    RaiError
        When the model cannot be trained as it is or under the recipe, or was stopped.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        msg = tr(
            "{seeds} seeds were asked for. Choose 1 to {most_seeds}.", seeds=seeds, most_seeds=MOST_SEEDS
        )
        raise InvalidChoice(msg)
    chosen = chosen_strategies(strategies, recipe)
    if recipe.column is not None:
        check_own_column(dataset, recipe.column)
    total, done = seeds * sum(s.trains for s in chosen), 0

    def step(note: str) -> None:
        nonlocal done
        if progress is not None:
            progress(done, total, note)
        done += 1

    trainer = Trainer(dataset, model, without=recipe.column, cancelled=cancelled)
    try:
        runs = Comparison(
            dataset, trainer, recipe, test=test, held_out=held_out, step=step, cancelled=cancelled
        )
        return runs.run(chosen, range(recipe.seed, recipe.seed + seeds))
    finally:
        trainer.close()
