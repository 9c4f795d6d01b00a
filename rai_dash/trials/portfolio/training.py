"""Training on all rows of a portfolio: which kind, on which columns, and what came out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from rai_dash.core.errors import InvalidChoice, WorkerFailed
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import tr
from rai_dash.core.types import Roles
from rai_dash.data.dataset import Dataset
from rai_dash.models.client import Model
from rai_dash.models.refit import STAND_IN, STAND_IN_TREES
from rai_dash.trials.portfolio.columns import columns_of
from rai_dash.trials.portfolio.external import Progress, TreeRecipe, train_external
from rai_dash.trials.portfolio.rows import PortfolioRows, WeighedCell
from rai_dash.trials.rebalancing.recipe import Recipe
from rai_dash.trials.training import features_of

SCHEMA = "rai-dash/train/1"
#: A bin takes one byte, two beyond 256 bins; XGBoost writes pages of them.
_BYTES_A_CELL, _LEFT_FREE = 2, 1 << 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model that was trained on all rows of a portfolio.

    Parameters
    ----------
    content : bytes
        The model as ``.ubj``.
    recipe : str
        How it was trained, in words.
    features : tuple of str
        Its columns.
    rows : int
        Rows that it was trained on.
    cells : tuple of WeighedCell
        What the rows of each outcome and group counted.
    balance : Recipe
        What the cells were to weigh.
    """

    content: bytes
    recipe: str
    features: tuple[str, ...]
    rows: int
    cells: tuple[WeighedCell, ...]
    balance: Recipe

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        cells = [
            {"group": c.group, "favourable": c.favourable, "rows": c.rows, "factor": c.factor}
            for c in self.cells
        ]
        return {
            "schema": SCHEMA,
            "model": {
                "sha256": fingerprint_bytes(self.content),
                "features": list(self.features),
                "how": self.recipe,
            },
            "rows": self.rows,
            "balance": self.balance.to_json(),
            "cells": cells,
        }


class _Described(BaseModel):
    """What the process of a model says about training its kind again."""

    params: dict[str, str | float | int]
    rounds: int = Field(ge=1, le=100_000)
    recipe: str = Field(max_length=2_000)


def tree_recipe(model: Model | None, params: Mapping[str, Any] | None = None) -> TreeRecipe:
    """Say how trees are grown: as those of a model, or with the stated settings of the stand-in.

    Raises
    ------
    UnsupportedModel
        When the model is not XGBoost's.
    """
    given = dict(params or {})
    if model is None:
        settings = {**STAND_IN, **given}
        rounds = int(settings.pop("n_estimators", STAND_IN_TREES))
        words = f"XGBoost, {rounds:,} trees, depth {settings['max_depth']}, eta {settings['eta']:g}."
        return TreeRecipe(params=settings, rounds=rounds, words=words)
    reply = model.call("rai_dash.models.refit:describe", {"params": given})
    try:
        found = _Described.model_validate(reply.data)
    except ValidationError:
        msg = tr("The model's process described its settings in a way that cannot be read. Try again.")
        raise WorkerFailed(msg) from None
    positive = model.favourable_index == 1
    return TreeRecipe(
        params=found.params, rounds=found.rounds, words=found.recipe, positive_is_favourable=positive
    )


def _check_features(names: Sequence[str], roles: Roles) -> None:
    """Refuse columns that a model may not see: with the outcome among them it would only repeat it."""
    barred = {roles.target: "the outcome", roles.weight: "the weights", roles.split: "the split"}
    wrong = next((name for name in names if name in barred), None)
    if wrong is not None:
        msg = tr(
            "`{wrong}` holds {barred}, so no model may be trained on it. Leave it out of the features.",
            wrong=wrong,
            barred=barred[wrong],
        )
        raise InvalidChoice(msg, code="barred_feature")


def _check_room(folder: Path, cells: int) -> None:
    """Refuse a disk that cannot take the bins of all cells: XGBoost ends the whole process where it is full."""
    free = shutil.disk_usage(folder).free
    if free < _BYTES_A_CELL * cells + _LEFT_FREE:
        msg = tr(
            "The disk of the working folder has {free} GB free, too little for {cells} cells. Make room, "
            "or choose another folder with --work.",
            free=f"{free / 1000000000.0:,.1f}",
            cells=f"{cells:,}",
        )
        raise InvalidChoice(msg, code="no_space")


def train_on_all_rows(
    dataset: Dataset,
    model: Model | None,
    balance: Recipe,
    *,
    folder: Path,
    features: Sequence[str] = (),
    params: Mapping[str, Any] | None = None,
    spark: Any = None,
    workers: int = 1,
    on_progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> Trained:
    """Train XGBoost on all rows of a portfolio; cells of outcome and group are weighed instead of copied.

    Parameters
    ----------
    dataset : Dataset
        Rests on a portfolio.
    model : Model or None
        An XGBoost model whose kind is trained again; None = the stated settings of the stand-in.
    balance : Recipe
        What the cells are to weigh; ``up=0, down=1`` leaves them as they are.
    folder : path
        Where XGBoost may keep its bins meanwhile.
    features : sequence of str
        Columns to train on; those of the model, or those that the roles offer, when empty.
    params : mapping, optional
        Settings of XGBoost that take the place of those, such as ``{"max_depth": 6, "n_estimators": 300}``.
    spark : pyspark.sql.DataFrame, optional
        The same table on Spark: XGBoost's estimator trains there.
    workers : int
        Spark tasks that train together.
    on_progress, cancelled : callable, optional
        Told how far it is; asked whether to stop. Spark tells nothing.

    Raises
    ------
    InvalidChoice, InvalidRoles, MissingColumn, UnsupportedModel
        When the data set rests on no portfolio, or roles, columns, recipe or model do not fit.
    """
    if dataset.portfolio is None:
        msg = tr("This table is in memory. Train on it with rai-dash rebalance, or open it where it lies.")
        raise InvalidChoice(msg)
    names = tuple(dict.fromkeys(features)) or features_of(dataset, model)
    _check_features(names, dataset.roles)
    recipe = tree_recipe(model, params)
    rows = PortfolioRows(dataset.portfolio, dataset.roles, balance)
    columns = columns_of(dataset.portfolio, names)
    if spark is None:
        _check_room(folder, rows.n * len(names))
        made = train_external(
            rows, columns, recipe, folder=folder, on_progress=on_progress, cancelled=cancelled
        )
    else:
        from rai_dash.trials.portfolio.on_spark import train_on_spark

        made = train_on_spark(spark, rows, columns, recipe, workers=workers)
    return Trained(
        content=made.content,
        recipe=made.recipe,
        features=names,
        rows=rows.n,
        cells=rows.cells,
        balance=balance,
    )
