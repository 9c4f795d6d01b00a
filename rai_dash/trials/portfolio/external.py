"""XGBoost on more rows than the memory holds: batches pass by, and what it keeps of them lies on the disk.

Source: XGBoost 3, "Using XGBoost External Memory Version" (``ExtMemQuantileDMatrix`` with a ``DataIter``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.stopping import CancelCheck, stop_if
from rai_dash.core.texts import tr
from rai_dash.models._xgboost.labels import with_plain_names, write_labels
from rai_dash.models.refit import Refitted
from rai_dash.trials.portfolio.columns import ModelColumns
from rai_dash.trials.portfolio.rows import PortfolioRows, TrainingBatch

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRecipe:
    """How trees are grown: parameters for ``xgboost.train``, boosting rounds, and both in words."""

    params: Mapping[str, Any]
    rounds: int
    words: str
    positive_is_favourable: bool = True


def train_external(
    rows: PortfolioRows,
    columns: ModelColumns,
    recipe: TreeRecipe,
    *,
    folder: Path,
    on_progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> Refitted:
    """Train XGBoost on all training rows of a portfolio, with the weights of its cells.

    Parameters
    ----------
    rows : PortfolioRows
        Read once for the edges of the bins and once for the bins; never in memory as a whole.
    columns : ModelColumns
        What is trained on.
    recipe : TreeRecipe
        Kind, depth and number of the trees.
    folder : path
        Where XGBoost keeps its bins, about one byte a cell; its files there are removed afterwards.
    on_progress, cancelled : callable, optional
        Told the trees grown; asked whether to stop.

    Returns
    -------
    Refitted
        The model as ``.ubj``.

    Raises
    ------
    InvalidChoice
        When XGBoost refuses the rows.
    """
    import xgboost

    source = _source(rows, columns, recipe, folder / "xgboost-bins", cancelled)
    try:
        data = xgboost.ExtMemQuantileDMatrix(source, enable_categorical=True)
        watch = _watch(recipe.rounds, on_progress, cancelled)
        booster = xgboost.train(_settings(recipe), data, num_boost_round=recipe.rounds, callbacks=[watch])
    except xgboost.core.XGBoostError as error:
        said = str(error).strip().splitlines()[-1][:200]
        msg = tr("XGBoost could not train on these rows. It says: {said}.", said=said)
        raise InvalidChoice(msg, code="cannot_refit") from error
    write_labels(booster, true_labels_of(columns))
    return Refitted(bytes(booster.save_raw("ubj")), recipe.words)


def _settings(recipe: TreeRecipe) -> dict[str, Any]:
    threads = os.cpu_count() or 1
    return {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "nthread": threads,
        "seed": 0,
        **recipe.params,
    }


def true_labels_of(columns: ModelColumns) -> dict[str, list[str]]:
    """Return the labels that the file cannot hold, by column; see `with_plain_names`."""
    import pandas as pd

    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in columns.names})
    return with_plain_names(columns.matrix(empty))[1]


def _source(
    rows: PortfolioRows,
    columns: ModelColumns,
    recipe: TreeRecipe,
    prefix: Path,
    cancelled: CancelCheck | None,
) -> Any:
    """Hand batches to XGBoost, as often as it asks."""
    import xgboost

    class Source(xgboost.DataIter):
        """The batches of the training rows."""

        def __init__(self) -> None:
            self._left: Iterator[TrainingBatch] = iter(())
            super().__init__(cache_prefix=str(prefix))

        def reset(self) -> None:
            """Start again."""
            self._left = rows.batches(columns.names)

        def next(self, input_data: Callable[..., Any]) -> bool:
            """Hand over one batch; False at the end."""
            stop_if(cancelled)
            batch = next(self._left, None)
            if batch is None:
                return False
            good = batch.favourable if recipe.positive_is_favourable else ~batch.favourable
            plain, _ = with_plain_names(columns.matrix(batch.frame))
            input_data(data=plain, label=good.astype("float32"), weight=batch.weight)
            return True

    return Source()


def _watch(rounds: int, on_progress: Progress | None, cancelled: CancelCheck | None) -> Any:
    import xgboost

    class Watch(xgboost.callback.TrainingCallback):
        """Tells how many trees are grown, and stops when asked to."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            """Report a round."""
            del model, evals_log
            stop_if(cancelled)
            if on_progress is not None:
                on_progress(epoch + 1, rounds, "trees grown")
            return False

    return Watch()
