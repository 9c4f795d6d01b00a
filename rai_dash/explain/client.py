"""Explanations for the app: rows go to the model's own process, checked values come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
from pydantic import ConfigDict, TypeAdapter, ValidationError

from rai_dash.core.errors import InvalidChoice, WorkerFailed
from rai_dash.core.texts import tr
from rai_dash.core.types import Explanation
from rai_dash.data.columns import require_columns
from rai_dash.explain._asking import Score
from rai_dash.explain._base import INTERVENTIONAL, LOG_ODDS, Progress
from rai_dash.explain._lime import LimeResult
from rai_dash.explain._players import Blocks, players_of
from rai_dash.explain.sparing import sparing_lime, sparing_shap
from rai_dash.explain.table import OTHER_QUESTION, AttributionTable, read_table
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.spawn import expect

if TYPE_CHECKING:
    from rai_dash.models.client import Model

T = TypeVar("T")
# The kernel is loaded once, before anyone asks for an explanation.
expect("rai_dash.explain.ops", "rai_dash.explain.trees.kernel:warm")


def _checked(kind: type[list[T]], answer: object) -> list[T]:
    """Read what the process sent as values of ours; numbers must be finite."""
    try:
        return _reader(kind).validate_python(answer)
    except ValidationError as e:
        where = ".".join(str(part) for part in e.errors()[0]["loc"])
        msg = tr(
            "The model's process sent an explanation that cannot be read (at {where}). Explain again.",
            where=where,
        )
        raise WorkerFailed(msg) from None


@lru_cache(maxsize=4)
def _reader(kind: type[list[T]]) -> TypeAdapter[list[T]]:
    """Make what reads an answer; building it takes longer than reading."""
    return TypeAdapter(kind, config=ConfigDict(allow_inf_nan=False))


def _table(model: Model, frame: pd.DataFrame) -> bytes:
    """Write the model's columns of a table for the wire."""
    names = list(model.info.feature_names)
    require_columns(frame, names)
    return frame_to_ipc(frame[names])


def _arguments(
    model: Model,
    *,
    applicants: int,
    space: str,
    perturbation: str,
    blocks: Blocks,
    background_rows: int | None,
    seed: int,
) -> dict[str, Any]:
    """Write what is asked for the wire; blocks that cannot be are refused here."""
    players = players_of(model.info.feature_names, blocks)
    args = {
        "favourable_index": model.favourable_index,
        "space": space,
        "perturbation": perturbation,
        "blocks": [list(block) for block in blocks],
        "limit": background_rows,
        "seed": seed,
    }
    return sparing_shap(model, args, applicants=applicants, players=len(players.names))


def score_of(model: Model, cancelled: Callable[[], bool] | None = None) -> Score:
    """Return what asks a model for the probability of the favourable outcome, stopped on demand."""
    return lambda frame: model.score(frame, cancelled=cancelled).scores


def shap_values(
    model: Model,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    row_ids: Sequence[int],
    space: str = LOG_ODDS,
    perturbation: str = INTERVENTIONAL,
    blocks: Blocks = (),
    background_rows: int | None = None,
    seed: int = 0,
    timeout: float | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Explanation]:
    """Compute Shapley values of original columns for the favourable outcome.

    The cheapest route that holds is taken and named in ``Explanation.method``, with the reference rows it
    used.

    Parameters
    ----------
    model : Model
        Its worker does the work.
    rows : DataFrame (n, columns)
        Applicants; columns that the model does not use are left out.
    background : DataFrame (m, columns)
        Reference rows: who the applicants are compared with.
    row_ids : sequence of int
        Position of each applicant in the user's table, n of them.
    space : str
        ``"log-odds"`` or ``"probability"``; a preference (forests only have probability).
    perturbation : str
        ``"interventional"``: an unknown column takes the values of the reference rows. ``"path-dependent"``, of tree
        ensembles only: it takes both branches of its splits, weighted by the training rows.
    blocks : sequence of sequences of str
        Columns that count as one: the values are those of the game in which they move together, under the
        columns' names joined by " + ".
    background_rows : int or None
        Use at most so many reference rows; None = each route's own default.
    seed : int
        For the draw of reference rows and coalitions.
    timeout : float or None
        Seconds; None = the operator's setting.
    on_progress, cancelled : callable or None
        As for ``Model.call``.

    Raises
    ------
    MissingColumn, InvalidChoice, UnsupportedModel, WorkerFailed, Cancelled
        With what to do.
    """
    if len(row_ids) != len(rows):
        msg = tr(
            "{rows} rows to explain need as many row numbers, got {row_ids}.",
            rows=f"{len(rows):,}",
            row_ids=f"{len(row_ids):,}",
        )
        raise InvalidChoice(msg)
    ids = [int(i) for i in row_ids]
    args = _arguments(
        model,
        applicants=len(rows),
        space=space,
        perturbation=perturbation,
        blocks=blocks,
        background_rows=background_rows,
        seed=seed,
    )
    reply = model.call(
        "rai_dash.explain.ops:explain_shap",
        args | {"row_ids": ids},
        [_table(model, frame) for frame in (rows, background)],
        timeout=timeout,
        on_progress=on_progress,
        cancelled=cancelled,
    )
    found = _checked(list[Explanation], reply.data.get("explanations"))
    names = list(players_of(model.info.feature_names, blocks).names)
    if [(explanation.row, list(explanation.values)) for explanation in found] != [(i, names) for i in ids]:
        raise WorkerFailed(tr(OTHER_QUESTION))
    return found


