"""A data set judged with whatever the caller has: a model, scores, or the score column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rai_dash.case import CaseData, CaseModel, DataRole, Judgement, judge
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.memo import Memo
from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.data.dataset import Dataset
from rai_dash.data.portfolio.engines import FileEngine
from rai_dash.models.client import Model


def judged_with(
    dataset: Dataset,
    source: Model | NDArray[np.float64] | Sequence[float] | None,
    *,
    scores: Path | None = None,
    work: Path | None = None,
) -> Judgement:
    """Judge a data set; all rows of a portfolio are scored where a model is given.

    Parameters
    ----------
    dataset : Dataset
    source : Model, float (n,) or None
        A model, scores in [0, 1], or None = the score column of the roles.
    scores, work : Path, optional
        See `rai_dash.audit.audit`.

    Raises
    ------
    RaiError
        When they do not fit.
    """
    data = CaseData(key="data", title=dataset.name, role=DataRole.TRAINING, dataset=dataset)
    if scores is not None and (dataset.portfolio is None or not isinstance(source, Model)):
        msg = tr(
            "Scores in a folder are those of a model for a table that is counted where it lies. Give both."
        )
        raise InvalidChoice(msg)
    if source is not None and not isinstance(source, Model):
        return _given_scores(data, _numbers(source))
    if source is None:
        return judge(data, None)
    matched: tuple[Notice, ...] = ()
    if dataset.portfolio is not None:
        matched = source.match(dataset)
        data = replace(data, dataset=_all_scored(dataset, source, scores, work))
    found = judge(data, CaseModel(key="model", title=source.info.family, model=source))
    return replace(found, notices=tuple(dict.fromkeys((*matched, *found.notices))))


def _all_scored(dataset: Dataset, model: Model, scores: Path | None, work: Path | None) -> Dataset:
    """Put the scores of a model beside all rows of a portfolio."""
    from rai_dash.models.portfolio_scores import score_portfolio, scored_of, scores_folder
    from rai_dash.models.scored_folder import with_scores_of

    portfolio = dataset.portfolio
    assert portfolio is not None  # noqa: S101 - asked for portfolios only
    found = scored_of(portfolio, model)
    if found is None and scores is not None:
        found = with_scores_of(portfolio, model, scores)
    if found is None:
        if portfolio.engine.name != FileEngine.name:
            msg = tr(
                "This table is counted by {engine}, and a model scores all of its rows first. Score it "
                "there with `rai-dash score` and --keep for the columns that matter, and audit what that "
                "wrote by its column `score`.",
                engine=portfolio.engine.name,
            )
            raise InvalidChoice(msg, code="not_scored")
        found = score_portfolio(portfolio, model, work or scores_folder(portfolio, model))
    return replace(dataset, portfolio=found)


def _numbers(source: NDArray[np.float64] | Sequence[float]) -> NDArray[np.float64]:
    try:
        return np.asarray(source, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = tr("Scores must be numbers, one a row, or a model; got {name}.", name=type(source).__name__)
        raise InvalidChoice(msg) from error


def _given_scores(data: CaseData, score: NDArray[np.float64]) -> Judgement:
    """Judge with scores that the caller has; they are checked, not trusted."""
    if data.dataset.portfolio is not None:
        msg = tr(
            "Scores in memory are of rows in memory, and this table is counted where it lies. Name a "
            "column of it as the score, or give a model."
        )
        raise InvalidChoice(msg)
    if score.shape != (data.dataset.n_rows,):
        msg = tr(
            "Give one score a row: {n_rows} rows, {size} scores.",
            n_rows=f"{data.dataset.n_rows:,}",
            size=f"{score.size:,}",
        )
        raise InvalidChoice(msg)
    values = score.copy()
    finite = values[np.isfinite(values)]
    if finite.size and (finite.min() < 0.0 or finite.max() > 1.0):
        msg = tr(
            "Scores must lie in 0 to 1, got {min} to {max}. Map them first.",
            min=f"{finite.min():g}",
            max=f"{finite.max():g}",
        )
        raise InvalidChoice(msg)
    blank = judge(data, None)
    return replace(blank, score=values, memo=Memo())
