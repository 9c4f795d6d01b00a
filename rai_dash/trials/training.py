"""Training one kind of model again and again in its own process, so that only the method differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import tr
from rai_dash.data.columns import is_number
from rai_dash.data.dataset import Dataset
from rai_dash.models.client import Model, load_model
from rai_dash.models.refit import TRAIN_TIMEOUT_S, train_again, train_stand_in
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Reply, run_once

FloatArray = NDArray[np.float64]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A trained model: its file, how it was trained in words, and its scores of the rows asked for, float64 (m,)."""

    content: bytes
    recipe: str
    score: FloatArray


def features_of(dataset: Dataset, model: Model | None, *, without: str | None = None) -> tuple[str, ...]:
    """Name the columns that training uses: those of a model that can be trained again, else those offered.

    ``without`` is left out of what is offered; a model of one's own has the columns that it has.
    """
    if model is not None and model.info.can_refit:
        return model.info.feature_names
    return tuple(c for c in dataset.features if c != without)


class Trainer:
    """The model's own kind where that can be trained again, else the stand-in, with a process of its own.

    Parameters
    ----------
    dataset : Dataset
        Says which columns a stand-in may use.
    model : Model or None
        Its kind is trained again where that is possible.
    without : str, optional
        Column that a stand-in may not use.
    cancelled : callable, optional
        Asked whether to stop.

    Raises
    ------
    InvalidChoice
        When no column is left to train on.

    Attributes
    ----------
    kind : str
        What is trained, in words.
    recipe : str
        How, once something was trained.
    is_stand_in : bool
        Whether it is another kind than the user's model.
    features : tuple of str
        Its columns.
    """

    def __init__(
        self,
        dataset: Dataset,
        model: Model | None,
        *,
        without: str | None = None,
        cancelled: CancelCheck | None = None,
    ) -> None:
        self._cancelled = cancelled
        self._model: Model | None = None
        self.recipe = ""
        if model is not None and model.info.can_refit:
            self._model = load_model(
                model.content, model_class=model.model_class, feature_names=model.info.feature_names
            )
        self.is_stand_in = self._model is None
        self.kind = tr("a stand-in") if self._model is None else self._model.info.family
        self.features = features_of(dataset, self._model, without=without)
        if not self.features:
            msg = tr(
                "No column is left to train a model on. Give some columns no role, or name the features."
            )
            raise InvalidChoice(msg)

    def numeric(self, frame: pd.DataFrame) -> tuple[str, ...]:
        """Name the features that are numbers in the table and to the model."""
        listed = () if self._model is None else self._model.info.features
        taken = {f.name for f in listed if f.kind == "category" or f.categories}
        return tuple(name for name in self.features if name not in taken and is_number(frame[name]))

    def _label(self, favourable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Turn the favourable outcome into class 1 of the model."""
        return ~favourable if self._model is not None and self._model.favourable_index == 0 else favourable

    def fit(
        self,
        train: pd.DataFrame,
        favourable: NDArray[np.bool_],
        weight: FloatArray | None,
        judged: pd.DataFrame,
    ) -> Fitted:
        """Train on rows with these outcomes and weights, and score the rows of ``judged``."""
        rows, label = frame_to_ipc(train[list(self.features)]), self._label(favourable)
        if self._model is not None:
            made = train_again(self._model, rows, label, weight=weight, cancelled=self._cancelled)
            model_class: str | None = self._model.model_class
        else:
            made = train_stand_in(rows, label, weight=weight, cancelled=self._cancelled)
            model_class = None
        with load_model(made.content, model_class=model_class) as fresh:
            if self._model is None:
                self.kind = tr("a stand-in ({family})", family=fresh.info.family)
            self.recipe = made.recipe
            score = fresh.score(judged, cancelled=self._cancelled).scores
        return Fitted(content=made.content, recipe=made.recipe, score=score)

    def call(
        self, op: str, args: Mapping[str, Any], blobs: list[bytes], on_progress: Progress | None = None
    ) -> Reply:
        """Run an entry point where the model lives, or in a process without one."""
        index = 1 if self._model is None else self._model.favourable_index
        given = {**args, "favourable_index": index, "stand_in": self._model is None}
        run = run_once if self._model is None else self._model.call
        return run(
            op, given, blobs, timeout=TRAIN_TIMEOUT_S, on_progress=on_progress, cancelled=self._cancelled
        )

    def close(self) -> None:
        """End the model process."""
        if self._model is not None:
            self._model.close()