def shap_matrix(
    model: Model,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    space: str = LOG_ODDS,
    perturbation: str = INTERVENTIONAL,
    blocks: Blocks = (),
    background_rows: int | None = None,
    seed: int = 0,
    timeout: float | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> AttributionTable:
    """Compute Shapley values of many rows at once, as arrays.

    Parameters
    ----------
    model, rows, background, space, perturbation, blocks, background_rows, seed
        As for ``shap_values``. Models that are neither linear nor trees take a predict call of many mixed rows an
        applicant: give a sample of rows.
    timeout, on_progress, cancelled
        As for ``Model.call``.

    Raises
    ------
    MissingColumn, InvalidChoice, UnsupportedModel, WorkerFailed, Cancelled
        With what to do.
    """
    args = _arguments(
        model,
        applicants=len(rows),
        space=space,
        perturbation=perturbation,
        blocks=blocks,
        background_rows=background_rows,
        seed=seed,
    )
    if rows.empty:
        msg = tr("There are no rows to explain. Choose a data set or a group that has rows.")
        raise InvalidChoice(msg)
    reply = model.call(
        "rai_dash.explain.ops:explain_matrix",
        args,
        [_table(model, frame) for frame in (rows, background)],
        timeout=timeout,
        on_progress=on_progress,
        cancelled=cancelled,
    )
    return read_table(reply, players_of(model.info.feature_names, blocks).names, len(rows))


def lime_values(
    model: Model,
    row: pd.DataFrame,
    training: pd.DataFrame,
    *,
    seeds: int = 5,
    samples: int = 5_000,
    seed: int = 0,
    timeout: float | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> LimeResult:
    """Explain one applicant with LIME, in probability of the favourable outcome.

    Parameters
    ----------
    model : Model
        Its worker does the work.
    row : DataFrame (1, columns)
        The applicant.
    training : DataFrame (m, columns)
        Rows that say what is usual: quartiles and frequencies come from here.
    seeds, samples, seed : int
        Independent draws, neighbours a draw, and the random state of the first draw.
    timeout, on_progress, cancelled
        As for ``Model.call``.

    Raises
    ------
    MissingColumn, InvalidChoice, WorkerFailed, Cancelled
        With what to do.
    """
    if len(row) != 1 or training.empty:
        msg = tr(
            "LIME explains one row by others, got {row} and {training}. Choose an applicant.",
            row=f"{len(row):,}",
            training=f"{len(training):,}",
        )
        raise InvalidChoice(msg)
    samples = sparing_lime(model, seeds=seeds, samples=samples)
    args = {"favourable_index": model.favourable_index, "seeds": seeds, "samples": samples, "seed": seed}
    reply = model.call(
        "rai_dash.explain.ops:explain_lime",
        args,
        [_table(model, row), _table(model, training)],
        timeout=timeout,
        on_progress=on_progress,
        cancelled=cancelled,
    )
    found = _checked(list[LimeResult], [reply.data.get("lime")])[0]
    if list(found.values) != list(model.info.feature_names):
        raise WorkerFailed(tr(OTHER_QUESTION))
    return found
