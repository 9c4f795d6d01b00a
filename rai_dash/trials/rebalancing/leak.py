"""A warning example: what is shown when rows are resampled before the split. It makes no model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from rai_dash.core.texts import tr
from rai_dash.core.types import FAVOURABLE
from rai_dash.data.dataset import Dataset
from rai_dash.data.resample import resample
from rai_dash.metrics.table import metric_table
from rai_dash.models.client import Model
from rai_dash.trials.rebalancing.folds import TEST_SHARE, make_fold
from rai_dash.trials.rebalancing.results import Bench, Positions, Scored
from rai_dash.trials.training import Progress, Trainer


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """The same copies made before and after the split.

    Parameters
    ----------
    shown_auc, honest_auc : float or None
        With copies made before the split, and after it; None = undefined.
    shown_precision, honest_precision : float or None
        At a threshold of one half.
    copied : int
        Test rows of the wrong way that were trained on as well.
    test_rows : int
        Of the wrong way.
    seed : int
        Of the draws.
    """

    shown_auc: float | None
    honest_auc: float | None
    shown_precision: float | None
    honest_precision: float | None
    copied: int
    test_rows: int
    seed: int

    def to_json(self) -> dict[str, object]:
        """Return plain values; undefined = None."""
        return asdict(self)


def leak_example(
    dataset: Dataset,
    model: Model | None,
    *,
    seed: int,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Leak:
    """Copy the rarer outcome before the split, as is often done, and after it, as it should be.

    Parameters
    ----------
    dataset : Dataset
        A split that it names is not used: the wrong way draws its own.
    model : Model or None
        Its kind is trained again where that is possible; else a stand-in.
    seed : int
        Of the copies and of both splits.
    progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.

    Raises
    ------
    RaiError
        When training fails or was stopped.
    """
    trainer = Trainer(dataset, model, cancelled=cancelled)
    try:
        fold = make_fold(dataset, None, seed=seed, features=trainer.features)
        _say(progress, 0, tr("the wrong way: copies first, then the split"))
        train, test = copied_before_the_split(dataset, seed=seed)
        shown = _judged(dataset, trainer, train, test)
        _say(progress, 1, tr("the right way: the split first, then copies of training rows"))
        drawn = resample(dataset.outcome, None, fold.train, seed=seed)
        honest = _judged(dataset, trainer, drawn, fold.test)
    finally:
        trainer.close()
    return Leak(
        shown_auc=_figure(shown, "auc"), honest_auc=_figure(honest, "auc"),
        shown_precision=_figure(shown, "precision"), honest_precision=_figure(honest, "precision"),
        copied=int(np.isin(test, train).sum()), test_rows=int(test.size), seed=seed,
    )  # fmt: skip


def _say(progress: Progress | None, done: int, note: str) -> None:
    if progress is not None:
        progress(done, 2, note)


def copied_before_the_split(dataset: Dataset, *, seed: int) -> tuple[Positions, Positions]:
    """Make the mistake: top the rarer outcome up, then hold out one fifth of what came out. For the example only."""
    drawn = resample(dataset.outcome, None, np.arange(dataset.n_rows), seed=seed)
    shuffled = np.random.default_rng(seed).permutation(drawn)
    cut = round(shuffled.size * TEST_SHARE)
    return shuffled[cut:], shuffled[:cut]


def _judged(dataset: Dataset, trainer: Trainer, train: Positions, test: Positions) -> Scored:
    bench = Bench(dataset, test, None)
    weight = dataset.weight[train] if dataset.roles.weight else None
    favourable = dataset.outcome[train] == FAVOURABLE
    return bench.judge(trainer.fit(dataset.frame.iloc[train], favourable, weight, bench.frame).score)


def _figure(scored: Scored, name: str) -> float | None:
    return metric_table(scored.everyone, 0.5, bootstrap=0, metrics=(name,)).estimate(name, 0).value
