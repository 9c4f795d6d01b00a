"""Scoring every row of a table that stays where it is, part by part, and the table with its scores beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.stopping import CancelCheck
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.engines import FileEngine
from rai_dash.data.portfolio.jobs.names import SCORE, UNSEEN
from rai_dash.data.portfolio.jobs.plan import PIECE_ROWS, Piece, Plan, pieces_for, versions
from rai_dash.data.portfolio.jobs.running import OnProgress, Progress, run_job
from rai_dash.data.portfolio.places import SCORED, find_place
from rai_dash.data.portfolio.portfolio import Portfolio, Scoring
from rai_dash.models.client import Model
from rai_dash.models.row_worker import LIBRARIES, RowWorker, check_columns
from rai_dash.sandbox.spawn import scratch_folder

_SCORE: Final = "rai_dash.models.ops:score_pieces"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreOptions:
    """How to score.

    Parameters
    ----------
    kept : tuple of str
        Columns of the table that are written beside the scores.
    piece_rows : int
        A single file of more rows is cut into outputs of so many.
    """

    kept: tuple[str, ...] = ()
    piece_rows: int = PIECE_ROWS


def scoring_of(model: Model) -> Scoring:
    """Return what decides the scores that a model gives."""
    return Scoring(model.info.fingerprint, model.model_class, model.info.feature_names)


def file_engine(portfolio: Portfolio) -> FileEngine:
    """Return the engine of a table of files.

    Raises
    ------
    InvalidChoice
        When the table lies elsewhere.
    """
    if not isinstance(portfolio.engine, FileEngine):
        msg = tr(
            "`{portfolio}` lies on another engine, so its rows cannot be worked on here. Score it there "
            "with `rai-dash score --engine spark`, and open the table with its score column.",
            portfolio=portfolio.name,
        )
        raise InvalidChoice(msg, code="no_files")
    return portfolio.engine


def score_parts(
    portfolio: Portfolio,
    model: Model,
    folder: Path,
    options: ScoreOptions | None = None,
    *,
    on_progress: OnProgress | None = None,
    cancelled: CancelCheck | None = None,
) -> dict[str, Any]:
    """Score all rows into a folder of Parquet parts, one for each part of the table; a second run goes on.

    Parameters
    ----------
    portfolio : Portfolio
        A table of files.
    model : Model
        Its inputs must be columns of the table (see `rai_dash.models.client.Model.match_columns`).
    folder : Path
        Made where it is not there.
    options : ScoreOptions, optional
        How to score.
    on_progress, cancelled : callable, optional
        Told how far it is; asked whether to stop.

    Returns
    -------
    dict
        The manifest: parts, rows, sums of scores and of rows with unseen categories.

    Raises
    ------
    RaiError
        With what to do; finished parts stay.
    """
    how, place = options or ScoreOptions(), file_engine(portfolio).place
    check_columns(portfolio.columns, model.info, how.kept, (SCORE, UNSEEN))
    plan = Plan(
        job="score",
        place=place,
        pieces=pieces_for(portfolio.engine.part_rows, how.piece_rows),
        marks=score_marks(model, how.kept),
        summed=(SCORE, UNSEEN),
        name=portfolio.name,
        table=portfolio.fingerprint,
    )
    columns = list(dict.fromkeys([*model.info.feature_names, *how.kept]))
    with ExitStack() as stack:

        def results(pieces: Sequence[Piece]) -> Iterator[pa.RecordBatch]:
            return stack.enter_context(RowWorker(model, place)).results(
                _SCORE,
                pieces,
                columns,
                cancelled=cancelled,
                favourable_index=model.favourable_index,
                kept=list(how.kept),
            )

        return run_job(plan, folder, results, on_progress=on_progress, cancelled=cancelled)


def score_marks(model: Model, kept: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the scores of a model are marked with."""
    libraries = LIBRARIES.get(model.info.format, ("scikit-learn",))
    return {
        "model": {
            "fingerprint": model.info.fingerprint,
            "favourable": model.model_class,
            "columns": list(model.info.feature_names),
        },
        "options": {"kept": list(kept)},
        "program": versions(*libraries),
    }


def score_portfolio(
    portfolio: Portfolio,
    model: Model,
    folder: Path,
    on_progress: Callable[[int, int, str], None] | None = None,
    cancelled: CancelCheck | None = None,
) -> Portfolio:
    """Score all rows, and return the table with the scores beside it, which `portfolio` then knows of.

    Parameters
    ----------
    portfolio : Portfolio
        A table of files.
    model : Model
        Matched to its columns.
    folder : Path
        For the scores; see `scores_folder`. It has to stay as long as the table is looked at.
    on_progress, cancelled : callable, optional
        ``(rows done, rows in all, what is done)``; asked whether to stop.

    Raises
    ------
    RaiError
        With what to do; a second call goes on from the last finished part.
    """

    def tell(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(progress.rows, progress.all_rows, "rows scored")

    score_parts(portfolio, model, folder, on_progress=tell, cancelled=cancelled)
    found = with_scores(portfolio, folder, scoring_of(model))
    portfolio.scorings[scoring_of(model)] = found
    return found


def is_scored(portfolio: Portfolio, model: Model) -> bool:
    """Whether this model has scored all rows of this table."""
    return scored_of(portfolio, model) is not None


def scored_of(portfolio: Portfolio, model: Model) -> Portfolio | None:
    """Return the table with the scores of this model beside it; None = the model has not scored it."""
    if portfolio.scored_by == (model.info.fingerprint, model.model_class):
        return portfolio
    return portfolio.scorings.get(scoring_of(model))


def scorings_of(portfolio: Portfolio, model: Model) -> frozenset[tuple[str, ...]]:
    """Return by which columns this model has scored this table: what is kept about the pair hangs on it."""
    pair = (model.info.fingerprint, model.model_class)
    return frozenset(one.columns for one in portfolio.scorings if (one.model, one.favourable) == pair)


def scores_folder(portfolio: Portfolio, model: Model) -> Path:
    """Return where the app keeps the scores of a pair: removed when the app ends."""
    pair = scoring_of(model)
    name = fingerprint_value([portfolio.fingerprint, pair.model, pair.favourable, list(pair.columns)])
    return Path(scratch_folder()) / "scores" / name[:32]


def with_scores(portfolio: Portfolio, folder: Path, scoring: Scoring) -> Portfolio:
    """Open a table with the parts of a finished job beside it.

    Raises
    ------
    InvalidChoice
        When the table has a column of the name that the scores take.
    """
    engine = file_engine(portfolio)
    if engine.scores is None and SCORED in engine.kinds:
        msg = tr(
            "The table has a column `{scored}`, the name that scores of a model take. Rename that column.",
            scored=SCORED,
        )
        raise InvalidChoice(msg)
    return Portfolio(
        name=portfolio.name,
        engine=FileEngine(engine.place, find_place(folder)),
        fingerprint=portfolio.fingerprint,
        source=portfolio.source,
        rests_on=portfolio.rests_on,
        scored_by=(scoring.model, scoring.favourable),
        unscored=portfolio,
    )
