"""Mitigation trials: whether the gap between groups can be made smaller, and what that costs whom.

Everything is trained on the training fold. The test rows are cut in two halves: rules that need outcomes to choose
by are chosen on one, and every method, the model as it is included, is reported on the other.
"""

from __future__ import annotations

from collections.abc import Callable

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.dataset import Dataset
from rai_dash.models.client import Model
from rai_dash.trials.mitigating.laboratory import Laboratory, Steps
from rai_dash.trials.mitigating.results import Goal, Judged, Mitigated, Trial
from rai_dash.trials.rebalance import Fold
from rai_dash.trials.training import Progress, Trainer


def mitigate(
    dataset: Dataset,
    model: Model | None,
    *,
    by: str,
    goal: Goal,
    threshold: float,
    seed: int,
    fold: Fold,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Mitigated:
    """Try every method, and judge all of them on the same untouched rows.

    Parameters
    ----------
    dataset : Dataset
        Its weights, where it has some, count in training by reweighing and in every figure.
    model : Model or None
        Its kind is trained again where that is possible; else a stand-in, named as one.
    by : str
        Sensitive column.
    goal : Goal
        The gap to make smaller.
    threshold : float
        Of every method that gives a score.
    seed : int
        Of the halves and of bootstraps.
    fold : Fold
        From `rai_dash.trials.rebalance.make_fold`; needs test rows.
    progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.

    Returns
    -------
    Mitigated
        A method that cannot be tried says why.

    Raises
    ------
    InvalidChoice
        Without test rows or without a column to train on.
    RaiError
        When the model as it is cannot be trained, or the work was stopped.
    """
    if not fold.test.size:
        msg = tr("There is no test row to judge on. Name a split column with test rows, or none.")
        raise InvalidChoice(msg)
    trainer = Trainer(dataset, model, cancelled=cancelled)
    try:
        laboratory = Laboratory(
            dataset, trainer, fold, by=by, goal=Goal(goal), threshold=threshold, seed=seed
        )
        return laboratory.run(Steps(progress))
    finally:
        trainer.close()


__all__ = ["Goal", "Judged", "Mitigated", "Trial", "mitigate"]
